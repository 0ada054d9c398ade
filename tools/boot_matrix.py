#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make boot-matrix`: machine x firmware x medium x option, a row each, each booted once, with a bounded wait and a
verdict in words. What is not in QEMU cannot be in here: docs/hardware.md says what that leaves out.

A row is as it should be where the run came to its DONE with every benchmark ok and no interrupt taken, or, where the
row says so, to a refusal in those words. Exit status 1: one is not.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import sys
import tempfile

import acpi_tables as tables
import machine as m
import network_boot
import secure_boot
import spin_table

ARGUMENTS = "--quick --timeout=100 tlb/lookup/mostly_hits"
TWO_CORES = "--quick --timeout=100 pool/two_cores tlb/lookup/mostly_hits"
LIMIT_S = 60   # of a boot on a quiet machine, where it takes up to 15 s
NETWORK_LIMIT_S = 150    # and over a network up to 70 s: the loader's alarm, and then what the firmware waits for

DONE = "DONE"                # all ran, status 0
UNSAVED = "DONE, UNSAVED"    # all ran, and the status says that nothing could be saved


@dataclasses.dataclass
class Row:
    name: str
    how: dict                # of machine.Machine; `signed`: how secure_boot.py has it
    expected: str = DONE     # or words of a refusal, the loader's or the firmware's
    quick: bool = False      # in `make test`
    says: str = ""           # what an application between firmware and loader says when its part is done


def _rows(prefix, common, table):
    """The table's rows: name: options, or (options, what is expected). A name that begins with + is quick."""
    for name, entry in table.items():
        how, expected = entry if isinstance(entry, tuple) else (entry, DONE)
        how = {**common, **how}
        says = how.pop("says", "")
        yield Row(f"{prefix}, {name.lstrip('+')}", how, expected, name.startswith("+"), says)


def _device(*words):
    return {"extra": tuple(word for device in words for word in ("-device", device))}


def _port(device, *named):
    """No COM1, but this one, and tables that name it."""
    device += "" if "chardev" in device else ",chardev=out"
    return {"serial": False, "tables": named, "extra": ("-chardev", "stdio,id=out,signal=off", "-device", device)}


def _smp(cores, text):
    """Several cores have no virtual time."""
    return {"cores": cores, "icount": False, "arguments": TWO_CORES, "extra": ("-smp", text)}


HANDBACK = dict(mode="handback")
SHELL = dict(shell=True, says="[ 1/ 1] tlb/lookup/mostly_hits")


def _secure_boot(prefix, common, quick=""):
    return _rows(prefix, common, {
        f"{quick}signed with the key enrolled": dict(signed=secure_boot.OWN),
        "signed with another key": (dict(signed=secure_boot.OTHER), secure_boot.REFUSED),
        f"{quick}not signed": (dict(signed=secure_boot.UNSIGNED), secure_boot.REFUSED)})


def _odd_firmware(prefix, common, quick=""):
    maps = {f"memory map, {name}": dict(between="made_up_map", told=word, says="the map is") for word, name in (
        ("many", "over 1,900 entries"), ("pieces", "40 pieces"), ("empty", "entries of no pages"),
        ("backwards", "the last entry first"))}
    odd = {f"{quick}strict NX": dict(between="strict_nx", says="a page of code faults until it is released"), **maps}
    return _rows(prefix, common, {
        **odd, **{f"{name}, handed back": {**how, **HANDBACK} for name, how in odd.items()}})


# Of network_boot's servers: what the loader says of the answer.
GIVEN, NOISE = "so no files of results", "anechoic.conf line 1 ignored"
TOO_LONG = "the anechoic.conf over the network is longer than 4 KiB"
NONE = "there is no anechoic.conf over the network, so all is as without one: "
LATE, CUT, ODD, REFUSED = (NONE + why for why in ("no answer in time", "the answer ended early",
                                                  "an answer that is not understood", "the server does not give it"))
ANSWERS = {
    "http": {
        "gives it": GIVEN, "has none": NONE + "not found", "fails": REFUSED,
        "gives it in chunks": ODD, "is cut before the answer": CUT, "is cut in the midst": CUT,
        "stalls before the answer": LATE, "stalls in the midst": LATE, "gives 1 MiB": TOO_LONG, "never ends": ODD,
        "never ends its head": LATE, "gives noise": NOISE, "answers with noise": CUT},
    "tftp": {
        "gives it": GIVEN, "has none": REFUSED, "refuses in noise": REFUSED, "is cut in the midst": REFUSED,
        "stalls before the answer": LATE, "stalls in the midst": LATE, "numbers its blocks wrongly": LATE,
        "sends more than a block": LATE, "gives 1 MiB": TOO_LONG, "never ends": LATE, "gives noise": NOISE,
        "answers with noise": LATE}}


def _by_network(prefix, common, protocol, quick=()):
    return _rows(f"{prefix}, {protocol.upper()}", {**common, "icount": False}, {
        f"{'+' if name in quick else ''}a server that {name}": dict(network=(protocol, name), says=says)
        for name, says in ANSWERS[protocol].items()})


X86 = dict(arch="x86_64", icount=True)
ARM = dict(arch="aarch64", icount=True)
PVH = dict(arch="x86_64", boot="pvh", icount=True)
FLAT = dict(arch="aarch64", boot="flat", icount=True)
ROWS = [
    # ---- media ----
    *_rows("OVMF, GPT disk", X86, {
        "+virtio": {}, "USB 3": dict(plug="usb"), "USB 2": dict(plug="usb2", icount=False), "SATA": dict(plug="sata"),
        "NVMe": dict(plug="nvme"), "SCSI": dict(plug="scsi")}),
    *_rows("OVMF, GPT disk in handback", {**X86, **HANDBACK}, {
        "no copy of the GPT": dict(state="no copy of the GPT"), "fragmented": dict(state="fragmented"),
        "full": (dict(state="full"), UNSAVED),
        "SATA": dict(plug="sata"), "NVMe": dict(plug="nvme"), "read-only": (dict(read_only=True), UNSAVED)}),
    *_rows("OVMF", X86, {
        "ISO on USB": dict(medium="iso", plug="usb"), "ISO on SATA": dict(medium="iso", plug="sata-cd"),
        "ISO in handback": (dict(medium="iso", plug="sata-cd", mode="handback"), UNSAVED),
        "ISO written to a stick": dict(medium="iso-disk", plug="usb"),
        "FAT12 without a table": dict(medium="fat12"), "FAT16 without a table": dict(medium="fat16"),
        "FAT32 without a table": dict(medium="fat32"),
        "sectors of 4 KiB": dict(medium="fat32-4k", plug="virtio-4k")}),
    *_rows("AAVMF", ARM, {
        "+GPT disk, USB 3": dict(plug="usb"), "+GPT disk, NVMe": dict(plug="nvme"),
        "GPT disk, SCSI": dict(plug="scsi"), "+GPT disk in handback": HANDBACK,
        "+ISO on USB": dict(medium="iso", plug="usb"),
        "ISO in handback": (dict(medium="iso", plug="usb", mode="handback"), UNSAVED),
        "ISO written to a stick": dict(medium="iso-disk", plug="usb"),
        "FAT16 without a table": dict(medium="fat16"), "sectors of 4 KiB": dict(medium="fat32-4k", plug="virtio-4k")}),

    # ---- over a network: what a server may do with the request for anechoic.conf ----
    *_by_network("OVMF", X86, "http"), *_by_network("AAVMF", ARM, "http", ("gives it",)),
    *_by_network("AAVMF", ARM, "tftp"),

    # ---- a UEFI shell: the words behind the loader's name are the only ones, and one of a filter ----
    *_rows("OVMF, Shell", {**X86, **SHELL}, {"taken over": {}, "handed back": HANDBACK}),
    *_rows("AAVMF, Shell", {**ARM, **SHELL}, {"taken over": {}, "handed back": HANDBACK}),

    # ---- Secure Boot: keys that are enrolled into a firmware without any, by one boot more ----
    *_secure_boot("OVMF, Secure Boot, SMM", X86), *_secure_boot("AAVMF, Secure Boot", ARM, "+"),

    # ---- firmware that is stricter, or odder, than Debian's: applications of host-tests/efi make it so ----
    *_odd_firmware("OVMF", X86), *_odd_firmware("AAVMF", ARM, "+"),
    *_rows("OVMF, five levels of page tables", dict(X86, between="five_levels", says="in use"), {
        "taken over": {}, "handed back": HANDBACK}),

    # ---- screens and ports ----
    *_rows("OVMF, screen", X86, {
        "standard VGA": dict(framebuffer=True), "4K": _device("bochs-display,xres=3840,yres=2160"),
        "ramfb": _device("ramfb"), "virtio": _device("virtio-vga"), "QXL": _device("qxl-vga"),
        "VMware's": _device("vmware-svga"), "two of them": _device("bochs-display", "ramfb")}),
    *_rows("AAVMF, screen", ARM, {"ramfb": dict(framebuffer=True), "virtio": _device("virtio-gpu-pci")}),

    *_rows("OVMF, serial port", X86, {
        "COM2 by SPCR": _port("isa-serial,iobase=0x2f8,irq=3", tables.spcr(tables.COM2, tables.BAUD_115200)),
        "COM3 by DBG2 alone": _port("isa-serial,iobase=0x3e8,irq=4", tables.dbg2(tables.COM3)),
        "on PCI": _port("pci-serial"),
        "none, in handback": dict(serial=False, framebuffer=True, **HANDBACK),
        "none, no screen, in handback": dict(serial=False, **HANDBACK),
        "none, no screen": (dict(config="console = none"), "refused: without the firmware nothing could be written")}),

    # ---- U-Boot ----
    *_rows("U-Boot", dict(ARM, firmware=m.U_BOOT), {
        "+bootefi from a GPT disk": {}, "bootefi, handback": HANDBACK,
        "bootefi, EL2, GICv3": dict(el2=True, gic=3),
        "bootefi, NVMe": dict(plug="nvme"), "booti by extlinux.conf": dict(extlinux=True),
        "booti, EL2, GICv3": dict(extlinux=True, el2=True, gic=3)}),

    # ---- x86_64: machines, timers, processors, memory ----
    *_rows("OVMF", X86, {
        "i440FX": dict(board="pc"), "Q35 of QEMU 2.4": dict(board="pc-q35-2.4"),
        "no PIT": dict(machine_options=",pit=off"),
        "no HPET": dict(machine_options=",hpet=off"), "no i8042": dict(machine_options=",i8042=off"),
        "neither PIT nor HPET": dict(machine_options=",pit=off,hpet=off"), "no SMM": dict(machine_options=",smm=off"),
        "no 1 GiB pages": dict(cpu="max,-pdpe1gb"), "no RDTSCP": dict(cpu="max,-rdtscp"), "qemu64": dict(cpu="qemu64"),
        "Nehalem": dict(cpu="Nehalem"), "EPYC": dict(cpu="EPYC"),
        "no NX": (dict(cpu="max,-nx"), "refused: this processor lacks NX"),
        "64 MiB": dict(memory_mib=64), "6 GiB": dict(memory_mib=6144),
        "two nodes of memory": {"extra": ("-object", "memory-backend-ram,size=256M,id=a", "-object",
                                          "memory-backend-ram,size=256M,id=b", "-numa", "node,memdev=a", "-numa",
                                          "node,memdev=b")},
        "an NVDIMM": {"machine_options": ",nvdimm=on",
                      "extra": ("-m", "512,slots=2,maxmem=2G", "-object", "memory-backend-ram,id=n,size=128M",
                                "-device", "nvdimm,memdev=n")},
        "cores over sockets, ids with holes": _smp(6, "6,sockets=2,cores=3")}),
    *_rows("PVH", PVH, {
        "+microvm": {}, "+no ACPI": dict(board="microvm", machine_options=",acpi=off"),
        "+no PIT": (dict(board="microvm", machine_options=",pit=off"), "refused: no clock"),
        "none of the old devices": (dict(board="microvm", machine_options=",acpi=off,pit=off,rtc=off,pic=off"),
                                    "refused: no clock"),
        "+no RTC, no PIC": dict(board="microvm", machine_options=",rtc=off,pic=off"),
        "+as Firecracker has it": dict(board="microvm", machine_options=",acpi=off,rtc=off,pic=off,isa-serial=on"),
        "+64 MiB": dict(memory_mib=64), "+4 GiB": dict(memory_mib=4096),
        "+Q35 by SeaBIOS": dict(board="q35"), "i440FX by SeaBIOS": dict(board="pc"),
        "+no NX": (dict(cpu="max,-nx"), "refused: this processor lacks NX"),
        "+no 64 bits": (dict(cpu="qemu32"), "refused: this processor lacks 64-bit mode"),
        "+no 1 GiB pages": dict(cpu="max,-pdpe1gb"),
        "two cores": _smp(2, "2"), "eight cores, two sockets": _smp(8, "8,sockets=2"),
        "60 cores, four sockets, ids with holes": _smp(60, "60,sockets=4,cores=15")}),

    # ---- what keys leave out ----
    *_rows("OVMF", X86, {
        "timer = hpet": dict(config="timer = hpet"),
        "every key at once": dict(config="console = serial\nwatchdog = off\ntimer = pit\npages = 4k\nsmp = off")}),
    *_rows("PVH", PVH, {
        "+pages = 4k": dict(board="microvm", arguments="--pages=4k " + ARGUMENTS),
        "+timer = pit": dict(board="q35", arguments="--timer=pit " + ARGUMENTS),
        "+timer = none": (dict(board="q35", arguments="--timer=none " + ARGUMENTS), "refused: no clock"),
        "two cores, smp = off": {**_smp(2, "2"), "arguments": "--smp=off " + ARGUMENTS}}),
    *_rows("AAVMF", ARM, {"four cores, smp = off": {**_smp(4, "4"), "arguments": "--smp=off " + ARGUMENTS},
                          "watchdog = off": dict(config="watchdog = off")}),
    *_rows("-kernel", FLAT, {"+pages = 4k": dict(arguments="--pages=4k " + ARGUMENTS)}),

    # ---- aarch64: levels, interrupt controllers, processors ----
    *_rows("AAVMF", ARM, {
        "EL1, GICv2": {}, "+EL1, GICv3": dict(gic=3), "EL2, GICv3": dict(el2=True, gic=3),
        "+EL2 without VHE, GICv2": dict(el2=True, cpu="cortex-a72"), "EL2 with VHE, GICv4": dict(el2=True, gic=4),
        "+no ITS": dict(gic=3, machine_options=",its=off"),
        "+device tree": dict(machine_options=",acpi=off"),
        "device tree, EL2, GICv3": dict(machine_options=",acpi=off", el2=True, gic=3),
        "a64fx with a GICv2": dict(cpu="a64fx"),
        "Neoverse N1": dict(cpu="neoverse-n1", gic=3), "4 GiB": dict(memory_mib=4096),
        "four cores": _smp(4, "4")}),
    *_rows("-kernel", FLAT, {
        **{f"+{cpu}, EL{level}, GICv{gic}": dict(cpu=cpu, el2=level == 2, gic=gic)
           for cpu, level, gic in (("cortex-a53", 1, 2), ("cortex-a57", 1, 3), ("cortex-a72", 2, 2),
                                   ("cortex-a76", 2, 3), ("neoverse-n1", 2, 4), ("a64fx", 1, 2), ("a64fx", 2, 3))},
        **{f"{quick}spin table, no PSCI, EL{level}, cores: {cores}": {
            **(_smp(cores, str(cores)) if cores > 1 else {}), "el2": level == 2, "spin_table": spin_table.ALL}
           for quick, level, cores in (("+", 1, 1), ("", 1, 4), ("", 2, 4))},
        "+EL3 below": dict(machine_options=",secure=on"), "+no high memory": dict(machine_options=",highmem=off"),
        "+64 MiB": dict(memory_mib=64), "+4 GiB": dict(memory_mib=4096), "+virt of QEMU 4.0": dict(board="virt-4.0"),
        "eight cores, EL2, GICv3": {**_smp(8, "8"), "el2": True, "gic": 3}}),
]


def verdict(row, outcome):
    """(as it should be, what it came to in words)."""
    for wanted, words in ((False, f"{row.how.get('between')}: NOT: "), (True, row.says)):
        if (words in outcome.text()) != wanted:
            return False, f"the firmware is not as the row has it: {'no ' if wanted else ''}{words}"
    if outcome.done() is None:
        refusal = next((line for line in outcome.text().splitlines()
                        if "refused: " in line or secure_boot.REFUSED in line), "").strip()
        if refusal:
            return row.expected in refusal, refusal
        return False, "no end" if outcome.timed_out else "ended without a word"
    broken = [f"{name} {end['status']}" for name, end in outcome.ends().items() if end["status"] != "ok"]
    if broken or outcome.done().get("interrupts"):
        return False, ", ".join(broken) or f"{outcome.done()['interrupts']} interrupts"
    came_to = {0: DONE, m.EXIT_USAGE: UNSAVED}.get(outcome.status(), f"status {outcome.status()}")
    return came_to == row.expected, came_to


def boot(row, build):
    how = {"arguments": ARGUMENTS, **row.how}
    if how.get("boot") == "pvh" and not {"cpu", "extra", "board"} & set(how):
        how["accel"] = m.choose("x86_64", "pvh", "", "takeover", build)[1]
        how["icount"] = how["accel"] == "tcg"
    signed, server = how.pop("signed", None), how.pop("network", None)
    machine = m.Machine(build=build, **how)
    if signed:
        return secure_boot.boot(machine, signed, LIMIT_S)
    if server:
        return network_boot.boot(machine, *server, NETWORK_LIMIT_S)
    if machine.serial or "-chardev" in machine.extra:
        return m.boot(machine, LIMIT_S, paced=True)
    with tempfile.TemporaryDirectory(prefix="anechoic-") as directory:
        outcome = m.boot(machine, LIMIT_S, directory, paced=True)
        log = m.stick_read(os.path.join(directory, "stick.img"), "anechoic.log")
    outcome.records = m.records_read(log or b"")
    return outcome


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--jobs", type=m.positive, default=min(2, os.cpu_count() or 1), help="boots at a time")
    parser.add_argument("only", nargs="*", help="parts of names")
    options = parser.parse_args(argv)
    rows = [row for row in ROWS if not options.only or any(part in row.name for part in options.only)]
    good = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for row, outcome in zip(rows, pool.map(lambda row: boot(row, options.build), rows)):
            fits, came_to = verdict(row, outcome)
            good += fits
            print(f"{'ok ' if fits else 'NOT'} {row.name:<52} {outcome.seconds:5.1f} s  {came_to}", flush=True)
    print(f"{good} of {len(rows)} are as they should be")
    return 0 if good == len(rows) and rows else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
