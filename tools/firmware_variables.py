# SPDX-License-Identifier: Apache-2.0
"""Variables of EDK II's firmware, in the file that it keeps them in: what a setup menu or efibootmgr would have left
there. Source: UEFI 2.10, 3.1.3 (load options), 10.3 (device path nodes); PI 1.7, volume 3, 3.2.1 (the volume's header);
EDK II, MdeModulePkg/Include/Guid/VariableFormat.h (the store)."""

import struct
import uuid

import machine as m

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c")
_VOLUME = uuid.UUID("fff12b8d-7696-4c8b-a985-2747075b4f50")
_STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792")
_VOLUME_BYTES, _STORE_BYTES = 72, 28
_FORMATTED, _HEALTHY, _STARTS, _ADDED = 0x5A, 0xFE, 0x55AA, 0x3F
_ATTRIBUTES = 7                         # kept, for boot services and at run time
_END = bytes((0x7F, 0xFF, 4, 0))        # of a device path
_BLOCKS = {"x86_64": (0x84, 0x1000), "aarch64": (3, 0x40000)}    # of the volume: how many, their bytes
_STORE_END = 0x40000                    # from the volume's begin


def _volume(arch):
    count, size = _BLOCKS[arch]
    header = bytearray(struct.pack("<16s16sQ4sIHHHBBIIII", b"", _VOLUME.bytes_le, count * size, b"_FVH", 0x4FEFF,
                                   _VOLUME_BYTES, 0, 0, 0, 2, count, size, 0, 0))
    header[50:52] = struct.pack("<H", -sum(struct.unpack("<36H", header)) & 0xFFFF)
    store = struct.pack("<16sIBBHI", _STORE.bytes_le, _STORE_END - _VOLUME_BYTES, _FORMATTED, _HEALTHY, 0, 0)
    return (bytes(header) + store).ljust(count * size, b"\xff")


def _variable(name, data):
    name = name.encode("utf-16-le") + bytes(2)
    record = struct.pack("<HBBIQ16sIII16s", _STARTS, _ADDED, 0, _ATTRIBUTES, 0, bytes(16), 0, len(name), len(data),
                         GLOBAL.bytes_le) + name + data
    return record.ljust(len(record) + 3 & ~3, b"\xff")


def _node(kind, subtype, data):
    return struct.pack("<BBH", kind, subtype, 4 + len(data)) + data


def uri_path(address):
    """An address alone: the firmware looks for the card."""
    return _node(3, 24, address.encode("ascii")) + _END


def pxe_path(slot, mac):
    """By DHCP's word, with the card in that slot of the first PCI bus."""
    return (_node(2, 1, struct.pack("<II", 0x0A0341D0, 0)) + _node(1, 1, bytes((0, slot)))
            + _node(3, 11, mac.ljust(32, b"\0") + b"\1") + _node(3, 12, bytes(23)) + _END)


def boot_option(path, words=""):
    """A load option that boots from a device path; `words` are its optional data, the loader's command line."""
    return struct.pack("<IH", 1, len(path)) + "a\0".encode("utf-16-le") + path + words.encode("utf-16-le")


def make(path, arch, variables):
    """Writes a file of variables, {name: bytes}, all of them UEFI's own."""
    volume = bytearray(_volume(arch))
    at = _VOLUME_BYTES + _STORE_BYTES
    for name, data in variables.items():
        record = _variable(name, data)
        volume[at:at + len(record)] = record
        at += len(record)
    with open(path, "wb") as file:
        file.write(volume)
        with open(m.VARIABLES[arch], "rb") as own:
            file.truncate(own.seek(0, 2))


def make_boot_option(path, arch, option):
    """Writes a file of variables with one boot option."""
    make(path, arch, {"Boot0000": option, "BootOrder": bytes(2)})
