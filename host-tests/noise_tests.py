# SPDX-License-Identifier: Apache-2.0
"""`anechoic noise`: what it says of cores, what it keeps where it is cut off, and that it makes no noise of its own."""

import ctypes
import errno
import json
import math
import os
import signal
import struct
import subprocess
import tempfile
import time

import machine as m
import room
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import PROGRAM, anechoic
from image_tests import boot, machine, tail


def check_core(core, alone):
    expect(core["looked_ns"] > 0 and core["looks"] > 0, f"it looked: {core['looked_ns']} ns")
    expect(core["threshold_ns"] >= 8.9 * core["least_look_ns"] or core["threshold_ns"] >= 900, "the threshold")
    expect_equal(sum(bucket["count"] for bucket in core["histogram"]),
                 core["over_threshold"]["count"] - core["length_unknown"], "the histogram has every detour")
    longest = [detour["ns"] for detour in core["longest"]]
    expect_equal(longest, sorted(longest, reverse=True), "longest first")
    expect_equal(core["longest_ns"], longest[0] if longest else 0, "the longest")
    for over in ("over_1us", "over_threshold"):
        lost = core[over]["lost_ns"]
        expect(abs(core[over]["available"] - (1 - lost / core["looked_ns"])) < 1e-9, f"what is available: {core[over]}")
        expect(core[over]["a_second_upper"] > core[over]["count"] / (core["looked_ns"] / 1e9), "upper end of a rate")
    expect_equal("on_all_cores" in core, not alone, "one core has no other to compare with")
    expect_equal("on_all_cores_by_chance" in core, not alone and core["core"] == 0, "chance is the first core's")
    expect(core["unknown"]["ns"] <= core["over_1us"]["lost_ns"] + 1, f"not known: {core['unknown']}")
    counts = {"interrupts", "nmis", "smis", "context_switches", "stolen_ns"}
    expect_equal(set(core["counted"]) | set(core["not_counted"]), counts, "counted, or why not")
    expect(not set(core["counted"]) & set(core["not_counted"]), "not both")
    expect(all(core["not_counted"].values()), f"a reason each: {core['not_counted']}")
    expect_equal(core["elsewhere"], 0, "it stayed where it was")


@test("noise/every core is looked at, and said in a file and a table")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "noise.json")
        shown = anechoic("noise", "--duration=0.05", "-o", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        again = anechoic("collect", path)
        as_json = anechoic("noise", "--duration=0.01", "--format=json", "-o", path)
        expect_equal((as_json.returncode, as_json.stdout), (0, ""), "JSON goes where it was to go")
        with open(path, encoding="utf-8") as file:
            expect_equal(json.load(file)["asked_ns"], 10000000, "the later one's")
    check_schema("noise", found)
    expect_equal(found["cut"], False, "it came to its end")
    for core in found["cores"]:
        check_core(core, len(found["cores"]) == 1)
        expect("fixed_work" in core and "fixed_time" in core, "fixed work and time")
        expect(f"\n{core['core']:4} {core['cpu']:4} " in shown.stdout, f"core {core['core']} in {shown.stdout}")
        expect("context_switches" in core["counted"] and "interrupts" in core["counted"], f"{core['counted']}")
    for name, reason in found["cores"][0]["not_counted"].items():
        expect(f"({reason})" in shown.stdout, f"why {name} is not counted, in {shown.stdout}")
    expect(again.returncode == m.EXIT_USAGE, "a file is no log")


# Among the hosted ones, which SAN=1 runs: it finds what is not given back.
@test("hosted/noise alone and as JSON gives its memory back")
def _():
    for words in ((), ("--format=json",), ("-o", "-")):
        shown = anechoic("noise", "--duration=0.01", *words)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")


@test("noise/words that mean nothing are refused, and name what does")
def _():
    for word in ("--duration=0", "--duration=864000", "--duration=x", "--duration=nan", "--format=xml", "--plant=1ms",
                 "--plant=1ms:600us", "--plant=50us:1us", "--plant=2s:1us", "--plant=1:1", "--plant=1ms:0us",
                 "--plant=1ms:1usx"):
        result = anechoic("noise", word)
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {word}")
        expect(word.partition("=")[2] in result.stderr, f"{word}: {result.stderr}")
    for name in ("tune", "noise"):
        result = anechoic("--quick", name)
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of --quick {name}")
        expect_equal(result.stderr, f"{name} comes first: anechoic {name} [OPTION...]\n", f"options before {name}")
    for word in ("loud", "--cores=9"):
        result = anechoic("noise", word)
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {word}")
        expect(f"noise takes no '{word}'" in result.stderr, result.stderr)
    result = anechoic("noise", "--duration=86400", "-o", "/nowhere/noise.json")    # before it looks
    expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), "where nothing can be written")
    expect("/nowhere/noise.json: No such file" in result.stderr, result.stderr)


@test("noise/what a signal takes on purpose is done, and said")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "noise.json")
        shown = anechoic("noise", "--duration=0.1", "--plant=10ms:100us", "-o", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    check_schema("noise", found)
    planted = found["cores"][0]["planted"]
    expect(planted["times"] > 0 and planted["way_ns"] > 0, f"{planted}")
    expect(planted["measured_ns"] >= max(99e3, planted["way_ns"]), f"no less than what was asked for: {planted}")
    expect(f"planted on core 0 every 10.00 ms 100.0 us: {planted['times']} times" in shown.stdout, shown.stdout)
    expect(("found every" if "found" in planted else "not found") in shown.stdout, shown.stdout)


# A filter that answers one call with EPERM and lets all else through: seccomp(2), classic BPF.
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
CALLS = {"sched_setaffinity": {"x86_64": 203, "aarch64": 122}, "sched_setscheduler": {"x86_64": 144, "aarch64": 119}}
LOAD, EQUAL, RETURN, ALLOW, ERRNO = 0x20, 0x15, 0x06, 0x7fff0000, 0x00050000
NO_SECCOMP = 99


def forbid(call):
    words = ((LOAD, 0, 0, 0), (EQUAL, 0, 1, CALLS[call][os.uname().machine]), (RETURN, 0, 0, ERRNO | errno.EPERM),
             (RETURN, 0, 0, ALLOW))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *word) for word in words))
    program = struct.pack("HxxxxxxP", len(words), ctypes.addressof(code))
    libc = ctypes.CDLL(None)
    if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) != 0):
        os._exit(NO_SECCOMP)


def anechoic_without(call, *words, **env):
    """On a kernel that forbids it."""
    result = subprocess.run([PROGRAM, *words], preexec_fn=lambda: forbid(call), capture_output=True, text=True,
                            check=False, env={**os.environ, **env}, timeout=limit(60))
    if result.returncode == NO_SECCOMP:
        raise Skipped("no seccomp here")
    expect_equal(result.returncode, 0, f"exit status: {result.stderr}")
    return result


@test("noise/where the system forbids pinning it looks all the same, and says so")
def _():
    result = anechoic_without("sched_setaffinity", "noise", "--duration=0.01")
    expect("held    not pinned" in result.stdout, result.stdout)
    expect("held    pinned, first to CPU" in anechoic("noise", "--duration=0.01").stdout, "where it may")


@test("noise/a core that goes away is said, and the rest is looked at to the end")
def _():
    """As where it is switched off: its thread goes on elsewhere."""
    if len(os.sched_getaffinity(0)) < 2:
        raise Skipped("one CPU")
    with subprocess.Popen([PROGRAM, "noise", "--duration=0.3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        end = time.monotonic() + limit(60)
        while process.poll() is None and time.monotonic() < end:
            for thread in os.listdir(f"/proc/{process.pid}/task"):
                try:
                    os.sched_setaffinity(int(thread), {min(os.sched_getaffinity(0))})
                except ProcessLookupError:
                    pass
            time.sleep(0.005)
        process.kill()
        shown, errors = process.communicate()
    expect_equal(process.returncode, 0, f"exit status: {errors}")
    expect("it was not always on this core, which went away or is forbidden" in shown, shown)


LOUD = 0.05  # of the time, beside what was planted


def planted_share():
    """What a look finds of a disturbance, and the share of the time that others took."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "noise.json")
        shown = anechoic("noise", "--duration=3", "--plant=7ms:100us", "-o", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            core = json.load(file)["cores"][0]
    planted = core["planted"]
    return planted, (core["over_1us"]["lost_ns"] - planted["times"] * planted["measured_ns"]) / core["looked_ns"]


@test("noise/what was planted is found on this machine", system=True)
def _():
    """Where others take the core for longer than what is planted its length is not to be seen, and a host that is late
    with its timers hides its beat: of five looks one has to find it."""
    looks, planted = [], {}
    while len(looks) < 5 and "found" not in planted:
        planted, others = planted_share()
        looks.append(others)
    if "found" not in planted and max(looks) > LOUD:
        raise Skipped(f"others took {100 * max(looks):.0f} % of the core")
    expect("found" in planted, f"not found: {planted}, others took {looks}")
    expect(abs(planted["found"]["every_ns"] / 7e6 - 1) < 0.01, f"the period: {planted}")
    expect(abs(planted["found"]["length_ns"] / planted["measured_ns"] - 1) < 0.15, f"the length: {planted}")


def wait_until_it_looks(process):
    """By what it has used of its cores, not by the time that passes: the start takes a fraction of it."""
    end = time.monotonic() + limit(60)
    used = 0
    while used < os.sysconf("SC_CLK_TCK") and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            used = sum(int(word) for word in file.read().rpartition(")")[2].split()[11:13])


@test("noise/who ends it keeps what there was")
def _():
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        end_it(number, status)


def end_it(number, status):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "noise.json")
        with subprocess.Popen([PROGRAM, "noise", "--duration=60", "-o", path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            wait_until_it_looks(process)
            process.send_signal(number)
            _, errors = process.communicate(timeout=limit(60))
        expect_equal(process.returncode, status, f"exit status: {errors}")
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    expect_equal(found["cut"], True, "cut")
    for core in found["cores"]:
        check_core(core, len(found["cores"]) == 1)


def register_images():
    for arch, how in (("x86_64", {"boot": "pvh", "accel": "tcg"}), ("aarch64", {})):
        @test(f"noise/{arch} image makes none of its own")
        def _(arch=arch, how=how):
            """Time is the instructions' here: a recorder that steps aside anywhere would see itself."""
            outcome = boot(machine(arch=arch, icount=True, arguments="noise --duration=0.2", **how))
            expect_equal(outcome.status(), 0, "exit status: " + tail(outcome))
            bodies = [record.body for record in outcome.records if record.tag == "NOISE"]
            cores = [body["core"] for body in bodies if "core" in body]
            expect_equal(len(cores), 1, "cores")
            check_core(cores[0], True)
            expect_equal((cores[0]["over_threshold"]["count"], cores[0]["over_1us"]["count"]), (0, 0), "detours")
            expect_equal(cores[0]["counted"]["interrupts"], 0, "interrupts")
            expect_equal("nmis" in cores[0]["counted"], arch == "x86_64", "NMIs are counted where there are some")
            expect("stolen_ns" in cores[0]["not_counted"], "TCG takes nothing, and tells of nothing")
            expect("FUNCTIONAL ONLY" in outcome.text(), "what an emulator's figures are: " + tail(outcome))

        # An instruction of 32 ns, so that a minute of them are few; of all that is longer than a microsecond, none.
        @test(f"noise/{arch} image makes none of its own in a minute", system=True)
        def _(arch=arch, how=how):
            outcome = boot(machine(arch=arch, icount=True, extra=("-icount", "shift=5,sleep=off"),
                                   arguments="noise --duration=60", **how))
            expect_equal(outcome.status(), 0, "exit status: " + tail(outcome))
            core = [record.body["core"] for record in outcome.records
                    if record.tag == "NOISE" and "core" in record.body][-1]
            expect(core["looked_ns"] > 59.9e9, f"a minute: {core['looked_ns']}")
            expect_equal((core["over_threshold"]["count"], core["over_1us"]["count"]), (0, 0), "detours")

        # An instruction of 4 ns: the way into a handler and out of it is little beside 10 us.
        @test(f"noise/{arch} image finds what was planted in it")
        def _(arch=arch, how=how):
            outcome = boot(machine(arch=arch, icount=True, extra=("-icount", "shift=2,sleep=off"),
                                   arguments="noise --duration=0.1 --plant=1ms:10us", **how))
            expect_equal(outcome.status(), 0, "exit status: " + tail(outcome))
            core = [record.body["core"] for record in outcome.records
                    if record.tag == "NOISE" and "core" in record.body][-1]
            planted = core["planted"]
            expect(99 <= planted["times"] <= 101, f"times: {planted}")
            expect_equal(core["counted"]["interrupts"], planted["times"], "each is an interrupt, and nothing else is")
            expect(abs(planted["found"]["every_ns"] / 1e6 - 1) < 0.01, f"the period: {planted}")
            expect(abs(planted["found"]["length_ns"] / 1e4 - 1) < 0.1, f"the length: {planted}")
            expect(abs(planted["measured_ns"] / 1e4 - 1) < 0.02, f"what was measured: {planted}")
            expect("found every" in outcome.text(), outcome.text()[-1000:])


register_images()


@test("noise/make room asks for SCHED_FIFO where nothing stops it for a part of each second")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "throttle")
        expect_equal(room.fifo(path), [], "where that is not told")
        for says, fifo in (("950000\n", False), ("x\n", False), ("-1\n", True)):
            with open(path, "w", encoding="ascii") as file:
                file.write(says)
            allowed = subprocess.run(["chrt", "--fifo", "1", "true"], check=False, stderr=subprocess.DEVNULL,
                                     timeout=limit(60)).returncode == 0
            expect_equal(room.fifo(path), ["chrt", "--fifo", "1"] if fifo and allowed else [], f"at {says}")


@test("noise/a ratio of pairs has its interval, and too few of them none")
def _():
    middle, lower, upper = room.interval([math.log(1.1), math.log(1 / 1.1)] * 5)
    expect(abs(middle - 1) < 1e-12 and 0.92 < lower < 0.94 and 1.06 < upper < 1.09, f"{middle} [{lower} {upper}]")
    expect_equal(room.interval([math.log(2)])[1:], (0.0, math.inf), "of one pair")
    expect_equal(room.judge([(3.0, 3.0)] * 5)[0], 0, "as much as hosted")
    expect_equal(room.last_word(0), "", "where there is an answer")
    words = room.last_word(m.EXIT_INCONCLUSIVE)
    expect("inconclusive" in words and "exit status 3" in words, f"what status 3 is: {words}")
    expect_equal(room.judge([(0, 3.0)] * 5)[0], 0, "nothing in the image")
    expect_equal(room.judge([(3.0, 0)] * 5)[0], m.EXIT_INCONCLUSIVE, "nothing hosted alone")
    expect_equal(room.judge([(3.0, 3.0)] * 4 + [(3.0, 0)])[0], m.EXIT_INCONCLUSIVE, "nothing hosted in one")
    found = room.together([{"looked": 1e9, "lost": 1e6, "longest": 5e5, "count": 2, "interrupts": 3},
                           {"looked": 1e9, "lost": 3e6, "longest": 1e5, "count": 1, "interrupts": 1}])
    expect(room.whose(found).startswith("image: some of it is its own: it took 4"), room.whose(found))
    for stolen, wanted in ((None, "who is below it says nothing"), (3e6, "the host says that it took 75 %"),
                           (5e6, "took 100 %")):
        words = room.whose(found | {"interrupts": 0, "stolen": stolen})
        expect(words.startswith("image: none of it is its own: it took no interrupt") and wanted in words, words)
    shown = room.row("image", found)
    expect("99.800000 %" in shown and "500.0 us" in shown and "interrupts 4" in shown, shown)
