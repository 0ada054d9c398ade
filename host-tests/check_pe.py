#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_pe.py LOADER.EFI...: what a strict UEFI firmware asks of an image, checked on the built file.

Source: Microsoft PE/COFF specification, sections 3 and 4; the memory mitigations that firmware enforces on NX_COMPAT
images. Prints a PASS or FAIL line a check; exit status 1 where one failed, 2 where the file is not a PE32+ image.
"""

import struct
import sys

SIZE_LIMIT = 640 * 1024
PAGES = {0x8664: 4096, 0xAA64: 65536}    # the largest that firmware protects sections by
MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}
SUBSYSTEM_EFI_APPLICATION = 10
DLL_NX_COMPAT = 0x0100
SECTION_EXECUTE, SECTION_READ, SECTION_WRITE = 0x20000000, 0x40000000, 0x80000000
FILE_RELOCS_STRIPPED = 0x0001
DIRECTORY_RELOCATION, DIRECTORY_DEBUG = 5, 6
DEBUG_TYPE_REPRO = 16
RELOCATION_ABSOLUTE, RELOCATION_DIR64 = 0, 10


class NotPE(Exception):
    pass


class Image:
    """The headers of a PE32+ file; raises NotPE or struct.error on another file."""

    def __init__(self, data):
        self.data = data
        if data[:2] != b"MZ":
            raise NotPE("no MZ")
        pe = struct.unpack_from("<I", data, 0x3C)[0]
        if data[pe:pe + 4] != b"PE\0\0":
            raise NotPE("no PE signature")
        header = struct.unpack_from("<HHIIIHH", data, pe + 4)
        self.machine, section_count, self.timestamp, _, _, optional_size, self.characteristics = header
        optional = pe + 24
        if struct.unpack_from("<H", data, optional)[0] != 0x20B:
            raise NotPE("not PE32+")
        self.entry = struct.unpack_from("<I", data, optional + 16)[0]
        self.section_alignment, self.file_alignment = struct.unpack_from("<II", data, optional + 32)
        self.subsystem, self.dll_characteristics = struct.unpack_from("<HH", data, optional + 68)
        count = struct.unpack_from("<I", data, optional + 108)[0]
        self.directories = [struct.unpack_from("<II", data, optional + 112 + 8 * i) for i in range(count)]
        self.sections = []
        for i in range(section_count):
            at = optional + optional_size + 40 * i
            name = data[at:at + 8].rstrip(b"\0").decode("ascii", "replace")
            virtual_size, address, raw_size, raw = struct.unpack_from("<IIII", data, at + 8)
            flags = struct.unpack_from("<I", data, at + 36)[0]
            self.sections.append((name, address, virtual_size, raw, raw_size, flags))

    def section(self, address):
        for section in self.sections:
            if section[1] <= address < section[1] + max(section[2], section[4]):
                return section
        return None

    def directory(self, index):
        """The bytes of a data directory; empty where there is none."""
        if index >= len(self.directories) or self.directories[index][1] == 0:
            return b""
        address, size = self.directories[index]
        section = self.section(address)
        if section is None:
            return b""
        start = section[3] + address - section[1]
        return self.data[start:start + size]

    def relocations(self):
        """Types of all base relocations."""
        table, types = self.directory(DIRECTORY_RELOCATION), []
        at = 0
        while at + 8 <= len(table):
            size = struct.unpack_from("<I", table, at + 4)[0]
            if size < 8:
                break
            types += [entry >> 12 for entry in struct.unpack_from(f"<{(size - 8) // 2}H", table, at + 8)]
            at += size
        return types

    def debug_types(self):
        table = self.directory(DIRECTORY_DEBUG)
        return [struct.unpack_from("<I", table, at + 12)[0] for at in range(0, len(table) - 27, 28)]


def checks(image):
    """(name, passed, detail) of every check."""
    both = [s[0] for s in image.sections if s[5] & SECTION_WRITE and s[5] & SECTION_EXECUTE]
    page = PAGES.get(image.machine, 4096)
    unaligned = [s[0] for s in image.sections if s[1] % page]
    sbat = next((image.data[s[3]:s[3] + s[2]] for s in image.sections if s[0] == ".sbat"), b"")
    unreadable = [s[0] for s in image.sections if not s[5] & SECTION_READ]
    entry = image.section(image.entry)
    types = image.relocations()
    yield "machine", image.machine in MACHINES, MACHINES.get(image.machine, f"{image.machine:#x}")
    yield "subsystem is EFI application", image.subsystem == SUBSYSTEM_EFI_APPLICATION, str(image.subsystem)
    yield "no section is writable and executable", image.sections and not both, ", ".join(both) or "none"
    yield "sections are readable", not unreadable, ", ".join(unreadable) or "all"
    yield f"section alignment is {page // 1024} KiB", image.section_alignment == page and not unaligned, \
        str(image.section_alignment)
    yield ".sbat has its own line and ours", [line.split(b",")[:2] for line in sbat.split(b"\n")] == \
        [[b"sbat", b"1"], [b"anechoic", b"1"], [b""]], sbat.decode("ascii", "replace")
    yield "entry point is in an executable section", bool(entry and entry[5] & SECTION_EXECUTE), \
        entry[0] if entry else "none"
    yield "NX_COMPAT", bool(image.dll_characteristics & DLL_NX_COMPAT), f"{image.dll_characteristics:#x}"
    yield "relocatable", not image.characteristics & FILE_RELOCS_STRIPPED and RELOCATION_DIR64 in types and \
        set(types) <= {RELOCATION_ABSOLUTE, RELOCATION_DIR64}, f"{types.count(RELOCATION_DIR64)} relocations"
    yield "time stamp is a hash of the contents", DEBUG_TYPE_REPRO in image.debug_types(), f"{image.timestamp:#x}"
    yield f"at most {SIZE_LIMIT // 1024} KiB", len(image.data) <= SIZE_LIMIT, f"{len(image.data)} bytes"


def main(paths):
    if not paths:
        print(f"usage: {sys.argv[0]} LOADER.EFI...", file=sys.stderr)
        return 2
    failed = 0
    for path in paths:
        try:
            with open(path, "rb") as file:
                image = Image(file.read())
        except (OSError, NotPE, struct.error) as error:
            print(f"FAIL {path}: {error}")
            return 2
        for name, passed, detail in checks(image):
            print(f"{'PASS' if passed else 'FAIL'} {path}: {name}: {detail}")
            failed += not passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
