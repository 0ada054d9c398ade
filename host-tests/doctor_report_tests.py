# SPDX-License-Identifier: Apache-2.0
"""`anechoic doctor --report`: the form of docs/hardware.md, filled in for made-up machines, without what would name one
of them."""

import os
import re
import struct
import tempfile

import machine as m
from doctor_tests import plant
from harness import expect, expect_equal, test
from hosted_tests import SHORTEST, anechoic

OLD_LOG = os.path.join(m.ROOT, "host-tests", "data", "old", "2026-11-27-aarch64-uefi.log")
DMI = "sys/class/dmi/id/"
CPU = "sys/devices/system/cpu/"
TABLES = "sys/firmware/acpi/tables/"
VARIABLE = "sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-00e098032b8c"
SECRET = "SN4711"     # in all that must not be shown


def table(signature, oem, oem_table, rest=b""):
    head = signature.encode() + struct.pack("<IBB6s8s", 36 + len(rest), 2, 0, oem.encode(), oem_table.encode())
    return head.ljust(36, b"\0") + rest


SPCR = table("SPCR", "ACME", "BOARD", struct.pack("<B3xBBBBQBBIB", 0, 1, 8, 0, 1, 0x2f8, 0, 0, 0, 7))
NAMED = {    # by files that only say which machine of its kind it is
    DMI + "product_serial": SECRET, DMI + "product_uuid": SECRET, DMI + "board_serial": SECRET,
    DMI + "chassis_serial": SECRET, DMI + "board_asset_tag": SECRET, DMI + "chassis_asset_tag": SECRET,
    DMI + "modalias": SECRET, DMI + "uevent": SECRET, "proc/sys/kernel/hostname": SECRET, "etc/hostname": SECRET,
    "etc/machine-id": SECRET, "proc/sys/kernel/osrelease": "6.1.0-" + SECRET, "proc/version": SECRET,
    "proc/cmdline": "root=UUID=" + SECRET, "sys/class/net/eth0/address": SECRET, "proc/self/environ": SECRET,
    "sys/block/nvme0n1/serial": SECRET, "proc/device-tree/serial-number": SECRET + "\0",
    TABLES + "MSDM": table("MSDM", "ACME", "KEY", SECRET.encode()), "sys/firmware/dmi/tables/DMI": SECRET,
}
SERVER = {
    DMI + "sys_vendor": "Acme | Sons <b>\n", DMI + "product_name": "Rack *9000*\n", DMI + "product_version": "B\n",
    DMI + "board_vendor": "Acme\n", DMI + "board_name": "X9\n", DMI + "bios_vendor": "Firm\n",
    DMI + "bios_version": "1.2\n", DMI + "bios_date": "01/02/2024\n", DMI + "bios_release": "5.1\n",
    "sys/firmware/efi/fw_platform_size": "64\n", VARIABLE % "SecureBoot": b"\x06\0\0\0\x01",
    VARIABLE % "SetupMode": b"\x06\0\0\0\0",
    "proc/cpuinfo": "".join(
        f"processor\t: {n}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Fast {n // 3}\n"
        f"stepping\t: 7\nmicrocode\t: 0x5\nflags\t\t: fpu sse2 hypervisor\n\n" for n in range(4)),
    CPU + "online": "0-3\n", CPU + "possible": "0-7\n",
    "proc/meminfo": "MemTotal:       4194304 kB\n", "sys/devices/system/node/online": "0-1\n",
    TABLES + "APIC": table("APIC", "ACME", "BOARD"), TABLES + "SPCR": SPCR, TABLES + "SSDT12": table("SSDT", "A", "B"),
    TABLES + "data/BERT": "x", "proc/consoles": "tty0 -WU (EC p) 4:7\nttyS0 -W- (E p) 4:64\n",
    "sys/class/graphics/fb0/name": "EFI VGA\n", "sys/class/graphics/fb0/virtual_size": "800,600\n",
    "sys/class/graphics/fb0/bits_per_pixel": "32\n", "sys/class/watchdog/watchdog0/identity": "iTCO_wdt\n",
    "sys/devices/system/clocksource/clocksource0/available_clocksource": "tsc hpet acpi_pm\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "sys/devices/system/clockevents/clockevent0/current_device": "lapic-deadline\n",
}
BOARD = {
    "proc/device-tree/model": b"Small Board 4\0", "proc/device-tree/compatible": b"small,board4\0small,soc\0",
    "proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
                    "CPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\nHardware\t: BCM\n"
                    f"Serial\t\t: {SECRET}\nModel\t\t: Small Board 4\n",
    "run/.containerenv": "", "sys/firmware/devicetree": "x",
}


def add_cores(files, count):
    for number in range(count):
        files[f"{CPU}cpu{number}/topology/physical_package_id"] = f"{number // 2}\n"
        files[f"{CPU}cpu{number}/topology/core_id"] = "0\n"
    return files


def link_disks(root):
    os.makedirs(os.path.join(root, "sys/block"), exist_ok=True)
    for name, way in (("sda", "pci0/usb1/1-1/host6/target6/block/sda"), ("sdb", "pci0/ata1/host0/block/sdb"),
                      ("nvme1n1", "pci0/nvme/nvme1/nvme1n1"), ("loop0", "virtual/block/loop0")):
        os.symlink("../devices/" + way, os.path.join(root, "sys/block", name))


def rows_of(markdown):
    rows = re.findall(r"^\| (.+?) \|(?: (.*))? \|$", markdown, re.MULTILINE)
    return {label: answer for label, answer in rows if label != "|"}


def reported(files, *words):
    with tempfile.TemporaryDirectory() as root:
        plant(root, files)
        if files.keys() >= SERVER.keys():
            link_disks(root)
        shown = anechoic("doctor", "--report", "--root", root, *words)
    expect_equal((shown.returncode, shown.stderr), (0, ""), "exit status, and complaints")
    expect(SECRET not in shown.stdout, "what names the machine is in it:\n" + shown.stdout)
    return shown.stdout


def form():
    """Labels of the form in docs/hardware.md, table by table."""
    with open(os.path.join(m.ROOT, "docs", "hardware.md"), encoding="utf-8") as file:
        section = file.read().split("## A report\n")[1]
    return [re.findall(r"^\| ([A-Z].*?) \|", part, re.MULTILINE) for part in section.split("\n\n| ")[1:]]


@test("doctor/a report has what is asked for, and nothing that names the machine")
def _():
    rows = rows_of(reported(add_cores({**SERVER, **NAMED}, 4)))
    for label, answer in {
            "Vendor": r"Acme \| Sons &lt;b>", "Product": r"Rack \*9000\*, version B", "Board": "Acme, X9",
            "Firmware": "Firm, version 1.2, of 01/02/2024, release 5.1", "Kind of firmware": "UEFI, 64 bits",
            "Secure Boot": "on", "Hypervisor": "the processor says that there is one",
            "Container": "no sign of one", "Features": "fpu sse2 hypervisor",
            "Processor": "3 x (vendor_id GenuineIntel, model name Fast 0), "
                         "1 x (vendor_id GenuineIntel, model name Fast 1)",
            "Family, model, stepping, microcode": "4 x (cpu family 6, model 85, stepping 7, microcode 0x5)",
            "Cores": "packages 2, cores 2, threads 4, online 0-3, possible 0-7",
            "Memory": "4096 MiB for Linux, nodes 0-1",
            "ACPI tables": "APIC (ACME BOARD), MSDM (ACME KEY), SPCR (ACME BOARD), SSDT12 (A B)",
            "Serial ports of the tables": "SPCR: interface 0 at I/O port 0x2f8, rate's code 7",
            "Consoles of Linux": "tty0, ttyS0", "Screen": "EFI VGA, 800,600, 32 bits a pixel",
            "Clock sources": "tsc hpet acpi_pm, in use tsc", "Timers": "lapic-deadline", "Watchdogs": "iTCO_wdt",
            "Disks": "1 x USB, 1 x NVMe, 1 x SATA"}.items():
        expect_equal(rows.get(label), answer, label)


@test("doctor/a report of a board without ACPI, in a container, and of nothing at all")
def _():
    rows = rows_of(reported({**BOARD, **NAMED, "sys/block/x": ""}))
    for label, answer in {
            "Device tree": "Small Board 4, small,board4, small,soc",
            "Processor": "1 x (CPU implementer 0x41, CPU part 0xd08)",
            "Family, model, stepping, microcode": "1 x (CPU architecture 8, CPU variant 0x0, CPU revision 3)",
            "Features": "fp asimd", "Container": "yes: what it does not show of the machine is not known here",
            "Hypervisor": "no sign of one", "Vendor": "not known", "Secure Boot": "not known"}.items():
        expect_equal(rows.get(label), answer, label)
    hidden = {"sys/firmware/.none": "", "proc/meminfo": ""}     # a container's folder, without anything to see in it
    for files in ({}, hidden):
        told = {label for label, answer in rows_of(reported(files)).items()
                if answer not in ("not known", "no sign of one", "")}
        expect_equal(told, set(), f"what is known of nothing: {files}")


@test("doctor/the form in the docs is the one that is printed")
def _():
    tables = reported(SERVER, OLD_LOG).split("\n## ")
    printed = [re.findall(r"^\| ([A-Z].*?) \|", part, re.MULTILINE) for part in tables]
    expect_equal(printed, form(), "rows, table by table")
    rows = rows_of("\n".join(tables))
    expect_equal(rows["Way of boot"].split(", ")[:2], ["uefi", "takeover"], "what the image found")
    expect(rows["Benchmarks"].startswith("3 ok") and "complete: true" in rows["Benchmarks"], rows["Benchmarks"])


@test("doctor/a report of a run that stopped early tells no more than its log")
def _():
    with open(OLD_LOG, "rb") as file:
        log = file.read()
    with tempfile.TemporaryDirectory() as directory:
        name = os.path.join(directory, "cut.log")
        with open(name, "wb") as file:
            file.write(log[:log.index(b"@anechoic CONTEXT")])
        rows = rows_of(reported({}, name))
    for label, answer in {"Left out": "not known", "Memory, as the image saw it": "not known",
                          "Benchmarks": "1 skipped, complete: false"}.items():
        expect_equal(rows[label], answer, label)
    expect_equal(rows_of(reported({}, OLD_LOG))["Left out"], "nothing", "of one that came to its end")


@test("doctor/a report refuses what it cannot take")
def _():
    with tempfile.TemporaryDirectory() as directory:
        own = os.path.join(directory, "own.log")
        expect_equal(anechoic("run", *SHORTEST, "--exact", "tlb/lookup/mostly_hits", "--log", own).returncode, 0, "run")
        for words, says in ((["--format=json"], "goes with"), ([own], "takes a log or results of the image"),
                            (["/nonexistent"], "/nonexistent"), ([own, own], "doctor"),
                            ([os.path.join(m.ROOT, "README.md")], "no run's records")):
            result = anechoic("doctor", "--report", *words)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), words)
            expect(says in result.stderr, f"{words}: {result.stderr}")
