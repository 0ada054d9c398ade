# SPDX-License-Identifier: Apache-2.0
"""Tests that boot the image. Every wait is bounded; the verdict rests on records, files on the
stick, and the screen."""

import contextlib
import dataclasses
import json
import os
import re
import subprocess
import tempfile

import machine as m
import monitor
import page_tables
import screen
from harness import Failed, expect, expect_equal, limit, test

BUILD = os.path.join(m.ROOT, "build")
LIMIT_S = 300                 # of one emulated boot on a quiet machine, where they take 2 to 10 s
# A virtual processor that waits for the host's does not hang: short times for those that are to hang, and only
# where time is virtual, too.
QUICK = "--quick --timeout=100"
INJECT = "--inject=ud,null,wx,stack,hang,checkpoint --timeout=0.6"
INJECT_KVM = "--inject=ud,null,wx,stack,hang,checkpoint --timeout=5"
INJECTED = 6
HUNG = ("inject/hang", "inject/checkpoint")
PROGRAM_BASE = 0x7000_0000_0000     # linker/program.ld
FONT = os.path.join("generated", "console_font.psf")

# The UEFI ways in that every capability is tried on.
X86 = dict(arch="x86_64", icount=True)
ARM = dict(arch="aarch64", icount=True)
UEFI_WAYS = {
    "x86_64": X86,
    "aarch64-el1": ARM,
    "aarch64-el2-a72": dict(ARM, el2=True, cpu="cortex-a72"),
    "aarch64-el2-max": dict(ARM, el2=True),
}


def machine(**how):
    return m.Machine(build=BUILD, **how)


def pvh(**how):
    """PVH on the best accelerator that carries it here."""
    _, accel, _ = m.choose("x86_64", "pvh", "", "takeover", BUILD)
    return machine(boot="pvh", accel=accel, icount=accel == "tcg" and how.get("cores", 1) == 1, **how)


def tail(outcome):
    return "\n".join(outcome.text().splitlines()[-12:]) + ("\n" + outcome.errors if outcome.errors else "")


def boot(what, directory=None, limit_s=LIMIT_S, **how):
    outcome = m.boot(what, limit_s, directory, paced=True, **how)
    if outcome.interrupted:
        raise KeyboardInterrupt
    return outcome


def planned(outcome):
    runs = [record.body for record in outcome.records if record.tag == "RUN"]
    expect(runs, "no RUN record:\n" + tail(outcome))
    return runs[-1]


def expect_done(outcome, status=0):
    expect(outcome.done() is not None, "no DONE record:\n" + tail(outcome))
    expect_equal(outcome.status(), status, "exit status in DONE\n" + tail(outcome))


def expect_benchmarks(outcome, ends):
    """Each of these ran or says why not; all that began ended."""
    for name in (record.body["name"] for record in outcome.records if record.tag == "START"):
        expect(name in outcome.ends(), f"{name} has a START and no END")
    for name, end in ends.items():
        expect(end["status"] in ("ok", "skipped"), f"{name}: {end['status']}: {end.get('reason')}")
        if end["status"] == "skipped":
            expect(end.get("reason"), f"{name} is skipped without a reason")
        else:
            expect(end["step"] >= 1 and len(end["ticks"]) > 1, f"{name} has no samples")
    expect(any(end["status"] == "ok" for end in ends.values()), "nothing ran")


def expect_healthy(outcome, least=10, status=0):
    """Came to its end, every benchmark ran or says why not, and no interrupt was taken."""
    expect_done(outcome, status)
    ends = outcome.ends()
    expect(len(ends) >= least, f"only {len(ends)} benchmarks ended")
    expect_benchmarks(outcome, ends)
    expect_equal(outcome.done()["interrupts"], 0, "interrupts in a healthy run")


def expect_contained(outcome, least=3):
    """The broken benchmarks are recorded, all that comes after them ran, and those that hung took an interrupt each;
    more where the timer comes before the deadline, as on a busy host it may, and is armed again."""
    expect_done(outcome, m.EXIT_BROKEN)
    ends = outcome.ends()
    broken = {name: end for name, end in ends.items() if name.startswith("inject/")}
    expect_equal(len(broken), INJECTED, "injected benchmarks that ended")
    for name, end in broken.items():
        wanted = "hung" if name in HUNG else "failed"
        expect_equal(end["status"], wanted, name)
        fault = end.get("fault")
        expect(fault, f"{name} has no fault in its END")
        for field in ("vector", "address", "instruction", "symbol"):
            expect(field in fault, f"{name}: the fault lacks {field}")
        expect(fault["symbol"], f"{name}: no symbol for {fault['instruction']}")
    healthy = {name: end for name, end in ends.items() if name not in broken}
    expect(len(healthy) >= least, "too few benchmarks after the broken ones")
    expect_benchmarks(outcome, healthy)
    expect(outcome.done()["interrupts"] >= len(HUNG), "fewer interrupts than benchmarks that hung")


TWO_CORES_SHORT = QUICK + " --inject=core pool/two_cores tlb/flush tlb/lookup"
TWO_CORES = TWO_CORES_SHORT + " machine/cores/pair/1/0 machine/cores/cas/2"


def expect_two_cores(outcome, timed_by_host=False):
    """What needs another core ran on it; a fault there is a line in the results, with its place, and no interrupt was
    taken: unless the watchdog's time is that of a host, which may be busy."""
    expect_done(outcome, m.EXIT_BROKEN)
    expect_equal(planned(outcome)["context"]["platform"]["cores"], 2, "cores present")
    ends = outcome.ends()
    broken = ends.pop("inject/core")
    expect_equal(broken["status"], "failed", "inject/core")
    expect("inject_null_read" in broken["fault"]["symbol"],
           f"the fault on the other core is at {broken['fault']['symbol']}")
    expect(sum(name.startswith("pool/two_cores/") for name in ends) >= 2, "no pool/two_cores/*")
    for name, end in ends.items():
        expect_equal(end["status"], "ok", f"{name}: {end.get('reason')}")
    if not timed_by_host:
        expect_equal(outcome.done()["interrupts"], 0, "interrupts")
    expect("did not come" not in outcome.text(), "a core stayed away:\n" + tail(outcome))


def expect_no_other_core(outcome):
    expect_done(outcome)
    skipped = {name: end for name, end in outcome.ends().items() if not name.startswith("tlb/")}
    expect(len(skipped) >= 3, "too few benchmarks that want another core")
    for name, end in skipped.items():
        expect_equal(end["status"], "skipped", name)
        expect("core" in end.get("reason", ""), f"{name}: {end.get('reason')}")


@contextlib.contextmanager
def stick(what):
    """A directory whose stick outlives one boot."""
    with tempfile.TemporaryDirectory(prefix="anechoic-test-") as directory:
        what.prepare(directory)
        what.image = os.path.join(directory, "stick.img")
        yield directory


def expect_stick_agrees(what, outcome):
    """anechoic.log holds the records that the console showed, results.json what they say."""
    log = m.stick_read(what.image, "anechoic.log")
    expect(log, "no anechoic.log on the stick")
    on_stick = [(record.tag, record.body) for record in m.records_read(log)]
    on_console = [(record.tag, record.body) for record in outcome.records]
    expect_equal(on_stick, on_console, "records on the stick against the console's")
    results = m.stick_read(what.image, "results.json")
    expect_results(results, outcome)
    collected = subprocess.run([os.path.join(BUILD, "anechoic"), "collect", "-"], input=log, check=False,
                               capture_output=True)
    expect(collected.stdout == results,
           "results.json of the image is not, byte for byte, what the host collects from anechoic.log")


def expect_results(data, outcome):
    expect(data, "no results.json")
    results = json.loads(data)
    expect_equal(results["schema"], "anechoic/1", "schema")
    benchmarks = {entry["name"]: entry for entry in results["benchmarks"]}
    expect_equal(sorted(benchmarks), sorted(outcome.ends()), "benchmarks in results.json")
    for name, end in outcome.ends().items():
        expect_equal(benchmarks[name]["status"], end["status"], f"{name} in results.json")
        if end["status"] == "ok":
            linear = end["sampling"] == "linear"
            iters = [(i + 1 if linear else 1) * end["step"] for i in range(len(end["ticks"]))]
            expect_equal(benchmarks[name]["iters"], iters, f"raw samples of {name}")
            expect_equal(len(benchmarks[name]["times"]), len(end["ticks"]), f"times of {name}")


def expect_dated(outcome, source):
    """In virtual time, which begins at a date of ours."""
    start, end = planned(outcome)["context"]["start_utc"], outcome.done()["end_utc"]
    context = next(record.body["context"] for record in outcome.records if record.tag == "CONTEXT")
    expect(m.ICOUNT_DATE + "Z" <= start <= end < m.ICOUNT_DATE[:11] + "05", f"dates {start} and {end}")
    expect_equal(context["utc_source"], source, "who says the date")
    expect(f"{start} to {end}" in outcome.text(), "no date below the table\n" + tail(outcome))


# ---- ways in ---------------------------------------------------------------------------------------------------------


@test("image/pvh")
def _():
    outcome = boot(pvh(arguments=QUICK))
    expect_healthy(outcome)
    with tempfile.TemporaryDirectory() as directory:
        log, results = os.path.join(directory, "log"), os.path.join(directory, "results.json")
        with open(log, "wb") as file:
            file.write(outcome.console)
        subprocess.run([os.path.join(BUILD, "anechoic"), "collect", log, "-o", results], check=True,
                       capture_output=True)
        with open(results, "rb") as file:
            expect_results(file.read(), outcome)


@test("image/pvh measures under random placements, each of them twice")
def _():
    name = "tlb/lookup/mostly_hits"
    outcome = boot(pvh(arguments=f"{QUICK} --layouts=3 --exact {name}"))
    expect_healthy(outcome, least=1)
    visits = [record.body for record in outcome.records if record.tag == "LAYOUT"]
    expect_equal(sorted(visit["layout"] for visit in visits), [1, 1, 2, 2, 3, 3], "visits")
    expect_equal({(visit["name"], visit["status"]) for visit in visits}, {(name, "ok")}, "what they came to")
    expect("worst over best" in outcome.text(), "no layout luck in the table\n" + tail(outcome))


@test("image/pvh two cores, 6 GiB")
def _():
    outcome = boot(pvh(arguments=QUICK + " tlb", cores=2, memory_mib=6144))
    expect_healthy(outcome, least=3)
    expect_equal(planned(outcome)["context"]["platform"]["cores"], 2, "cores present")


@test("image/pvh another core")
def _():
    expect_two_cores(boot(pvh(arguments=TWO_CORES, cores=2)))
    expect_no_other_core(boot(pvh(arguments=TWO_CORES)))


@test("image/pvh under TCG")
def _():
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, arguments=QUICK))
    expect_healthy(outcome)
    expect_dated(outcome, "RTC, taken for UTC")


@test("image/pvh keeps a time budget, and spends it where intervals are wide")
def _():
    """In virtual time, which a busy host does not change."""
    budget_s = 3
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True,
                           arguments=f"{QUICK} --time-budget={budget_s}s tlb/lookup"))
    expect_healthy(outcome, least=3)
    measured = [record.body["name"] for record in outcome.records if record.tag == "END"]
    expect(len(measured) > len(outcome.ends()), "nothing was measured twice")
    elapsed_s = outcome.done()["elapsed_ns"] / 1e9
    expect(0.6 * budget_s <= elapsed_s <= 1.7 * budget_s, f"it took {elapsed_s:.1f} s")


def _register_ways():
    for name, how in UEFI_WAYS.items():
        @test(f"image/uefi {name} takeover, injected faults and then a whole run", seconds=8)
        def _(how=how):
            """Without a `mode`, on a stick that cannot be written to."""
            what = machine(arguments=f"{QUICK} {INJECT}", read_only=True, **how)
            with stick(what) as directory:
                m.stick_write(what.image, "anechoic.conf", without_mode(what))
                outcome = boot(what, directory)
            expect_contained(outcome, least=10)
            expect("no results are saved, as no file can be made beside the loader: read-only" in outcome.text(),
                   "not a word about the stick:\n" + outcome.text()[:1000])
            expect(planned(outcome)["context"]["emulated"], "a run under TCG is not marked as emulated")
            expect("functional only" in outcome.text(), "the table does not say 'functional only'")
            expect_dated(outcome, "EFI GetTime, taken for UTC")

        @test(f"image/uefi {name} handback, injected faults and then a whole run", seconds=8)
        def _(how=how):
            what = machine(arguments=f"{QUICK} {INJECT}", mode="handback", **how)
            with stick(what) as directory:
                outcome = boot(what, directory)
                expect_contained(outcome, least=10)
                expect_stick_agrees(what, outcome)


_register_ways()


@test("image/uefi aarch64 GICv3")
def _():
    for el2 in (False, True):
        expect_contained(boot(machine(arguments=f"{QUICK} {INJECT} tlb", gic=3, el2=el2, **ARM)))


@test("image/pvh injected faults")
def _():
    inject = INJECT if pvh().icount else INJECT_KVM
    expect_contained(boot(pvh(arguments=f"{QUICK} {inject}")), least=10)


# ---- a run that is cut off -------------------------------------------------------------------------------------------


def cut_in_a_benchmark(what, directory):
    """(those that had ended, the one that was cut off) when the power went in the third benchmark or later. Where this
    process was late, the cut may lie between two or after the last: again, then, on a fresh stick."""
    for _ in range(20):
        what.image = ""
        what.prepare(directory)
        what.image = os.path.join(directory, "stick.img")
        # the third START is on the console only once it is durable on the stick
        first = boot(what, directory, until=lambda console: console.count(b"@anechoic START") >= 3)
        log = m.records_read(m.stick_read(what.image, "anechoic.log") or b"")
        started = [record.body["name"] for record in log if record.tag == "START"]
        ended = [record.body["name"] for record in log if record.tag == "END"]
        expect(len(started) >= 3 or not first.killed, f"{len(started)} START in the log, 3 on the console\n"
               + tail(first))
        if first.killed and len(started) == len(ended) + 1:
            return ended, started[-1]
    raise Failed("no cut within a benchmark:\n" + tail(first))


def _register_cuts():
    for name in ("x86_64", "aarch64-el1", "aarch64-el2-a72"):
        @test(f"image/uefi {name} killed in a benchmark, boots again", seconds=12)
        def _(how=UEFI_WAYS[name]):
            what = machine(arguments=QUICK + " tlb/lookup copy/4KiB", mode="handback", **how)
            with stick(what) as directory:
                ended, cut = cut_in_a_benchmark(what, directory)
                again = boot(what, directory)
                expect_done(again, 0)
                expect_equal(again.ends()[cut]["status"], "ok", "the benchmark that was cut off, measured again")
                results = json.loads(m.stick_read(what.image, "results.json"))
                statuses = {entry["name"]: entry["status"] for entry in results["benchmarks"]}
                for done in ended:
                    expect_equal(statuses.get(done), "ok", f"{done}, finished before the cut")
                expect_equal(statuses[cut], "ok", "in results.json")
                expect(sum(status == "ok" for status in statuses.values()) > len(ended), "the run did not go on")
                expect_healthy(boot(what, directory), least=3)


_register_cuts()


# ---- machines that lack something ------------------------------------------------------------------------------------


@test("image/pvh 64 MiB")
def _():
    expect_healthy(boot(pvh(arguments=QUICK, memory_mib=64)))


@test("image/pvh 32 MiB is refused in plain words")
def _():
    outcome = boot(pvh(arguments=QUICK, memory_mib=32))
    expect("64 MiB" in outcome.text(), "no word of the least memory:\n" + tail(outcome))
    expect(not outcome.timed_out and outcome.done() is None and not outcome.ends(), "it should have refused")


@test("image/uefi x86_64 64 MiB, without AVX, broken config lines are named")
def _():
    what = machine(arguments=QUICK, memory_mib=64, cpu="qemu64", config="= nothing\nfrobnicate = 3", **X86)
    outcome = boot(what)
    expect_healthy(outcome)
    ends = outcome.ends()
    expect_equal(ends["copy/4KiB/256bit"]["status"], "skipped", "256-bit copy without AVX")
    expect_equal(ends["copy/4KiB/128bit"]["status"], "ok", "128-bit copy without AVX")
    lines = what.config_text().splitlines()
    for broken in ("= nothing", "frobnicate = 3"):
        number = lines.index(broken) + 1
        expect(any(f"{number}" in line and "anechoic.conf" in line for line in outcome.text().splitlines()),
               f"line {number} ({broken}) is not named:\n" + outcome.text())


@test("image/uefi x86_64 64 MiB handback")
def _():
    expect_healthy(boot(machine(arguments=QUICK, memory_mib=64, mode="handback", **X86)))


@test("image/uefi aarch64 192 MiB")
def _():
    expect_healthy(boot(machine(arguments=QUICK, memory_mib=192, **ARM)))


def _register_other_core():
    for name, how in UEFI_WAYS.items():
        # two cores and a deterministic clock exclude each other
        how = {key: value for key, value in how.items() if key != "icount"}

        @test(f"image/uefi {name} two cores")
        def _(how=how):
            expect_two_cores(boot(machine(arguments=TWO_CORES, cores=2, **how)))

    @test("image/uefi another core under handback")
    def _():
        # Without icount the watchdog's time is the host's: rounds of lines between two emulated cores would need it.
        expect_two_cores(boot(machine(arguments=TWO_CORES_SHORT, cores=2, mode="handback")), timed_by_host=True)
        expect_two_cores(boot(machine(arguments=TWO_CORES_SHORT, arch="aarch64", cores=2, mode="handback")),
                         timed_by_host=True)


_register_other_core()


@test("image/pvh without a watchdog timer")
def _():
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, cpu="qemu64,-apic", arguments=QUICK + " tlb",
                           rtc=False))
    expect_equal(planned(outcome)["context"]["start_utc"], "unknown", "the date of a machine without a clock")
    expect_healthy(outcome, least=3)
    contexts = [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"]
    expect("no watchdog" in contexts[0].get("time_limits", ""), "the context does not say that there are no limits")


@test("image/uefi x86_64 without a serial port")
def _():
    what = machine(arguments=QUICK + " tlb", mode="handback", serial=False, **X86)
    with stick(what) as directory:
        outcome = boot(what, directory)
        expect(not outcome.timed_out, "it hangs without a serial port")
        log = m.stick_read(what.image, "anechoic.log")
        expect(log, "no anechoic.log on the stick")
        outcome.records = m.records_read(log)
        expect_healthy(outcome, least=3)


def expect_rights(leaves):
    expect(len(leaves) > 50, f"only {len(leaves)} leaves seen")
    for address, flags in leaves:
        expect("X" in flags or "W" not in flags, f"page {address:x} is writable and executable: {flags}")
        expect(("U" in flags) == (address >= PROGRAM_BASE), f"page {address:x} is of the wrong side: {flags}")
    expect(any("X" not in flags for address, flags in leaves if address < PROGRAM_BASE), "no text of the kernel's")
    expect(any("X" not in flags for address, flags in leaves if address >= PROGRAM_BASE), "no text of the programme's")
    expect(min(address for address, _ in leaves) > 0, "page 0 is mapped")


def _register_page_tables():
    ways = {"pvh": dict(boot="pvh", accel="tcg")}
    for way, how in UEFI_WAYS.items():
        ways[f"uefi {way} takeover"] = how
        ways[f"uefi {way} handback"] = dict(how, mode="handback")
    for name, how in ways.items():
        @test(f"image/{name} maps nothing writable and executable")
        def _(how=how):
            # for ever: it is ended once it was looked at
            what = machine(arguments="--warm-up-time=80000 --timeout=86400 tlb", **how)
            seen = []

            def measuring(console):
                if not any(record.tag == "START" for record in m.records_read(bytes(console))):
                    return False
                leaves = page_tables.leaves_aarch64 if what.arch == "aarch64" else page_tables.leaves_x86_64
                for _ in range(10):     # under handback the firmware has the machine for a moment now and then
                    seen[:] = leaves(os.path.join(directory, "monitor"), directory)
                    if any(address >= PROGRAM_BASE for address, _ in seen):
                        break
                return True

            with tempfile.TemporaryDirectory() as directory:
                outcome = boot(what, directory, until=measuring)
                expect(seen, "it did not come to a benchmark:\n" + tail(outcome))
                expect_rights(seen)


_register_page_tables()


class Screen:
    """Looks at the screen once the run is over, and holds it against the serial console."""

    def __init__(self, what, directory):
        self.what, self.directory, self.seen = what, directory, []

    def finished(self, console):
        if not any(record.tag == "DONE" for record in m.records_read(bytes(console))):
            return False
        self.seen = screen.text(os.path.join(self.directory, "monitor"), self.directory,
                                os.path.join(self.what.out, FONT))
        return True

    def expect_table(self, outcome):
        rows = [line.rstrip() for line in outcome.text().splitlines() if "tlb/lookup/" in line]
        expect(len(rows) >= 3, "no rows on the serial console:\n" + tail(outcome))
        for row in rows:
            expect(any(row[:70] in line for line in self.seen), f"not on the screen: {row}\n" + "\n".join(self.seen))


@test("image/uefi aarch64 handback shows the same table on the framebuffer")
def _():
    what = machine(arguments=QUICK + " tlb", mode="handback", framebuffer=True, exit_port=False, **ARM)
    with stick(what) as directory:
        shown = Screen(what, directory)
        outcome = boot(what, directory, until=shown.finished)
        expect_healthy(outcome, least=3)
        shown.expect_table(outcome)


@test("image/uefi x86_64 handback shows the same table on the framebuffer, and gives port 61h and the speaker's timer "
      "back")
def _():
    """As reset leaves them, which OVMF does not change: speaker and gate off, mode 3."""
    port_b, pit_command, pit_data, pit_read_status = 0x61, 0x43, 0x42, 0xE8
    in_the_run, after_it = (1, 2), (0, 3)
    # long enough to be looked at in the meantime
    what = machine(arguments="--timeout=100 --warm-up-time=1 --measurement-time=0.1 tlb/lookup", mode="handback",
                   framebuffer=True, exit_port=False, **X86)
    found = {}

    def look(path):
        gate = monitor.port_read(path, port_b) & 3
        monitor.port_write(path, pit_command, pit_read_status)
        return gate, monitor.port_read(path, pit_data) >> 1 & 7

    def finished(console):
        path = os.path.join(directory, "monitor")
        if "in the run" not in found and b"@anechoic START" in console:
            # the firmware has the machine for a moment now and then
            looks = (look(path) for _ in range(10))
            found["in the run"] = next((seen for seen in looks if seen == in_the_run), None)
        if b"press a key" not in console:
            return False
        found["after it"] = look(path)
        return shown.finished(console)

    with stick(what) as directory:
        shown = Screen(what, directory)
        outcome = boot(what, directory, until=finished)
        expect_healthy(outcome, least=3)
        expect_equal(found, {"in the run": in_the_run, "after it": after_it},
                     "speaker and gate bits, mode of channel 2\n" + tail(outcome))
        shown.expect_table(outcome)


class GrowingLadder(Screen):
    """Looks at the screen after some sizes, too."""
    LOOKS_AFTER = (4, 12)

    def __init__(self, what, directory):
        super().__init__(what, directory)
        self.pictures = []

    def finished(self, console):
        ends = sum(record.tag == "END" for record in m.records_read(bytes(console)))
        if len(self.pictures) < len(self.LOOKS_AFTER) and ends >= self.LOOKS_AFTER[len(self.pictures)]:
            self.pictures.append(screen.text(os.path.join(self.directory, "monitor"), self.directory,
                                             os.path.join(self.what.out, FONT)))
        return b"no figure above is the hardware's" in console and super().finished(console)


@test("image/uefi x86_64 shows how a ladder grows on the screen, and its rows and the last picture on the serial port")
def _():
    rows = "machine/latency/4KiB/line/????B machine/latency/4KiB/line/??KiB"
    short = "--timeout=100 --sample-size=10 --warm-up-time=0.001 --measurement-time=0.01"
    what = machine(arguments=f"ladder {short} {rows}", framebuffer=True, exit_port=False, **X86)
    with stick(what) as directory:
        shown = GrowingLadder(what, directory)
        outcome = boot(what, directory, until=shown.finished)
        expect_healthy(outcome)
    head = "a load that waits for the one before; pages of 4 KiB o"
    marks = []
    for lines in shown.pictures:
        expect(head in lines[0], f"the picture is at the top: {lines}")
        plot = [line for line in lines[:24] if line[8:9] == "|"]
        expect(len(plot) == 16 and any("[" in line for line in lines[19:]), f"and rows below it: {lines}")
        marks.append(sum(line.count("o") for line in plot))
    expect(len(marks) == 2 and 0 < marks[0] < marks[1], f"it grows: {marks}")
    text = outcome.text()
    expect_equal(text.count(head), 1, "pictures on the serial port\n" + tail(outcome))
    expect(text.index("machine/latency/4KiB/line/1216B") < text.index(head), "which come last\n" + tail(outcome))
    expect(sum(head in line for line in shown.seen) == 1, "one picture is left:\n" + "\n".join(shown.seen))


def _register_stale_keys():
    for arch, how in (("x86_64", X86), ("aarch64", ARM)):
        @test(f"image/uefi {arch} memory map of 1,200 entries that changes before ExitBootServices, RSDP in reserved "
              "memory; the table's screen")
        def _(how=how):
            what = machine(arguments=QUICK + " tlb", framebuffer=True, exit_port=False, between="stale_key", **how)
            with stick(what) as directory:
                shown = Screen(what, directory)
                outcome = boot(what, directory, until=shown.finished)
                for word in ("ExitBootServices is wrapped", "the RSDP is in reserved memory"):
                    expect(f"stale_key: {word}" in outcome.text(), f"the application did not say {word}:\n"
                           + tail(outcome))
                expect_healthy(outcome, least=3)
                shown.expect_table(outcome)


_register_stale_keys()


# ---- the stick -------------------------------------------------------------------------------------------------------


def expect_unsaved(outcome):
    """Every benchmark ran, and the status and the text say that no results are on the stick."""
    expect_healthy(outcome, least=3, status=m.EXIT_USAGE)
    for name in ("anechoic.log", "results.json"):
        expect(f"{name} cannot be written" in outcome.text(), f"not a word about {name}:\n" + tail(outcome))


@test("image/uefi x86_64 read-only stick")
def _():
    expect_unsaved(boot(machine(arguments=QUICK + " tlb", mode="handback", read_only=True, **X86)))


@test("image/uefi x86_64 noise on a read-only stick says that nothing is saved")
def _():
    outcome = boot(machine(arguments="noise --duration=0.01", mode="handback", read_only=True, **X86))
    expect_done(outcome, m.EXIT_USAGE)
    expect_equal([record.tag for record in outcome.records], ["NOISE", "NOISE", "NOISE", "DONE", "UNSAVED"], "records")
    expect("of its records" in outcome.text(), tail(outcome))


@test("image/uefi x86_64 a run that was cut off goes on after a boot for noise", system=True, seconds=20)
def _():
    what = machine(arguments=QUICK + " tlb/lookup copy/4KiB", mode="handback", **X86)
    with stick(what) as directory:
        ended, cut = cut_in_a_benchmark(what, directory)
        m.stick_write(what.image, "anechoic.conf",
                      dataclasses.replace(what, arguments="noise --duration=0.01").config_text())
        between = boot(what, directory)
        expect_done(between)
        expect_equal(between.records[-1].tag, "DONE", "the log is not given up")
        m.stick_write(what.image, "anechoic.conf", what.config_text())
        again = boot(what, directory)
        expect_done(again)
        expect(cut in again.ends() and not set(ended) & set(again.ends()), f"measured again: {sorted(again.ends())}")
        log, results = (m.stick_read(what.image, name) for name in ("anechoic.log", "results.json"))
        collected = subprocess.run([os.path.join(BUILD, "anechoic"), "collect", "-"], input=log, check=False,
                                   capture_output=True)
        expect(collected.stdout == results, "results.json is not what the host collects from anechoic.log")


def without_mode(what):
    """The file of somebody who lets the loader choose."""
    return "".join(line for line in what.config_text().splitlines(True) if not line.startswith("mode"))


def _register_sticks():
    for arch, how in (("x86_64", X86), ("aarch64", ARM)):
        @test(f"image/uefi {arch} full stick")
        def _(how=how):
            what = machine(arguments=QUICK + " tlb", mode="handback", **how)
            with stick(what) as directory:
                fill_stick(what.image, directory)
                expect_unsaved(boot(what, directory))
                for name in ("results.json", "results.new"):
                    expect_equal(m.stick_read(what.image, name), None, name)

        @test(f"image/uefi {arch} power lost between the end of a run and its results, boots again")
        def _(arch=arch, how=how):
            """Without a `mode` in the first boot: a medium that can be written to is handed back to."""
            what = machine(arguments=QUICK + " tlb", mode="handback", **how)
            with stick(what) as directory:
                m.stick_write(what.image, "anechoic.conf", without_mode(what))
                whole = boot(what, directory)
                expect_healthy(whole, least=3)
                results = m.stick_read(what.image, "results.json")
                # As it stood after DONE, the results half written.
                log, saved, _ = m.stick_read(what.image, "anechoic.log").partition(b"@anechoic SAVED")
                expect(saved, "the log does not say that the results are saved")
                m.on_stick(what.image, "mdel", m.STICK_FOLDER + "results.json")
                m.stick_write(what.image, "anechoic.log", log.decode())
                m.stick_write(what.image, "results.new", results[:1000].decode())
                if arch == "aarch64":   # a boot in between that runs nothing
                    m.stick_write(what.image, "anechoic.conf",
                                  dataclasses.replace(what, arguments="list").config_text())
                    expect_done(boot(what, directory))
                    m.stick_write(what.image, "anechoic.conf", what.config_text())
                again = boot(what, directory)
                expect_done(again)
                expect_equal([record.tag for record in again.records], ["DONE", "SAVED"], "records of the second boot")
                expect(m.stick_read(what.image, "results.json") == results,
                       "the results are not those of the run that was cut")
                expect_equal(m.stick_read(what.image, "results.new"), None, "results.new")
                later = boot(what, directory)
                expect_healthy(later, least=3)
                expect(m.stick_read(what.image, "results.json") != results, "the last run's results are not there")
                kept = re.findall(r"the earlier results\.json is now (results-20\d{6}T\d{6}Z\.json)", later.text())
                expect_equal(len(kept), 1, "names of earlier results on the console")
                expect(m.stick_read(what.image, kept[0]) == results, f"the earlier results are not in {kept[0]}")


_register_sticks()


@test("image/uefi x86_64 tune on a full stick loses no profile", system=True, seconds=40)
def _():
    what = machine(arguments="tune --timeout=600", mode="handback", **X86)
    with stick(what) as directory:
        fill_stick(what.image, directory)
        outcome = boot(what, directory, limit_s=600)
        expect_done(outcome, m.EXIT_USAGE)
        text = outcome.text()
        expect("tune: the profile could not be saved; of its records" in text, tail(outcome))
        expect(text.index("for mixed use") < text.index("tune: the profile could not be saved"), "the word comes last")
        expect_equal(outcome.records[-1].tag, "UNSAVED", "the last record")
        log, profile = os.path.join(directory, "log"), os.path.join(directory, "profile.json")
        with open(log, "wb") as file:
            file.write(outcome.console)
        collected = subprocess.run([os.path.join(BUILD, "anechoic"), "collect", log, "-o", profile], check=False,
                                   capture_output=True, text=True, timeout=limit(60))
        expect_equal(collected.returncode, 0, f"status of collect: {collected.stderr}")
        with open(profile, encoding="utf-8") as file:
            made = json.load(file)
        expect(all(entry["measured"] for entry in made["operations"]), "an operation is lost")
        for name in ("results.json", "results.new", "profile.json"):
            expect_equal(m.stick_read(what.image, name), None, name)


def fill_stick(image, directory):
    """Files of shrinking size until nothing fits."""
    size, index = 16 << 20, 0
    while size >= 512:
        path = os.path.join(directory, "filler")
        with open(path, "wb") as file:
            file.truncate(size)
        result = m.on_stick(image, "mcopy", "-o", path, f"::fill{index}", check=False)
        index += 1
        if result.returncode != 0:
            m.on_stick(image, "mdel", f"::fill{index - 1}", check=False)
            size //= 2


# ---- the same samples give the same figures, to the last bit ---------------------------------------------------------


def statistics(text):
    lines = [line.strip() for line in text.splitlines() if line.startswith("statistics ")]
    expect(len(lines) > 30, f"too few lines of statistics:\n{text[-1000:]}")
    return lines


def expect_statistics(outcome):
    hosted = subprocess.run([os.path.join(BUILD, "anechoic"), "self-test"], check=True, capture_output=True, text=True)
    expect_equal(statistics(outcome.text()), statistics(hosted.stdout),
                 "statistics of the image against the hosted programme's")


@test("image/pvh statistics to the last bit")
def _():
    expect_statistics(boot(pvh(arguments="self-test")))


@test("image/uefi aarch64 statistics to the last bit")
def _():
    expect_statistics(boot(machine(arguments="self-test", **ARM)))


# ---- usage -----------------------------------------------------------------------------------------------------------


@test("image/pvh unknown option")
def _():
    outcome = boot(pvh(arguments="--qick"))
    expect_done(outcome, m.EXIT_USAGE)
    expect("--quick" in outcome.text(), "the nearest option is not named:\n" + tail(outcome))


@test("image/pvh words that another command takes, or another platform")
def _():
    for words, said in (("--duration=3 tlb", "run takes no '--duration': that is an option of `noise`"),
                        ("noise --for=bulk", "noise takes no '--for': that is an option of `tune`"),
                        ("noise --format=json", "noise takes no '--format': that is an option of a run"),
                        ("tune --sample-size=20", "tune takes no '--sample-size': that is an option of a run"),
                        ("compare a.json b.json", "`compare` is a command of the programme on Linux"),
                        ("run noise", "did you mean `noise`?"), ("caps noise", "caps takes no 'noise'"),
                        ("noise --cores=9", "--cores '9': not a valid value, started")):
        outcome = boot(pvh(arguments=words))
        expect_done(outcome, m.EXIT_USAGE)
        expect(said in outcome.text(), f"{words}: {tail(outcome)}")


@test("image/pvh filter that matches nothing")
def _():
    outcome = boot(pvh(arguments="nosuchbenchmark"))
    expect_done(outcome, m.EXIT_USAGE)
    expect("nosuchbenchmark" in outcome.text(), "the filter is not named:\n" + tail(outcome))


# ---- AVX-512 ---------------------------------------------------------------------------------------------------------


def expect_avx512(filters, names):
    import bochs
    outcome = bochs.boot(machine(arguments=f"{QUICK} {filters}", arch="x86_64"), limit_s=1000)
    expect_done(outcome)
    for name in names:
        expect_equal(outcome.ends()[name]["status"], "ok", f"{name}: {outcome.ends()[name].get('reason')}")


@test("image/avx512 in Bochs, one copy", seconds=40)
def _():
    expect_avx512("--sample-size=10 --exact copy/4KiB/512bit", ["copy/4KiB/512bit"])


@test("image/avx512 in Bochs, copies and kernels", system=True, seconds=60)
def _():
    expect_avx512("copy simd", ["copy/4KiB/512bit", "copy/16KiB/512bit"])
