# SPDX-License-Identifier: Apache-2.0
"""Tests of what real machines are booted from: disk images as other people's tools see them, and boots from media that
differ from the stick of the other tests."""

import os
import re
import subprocess
import tempfile

import machine as m
from harness import expect, expect_equal, limit, test
from image_tests import (ARM, QUICK, X86, boot, expect_healthy, expect_results, expect_stick_agrees, machine, planned,
                         stick, tail)

BUILD = os.path.join(m.ROOT, "build")
ONE = QUICK + " tlb/lookup/mostly_hits"
SECTOR = 512
GPT_FIRST_USABLE, GPT_PROTECTIVE, ESP = 34, 0xEE, 0xEF
ROOM_BYTES = 30 << 20    # for results


def tool(*words):
    """What a tool of a system's administrator says; its failure is the test's."""
    path = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", LC_ALL="C")
    result = subprocess.run(words, check=False, capture_output=True, text=True, timeout=limit(60), env=path)
    expect_equal(result.returncode, 0, f"{' '.join(words)}: {result.stdout}{result.stderr}")
    return result.stdout


def mbr_entries(image):
    """(type, first LBA, sectors) of the entries that are in use."""
    with open(image, "rb") as file:
        sector = file.read(SECTOR)
    expect_equal(sector[510:], b"\x55\xaa", "the MBR's signature")
    entries = [sector[at:at + m.MBR_ENTRY_BYTES] for at in range(m.MBR_ENTRIES, 510, m.MBR_ENTRY_BYTES)]
    return [(entry[4], int.from_bytes(entry[8:12], "little"), int.from_bytes(entry[12:], "little"))
            for entry in entries if entry[4]]


def expect_disk(image, files):
    """One partition, named alike by both tables, with a sound file system that holds these files, and room."""
    expect("No problems found" in tool("sgdisk", "--verify", image), f"{image}: sgdisk finds something")
    told = tool("sgdisk", "--info=1", image)
    first, last = (int(re.search(rf"^{word} sector: (\d+)", told, re.MULTILINE)[1]) for word in ("First", "Last"))
    expect("C12A7328-F81F-11D2-BA4B-00A0C93EC93B (EFI system partition)" in told, told)
    expect_equal(mbr_entries(image), [(GPT_PROTECTIVE, 1, first - 1), (ESP, first, last + 1 - first)], "the MBR")
    with tempfile.TemporaryDirectory() as folder, open(image, "rb") as disk:
        volume = os.path.join(folder, "volume")
        disk.seek(first * SECTOR)
        with open(volume, "wb") as file:
            file.write(disk.read((last + 1 - first) * SECTOR))
        told = tool("fsck.fat", "-nv", volume)
        expect(re.search(rf"^ *{first} hidden sectors", told, re.MULTILINE), f"its boot sector: {told}")
        used, clusters = map(int, re.search(r"files, (\d+)/(\d+) clusters", told).groups())
        expect((clusters - used) * SECTOR >= ROOM_BYTES, f"too little room for results: {told}")
    for path in files:
        with open(path, "rb") as file:
            expect(m.stick_read(image, os.path.basename(path)) == file.read(), f"{path} is another file in {image}")


def _register_disks():
    for arch in m.ARCHES:
        @test(f"media/disk {arch}: GPT and MBR name one EFI system partition")
        def _(arch=arch):
            folder = os.path.join(BUILD, arch)
            expect_disk(os.path.join(folder, "anechoic.img"), [os.path.join(folder, m.LOADERS[arch])])


_register_disks()


@test("media/disk of other contents has other identifiers, of the same ones the same bytes")
def _():
    with tempfile.TemporaryDirectory() as folder:
        images, texts = [], ("a", "a", "b")
        for number, text in enumerate(texts):
            conf, image = os.path.join(folder, "anechoic.conf"), os.path.join(folder, f"{number}.img")
            with open(conf, "w", encoding="ascii") as file:
                file.write(text)
            os.utime(conf, (number * 10 ** 8, number * 10 ** 8))
            tool("tools/mkimage.sh", image, conf)
            with open(image, "rb") as file:
                told = tool("sgdisk", "--print", image) + tool("sgdisk", "--info=1", image)
                images.append((file.read(), set(re.findall(r"(?:\(GUID\)|unique GUID): (\S+)", told))))
    expect(images[0] == images[1], "the same file makes two images")
    expect_equal([len(guids) for _, guids in images], [2, 2, 2], "GUIDs of a disk")
    expect(not images[0][1] & images[2][1], f"two images, one GUID: {images[0][1]} {images[2][1]}")


@test("media/ISO: its catalogue and its GPT name one volume, the files stand in both file systems")
def _():
    loaders = [os.path.join(BUILD, arch, m.LOADERS[arch]) for arch in m.ARCHES]
    with tempfile.TemporaryDirectory() as folder:
        isos = [os.path.join(folder, name) for name in ("a.iso", "b.iso")]
        for iso in isos:
            tool("tools/mkimage.sh", iso, *loaders)
        with open(isos[0], "rb") as a, open(isos[1], "rb") as b:
            expect(a.read() == b.read(), "the same files make two ISOs")
        told = tool("xorriso", "-indev", isos[0], "-report_el_torito", "plain", "-report_system_area", "plain")
        start = int(re.search(r"El Torito boot img : +1 +UEFI +y +none .* (\d+)\n", told)[1]) * 4
        starts = re.findall(r"GPT start and size : +2 +(\d+) ", told)
        expect_equal(starts, [str(start)], told)
        for path in loaders:
            name, copy = os.path.basename(path), os.path.join(folder, "copy")
            tool("xorriso", "-osirrox", "on", "-indev", isos[0], "-extract", f"/EFI/BOOT/{name}", copy)
            shown = subprocess.run(["mtype", "-i", f"{isos[0]}@@{start}S", f"::EFI/BOOT/{name}"], check=True,
                                   capture_output=True).stdout
            with open(path, "rb") as file, open(copy, "rb") as extracted:
                wanted = file.read()
                expect(extracted.read() == wanted, f"{name} is another file in the ISO")
                expect(shown == wanted, f"{name} is another file in the volume")
            os.remove(copy)


# ---- a stick is written ----------------------------------------------------------------------------------------------

# What lsblk answers, for which the test puts its own in front: column -> lines, the device's own first.
DISK = {"TYPE": "disk", "SIZE": "64000000", "RO": "0", "VENDOR": "ACME    ", "MODEL": "Flash", "TRAN": "usb",
        "PKNAME": "", "MOUNTPOINTS": ""}


# Writes as dd does, and one byte of it wrongly.
BROKEN_DD = """#!/bin/sh
/bin/dd "$@" || exit
for word; do
    case $word in of=*) printf X | /bin/dd "$word" bs=1 seek=1234567 conv=notrunc status=none ;; esac
done
"""


def put_tool(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o755)


def write_stick(folder, answers, typed, size=64 << 20):
    """tools/stick.sh on a file of 0xFF that lsblk says is such a device; None: it says that it is none. (what it came
    to, whether all of the image is there)"""
    target, image = os.path.join(folder, "target"), os.path.join(folder, "image")
    with open(target, "wb") as file:
        file.write(b"\xff" * size)
    with open(image, "wb") as file:
        file.write(bytes(range(256)) * 12345)
    rows = "".join(f"{name}) printf '%s\\n' '{text}' ;;\n" for name, text in (answers or {}).items())
    put_tool(folder, "lsblk", f"#!/bin/sh\ncase $1 in *d*) lines=1 ;; *) lines=9 ;; esac\n"
             f"{{ case $2 in\n{rows}*) exit 32 ;;\nesac; }} >{folder}/said && head -n $lines {folder}/said\n")
    result = subprocess.run(["tools/stick.sh", target, image], input=typed.replace("TARGET", target), check=False,
                            capture_output=True, text=True, timeout=limit(60),
                            env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))
    with open(target, "rb") as file, open(image, "rb") as wanted:
        after, wanted = file.read(), wanted.read()
    expect_equal(len(after), size, "the target's bytes")
    expect(after == b"\xff" * size or result.returncode < 2, "refused, and written to")
    return result, after.startswith(wanted)


@test("media/stick: names the disk, asks, writes, reads back")
def _():
    with tempfile.TemporaryDirectory() as folder:
        for answers, named in ((DISK, "64MB, ACME Flash, usb"), (None, "a file of 67108864 bytes")):
            result, written = write_stick(folder, answers, "TARGET\n")
            expect_equal((result.returncode, written), (0, True), result.stdout + result.stderr)
            expect(named in result.stdout and "read back: 3160320 bytes" in result.stdout, result.stdout)


@test("media/stick: says when other bytes come back")
def _():
    with tempfile.TemporaryDirectory() as folder:
        put_tool(folder, "dd", BROKEN_DD)
        result, _ = write_stick(folder, DISK, "TARGET\n")
        expect_equal(result.returncode, 1, result.stdout + result.stderr)
        expect("other bytes come back" in result.stderr, result.stderr)


@test("media/stick: refuses what is in use, read-only, too small, no whole disk, and whoever does not type its name")
def _():
    rows = (
        ({"TYPE": "disk\npart", "MOUNTPOINTS": "\n/boot/efi"}, "TARGET\n", "is in use: /boot/efi"),
        ({"MOUNTPOINTS": "[SWAP]"}, "TARGET\n", "is in use: [SWAP]"),
        ({"TYPE": "part", "PKNAME": "sda"}, "TARGET\n", "is a partition: name the whole disk, /dev/sda"),
        ({"TYPE": "rom"}, "TARGET\n", "is no disk, but of type rom"),
        ({"TYPE": "disk\ncrypt"}, "TARGET\n", "is part of something of type crypt"),
        ({"RO": "1"}, "TARGET\n", "is read-only"),
        ({"SIZE": "3160319"}, "TARGET\n", "has 3160319 bytes, the image 3160320"),
        ({}, "", "nothing was written"), ({}, "yes\n", "nothing was written"),
    )
    with tempfile.TemporaryDirectory() as folder:
        for answers, typed, words in rows:
            result, written = write_stick(folder, dict(DISK, **answers), typed, 4 << 20)
            expect_equal((result.returncode, written), (2, False), f"{answers}: {result.stdout}{result.stderr}")
            expect(words in result.stderr, f"{answers}: {result.stderr}")


# ---- boots -----------------------------------------------------------------------------------------------------------


def without_backup(image, larger_by_bytes):
    """The disk on a stick that is larger: behind the image is what was there before, and the GPT's copy is nowhere."""
    end = os.path.getsize(image)
    with open(image, "r+b") as file:
        file.seek(end - (GPT_FIRST_USABLE - 1) * SECTOR)
        file.write(b"\xff" * ((GPT_FIRST_USABLE - 1) * SECTOR))
        file.truncate(end + larger_by_bytes)


def _register_sticks():
    for arch, how in (("x86_64", X86), ("aarch64", ARM)):
        @test(f"media/boot {arch} from a larger USB stick where the GPT's copy is lost")
        def _(how=how):
            what = machine(arguments=ONE, mode="handback", plug="usb", **how)
            with stick(what) as directory:
                without_backup(what.image, 8 << 20)
                outcome = boot(what, directory)
                expect_healthy(outcome, least=1)
                expect_stick_agrees(what, outcome)


_register_sticks()


def _register_cds():
    for arch, how in (("x86_64", X86), ("aarch64", ARM)):
        @test(f"media/boot {arch} in handback from a CD on USB: nothing is saved, which is said, and nothing tried")
        def _(how=how):
            outcome = boot(machine(arguments=ONE, mode="handback", medium="iso", plug="usb", **how))
            expect_healthy(outcome, least=1, status=m.EXIT_USAGE)
            for name in ("anechoic.log cannot be written, the run goes on", "results.json cannot be written"):
                expect(f"{name}: read-only" in outcome.text(), tail(outcome))


_register_cds()


@test("media/boot x86_64 from a CD, held as nobody says: taken over, as it is virtual")
def _():
    outcome = boot(machine(arguments=ONE, medium="iso", plug="usb", say_mode=False, **X86))
    expect_healthy(outcome, least=1)
    expect("no results are saved, as no file can be made beside the loader: read-only" in outcome.text(), tail(outcome))
    expect_equal(planned(outcome)["context"]["platform"]["hold"], "takeover", "held by")


@test("media/U-Boot, which renames no file and cuts none off, keeps two runs' results under their names")
def _():
    what = machine(mode="handback", arguments=ONE, firmware=m.U_BOOT, **ARM)
    with stick(what) as directory:
        results = []
        for _ in range(2):
            outcome = boot(what, directory)
            expect_healthy(outcome, least=1)
            results.append(m.stick_read(what.image, "results.json"))
            expect_results(results[-1], outcome)
        expect_equal(m.stick_read(what.image, "results-001.json"), results[0], "the earlier run's, by number")
        expect_equal(m.stick_read(what.image, "results.new"), None, "what the copy is of")
