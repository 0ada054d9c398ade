# SPDX-License-Identifier: Apache-2.0
"""What a processor's core is called, from what Linux says of it; as a programme, this machine's.

A hypervisor may show another family and model than the processor has: the name is that of what it shows. A core that is
not in the tables is called by its numbers, "vendor family model" (x86_64) or "Arm implementer part" (aarch64).
Sources: Linux, arch/x86/kernel/cpu/amd.c (Zen generations), arch/x86/include/asm/intel-family.h,
arch/arm64/include/asm/cputype.h; Intel's specification updates for the steppings of model 85.
"""

import re

ANY = range(256)

# (vendor, family): (models, steppings, name)
X86 = {
    ("AuthenticAMD", 23): [
        ([*range(0x30), *range(0x50, 0x60)], ANY, "Zen"),
        ([*range(0x30, 0x50), *range(0x60, 0x80), 0x90, 0x91, *range(0xa0, 0xb0)], ANY, "Zen 2"),
    ],
    ("AuthenticAMD", 25): [
        ([*range(0x10), *range(0x20, 0x60)], ANY, "Zen 3"),
        ([*range(0x10, 0x20), *range(0x60, 0xb0)], ANY, "Zen 4"),
    ],
    ("AuthenticAMD", 26): [([*range(0x30), *range(0x40, 0x50), *range(0x60, 0x80)], ANY, "Zen 5")],
    ("GenuineIntel", 6): [
        ([0x3c, 0x3f, 0x45, 0x46], ANY, "Haswell"),
        ([0x3d, 0x47, 0x4f, 0x56], ANY, "Broadwell"),
        ([0x4e, 0x5e], ANY, "Skylake"),
        ([0x55], range(5), "Skylake-SP"),
        ([0x55], range(5, 10), "Cascade Lake"),
        ([0x55], range(10, 16), "Cooper Lake"),
        ([0x6a, 0x6c], ANY, "Ice Lake-SP"),
        ([0x8f], ANY, "Sapphire Rapids"),
        ([0xcf], ANY, "Emerald Rapids"),
        ([0xad, 0xae], ANY, "Granite Rapids"),
    ],
}

# (implementer, part)
ARM = {
    (0x41, 0xd08): "Cortex-A72", (0x41, 0xd0b): "Cortex-A76", (0x46, 0x001): "A64FX",
    (0x41, 0xd0c): "Neoverse N1", (0x41, 0xd49): "Neoverse N2", (0x41, 0xd8e): "Neoverse N3",
    (0x41, 0xd40): "Neoverse V1", (0x41, 0xd4f): "Neoverse V2", (0x41, 0xd84): "Neoverse V3",
}


def fields(cpuinfo):
    """Those of the first processor in the text of /proc/cpuinfo, by name."""
    return dict(re.findall(r"^([^\t:\n]+?)[ \t]*: ?(.*)$", cpuinfo.split("\n\n")[0], re.MULTILINE))


def name(cpuinfo):
    """"Zen 5", from the text of /proc/cpuinfo."""
    found = fields(cpuinfo)
    if "CPU part" in found:
        implementer, part = int(found["CPU implementer"], 16), int(found["CPU part"], 16)
        return ARM.get((implementer, part), f"Arm {implementer:02x} {part:03x}")
    vendor, family, model = found["vendor_id"], int(found["cpu family"]), int(found["model"])
    for models, steppings, known in X86.get((vendor, family), []):
        if model in models and int(found["stepping"]) in steppings:
            return known
    return f"{vendor} {family} {model}"


def numbers(cpuinfo):
    """What the name stands on, for whoever doubts it."""
    found = fields(cpuinfo)
    if "CPU part" in found:
        return f"implementer {found['CPU implementer']}, part {found['CPU part']}"
    what = f"{found['vendor_id']}, family {found['cpu family']}, model {found['model']}, stepping {found['stepping']}"
    return f"{found.get('model name', 'no name')} ({what})"


def file_name(of):
    """"zen5" of "Zen 5", "cascade-lake" of "Cascade Lake": of a print in docs/performance/."""
    return re.sub(r"^zen-", "zen", of.lower().replace(" ", "-"))


if __name__ == "__main__":
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        print(name(file.read()))
