# SPDX-License-Identifier: Apache-2.0
"""Exports, each read by the tool that it is for where Debian has that, and checked against the
schemas of docs/formats.md."""

import csv
import functools
import glob
import io
import json
import os
import re
import shutil
import subprocess
import tempfile

import hosted_tests
import machine as m
from harness import Skipped, expect, expect_equal, limit, test

COMPARE_PY = "/usr/share/benchmark/compare.py"
PYTHON = "/usr/bin/python3"  # Debian's, which its packages install for


def anechoic(*words, **more):
    return hosted_tests.anechoic(*words, **more)


def umask():
    with open("/proc/self/status", encoding="ascii") as file:
        return int(re.search(r"^Umask:\s*([0-7]+)", file.read(), re.MULTILINE).group(1), 8)


@functools.lru_cache(maxsize=None)
def schemas():
    with open(os.path.join(m.ROOT, "docs", "formats.md"), encoding="utf-8") as file:
        found = re.findall(r"```json (\S+)\n(.*?)\n```", file.read(), re.DOTALL)
    return {name: json.loads(text) for name, text in found}


def check_schema(name, value):
    try:
        import jsonschema
    except ImportError as error:
        raise Skipped("no python3-jsonschema") from error
    wrong = list(jsonschema.Draft7Validator(schemas()[name]).iter_errors(value))
    expect(not wrong, f"{name}: {wrong[0].json_path if wrong else ''}: {wrong[0].message[:300] if wrong else ''}")


def strict(text):
    return json.loads(text, parse_constant=lambda name: expect(False, f"{name} in JSON"))


@test("export/version: what the build is, and every schema that its sources write")
def _():
    result = anechoic("version", "--format=json")
    expect_equal((result.returncode, result.stderr), (0, ""), "version --format=json")
    found = strict(result.stdout)
    check_schema("version", found)
    written = set()
    for folder in ("bench", "hosted"):
        for path in glob.glob(os.path.join(m.ROOT, folder, "**", "*.[ch]"), recursive=True):
            with open(path, encoding="utf-8") as file:
                written.update(re.findall(r'"(anechoic(?:-[a-z]+)*/[0-9]+)"', file.read()))
    expect_equal(sorted(found["schemas"]), sorted(written), "schemas, and those in the sources")
    with open(os.path.join(m.ROOT, "bench", "benchmark.h"), encoding="utf-8") as file:
        expect(f"#define BENCH_SUITE_ABI {found['suite_abi']}\n" in file.read(), "suite_abi")
    line = f"anechoic {found['version']}, commit {found['commit']}, {found['compiler']}\n"
    for words in (("version",), ("version", "--format", "table"), ("--version",)):
        expect_equal(anechoic(*words).stdout, line, " ".join(words))
    expect_equal(found["features"]["sanitized"], hosted_tests.is_sanitized(), "sanitized")
    expect_equal(anechoic("version", "--format=xml").returncode, m.EXIT_USAGE, "another format")


def run_results(directory, *words, name="results.json", status=0):
    path = os.path.join(directory, name)
    result = anechoic("run", "--quick", "--nresamples=1000", hosted_tests.PATIENT, "--out", path, *words)
    expect_equal(result.returncode, status, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
    return path


def export(form, path):
    result = anechoic("export", form, path)
    expect_equal(result.returncode, 0, f"export {form}: {result.stderr}")
    return result.stdout


@test("hosted/export agrees with the schemas of docs/formats.md")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = run_results(directory, "--inject=ud", "tlb", "copy/4KiB", status=m.EXIT_BROKEN)
        with open(path, encoding="utf-8") as file:
            results = strict(file.read())
        check_schema("results", results)
        for form in ("google-benchmark", "bencher", "github"):
            check_schema(form, strict(export(form, path)))
        tree = os.path.join(directory, "criterion")
        expect_equal(anechoic("export", "criterion", path, "-o", tree).returncode, 0, "export criterion")
        ok = [entry for entry in results["benchmarks"] if entry["status"] == "ok"]
        found = []
        for folder, _, files in os.walk(tree):
            for name in files:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    value = strict(file.read())
                check_schema("criterion-" + name.removesuffix(".json"), value)
                if name == "benchmark.json":
                    found.append(value["full_id"])
                    expect_equal(os.path.relpath(folder, tree), value["directory_name"] + "/new", "directory")
        expect_equal(sorted(found), sorted(entry["name"] for entry in ok), "benchmarks in Criterion's tree")
        errors = [entry for entry in strict(export("google-benchmark", path))["benchmarks"]
                  if entry.get("error_occurred")]
        expect_equal([entry["name"] for entry in errors], ["inject/ud"], "Google Benchmark's errors")


def best_rate(entry):
    least_ns = min(time / iters for time, iters in zip(entry["times"], entry["iters"]))
    return entry["throughput"]["per_iteration"] * 1e9 / least_ns


@test("hosted/results name the limit that the reference beside them sets")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = run_results(directory, "copy/4KiB", "reference/stores", "reference/loads/1MiB")
        with open(path, encoding="utf-8") as file:
            results = strict(file.read())
        check_schema("results", results)
        entries = {entry["name"]: entry for entry in results["benchmarks"]}
        wide = {name: best_rate(entry) for name, entry in entries.items()
                if name.startswith("reference/stores/") and entry["throughput"]["per_iteration"] >= 4096}
        source = max(wide, key=wide.get)
        limited = {name: entry["limit"] for name, entry in entries.items() if "limit" in entry}
        expect_equal(sorted(limited), sorted(name for name, entry in entries.items() if name.startswith("copy/")
                                             and "times" in entry), "limited")
        for name, limit in limited.items():
            expect_equal(limit["source"], source, f"{name}: source")
            expect(abs(limit["per_second"] / wide[source] - 1) < 1e-9, f"{name}: {limit}, {wide}")
        alone = run_results(directory, "copy/4KiB/128bit", name="alone.json")
        with open(alone, encoding="utf-8") as file:
            expect("limit" not in file.read(), "a limit from nowhere")
        for broken, wanted in ((1, "limit is not an object"),
                               ({"per_second": 0, "source": "x"}, "per_second is not above 0"),
                               ({"per_second": 1, "source": ""}, "source is empty"),
                               ({"per_second": 1}, "source is missing")):
            next(entry for entry in results["benchmarks"] if "limit" in entry)["limit"] = broken
            with open(path, "w", encoding="utf-8") as file:
                json.dump(results, file)
            result = anechoic("export", "csv", path)
            expect_equal(result.returncode, m.EXIT_USAGE, f"exit status with {broken}")
            expect(wanted in result.stderr, f"{wanted} is not said: {result.stderr}")


@test("hosted/export of CSV has a row for each benchmark")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = run_results(directory, "--inject=ud", "tlb", "copy/4KiB", status=m.EXIT_BROKEN)
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)["benchmarks"]
        text = export("csv", path)
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
        expect_equal([row["name"] for row in rows], [entry["name"] for entry in entries], "names")
        for row, entry in zip(rows, entries):
            expect(None not in row and None not in row.values(), f"fields of {row}")
            expect_equal(row["status"], entry["status"], "status")
            if entry["status"] == "ok":
                expect_equal(float(row["mean_ns"]), entry["estimates"]["mean"]["point"], "mean")
                expect_equal(int(row["samples"]), len(entry["iters"]), "samples")


def compare_py_needed():
    if not os.path.exists(COMPARE_PY):
        raise Skipped("no libbenchmark-tools")
    if subprocess.run([PYTHON, "-c", "import scipy"], check=False, capture_output=True,
                      timeout=limit(60)).returncode != 0:
        raise Skipped("no python3-scipy")


@test("hosted/export is read by Google Benchmark's compare.py")
def _():
    compare_py_needed()
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for name in ("a", "b"):
            path = run_results(directory, "tlb/lookup", "--cpu=0", name=name + ".results.json")
            files.append(os.path.join(directory, name + ".json"))
            expect_equal(anechoic("export", "google-benchmark", path, "-o", files[-1]).returncode, 0, "export")
        report = os.path.join(directory, "report.json")
        result = subprocess.run([PYTHON, COMPARE_PY, "--no-color", "-d", report, "benchmarks", *files], check=False,
                                capture_output=True, text=True, timeout=limit(120))
        expect_equal(result.returncode, 0, f"compare.py\n{result.stdout[-1000:]}{result.stderr[-2000:]}")
        expect("tlb/lookup/mostly_hits" in result.stdout and "OVERALL_GEOMEAN" in result.stdout, result.stdout[-2000:])
        expect("_pvalue" in result.stdout and "U Test" in result.stdout, f"no U test:\n{result.stdout[-2000:]}")


@test("hosted/export leaves a whole file or the one before")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, out = run_results(directory, "tlb/lookup"), os.path.join(directory, "out.prom")
        expect_equal(anechoic("export", "prometheus", path, "-o", out).returncode, 0, "export")
        before = os.stat(out)
        expect_equal(before.st_mode & 0o777, 0o666 & ~umask(), "mode")
        broken = os.path.join(directory, "broken.json")
        with open(path, "rb") as whole, open(broken, "wb") as file:
            file.write(whole.read()[:2000])
        result = anechoic("export", "prometheus", broken, "-o", out)
        expect_equal(result.returncode, m.EXIT_USAGE, "exit status")
        expect("broken.json: line " in result.stderr and "byte " in result.stderr, result.stderr)
        expect_equal(os.stat(out).st_ino, before.st_ino, "the file before")
        expect_equal(anechoic("export", "csv", path, "-o", out).returncode, 0, "export over it")
        expect_equal(sorted(os.listdir(directory)), ["broken.json", "out.prom", "results.json"], "left over")
        for words in (["export"], ["export", "xml", path], ["export", "csv", "/nonexistent.json"],
                      ["export", "csv", path, "-o", "/nonexistent/out"], ["export", "criterion", path]):
            expect_equal(anechoic(*words).returncode, m.EXIT_USAGE, f"exit status of {words}")


@test("hosted/what is no plain file by one name is written as it stands")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, own = run_results(directory, "tlb/lookup"), os.path.join(directory, "own")

        def export_to(*names):
            with open(own, "w", encoding="utf-8") as file:
                file.write("before")
            os.chmod(own, 0o640)
            result = anechoic("export", "csv", path, "-o", os.path.join(directory, *names))
            expect_equal(result.returncode, 0, f"export to {names}\n{result.stderr}")
            with open(own, encoding="utf-8") as file:
                expect(file.read().startswith("name,"), f"{names}: the file is as it was")
            expect_equal(os.stat(own).st_mode & 0o777, 0o640, f"mode after {names}")

        export_to("own")
        link, to_nothing = os.path.join(directory, "link"), os.path.join(directory, "to-nothing")
        os.symlink("own", link)
        export_to("link")
        expect(os.path.islink(link), "the link is gone")
        os.link(own, os.path.join(directory, "second-name"))
        export_to("second-name")
        expect_equal(os.stat(own).st_nlink, 2, "names")
        os.symlink("made", to_nothing)
        expect_equal(anechoic("export", "csv", path, "-o", to_nothing).returncode, 0, "export to a link to nothing")
        # What a shell's `-o /dev/stdout > FILE` is: a link that ends in a plain file.
        stdout = os.path.join(directory, "stdout")
        os.symlink("/proc/self/fd/1", stdout)
        with open(os.path.join(directory, "captured"), "w+", encoding="utf-8") as captured:
            status = subprocess.run([hosted_tests.PROGRAM, "export", "csv", path, "-o", stdout], check=False,
                                    stdout=captured, timeout=limit(60)).returncode
            captured.seek(0)
            expect(status == 0 and captured.read().startswith("name,"), "nothing came through standard output")
        expect_equal(sorted(os.listdir(directory)),
                     ["captured", "link", "made", "own", "results.json", "second-name", "stdout", "to-nothing"],
                     "left over")
        # A name as long as names may be leaves no room for another beside it.
        long = os.path.join(directory, "n" * 255)
        expect_equal(anechoic("export", "csv", path, "-o", long).returncode, 0, "export to a long name")


@test("hosted/export of a hostile file stays in its folder")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = run_results(directory, "tlb/lookup/mixed")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        template = results["benchmarks"][0]
        names = [("../../up/../x", ".."), ("/etc/passwd", ""), ('a"\\\nb/c', 'a"\\\nb'), ("g/a/b", "g"), ("g/a_b", "g"),
                 ("\u00e9\u202e/x", "\u00e9")]
        results["benchmarks"] = [dict(template, name=name, group=group) for name, group in names]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(results, file)
        tree = os.path.join(directory, "deep", "tree")
        os.mkdir(os.path.dirname(tree))
        expect_equal(anechoic("export", "criterion", path, "-o", tree).returncode, 0, "export")
        expect_equal(sorted(os.listdir(directory)), ["deep", "results.json"], "outside")
        expect_equal(os.listdir(os.path.dirname(tree)), ["tree"], "outside")
        found = [folder for folder, _, files in os.walk(tree) if "benchmark.json" in files]
        expect_equal(len(found), len(names), f"places: {found}")
        rows = list(csv.DictReader(io.StringIO(export("csv", path)), strict=True))
        expect_equal([row["name"] for row in rows], [name for name, _ in names], "names in CSV")
        expect_equal(list(strict(export("bencher", path))), [name for name, _ in names], "names in BMF")
