# SPDX-License-Identifier: Apache-2.0
"""Tests that boot the image on machines whose tables, consoles or ways to start it are odd."""

import os
import re
import shutil
import tempfile

import acpi_tables as tables
import machine as m
import screen
from harness import expect, expect_equal, test
from image_tests import ARM, QUICK, X86, boot, expect_done, expect_healthy, machine, planned, stick, tail, without_mode

ONE = QUICK + " tlb/lookup/mostly_hits"
REFUSED = 2  # boot/refuse.h
EXIT_PORT_REFUSED = (0x10 + REFUSED) << 1 | 1  # as QEMU's isa-debug-exit passes it on


@test("image/uefi aarch64 from a shell by a quoted name without .efi, anechoic.conf in UTF-16; a typo comes back to it")
def _():
    """No mode is asked for: the volume can be written to, so that the machine is handed back, though it is virtual."""
    what = machine(config="= nothing \u20ac", exit_port=False, **ARM)
    script = ['fs0:', '"\\My Tools\\anechoic" --qick', 'echo typo %lasterror%', f'"\\My Tools\\anechoic" {ONE}',
              'echo end %lasterror%', 'reset -s']
    with stick(what) as directory:
        folder = "::My Tools"
        m.on_stick(what.image, "mdeltree", "::EFI")  # else it is started before the shell is
        m.on_stick(what.image, "mmd", folder)
        m.on_stick(what.image, "mcopy", os.path.join(what.out, m.LOADERS[what.arch]), folder + "/anechoic.efi")
        text = "\ufeff" + without_mode(what).replace("\n", "\r\n")
        m.on_stick(what.image, "mcopy", "-", folder + "/anechoic.conf", data=text.encode("utf-16-be"))
        m.on_stick(what.image, "mcopy", "-", "::startup.nsh", data="\r\n".join(script + [""]).encode())
        outcome = boot(what, directory)
        expect_done(outcome)
        expect_equal(list(outcome.ends()), ["tlb/lookup/mostly_hits"], "what ran\n" + tail(outcome))
        line = without_mode(what).splitlines().index(what.config) + 1
        ignored = [text for text in outcome.text().splitlines() if "ignored" in text]
        expect(len(ignored) == 2 and all(f"anechoic.conf line {line} " in text for text in ignored),
               f"not that one line is named, by either run: {ignored}")
        for words in ("unknown option 'qick'", "typo 0x2", "end 0x0"):
            expect(words in outcome.text(), f"not there: {words}\n" + tail(outcome))
        for name in ("anechoic.log", "results.json"):
            found = m.on_stick(what.image, "mtype", f"{folder}/{name}", check=False)
            expect(b"tlb/lookup/mostly_hits" in found.stdout, f"{name} does not have the run")


# ---- over a network --------------------------------------------------------------------------------------------------


@test("image/uefi aarch64 over a network, the defaults and no anechoic.conf")
def _():
    """The firmware's own PXE. Nothing can tell the launcher that a run without words is over, so it is left
    at its first benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        what = machine(tftp=folder, exit_port=False, **ARM)
        shutil.copy(os.path.join(what.out, m.LOADERS[what.arch]), folder)
        outcome = boot(what, until=lambda console: b"@anechoic START" in console)
    for words in ("no file system beside the loader",
                  "no anechoic.conf over the network, so all is as without one: the server does not give it"):
        expect(words in outcome.text(), "not a word about it:\n" + tail(outcome))
    context = planned(outcome)["context"]
    expect_equal(context["options"]["filter"], [], "filters")
    expect_equal((context["options"]["sample_size"], context["options"]["measurement_ns"]), (100, 400000000),
                 "how it measures")
    expect(context["planned"] > 10, f"{context['planned']} benchmarks are planned")


def by_network(folder, text):
    """A machine that gets its loader from a folder of the server, with an anechoic.conf beside it."""
    what = machine(tftp=folder, bootfile="boot/" + m.LOADERS["aarch64"], arguments=ONE, **ARM)
    os.mkdir(os.path.join(folder, "boot"))
    shutil.copy(os.path.join(what.out, m.LOADERS[what.arch]), os.path.join(folder, "boot"))
    with open(os.path.join(folder, "boot", "anechoic.conf"), "wb") as file:
        file.write(what.config_text().encode() if text is None else text)
    return what


@test("image/uefi aarch64 over a network, anechoic.conf from beside the loader")
def _():
    with tempfile.TemporaryDirectory() as folder:
        outcome = boot(by_network(folder, None))
    expect_healthy(outcome, least=1)
    expect_equal(list(outcome.ends()), ["tlb/lookup/mostly_hits"], "what ran\n" + tail(outcome))


@test("image/uefi aarch64 over a network, an anechoic.conf that is too long or of noise is said, and the run goes on",
      system=True)
def _():
    for text, words in ((b"quick\n" * 1000, "the anechoic.conf over the network is longer than 4 KiB"),
                        (bytes(range(256)) * 8, "anechoic.conf line 1 ignored")):
        with tempfile.TemporaryDirectory() as folder:
            outcome = boot(by_network(folder, text), until=lambda console: b"@anechoic START" in console)
        expect(words in outcome.text(), f"not there: {words}\n" + tail(outcome))
        expect_equal(planned(outcome)["context"]["options"]["filter"], [], "filters")


@test("image/uefi x86_64 over a network with iPXE, words and anechoic.conf by its script", system=True)
def _():
    with tempfile.TemporaryDirectory() as folder:
        what = machine(tftp=folder, bootfile="script", config="quick", **X86)
        shutil.copy(os.path.join(what.out, m.LOADERS[what.arch]), folder)
        for name, text in (("script", f"#!ipxe\nkernel {m.LOADERS[what.arch]} {ONE}\nimgfetch anechoic.conf\nboot\n"),
                           ("anechoic.conf", what.config_text())):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        outcome = boot(what)
    expect_healthy(outcome, least=1)
    expect_equal(list(outcome.ends()), ["tlb/lookup/mostly_hits"], "what ran\n" + tail(outcome))


# ---- serial ports ----------------------------------------------------------------------------------------------------

@test("image/uefi x86_64 writes to COM1 where SPCR names a UART that is not there; exit = reset resets")
def _():
    """Under -no-reboot a reset ends the emulator with status 0; without one the machine would stand still."""
    outcome = boot(machine(arguments=ONE, config="exit = reset", exit_port=False,
                           tables=(tables.spcr(tables.COM2, tables.BAUD_115200),), **X86))
    expect_healthy(outcome, least=1)
    expect(not outcome.timed_out, "it did not reset:\n" + tail(outcome))
    expect_equal(outcome.returncode, 0, "how the emulator ended")


@test("image/uefi x86_64 sets COM1 to the rate that SPCR says")
def _():
    outcome = boot(machine(arguments=ONE, tables=(tables.spcr(tables.COM1, tables.BAUD_9600),),
                           extra=("-trace", "serial_update_parameters"), **X86))
    expect_healthy(outcome, least=1)
    rates = re.findall(r"serial_update_parameters baudrate=(\d+)", outcome.errors)
    expect(rates and rates[-1] == "9600", f"rates: {rates}")


@test("image/uefi x86_64 with nothing to write to is refused, and the firmware says so")
def _():
    """The port that there is, and that the firmware writes to, is left out."""
    outcome = boot(machine(arguments=ONE, config="console = screen", **X86))
    expect("refused: without the firmware nothing could be written" in outcome.text(),
           "not a word about it:\n" + tail(outcome))
    expect_equal(outcome.returncode, EXIT_PORT_REFUSED, "what the launcher is told")


@test("image/pvh with a port for records beyond the processor's addresses writes them to COM1")
def _():
    words = "--record-port=virtio-mmio:0xffffffffffffffff --exit=isa-debug-exit --accelerator=tcg " + ONE
    what = machine(boot="pvh", serial=False, extra=("-serial", "stdio", "-append", words))
    expect_healthy(boot(what), least=1)


@test("image/pvh with nothing to write to ends with a status")
def _():
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, arguments=ONE, serial=False))
    expect_equal(outcome.returncode, EXIT_PORT_REFUSED, "what the launcher is told")


@test("image/a picture of the screen is read once it is whole")
def _():
    pixels = (b" \n" * 14)[:3 * 3 * 3]     # what could be taken for the header's end
    data = b"P6\n3 3\n255\n" + pixels
    expect_equal([screen.whole_picture(data[:size]) for size in range(len(data))], [None] * len(data),
                 "with some yet to come")
    expect_equal(screen.whole_picture(data), (3, 3, pixels), "whole")
