/* SPDX-License-Identifier: Apache-2.0
 *
 * Names by MIDR_EL1's implementer and part: Arm's and the implementers' technical reference manuals, as collected in
 * Linux's arch/arm64/include/asm/cputype.h, util-linux's sys-utils/lscpu-arm.c and, for Apple, m1n1's src/midr.h.
 */
#include "caps/arm/arm.h"

enum {
	ARM = 0x41,
	BROADCOM = 0x42,
	CAVIUM = 0x43,
	FUJITSU = 0x46,
	HISILICON = 0x48,
	NVIDIA = 0x4e,
	APPLIED_MICRO = 0x50,
	QUALCOMM = 0x51,
	SAMSUNG = 0x53,
	MARVELL = 0x56,
	APPLE = 0x61,
	MICROSOFT = 0x6d,
	PHYTIUM = 0x70,
	AMPERE = 0xc0,
	PART_QEMU_MAX = 'Q', /* implementer 0: for use in software (QEMU, target/arm/tcg/cpu64.c) */
};

static const struct {
	uint8_t implementer;
	const char *name;
} implementers[] = {
	{0, "software"},
	{ARM, "Arm"},
	{BROADCOM, "Broadcom"},
	{CAVIUM, "Cavium"},
	{FUJITSU, "Fujitsu"},
	{0x47, "Google"},
	{HISILICON, "HiSilicon"},
	{0x49, "Infineon"},
	{0x4d, "Motorola"},
	{NVIDIA, "NVIDIA"},
	{APPLIED_MICRO, "Applied Micro"},
	{QUALCOMM, "Qualcomm"},
	{SAMSUNG, "Samsung"},
	{MARVELL, "Marvell"},
	{APPLE, "Apple"},
	{0x69, "Intel"},
	{MICROSOFT, "Microsoft"},
	{PHYTIUM, "Phytium"},
	{AMPERE, "Ampere"},
};

#define SMALL  CAPS_ARM_SMALL
#define MIDDLE CAPS_ARM_MIDDLE
#define LARGE  CAPS_ARM_LARGE

static const struct caps_arm_model models[] = {
	{0, PART_QEMU_MAX, "QEMU max", NULL, CAPS_ARM_CLASS_UNKNOWN, false},

	{ARM, 0xd01, "Cortex-A32", NULL, SMALL, true},
	{ARM, 0xd02, "Cortex-A34", NULL, SMALL, true},
	{ARM, 0xd03, "Cortex-A53", NULL, SMALL, true},
	{ARM, 0xd04, "Cortex-A35", NULL, SMALL, true},
	{ARM, 0xd05, "Cortex-A55", NULL, SMALL, false},
	{ARM, 0xd06, "Cortex-A65", NULL, SMALL, false},
	{ARM, 0xd07, "Cortex-A57", NULL, MIDDLE, true},
	{ARM, 0xd08, "Cortex-A72", NULL, MIDDLE, true},
	{ARM, 0xd09, "Cortex-A73", NULL, MIDDLE, true},
	{ARM, 0xd0a, "Cortex-A75", NULL, MIDDLE, false},
	{ARM, 0xd0b, "Cortex-A76", NULL, MIDDLE, false},
	{ARM, 0xd0c, "Neoverse-N1", NULL, MIDDLE, false},
	{ARM, 0xd0d, "Cortex-A77", NULL, MIDDLE, false},
	{ARM, 0xd0e, "Cortex-A76AE", NULL, MIDDLE, false},
	{ARM, 0xd40, "Neoverse-V1", NULL, LARGE, false},
	{ARM, 0xd41, "Cortex-A78", NULL, MIDDLE, false},
	{ARM, 0xd42, "Cortex-A78AE", NULL, MIDDLE, false},
	{ARM, 0xd43, "Cortex-A65AE", NULL, SMALL, false},
	{ARM, 0xd44, "Cortex-X1", NULL, LARGE, false},
	{ARM, 0xd46, "Cortex-A510", NULL, SMALL, false},
	{ARM, 0xd47, "Cortex-A710", NULL, MIDDLE, false},
	{ARM, 0xd48, "Cortex-X2", NULL, LARGE, false},
	{ARM, 0xd49, "Neoverse-N2", NULL, MIDDLE, false},
	{ARM, 0xd4a, "Neoverse-E1", NULL, SMALL, false},
	{ARM, 0xd4b, "Cortex-A78C", NULL, MIDDLE, false},
	{ARM, 0xd4c, "Cortex-X1C", NULL, LARGE, false},
	{ARM, 0xd4d, "Cortex-A715", NULL, MIDDLE, false},
	{ARM, 0xd4e, "Cortex-X3", NULL, LARGE, false},
	{ARM, 0xd4f, "Neoverse-V2", NULL, LARGE, false},
	{ARM, 0xd80, "Cortex-A520", NULL, SMALL, false},
	{ARM, 0xd81, "Cortex-A720", NULL, MIDDLE, false},
	{ARM, 0xd82, "Cortex-X4", NULL, LARGE, false},
	{ARM, 0xd83, "Neoverse-V3AE", NULL, LARGE, false},
	{ARM, 0xd84, "Neoverse-V3", NULL, LARGE, false},
	{ARM, 0xd85, "Cortex-X925", NULL, LARGE, false},
	{ARM, 0xd87, "Cortex-A725", NULL, MIDDLE, false},
	{ARM, 0xd88, "Cortex-A520AE", NULL, SMALL, false},
	{ARM, 0xd89, "Cortex-A720AE", NULL, MIDDLE, false},
	{ARM, 0xd8a, "C1-Nano", NULL, SMALL, false},
	{ARM, 0xd8b, "C1-Pro", NULL, MIDDLE, false},
	{ARM, 0xd8c, "C1-Ultra", NULL, LARGE, false},
	{ARM, 0xd8e, "Neoverse-N3", NULL, MIDDLE, false},
	{ARM, 0xd8f, "Cortex-A320", NULL, SMALL, false},
	{ARM, 0xd90, "C1-Premium", NULL, LARGE, false},

	{BROADCOM, 0x100, "Brahma-B53", NULL, SMALL, true},
	{BROADCOM, 0x516, "ThunderX2", "Vulcan", LARGE, false},

	{CAVIUM, 0x0a0, "ThunderX", NULL, CAPS_ARM_CLASS_UNKNOWN, true},
	{CAVIUM, 0x0a1, "ThunderX 88XX", "ThunderX", CAPS_ARM_CLASS_UNKNOWN, true},
	{CAVIUM, 0x0a2, "ThunderX 81XX", "ThunderX", CAPS_ARM_CLASS_UNKNOWN, true},
	{CAVIUM, 0x0a3, "ThunderX 83XX", "ThunderX", CAPS_ARM_CLASS_UNKNOWN, true},
	{CAVIUM, 0x0af, "ThunderX2 99xx", "Vulcan", LARGE, false},
	{CAVIUM, 0x0b0, "OcteonTX2", NULL, CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b1, "OcteonTX2 98XX", "OcteonTX2", CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b2, "OcteonTX2 96XX", "OcteonTX2", CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b3, "OcteonTX2 95XX", "OcteonTX2", CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b4, "OcteonTX2 95XXN", "OcteonTX2", CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b5, "OcteonTX2 95XXMM", "OcteonTX2", CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b6, "OcteonTX2 95XXO", "OcteonTX2", CAPS_ARM_CLASS_UNKNOWN, false},
	{CAVIUM, 0x0b8, "ThunderX3 T110", "Triton", LARGE, false},

	{FUJITSU, 0x001, "A64FX", NULL, LARGE, true},
	{FUJITSU, 0x003, "MONAKA", NULL, LARGE, false},

	{HISILICON, 0xd01, "Kunpeng 920", "TaiShan v110", MIDDLE, false},
	{HISILICON, 0xd02, "HIP09", "TaiShan v120", MIDDLE, false},
	{HISILICON, 0xd06, "HIP12", NULL, MIDDLE, false},
	{HISILICON, 0xd40, "Kirin", "Cortex-A76", MIDDLE, false},
	{HISILICON, 0xd41, "Kirin", "Cortex-A77", MIDDLE, false},

	{NVIDIA, 0x000, "Denver", NULL, LARGE, true},
	{NVIDIA, 0x003, "Denver 2", NULL, LARGE, true},
	{NVIDIA, 0x004, "Carmel", NULL, LARGE, true},
	{NVIDIA, 0x010, "Olympus", NULL, LARGE, false},

	{APPLIED_MICRO, 0x000, "X-Gene", "Potenza", CAPS_ARM_CLASS_UNKNOWN, true},

	{QUALCOMM, 0x001, "Oryon", NULL, LARGE, true},
	{QUALCOMM, 0x002, "Oryon", NULL, MIDDLE, true},
	{QUALCOMM, 0x200, "Kryo", NULL, MIDDLE, true},
	{QUALCOMM, 0x201, "Kryo Silver", "Kryo", SMALL, true},
	{QUALCOMM, 0x205, "Kryo Gold", "Kryo", MIDDLE, true},
	{QUALCOMM, 0x211, "Kryo Silver", "Kryo", SMALL, true},
	{QUALCOMM, 0x800, "Kryo 2xx Gold", "Cortex-A73", MIDDLE, true},
	{QUALCOMM, 0x801, "Kryo 2xx Silver", "Cortex-A53", SMALL, true},
	{QUALCOMM, 0x802, "Kryo 3xx Gold", "Cortex-A75", MIDDLE, false},
	{QUALCOMM, 0x803, "Kryo 3xx Silver", "Cortex-A55", SMALL, false},
	{QUALCOMM, 0x804, "Kryo 4xx Gold", "Cortex-A76", MIDDLE, false},
	{QUALCOMM, 0x805, "Kryo 4xx Silver", "Cortex-A55", SMALL, false},
	{QUALCOMM, 0xc00, "Falkor", NULL, LARGE, true},
	{QUALCOMM, 0xc01, "Saphira", NULL, LARGE, true},

	{SAMSUNG, 0x001, "Exynos M1", "Mongoose", LARGE, true},
	{SAMSUNG, 0x002, "Exynos M3", "Meerkat", LARGE, false},
	{SAMSUNG, 0x003, "Exynos M4", "Cheetah", LARGE, false},
	{SAMSUNG, 0x004, "Exynos M5", "Lion", LARGE, false},

	{APPLE, 0x020, "A14", "Icestorm", SMALL, true},
	{APPLE, 0x021, "A14", "Firestorm", LARGE, true},
	{APPLE, 0x022, "M1", "Icestorm", SMALL, true},
	{APPLE, 0x023, "M1", "Firestorm", LARGE, true},
	{APPLE, 0x024, "M1 Pro", "Icestorm", SMALL, true},
	{APPLE, 0x025, "M1 Pro", "Firestorm", LARGE, true},
	{APPLE, 0x028, "M1 Max", "Icestorm", SMALL, true},
	{APPLE, 0x029, "M1 Max", "Firestorm", LARGE, true},
	{APPLE, 0x030, "A15", "Blizzard", SMALL, true},
	{APPLE, 0x031, "A15", "Avalanche", LARGE, true},
	{APPLE, 0x032, "M2", "Blizzard", SMALL, true},
	{APPLE, 0x033, "M2", "Avalanche", LARGE, true},
	{APPLE, 0x034, "M2 Pro", "Blizzard", SMALL, true},
	{APPLE, 0x035, "M2 Pro", "Avalanche", LARGE, true},
	{APPLE, 0x036, "A16", "Sawtooth", SMALL, true},
	{APPLE, 0x037, "A16", "Everest", LARGE, true},
	{APPLE, 0x038, "M2 Max", "Blizzard", SMALL, true},
	{APPLE, 0x039, "M2 Max", "Avalanche", LARGE, true},
	{APPLE, 0x042, "M3", "Sawtooth", SMALL, true},
	{APPLE, 0x043, "M3", "Everest", LARGE, true},
	{APPLE, 0x044, "M3 Pro", "Sawtooth", SMALL, true},
	{APPLE, 0x045, "M3 Pro", "Everest", LARGE, true},
	{APPLE, 0x048, "M3 Max", "Sawtooth", SMALL, true},
	{APPLE, 0x049, "M3 Max", "Everest", LARGE, true},
	{APPLE, 0x052, "M4", "Donan E", SMALL, true},
	{APPLE, 0x053, "M4", "Donan P", LARGE, true},
	{APPLE, 0x054, "M4 Pro", "Brava E", SMALL, true},
	{APPLE, 0x055, "M4 Pro", "Brava P", LARGE, true},
	{APPLE, 0x058, "M4 Max", "Brava E", SMALL, true},
	{APPLE, 0x059, "M4 Max", "Brava P", LARGE, true},

	{MICROSOFT, 0xd49, "Azure Cobalt 100", "Neoverse-N2", MIDDLE, false},

	{PHYTIUM, 0x303, "FTC310", NULL, SMALL, true},
	{PHYTIUM, 0x660, "FTC660", NULL, MIDDLE, true},
	{PHYTIUM, 0x661, "FTC661", NULL, MIDDLE, true},
	{PHYTIUM, 0x662, "FTC662", NULL, MIDDLE, true},
	{PHYTIUM, 0x663, "FTC663", NULL, MIDDLE, true},
	{PHYTIUM, 0x664, "FTC664", NULL, MIDDLE, true},
	{PHYTIUM, 0x862, "FTC862", NULL, MIDDLE, false},

	{AMPERE, 0xac3, "Ampere-1", NULL, LARGE, false},
	{AMPERE, 0xac4, "Ampere-1a", NULL, LARGE, false},
	{AMPERE, 0xac5, "Ampere-1b", NULL, LARGE, false},
};

const struct caps_arm_model *caps_arm_model_find(uint64_t midr) {
	unsigned implementer = caps_arm_field(midr, 24, 8), part = caps_arm_field(midr, 4, 12);
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i].implementer == implementer && models[i].part == part)
			return &models[i];
	return NULL;
}

const char *caps_arm_implementer_name(uint64_t midr) {
	unsigned implementer = caps_arm_field(midr, 24, 8);
	for (size_t i = 0; i < sizeof(implementers) / sizeof(implementers[0]); i++)
		if (implementers[i].implementer == implementer)
			return implementers[i].name;
	return NULL;
}
