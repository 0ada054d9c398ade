# SPDX-License-Identifier: Apache-2.0
"""The gate: its one list of calls, and a programme that means no good against the booted kernel."""

import os
import subprocess
import tempfile

import machine as m
from harness import expect, expect_equal, limit, test
from image_tests import ARM, BUILD, X86, boot, stick, tail


def compile_gate(change):
    """kernel/program/gate.c with a list that `change` made from ours: the compiler's exit status and words."""
    with open(os.path.join(m.ROOT, "kernel", "gate.h"), encoding="utf-8") as file:
        text = change(file.read())
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(os.path.join(directory, "kernel"))
        with open(os.path.join(directory, "kernel", "gate.h"), "w", encoding="utf-8") as file:
            file.write(text)
        command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffreestanding", f"-I{directory}", "-Iinclude",
                   "-I.", "-S", "-o", os.devnull, "kernel/program/gate.c"]
        result = subprocess.run(command, cwd=m.ROOT, check=False, capture_output=True, text=True, timeout=limit(60))
    return result.returncode, result.stderr


@test("build/a call of the gate without a handler does not compile, nor a handler without a call")
def _():
    def without(text):
        lines = text.split("\n")
        kept = [line for line in lines if "CALL(MEMORY_FREE," not in line]
        expect(len(kept) == len(lines) - 1, "the list has no row MEMORY_FREE")
        return "\n".join(kept)

    def with_another(text):
        expect(text.count("CALL(MEMORY_FREE, memory_free, NOTHING)") == 1, "the list has no row MEMORY_FREE")
        return text.replace("CALL(MEMORY_FREE, memory_free, NOTHING)",
                            "CALL(ANOTHER, another, NOTHING) CALL(MEMORY_FREE, memory_free, NOTHING)")

    status, words = compile_gate(lambda text: text)
    expect(status == 0, f"the list as it is does not compile:\n{words}")
    for change, word in ((without, "gate_memory_free"), (with_another, "gate_another")):
        status, words = compile_gate(change)
        expect(status != 0 and word in words, f"compiled, or for another reason not:\n{words}")


# ---- a programme that means no good ----------------------------------------------------------------------------------


class Hostile(m.Machine):
    """Boots host-tests/hostile/ in the place of our programme."""

    @property
    def out(self):
        return os.path.join(self.build, self.arch, "hostile")


def expect_status(outcome, what, status):
    """By the emulator's own: isa-debug-exit's or semihosting's. Under handback the loader says it, and switches off."""
    if what.mode == "handback":
        expect(f"exit status {status}" in outcome.text(), "another exit status:\n" + tail(outcome))
    else:
        wanted = (0x10 + status) << 1 | 1 if what.arch == "x86_64" else status
        expect_equal(outcome.returncode, wanted, "the emulator's exit status")


def expect_refused(what, outcome):
    """Every answer was the one wanted, every fault contained, and the run came to its end."""
    said = [line for line in outcome.text().splitlines() if line.startswith("hostile: ")]
    expect(said and said[-1].endswith(" answers, 0 wrong"), "the last line does not say so:\n" + tail(outcome))
    expect(int(said[-1].split()[1]) > 500, f"too few answers: {said[-1]}")
    expect_equal("hostile: one core" in said, what.cores == 1, "one core")
    expect_status(outcome, what, 0)


def boot_hostile(**how):
    what = Hostile(build=BUILD, **how)
    expect_refused(what, boot(what))


def boot_outside(**how):
    """A fault outside a guard ends the run, in words."""
    what = Hostile(build=BUILD, arguments="outside", **how)
    outcome = boot(what)
    expect("in the programme, outside a guard" in outcome.text(), "not in words:\n" + tail(outcome))
    expect("panic" not in outcome.text(), "a panic:\n" + tail(outcome))
    expect_status(outcome, what, m.EXIT_BROKEN)


@test("image/pvh hostile programme")
def _():
    _, accel, _ = m.choose("x86_64", "pvh", "", "takeover", BUILD)
    boot_hostile(boot="pvh", accel=accel, cores=2)
    boot_outside(boot="pvh", accel=accel)


@test("image/pvh under TCG, hostile programme")
def _():
    for cores in (1, 2):
        boot_hostile(boot="pvh", cores=cores, icount=cores == 1)
    boot_outside(boot="pvh", icount=True)


@test("image/uefi aarch64 hostile programme")
def _():
    boot_hostile(**ARM)
    boot_hostile(mode="handback", el2=True, **ARM)
    boot_outside(**ARM)


@test("image/uefi aarch64-el2 hostile programme, two cores", system=True)
def _():
    boot_hostile(arch="aarch64", el2=True, cores=2)


# ---- every core, over and over ---------------------------------------------------------------------------------------


def boot_rounds(cores, **how):
    """1,000 rounds of tasks on every other core, of which each 10th faults and each 50th hangs: none is lost."""
    what = Hostile(build=BUILD, arguments="rounds", cores=cores, **how)
    outcome = boot(what)
    tasks = 1000 * (cores - 1)
    hung = tasks // 50
    faulted = tasks // 10 - hung
    expect(f"hostile: 1000 rounds on {cores} cores, {tasks - hung - faulted} ended, {faulted} faulted, {hung} hung, "
           "0 lost" in outcome.text(), "another count:\n" + tail(outcome))
    for wrong in ("panic", "did not come"):
        expect(wrong not in outcome.text(), f"{wrong}:\n" + tail(outcome))
    expect_status(outcome, what, 0)


@test("image/pvh rounds of tasks that end, fault and hang")
def _():
    boot_rounds(3, boot="pvh")
    _, accel, _ = m.choose("x86_64", "pvh", "", "takeover", BUILD)
    if accel == "kvm":
        boot_rounds(2, boot="pvh", accel=accel)


@test("image/rounds of tasks on 8 cores", system=True, seconds=120)
def _():
    boot_rounds(8, boot="pvh", extra=("-smp", "8,sockets=2,dies=1,cores=2,threads=2"))
    boot_rounds(8, arch="aarch64", gic=3)
    boot_rounds(8, mode="handback")


for _how in ({"el2": True}, {"el2": True, "gic": 3, "mode": "handback"}, {"mode": "handback"}):
    @test(f"image/uefi aarch64 rounds of tasks that end, fault and hang, {_how}", system=True, seconds=20)
    def _(how=_how):
        boot_rounds(3, arch="aarch64", **how)


@test("image/uefi x86_64 handback hostile programme, SYSCALL left on by the firmware")
def _():
    what = Hostile(build=BUILD, mode="handback", between="syscall_on", **X86)
    with stick(what) as directory:
        outcome = boot(what, directory)
    expect("syscall_on: SYSCALL is on" in outcome.text(), "the application did not say so:\n" + tail(outcome))
    expect_refused(what, outcome)
