# SPDX-License-Identifier: Apache-2.0
"""Tests of the hosted programme as its users run it."""

import calendar
import json
import os
import random
import re
import signal
import subprocess
import tempfile
import time

import figures
import machine as m
from harness import Skipped, expect, expect_equal, limit, test

os.environ.pop("COLUMNS", None)   # lines of the width that is read here

PROGRAM = os.path.join(m.ROOT, "build", "anechoic")
PATIENT = "--timeout=100"     # a busy machine makes a process wait, and what waits does not hang
HANGING = "--timeout=5"
SHORT = (PATIENT, "--sample-size=20", "--warm-up-time=0.005", "--measurement-time=0.01", "--nresamples=100")
SHORTEST = (PATIENT, "--sample-size=10", "--warm-up-time=0.001", "--measurement-time=0.001", "--nresamples=100")


def anechoic(*words, limit_s=300, env=None):
    """`env`: beside this process's own."""
    return subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, timeout=limit(limit_s),
                          stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})


def is_sanitized():
    return os.sep + "san" + os.sep in PROGRAM


def own_words(shown):
    """Without ASan's of changes of stacks, which it is told of all the same."""
    return re.sub(r"==\d+==WARNING: ASan doesn't fully support makecontext/swapcontext[^\r\n]*\r?\n", "", shown)


def need_judged_figures():
    """A sanitized programme's figures are functional only, and no verdict is given on such."""
    if is_sanitized():
        raise Skipped("the figures of a sanitized build are not judged")


@test("hosted/list names every benchmark with its iteration")
def _():
    result = anechoic("list")
    expect_equal(result.returncode, 0, "exit status")
    names = [line.split()[0] for line in result.stdout.splitlines() if "/" in line.split(" ")[0]]
    for name in ("pool/pool_vs_standard/stack_pool_cycle", "tlb/lookup/mostly_hits", "copy/4KiB/256bit",
                 "copy/16KiB/bytes", "simd/add32/1000/vector"):
        expect(name in names, f"{name} is not listed:\n{result.stdout}")


@test("hosted/a filter selects from all, none the headline benchmarks")
def _():
    listed = {}
    for line in anechoic("list").stdout.splitlines():
        name, mark = line.split()[:2]
        listed[name] = mark == "*"
    headlines = [name for name, is_headline in listed.items() if is_headline]
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")

        def planned(*words):
            anechoic("run", *SHORTEST, "--log", log, *words)
            with open(log, "rb") as file:
                return [record.body["name"] for record in m.records_read(file.read()) if record.tag == "START"]

        expect_equal(planned(), headlines, "without a filter")
        # Rows under machine/ are meant by filters that begin so.
        expect_equal(planned("tlb"), [name for name in listed if "tlb" in name and not name.startswith("machine/")],
                     "filter tlb")
        expect(not any(name.startswith("machine/") for name in planned("--exact", "copy/4KiB/256bit", "copy/16KiB/*")),
               "rows of machine/ by a filter that does not begin so")
        # The ladders under machine/ ask for as much memory as there is.
        expect_equal(planned("--all"), [name for name in listed if not name.startswith("machine/")], "--all")


@test("hosted/run saves results with raw samples")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, log = os.path.join(directory, "results.json"), os.path.join(directory, "log")
        result = anechoic("run", "--quick", PATIENT, "--out", path, "--log", log)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file, parse_constant=lambda name: expect(False, f"{name} in results.json"))
        expect_equal(results["schema"], "anechoic/1", "schema")
        for entry in results["benchmarks"]:
            expect(entry["status"] in ("ok", "skipped"), f"{entry['name']}: {entry['status']}")
            if entry["status"] != "ok":
                continue
            expect(len(entry["iters"]) == len(entry["times"]) > 1, f"{entry['name']} has no samples")
            figure = entry["estimates"][entry["figure"]]
            interval = figure["confidence_interval"]
            expect(0 < interval["lower_bound"] <= figure["point"] <= interval["upper_bound"],
                   f"{entry['name']}: {figure}")
            expect(abs(figure["point"] / figures.of_samples(entry) - 1) < 1e-9, f"{entry['name']}: of its samples")
        with open(log, "rb") as file:
            records = m.records_read(file.read())
        expect_equal(records[0].tag, "RUN", "first record")
        expect_equal(records[-1].tag, "DONE", "last record")
        again = os.path.join(directory, "again.json")
        expect_equal(anechoic("collect", log, "-o", again).returncode, 0, "collect")
        with open(again, encoding="utf-8") as file:
            collected = json.load(file)
        expect_equal(collected["benchmarks"], results["benchmarks"],
                     "collected from the log against written by the run")


@test("hosted/runs, and what other tools get of them, have the date in UTC, whatever zone the host keeps")
def _():
    def now():
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    with tempfile.TemporaryDirectory() as directory:
        path, log = os.path.join(directory, "results.json"), os.path.join(directory, "log")
        before = now()
        subprocess.run([PROGRAM, "run", *SHORTEST, "--out", path, "--log", log, "tlb/lookup/mostly"], check=True,
                       capture_output=True, env=dict(os.environ, TZ="Asia/Tokyo"))
        after = now()
        with open(path, encoding="utf-8") as file:
            context = json.load(file)["context"]
        dates = context["start_utc"], context["end_utc"]
        expect(before <= dates[0] <= dates[1] <= after, f"{dates} between {before} and {after}")
        expect_equal(context["utc_source"], "clock_gettime", "who says it")
        expect(context["elapsed_ns"] > 0, "span")
        google = json.loads(anechoic("export", "google-benchmark", path).stdout)
        expect_equal(google["context"]["date"], dates[0], "Google Benchmark's date")
        metrics = anechoic("export", "prometheus", path).stdout
        seconds = calendar.timegm(time.strptime(dates[0], "%Y-%m-%dT%H:%M:%SZ"))
        expect(re.search(rf"^anechoic_run_start_time_seconds\{{[^}}]*\}} {seconds}$", metrics, re.M), metrics)
        with open(path, encoding="utf-8") as file:
            undated = json.load(file)
        for member in ("start_utc", "end_utc", "utc_source"):
            del undated["context"][member]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(undated, file)
        google = json.loads(anechoic("export", "google-benchmark", path).stdout)
        expect("date" not in google["context"], f"a date that nobody knows: {google['context']}")
        expect("run_start" not in anechoic("export", "prometheus", path).stdout, "a start that nobody knows")
        with open(log, "rb") as file:
            whole = file.read()
        with open(log, "wb") as file:
            file.write(whole[:whole.index(b"@anechoic DONE")])
        cut = json.loads(anechoic("collect", log).stdout)["context"]
        expect_equal((cut["start_utc"], cut["end_utc"]), (dates[0], "unknown"), "a run that was cut off")


@test("hosted/injected faults are contained")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        result = anechoic("run", "--quick", HANGING, "--inject=ud,null,wx,stack,hang,checkpoint", "--out", path, "tlb")
        expect_equal(result.returncode, m.EXIT_BROKEN, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            entries = {entry["name"]: entry for entry in json.load(file)["benchmarks"]}
        broken = {name: entry for name, entry in entries.items() if name.startswith("inject/")}
        expect_equal(sorted(entry["status"] for entry in broken.values()), ["failed"] * 4 + ["hung"] * 2,
                     "injected benchmarks")
        for name, entry in entries.items():
            if name not in broken:
                expect_equal(entry["status"], "ok", f"{name} after the faults")


@test("hosted/usage errors exit 2 and help")
def _():
    for words, wanted in ((["run", "--qick"], "--quick"), (["run", "nosuchbenchmark"], "nosuchbenchmark"),
                          (["rnu"], "rnu"), (["run", "--sample-size", "many"], "sample-size"),
                          (["run", "--inject=bang"], "bang"), (["collect"], "collect"),
                          (["collect", "/nonexistent/log", "-o", "/dev/null"], "/nonexistent/log")):
        result = anechoic(*words)
        expect_equal(result.returncode, m.EXIT_USAGE,
                     f"exit status of {' '.join(words)}: {result.stdout[-300:]}{result.stderr}")
        expect(wanted in result.stderr + result.stdout, f"{' '.join(words)} does not name {wanted}: {result.stderr}")


@test("hosted/each filter that matches nothing is named, and a slip of a command's name")
def _():
    for words, wanted in (
            (["tlb", "nosuch", "neither"], "no benchmark matches 'nosuch' 'neither'; `list` names all\n"),
            (["list", "tlb", "nosuch"], "no benchmark matches 'nosuch'; `list` names all\n"),
            (["--exact", "tlb"], "no benchmark matches 'tlb'; `list` names all\n"),
            (["run", "rnu"], "no benchmark matches 'rnu'; `list` names all\n"),
            (["rnu", "pool"], "no benchmark matches 'rnu'; `list` names all; did you mean `run`?\n"),
            (["lst"], "no benchmark matches 'lst'; `list` names all; did you mean `list`?\n"),
            (["cmpare", "tlb"], "no benchmark matches 'cmpare'; `list` names all; did you mean `compare`?\n")):
        result = anechoic(*words)
        expect_equal((result.returncode, result.stdout, result.stderr), (m.EXIT_USAGE, "", wanted), f"{words}")


def unsaid(*words, close):
    """What becomes of a command whose standard output is full or closed."""
    shell = 'exec "$@" >&-' if close else 'exec "$@" >/dev/full'
    return subprocess.run(["sh", "-c", shell, "sh", PROGRAM, *words], check=False, capture_output=True, text=True,
                          timeout=limit(60))


@test("hosted/what standard output did not take is told, and ends with status 2")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, database = os.path.join(directory, "r.json"), os.path.join(directory, "history.db")
        run = ["run", *SHORTEST, "--exact", "reference/adds/3"]
        expect_equal(anechoic(*run, "--out", results).returncode, 0, "a run")
        for close in (False, True):
            for words in (["list"], ["list", "--format=json"], run, ["version"], ["self-test"], ["help"], ["man"],
                          ["completion", "bash"], ["compare", "--platforms", results, results],
                          ["history", "add", results, "--db", database], ["export", "csv", results],
                          ["report", results, "-o", "-"]):
                result = unsaid(*words, close=close)
                expect_equal(result.returncode, m.EXIT_USAGE, f"{words}, {'closed' if close else 'full'}")
                expect_equal(result.stderr.count("standard output: "), 1, f"{words}: {result.stderr}")
        kept = os.path.join(directory, "kept.json")
        unsaid(*run, "--out", kept, close=True)
        with open(kept, encoding="utf-8") as file:
            expect_equal(len(json.load(file)["benchmarks"]), 1, "results beside a closed standard output")


@test("hosted/results that cannot be written are an error")
def _():
    result = anechoic("run", *SHORTEST, "tlb", "--out", "/nonexistent/results.json")
    expect_equal(result.returncode, m.EXIT_USAGE, "exit status")
    expect("/nonexistent/results.json" in result.stderr, f"the file is not named: {result.stderr}")


@test("hosted/help and version")
def _():
    for words in (["--help"], ["help"], ["--version"]):
        result = anechoic(*words)
        expect_equal(result.returncode, 0, f"exit status of {words}")
        expect("nechoic" in result.stdout, f"{words} says nothing")


def cut_log(directory, words):
    """A log that was cut off in the third benchmark: it has its START, and half a line of its END."""
    log = os.path.join(directory, "log")
    expect_equal(anechoic(*words, "--log", log).returncode, 0, "whole run")
    with open(log, "rb") as file:
        whole = file.read()
    third = [at for at in range(len(whole)) if whole.startswith(b"@anechoic END", at)][2]
    with open(log, "wb") as file:
        file.write(whole[:third + 40])
    return log


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


@test("hosted/a run that was cut off is resumed, and what it was cut off in measured again, once")
def _():
    with tempfile.TemporaryDirectory() as directory:
        rest, path, again = (os.path.join(directory, name) for name in ("rest", "results.json", "again.json"))
        words = ["run", "--quick", PATIENT, "tlb", "copy/4KiB"]
        log = cut_log(directory, words)
        result = anechoic(*words, "--resume", log, "--log", rest, "--out", path)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        statuses = [entry["status"] for entry in results["benchmarks"]]
        expect(set(statuses) <= {"ok", "skipped"} and len(statuses) > 5, f"all of them: {statuses}")
        tags = [record.tag for record in m.records_read(bytes_of(rest))]
        second = tags.index("RUN", 1)
        expect_equal(tags[second:second + 2], ["RUN", "START"], "first records of the resumed run")
        expect_equal(anechoic("collect", rest, "-o", again).returncode, 0, "collect")
        with open(again, encoding="utf-8") as file:
            expect_equal(json.load(file), results, "collected from both boots' records against written by the second")


@test("hosted/a benchmark in which a run was cut off twice is hung, and the run goes on after it")
def _():
    with tempfile.TemporaryDirectory() as directory:
        rest, path = (os.path.join(directory, name) for name in ("rest", "results.json"))
        words = ["run", *SHORTEST, "tlb", "copy/4KiB"]
        log = cut_log(directory, words)
        anechoic(*words, "--resume", log, "--log", rest)
        whole = bytes_of(rest)
        third = [at for at in range(len(whole)) if whole.startswith(b"@anechoic END", at)][3]  # [2] is the half line
        with open(rest, "wb") as file:
            file.write(whole[:third + 40])
        result = anechoic(*words, "--resume", rest, "--out", path)
        expect_equal(result.returncode, m.EXIT_BROKEN, f"exit status\n{result.stdout}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            statuses = [entry["status"] for entry in json.load(file)["benchmarks"]]
        expect_equal(statuses[:3], ["ok", "ok", "hung"], "the first three")
        expect(set(statuses[3:]) <= {"ok", "skipped"} and len(statuses) > 5, f"those after it: {statuses}")


@test("hosted/a log that is resumed goes on in the same file, and one of another name is complete by itself")
def _():
    with tempfile.TemporaryDirectory() as directory:
        words, results = ["run", *SHORTEST, "tlb", "copy/4KiB"], os.path.join(directory, "results.json")
        log, other = cut_log(directory, words), os.path.join(directory, "other")
        before = bytes_of(log)
        for file in (other, log):
            expect_equal(anechoic(*words, "--resume", log, "--log", file).returncode, 0, f"--log {file}")
            expect(bytes_of(file).startswith(before), f"{file} does not begin with the earlier records")
            expect_equal(anechoic("collect", file, "-o", results).returncode, 0, f"collect {file}")
            with open(results, encoding="utf-8") as opened:
                expect(json.load(opened)["context"]["complete"], f"{file} is not complete")
        expect_equal(sorted(os.listdir(directory)), ["log", "other", "results.json"], "files")


@test("hosted/an interruption keeps what is finished, says how to go on, and is no hang")
def _():
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with tempfile.TemporaryDirectory() as directory:
            log, out, whole = (os.path.join(directory, name) for name in ("log", "out.json", "whole.json"))
            words = ["run", "--sample-size=10", "--measurement-time=1", "--nresamples=100", "tlb/lookup", "copy/4KiB"]
            run = subprocess.Popen([PROGRAM, *words, "--log", log, "--out", out], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
            until = time.monotonic() + limit(60)
            while not (os.path.exists(log) and bytes_of(log).count(b"@anechoic START") >= 3):
                expect(run.poll() is None and time.monotonic() < until, "the third benchmark did not begin")
                time.sleep(0.01)
            run.send_signal(number)
            said = run.communicate(timeout=limit(60))[1]
            expect_equal(run.returncode, status, said)
            expect("interrupted: 2 of 8 benchmarks are measured\n" in said and f"--resume {log}" in said, said)
            results = json.loads(bytes_of(out))
            expect_equal(([entry["status"] for entry in results["benchmarks"]], results["context"]["complete"]),
                         (["ok", "ok", "skipped"], False), "results of what was finished")
            result = anechoic(*words, "--resume", log, "--log", log, "--out", whole)
            expect_equal(result.returncode, 0, result.stderr)
            results = json.loads(bytes_of(whole))
            expect(len(results["benchmarks"]) == 8 and results["context"]["complete"], "the whole run")


@test("hosted/a log of another run is not gone on with, but by --resume-anyway")
def _():
    with tempfile.TemporaryDirectory() as directory:
        words = ["run", *SHORTEST, "tlb", "copy/4KiB"]
        log, whole, results = cut_log(directory, words), os.path.join(directory, "whole"), os.path.join(directory, "r")
        other = ["run", *SHORTEST, "tlb/lookup", "copy/4KiB"]
        before = bytes_of(log)
        expect_equal(anechoic(*words, "--log", whole, "--out", results).returncode, 0, "a whole run")
        for run, file, wanted in ((other, log, "other options: filter: there ["), (words, whole, "came to its end"),
                                  (words, results, "there is no run in it")):
            result = anechoic(*run, "--resume", file, "--log", log)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{wanted}: {result.stderr}")
            expect(wanted in result.stderr, result.stderr)
            expect_equal(bytes_of(log), before, f"{wanted}: the log")
        result = anechoic(*other, "--resume", log, "--resume-anyway")
        expect_equal(result.returncode, 0, result.stderr)
        expect("2 benchmarks are kept" in result.stdout, result.stdout)


@test("hosted/files that are there stay until there is something better")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log, out = (os.path.join(directory, name) for name in ("log", "out"))
        words = ["run", *SHORTEST, "tlb/lookup"]
        for path in (log, out):
            with open(path, "w", encoding="utf-8") as file:
                file.write("what was there\n")
        files = ["--log", log, "--out", out]

        def expect_kept(what, left=()):
            expect_equal([bytes_of(path) for path in (log, out)], [b"what was there\n"] * 2, what)
            expect_equal(sorted(os.listdir(directory)), sorted(["log", "out", *left]), f"files after {what}")

        expect_equal(anechoic("run", *files, "nosuch").returncode, m.EXIT_USAGE, "a filter that matches nothing")
        expect_kept("a filter that matches nothing")
        expect_equal(anechoic("run", *files, "--load-baseline=nosuch").returncode, m.EXIT_USAGE, "no baseline")
        expect_kept("--load-baseline")
        killed = subprocess.Popen([PROGRAM, "run", "--sample-size=10", "--measurement-time=5", "--time-budget=1000",
                                   *files, "tlb"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with killed:
            until = time.monotonic() + limit(60)
            while not (os.path.exists(log + ".new") and b"@anechoic END" in bytes_of(log + ".new")):
                expect(killed.poll() is None and time.monotonic() < until, "no benchmark came to its end")
                time.sleep(0.05)
            killed.kill()
        expect_kept("kill -9", left=["log.new"])
        refused = anechoic(*words, *files)
        expect_equal(refused.returncode, m.EXIT_USAGE, "a cut-off log is in the way")
        expect(f"--resume {log}.new" in refused.stderr, refused.stderr)
        os.remove(log + ".new")
        expect_equal(anechoic(*words, *files).returncode, 0, "a whole run")
        expect_equal(sorted(os.listdir(directory)), ["log", "out"], "files after a whole run")
        expect(b"@anechoic DONE" in bytes_of(log) and json.loads(bytes_of(out))["context"]["complete"], "replaced")


@test("hosted/a time budget leaves one result of each benchmark, the latest")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, log = os.path.join(directory, "results.json"), os.path.join(directory, "log")
        result = anechoic("run", "--quick", PATIENT, "--time-budget=2s", "tlb/lookup", "--out", path, "--log", log)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout}{result.stderr}")
        with open(log, "rb") as file:
            ends = {record.body["name"]: record.body["step"] for record in m.records_read(file.read())
                    if record.tag == "END"}
        with open(path, encoding="utf-8") as file:
            steps = {entry["name"]: entry["iters"][0] for entry in json.load(file)["benchmarks"]}
        expect_equal(ends, steps, "iterations of the first sample, in each benchmark's last END and in the results")


@test("hosted/layouts are measured beside the fixed placement, all benchmarks' setups included")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, log, again = (os.path.join(directory, name) for name in ("results.json", "log", "again.json"))
        # As short as can be: every setup has to do with memory that lies elsewhere.
        result = anechoic("run", "--all", "--layouts=3", *SHORTEST, "--out", path, "--log", log, limit_s=600)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)["benchmarks"]
        for entry in entries:
            if entry["status"] == "ok":
                expect_equal(sorted(visit["layout"] for visit in entry.get("layout", {}).get("figures", [])),
                             [1, 1, 2, 2, 3, 3], f"{entry['name']}: visits")
            for visit in entry.get("layout", {}).get("figures", []):
                expect_equal("room" in visit, "room" in entry, f"{entry['name']}: a room beside each figure, or none")
        expect("worst over best" in result.stdout, result.stdout[-2000:])
        anechoic("collect", log, "-o", again)
        with open(again, encoding="utf-8") as file:
            expect_equal(json.load(file)["benchmarks"], entries, "collected from the log against written by the run")


@test("hosted/layouts: usage")
def _():
    for words in (["--layouts=2"], ["--layouts=many"], ["--layouts=4", "--time-budget=1s"]):
        result = anechoic("run", *words, "tlb")
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {words}: {result.stderr}")
        expect("layouts" in result.stderr, result.stderr)


# As a machine's, whatever measured.
def one_loud_visit(results):
    results["context"].update(figures="hardware")
    for entry in results["benchmarks"]:
        for number, place in enumerate((*entry["layout"]["figures"], entry)):
            place["room"] = {"word": "quiet" if number else "loud"}


@test("hosted/layout: three variants, one of them slower")
def _():
    with tempfile.TemporaryDirectory() as directory:
        fast, slow = (os.path.join(directory, name) for name in ("fast.json", "slow.json"))
        anechoic("run", *SHORT, "--layouts=3", "tlb/lookup/mostly_hits", "--out", fast)
        changed(fast, fast, one_loud_visit)
        with open(fast, encoding="utf-8") as file:
            results = json.load(file)
        for entry in results["benchmarks"]:
            entry["times"] = [time * 1.2 for time in entry["times"]]
        with open(slow, "w", encoding="utf-8") as file:
            json.dump(results, file)
        a, b = f"cp '{fast}' {{out}} #", f"cp '{slow}' {{out}} #"
        result = anechoic("layout", "--rounds=3", "--layouts=3", "--seed=7", a, b, a)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout}{result.stderr}")
        row = next(line for line in result.stdout.splitlines() if line.startswith("tlb/lookup/mostly_hits"))
        words = row.replace("[", " ").replace("]", " ").split()
        # 1, 1.2, 1: mean 16/15, deviation 0.2 / sqrt(3).
        expect_equal(words[2], "0.00%", f"between launches: {row}")
        expect_equal(words[8], "10.83%", f"between variants: {row}")
        expect_equal(words[-2], "1.200", f"worst over best: {row}")
        expect_equal(words[-1], "usable", f"the room where one visit's was loud: {row}")
        expect("seed 7" in result.stdout, result.stdout)
        told = f"echo 'told {{layouts}}.' >>'{directory}/told'; cp '{fast}' {{out}} #"
        result = anechoic("layout", "--rounds=2", "--layouts=3", told, a, a)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout}{result.stderr}")
        with open(os.path.join(directory, "told"), encoding="utf-8") as file:
            expect_equal(file.read().splitlines(), ["told --layouts 3.", "told .", "told ."], "what {layouts} became")
        results["context"]["figures"] = "functional only"
        with open(slow, "w", encoding="utf-8") as file:
            json.dump(results, file)
        result = anechoic("layout", "--rounds=2", "--layouts=0", b, b, b)
        expect("FUNCTIONAL ONLY" in result.stdout, result.stdout)
        result = anechoic("layout", "--rounds=2", "--layouts=0", a, b, a)
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status\n{result.stdout}{result.stderr}")
        expect("different kinds of figures" in result.stderr, result.stderr)


@test("hosted/layout: usage, and launches that fail")
def _():
    for words in ([], ["true", "true"], ["true", "true", "true", "--rounds=1"], ["true", "true", "true", "--layouts=2"],
                  ["true", "true", "true", "--bogus"]):
        expect_equal(anechoic("layout", *words).returncode, m.EXIT_USAGE, f"exit status of {words}")
    result = anechoic("layout", "--layouts=0", "false #", "false #", "false #")
    expect_equal(result.returncode, m.EXIT_BROKEN, f"exit status\n{result.stderr}")
    expect("false #" in result.stderr, result.stderr)
    result = anechoic("layout", "--layouts=0", "--limit=1", "sleep 30 #", "sleep 30 #", "sleep 30 #")
    expect_equal(result.returncode, 124, f"exit status\n{result.stderr}")


# ---- change ----------------------------------------------------------------------------------------------------------


def made_up(results, seed, launch_noise=0.0):
    """Puts figures into results whose noise is known, in place of those that the machine of the day gave: 50 ns an
    iteration, each sample 0.2 % about it, the launch `launch_noise`."""
    noise = random.Random(seed)
    results["context"].update(figures="hardware")
    for entry in (entry for entry in results["benchmarks"] if entry["status"] == "ok"):
        level = 50 * (1 + noise.gauss(0, launch_noise))
        entry["times"] = [iters * level * (1 + noise.gauss(0, 0.002)) for iters in entry["iters"]]


def measured(path, *words):
    """Results as the programme writes them, their figures made up."""
    result = anechoic("run", *SHORT, *words, "--out", path)
    expect_equal(result.returncode, 0, f"exit status\n{result.stdout}{result.stderr}")
    changed(path, path, lambda results: made_up(results, 1))


def changed(path, target, edit):
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    edit(results)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(results, file)


def slower(factor):
    def edit(results):
        for entry in results["benchmarks"]:
            entry["times"] = [time * factor for time in entry["times"]]
    return edit


def launches_file(path, results, deviation):
    with open(results, encoding="utf-8") as file:
        read = json.load(file)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"schema": "anechoic-launches/1", "cpu": read["context"]["platform"]["cpu"], "way": "hosted",
                   "benchmarks": {entry["name"]: {"launches": 30, "deviation": deviation}
                                  for entry in read["benchmarks"]}}, file)


@test("hosted/compare: verdicts and exit statuses")
def _():
    with tempfile.TemporaryDirectory() as directory:
        a, b, known = (os.path.join(directory, name) for name in ("a.json", "b.json", "launches.json"))
        measured(a, "tlb/lookup")
        launches_file(known, a, 0.002)
        for factor, status, verdict in ((1.0, 0, "no change"), (1.05, 1, "regressed"), (0.9, 0, "improved")):
            changed(a, b, slower(factor))
            result = anechoic("compare", a, b, "--launches", known)
            expect_equal(result.returncode, status, f"times x {factor}\n{result.stdout}{result.stderr}")
            expect(verdict in result.stdout, f"{verdict} is not said:\n{result.stdout}")
        changed(a, b, slower(1.05))
        with open(os.path.join(directory, "thresholds"), "w", encoding="utf-8") as file:
            file.write("tlb/* = 0.2\n# none\nmachine/b*/of/elsewhere = 0.1\npool/* = 0.1\ntlb/lookup = 0.1\n")
        lax = anechoic("compare", a, b, "--launches", known, "--per-benchmark", file.name, "--effect", "0.5",
                       "--format", "json")
        expect_equal(lax.returncode, 0, f"with a threshold of 20 %\n{lax.stdout}{lax.stderr}")
        expect_equal(lax.stderr.count("thresholds line"), 1, lax.stderr)
        expect("thresholds line 5: 'tlb/lookup' is nothing that was compared" in lax.stderr, lax.stderr)
        rows = json.loads(lax.stdout)["benchmarks"]
        expect(all(row["noise_threshold"] == 0.2 and abs(row["change"] - 0.05) < 1e-6 for row in rows), f"{rows}")
        launches_file(known, a, 0.2)
        expect_equal(anechoic("compare", a, b, "--launches", known).returncode, 3, "launches that differ by 20 %")


@test("hosted/compare: what may not be compared is refused")
def _():
    with tempfile.TemporaryDirectory() as directory:
        a, b = (os.path.join(directory, name) for name in ("a.json", "b.json"))
        measured(a, "tlb/lookup/mostly_hits")

        def other_cpu(results):
            results["context"]["platform"]["cpu"] = "another"

        def emulated(results):
            results["context"]["figures"] = "functional only"

        def other_clock(results):
            results["context"]["clock"]["hz"] *= 2

        for edit, wanted in ((other_cpu, "CPU"), (emulated, "figures"), (other_clock, "clock")):
            changed(a, b, edit)
            result = anechoic("compare", a, b)
            expect_equal(result.returncode, m.EXIT_USAGE, f"{wanted}\n{result.stdout}{result.stderr}")
            expect(wanted in result.stderr, f"{wanted} is not named: {result.stderr}")
            result = anechoic("compare", "--platforms", a, b)
            expect_equal(result.returncode, 0, f"--platforms, {wanted}")
            expect("normalised" in result.stdout, result.stdout)
        expect_equal(anechoic("compare", a).returncode, m.EXIT_USAGE, "one file")
        expect_equal(anechoic("compare", a, "/nonexistent.json").returncode, m.EXIT_USAGE, "no file")


@test("hosted/baselines are kept, compared, and loaded")
def _():
    need_judged_figures()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["ANECHOIC_HOME"] = directory
        try:
            words = ["run", *SHORT, "tlb/lookup/mostly_hits"]
            expect_equal(anechoic(*words, "--baseline=old").returncode, m.EXIT_USAGE, "no such baseline")
            for name in ("old", "new"):
                expect_equal(anechoic(*words, f"--save-baseline={name}").returncode, 0, f"--save-baseline {name}")
            result = anechoic(*words, "--baseline=old")
            expect_equal(result.returncode, 3, f"launches are not known to differ\n{result.stdout}{result.stderr}")
            launches_file(os.path.join(directory, "launches.json"), os.path.join(directory, "baselines", "old.json"),
                          10.0)
            result = anechoic("run", "--baseline=old", "--load-baseline=new")
            expect_equal(result.returncode, 3, f"launches differ tenfold\n{result.stdout}{result.stderr}")
            expect("inconclusive" in result.stdout and "throughput" not in result.stdout, result.stdout)
            expect_equal(anechoic(*words, "--save-baseline=../x").returncode, m.EXIT_USAGE, "a name that is a path")
        finally:
            del os.environ["ANECHOIC_HOME"]


def launches(directory, name, results, count, factor=1.0):
    """A command that leaves one launch after another at {out}, as made up beforehand."""
    folder = os.path.join(directory, name)
    os.mkdir(folder)

    def edit(results):
        made_up(results, f"{name} {number}", launch_noise=0.003)
        slower(factor)(results)

    for number in range(count):
        changed(results, os.path.join(folder, f"{number:03}.json"), edit)
    return f"mv \"$(ls '{folder}'/* | head -n 1)\" {{out}} #"


@test("hosted/ab finds a slowdown, and nothing where there is none")
def _():
    with tempfile.TemporaryDirectory() as directory:
        one = os.path.join(directory, "one.json")
        measured(one, "--exact", "tlb/lookup/mostly_hits")
        plain, slow = launches(directory, "plain", one, 10), launches(directory, "slow", one, 10, factor=1.3)
        result = anechoic("ab", "--pairs=10", "--pairs-max=10", "--seed=1", plain, slow, "--keep", directory)
        expect_equal(result.returncode, 1, f"30 % slower\n{result.stdout}{result.stderr}")
        kept = [os.path.join(directory, side) for side in "ab"]
        expect_equal([len(os.listdir(folder)) for folder in kept], [10, 10], "launches kept")
        again = anechoic("compare", *kept)
        expect_equal((again.returncode, re.findall("regressed$", again.stdout, re.MULTILINE)), (1, ["regressed"]),
                     f"compare of what was kept\n{again.stdout}{again.stderr}")
        copy = f"cp '{one}' {{out}} #"
        over = anechoic("ab", "--pairs=2", copy, copy, "--keep", directory)
        expect_equal(over.returncode, m.EXIT_USAGE, "launches beside those of an earlier run")
        expect(kept[0] in over.stderr, over.stderr)
        same = [launches(directory, name, one, 20) for name in ("same", "again")]
        result = anechoic("ab", "--pairs=20", "--pairs-max=20", "--seed=1", *same)
        expect_equal((result.returncode, "no change" in result.stdout), (0, True),
                     f"the same twice\n{result.stdout}{result.stderr}")
        expect_equal(anechoic("ab", "--pairs=2", copy, "false").returncode, m.EXIT_BROKEN, "a command that fails")
        expect_equal(anechoic("ab", "--pairs=2", "--limit=1", copy, "sleep 600 #").returncode, m.EXIT_TIMEOUT,
                     "a command that hangs")
        expect_equal(anechoic("ab", copy).returncode, m.EXIT_USAGE, "one command")


@test("hosted/ab launches the programme itself, and judges what it wrote")
def _():
    """Two pairs, which are too few for any verdict but this one."""
    need_judged_figures()
    run = f"'{PROGRAM}' run {' '.join(SHORT)} --exact tlb/lookup/mostly_hits"
    result = anechoic("ab", "--pairs=2", "--pairs-max=2", run, run)
    expect_equal((result.returncode, "inconclusive" in result.stdout), (3, True), f"{result.stdout}{result.stderr}")
