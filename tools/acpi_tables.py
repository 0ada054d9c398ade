# SPDX-License-Identifier: Apache-2.0
"""ACPI tables that name serial ports, for QEMU's -acpitable: offsets as in Microsoft's documents on SPCR and DBG2."""

import struct

HEADER = "<4sIBB6s8sI4sI"
HEADER_BYTES = struct.calcsize(HEADER)
SPACE_IO = 1
SERIAL, TYPE_16550 = 0x8000, 0
COM1, COM2, COM3 = 0x3F8, 0x2F8, 0x3E8
BAUD_9600, BAUD_115200 = 3, 7


def _table(signature, revision, body):
    table = bytearray(struct.pack(HEADER, signature, HEADER_BYTES + len(body), revision, 0, b"TEST  ",
                                  b"TEST" + signature, 1, b"TEST", 1) + body)
    table[9] = -sum(table) & 0xFF
    return bytes(table)


def _register(base):
    """A generic address structure: eight bits at an I/O port, accessed as bytes."""
    return struct.pack("<BBBBQ", SPACE_IO, 8, 0, 1, base)


def spcr(base, baud):
    """A table (revision 2) that names a 16550 at an I/O port."""
    return _table(b"SPCR", 2,
                  struct.pack("<B3x", TYPE_16550) + _register(base) + struct.pack("<BBIB21x", 0, 0, 0, baud))


def dbg2(base):
    """A table (revision 0) with one debug device, a 16550 at an I/O port."""
    name, fixed = b".\0", 22
    device = struct.pack("<BHBHHHHHH2xHH", 0, fixed + 12 + 4 + len(name), 1, len(name), fixed + 16, 0, 0, SERIAL,
                         TYPE_16550, fixed, fixed + 12) + _register(base) + struct.pack("<I", 8) + name
    return _table(b"DBG2", 0, struct.pack("<II", HEADER_BYTES + 8, 1) + device)
