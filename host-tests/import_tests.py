# SPDX-License-Identifier: Apache-2.0
"""What other tools write, as launches of `ab`. data/import/ has files as Google Benchmark 1.7.1, hyperfine 1.15.0 and
Criterion.rs 0.3.6 wrote them."""

import json
import os
import shutil
import subprocess
import tempfile

import hosted_tests
import machine as m
from format_tests import check_schema
from harness import Cases, expect, expect_equal, limit, test
from history_tests import write_results

DATA = os.path.join(m.ROOT, "host-tests", "data", "import")


def ab(directory, source, *words, pairs=6):
    """`ab` of launches that each leave a copy of `source`; what it kept of the first, where it kept any."""
    keep = os.path.join(directory, "keep")
    shutil.rmtree(keep, ignore_errors=True)
    command = f"cp -r '{source}' {{out}}"
    result = hosted_tests.anechoic("ab", f"--pairs={pairs}", f"--pairs-max={pairs}", "--format=json",
                                   f"--keep={keep}", *words, command, command)
    kept = os.path.join(keep, "a", "001.json")
    if result.returncode not in (0, m.EXIT_BROKEN) or not os.path.isfile(kept):
        return result, None
    with open(kept, encoding="utf-8") as file:
        return result, json.load(file)


def figures(results):
    """{name: (samples, mean)} of what was measured."""
    return {entry["name"]: (len(entry["times"]), entry["estimates"]["mean"]["point"])
            for entry in results["benchmarks"] if entry["status"] == "ok"}


def expect_figures(found, wanted, what):
    expect_equal(sorted(found), sorted(wanted), f"{what}: names")
    for name, (count, mean) in wanted.items():
        expect_equal(found[name][0], count, f"{what}, {name}: samples")
        expect(abs(found[name][1] / mean - 1) < 1e-9, f"{what}, {name}: mean {found[name][1]}, wanted {mean}")


def read(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        return json.load(file)


@test("hosted/ab takes Google Benchmark's JSON: repetitions are samples, aggregates none, errors failures")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for name, pairs, count in (("google_repetitions.json", 6, 3), ("google_one.json", 15, 1)):
            result, kept = ab(directory, os.path.join(DATA, name), pairs=pairs)
            expect_equal(result.returncode, m.EXIT_BROKEN, f"{name}: {result.stderr}")
            check_schema("results", kept)
            scale = {"ns": 1, "us": 1000}
            entries = [entry for entry in read(name)["benchmarks"]
                       if entry["run_type"] == "iteration" and not entry.get("error_occurred")]
            wanted = {}
            for entry in entries:
                wanted.setdefault(entry["name"], []).append(entry["real_time"] * scale[entry["time_unit"]])
            expect_equal(sorted(wanted), ["adds/64", "adds/8", "slow/real_time"], "what is in the file")
            expect_figures(figures(kept), {one: (count, sum(times) / count) for one, times in wanted.items()}, name)
            iterations = [entry["iters"] for entry in kept["benchmarks"] if entry["name"] == "adds/8"][0]
            expect_equal(iterations, [entry["iterations"] for entry in entries if entry["name"] == "adds/8"], name)
            expect_equal([(gap["name"], gap["reason"]) for gap in json.loads(result.stdout)["not_judged"]],
                         [("fails", 'no "luck"')], f"{name}: what failed")


@test("hosted/ab takes hyperfine's JSON: runs are samples, parameters part of the name")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for name, wanted in (("hyperfine.json", ["sleep 0.001", "true"]),
                             ("hyperfine_parameters.json", ["work n=1", "work n=2"])):
            result, kept = ab(directory, os.path.join(DATA, name))
            expect_equal((result.returncode, result.stderr), (0, ""), name)
            check_schema("results", kept)
            entries = read(name)["results"]
            expect_figures(figures(kept), {label: (len(entry["times"]), entry["mean"] * 1e9)
                                           for label, entry in zip(wanted, entries)}, name)


def write_criterion(folder, place, sample, **description):
    new = os.path.join(folder, place, "new")
    os.makedirs(new)
    for name, value in (("benchmark", description), ("sample", sample)):
        with open(os.path.join(new, name + ".json"), "w", encoding="utf-8") as file:
            json.dump(value, file)


@test("hosted/ab takes Criterion.rs' tree: new/ of each benchmark, at any depth, and our own export of one")
def _():
    with tempfile.TemporaryDirectory() as directory:
        tree = os.path.join(directory, "tree")
        samples = {"sampling_mode": "Linear", "iters": [10.0, 20.0, 30.0], "times": [1000.0, 2100.0, 2900.0]}
        for place, name in (("plain", "plain"), ("group one/sum_x/10", "group one/sum/x/10"), ("g/1", "g/1")):
            write_criterion(tree, place, samples, group_id="g", function_id=None, value_str=None,
                            throughput={"Bytes": 10}, full_id=name, directory_name=place, title=name)
        write_criterion(tree, "plain/base", samples, full_id="an earlier run")
        write_criterion(tree, "report", samples, full_id="a report")
        os.symlink("/", os.path.join(tree, "link"))
        result, kept = ab(directory, tree)
        expect_equal((result.returncode, result.stderr), (0, ""), "ab")
        check_schema("results", kept)
        wanted = {name: (3, (100 + 105 + 2900 / 30) / 3) for name in ("plain", "group one/sum/x/10", "g/1")}
        expect_figures(figures(kept), wanted, "tree")
        own, again = os.path.join(directory, "keep", "a", "001.json"), os.path.join(directory, "again")
        expect_equal(hosted_tests.anechoic("export", "criterion", own, "-o", again).returncode, 0, "export")
        result, kept = ab(directory, again)
        expect_figures(figures(kept), wanted, "our own export")


@test("hosted/ab takes the tree that Criterion.rs wrote, and finds in it what Criterion.rs did")
def _():
    tree, wanted = os.path.join(DATA, "criterion"), {}
    for place, folders, _ in os.walk(tree):
        if "new" in folders:
            new = os.path.join("criterion", os.path.relpath(place, tree), "new")
            mean = read(os.path.join(new, "estimates.json"))["mean"]["point_estimate"]
            wanted[read(os.path.join(new, "benchmark.json"))["full_id"]] = (10, mean)
    expect_equal(sorted(wanted), ["adds plain", "slow/nap", "sum/of/x:y/64", "sum/of/x:y/8"], "what is in the tree")
    with tempfile.TemporaryDirectory() as directory:
        result, kept = ab(directory, tree)
        expect_equal((result.returncode, result.stderr), (0, ""), "ab")
        check_schema("results", kept)
        expect_figures(figures(kept), wanted, "tree")


@test("hosted/ab takes our own results for ours, blanks before them or not")
def _():
    with tempfile.TemporaryDirectory() as directory:
        own = write_results(directory, 1, [100])
        with open(own, encoding="utf-8") as file:
            text = file.read()
        for before in ("", " \n"):
            with open(own, "w", encoding="utf-8") as file:
                file.write(before + text)
            result, kept = ab(directory, own)
            expect_equal((result.returncode, kept), (0, json.loads(text)), f"{before!r}: {result.stderr}")


@test("hosted/ab wants 15 pairs where another tool measured once a launch")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for name, benchmark, tool in (("google_one.json", "adds/8", "Google Benchmark"),
                                      ("hyperfine_one.json", "false", "hyperfine")):
            result, _ = ab(directory, os.path.join(DATA, name), pairs=14)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{name}: {result.stderr}")
            expect(result.stderr.startswith(f"{benchmark}: {tool} measured it once a launch, which takes --pairs=15 "),
                   result.stderr)
        result, _ = ab(directory, os.path.join(DATA, "hyperfine_one.json"), pairs=15)
        expect_equal(json.loads(result.stdout)["benchmarks"][0]["verdict"], "no change", "15 pairs")
        # What a budget leaves of them is judged no sooner.
        command = f"cp '{DATA}/hyperfine_one.json' {{out}}; sleep 0.6"
        result = hosted_tests.anechoic("ab", "--budget=1", "--format=json", command, command)
        row = json.loads(result.stdout)["benchmarks"][0]
        expect_equal((result.returncode, row["verdict"]), (m.EXIT_INCONCLUSIVE, "inconclusive"), result.stderr)
        expect_equal((row["launches"], row["reason"]), (2, "2 launches of each, 15 are needed"), "the row")
        expect_equal(result.stderr, "the budget of 1 s ended after 2 pairs of at least 15\n", "said")


GOOGLE = {"name": "a", "run_type": "iteration", "iterations": 10, "real_time": 1.5, "time_unit": "ns"}
HYPERFINE = {"command": "a", "times": [0.1, 0.2]}
HOSTILE = (  # what is in the file, what is said of it
    ({"context": {}, "benchmarks": []}, "has no benchmark in it"),
    ({"context": {}, "benchmarks": [7]}, "benchmarks[0] is not an object"),
    ({"context": {}, "benchmarks": [GOOGLE, {**GOOGLE, "name": None}]}, "benchmarks[1].name is not a string"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "name": ""}]}, "a name is empty"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "iterations": 0}]},
     "benchmarks[0].iterations is not a whole number from 1 on"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "iterations": 1e300}]},
     "benchmarks[0].iterations is not a whole number from 1 on"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "real_time": "1"}]}, "benchmarks[0].real_time is not a number"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "real_time": -1}]}, "benchmarks[0].real_time is no time that can be"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "real_time": 1e308, "time_unit": "s"}]},
     "benchmarks[0].real_time is no time that can be"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "time_unit": "h"}]}, "benchmarks[0].time_unit is none of ns, us, ms, s"),
    ({"context": {}, "benchmarks": [{**GOOGLE, "name": f"b{index}"} for index in range(1001)]},
     "a name is one of more than 1000 benchmarks"),
    ({"results": []}, "has no benchmark in it"),
    ({"results": [[]]}, "results[0] is not an object"),
    ({"results": [{"times": [1]}]}, "results[0].command is not a string"),
    ({"results": [{**HYPERFINE, "parameters": {"n": 1}}]}, "results[0].parameters is not a string"),
    ({"results": [HYPERFINE, HYPERFINE]}, "results[1].command is that of another, too: name them with --command-name"),
    ({"results": [{**HYPERFINE, "times": []}]}, "results[0].times is not an array with something in it"),
    ({"results": [{**HYPERFINE, "times": [0.1, None]}]}, "results[0].times[1] is no time that can be"),
    ({"results": [{**HYPERFINE, "times": [0.1, 1e300]}]}, "results[0].times[1] is no time that can be"),
)


@test("hosted/ab names the file and the member of another tool's file that is wrong")
def _():
    wrong = []
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "bad.json")
        for content, wanted in HOSTILE:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(content, file)
            result, _ = ab(directory, path)
            line = result.stderr.splitlines()[-1] if result.stderr else ""
            if result.returncode != m.EXIT_BROKEN or not line.endswith(f"/001.json: {wanted}"):
                wrong.append((wanted, f"{result.returncode}, {result.stderr}"))
        shutil.copy(os.path.join(DATA, "google_aggregates.json"), path)
        result, _ = ab(directory, path)
        if "benchmarks has aggregates alone: leave --benchmark_report_aggregates_only away" not in result.stderr:
            wrong.append(("aggregates", result.stderr))
    return Cases(len(HOSTILE) + 1 - len(wrong), wrong)


@test("hosted/ab names the file of Criterion.rs' tree that is wrong")
def _():
    good = {"iters": [1.0, 1.0], "times": [5.0, 6.0]}
    cases = ((good, {}, "x/new/benchmark.json: full_id is not a string"),
             ({**good, "times": [1.0]}, {"full_id": "x"}, "x/new/sample.json: iters and times are not two arrays"),
             ({**good, "iters": [0.5, 1.0]}, {"full_id": "x"}, "x/new/sample.json: iters[0], times[0] is no meas"),
             ({**good, "times": [1.0, "a"]}, {"full_id": "x"}, "x/new/sample.json: iters[1], times[1] is no meas"))
    with tempfile.TemporaryDirectory() as directory:
        for index, (sample, description, wanted) in enumerate(cases):
            tree = os.path.join(directory, str(index))
            write_criterion(tree, "x", sample, **description)
            result, _ = ab(directory, tree)
            expect(result.returncode == m.EXIT_BROKEN and wanted in result.stderr, f"{wanted}: {result.stderr}")
        twice, lone, empty = (os.path.join(directory, name) for name in ("twice", "lone", "empty"))
        for place in ("x", "y"):
            write_criterion(twice, place, good, full_id="x")
        write_criterion(lone, "x", good, full_id="x")
        os.remove(os.path.join(lone, "x", "new", "sample.json"))
        os.mkdir(empty)
        for tree, wanted in ((twice, "y/new/benchmark.json: full_id is that of another benchmark, too"),
                             (lone, "x/new/benchmark.json: has no sample.json beside it"),
                             (empty, "/001.json: has no benchmark in it")):
            result, _ = ab(directory, tree)
            expect(result.returncode == m.EXIT_BROKEN and wanted in result.stderr, f"{wanted}: {result.stderr}")


@test("hosted/ab takes what Google Benchmark writes here", system=True, seconds=15)
def _():
    hosted_tests.need_judged_figures()
    with tempfile.TemporaryDirectory() as directory:
        loop = os.path.join(directory, "loop")
        built = subprocess.run(["g++", "-O2", "-o", loop, os.path.join(m.ROOT, "host-tests", "google_loop.cc"),
                                "-lbenchmark", "-lpthread"], check=False, capture_output=True, text=True,
                               timeout=limit(120))
        expect_equal(built.returncode, 0, built.stderr)
        for words, pairs in (("--benchmark_repetitions=3", 6), ("", 15)):
            command = f"{loop} --benchmark_min_time=0.005 {words} --benchmark_out={{out}} 2>/dev/null"
            result = hosted_tests.anechoic("ab", f"--pairs={pairs}", f"--pairs-max={pairs}", "--format=json", command,
                                           command)
            expect(result.returncode in (0, 1, m.EXIT_INCONCLUSIVE) and not result.stderr, result.stderr)
            expect_equal([(row["name"], row["launches"]) for row in json.loads(result.stdout)["benchmarks"]],
                         [("three_adds", pairs)], words)
