# SPDX-License-Identifier: Apache-2.0
"""Tests of what real machines are booted from: disk images as other people's tools see them, and boots from media that
differ from the stick of the other tests."""

import os
import re
import subprocess
import tempfile

import machine as m
from harness import expect, expect_equal, limit, test
from image_tests import ARM, QUICK, X86, boot, expect_healthy, expect_stick_agrees, machine, stick

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
