# SPDX-License-Identifier: Apache-2.0
"""The page tables that are in force in a running machine, seen from outside of it: x86_64's as QEMU's monitor walks
them, aarch64's walked here, from the registers and the memory that QEMU shows a debugger.

leaves_<arch>(monitor, directory) gives (address, flags) of every leaf; flags hold X (executed by
nobody), U (user), W (writable).
"""

import re
import struct

import monitor as qemu

LEAF = re.compile(rb"([0-9a-f]{16}): ([0-9a-f]{16}) ([XGPDACTUW-]{9})")

# Arm ARM (DDI 0487), D8.3 and D17.2.139 (TCR_EL1)
TABLE_BYTES, ENTRY_BYTES, INDEX_BITS, PAGE_BITS = 4096, 8, 9, 12
VALID, TABLE = 1 << 0, 1 << 1
AP_EL0, AP_READ_ONLY = 1 << 6, 1 << 7
PXN, UXN = 1 << 53, 1 << 54
ADDRESS = 0x0000_FFFF_FFFF_F000
TCR_T0SZ, TCR_EPD1 = 0x3F, 1 << 23


def leaves_x86_64(monitor, directory):
    del directory
    return [(int(address, 16), flags.decode()) for address, _, flags in LEAF.findall(qemu.ask(monitor, "info tlb"))]


def _flags(entry):
    return (("X" if entry & PXN and entry & UXN else "") + ("U" if entry & AP_EL0 else "")
            + ("" if entry & AP_READ_ONLY else "W"))


def _walk(stub, table, base, shift):
    """`shift`: of the address bits that this table's entries tell apart."""
    entries = struct.unpack(f"<{TABLE_BYTES // ENTRY_BYTES}Q", stub.memory(table, TABLE_BYTES))
    for index, entry in enumerate(entries):
        address = base + (index << shift)
        if not entry & VALID:
            continue
        if shift > PAGE_BITS and entry & TABLE:
            yield from _walk(stub, entry & ADDRESS, address, shift - INDEX_BITS)
        else:
            yield address, _flags(entry)


def leaves_aarch64(monitor, directory):
    with qemu.Stub(monitor, directory) as stub:
        control = stub.register("TCR_EL1")
        assert control & TCR_EPD1, "the upper half of the addresses is translated, too"
        bits = 64 - (control & TCR_T0SZ)
        levels = (bits - PAGE_BITS + INDEX_BITS - 1) // INDEX_BITS
        return list(_walk(stub, stub.register("TTBR0_EL1") & ADDRESS, 0, PAGE_BITS + INDEX_BITS * (levels - 1)))
