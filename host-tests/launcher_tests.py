# SPDX-License-Identifier: Apache-2.0
"""`make run` keeps what was measured: earlier results stay until there are better ones, and then under their time."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time

import hosted_tests
import machine as m
import profile_tests
import run as launcher
import watch_tests
from harness import expect, expect_equal, limit, test

BUILD = os.path.join(m.ROOT, "build")
STEM = "x86_64-pvh"


def console(folder, name):
    """What a console says of a run of one benchmark."""
    log = os.path.join(folder, "log")
    subprocess.run([os.path.join(BUILD, "anechoic"), "run", "--quick", "--measurement-time", "0.01", "--warm-up-time",
                    "0.01", "--exact", name, "--log", log], check=True, capture_output=True, timeout=limit(60))
    with open(log, "rb") as file:
        data = file.read()
    os.remove(log)
    return data


def build_folder(folder):
    """A build folder with this build in it and results of its own."""
    for name in ("anechoic", "x86_64"):
        os.symlink(os.path.join(BUILD, name), os.path.join(folder, name))
    results = os.path.join(folder, "results")
    os.mkdir(results)
    return results


def outcome(data):
    return m.Outcome(data, 1, False, False, 0, "", m.records_read(data))


def contents(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = file.read()
    return found


@test("launcher/earlier results are kept under their time, the last twenty")
def _():
    with tempfile.TemporaryDirectory() as folder:
        results = build_folder(folder)
        what = m.Machine(boot="pvh", build=folder)
        first, second = (console(folder, name) for name in ("tlb/lookup/mostly_hits", "tlb/lookup/all_misses"))
        expect_equal(launcher.save(what, outcome(first), ""), (os.path.join(results, STEM + ".json"), 0), "the first")
        before = contents(results)
        expect_equal(list(before), [STEM + ".json", STEM + ".log"], "files after one run")
        for name in before:
            os.utime(os.path.join(results, name), (1795735865, 1795735865))
        for number in range(25):
            with open(os.path.join(results, f"{STEM}-20250101T0000{number:02d}Z.log"), "w", encoding="ascii"):
                pass
        with open(os.path.join(results, f"{STEM}-handback-20240101T000000Z.json"), "w", encoding="ascii"):
            pass
        launcher.save(what, outcome(second), "")
        after = contents(results)
        expect_equal(json.loads(after[STEM + ".json"])["benchmarks"][0]["name"], "tlb/lookup/all_misses", "the newer")
        expect_equal(after[STEM + ".log"], second, "its log")
        for ending in (".json", ".log"):
            expect_equal(after.get(f"{STEM}-20261126T233105Z{ending}"), before[STEM + ending], f"the earlier {ending}")
        times = {name.partition(".")[0] for name in after if name.startswith(STEM + "-2")}
        expect_equal((len(times), min(times)), (launcher.KEPT, f"{STEM}-20250101T000006Z"), "what is kept")
        expect(f"{STEM}-handback-20240101T000000Z.json" in after, "another way's results are gone")
        expect(not any(name.endswith(".new") for name in after), f"left behind: {list(after)}")


@test("launcher/a copy of the results is whole or as it was")
def _():
    with tempfile.TemporaryDirectory() as folder:
        results = build_folder(folder)
        what = m.Machine(boot="pvh", build=folder)
        data = console(folder, "tlb/lookup/mostly_hits")
        out = os.path.join(folder, "copy.json")
        _, status = launcher.save(what, outcome(data), out)
        expect_equal(status, 0, "status")
        copy = contents(results)[STEM + ".json"]
        with open(out, "rb") as file:
            expect_equal(file.read(), copy, "the copy")
        with contextlib.redirect_stderr(io.StringIO()) as said:
            _, status = launcher.save(what, outcome(data), os.path.join(folder, "none", "copy.json"))
        expect_equal(status, m.EXIT_USAGE, "status where it cannot be written")
        expect("none/copy.json" in said.getvalue(), f"what is said of it: {said.getvalue()!r}")
        expect_equal(len([name for name in os.listdir(results) if "Z" in name]), 2, "files of the earlier run")


@test("launcher/what tune found in the image is kept as a profile, beside a run's results")
def _():
    with tempfile.TemporaryDirectory() as folder:
        results = build_folder(folder)
        what = m.Machine(boot="pvh", build=folder)
        launcher.save(what, outcome(console(folder, "tlb/lookup/mostly_hits")), "")
        before = contents(results)
        made = profile_tests.profile()
        log = b"".join(profile_tests.log_of(made))
        name = f"{STEM}-profile"
        expect_equal(launcher.save(what, outcome(log), ""), (os.path.join(results, name + ".json"), 0), "saved")
        after = contents(results)
        expect_equal(json.loads(after.pop(name + ".json"))["made"], made["made"], "the profile")
        expect_equal(after.pop(name + ".log"), log, "its log")
        expect_equal(after, before, "the run's results")


@test("launcher/what a watch in the image streamed is kept as the log that a watch imports")
def _():
    with tempfile.TemporaryDirectory() as folder:
        results = build_folder(folder)
        what = m.Machine(boot="pvh", build=folder)
        log = "".join([watch_tests.head(), *watch_tests.minutes(0, 2)]).encode()
        name = os.path.join(results, f"{STEM}-watch.log")
        for times in (1, 2):
            expect_equal(launcher.save(what, outcome(log), ""), (name, 0), "saved")
            expect_equal((list(contents(results).values()), os.path.exists(name)), ([log] * times, True), "kept")
        result = hosted_tests.anechoic("watch", "import", name, "--state", os.path.join(folder, "watch.db"))
        expect_equal((result.returncode, result.stderr), (0, "4 rounds were taken, 0 were there already\n"), "taken")


@test("launcher/neither no core nor no memory is a machine")
def _():
    for words in ("--cores=0", "--cores=-1", "--memory=0", "--memory=", "--memory=1e3"):
        result = subprocess.run([sys.executable, os.path.join(m.ROOT, "tools", "run.py"), "--parts", words],
                                check=False, capture_output=True, text=True, timeout=limit(60))
        expect_equal(result.returncode, m.EXIT_USAGE, f"{words}: status {result.stdout}{result.stderr}")
        expect(f"argument {words.partition('=')[0]}: invalid" in result.stderr, f"{words}: {result.stderr}")


@test("launcher/of an image what is booted is asked for; all of it where a trial is to show the way in")
def _():
    with tempfile.TemporaryDirectory() as folder:
        def parts(*words):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                expect_equal(launcher.main(["--build", folder, "--parts", *words]), 0, f"{words}: status")
            return said.getvalue().strip()

        for words, wanted in ((("--accel=tcg",), "image-uefi"),
                              (("--accel=tcg", "--boot=pvh"), "image-pvh"),
                              (("--accel=tcg", "--boot=pvh", "--debug"), "image-pvh"),
                              (("--debug",), "image-pvh"), (("--debug", "--mode=handback"), "image-uefi"),
                              (("--arch=aarch64", "--boot=flat", "--accel=tcg"), "image-flat"),
                              (("--arch=aarch64", "--debug"), "image-uefi")):
            expect_equal(parts(*words), wanted, f"{words}")
        if os.uname().machine != "x86_64" or not os.access("/dev/kvm", os.R_OK | os.W_OK):
            return
        expect_equal((parts(), parts("--boot=pvh")), ("image", "image"), "nothing is known")
        for carried, wanted in ((("pvh",), "image-pvh"), (("uefi", "pvh"), "image-uefi"), ((), "image-uefi")):
            answer = {"kvm": "ok", "host": m.probe_host(), "time": time.time(),
                      **{way: way in carried for way in ("uefi", "pvh")}}
            with open(os.path.join(folder, "probe-x86_64.json"), "w", encoding="utf-8") as file:
                json.dump(answer, file)
            expect_equal(parts(), wanted, f"KVM carries {carried}")
        expect_equal(sorted(os.listdir(folder)), ["probe-x86_64.json"], "what it leaves")


@test("launcher/a run without a measurement says why and leaves earlier results, under PVH and UEFI", seconds=8)
def _():
    with tempfile.TemporaryDirectory() as folder:
        results = build_folder(folder)
        for boot, words, why in (("pvh", "--qick", "unknown option 'qick'; the nearest is --quick"),
                                 ("pvh", "tlb copi", "no benchmark matches 'copi'"),
                                 ("uefi", "--qick", "unknown option 'qick'; the nearest is --quick")):
            for ending in launcher.ENDINGS:
                with open(os.path.join(results, f"x86_64-{boot}{ending}"), "w", encoding="ascii") as file:
                    file.write("earlier")
            before = contents(results)
            result = subprocess.run([sys.executable, os.path.join(m.ROOT, "tools", "run.py"), f"--boot={boot}",
                                     "--accel=tcg", f"--arguments={words}", "--build", folder], check=False,
                                    capture_output=True, text=True, timeout=limit(300))
            expect_equal(result.returncode, m.EXIT_USAGE, f"{boot}, {words}: status\n{result.stdout}{result.stderr}")
            expect(why in result.stdout, f"{boot}, {words}: not a word of why:\n{result.stdout}")
            expect("exit status 2" in result.stderr and "nothing was measured" in result.stderr, result.stderr)
            expect_equal(contents(results), before, f"{boot}, {words}: files of an earlier run")
