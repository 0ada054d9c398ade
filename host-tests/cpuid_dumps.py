# SPDX-License-Identifier: Apache-2.0
"""Answers of CPUID that are made up by the manuals' rules, as `cpuid -r` writes them."""

INTEL = (0x756e6547, 0x6c65746e, 0x49656e69)     # EBX, ECX, EDX of leaf 0
AMD = (0x68747541, 0x444d4163, 0x69746e65)


def width(count):
    return (count - 1).bit_length()


def cache(level, kind, kib, ways, sharing_ids, line=64):
    """Leaf 4's and 0x8000001d's registers; `sharing_ids`: how many neighbouring ids share it."""
    sets = kib * 1024 // line // ways
    return (kind | level << 5 | 1 << 8 | (sharing_ids - 1) << 14, (line - 1) | (ways - 1) << 22, sets - 1, 0)


def levels(apic_id, shifts):
    """Leaf 0xb's and 0x1f's: (type, shift, count) from the threads up, and the level that ends them."""
    rows = [(shift, count, number | kind << 8, apic_id) for number, (kind, shift, count) in enumerate(shifts)]
    return rows + [(0, 0, len(rows), apic_id)]


def text(cpus):
    """[{leaf: registers of subleaf 0, or a list of them}], a CPU each."""
    lines = []
    for number, leaves in enumerate(cpus):
        lines.append(f"CPU {number}:")
        for leaf, answers in leaves.items():
            for subleaf, registers in enumerate(answers if isinstance(answers, list) else [answers]):
                named = zip(("eax", "ebx", "ecx", "edx"), registers)
                values = " ".join(f"{name}=0x{value:08x}" for name, value in named)
                lines.append(f"   0x{leaf:08x} 0x{subleaf:02x}: {values}")
    return "\n".join(lines) + "\n"


def qemu(sockets, dies, cores, threads, vendor):
    """As QEMU 7.2 answers for -smp (target/i386/cpu.c, include/hw/i386/topology.h)."""
    thread_bits, core_bits, die_bits = width(threads), width(cores), width(dies)
    core_shift, die_shift = thread_bits, thread_bits + core_bits
    package_shift = die_shift + die_bits
    whole = dies * cores * threads
    cpus = []
    for number in range(sockets * whole):
        thread, core = number % threads, number // threads % cores
        die, package = number // (threads * cores) % dies, number // whole
        apic = package << package_shift | die << die_shift | core << core_shift | thread
        many = whole > 1
        leaves = {0: (0x1f if vendor == INTEL and dies > 1 else 0xd, vendor[0], vendor[1], vendor[2]),
                  1: (0x806f8 if vendor == INTEL else 0xa20f10, (apic & 0xff) << 24 | min(whole, 255) << 16,
                      0x80000000, 0x178bfbff | many << 28)}
        shared = [cache(1, 1, 32, 8, threads), cache(1, 2, 32, 8, threads), cache(2, 3, 2048, 16, threads),
                  cache(3, 3, 16384, 16, 1 << (package_shift if vendor == INTEL else die_shift)), (0, 0, 0, 0)]
        if vendor == INTEL:
            leaves[4] = [(row[0] | (min(cores * dies, 64) - 1) << 26 if row[0] else 0, *row[1:]) for row in shared]
        leaves[0xb] = levels(apic, [(1, core_shift, threads), (2, package_shift, whole)])
        if vendor == INTEL and dies > 1:
            leaves[0x1f] = levels(apic, [(1, core_shift, threads), (2, die_shift, cores * threads),
                                         (5, package_shift, whole)])
        if vendor == AMD:
            leaves[0x80000000] = (0x8000001e, *vendor)
            leaves[0x80000001] = (0, 0, 1 << 22, 0x2c100800)
            leaves[0x80000008] = (0x3028, 0, (whole - 1) & 0xff | package_shift << 12, 0)
            leaves[0x8000001d] = shared
            leaves[0x8000001e] = (apic, (threads - 1) << 8 | (apic >> core_shift) & 0xff, die, 0)
        cpus.append(leaves)
    return cpus


def brand(name):
    raw = name.encode().ljust(48, b"\0")
    words = [int.from_bytes(raw[i:i + 4], "little") for i in range(0, 48, 4)]
    return {0x80000002 + i: tuple(words[4 * i:4 * i + 4]) for i in range(3)}


def hybrid(signature, name, groups, shift, l3_kib, l3_ways):
    """groups: (core type, ids, L1d KiB, L1i KiB, L2 KiB, ways of each, ids that share the L2, has the L3)."""
    cpus = []
    count = sum(len(group[1]) for group in groups)
    for core_type, ids, l1d, l1i, l2, ways, l2_ids, has_l3 in groups:
        for apic in ids:
            caches = [cache(1, 1, l1d, ways[0], 2), cache(1, 2, l1i, ways[1], 2), cache(2, 3, l2, ways[2], l2_ids)]
            caches += [cache(3, 3, l3_kib, l3_ways, 1 << shift)] if has_l3 else []
            threads = 2 if core_type == 0x40 and apic + 1 in ids or apic - 1 in ids else 1
            cpus.append({0: (0x20, *INTEL), 1: (signature, apic << 24 | 0x800800, 0x7ffafbbf, 0xbfebfbff),
                         4: caches + [(0, 0, 0, 0)], 7: (0, 0x239c27eb, 0, 1 << 15),
                         0xb: levels(apic, [(1, 1, threads), (2, shift, count)]),
                         0x1a: (core_type << 24 | 1, 0, 0, 0),
                         0x1f: levels(apic, [(1, 1, threads), (2, shift, count)]),
                         0x80000000: (0x80000008, 0, 0, 0), **brand(name), 0x80000008: (0x3027, 0, 0, 0)})
    return cpus


def core_2():
    """Two cores of a Core 2 Duo E8400: no leaf 0xb; the L2 is both cores'."""
    caches = [cache(1, 1, 32, 8, 1), cache(1, 2, 32, 8, 1), cache(2, 3, 6144, 24, 2), (0, 0, 0, 0)]
    return [{0: (0xa, *INTEL), 1: (0x1067a, core << 24 | 0x20800, 0x8e3fd, 0xbfebfbff),
             2: (0x05b0b101, 0x005657f0, 0, 0x2cb4304e),
             4: [(row[0] | 1 << 26 if row[0] else 0, *row[1:]) for row in caches],
             0x80000000: (0x80000008, 0, 0, 0), **brand("Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz")}
            for core in range(2)]


def kvm_guest():
    """Four cores, and a leaf 0xb that is there and says nothing; an L3 that nobody can have."""
    caches = [cache(1, 1, 32, 8, 1), cache(1, 2, 32, 8, 1), cache(2, 3, 4096, 16, 1),
              (3 | 3 << 5 | 3 << 14, 0x3f | 1023 << 22, 0xffffff, 0), (0, 0, 0, 0)]
    return [{0: (0xd, *INTEL), 1: (0x50657, core << 24 | 0x40800, 0x80002201, 0x1f8bfbff),
             4: [(row[0] | 3 << 26 if row[0] else 0, *row[1:]) for row in caches], 0xb: [(0, 0, 0, 0)],
             0x40000000: (0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d), 0x80000000: (0x80000008, 0, 0, 0),
             **brand("Intel Xeon Processor (Cascadelake)")} for core in range(4)]


MACHINES = {
    "alder_lake": (lambda: hybrid(0x90672, "12th Gen Intel(R) Core(TM) i9-12900K",
                                  [(0x40, [8 * core + thread for core in range(8) for thread in range(2)], 48, 32, 1280,
                                    (12, 8, 10), 8, True),
                                   (0x20, [64 + 2 * core for core in range(8)], 32, 64, 2048, (8, 8, 16), 8, True)],
                                  7, 30720, 12),
                   {"packages": 1, "cores": 16, "threads": 24, "kinds": {"P": 8, "E": 8},
                    "design": "Golden Cove + Gracemont"}),
    "meteor_lake": (lambda: hybrid(0xa06a4, "Intel(R) Core(TM) Ultra 7 155H",
                                   [(0x40, [8 * core + thread for core in range(2) for thread in range(2)], 48, 64,
                                     2048, (12, 16, 16), 8, True),
                                    (0x20, [32 + 2 * core for core in range(4)], 32, 64, 2048, (8, 8, 16), 8, True),
                                    (0x20, [64 + 2 * core for core in range(2)], 32, 64, 2048, (8, 8, 16), 8, False)],
                                   7, 24576, 12),
                    {"packages": 1, "cores": 8, "threads": 10, "kinds": {"P": 2, "E": 4, "LP-E": 2},
                     "design": "Redwood Cove + Crestmont"}),
    "core_2": (core_2, {"packages": 1, "cores": 2, "threads": 2, "design": "Penryn",
                        "caches": [[1, "d", 32, 1], [1, "d", 32, 1], [1, "i", 32, 1], [1, "i", 32, 1],
                                   [2, "u", 6144, 2]]}),
    "kvm_guest": (kvm_guest, {"packages": 1, "cores": 4, "threads": 4, "design": "Cascade Lake",
                              "caches": [[1, "d", 32, 1]] * 4 + [[1, "i", 32, 1]] * 4 + [[2, "u", 4096, 1]] * 4
                              + [[3, "u", 0, 4]]}),
}
