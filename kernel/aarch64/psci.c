/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls into the firmware under us. Source: PSCI (DEN 0022), 5.1; SMC calling convention (DEN 0028), 2.5 and 7; the
 * UID of KVM's vendor-specific services is the one that its documentation gives (Documentation/virt/kvm/arm); Arm,
 * "Paravirtualized Time for Arm-based Systems" (DEN0057), 3.2.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/acpi.h"

enum {
	PSCI_VERSION_1_0 = 1 << 16,
	SMCCC_VERSION_1_1 = 1 << 16 | 1,
};

#define PSCI_VERSION          UINT64_C(0x84000000)
#define PSCI_CPU_OFF          UINT64_C(0x84000002)
#define PSCI_CPU_ON_64        UINT64_C(0xc4000003)
#define PSCI_AFFINITY_INFO_64 UINT64_C(0xc4000004)
#define PSCI_SYSTEM_OFF       UINT64_C(0x84000008)
#define PSCI_SYSTEM_RESET     UINT64_C(0x84000009)
#define PSCI_FEATURES         UINT64_C(0x8400000a)
#define SMCCC_VERSION         UINT64_C(0x80000000)
#define SMCCC_ARCH_FEATURES   UINT64_C(0x80000001)
#define PV_TIME_FEATURES      UINT64_C(0xc5000020)
#define PV_TIME_ST            UINT64_C(0xc5000021)
#define SMCCC_VENDOR_UID      UINT64_C(0x8600ff01)

static enum { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC } conduit;

struct call {
	uint32_t result[4];
	uint64_t first; /* all of X0 */
};

static const uint64_t none[3];

static struct call firmware_call(uint64_t function, const uint64_t arguments[3]) {
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = arguments[0];
	register uint64_t x2 __asm__("x2") = arguments[1];
	register uint64_t x3 __asm__("x3") = arguments[2];
	/* SMCCC 1.0 lets the callee change x4 to x17. */
#define CLOBBERS "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory"
	if (conduit == CONDUIT_HVC)
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : CLOBBERS);
	else
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : CLOBBERS);
#undef CLOBBERS
	return (struct call){{(uint32_t)x0, (uint32_t)x1, (uint32_t)x2, (uint32_t)x3}, x0};
}

void psci_find(const struct boot_info *info, bool entered_at_el2) {
	struct acpi_fadt fadt;
	conduit = CONDUIT_NONE;
	if (!acpi_fadt_read(info->acpi_rsdp, &fadt) || !fadt.psci)
		return;
	if (!fadt.psci_hvc)
		conduit = CONDUIT_SMC;
	else if (!entered_at_el2) /* at EL2 our own vectors would answer */
		conduit = CONDUIT_HVC;
}

bool psci_is_there(void) {
	return conduit != CONDUIT_NONE;
}

/* A call that a firmware does not know may be an undefined instruction there: each step asks whether the next is
 * known. */
bool psci_says_kvm(void) {
	static const uint32_t kvm_uid[4] = {0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d};
	static const uint64_t smccc_version[3] = {SMCCC_VERSION};
	if (conduit != CONDUIT_HVC || firmware_call(PSCI_VERSION, none).result[0] < PSCI_VERSION_1_0 ||
	    (int32_t)firmware_call(PSCI_FEATURES, smccc_version).result[0] < 0)
		return false;
	struct call answer = firmware_call(SMCCC_VENDOR_UID, none);
	for (unsigned i = 0; i < 4; i++) {
		if (answer.result[i] != kvm_uid[i])
			return false;
	}
	return true;
}

/* As above: each step asks for the next. */
uint64_t psci_stolen_time(void) {
	static const uint64_t smccc_version[3] = {SMCCC_VERSION}, features[3] = {PV_TIME_FEATURES},
			      stolen[3] = {PV_TIME_ST};
	if (conduit != CONDUIT_HVC || firmware_call(PSCI_VERSION, none).result[0] < PSCI_VERSION_1_0 ||
	    (int32_t)firmware_call(PSCI_FEATURES, smccc_version).result[0] < 0 ||
	    (int32_t)firmware_call(SMCCC_VERSION, none).result[0] < SMCCC_VERSION_1_1 ||
	    (int32_t)firmware_call(SMCCC_ARCH_FEATURES, features).result[0] < 0 ||
	    (int32_t)firmware_call(PV_TIME_FEATURES, stolen).result[0] < 0)
		return 0;
	int64_t record = (int64_t)firmware_call(PV_TIME_ST, none).first;
	return record > 0 ? (uint64_t)record : 0;
}

void psci_system_off(void) {
	if (conduit != CONDUIT_NONE)
		firmware_call(PSCI_SYSTEM_OFF, none);
}

void psci_system_reset(void) {
	if (conduit != CONDUIT_NONE)
		firmware_call(PSCI_SYSTEM_RESET, none);
}

/* 5.1.4: MPIDR's affinity fields alone, and two numbers for the core to start with. */
enum psci_result psci_cpu_on(uint64_t affinity, uint64_t entry, uint64_t context) {
	if (conduit == CONDUIT_NONE)
		return PSCI_NOT_SUPPORTED;
	return (enum psci_result)(int32_t)firmware_call(PSCI_CPU_ON_64, (const uint64_t[3]){affinity, entry, context})
		.result[0];
}

enum psci_affinity psci_affinity_info(uint64_t affinity) {
	if (conduit == CONDUIT_NONE)
		return PSCI_AFFINITY_UNKNOWN;
	const uint64_t arguments[3] = {affinity};
	return (enum psci_affinity)(int32_t)firmware_call(PSCI_AFFINITY_INFO_64, arguments).result[0];
}

void psci_cpu_off(void) {
	firmware_call(PSCI_CPU_OFF, none);
}
