# SPDX-License-Identifier: Apache-2.0
"""Starts that stop half-way, and the parts of the machine that the next one leaves out for it (lib/escapes.h)."""

import machine as m
from harness import expect, expect_equal, test
from image_tests import ARM, QUICK, X86, boot, expect_healthy, machine, stick, tail

ONE = QUICK + " tlb/lookup/mostly_hits"
TWO = QUICK + " pool/two_cores tlb/lookup/mostly_hits"
NOTE = "anechoic.boot"

# name: (machine, the step where it stands still, what is said of it, what is left out then)
STOPS = {
    "x86_64 at the PIT": (X86, "pit", "the PIT", "timer = hpet"),
    "aarch64 at the page tables": (ARM, "pages", "the page tables", "pages = 4k"),
}
STOPS_LONG = {
    "x86_64 at the ACPI PM timer": (X86, "pm-timer", "the ACPI PM timer", "timer = pit"),
    "x86_64 at the processor": (X86, "processor", "the processor and its watchdog", "watchdog = off"),
    "x86_64 at the page tables": (X86, "pages", "the page tables", "pages = 4k"),
    "x86_64 at the screen": (dict(X86, framebuffer=True), "screen", "the screen", "console = serial"),
    "x86_64 at another core": (dict(arch="x86_64", cores=2), "cores", "another core", "smp = off"),
    "aarch64 at another core": (dict(arch="aarch64", cores=2, gic=3), "cores", "another core", "smp = off"),
    "aarch64 at EL2 at the processor": (dict(ARM, el2=True), "processor", "the processor and its watchdog",
                                        "watchdog = off"),
}


def step_of(image):
    lines = (m.stick_read(image, NOTE) or b"").decode().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def left_off(outcome):
    contexts = [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"]
    return contexts[-1].get("left_off") if contexts else None


def expect_left_out(what, directory, step, label, key):
    stands = boot(what, directory, until=lambda console: b"it stands still at" in console)
    expect(stands.killed, "it did not stop:\n" + tail(stands))
    expect_equal(step_of(what.image), [f"step = {step}"], "what is on the stick")
    after = boot(what, directory)
    for words in (f"the last start stopped at {label}; that is left out now: {key}", f"left off: {key}"):
        expect(words in after.text(), f"not there: {words}\n" + tail(after))
    expect("pages '8k': not a valid value, auto or 4k" in after.text(), "a word that is none:\n" + tail(after))
    ends = after.ends()
    expect(after.done() is not None and after.status() == 0 and after.done()["interrupts"] == 0, tail(after))
    expect_equal(ends["tlb/lookup/mostly_hits"]["status"], "ok", "what has nothing to do with it")
    for name, end in ends.items():
        expect(end["status"] == "ok" or (step == "cores" and end["status"] == "skipped"), f"{name}: {end}")
    expect_equal(left_off(after), key, "the results' word")
    expect_equal(step_of(what.image), ["step = started", f"{key} once"], "what is kept")


def _register_stops():
    for stops, system in ((STOPS, False), (STOPS_LONG, True)):
        for name, (how, *wanted) in stops.items():
            @test(f"escapes/{name}: a start that stops there, and the next without it", system=system)
            def _(how=how, wanted=wanted):
                what = machine(mode="handback", arguments=TWO if wanted[0] == "cores" else ONE,
                               config=f"pages = 8k\nstop-at = {wanted[0]}", **how)
                with stick(what) as directory:
                    expect_left_out(what, directory, *wanted)


_register_stops()


@test("escapes/what one start stopped at is tried again: for good where it was cut off, left out where it stops again",
      system=True)
def _():
    key = "timer = hpet"
    what = machine(mode="handback", arguments=ONE, config="stop-at = pit", **X86)
    with stick(what) as directory:
        for kept in ([f"{key} again"], [key]):
            stands = boot(what, directory, until=lambda console: b"it stands still at" in console)
            expect(stands.killed, "it did not stop:\n" + tail(stands))
            if kept == [key]:
                expect_equal(step_of(what.image), ["step = pit", f"{key} again"], "what is on the stick")
            after = boot(what, directory)
            expect_healthy(after, least=1)
            expect_equal(left_off(after), key, "left out")
            expect_equal(step_of(what.image), ["step = started", kept[0].replace("again", "once")], "what is kept")
    what = machine(mode="handback", arguments=ONE, config="stop-at = pit", **X86)
    with stick(what) as directory:
        boot(what, directory, until=lambda console: b"it stands still at" in console)
        boot(what, directory)
        m.stick_write(what.image, "anechoic.conf", what.config_text().replace("stop-at = pit", ""))
        tried = boot(what, directory)
        expect_healthy(tried, least=1)
        expect("tried again, as only one start stopped there" in tried.text(), tail(tried))
        expect_equal(step_of(what.image), ["step = started"], "what is kept")


@test("escapes/what anechoic.conf says counts, and what would help is named", system=True)
def _():
    what = machine(mode="handback", arguments=ONE, config="timer = auto\nstop-at = pm-timer", **X86)
    with stick(what) as directory:
        for _ in range(2):
            stands = boot(what, directory, until=lambda console: b"it stands still at" in console)
            expect(stands.killed, "it did not stop:\n" + tail(stands))
        expect("what would leave that out: timer = pit" in stands.text(), tail(stands))
        m.stick_write(what.image, "anechoic.conf", what.config_text().replace("timer = auto", "timer = hpet"))
        outcome = boot(what, directory)
    expect_healthy(outcome, least=1)
    expect_equal(left_off(outcome), "timer = hpet", "left off")
