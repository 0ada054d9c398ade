# SPDX-License-Identifier: Apache-2.0
"""Tests that boot the image. Every wait is bounded; the verdict rests on records, files on the stick, and the screen."""

import contextlib
import json
import os
import subprocess
import tempfile

import machine as m
import monitor
import page_tables
import screen
from harness import Failed, expect, expect_equal, test

BUILD = os.path.join(m.ROOT, "build")
LIMIT_S = 150                 # of one emulated boot; they take 5 to 30 s
QUICK = "--quick"
INJECT = "--inject=ud,null,wx,stack,hang --timeout=0.3"
INJECTED = 5
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
    return machine(boot="pvh", accel=accel, **how)


def tail(outcome):
    return "\n".join(outcome.text().splitlines()[-12:]) + ("\n" + outcome.errors if outcome.errors else "")


def boot(what, directory=None, limit_s=LIMIT_S, **how):
    return m.boot(what, limit_s, directory, **how)


def planned(outcome):
    runs = [record.body for record in outcome.records if record.tag == "RUN"]
    expect(runs, "no RUN record:\n" + tail(outcome))
    return runs[-1]


def expect_done(outcome, status=0):
    expect(outcome.done() is not None, "no DONE record:\n" + tail(outcome))
    expect_equal(outcome.status(), status, "exit status in DONE\n" + tail(outcome))


def expect_healthy(outcome, least=10, status=0):
    """Came to its end, every benchmark ran or says why not, and no interrupt was taken."""
    expect_done(outcome, status)
    ends = outcome.ends()
    expect(len(ends) >= least, f"only {len(ends)} benchmarks ended")
    starts = [record.body["name"] for record in outcome.records if record.tag == "START"]
    for name in starts:
        expect(name in ends, f"{name} has a START and no END")
    for name, end in ends.items():
        expect(end["status"] in ("ok", "skipped"), f"{name}: {end['status']}: {end.get('reason')}")
        if end["status"] == "skipped":
            expect(end.get("reason"), f"{name} is skipped without a reason")
        else:
            expect(end["step"] >= 1 and len(end["ticks"]) > 1, f"{name} has no samples")
    expect(any(end["status"] == "ok" for end in ends.values()), "nothing ran")
    expect_equal(outcome.done()["interrupts"], 0, "interrupts in a healthy run")


def expect_contained(outcome):
    """The five broken benchmarks are recorded, and all that comes after them ran."""
    expect_done(outcome, m.EXIT_BROKEN)
    ends = outcome.ends()
    broken = {name: end for name, end in ends.items() if name.startswith("inject/")}
    expect_equal(len(broken), INJECTED, "injected benchmarks that ended")
    for name, end in broken.items():
        wanted = "hung" if name.endswith("hang") else "failed"
        expect_equal(end["status"], wanted, name)
        fault = end.get("fault")
        expect(fault, f"{name} has no fault in its END")
        for field in ("vector", "address", "instruction", "symbol"):
            expect(field in fault, f"{name}: the fault lacks {field}")
        expect(fault["symbol"], f"{name}: no symbol for {fault['instruction']}")
    healthy = {name: end for name, end in ends.items() if name not in broken}
    expect(len(healthy) >= 3, "too few benchmarks after the broken ones")
    for name, end in healthy.items():
        expect_equal(end["status"], "ok", f"{name} after the faults")


TWO_CORES = QUICK + " --inject=core pool/two_cores tlb/flush"


def expect_two_cores(outcome):
    """What needs another core ran on it; a fault there is a line in the results, with its place, and no interrupt was taken."""
    expect_done(outcome, m.EXIT_BROKEN)
    expect_equal(planned(outcome)["context"]["platform"]["cores"], 2, "cores present")
    ends = outcome.ends()
    broken = ends.pop("inject/core")
    expect_equal(broken["status"], "failed", "inject/core")
    expect("inject_null_read" in broken["fault"]["symbol"], f"the fault on the other core is at {broken['fault']['symbol']}")
    expect(sum(name.startswith("pool/two_cores/") for name in ends) >= 2, "no pool/two_cores/*")
    for name, end in ends.items():
        expect_equal(end["status"], "ok", f"{name}: {end.get('reason')}")
    expect_equal(outcome.done()["interrupts"], 0, "interrupts")


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
    collected = subprocess.run([os.path.join(BUILD, "anechoic"), "collect", "-"], input=log, check=False, capture_output=True)
    expect(collected.stdout == results, "results.json of the image is not, byte for byte, what the host collects from anechoic.log")


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


# ---- ways in ----------------------------------------------------------------------------------------------------------------


@test("image/pvh", alone=True)
def _():
    outcome = boot(pvh(arguments=QUICK))
    expect_healthy(outcome)
    with tempfile.TemporaryDirectory() as directory:
        log, results = os.path.join(directory, "log"), os.path.join(directory, "results.json")
        with open(log, "wb") as file:
            file.write(outcome.console)
        subprocess.run([os.path.join(BUILD, "anechoic"), "collect", log, "-o", results], check=True, capture_output=True)
        with open(results, "rb") as file:
            expect_results(file.read(), outcome)


@test("image/pvh measures under random placements, each of them twice", alone=True)
def _():
    name = "tlb/lookup/mostly_hits"
    outcome = boot(pvh(arguments=f"{QUICK} --layouts=3 --exact {name}"))
    expect_healthy(outcome, least=1)
    visits = [record.body for record in outcome.records if record.tag == "LAYOUT"]
    expect_equal(sorted(visit["layout"] for visit in visits), [1, 1, 2, 2, 3, 3], "visits")
    expect_equal({(visit["name"], visit["status"]) for visit in visits}, {(name, "ok")}, "what they came to")
    expect("worst over best" in outcome.text(), "no layout luck in the table\n" + tail(outcome))


@test("image/pvh two cores, 6 GiB", alone=True)
def _():
    outcome = boot(pvh(arguments=QUICK + " tlb", cores=2, memory_mib=6144))
    expect_healthy(outcome, least=3)
    expect_equal(planned(outcome)["context"]["platform"]["cores"], 2, "cores present")


@test("image/pvh another core", alone=True)
def _():
    expect_two_cores(boot(pvh(arguments=TWO_CORES, cores=2)))
    expect_no_other_core(boot(pvh(arguments=TWO_CORES)))


@test("image/pvh under TCG")
def _():
    expect_healthy(boot(machine(boot="pvh", accel="tcg", icount=True, arguments=QUICK)))


def _register_ways():
    for name, how in UEFI_WAYS.items():
        @test(f"image/uefi {name} takeover")
        def _(how=how):
            outcome = boot(machine(arguments=QUICK, **how))
            expect_healthy(outcome)
            expect(planned(outcome)["context"]["emulated"], "a run under TCG is not marked as emulated")
            expect("functional only" in outcome.text(), "the table does not say 'functional only'")

        @test(f"image/uefi {name} handback")
        def _(how=how):
            what = machine(arguments=QUICK, mode="handback", **how)
            with stick(what) as directory:
                outcome = boot(what, directory)
                expect_healthy(outcome)
                expect_stick_agrees(what, outcome)

        @test(f"image/uefi {name} takeover, injected faults")
        def _(how=how):
            expect_contained(boot(machine(arguments=f"{QUICK} {INJECT} tlb", **how)))

        @test(f"image/uefi {name} handback, injected faults")
        def _(how=how):
            what = machine(arguments=f"{QUICK} {INJECT} tlb", mode="handback", **how)
            with stick(what) as directory:
                outcome = boot(what, directory)
                expect_contained(outcome)
                expect_stick_agrees(what, outcome)


_register_ways()


@test("image/uefi aarch64 GICv3")
def _():
    for el2 in (False, True):
        expect_contained(boot(machine(arguments=f"{QUICK} {INJECT} tlb", gic=3, el2=el2, **ARM)))


@test("image/pvh injected faults", alone=True)
def _():
    expect_contained(boot(pvh(arguments=f"{QUICK} {INJECT}")))


# ---- a run that is cut off --------------------------------------------------------------------------------------------------


def _register_cuts():
    for name in ("x86_64", "aarch64-el1", "aarch64-el2-a72"):
        @test(f"image/uefi {name} killed in a benchmark, boots again")
        def _(how=UEFI_WAYS[name]):
            what = machine(arguments=QUICK + " tlb copy/4KiB", mode="handback", **how)
            with stick(what) as directory:
                # the third START is on the console only once it is durable on the stick
                first = boot(what, directory, until=lambda console: console.count(b"@anechoic START") >= 3)
                expect(first.killed, "the run was over before it could be cut:\n" + tail(first))
                log = m.records_read(m.stick_read(what.image, "anechoic.log") or b"")
                started = [record.body["name"] for record in log if record.tag == "START"]
                ended = [record.body["name"] for record in log if record.tag == "END"]
                expect(len(started) == len(ended) + 1, f"log after the cut: {len(started)} START, {len(ended)} END")
                again = boot(what, directory)
                expect_done(again, m.EXIT_BROKEN)
                expect_equal(again.ends()[started[-1]]["status"], "hung", "the benchmark that was cut off")
                results = json.loads(m.stick_read(what.image, "results.json"))
                statuses = {entry["name"]: entry["status"] for entry in results["benchmarks"]}
                for done in ended:
                    expect_equal(statuses.get(done), "ok", f"{done}, finished before the cut")
                expect_equal(statuses[started[-1]], "hung", "in results.json")
                expect(sum(status == "ok" for status in statuses.values()) > len(ended), "the run did not go on")
                expect_healthy(boot(what, directory), least=3)


_register_cuts()


# ---- machines that lack something -------------------------------------------------------------------------------------------


@test("image/pvh 64 MiB", alone=True)
def _():
    expect_healthy(boot(pvh(arguments=QUICK, memory_mib=64)))


@test("image/pvh 32 MiB is refused in plain words", alone=True)
def _():
    outcome = boot(pvh(arguments=QUICK, memory_mib=32), limit_s=20)
    expect("64 MiB" in outcome.text(), "no word of the least memory:\n" + tail(outcome))
    expect(not outcome.timed_out and outcome.done() is None and not outcome.ends(), "it should have refused")


@test("image/uefi x86_64 64 MiB")
def _():
    expect_healthy(boot(machine(arguments=QUICK, memory_mib=64, **X86)))


@test("image/uefi x86_64 64 MiB handback")
def _():
    expect_healthy(boot(machine(arguments=QUICK, memory_mib=64, mode="handback", **X86)))


@test("image/uefi aarch64 192 MiB")
def _():
    expect_healthy(boot(machine(arguments=QUICK, memory_mib=192, **ARM)))


def _register_two_cores():
    for arch in m.ARCHES:
        @test(f"image/uefi {arch} two cores")
        def _(arch=arch):
            outcome = boot(machine(arguments=QUICK + " tlb", arch=arch, cores=2))
            expect_healthy(outcome, least=3)
            expect_equal(planned(outcome)["context"]["platform"]["cores"], 2, "cores present")


def _register_other_core():
    for name, how in UEFI_WAYS.items():
        # two cores and a deterministic clock exclude each other
        how = {key: value for key, value in how.items() if key != "icount"}

        @test(f"image/uefi {name} another core")
        def _(how=how):
            expect_two_cores(boot(machine(arguments=TWO_CORES, cores=2, **how)))

    @test("image/uefi another core under handback")
    def _():
        for arch in m.ARCHES:
            expect_no_other_core(boot(machine(arguments=TWO_CORES, arch=arch, cores=2, mode="handback")))


_register_two_cores()
_register_other_core()


@test("image/pvh without a watchdog timer")
def _():
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, cpu="qemu64,-apic", arguments=QUICK + " tlb"))
    expect_healthy(outcome, least=3)
    contexts = [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"]
    expect("no watchdog" in contexts[0].get("time_limits", ""), "the context does not say that there are no limits")


@test("image/uefi x86_64 without AVX")
def _():
    outcome = boot(machine(arguments=QUICK, cpu="qemu64", **X86))
    expect_healthy(outcome)
    ends = outcome.ends()
    expect_equal(ends["copy/4KiB/256bit"]["status"], "skipped", "256-bit copy without AVX")
    expect_equal(ends["copy/4KiB/128bit"]["status"], "ok", "128-bit copy without AVX")


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
    program = 0x7000_0000_0000
    expect(len(leaves) > 50, f"only {len(leaves)} leaves seen")
    for address, flags in leaves:
        expect("X" in flags or "W" not in flags, f"page {address:x} is writable and executable: {flags}")
        expect(("U" in flags) == (address >= program), f"page {address:x} is of the wrong side: {flags}")
    expect(any("X" not in flags for address, flags in leaves if address < program), "no text of the kernel's")
    expect(any("X" not in flags for address, flags in leaves if address >= program), "no text of the programme's")
    expect(min(address for address, _ in leaves) > 0, "page 0 is mapped")


def _register_page_tables():
    ways = {"pvh": dict(boot="pvh", accel="tcg")}
    for way, how in UEFI_WAYS.items():
        ways[f"uefi {way} takeover"] = how
        ways[f"uefi {way} handback"] = dict(how, mode="handback")
    for name, how in ways.items():
        @test(f"image/{name} maps nothing writable and executable")
        def _(how=how):
            what = machine(arguments="--warm-up-time=30 --timeout=60 tlb", **how)
            seen = []

            def measuring(console):
                if not any(record.tag == "START" for record in m.records_read(bytes(console))):
                    return False
                leaves = page_tables.leaves_aarch64 if what.arch == "aarch64" else page_tables.leaves_x86_64
                seen.extend(leaves(os.path.join(directory, "monitor"), directory))
                return True

            with tempfile.TemporaryDirectory() as directory:
                outcome = boot(what, directory, until=measuring)
                expect(seen, "it did not come to a benchmark:\n" + tail(outcome))
                expect_rights(seen)


_register_page_tables()


@test("image/uefi x86_64 handback gives port 61h and the speaker's timer back")
def _():
    """As reset leaves them, which OVMF does not change: speaker and gate off, mode 3."""
    port_b, pit_command, pit_data, pit_read_status = 0x61, 0x43, 0x42, 0xE8
    what = machine(arguments=QUICK + " tlb/lookup/mostly_hits", mode="handback", exit_port=False, **X86)
    found = {}

    def look(when, path):
        found[f"port 61h, {when}"] = monitor.port_read(path, port_b) & 3
        monitor.port_write(path, pit_command, pit_read_status)
        found[f"mode, {when}"] = monitor.port_read(path, pit_data) >> 1 & 7

    def finished(console):
        path = os.path.join(directory, "monitor")
        if "port 61h, in the run" not in found and b"@anechoic START" in console:
            look("in the run", path)
        if b"press a key" not in console:
            return False
        look("after it", path)
        return True

    with stick(what) as directory:
        outcome = boot(what, directory, until=finished)
        expect_healthy(outcome, least=1)
        expect_equal(found, {"port 61h, in the run": 1, "mode, in the run": 2, "port 61h, after it": 0, "mode, after it": 3},
                     "speaker and gate bits, mode of channel 2\n" + tail(outcome))


def expect_on_screen(what):
    """The table that the serial console shows stands on the screen, too."""
    seen = []

    def finished(console):
        if not any(record.tag == "DONE" for record in m.records_read(bytes(console))):
            return False
        seen.extend(screen.text(os.path.join(directory, "monitor"), directory, os.path.join(what.out, FONT)))
        return True

    with stick(what) as directory:
        outcome = boot(what, directory, until=finished)
        expect_healthy(outcome, least=3)
        rows = [line.rstrip() for line in outcome.text().splitlines() if "tlb/lookup/" in line]
        expect(len(rows) >= 3, "no rows on the serial console:\n" + tail(outcome))
        for row in rows:
            expect(any(row[:70] in line for line in seen), f"not on the screen: {row}\n" + "\n".join(seen))


def _register_screens():
    for arch, how in (("x86_64", X86), ("aarch64", ARM)):
        for mode in ("takeover", "handback"):
            @test(f"image/uefi {arch} {mode} shows the same table on the framebuffer")
            def _(mode=mode, how=how):
                expect_on_screen(machine(arguments=QUICK + " tlb", mode=mode, framebuffer=True, exit_port=False, **how))


_register_screens()


def put_between(what, application):
    """The firmware starts the application on the stick, which starts the loader."""
    loader = os.path.join(what.out, m.LOADERS[what.arch])
    for source, target in ((loader, "::loader.efi"), (application, m.STICK_FOLDER + m.LOADERS[what.arch])):
        subprocess.run(["mcopy", "-o", "-i", what.image, source, target], check=True, capture_output=True)
    subprocess.run(["mcopy", "-i", what.image, "-", "::anechoic.conf"], input=what.config_text().encode(), check=True,
                   capture_output=True)


def _register_stale_keys():
    for arch, how in (("x86_64", X86), ("aarch64", ARM)):
        @test(f"image/uefi {arch} memory map of 1,200 entries that changes before ExitBootServices, RSDP in reserved memory")
        def _(how=how):
            what = machine(arguments=QUICK + " tlb", **how)
            with stick(what) as directory:
                put_between(what, os.path.join(what.out, "host-tests", "stale_key.efi"))
                outcome = boot(what, directory)
                for word in ("ExitBootServices is wrapped", "the RSDP is in reserved memory"):
                    expect(f"stale_key: {word}" in outcome.text(), f"the application did not say {word}:\n" + tail(outcome))
                expect_healthy(outcome, least=3)


_register_stale_keys()


# ---- the stick --------------------------------------------------------------------------------------------------------------


def expect_unsaved(outcome):
    """Every benchmark ran, and the status and the text say that no results are on the stick."""
    expect_healthy(outcome, least=3, status=m.EXIT_USAGE)
    for name in ("anechoic.log", "results.json"):
        expect(f"{name} cannot be written" in outcome.text(), f"not a word about {name}:\n" + tail(outcome))


@test("image/uefi x86_64 read-only stick")
def _():
    expect_unsaved(boot(machine(arguments=QUICK + " tlb", mode="handback", read_only=True, **X86)))


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
        def _(how=how):
            what = machine(arguments=QUICK + " tlb", mode="handback", **how)
            with stick(what) as directory:
                whole = boot(what, directory)
                expect_healthy(whole, least=3)
                results = m.stick_read(what.image, "results.json")
                # As it stood after DONE, the results half written.
                log, saved, _ = m.stick_read(what.image, "anechoic.log").partition(b"@anechoic SAVED")
                expect(saved, "the log does not say that the results are saved")
                subprocess.run(["mdel", "-i", what.image, m.STICK_FOLDER + "results.json"], check=True, capture_output=True)
                m.stick_write(what.image, "anechoic.log", log.decode())
                m.stick_write(what.image, "results.new", results[:1000].decode())
                again = boot(what, directory)
                expect_done(again)
                expect_equal([record.tag for record in again.records], ["DONE", "SAVED"], "records of the second boot")
                expect(m.stick_read(what.image, "results.json") == results, "the results are not those of the run that was cut")
                expect_equal(m.stick_read(what.image, "results.new"), None, "results.new")
                expect_healthy(boot(what, directory), least=3)


_register_sticks()


def fill_stick(image, directory):
    """Files of shrinking size until nothing fits."""
    size, index = 16 << 20, 0
    while size >= 512:
        path = os.path.join(directory, "filler")
        with open(path, "wb") as file:
            file.truncate(size)
        result = subprocess.run(["mcopy", "-o", "-i", image, path, f"::fill{index}"], check=False, capture_output=True)
        index += 1
        if result.returncode != 0:
            subprocess.run(["mdel", "-i", image, f"::fill{index - 1}"], check=False, capture_output=True)
            size //= 2


@test("image/uefi x86_64 broken config lines are named")
def _():
    what = machine(config="= nothing\nquick\nfrobnicate = 3\nfilter = tlb", **X86)
    outcome = boot(what)
    expect_healthy(outcome, least=3)
    lines = what.config_text().splitlines()
    for broken in ("= nothing", "frobnicate = 3"):
        number = lines.index(broken) + 1
        expect(any(f"{number}" in line and "anechoic.conf" in line for line in outcome.text().splitlines()),
               f"line {number} ({broken}) is not named:\n" + outcome.text())


# ---- the same samples give the same figures, to the last bit ----------------------------------------------------------------


def statistics(text):
    lines = [line.strip() for line in text.splitlines() if line.startswith("statistics ")]
    expect(len(lines) > 30, f"too few lines of statistics:\n{text[-1000:]}")
    return lines


def expect_statistics(outcome):
    hosted = subprocess.run([os.path.join(BUILD, "anechoic"), "self-test"], check=True, capture_output=True, text=True)
    expect_equal(statistics(outcome.text()), statistics(hosted.stdout), "statistics of the image against the hosted programme's")


@test("image/pvh statistics to the last bit", alone=True)
def _():
    expect_statistics(boot(pvh(arguments="self-test")))


@test("image/uefi aarch64 statistics to the last bit")
def _():
    expect_statistics(boot(machine(arguments="self-test", **ARM)))


# ---- usage ------------------------------------------------------------------------------------------------------------------


@test("image/pvh unknown option", alone=True)
def _():
    outcome = boot(pvh(arguments="--qick"))
    expect_done(outcome, m.EXIT_USAGE)
    expect("--quick" in outcome.text(), "the nearest option is not named:\n" + tail(outcome))


@test("image/pvh filter that matches nothing", alone=True)
def _():
    outcome = boot(pvh(arguments="nosuchbenchmark"))
    expect_done(outcome, m.EXIT_USAGE)
    expect("nosuchbenchmark" in outcome.text(), "the filter is not named:\n" + tail(outcome))


# ---- AVX-512 ----------------------------------------------------------------------------------------------------------------


@test("image/avx512 in Bochs")
def _():
    import bochs
    outcome = bochs.boot(machine(arguments=QUICK + " copy simd", arch="x86_64"), limit_s=420)
    expect_done(outcome)
    for name in ("copy/4KiB/512bit", "copy/16KiB/512bit"):
        expect_equal(outcome.ends()[name]["status"], "ok", f"{name}: {outcome.ends()[name].get('reason')}")
