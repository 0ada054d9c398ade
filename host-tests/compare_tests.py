# SPDX-License-Identifier: Apache-2.0
"""What `compare` and `ab` say where there is nothing to judge: one line a fault, and what it is."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest.mock

import hosted_tests
import machine as m
from harness import expect, expect_equal, limit, test
from history_tests import write_results


def refused(wanted, *words):
    result = hosted_tests.anechoic(*words)
    expect_equal((result.returncode, result.stdout, result.stderr), (m.EXIT_USAGE, "", wanted), f"{words}")


@test("hosted/compare says what is wrong with figures that are not there")
def _():
    with tempfile.TemporaryDirectory() as directory:
        zero, other = write_results(directory, 1, [0, 0, 0]), write_results(directory, 2, [0])
        whole, empty = write_results(directory, 3, [100, 200]), write_results(directory, 4, [])
        stopped = f"{zero}: no time passed in group/0 and 2 more: left out\n"
        for mode in ((), ("--platforms",)):
            refused(stopped, "compare", zero, zero, *mode)
            refused(stopped, "compare", zero, whole, *mode)
            refused(stopped + f"{other}: no time passed in group/0: left out\n", "compare", zero, other, *mode)
            refused(f"{empty}: there is no benchmark in it\n", "compare", whole, empty, *mode)
        with open(whole, encoding="utf-8") as file:
            results = json.load(file)
        renamed = os.path.join(directory, "renamed.json")
        for entry in results["benchmarks"]:
            entry["name"] += "/new"
        with open(renamed, "w", encoding="utf-8") as file:
            json.dump(results, file)
        refused("no benchmark is in both\n", "compare", whole, renamed)
        refused("".join(f"cp {path} {{out}}: no time passed in {what}: left out\n" for path, what in
                        ((zero, "group/0 and 2 more"), (other, "group/0"))),
                "ab", "--pairs=2", "--pairs-max=2", f"cp {zero} {{out}}", f"cp {other} {{out}}")


@test("hosted/ab hears of the ends of its launches where who started it ignores SIGCHLD")
def _():
    command = "false {out}"
    result = subprocess.run([hosted_tests.PROGRAM, "ab", "--pairs=2", "--pairs-max=2", command, command], check=False,
                            capture_output=True, text=True, timeout=limit(60), stdin=subprocess.DEVNULL,
                            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    expect_equal(result.returncode, m.EXIT_BROKEN, result.stderr)
    expect(re.search("launch 1 of [AB] ended with status 1: ", result.stderr), result.stderr)


@test("hosted/ab leaves its launches all the cores that it was given itself")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, seen = write_results(directory, 1, [100, 200]), os.path.join(directory, "seen")
        launch = f"cat /proc/self/status >> {seen}; cp {results} {{out}}"
        result = hosted_tests.anechoic("ab", "--pairs=3", "--pairs-max=3", launch, launch)
        expect("group/0" in result.stdout, result.stderr)
        with open(seen, encoding="utf-8") as file:
            allowed = re.findall(r"Cpus_allowed:\s+(\S+)", file.read())
        with open("/proc/self/status", encoding="utf-8") as file:
            expect_equal(allowed, 6 * re.findall(r"Cpus_allowed:\s+(\S+)", file.read()), "cores of launches")


@test("hosted/compare judges what has figures beside what has none")
def _():
    with tempfile.TemporaryDirectory() as directory:
        some, whole = write_results(directory, 1, [0, 200]), write_results(directory, 2, [100, 200])
        result = hosted_tests.anechoic("compare", "--format=json", some, whole)
        expect_equal(result.stderr, f"{some}: no time passed in group/0: left out\n", "said")
        expect_equal([row["name"] for row in json.loads(result.stdout)["benchmarks"]], ["group/1"], "judged")


# ---- what one side has no figure of ----------------------------------------------------------------------------------


def changed(directory, source, name, change):
    """A copy of results in which `change` has been at the list of benchmarks."""
    with open(source, encoding="utf-8") as file:
        results = json.load(file)
    change(results["benchmarks"])
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file)
    return path


def failed(entry, status="failed", reason="broken"):
    return {**{key: entry[key] for key in ("name", "group", "parameters")}, "status": status, "reason": reason}


def ends(status, reason=""):
    """The second benchmark did not come to a figure."""
    def change(benchmarks):
        benchmarks[1] = failed(benchmarks[1], status, reason)
    return change


CASES = (  # what B is, what the row says of group/1, the exit status beside rows that show no change
    (ends("failed", "broken"), "failed in B", "broken", m.EXIT_BROKEN),
    (ends("hung", "no end"), "hung in B", "no end", m.EXIT_BROKEN),
    (ends("skipped", "no AVX"), "skipped in B", "no AVX", m.EXIT_INCONCLUSIVE),
    (lambda benchmarks: benchmarks.pop(1), "only in A", "", m.EXIT_INCONCLUSIVE),
)


def said_by(*words):
    """(exit status, rows judged, rows not judged, last lines of the table) of a command that compares."""
    table, data = hosted_tests.anechoic(*words), hosted_tests.anechoic(*words, "--format=json")
    expect_equal(data.returncode, table.returncode, f"exit status as JSON: {data.stderr}")
    root = json.loads(data.stdout)
    expect_equal(root["status"], table.returncode, "status in the JSON")
    return table.returncode, [row["name"] for row in root["benchmarks"]], root["not_judged"], table.stdout


@test("hosted/compare says what failed, hung, was skipped or is missing, and ends so")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = write_results(directory, 1, [100, 200, 300])
        launches = os.path.join(directory, "launches.json")
        with open(launches, "w", encoding="utf-8") as file:
            json.dump({"schema": "anechoic-launches/1", "cpu": "a", "way": "hosted", "benchmarks": {}}, file)
        for change, verdict, reason, status in CASES:
            other = changed(directory, whole, "other.json", change)
            ended, judged, gaps, text = said_by("compare", "--launches", launches, whole, other)
            expect_equal(judged, ["group/0", "group/2"], f"{verdict}: judged")
            expect_equal(gaps, [{"name": "group/1", "against": other, "verdict": verdict, "reason": reason}], verdict)
            expect(f", 1 {verdict}\n" in text and verdict in text.split("not judged:\n")[1].split("\n")[0], text)
            expect_equal(ended, m.EXIT_BROKEN if status == m.EXIT_BROKEN else m.EXIT_INCONCLUSIVE, f"{verdict}: status")
        ended, judged, gaps, text = said_by("compare", "--launches", launches, changed(
            directory, whole, "fewer.json", lambda benchmarks: benchmarks.pop(1)), whole)
        expect_equal([gap["verdict"] for gap in gaps], ["only in B"], "a new benchmark")
        everything = changed(directory, whole, "all.json", lambda benchmarks: benchmarks.__setitem__(
            slice(None), [failed(entry) for entry in benchmarks]))
        ended, judged, gaps, text = said_by("compare", "--launches", launches, whole, everything)
        expect_equal((ended, judged, len(gaps)), (m.EXIT_BROKEN, [], 3), "all failed")


@test("hosted/ab says what failed or is missing although its command ended well, and shows one change for one row")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = write_results(directory, 1, [100, 200])
        for change, verdict, reason, status in CASES:
            other = changed(directory, whole, "other.json", change)
            ended, judged, gaps, text = said_by("ab", "--pairs=6", "--pairs-max=6", f"cp {whole} {{out}}",
                                                f"cp {other} {{out}}")
            expect_equal((ended, judged), (status, ["group/0"]), verdict)
            expect_equal([(gap["name"], gap["verdict"], gap["reason"]) for gap in gaps], [("group/1", verdict, reason)],
                         verdict)
            expect("geometric mean" not in text, f"a mean of one row: {text}")


@test("hosted/run --baseline says what failed and what is missing, but for what was not asked for")
def _():
    with tempfile.TemporaryDirectory() as directory:
        os.environ["ANECHOIC_HOME"] = directory
        os.mkdir(os.path.join(directory, "baselines"))
        try:
            whole = changed(directory, write_results(directory, 1, [100, 200]), "baselines/old.json", lambda _: None)
            for change, verdict, reason, status in CASES:
                changed(directory, whole, "baselines/new.json", change)
                result = hosted_tests.anechoic("run", "--baseline=old", "--load-baseline=new")
                expect(f", 1 {verdict}\n" in result.stdout, f"{verdict}: {result.stdout}")
                expect_equal(result.returncode, max(status, m.EXIT_INCONCLUSIVE), f"{verdict}: exit status")
            with open(whole, encoding="utf-8") as file:
                fewer = json.load(file)
            fewer["context"]["options"] = {"all": False, "filter": ["group/0"]}
            del fewer["benchmarks"][1]
            with open(os.path.join(directory, "baselines", "new.json"), "w", encoding="utf-8") as file:
                json.dump(fewer, file)
            result = hosted_tests.anechoic("run", "--baseline=old", "--load-baseline=new")
            expect("only in" not in result.stdout, f"a run with a filter: {result.stdout}")
        finally:
            del os.environ["ANECHOIC_HOME"]


# ---- for a pull request ----------------------------------------------------------------------------------------------


def launches_of(directory, name, change, times=(100, 200, 300)):
    """A folder of ten launches, each with `change` at its list of benchmarks."""
    folder = os.path.join(directory, name)
    os.mkdir(folder)
    for number in range(10):
        path = write_results(folder, number, [value * (1 + number % 3 / 1000) for value in times])
        changed(folder, path, f"{number}.json", change)
    return folder


def named(index, name):
    def change(benchmarks):
        benchmarks[index]["name"] = name
    return change


def both(*changes):
    def change(benchmarks):
        for each in changes:
            each(benchmarks)
    return change


def in_actions(value, *words):
    with unittest.mock.patch.dict(os.environ):
        os.environ.pop("GITHUB_ACTIONS", None)
        if value:
            os.environ["GITHUB_ACTIONS"] = value
        return hosted_tests.anechoic(*words)


def cells(text):
    """Of each row of each table, a head's line of dashes included."""
    return [[cell.strip() for cell in line[1:-1].split("|")]
            for line in text.splitlines() if line[:1] == "|"]


@test("hosted/compare and ab write a table for a pull request: changes and gaps in sight, what did not change folded")
def _():
    with tempfile.TemporaryDirectory() as directory:
        before = launches_of(directory, "before", lambda _: None, (100, 200, 300, 400))
        after = launches_of(directory, "after", ends("failed", "bro|ken"), (110, 200, 300, 360))
        for words, against in (
                (("compare", before, after), after),
                (("ab", "--pairs=10", "--pairs-max=10", f"cp {before}/0.json {{out}}", f"cp {after}/0.json {{out}}"),
                 f"cp {after}/0.json {{out}}")):
            result = in_actions("", *words, "--format=markdown")
            expect_equal((result.returncode, result.stderr), (m.EXIT_BROKEN, ""), f"{words[0]}: status")
            lines = result.stdout.splitlines()
            expect_equal(lines[0], "**1 improved, 1 regressed, 1 no change, 0 inconclusive, 1 failed in B**", "first")
            expect(f"\n\nB: `{against}`\n\n| verdict | benchmark |" in result.stdout, result.stdout)
            sight, folded = result.stdout.split("\n\n<details><summary>1 no change</summary>\n\n")
            folded, rest = folded.split("\n\n</details>\n\n")
            expect_equal(cells(sight)[2:], [
                ["**failed in B**", "`group/1`", "-", "-", "<code>bro&#124;ken</code>", "-"],
                ["**regressed**", "`group/0`", *cells(sight)[3][2:]],
                ["**improved**", "`group/3`", *cells(sight)[4][2:]]], "in sight")
            expect(cells(sight)[3][4].startswith("+10.00% [+"), f"change, interval: {cells(sight)[3]}")
            expect(cells(sight)[4][4].startswith("-10.00% [-"), f"change, interval: {cells(sight)[4]}")
            expect_equal([row[:2] for row in cells(folded)[2:]], [["no change", "`group/2`"]], "folded")
            expect(all(len(row) == 6 for row in cells(result.stdout)), f"columns: {result.stdout}")
            expect("Geometric mean of B/A: " in rest, rest)
        everything = launches_of(directory, "nothing", lambda benchmarks: benchmarks.__setitem__(
            slice(None), [failed(entry) for entry in benchmarks]), (1, 1, 1, 1))
        text = in_actions("", "compare", "--format=markdown", before, everything, after).stdout
        expect_equal([text.count(f"B: `{folder}`") for folder in (everything, after)], [1, 1], "each B, rows or none")
        expect_equal(text.count("**failed in B**"), 5, "gaps of both")


@test("hosted/compare shows names as code in Markdown, whatever they are made of")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for index, (name, shown) in enumerate((
                ("tlb/<b>_x_*y*&amp;@you", "`tlb/<b>_x_*y*&amp;@you`"),
                ("a|b", "<code>a&#124;b</code>"),
                ("a\\|`<i>_@you", "<code>a&#92;&#124;&#96;&#60;i&#62;&#95;&#64;you</code>"),
                ("two\nlines", "`two lines`"))):
            before = launches_of(directory, f"a{index}", named(0, name))
            after = launches_of(directory, f"b{index}", named(0, name), (110, 200, 300))
            text = in_actions("", "compare", "--format=markdown", before, after).stdout
            expect_equal(cells(text)[2][:2], ["**regressed**", shown], name)


@test("hosted/compare and ab annotate regressions and failures under GitHub Actions, and nothing else")
def _():
    with tempfile.TemporaryDirectory() as directory:
        name = "group/0: 50%, two\r\nlines"
        before = launches_of(directory, "before", named(0, name), (100, 200, 300, 400))
        after = launches_of(directory, "after", both(named(0, name), ends("hung", "100% busy\n::error::no")),
                            (110, 200, 300, 360))
        pair = f"cp {before}/0.json {{out}}", f"cp {after}/0.json {{out}}"
        for words in (("compare", before, after), ("ab", "--pairs=10", "--pairs-max=10", *pair)):
            for form in ("table", "markdown", "json"):
                result = in_actions("true", *words, f"--format={form}")
                expect_equal(result.returncode, m.EXIT_BROKEN, f"{words[0]}, {form}: exit status")
                found = [line for line in result.stderr.split("\n") if line.startswith("::")]
                expect_equal(len(found), 2, f"{words[0]}, {form}: {result.stdout}")
                expect(found[0].startswith("::error title=hung in B group/1::100%25 busy%0A::error::no, B: "), found[0])
                expect(found[1].startswith("::error title=regressed group/0%3A 50%25%2C two%0D%0Alines::"), found[1])
                expect(" +10.00%25 [+" in found[1], found[1])
                for elsewhere in ("", "false"):
                    expect("::error title" not in in_actions(elsewhere, *words, f"--format={form}").stderr, elsewhere)
            data = in_actions("true", *words, "--format=json").stdout
            expect_equal(json.loads(data)["status"], m.EXIT_BROKEN, f"{words[0]}: JSON alone")
        swapped = in_actions("true", "compare", after, before)
        expect("failed" not in swapped.stdout and "::error title=hung" not in swapped.stderr, swapped.stderr)


def measured_on(directory, source, name, core):
    with open(source, encoding="utf-8") as file:
        results = json.load(file)
    if core is not None:
        results["context"]["measured_on"] = core
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file)
    return path


@test("hosted/compare, ab and folders of launches refuse two kinds of core, where both files name theirs")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = write_results(directory, 1, [100, 200])

        def of(name, core):
            return measured_on(directory, whole, name, core)

        p = of("p.json", {"cpu": 0, "kind": "P", "microarchitecture": "Golden Cove"})
        e = of("e.json", {"cpu": 20, "kind": "E", "microarchitecture": "Gracemont"})
        another = of("another.json", {"cpu": 3, "kind": "P", "microarchitecture": "Called otherwise"})
        unnamed = of("unnamed.json", {"cpu": 21, "microarchitecture": "Gracemont"})
        why = "different kinds of core: measured on a P core and on an E core"
        design = "different kinds of core: measured on a Golden Cove core and on a Gracemont core"
        for words, wanted in (((p, e), why), ((p, unnamed), design)):
            result = hosted_tests.anechoic("compare", *words)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{words}")
            expect(wanted in result.stderr, result.stderr)
        for other in (whole, another, of("bare.json", {"cpu": 9}), of("odd.json", {"kind": 7}), of("list.json", [])):
            result = hosted_tests.anechoic("compare", p, other)
            expect(result.returncode != m.EXIT_USAGE and not result.stderr, f"{other}: {result.stderr}")
        result = hosted_tests.anechoic("ab", "--pairs=2", "--pairs-max=2", f"cp {p} {{out}}", f"cp {e} {{out}}")
        expect(result.returncode == m.EXIT_USAGE and why in result.stderr, result.stderr)
        folder = os.path.join(directory, "launches")
        os.mkdir(folder)
        for number, source in enumerate((p, e)):
            os.rename(source, os.path.join(folder, f"{number}.json"))
        result = hosted_tests.anechoic("compare", folder, folder)
        expect(result.returncode == m.EXIT_USAGE and why in result.stderr, result.stderr)


def folder_of(directory, name, times):
    """A launch of one benchmark for each of `times`."""
    folder = os.path.join(directory, name)
    os.mkdir(folder)
    for number, value in enumerate(times):
        write_results(folder, number, [value])
    return folder


@test("hosted/compare judges folders of three to five launches by how far they lie apart, and says how many are needed")
def _():
    with tempfile.TemporaryDirectory() as directory:
        times = (100, 100.4, 99.8, 100.1, 99.9)
        a, same = folder_of(directory, "a", times), folder_of(directory, "same", times[::-1])
        slower = folder_of(directory, "slower", [value * 1.1 for value in times])
        three = folder_of(directory, "three", times[:3])
        for words, status in (((a, same), 0), ((a, slower), 1), ((slower, a), 0), ((three, slower), 1)):
            result = hosted_tests.anechoic("compare", "--noise-threshold=0.02", *words)
            expect_equal(result.returncode, status, result.stdout)
            expect("[unknown]" not in result.stdout, result.stdout)
        two, again = folder_of(directory, "two", times[:2]), folder_of(directory, "again", times[:2])
        few = hosted_tests.anechoic("compare", two, again)
        expect_equal(few.returncode, m.EXIT_INCONCLUSIVE, few.stdout)
        expect("[unknown]: 2 launches of each: 6 are needed\n" in few.stdout, few.stdout)
        pair = f"cp {two}/0.json {{out}}", f"cp {two}/1.json {{out}}"
        data = hosted_tests.anechoic("ab", "--format=json", "--pairs=2", "--pairs-max=2", *pair)
        expect_equal(json.loads(data.stdout)["geometric_mean"], None, "a mean of one row")


@test("hosted/compare and report name a file whose run was cut off, and no other")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole, cut = write_results(directory, 1, [100, 200]), os.path.join(directory, "cut.json")
        with open(whole, encoding="utf-8") as file:
            results = json.load(file)
        results["context"]["complete"] = False
        results["benchmarks"].pop()
        with open(cut, "w", encoding="utf-8") as file:
            json.dump(results, file)
        page = os.path.join(directory, "page.html")
        said = f"{cut}: the run is not complete: it was cut off, or its log is damaged\n"
        for words in (("compare",), ("compare", "--platforms"), ("report", "-o", page)):
            result = hosted_tests.anechoic(*words, whole, cut)
            expect_equal(result.stderr.count(said), 1, f"{words}: {result.stderr}")
            expect("not complete" not in hosted_tests.anechoic(*words, whole, whole).stderr, words)
        with open(page, encoding="utf-8") as file:
            expect("geometric mean" in file.read(), "a mean of two rows")
        hosted_tests.anechoic("report", "-o", page, cut, cut)
        with open(page, encoding="utf-8") as file:
            expect("geometric mean" not in file.read(), "a mean of one row")


@test("hosted/ab says what a launch left and what it lacks")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = write_results(directory, 1, [100, 200])
        broken = changed(directory, whole, "broken.json", ends("failed", "no luck"))
        good = f"cp {whole} {{out}}"
        for command, wanted, hint in (
                ("true", "wrote no results: true\n", True), ("true {out}", "wrote no results: true {out}\n", False),
                (f"cp {broken} {{out}}; exit 4", "  group/1 failed: no luck\n", False)):
            result = hosted_tests.anechoic("ab", "--pairs=2", command, good)
            expect_equal(result.returncode, m.EXIT_BROKEN, result.stderr)
            expect(wanted in result.stderr and ("write {out} where" in result.stderr) == hint, result.stderr)


@test("hosted/what is no results of a run is told by what it is, and an empty file by that")
def _():
    with tempfile.TemporaryDirectory() as directory:
        def write(text):
            path = os.path.join(directory, "file")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return path
        whole = write_results(directory, 1, [100, 200])
        for words in (("compare", whole), ("report", "-o", os.path.join(directory, "page")), ("advise",),
                      ("export", "csv")):
            refused(f"{directory}/file: it is empty\n", *words, write(""))
        for schema, command in (("record", "record"), ("snippet", "snippet"), ("advice", "advise"),
                                ("tlb-advice", "advise --stream"), ("watch", "watch show"), ("compare", "compare"),
                                ("profile", "tune"), ("doctor", "doctor")):
            result = hosted_tests.anechoic("compare", whole, write(json.dumps({"schema": f"anechoic-{schema}/1"})))
            expect(result.returncode == m.EXIT_USAGE and f"it is what `{command}`" in result.stderr and
                   result.stderr.endswith("no results of a run\n"), f"{schema}: {result.stderr}")


@test("hosted/what cannot be kept is refused before the first launch, and thresholds hold for --save-launches, too")
def _():
    with tempfile.TemporaryDirectory() as directory:
        marker, plain = os.path.join(directory, "launched"), os.path.join(directory, "plain")
        with open(plain, "w", encoding="utf-8") as file:
            file.write("not a line of thresholds\n")
        side = f"touch {marker}; cp {write_results(directory, 1, [100, 200])} {{out}}"
        with unittest.mock.patch.dict(os.environ, ANECHOIC_HOME=os.path.join(plain, "home")):
            where = "there is no folder for data: Not a directory; ANECHOIC_HOME, XDG_DATA_HOME or HOME say where\n"
            refused(f"launches.json: {where}", "ab", "--pairs=2", "--save-launches", side, side)
            refused(f"baseline 'x': {where}", "run", "--quick", "--save-baseline=x", "tlb/flush/all")
        kept = os.path.join(directory, "none", "launches.json")
        words = "ab", "--pairs=2", "--pairs-max=2", "--save-launches"
        refused(f"{kept}: No such file or directory\n", *words, "--launches", kept, side, side)
        kept = os.path.join(directory, "launches.json")
        refused(f"{plain} line 1: not `NAME = THRESHOLD` with a threshold from 0 to 1\n", *words, "--launches", kept,
                "--per-benchmark", plain, side, side)
        expect(not os.path.exists(marker), "a launch for nothing")
        result = hosted_tests.anechoic(*words, "--launches", kept, side, side)
        with open(kept, encoding="utf-8") as file:
            expect_equal(sorted(json.load(file)["benchmarks"]), ["group/0", "group/1"], result.stderr)


def terminate(side, *words):
    """What `words` with `side`, a launch that touches a file {marker}, and then goes on, say to SIGTERM."""
    with tempfile.TemporaryDirectory() as directory:
        marker = os.path.join(directory, "launched")
        sides = [side.replace("{marker}", marker)] * (3 if words == ("layout",) else 2)
        with unittest.mock.patch.dict(os.environ, TMPDIR=directory):
            process = subprocess.Popen([hosted_tests.PROGRAM, *words, *sides], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + limit(60)
        while not os.path.exists(marker) and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=limit(60))[1]
        expect_equal((process.returncode, errors), (143, ""), "status, and what is said")
        expect_equal(os.listdir(directory), ["launched"], "what is left")


@test("hosted/an interruption of launches is the command's own end, and no launch that failed")
def _():
    for command in ("layout", "ab"):
        terminate(f"touch {{marker}}; exec sleep {limit(60)} #", command)


@test("hosted/what a launch's shell leaves behind may still write its results where launches are interrupted")
def _():
    for command in ("layout", "ab"):
        terminate("(trap 'sleep 0.3; echo {} >{out}; exit' TERM; sleep 60 & touch {marker}; wait); true", command)
