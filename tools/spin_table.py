# SPDX-License-Identifier: Apache-2.0
"""A machine whose cores a spin table holds, and no PSCI: QEMU's virt, which leaves its cores to a ROM where there is an
EL3 below, with the ROM of host-tests/flat/spin_rom.S, and a device tree that says so. Or one of both kinds: there the
tree says so of the first core alone, and PSCI starts the others."""

import os
import subprocess

TABLE, TABLE_BYTES, TREE, IMAGE = 0x47FF0000, 0x1000, 0x48000000, 0x50000000    # as spin_rom.S has them
ALL, FIRST = "all cores", "the first core"


def _put(tree, node, name, kind, *values):
    subprocess.run(["fdtput", "-p", "-t", kind, "--", tree, node, name, *values], check=True)


def _cells(*numbers):
    return [f"{half:x}" for number in numbers for half in (number >> 32, number & 0xFFFFFFFF)]


def _make_tree(command, tree, cores, words):
    """What QEMU says of the machine, and what its ROM does."""
    at = command.index("-M") + 1
    subprocess.run(command[:at] + [command[at] + f",dumpdtb={tree}"] + command[at + 1:], check=True,
                   capture_output=True, timeout=60)
    for core in cores:
        node = f"/cpus/cpu@{core}"
        _put(tree, node, "enable-method", "s", "spin-table")
        _put(tree, node, "cpu-release-addr", "x", *_cells(TABLE + 8 * core))
    _put(tree, "/reserved-memory", "#address-cells", "x", "2")
    _put(tree, "/reserved-memory", "#size-cells", "x", "2")
    _put(tree, f"/reserved-memory/spin@{TABLE:x}", "reg", "x", *_cells(TABLE, TABLE_BYTES))
    _put(tree, "/chosen", "bootargs", "s", words)


def command(machine, base, directory):
    """`base`, QEMU's words for the machine, with what it starts from."""
    only_first = machine.spin_table == FIRST
    rom = os.path.join(machine.out, "host-tests", "spin_rom.bin")
    tree, image = os.path.join(directory, "tree.dtb"), os.path.join(machine.out, "anechoic.Image")
    sized = ["-smp", str(machine.cores), "-m", str(machine.memory_mib)]
    starts = ["-kernel", image] if only_first else ["-bios", rom]
    _make_tree(base + starts + ["-display", "none"] + sized, tree, range(1 if only_first else machine.cores),
               machine.command_line())
    if only_first:
        return base + starts + ["-dtb", tree]
    return base + ["-bios", rom, "-device", f"loader,file={image},addr={IMAGE:#x},force-raw=on", "-device",
                   f"loader,file={tree},addr={TREE:#x},force-raw=on"]
