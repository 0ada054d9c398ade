# SPDX-License-Identifier: Apache-2.0
"""`--still` on machines that are folders: what it changes, and that it puts everything back, however it ends."""

import contextlib
import glob
import json
import os
import signal
import subprocess
import tempfile
import time

import machine as m
from doctor_tests import plant
from format_tests import check_schema
from harness import expect, expect_equal, limit, test
from hosted_tests import PATIENT, PROGRAM, SHORTEST, anechoic, is_sanitized, own_words
from noise_tests import anechoic_without

POLICY = "sys/devices/system/cpu/cpufreq/policy%d/scaling_governor"
FILES = {POLICY % 0: "powersave\n", POLICY % 1: "schedutil\n", POLICY % 2: "performance\n", "run/other": "",
         "dev/cpu_dma_latency": "", "proc/sys/kernel/sched_rt_runtime_us": "950000\n",
         "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n"}
FOUND = ["powersave", "schedutil", "performance"]
STILL = ["performance"] * 3
ONE = "tlb/lookup/mostly_hits"
QUICKLY = ("run", *SHORTEST, "--exact", ONE, "--still")
LONG = ("run", PATIENT, "--measurement-time=300", "--warm-up-time=0.001", "--exact", ONE, "--still")


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def governors(root):
    return [read(root, POLICY % i).strip() for i in range(3)]


def wait_for(what, process):
    end = time.monotonic() + limit(60)
    while not what() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


@contextlib.contextmanager
def machine():
    with tempfile.TemporaryDirectory() as root:
        plant(root, FILES)
        yield root, {"ANECHOIC_ROOT": root}


@contextlib.contextmanager
def held(root, words=LONG):
    """A process that holds the machine still."""
    with subprocess.Popen([PROGRAM, *words], env={**os.environ, "ANECHOIC_ROOT": root}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            wait_for(lambda: governors(root) == STILL and len(read(root, "dev/cpu_dma_latency")) == 4, process)
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()


def keeper_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


@test("hosted/still: governors, idle states and memory for a run, which says so, and all as it was after it")
def _():
    with machine() as (root, env):
        out = os.path.join(root, "results.json")
        result = anechoic(*QUICKLY, "--out", out, env=env)
        expect_equal(result.returncode, 0, result.stderr)
        with open(out, encoding="utf-8") as file:
            said = json.load(file)["context"]["still"]
        for words in ("2 of 2 governors performance, were powersave and others", "idle states of 0 us",
                      "memory so far locked", "huge pages as they were, always [madvise] never",
                      "; not: SCHED_FIFO (it is throttled"):
            expect(words in said or "memory" in words, f"{words}: {said}")
        expect_equal(own_words(result.stderr), f"still: {said}\n", "the same for people")
        expect_equal(governors(root), FOUND, "put back")
        expect_equal(read(root, "dev/cpu_dma_latency"), "\0\0\0\0", "0 us were asked for")
        expect_equal(sorted(os.listdir(os.path.join(root, "run/anechoic"))), ["lock"], "nothing is left")
        plain = anechoic(*QUICKLY[:-1], "--format=json", env=env)
        expect("still" not in json.loads(plain.stdout)["context"], "without --still nothing is said")
        found = anechoic("noise", "--still", "--duration=0.01", "--format=json", env=env)
        expect("governors performance" in json.loads(found.stdout)["still"], found.stdout[:500])
        launch, kept = f"{PROGRAM} {' '.join(QUICKLY[:-1])} --out {{out}}", os.path.join(root, "kept")
        anechoic("ab", "--still", "--pairs=2", "--pairs-max=2", "--keep", kept, launch, launch, env=env)
        launches = glob.glob(os.path.join(kept, "*", "*.json"))
        # ab ends with a pair that cannot be compared
        expect_equal(len(launches), 2 if is_sanitized() else 4, "launches of ab")
        for path in launches:
            expect("governors performance" in json.loads(read(root, path))["context"]["still"], f"{path} says nothing")
        expect_equal(governors(root), FOUND, "put back after noise")


@test("hosted/still: a policy that it was started with stays")
def _():
    with machine() as (root, _):
        plant(root, {"proc/sys/kernel/sched_rt_runtime_us": "-1\n"})
        shown = subprocess.run([PROGRAM, "noise", "--still", "--duration=0.01", "--format=json"], check=False,
                               env={**os.environ, "ANECHOIC_ROOT": root}, capture_output=True, timeout=limit(60),
                               preexec_fn=lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)))
    held_by, said = (json.loads(shown.stdout)[name] for name in ("held", "still"))
    expect(held_by.endswith("scheduled by SCHED_BATCH"), f"how it was scheduled: {held_by}")
    expect("not: SCHED_FIFO (it was started with a policy of its own, which stays)" in said, said)


@test("hosted/still: a policy that threads do not inherit is said by its name, and is one of its own")
def _():
    for policy, name in ((os.SCHED_BATCH, "SCHED_BATCH"), (os.SCHED_OTHER, "SCHED_OTHER")):
        with machine() as (root, _):
            shown = subprocess.run([PROGRAM, "noise", "--still", "--duration=0.01", "--format=json"], check=False,
                                   env={**os.environ, "ANECHOIC_ROOT": root}, capture_output=True, timeout=limit(60),
                                   preexec_fn=lambda: os.sched_setscheduler(0, policy | os.SCHED_RESET_ON_FORK,
                                                                            os.sched_param(0)))
        held_by, said = (json.loads(shown.stdout)[name] for name in ("held", "still"))
        expect(held_by.endswith(f"scheduled by {name}"), f"how it was scheduled: {held_by}")
        expect_equal("a policy of its own" in said, name != "SCHED_OTHER", said)


@test("hosted/still: a system that forbids SCHED_FIFO is measured on all the same, and says so")
def _():
    with machine() as (root, _):
        plant(root, {"proc/sys/kernel/sched_rt_runtime_us": "-1\n"})
        shown = anechoic_without("sched_setscheduler", "noise", "--still", "--duration=0.01", "--format=json",
                                 ANECHOIC_ROOT=root)
    expect("SCHED_FIFO (Operation not permitted)" in json.loads(shown.stdout)["still"], shown.stdout[:500])


@test("hosted/still: nothing is touched without it, by words that are refused, or by looking")
def _():
    with machine() as (root, env):
        for words in (QUICKLY[:-1], ("noise", "--duration=0.001"), (*QUICKLY, "--sample-size=1"),
                      ("noise", "--still", "--duration=x"), ("doctor",), ("doctor", "--restore"),
                      ("run", "--still", "no-such-benchmark")):
            anechoic(*words, env=env)
            expect_equal(governors(root), FOUND, f"after {words}")
            expect(not os.path.exists(os.path.join(root, "run/anechoic")), f"no folder after {words}")
            expect_equal(read(root, "dev/cpu_dma_latency"), "", f"not opened by {words}")


@test("hosted/still: put back after each signal, and where it is killed outright")
def _():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGABRT):
        with machine() as (root, _), held(root) as process:
            expect_equal(governors(root), STILL, "held still")
            expect_equal(os.stat(os.path.join(root, "run/anechoic/found")).st_mode & 0o777, 0o600, "its rights")
            process.send_signal(number)
            process.communicate(timeout=limit(60))   # until the keeper, too, has closed standard error
            expect_equal(governors(root), FOUND, f"put back after {number.name}")
            expect(not os.path.exists(os.path.join(root, "run/anechoic/found")), f"{number.name}: nothing is left")


@test("hosted/still: where the one that puts back is killed, too, the next start does, or doctor --restore")
def _():
    for words in (("doctor", "--restore"), QUICKLY):
        with machine() as (root, env):
            with held(root) as process:
                os.kill(keeper_of(process), signal.SIGKILL)
                process.kill()
                process.communicate()
            expect_equal(governors(root), STILL, "nobody put it back")
            result = anechoic(*words, env=env)
            expect_equal(result.returncode, 0, result.stderr)
            said = result.stdout if words[0] == "doctor" else result.stderr
            expect("put back: 2 governors" in said or "put back what an earlier process left" in said, said)
            expect_equal(governors(root), FOUND, f"put back by {words[0]}")
            expect_equal(anechoic("doctor", "--restore", env=env).stdout, "nothing was left to put back\n", "once")
    with machine() as (root, _), held(root) as process:
        os.kill(keeper_of(process), signal.SIGKILL)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=limit(60))
        expect_equal(governors(root), FOUND, "without its keeper it does so itself")


@test("hosted/still: what somebody else has set meanwhile stays")
def _():
    with machine() as (root, _), held(root) as process:
        plant(root, {POLICY % 1: "ondemand\n"})
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=limit(60))
        expect_equal(governors(root), ["powersave", "ondemand", "performance"], "the others are put back")
        expect("policy1/scaling_governor: somebody else has set ondemand since: left so (it was schedutil)" in errors,
               errors)


@test("hosted/still: the second of two says who holds the machine, and goes on")
def _():
    with machine() as (root, env), held(root) as process:
        second = anechoic(*QUICKLY, env=env)
        expect_equal(second.returncode, 0, second.stderr)
        expect(f"governors (process {process.pid} holds this machine still)" in second.stderr, second.stderr)
        restored = anechoic("doctor", "--restore", env=env)
        expect_equal(restored.returncode, m.EXIT_USAGE, "exit status")
        expect(f"process {process.pid} holds this machine still" in restored.stdout, restored.stdout)
        expect_equal(governors(root), STILL, "the first one's stay")


@test("hosted/still: what cannot be done is said, and the run goes on")
def _():
    with tempfile.TemporaryDirectory() as root:
        result = anechoic(*QUICKLY, env={"ANECHOIC_ROOT": root})
        expect_equal(result.returncode, 0, result.stderr)
        for words in ("governors (nowhere to keep what was found", "idle states (No such file",
                      "SCHED_FIFO (whether it is throttled is not told)"):
            expect(words in result.stderr, f"{words}: {result.stderr}")
    with machine() as (root, env):
        elsewhere = os.path.join(root, "elsewhere")
        plant(root, {"elsewhere": "powersave\n"})
        for i in range(3):
            os.remove(os.path.join(root, POLICY % i))
            os.symlink(elsewhere, os.path.join(root, POLICY % i))
        result = anechoic(*QUICKLY, env=env)
        expect_equal(result.returncode, 0, result.stderr)
        expect("not: governors (they cannot be written)" in result.stderr, result.stderr)
        expect_equal(read(root, "elsewhere"), "powersave\n", "links are not followed to write")


@test("hosted/still: a file of settings that is no such file puts nothing back")
def _():
    good = "anechoic-found/1\ngovernor 0 powersave performance\nend 1\n"
    for text in ("", "x", good[:-6], good.replace("end 1", "end 2"), good.replace("0 pow", "0/../../x pow"),
                 good.replace("powersave", "../x"), good.replace("governor", "file"), good + "x\n", good * 9999):
        with machine() as (root, env):
            plant(root, {POLICY % 0: "performance\n", "run/anechoic/found": text})
            os.chmod(os.path.join(root, "run/anechoic"), 0o700)
            result = anechoic("doctor", "--restore", env=env)
            expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {text[:60]!r}")
            expect("makes no sense" in result.stdout, result.stdout)
            expect_equal(governors(root), ["performance", "schedutil", "performance"], "nothing is put back")
    with machine() as (root, env):
        plant(root, {POLICY % 0: "performance\n", "run/anechoic/found": good})
        os.chmod(os.path.join(root, "run/anechoic"), 0o777)
        expect("others may write to it" in anechoic("doctor", "--restore", env=env).stdout, "anybody's folder")
        os.chmod(os.path.join(root, "run/anechoic"), 0o700)
        expect_equal(anechoic("doctor", "--restore", env=env).returncode, 0, "its own")
        expect_equal(governors(root), FOUND, "put back")


@test("hosted/still: doctor --measure says whether it helped, and leaves all as it was")
def _():
    with machine() as (root, env):
        found = anechoic("doctor", "--measure", "--duration=0.04", "--format=json", env=env)
        expect(found.returncode in (0, 1), f"exit status {found.returncode}: {found.stderr}")
        found = json.loads(found.stdout)
        check_schema("doctor", found)
        helped = found["helped"]
        expect(helped["lost"] in ("less", "more", "inconclusive"), f"{helped}")
        expect(0 < helped["lower"] <= helped["ratio"] <= helped["upper"], f"{helped}")
        expect("2 of 2 governors performance" in helped["still"], f"still in each piece: {helped}")
        expect_equal(governors(root), FOUND, "put back")
        expect_equal(sorted(os.listdir(os.path.join(root, "run/anechoic"))), ["lock"], "nothing is left")
        plant(root, {"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n",
                     "proc/self/status": "Name:\tanechoic\nCpus_allowed_list:\t0-1\n"})
        table = anechoic("doctor", "--measure", "--duration=0.01", env=env).stdout
        expect("worth        all of --still: " in table, f"what it is worth to a governor: {table}")
        expect("(8 pairs of 0.00" in table and "--still: " in table, table)
    both = anechoic("doctor", "--measure", "--root=/nowhere")
    expect_equal(both.returncode, m.EXIT_USAGE, "another machine cannot be measured")
    expect("give one of the two" in both.stderr, both.stderr)
    expect_equal(anechoic("doctor", "--measure", "--duration=0").returncode, m.EXIT_USAGE, "no time")
