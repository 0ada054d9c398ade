# SPDX-License-Identifier: Apache-2.0
"""The report in headless Chromium (report_test.mjs looks, this judges): it renders without a complaint and
without a request, its figures are those of the JSON, hostile text stays text, it fits a telephone, and it
stands without JavaScript."""

import copy
import html
import html.parser
import json
import math
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import unittest.mock

import cpuid_dumps
import figures
import machine as m
from advise_tests import MACHINE, NUMBERS, made_costs, made_record
from doctor_tests import LAPTOP, plant
from harness import Failed, expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST, made_up
from snippet_tests import ADD, TWO, one
from watch_tests import head, imported, loud_room, minutes, round_of, shown

REPORT = os.path.join(m.ROOT, "build", "report")
HOSTILE = "</script><script>alert(1)</script>'\"<img src=x onerror=alert(2)>&amp;"
LABELS = {"low_decile": "figure: 10 % quantile", "slope": "slope", "mean": "mean", "median": "median",
          "median_abs_dev": "median abs. dev.", "std_dev": "standard deviation"}


def program(*words, given=""):
    return subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, timeout=limit(120),
                          input=given)


def measured(directory, *filters):
    """A small real run with faults in it; without a filter, of all benchmarks."""
    path = os.path.join(directory, "real.json")
    program("run", *(filters or ["--all"]), *SHORTEST, "--inject=ud,null", "--out", path)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def grown(results, count):
    """A file of `count` benchmarks with 100 samples each, from those that were measured."""
    good = [entry for entry in results["benchmarks"] if entry["status"] == "ok"]
    entries = []
    for i in range(count):
        entry = copy.deepcopy(good[i % len(good)])
        if i >= len(good):
            entry["name"] += f"/again{i}"
            entry["parameters"] = entry["name"].split("/")[1:]
        step, slope = entry["iters"][0], entry["estimates"]["mean"]["point"]
        entry["sampling"], entry["iters"] = "linear", [step * (k + 1) for k in range(100)]
        entry["times"] = [step * (k + 1) * slope * (1 + 0.01 * math.sin(k * 7.3 + i)) for k in range(100)]
        entry["estimates"].update((name, copy.deepcopy(entry["estimates"]["mean"])) for name in ("slope", "low_decile"))
        entries.append(entry)
    return {**results, "benchmarks": entries}


def write(directory, name, results):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file)
    return path


def look(directory, *files, options=(), shots=False):
    """(what the browser saw, bytes of the page) of a report of these files. With `shots` it is printed and photographed
    as well, which nobody judges here but who looks: build/report/screenshots."""
    page = os.path.join(directory, "report.html")
    result = program("report", *files, *options, "-o", page)
    expect_equal(result.returncode, 0, f"exit status of report: {result.stderr}")
    expect_equal(result.stderr, "", "complaints of report")
    folder = os.path.join(REPORT, "screenshots") if shots else ""
    if shots:
        os.makedirs(folder, exist_ok=True)
    browser = shutil.which("chromium")
    if not browser:
        raise Failed("no chromium: tools/setup.sh build/setup report")
    seen = subprocess.run(["node", os.path.join(m.ROOT, "host-tests", "report_test.mjs"), browser, page, folder],
                          cwd=REPORT, check=False, capture_output=True, text=True, timeout=limit(240))
    expect_equal(seen.returncode, 0, f"report_test.mjs\n{seen.stderr[-3000:]}")
    return json.loads(seen.stdout), os.path.getsize(page)


def expect_sound(seen):
    expect_equal(seen["complaints"], [], "console errors and warnings")
    expect_equal(seen["requests"], [], "requests beyond the page")
    expect_equal((seen["overflow"], seen["overflow_phone"]), (0, 0), "horizontal overflow, wide and at 390 px")
    expect_equal(seen["svgs"], seen["charts"], "charts drawn of those there are")
    expect(seen["charts"] > 0, "no chart")
    expect_equal(seen["foreign"], 0, "elements that load something")
    expect_equal(seen["phone"]["small"], {"texts": [], "targets": []},
                 "text under 12 px and targets under 44 px on a telephone")
    expect_equal(seen["phone"]["sideways"], [], "what scrolls sideways on a telephone, but a table")
    expect(seen["phone"]["pictures"] > 0, "no picture before the table on a telephone")
    expect(seen["paper"] != seen["paper_dark"], f"dark mode looks like light: {seen['paper']}")


def expect_figures(seen, files):
    """Row by row and estimate by estimate."""
    for at, results in enumerate(files):
        entries = {entry["name"]: entry for entry in results["benchmarks"]}
        rows = {row["name"]: row for row in seen["rows"]}
        cards = {card["name"]: card for card in seen["cards"]}
        expect_equal(sorted(set(entries) - set(rows)), [], "benchmarks without a row")
        for name, entry in entries.items():
            if "estimates" not in entry:
                expect_equal(rows[name]["texts"][at], entry["status"], f"{name}: in the table")
                continue
            estimates = {label: entry["estimates"][key] for key, label in LABELS.items() if entry["estimates"][key]}
            wanted = {label: [e["point"], e["confidence_interval"]["lower_bound"],
                              e["confidence_interval"]["upper_bound"]]
                      for label, e in estimates.items()}
            if "layout" in entry:
                wanted["layout luck"] = [entry["layout"][key]
                                         for key in ("layout_deviation", "lower_bound", "upper_bound")]
            run = next(run for run in cards[name]["runs"] if run["file"] == at)
            expect_equal(run["estimates"], wanted, f"{name}: estimates on its card")
            expect_equal(rows[name]["values"][at], figures.of(entry), f"{name}: time in the table")


@test("report/one file as measured, hostile text in it")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results = measured(directory)
        results["context"]["platform"]["cpu"] = HOSTILE
        results["context"][HOSTILE] = HOSTILE
        results["context"].pop("start_utc", None)
        skipped = {"name": f"pool/{HOSTILE.replace('/', '')}", "group": "pool", "parameters": [], "status": "skipped",
                   "reason": HOSTILE}
        results["benchmarks"].append(skipped)
        renamed = next(entry for entry in results["benchmarks"] if entry["status"] == "ok")
        renamed["iteration"] = HOSTILE
        renamed["layout"] = {"layouts": 8, "visits": 2, "sampling_deviation": 0.004, "layout_deviation": 0.031,
                             "lower_bound": 0.019, "upper_bound": 0.066, "worst_to_best": 1.09, "figures": []}
        seen, _ = look(directory, write(directory, "one.json", results), shots=True)
        expect_sound(seen)
        expect_figures(seen, [results])
        expect_equal(seen["phone"]["pictures"], 1 + len(seen["sweeps"]), "pictures before the table on a telephone")
        expect_equal(seen["phone"]["folded"], len(seen["rows"]), "rows folded on a telephone")
        opened = [4 + ("throughput" in entry) + ("room" in entry) if "estimates" in entry else 2
                  for entry in results["benchmarks"]]
        expect_equal(sorted(seen["phone"]["open"]), sorted(opened),
                     "cells of opened rows: name, time, interval, throughput, outliers and room on a telephone")
        for words in ("date unknown", results["context"]["version"], results["context"]["commit"][:12], "10 samples, ",
                      f"{results['context']['clock']['hz'] / 1e6:.1f} MHz", "gaps over 1 µs", "Ours against standard",
                      "an interval speaks of one launch"):
            expect(words in seen["first_screen"], f"{words} is not on the first screen: {seen['first_screen']}")
        times = {entry["name"]: figures.of(entry) for entry in results["benchmarks"] if entry["status"] == "ok"}
        pair = "pool/pool_vs_standard/"
        expect_equal(seen["standard"][:2], [[pair + f"stack_pool_{what}", times[pair + f"standard_{what}"]
                                             / times[pair + f"stack_pool_{what}"]] for what in ("allocate", "cycle")],
                     "ours against standard")
        expect_equal((seen["sections"][0], seen["ladder"], seen["told"]), ("summary", [], []),
                     "opens with the summary where nothing is said of the memory")
        expect(HOSTILE in seen["title"], f"title: {seen['title']}")
        expect_equal(len(seen["missing"]), sum(entry["status"] != "ok" for entry in results["benchmarks"]),
                     "not measured")
        for part in ("SIGILL", "SIGSEGV", HOSTILE):
            expect(any(part in row for row in seen["missing"]), f"{part} is not among {seen['missing']}")
        expect_equal(seen["rows_without_script"], len(results["benchmarks"]), "rows without JavaScript")
        expect_equal(seen["filtered"], [row["name"] for row in seen["rows"] if "lookup" in row["name"]],
                     "filtered by 'lookup'")
        for times in seen["sorted"]:
            expect_equal(times, sorted(times, reverse=True), "sorted by time")
        for family in ("copy/strategies", "simd/block"):
            expect(family in seen["sweeps"], f"no chart over size of {family}: {seen['sweeps']}")
        axes = seen["sweep_axes"]
        expect((axes["tlb/latency"] or "").startswith("time an iteration, ns"), f"latency over size: {axes}")
        expect("/s" in (axes["tlb/throughput"] or ""), f"throughput over size: {axes}")


def plain_text(markup):
    return " ".join(html.unescape(re.sub("<.*?>", "", markup)).split())


def rows_of(page, mark):
    """Cells of the rows of a table that have that attribute."""
    return [[plain_text(cell) for cell in re.findall("<t[hd].*?>(.*?)</t[hd]>", row, re.S)]
            for row in re.findall(f"<tr {mark}>(.*?)</tr>", page, re.S)]


def in_rooms(directory):
    """A file of a benchmark for each word, and one of which nothing is said; the loud one has two samples disturbed."""
    results = grown(measured(directory, "reference/adds"), 6)
    for entry, word in zip(results["benchmarks"], ("silent", "quiet", "usable", "loud", "not known", None)):
        entry["name"] = f"reference/{word}"
        entry["room"] = {
            "word": word, "measured_ns": 4_000_000, "interrupts": 7, "smis": None, "switches": 3, "waits": 0,
            "migrations": 0, "stolen_ns": 20_000_000, "away_ns": 500_000,
            "probe": {"count": 9, "ratio_low": 1.02, "ratio_median": 1.05, "ratio_high": 1.5, "ratio_alone": 1,
                      "add_ticks_before": 2, "add_ticks_after": 2.1},
            "detours": {"within": 2 * (word == "loud"), "within_ns": 100_000, "between": 0, "between_ns": 0,
                        "longest_ns": 60_000}}
    loud = results["benchmarks"][3]
    del results["benchmarks"][-1]["room"]
    for at in (20, 70):
        loud["times"][at] += 1e9
    results["context"]["room"] = {"word": "usable", "benchmarks": {"silent": 1, "quiet": 2, HOSTILE: 3},
                                  "best_ratio": 1.01, "interrupts": 12, "switches": 34, "stolen_ns": None}
    return results


@test("report/the room: each benchmark's word, what it was said for and which samples; none where files say none")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results = in_rooms(directory)
        page = page_of(directory, write(directory, "rooms.json", results))
        names = [entry["name"] for entry in results["benchmarks"]]
        rows = {plain_text(name): cells.rpartition("<td")[2].partition(">")[2]
                for name, cells in re.findall(r'<tr data-name[^>]*><th scope="row">(.*?)</th>(.*?)</td>\n', page)}
        expect_equal([rows[name] for name in names[:5]], ["silent", "quiet", "usable", "loud", "not known"],
                     "words")
        expect_equal(rows[names[5]], "", "the word where nothing is said")
        cards = dict(re.findall(r'<article class="card" id="b\d+" data-name="([^"]*)">(.*?)</article>', page, re.S))
        said = {name: plain_text("".join(re.findall('<p class="what room">.*?</p>', card)))
                for name, card in cards.items()}
        reasons = ("; clock changed by 5 %; 4 chains over one 1.05 (1.02 – 1.5), alone 1.01; interrupts 7; "
                   "switches 3; taken by the host 20.00 ms")
        expect_equal(said[names[0]], "Room silent; lost 250 % of 4.000 ms" + reasons, "a card")
        expect_equal(said[names[3]], "Room loud; lost 250 % of 4.000 ms, disturbed 2 within samples, 0 between, the "
                     "longest 60.00 µs" + reasons, "the loud one's card")
        expect_equal(said[names[5]], "", "the card of which nothing is said")
        strips = {name: re.findall(r'class="strip".*?aria-label="(.*?)"><path d="(.*?)"', card)
                  for name, card in cards.items()}
        expect_equal(strips.pop(names[3]), [("2 of 100 samples were disturbed", "M123 0V8M423 0V8")], "marks")
        expect(not any(strips.values()), f"marks of what was not disturbed: {strips}")
        fact = plain_text(re.search("<dt>Room</dt><dd>(.*?)</dd>", page)[1])
        expect(fact.startswith("usable: 1 silent, 2 quiet; interrupts 12; switches 34; "), f"the run's: {fact}")
        two = page_of(directory, *[os.path.join(directory, "rooms.json")] * 2)
        words = [plain_text(cell) for cell in re.findall('<td class="rooms">(.*?)</td>', two)]
        expect_equal(sorted(words), sorted(word and f"A {word} B {word}" for word in (
            "silent", "quiet", "usable", "loud", "not known", "")), "words of two files")
        launches = os.path.join(directory, "launches")
        os.mkdir(launches)
        for launch in range(3):
            results["context"]["elapsed_ns"] += 1
            for entry in results["benchmarks"][:5]:
                entry["room"]["word"] = "quiet" if launch else "loud"
            write(launches, f"{launch}.json", results)
        said = plain_text("".join(re.findall('<p class="what room">.*?</p>', page_of(directory, launches))))
        expect_equal(said.count("Room loud of 3 launches; the one shown "), 5, f"launches of which one is loud: {said}")
        for entry in [results["context"], *results["benchmarks"]]:
            entry.pop("room", None)
        page = page_of(directory, write(directory, "older.json", results))
        for part in ("data-sort>Room", 'class="what room"', 'class="strip"', 'class="more"'):
            expect(part not in page, f"{part} where the file says nothing of rooms")


@test("report/a room that is made of anything ends in a page")
def _():
    values = (None, True, -1, 0, 2 ** 62, 1e300, 1e-300, HOSTILE, [], {}, [HOSTILE, -1, [], {}], {"count": HOSTILE})
    with tempfile.TemporaryDirectory() as directory:
        whole = in_rooms(directory)
        members = [key for key in whole["benchmarks"][3]["room"] if key != "word"]
        for value in values:
            results = copy.deepcopy(whole)
            usable, loud = (results["benchmarks"][at]["room"] for at in (2, 3))
            usable.update({member: value for member in members if member != "measured_ns"})
            loud.update({part: {member: value for member in loud[part]} for part in ("probe", "detours")})
            results["benchmarks"][1]["room"]["measured_ns"] = value
            results["context"]["room"] = {member: value for member in results["context"]["room"]}
            results["benchmarks"][3]["times"][5] = 1e300
            page = page_of(directory, write(directory, "made.json", results))
            expect("<script>alert" not in page, f"{value}: markup of the file's")
            expect_equal(page.count('<p class="what room">'), 5, f"{value}: rooms")
            Boxes(page)


@test("report/two files, one of them emulated")
def _():
    with tempfile.TemporaryDirectory() as directory:
        first = measured(directory)
        second = copy.deepcopy(first)
        second["context"].update(figures="functional only", emulated="TCG")
        second["benchmarks"] = second["benchmarks"][3:]
        second["context"]["machine"] = described(directory, cpuid_dumps.MACHINES["alder_lake"][0]())
        seen, _ = look(directory, write(directory, "first.json", first), write(directory, "two.json", second))
        expect_sound(seen)
        expect_figures(seen, [first, second])
        expect(seen["badges"] > len(seen["cards"]) - 4,
               f"{seen['badges']} marks of 'functional only' on {len(seen['cards'])} cards")
        expect("Functional only" in seen["text_without_script"] or seen["badges"], "functional only is not said")


@test("report/150 benchmarks: at most 1.5 MB, a chart when it comes near the window")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results = grown(measured(directory), 150)
        for entry in results["benchmarks"]:
            if entry["name"].startswith("copy/strategies/"):
                entry["limit"] = {"per_second": 1.2 * entry["throughput"]["per_second"], "source": "32 bytes a cycle"}
        seen, size = look(directory, write(directory, "large.json", results))
        expect_sound(seen)
        expect_figures(seen, [results])
        expect("limit: 32 bytes a cycle" in seen["limits"],
               f"the hardware's limit in the chart over size: {seen['limits']}")
        expect_equal([name for name in seen["limits"] if not name.startswith("limit: reference/stores")],
                     ["limit: 32 bytes a cycle"], "limits")
        expect(size <= 1_500_000, f"{size} bytes")
        expect(seen["first_chart_ms"] is not None, "no first chart")
        expect(seen["drawn_at_start"] < 20, f"{seen['drawn_at_start']} charts drawn at once")


def every_benchmark(directory):
    """A file of each benchmark that there is: 100 samples, under machine/ 30, of names as long as they are."""
    names = [line.split()[0] for line in program("list", "--all").stdout.splitlines()]
    good = grown(measured(directory, "reference/adds"), 1)
    entries = []
    for name in names:
        entry = copy.deepcopy(good["benchmarks"][0])
        samples = 30 if name.startswith("machine/") else 100
        scale = 1 + len(entries) / 7
        entry.update(name=name, group=name.split("/")[0], parameters=name.split("/")[1:], iteration="one load " * 12,
                     iters=entry["iters"][:samples], times=[time * scale for time in entry["times"][:samples]])
        for estimate in filter(None, entry["estimates"].values()):
            estimate["point"] *= scale
            bounds = estimate["confidence_interval"]
            bounds.update(lower_bound=bounds["lower_bound"] * scale, upper_bound=bounds["upper_bound"] * scale)
        entries.append(entry)
    return {**good, "benchmarks": entries}


@test("report/every benchmark there is: at most 1.8 MB for 2,100, with the figures of each")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, page = every_benchmark(directory), os.path.join(directory, "page.html")
        result = program("report", write(directory, "every.json", results), "-o", page)
        expect_equal(result.returncode, 0, f"exit status of report: {result.stderr}")
        rows, size = len(results["benchmarks"]), os.path.getsize(page)
        expect(size <= 1_800_000 * max(1, rows / 2100), f"{size} bytes of {rows} rows")
        with open(page, encoding="utf-8") as file:
            text = file.read()
        shown = re.findall(r'<tr[^>]*><th scope="row">(.*?)</th><td data-value="([^"]*)"', text)
        expect_equal({re.sub("<.*?>", "", name): float(value) for name, value in shown},
                     {entry["name"]: figures.of(entry) for entry in results["benchmarks"]}, "times")
        data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])["benchmarks"]
        names = {f"b{at}": one["name"] for at, one in enumerate(data) if "name" in one}
        names.update(re.findall(r'<tr id="(b\d+)"><th scope="row">(.*?)</th>', text))
        runs = {names[f"b{at}"]: one["runs"][0] for at, one in enumerate(data)}
        for entry in results["benchmarks"]:
            run, figure = runs[entry["name"]], entry["estimates"]["low_decile"]
            bounds = figure["confidence_interval"]
            for value, wanted in zip(run["figure"], (figure["point"], bounds["lower_bound"], bounds["upper_bound"])):
                expect(abs(value / wanted - 1) < 1e-5, f"{entry['name']}: {value} for {wanted} in a picture")
            least = min(time / iters for time, iters in zip(entry["times"], entry["iters"]))
            brief = entry["name"].startswith("machine/")
            expect_equal(not brief or entry["name"].startswith("machine/latency/"), "least" in run,
                         f"{entry['name']} has its least")
            expect(abs(run.get("least", least) / least - 1) < 1e-8, f"{entry['name']}: least {run} for {least}")
            expect_equal(brief, "beyond" not in run, f"{entry['name']} is brief")
            for time, iters, beyond in zip(entry["times"], entry["iters"], run.get("beyond", [])):
                drawn = (run["least"] + beyond * run["grain"]) * iters
                expect(abs(drawn / time - 1) < 1e-5, f"{entry['name']}: {drawn} for {time} in a picture")


def shown_levels(database, name):
    """[run that a level begins with, runs, median, change] of each, from what `history show` says."""
    runs = json.loads(program("history", "show", name, "--db", database, "--format", "json").stdout)["runs"]
    levels = []
    for i, run in enumerate(runs):
        if i == 0 or run["changed"]:
            levels.append([])
        levels[-1].append(run)
    medians = [statistics.median(run["time_ns"] for run in level) for level in levels]
    return [[level[0]["run"], len(level), median, medians[i] / medians[i - 1] - 1 if i else None]
            for i, (level, median) in enumerate(zip(levels, medians))]


@test("report/history: points, levels and changes are those of the data base")
def _():
    noise = random.Random(7)
    with tempfile.TemporaryDirectory() as directory:
        results, database = measured(directory, "tlb/lookup"), os.path.join(directory, "history.db")
        results["benchmarks"] = [entry for entry in results["benchmarks"] if entry["status"] == "ok"][:3]
        files = []
        for run in range(40):
            later = copy.deepcopy(results)
            later["context"]["elapsed_ns"] += run
            for at, entry in enumerate(later["benchmarks"]):
                scale = 1 + noise.gauss(0, 0.004)
                scale = scale * (1.1 if at == 0 and run >= 15 else 1) * (0.8 if at == 0 and run >= 30 else 1)
                for estimate in filter(None, entry["estimates"].values()):
                    interval = estimate["confidence_interval"]
                    estimate["point"], interval["lower_bound"], interval["upper_bound"] = (
                        value * scale for value in (estimate["point"], interval["lower_bound"],
                                                    interval["upper_bound"]))
            # a machine that the report is not of
            later["context"]["platform"]["cpu"] += " other" if run % 10 == 9 else ""
            files.append(write(directory, f"run{run}.json", later))
        expect_equal(program("history", "add", *files, "--db", database).returncode, 0, "history add")
        shown = [json.loads(program("history", "show", entry["name"], "--db", database, "--format", "json").stdout)
                 for entry in results["benchmarks"]]
        with_others = sum(len(history["runs"]) for history in shown)
        expect_equal(with_others, 120, "runs in the history")
        for run in range(9, 40, 10):
            os.remove(files[run])
        ours = os.path.join(directory, "ours.db")
        program("history", "add", *[path for path in files if os.path.exists(path)], "--db", ours)
        # runs are numbered as they were added: the order is the same, the numbers are not
        seen, _ = look(directory, write(directory, "past.json", results), options=(f"--history={ours}",))
        expect_sound(seen)
        wanted = [(entry["name"], level) for entry in results["benchmarks"]
                  for level in shown_levels(ours, entry["name"])]
        expect_equal(len([1 for name, _ in wanted if name == results["benchmarks"][0]["name"]]), 3,
                     "levels of what changed twice")
        expect_equal([(row["name"], row["run"]) for row in seen["levels"]],
                     [(name, level[0]) for name, level in wanted], "levels begin")
        for row, (name, level) in zip(seen["levels"], wanted):
            expect(all(x == y or abs(x / y - 1) < 1e-12 for x, y in zip(row["values"][:2], level[1:3])),
                   f"{name}: {row}, {level}")
            expect((row["values"][2] is None) == (level[3] is None)
                   and (level[3] is None or abs(row["values"][2] - level[3]) < 1e-12),
                   f"{name}: change {row['values'][2]}, wanted {level[3]}")
        expect_equal(seen["levels_without_script"], len(wanted), "levels without JavaScript")
        expect_equal([chart["dots"] for chart in seen["past"]], [36] * 3, "points drawn")
        changes = [text for text in seen["past"][0]["texts"] if text.endswith("%")]
        expect_equal([text[0] for text in changes], ["+", "\u2212"], f"changes drawn: {changes}")
        page = os.path.join(directory, "mixed.html")
        past = write(directory, "past.json", results)
        expect_equal(program("report", past, "--history", database, "-o", page).returncode, 0, "with another machine's")
        with open(page, encoding="utf-8") as file:
            data = json.loads(re.search(r'id="data">(.*?)</script>', file.read(), re.DOTALL).group(1))
        expect_equal([len(entry["past"][0]["points"]) for entry in data["benchmarks"]], [36] * 3,
                     "only this machine's runs")
        missing = program("report", files[0], "--history", os.path.join(directory, "none.db"), "-o", page)
        expect_equal(missing.returncode, m.EXIT_USAGE, "no such history")
        expect("none.db: no history there" in missing.stderr and not os.path.exists(os.path.join(directory, "none.db")),
               missing.stderr)


def profile_of(directory):
    """What test_profile_read writes, hostile text in it."""
    path = os.path.join(directory, "profile.json")
    unit = os.path.join(m.ROOT, "build", os.uname().machine, "host-tests", "test_profile_read")
    subprocess.run([unit, "--filter", "profile_read/what_was_written_comes_back"], check=True, capture_output=True,
                   timeout=limit(60), env=dict(os.environ, PROFILE_JSON=path))
    with open(path, encoding="utf-8") as file:
        return json.load(file)


@test("report/a profile alone and beside results: every method over size, the choice, the price, glibc's thresholds")
def _():
    with tempfile.TemporaryDirectory() as directory:
        profile = profile_of(directory)
        profile["made"]["machine"]["model"] = HOSTILE[:60]
        measured_ones = [entry for entry in profile["operations"] if entry["measured"]]
        lines = next(entry for entry in measured_ones if entry["name"] == "copy")
        lines["methods"][0]["curves"][0]["ns"] = ["no number", None, -1, {}, 7.5]
        lines["methods"][-1]["curves"] = {"heat": 3}
        path = write(directory, "profile.json", profile)
        one = write(directory, "one.json", measured(directory, "reference/adds"))
        for files in ([path], [one, write(directory, "noise.json", noise_of(2)), path]):
            seen, _ = look(directory, *files)
            expect_sound(seen)
            expect_equal([figure["name"] for figure in seen["methods"]], [entry["name"] for entry in measured_ones],
                         "figures")
            copy_figure = seen["methods"][0]
            bands = lines["choices"]["mixed"]["bands"]
            expect_equal((copy_figure["charts"], copy_figure["bands"]), (3, len(bands) - 1),
                         "charts of copy, and bands within its sizes")
            expect_equal(len(copy_figure["legend"]), len(lines["methods"]), "methods of copy")
            bands = sum(len(entry["choices"][use]["bands"]) for entry in measured_ones for use in ("mixed", "bulk"))
            expect_equal(len(seen["chosen"]), bands, "rows of choices")
            expect(re.match("−20.0 % −20.8 % to −18.4 %", seen["chosen"][0][3]), f"a gain: {seen['chosen'][0]}")
            text = seen["text_without_script"]
            expect(HOSTILE[:60] in text, f"the model as text: {text[:300]}")


@test("report/a profile that is broken ends the report, which names it and says why")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = json.dumps(profile_of(directory))
        path = os.path.join(directory, "broken.json")
        for content, why in ((whole.replace('"below"', '"above"'), "its bands do not ascend from 0"),
                             (whole.replace("}", "}\x00", 1), ": line 1, byte "), (whole[:400], ": line 1, byte "),
                             (whole + "{}", "it is not JSON"), (whole.replace('"mixed"', '"large"', 1), "made.for")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
            result = program("report", path, "-o", os.path.join(directory, "page.html"))
            expect_equal((result.returncode, os.path.exists(os.path.join(directory, "page.html"))),
                         (m.EXIT_USAGE, False), f"{why}: {result.stderr}")
            expect(path in result.stderr and why in result.stderr, f"{why}: {result.stderr}")


@test("report/usage errors exit 2 and name the file")
def _():
    with tempfile.TemporaryDirectory() as directory:
        broken, page = write(directory, "broken.json", {"schema": "anechoic/1"}), os.path.join(directory, "report.html")
        for words, wanted in (([], "usage"), (["-x"], "takes no '-x'"), (["/nonexistent.json"], "/nonexistent.json"),
                              ([broken, "-o", page], broken)):
            result = program("report", *words)
            expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of report {words}: {result.stderr}")
            expect(wanted in result.stderr, f"report {words} does not name {wanted}: {result.stderr}")
        expect(not os.path.exists(page), "a page was written in spite of an error")


@test("report/verdicts are those of compare")
def _():
    with tempfile.TemporaryDirectory() as directory:
        first = measured(directory, "tlb/lookup", "copy/4KiB")
        made_up(first, 1)
        names = [entry["name"] for entry in first["benchmarks"] if entry["status"] == "ok"]
        second = copy.deepcopy(first)
        for entry in second["benchmarks"]:
            factor = {names[0]: 1.5, names[1]: 0.5}.get(entry["name"])
            if factor:
                entry["times"] = [time * factor for time in entry["times"]]
        launches = {"schema": "anechoic-launches/1", "cpu": first["context"]["platform"]["cpu"], "way": "hosted",
                    "benchmarks": {name: {"launches": 29, "deviation": 0.002} for name in names[:-1]}}
        files = [write(directory, "a.json", first), write(directory, "b.json", second)]
        known = ["--launches", write(directory, "launches.json", launches)]
        page = os.path.join(directory, "report.html")
        result = program("report", *files, *known, "-o", page)
        expect_equal(result.returncode, 0, f"exit status of report: {result.stderr}")
        with open(page, encoding="utf-8") as file:
            rows = dict(re.findall(r'<tr data-name="([^"]*)">.*?class="verdict [a-z]*">([^<]*)<', file.read()))
        compared = json.loads(program("compare", *known, "--format", "json", *files).stdout)
        wanted = {row["name"]: row["verdict"] for row in compared["benchmarks"] + compared["not_judged"]}
        expect_equal(rows, wanted, "verdicts")
        expect_equal([rows[name] for name in (names[0], names[1], names[2], names[-1])],
                     ["regressed", "improved", "no change", "inconclusive"], "verdicts of what was made so")


@test("report/what failed or is missing in one of two files is counted in the summary")
def _():
    with tempfile.TemporaryDirectory() as directory:
        first = measured(directory, "tlb/lookup", "copy/4KiB")
        second = copy.deepcopy(first)
        good = [entry for entry in second["benchmarks"] if entry["status"] == "ok"]
        second["benchmarks"].remove(good[0])
        for key in ("times", "iters", "estimates", "outliers", "sampling", "throughput"):
            good[1].pop(key, None)
        good[1].update(status="failed", reason="broken")
        page = os.path.join(directory, "report.html")
        result = program("report", write(directory, "a.json", first), write(directory, "b.json", second), "-o", page)
        expect_equal(result.returncode, 0, f"exit status of report: {result.stderr}")
        with open(page, encoding="utf-8") as file:
            text = file.read()
        failed = sum(entry["status"] == "failed" for entry in second["benchmarks"])
        for what, count in (("failed in B", failed), ("only in A", 1)):
            expect(re.search(rf"<dt>{what}</dt><dd[^>]*>{count}<", text), f"{count} {what}: not in the summary")


def page_of(directory, *words):
    """The text of a report's page."""
    page = os.path.join(directory, "report.html")
    result = program("report", *words, "-o", page)
    expect_equal(result.returncode, 0, f"exit status of report: {result.stderr}")
    with open(page, encoding="utf-8") as file:
        return file.read()


def verdicts_on(text):
    return dict(re.findall(r'<tr data-name="([^"]*)">.*?class="verdict [a-z]*">([^<]*)<', text))


def two_versions(directory):
    """`ab --keep`'s folder of 15 pairs in which what became of each benchmark is known, and their names."""
    first = measured(directory, "tlb/lookup", "copy/4KiB")
    names = [entry["name"] for entry in first["benchmarks"] if entry["status"] == "ok"]
    for pair in range(15):
        for side, factors in (("a", {}), ("b", {names[0]: 1.5, names[1]: 0.5})):
            launch = copy.deepcopy(first)
            made_up(launch, 2 * pair + (side == "b"), 0.003)
            for entry in launch["benchmarks"]:
                entry["times"] = [time * factors.get(entry["name"], 1) for time in entry.get("times", [])]
            if side == "b":
                broken = next(entry for entry in launch["benchmarks"] if entry["name"] == names[3])
                if pair == 4:
                    for key in ("times", "iters", "estimates", "outliers", "sampling", "throughput"):
                        broken.pop(key, None)
                    broken.update(status="failed", reason="broken in the fifth")
                launch["benchmarks"] = [entry for entry in launch["benchmarks"] if entry["name"] != names[4]]
            folder = os.path.join(directory, "kept", side)
            os.makedirs(folder, exist_ok=True)
            write(folder, f"{pair + 1:03d}.json", launch)
    return os.path.join(directory, "kept"), names


@test("report/an ab folder and folders of launches have the verdicts of compare, and its gaps")
def _():
    with tempfile.TemporaryDirectory() as directory:
        kept, names = two_versions(directory)
        folders = [os.path.join(kept, side) for side in "ab"]
        text = page_of(directory, kept)
        compared = json.loads(program("compare", "--format", "json", *folders).stdout)
        wanted = {row["name"]: row["verdict"] for row in compared["benchmarks"] + compared["not_judged"]}
        expect_equal([wanted.get(name) for name in names[:5]],
                     ["regressed", "improved", "no change", "failed in B", "only in A"], "verdicts of what was made so")
        found = verdicts_on(text)
        expect_equal(found, wanted, "verdicts")
        expect_equal(verdicts_on(page_of(directory, *folders)), found, "verdicts of the two folders")
        expect("broken in the fifth" in text and "failed in 1 of 15 launches" in text, "the launch that failed")
        spreads = re.findall(r'<dt>between launches</dt><dd data-value="([^"]*)"', text)
        expect(len(spreads) >= 2 * 3, f"{len(spreads)} spreads between launches")
        figures = []
        for pair in range(15):
            with open(os.path.join(folders[0], f"{pair + 1:03d}.json"), encoding="utf-8") as file:
                entry = next(one for one in json.load(file)["benchmarks"] if one["name"] == names[0])
            each = sorted(time / iters for time, iters in zip(entry["times"], entry["iters"]))
            at = 0.1 * (len(each) - 1)
            figures.append(each[int(at)] + (at - int(at)) * (each[int(at) + 1] - each[int(at)]))
        wanted = (max(figures) - min(figures)) / statistics.median(figures)
        card = re.search(rf'<article class="card" id="b\d+" data-name="{names[0]}">(.*?)</article>', text, re.DOTALL)
        found = float(re.search(r'between launches</dt><dd data-value="([^"]*)"', card.group(1)).group(1))
        expect(abs(found / wanted - 1) < 1e-6, f"spread between launches {found}, wanted {wanted}")
        middle = 1 + figures.index(statistics.median(figures))
        expect(f"of launch {middle}, the one in the middle" in card.group(1), f"launch {middle} is not shown")


@test("report/two versions: worst and best by name on the first screen, rows by change, the unchanged folded")
def _():
    with tempfile.TemporaryDirectory() as directory:
        kept, names = two_versions(directory)
        for side, pair in [(side, pair) for side in "ab" for pair in range(15)]:
            path = os.path.join(kept, side, f"{pair + 1:03d}.json")
            with open(path, encoding="utf-8") as file:
                launch = json.load(file)
            launch["context"]["start_utc"] = "2026-02-03T04:05:06Z" if side == "b" else "unknown"
            for entry in launch["benchmarks"]:
                factor = {names[5]: 1.2, names[6]: 0.8}.get(entry["name"], 1) if side == "b" else 1
                entry["times"] = [time * factor for time in entry.get("times", [])]
            with open(path, "w", encoding="utf-8") as file:
                json.dump(launch, file)
        seen, _ = look(directory, kept)
        expect_sound(seen)
        expect("2026-02-03 04:05:06 UTC" in seen["first_screen"] and "date unknown" in seen["first_screen"],
               f"dates are not on the first screen: {seen['first_screen']}")
        for words in (f"worst change, regressed: {names[0]}", f"best change, improved: {names[1]}"):
            expect(words in seen["first_screen"], f"{words} is not on the first screen: {seen['first_screen']}")
        order = seen["open_at_start"]
        expect_equal(sorted(set(names[3:5]) - set(order)), [], "what failed or is missing, and is not shown")
        changed = [name for name in order if name in (names[0], names[1], names[5], names[6])]
        expect_equal(changed, [names[0], names[5], names[1], names[6]], "the greatest change first")
        expect(max(map(order.index, names[3:5])) < order.index(names[0]), "what is broken comes first")
        expect(names[2] not in order, f"{names[2]} did not change and is not folded")
        expect(names[2] in [row["name"] for row in seen["rows"]], f"{names[2]} is gone")


@test("report/a launch that lies apart is named, in the summary and with its benchmark")
def _():
    with tempfile.TemporaryDirectory() as directory:
        kept, names = two_versions(directory)
        path = os.path.join(kept, "a", "007.json")
        with open(path, encoding="utf-8") as file:
            launch = json.load(file)
        slow = next(entry for entry in launch["benchmarks"] if entry["name"] == names[2])
        slow["times"] = [time * 3 for time in slow["times"]]
        # However busy the machine was: an interval that reaches as far would speak for the launch.
        for estimate in filter(None, slow["estimates"].values()):
            estimate["confidence_interval"].update(lower_bound=estimate["point"], upper_bound=estimate["point"])
        with open(path, "w", encoding="utf-8") as file:
            json.dump(launch, file)
        text = page_of(directory, os.path.join(kept, "a"))
        expect(re.search(r"<dt>with a launch that lies apart</dt><dd>1<", text), "not in the summary")
        expect_equal(re.findall(r"launch (\d+) lies apart", text), ["7"], "launches that lie apart")


# ---- the machine, drawn ----------------------------------------------------------------------------------------------


class Boxes(html.parser.HTMLParser):
    """The drawing's boxes, (classes, texts, boxes within), and the page's texts. A tag left open is an error."""

    def __init__(self, page):
        super().__init__()
        self.open, self.boxes, self.texts = [], [("root", [], [])], []
        self.feed(page)
        expect_equal(self.open, [], "tags that stay open")
        self.root = self.boxes[0]

    def handle_starttag(self, tag, attrs):
        if tag in ("meta", "link", "br", "wbr", "input"):
            return
        classes = (dict(attrs).get("class") or "").split()
        is_box = tag == "div" and "box" in classes
        self.open.append((tag, classes, is_box))
        if is_box:
            box = (classes, [], [])
            self.boxes[-1][2].append(box)
            self.boxes.append(box)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self.open and self.open[-1][0] != tag:
            expect(self.open.pop()[0] in ("dd", "li", "p", "td", "th", "tr"), f"{tag} closes what is around it")
        if self.open.pop()[2]:
            self.boxes.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] in ("script", "style"):
            return
        self.texts.append(data)
        if len(self.boxes) > 1:
            self.boxes[-1][1].append((self.open[-1][1], data.strip()))


def within(box):
    for inner in box[2]:
        yield inner
        yield from within(inner)


def bars(box):
    return [text for classes, text in box[1] if "bar" in classes]


def names(box):
    return " ".join(text for classes, text in box[1] if text and not {"bar", "cpu"} & set(classes))


def described(directory, cpus):
    path = write(directory, "dump.txt", "")
    with open(path, "w", encoding="ascii") as file:
        file.write(cpuid_dumps.text(cpus))
    return json.loads(program("caps", "--cpuid", path, "--format=json").stdout)


def drawn(directory, results, machine, **context):
    results = {**results, "context": {**results["context"], "machine": machine, **context}}
    page = os.path.join(directory, "drawn.html")
    result = program("report", write(directory, "drawn.json", results), "-o", page)
    expect_equal((result.returncode, result.stderr), (0, ""), f"report of {json.dumps(machine)[:300]}")
    with open(page, encoding="utf-8") as file:
        return Boxes(file.read())


@test("report/the machine is drawn: kinds, what shares a cache, folded where there is much of the same")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results = measured(directory, "tlb/lookup/mostly")
        page = drawn(directory, results, described(directory, cpuid_dumps.MACHINES["alder_lake"][0]()),
                     measured_on={"cpu": 20, "kind": "E"})
        package = page.root[2][0]
        expect_equal((names(package), bars(package), len(page.root[2])), ("Package 0", ["L3 30 MiB"], 1), "package")
        cores = [box for box in within(page.root) if "core" in box[0]]
        expect_equal([("k1" in box[0], bars(box)) for box in cores],
                     [(False, ["L2 1280 KiB", "L1d 48 KiB", "L1i 32 KiB"])] * 8
                     + [(True, ["L1d 32 KiB", "L1i 64 KiB"])] * 8, "cores")
        expect_equal([(bars(box), len(box[2])) for box in package[2] if "core" not in box[0]], [(["L2 2 MiB"], 4)] * 2,
                     "what four cores share")
        cpus = [(text, "on" in classes) for box in cores for classes, text in box[1] if "cpu" in classes]
        expect_equal(cpus, [(f"CPU {number}", number == 20) for number in range(24)], "threads, one of them measured")
        text = " ".join(" ".join(page.texts).split())
        for words in ("P, Golden Cove: CPUs 0–15", "E, Gracemont: CPUs 16–23", "8 × 1280 KiB, 10 ways, 2048 sets",
                      "leaf 0x4 on CPU 16", "Pin to one kind of core", "(told only)"):
            expect(words in text, f"{words} is not in the page")
        page = drawn(directory, results, described(directory, cpuid_dumps.qemu(2, 4, 16, 2, cpuid_dumps.AMD)))
        expect_equal([names(box) for box in within(page.root)], ["Package × 2 CPUs 0–255", "Cluster × 4", "Core × 16"],
                     "folded")
        page = drawn(directory, results, described(directory, cpuid_dumps.qemu(2, 2, 4, 2, cpuid_dumps.INTEL)))
        expect_equal([names(box) for box in within(page.root) if "core" not in box[0]],
                     ["Package 0", "Die 0", "Die 1", "Package 1", "Die 2", "Die 3"], "dies")


@test("report/a machine that is made of anything ends in a page")
def _():
    values = (None, True, -1, 2 ** 62, 1e300, HOSTILE, [], {}, [HOSTILE, -1, [], {}, 2 ** 62], {"value": HOSTILE},
              {"value": -5, "source": 3})
    with tempfile.TemporaryDirectory() as directory:
        results = measured(directory, "tlb/lookup/mostly")
        whole = described(directory, cpuid_dumps.MACHINES["alder_lake"][0]())
        paths = [[key] for key in whole] + [[part, 0] for part in ("cpus", "kinds", "caches")]
        paths += [[part, 0, key] for part in ("cpus", "kinds", "caches", "advice") for key in whole[part][0]]
        wrong = [(path, values[i % len(values)]) for i, path in enumerate(paths)]
        lists = ("cpus", "kinds", "caches", "tlbs", "advice", "remarks")
        wrong += [([part], value) for part in lists for value in values]
        for path, value in wrong:
            machine = copy.deepcopy(whole)
            at = machine
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value
            drawn(directory, results, machine, measured_on=value)
        crossing = copy.deepcopy(whole)
        crossing["caches"][0]["cpus"] = [1, 2]
        text = " ".join(drawn(directory, results, crossing).texts)
        expect("cross these borders: 1 cache." in text, "a cache across cores")
        chain = {"cpus": [{"number": number, "core": number % 1024} for number in range(1500)],
                 "caches": [{"level": 9, "bytes": size, "cpus": list(range(size))} for size in range(1, 1100)]}
        boxes = list(within(drawn(directory, results, chain).root))
        expect(len(boxes) < 30 and any("Core × 10" in names(box) for box in boxes), f"a chain: {[*map(names, boxes)]}")
        for machine in (7, [], "x", {}, {"cpus": [{}]}, {"cpus": [{"number": 5}]}):
            drawn(directory, results, machine)


# ---- noise ---------------------------------------------------------------------------------------------------------

def noise_of(cores):
    """What `noise` writes, of so many cores: 40 detours of 3 us, 2 of 1 ms, one of 20 ns."""
    over = {"count": 42, "lost_ns": 2.12e6, "available": 0.99788, "a_second_upper": 55.5}
    core = {"cpu": 3, "looked_ns": 1e9, "looks": 10 ** 8, "least_look_ns": 9.2, "threshold_ns": 83,
            "longest_ns": 1.01e6, "over_1us": over, "over_threshold": {**over, "count": 43}, "length_unknown": 0,
            "clock_went_back": 0,
            "on_all_cores": 2, "on_all_cores_by_chance": 1.4, "unknown": {"ns": 90_000, "at_most": True},
            "counted": {"interrupts": 250, "nmis": 0, "stolen_ns": 30_000_000},
            "not_counted": {"smis": HOSTILE}, "elsewhere": 0,
            "planted": {"every_ns": 10_000_000, "length_ns": 100_000, "times": 89, "measured_ns": 1e5,
                        "found": {"every_ns": 9.99e6, "length_ns": 100_500}},
            "periods": [{"every_ns": 4e6, "length_ns": 3000, "events": 40, "turns": 0.97}],
            "fixed_time": {"count": 9, "quantum_ns": 1e5, "lost": 0, "variation": 0, "periods": [
                {"every_ns": 8e6, "length_ns": 5000}]},
            "histogram": [{"from_ns": start, "below_ns": start * 1.03, "count": count}
                          for start, count in ((20, 1), (3000, 40), (1e6, 2))],
            "longest": [{"at_ns": 5, "ns": 1.01e6}]}
    return {"schema": "anechoic-noise/1", "version": "0.1.0", "commit": "1", "date": "2026-01-02T03:04:05Z",
            "machine": {"architecture": "x86_64", "way": "hosted", "hold": "process", "cpu": HOSTILE, "firmware": "",
                        "hypervisor": ""}, "held": HOSTILE, "clock_hz": 10 ** 9, "asked_ns": 10 ** 9, "cut": False,
            "cores": [{"core": at, **copy.deepcopy(core)} for at in range(cores)]}


@test("report/noise alone and beside results: each core's row, its detours by length, periods and causes")
def _():
    with tempfile.TemporaryDirectory() as directory:
        noise = noise_of(2)
        quiet = noise["cores"][1]
        quiet.update(histogram=[], periods=[], over_1us={**quiet["over_1us"], "count": 0, "a_second_upper": 2.99})
        path = write(directory, "noise.json", noise)
        results = write(directory, "one.json", measured(directory, "reference/adds/3"))
        for files in ([path], [results, path], [path, results]):
            page = page_of(directory, *files)
            text = " ".join(" ".join(Boxes(page).texts).split())
            rows = rows_of(page, "data-core")
            wanted = ["3", "1.000 s", "99.788000 %", "2.120 ms", "1.010 ms"]
            expect_equal([row[:-1] for row in rows], [["core 0", *wanted, "42", "43", "42"],
                                                      ["core 1", *wanted, "0", "43", "< 2.99"]], "rows")
            bars = re.findall('<svg class="lengths".*?<path d="(.*?)"', page)
            expect_equal(bars, ["M13.5 32V25.4M100.5 32V1.0M199.5 32V22.1", ""], "detours by length")
            for words in ("core 0: every 4.000 ms (250 Hz) 3.000 µs, in 97 % of its turns",
                          "core 1: every 8.000 ms (125 Hz) 5.000 µs of work in equal times",
                          "core 0: 2 of 42 over 1 µs on all cores at once (1 by chance); interrupts 250; NMIs 0; taken "
                          "by the host 30.00 ms; unknown at most 90.00 µs; planted every 10.00 ms 100.0 µs, found "
                          "every 9.990 ms 100.5 µs",
                          f"SMIs not counted here: {HOSTILE}", "2 cores at once", HOSTILE + " · x86_64"):
                expect(words in text, f"{words} is not in the page")
            expect_equal('href="#noise"' in page, results in files, "the way to it")
        expect("The noise" not in page_of(directory, results), "noise where no file has any")
        expect("Functional only" not in page_of(directory, path), "a machine that nobody emulates")
        noise["cut"] = True
        noise["machine"]["emulated"] = HOSTILE
        text = " ".join(" ".join(Boxes(page_of(directory, write(directory, "tcg.json", noise))).texts).split())
        expect(f"Functional only. {HOSTILE}. This says nothing" in text, "an emulator's")
        expect("cut off" in page_of(directory, write(directory, "cut.json", noise)), "it was cut off")


def made_of_anything(directory, whole, places, values):
    """(place, page) of files in which that part is one of the values, three a page; no page has markup of theirs."""
    for at, steps in enumerate(places):
        files = []
        for k in range(3):
            made = copy.deepcopy(whole)
            part = made
            for step in steps[:-1]:
                part = part[step]
            part[steps[-1]] = values[(3 * at + k) % len(values)]
            files.append(write(directory, f"made{k}.json", made))
        page = page_of(directory, *files)
        expect_equal((page.count("<script>alert"), re.findall("[^a-z](nan|inf)[^a-z]", "".join(Boxes(page).texts))),
                     (0, []), f"{steps}: markup of the file's, or no number")
        yield steps, page


def refused(directory, *contents):
    """Each content is refused, with the file's name and why."""
    for content, why in contents:
        path = os.path.join(directory, "broken.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        result = program("report", path, "-o", os.path.join(directory, "none.html"))
        expect_equal(result.returncode, m.EXIT_USAGE, f"{why}: {result.stderr}")
        expect(path in result.stderr and why in result.stderr, f"{why}: {result.stderr}")


@test("report/noise that is made of anything ends in a page, and what is none is refused by name")
def _():
    values = (None, True, -1, 2 ** 62, 1e300, HOSTILE, [], {}, [HOSTILE, -1, [], {}, 2 ** 62], {"count": HOSTILE})
    whole = noise_of(1)
    paths = [[key] for key in whole if key not in ("schema", "cores")] + [["cores", 0]]
    paths += [["cores", 0, key] for key in whole["cores"][0]]
    paths += [["cores", 0, key, 0] for key in ("periods", "histogram")]
    paths += [["cores", 0, key, part] for key in ("over_1us", "counted", "planted", "fixed_time")
              for part in whole["cores"][0][key]]
    paths += [["cores", 0, "histogram", 0, part] for part in ("from_ns", "count")]
    with tempfile.TemporaryDirectory() as directory:
        for place, page in made_of_anything(directory, whole, paths, values):
            expect(len(page) < 600_000, f"{place}: {len(page)} bytes")
        large = noise_of(1)
        large["cores"][0]["periods"] *= 3000
        large["cores"][0]["histogram"] *= 9000
        large["cores"] *= 2
        page = page_of(directory, write(directory, "large.json", large))
        expect_equal(page.count("Hz) 3.000"), 16, "periods of a core that has thousands")
        refused(directory, ('{"schema":"anechoic-noise/1","cores":{}}', "cores is no array"),
                ('{"schema":"anechoic-noise/1","cores":[],"cores":[]}', "names a member twice"))


# ---- a watch -------------------------------------------------------------------------------------------------------

def watched(directory, names=("one", "two")):
    """A watch of 29 h with a slowdown of an hour, a pause and a loud quarter of an hour, which was passed over."""
    def level(minute):
        return 106.0 if 1560 <= minute < 1620 else 100.0
    loud = [round_of(names[0], 60 * minute, 100, random.Random(minute), room=loud_room())
            for minute in range(1500, 1515)]
    lines = [head(names=names), *minutes(0, 1500, level, names=names), *loud,
             *minutes(1515, 1740, level, names=names)]
    return imported(directory, lines)[1]


def shades(page):
    return re.findall('<rect class="(bad|good)" x="(.*?)" y="0" width="(.*?)"', page)


@test("report/a watch alone and beside results: its words and figures are those of `watch show`, its past is drawn")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state = watched(directory)
        stands = shown(state)
        results = write(directory, "one.json", measured(directory, "reference/adds/3"))
        for files in ([state], [results, state], [state, results, state]):
            page = page_of(directory, *files)
            text = " ".join(" ".join(Boxes(page).texts).split())
            table = program("watch", "show", "--state", state).stdout
            for line in table.splitlines()[:3] + [alert["text"] for alert in stands["alerts"]]:
                expect(line in text, f"{line} is not in the page")
            rows = rows_of(page, "data-window")
            wanted = [[entry["name"] if span == "minute" else "", span, window["start_utc"],
                       *(f"{window[name]:.4g}" for name in ("p50", "p95", "p99")), str(window["count"]), window["room"]]
                      for entry in stands["benchmarks"]
                      for span, window in ((span, entry[span]) for span in ("minute", "hour", "day"))]
            times = files.count(state)
            expect_equal(rows, wanted * times, "last windows")
            expect_equal((page.count('id="watch"'), page.count('href="#watch"')), (1, results in files), "the way")
            expect("skipped, as the room was loud: 15;" in text and "p50 of each hour" in text, text[:2000])
            expect_equal(len(shades(page)), 2 * times, "changes of the alert")
            for kind, left, width in shades(page):
                # 29 h wide: from the 26th, where it may be told of some minutes around.
                expect(kind == "bad" and abs(float(left) - 26 / 29 * 1000) < 10 and 25 < float(width) < 60,
                       f"{kind} from {left}, {width} wide")
        expect("The watch" not in page_of(directory, results), "a watch where no file is one")
        expect_equal(shown(state), stands, "the state is as it was")


@test("report/a watch of minutes is drawn by the minute, broken where nothing was kept, with its loud windows")
def _():
    with tempfile.TemporaryDirectory() as directory:
        names = ("one",)
        loud = round_of("one", 60 * 30, 100, random.Random(30), room=loud_room())
        _, state = imported(directory, [head(names=names), *minutes(0, 20, names=names), loud,
                                        *minutes(31, 41, names=names)], "--room=loud")
        page = page_of(directory, state)
        expect("p50 of each minute" in page and "<li>no alert</li>" in page, "by the minute")
        tail, level, ticks = re.findall('<path(?: class="(?:tail|loud)")? d="(.*?)"/>', page[page.index("course"):])
        for path in (tail, level):
            expect_equal((path.count("M"), path.count("M") + path.count("L")), (2, 31), "a break, and each window")
        expect_equal(len(re.findall("M", ticks)), 1, f"loud windows: {ticks}")
        with sqlite3.connect(state) as database:
            database.execute("DELETE FROM watch")
        page = page_of(directory, state)
        expect("no round was measured yet" in page and "Over time" not in page, "one that has nothing")


@test("report/a watch's state that is made of anything ends in a page, and what is none is refused by name")
def _():
    mischief = ('UPDATE "window" SET start = start * 1000003', 'UPDATE "window" SET start = start + 9000000000 * span',
                'UPDATE "window" SET p50 = 9e999, count = -1, room = 77',
                'UPDATE "window" SET p50 = 1e-300, p95 = 1e300',
                'UPDATE "window" SET start = 253402300799 - start', 'UPDATE "window" SET p50 = \'x\', p95 = x\'00\'',
                "UPDATE alert SET began = -9223372036854775807", "DELETE FROM change",
                "UPDATE change SET first = -9223372036854775807, last = 9223372036854775807, percentile = 99",
                "UPDATE change SET before = 0, after = 9e999",
                "UPDATE change SET first = 9223372036854775807, closed = 0",
                "UPDATE watch SET rounds = -1, started = 9223372036854775807, last_round = -7",
                "UPDATE watch SET machine = '<script>alert(3)'",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                " INSERT INTO benchmark(name) SELECT 'more' || i FROM n",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
                ' INSERT OR IGNORE INTO "window" SELECT 1, 0, i, 1, 1, 1, 1, 1, x\'\' FROM n')
    names = (HOSTILE[:90], "two")
    with tempfile.TemporaryDirectory() as directory:
        whole = watched(directory, names)
        page = page_of(directory, whole)
        expect(HOSTILE[:90] in " ".join(Boxes(page).texts) and "<script>alert" not in page, "a name is text")
        for sql in mischief:
            state = shutil.copy(whole, os.path.join(directory, "made.db"))
            with sqlite3.connect(state) as database:
                database.execute(sql)
            expect_equal(program("watch", "show", "--state", state).returncode, 0, f"{sql}: shown")
            page = page_of(directory, state)
            expect_equal((page.count("<script>alert"), re.findall("[^a-z](nan|inf)[^a-z]", "".join(Boxes(page).texts))),
                         (0, []), f"{sql}: markup of the file's, or no number")
            expect(len(page) < 1_000_000, f"{sql}: {len(page)} bytes")
        with open(whole, "r+b") as file:
            file.truncate(os.path.getsize(whole) // 2)
        with sqlite3.connect(os.path.join(directory, "other.db")) as database:
            database.executescript("PRAGMA application_id = 0x416e5774; PRAGMA user_version = 9; CREATE TABLE a(b)")
        for name, why in (("watch.db", "malformed"), ("other.db", "state of a watch of version 9")):
            path = os.path.join(directory, name)
            result = program("report", path, "-o", os.path.join(directory, "none.html"))
            expect_equal(result.returncode, m.EXIT_USAGE, f"{why}: {result.stderr}")
            expect(path in result.stderr and why in result.stderr, f"{why}: {result.stderr}")


# ---- a program's record ---------------------------------------------------------------------------------------------

PROGRAM_NAME = HOSTILE[:60]  # all that a record may have


def record_of(**more):
    """A record of 80 million copies of 64 bytes, and of blocks of which half live less than 2 us."""
    lifetimes = [0] * 40
    lifetimes[11], lifetimes[21], lifetimes[31] = 50, 45, 5
    return made_record(**{
        "program": PROGRAM_NAME, "machine": {**MACHINE, "model": HOSTILE[:60], "hypervisor": "<b>"},
        "calls": {"memcpy": {"bytes": 5120001024, "unsized": 0, "sizes": [[64, 8 * 10**7, 0, 0, 0],
                                                                          [1024, 0, 0, 0, 1]]},
                  "strlen": {"bytes": 7, "unsized": 1, "sizes": [[6, 1, 0, 0, 0]]},
                  "strcmp": {"bytes": 0, "unsized": 1, "sizes": []}},
        "allocations": {"malloc": [[16, 600], [4096, 300]], "calloc": [[4096, 100]], "realloc": [], "aligned": []},
        "allocated": 1000, "allocated_bytes": 1648000, "frees": [[24, 900]], "freed": 900, "freed_more": 5,
        "moved": 3, "damaged": 1, "lifetimes": lifetimes,
        "orders": {"stack": 60, "queue": 30, "between": 5, "alone": 0, "elsewhere": 5}, **more})


def words_of(page):
    return " ".join(" ".join(Boxes(page).texts).split())


@test("report/a record alone and beside others: calls, blocks, lifetimes, and what `advise` says")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = record_of()
        record = write(directory, "r.json", whole)
        costs = write(directory, "costs.json", {**made_costs(), "machine": whole["machine"]})
        other = write(directory, "other.json", record_of(machine={**MACHINE, "cpu": "Other 1.2.3"}))
        results = write(directory, "one.json", measured(directory, "reference/adds/3"))
        said = program("advise", record, "--costs", costs).stdout
        expect(len(said.splitlines()) > 6, said)
        for files in ([record], [results, other, record], [write(directory, "n.json", noise_of(1)), record, results]):
            page = page_of(directory, *files, "--costs", costs)
            text = words_of(page)
            for line in said.splitlines():
                expect(" ".join(line.split()) in text, f"not as `advise` says it: {line}")
            rows = [[plain_text(cell) for cell in re.findall("<t[hd].*?>(.*?)</t[hd]>", row, re.S)]
                    for row in re.findall("<tr>(.*?)</tr>", page, re.S)]
            for row in (["memcpy", "80000001", "5120001024", "64-95: 100%, 1024-1535: 0%"],
                        ["strlen", "2", "7", "6-7: 50%"], ["strcmp", "1", "0", "of no known size"],
                        ["malloc", "900", "", "16-23: 67%, 4096-6143: 33%"],
                        ["allocated", "1000", "1648000", "16-23: 60%, 4096-6143: 40%"],
                        ["calloc", "100", "", "4096-6143: 100%"], ["freed", "900", "", "24-31: 100%"]):
                expect(row in [cells[:3] + cells[4:] for cells in rows if len(cells) == 5], f"{row} is not in {rows}")
            expect('<path d="M69.0 32V1.0M129.0 32V4.0M189.0 32V28.0"/>' in page, "how long blocks live")
            for words in ("half lived less than 2.048 µs, nine in ten less than 2.097 ms",
                          f"What {PROGRAM_NAME} asks of memory", HOSTILE[:60] + " · <b> ·", "3 blocks were moved by",
                          "5 blocks at least were freed by another thread", "when freed the last left 60%",
                          "1 process without counts", "No block was played back for this page: "):
                expect(words in text, f"{words} is not in the page")
            expect_equal(('href="#record"' in page, text.count("it was recorded on another machine")),
                         (results in files, int(other in files)), "the way to it, and another machine's")
        seen, _ = look(directory, results, record, options=("--costs", costs))
        expect_sound(seen)
        expect("asks of memory" not in page_of(directory, results), "a record where no file has any")
        expect("advice: nothing to gain" in words_of(page_of(
            directory, write(directory, "r.json", made_record(machine=whole["machine"])), "--costs", costs)),
            "a program that gains nothing")


@test("report/a record has advice by the costs that are kept here, and none is measured")
def _():
    with tempfile.TemporaryDirectory() as directory, \
            unittest.mock.patch.dict(os.environ, {"ANECHOIC_HOME": os.path.join(directory, "home")}):
        path = os.path.join(directory, "<r>.json")
        expect_equal(program("record", "-o", path, "--", "true").returncode, 0, "record")
        text = words_of(page_of(directory, path))
        expect(f"anechoic advise {path} measures it" in text and "What true asks of memory" in text, text)
        expect(not os.path.exists(os.path.join(directory, "home", "costs.json")), "costs were measured")
        with open(path, encoding="utf-8") as file:
            here = json.load(file)["machine"]
        with open(PROGRAM, "rb") as file:
            costs = {**made_costs(), "machine": here, "build": f"{m.crc32c(file.read()):08x}"}
        for name, member in (("enabled", "huge_pages"), ("defrag", "defrag")):
            try:
                with open(f"/sys/kernel/mm/transparent_hugepage/{name}", encoding="ascii") as file:
                    costs[member] = file.read().partition("[")[2].partition("]")[0]
            except FileNotFoundError:
                costs[member] = ""
        copies = write(directory, "copies.json", record_of(machine=here))
        kept = write(directory, "home/costs.json", costs)
        said = program("advise", copies).stdout.splitlines()
        text = words_of(page_of(directory, copies))
        expect(len(said) > 6 and all(" ".join(line.split()) in text for line in said), f"{said}: {text}")
        write(directory, "home/costs.json", {**costs, "build": "another"})
        expect("measures it, in half a minute" in words_of(page_of(directory, copies)), "another build's costs")
        os.remove(kept)


@test("report/records that are made of anything end in a page, and a broken one is refused by name")
def _():
    with tempfile.TemporaryDirectory() as directory:
        costs, page = write(directory, "costs.json", made_costs()), os.path.join(directory, "page.html")
        for number in (1, 2**40, 2**63 - 1):
            lots = [[0, number], [16, number], [3221225472, number]]
            calls = {"memcpy": {"bytes": number, "unsized": number, "sizes": [[0] + [number] * 4, [64] + [number] * 4]}}
            record = record_of(**dict.fromkeys(NUMBERS, number), calls=calls, frees=lots, lifetimes=[number] * 40,
                               allocations=dict.fromkeys(("malloc", "calloc", "realloc", "aligned"), lots),
                               orders=dict.fromkeys(("stack", "queue", "between", "alone", "elsewhere"), number))
            text = words_of(page_of(directory, write(directory, "r.json", record), "--costs", costs))
            expect(not re.search(r"\b(nan|inf)\b", text), f"no number: {text}")
        os.remove(os.path.join(directory, "report.html"))
        whole = record_of()
        for content, options, why in (
                ({**whole, "calls": 7}, (), "the record is damaged: calls"),
                ({**whole, "schema": "anechoic-record/2"}, (), "its schema is anechoic-record/2"),
                ({**whole, "program": "\x1b[31m"}, (), "the record is damaged: program"),
                ({**whole, "lifetimes": [0] * 39}, (), "the record is damaged: lifetimes"),
                (json.dumps(whole)[:500], (), "line 1, byte"),
                (whole, ("--costs", "/nonexistent"), "/nonexistent"),
                (whole, ("--costs", write(directory, "no.json", {"schema": "anechoic/1"})), "no.json: no costs")):
            path = os.path.join(directory, "r.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(content if isinstance(content, str) else json.dumps(content))
            result = program("report", path, *options, "-o", page)
            expect_equal((result.returncode, os.path.exists(page)), (m.EXIT_USAGE, False), f"{why}: {result.stderr}")
            expect((options[1] if options else path) in result.stderr and why in result.stderr, result.stderr)


@test("report/standard input is read as a file of any kind is")
def _():
    with tempfile.TemporaryDirectory() as directory:
        run = measured(directory, "reference/adds/3")
        for content in (record_of(), run, {"schema": "anechoic-baseline/1", "launches": [run, run]}):
            path, piped = write(directory, "file.json", content), os.path.join(directory, "piped.html")
            result = program("report", "-", "-o", piped, given=json.dumps(content))
            expect_equal((result.returncode, result.stderr), (0, ""), "report -")
            with open(piped, encoding="utf-8") as file:
                page = words_of(file.read())
            named = page.replace("standard input", path).replace("anechoic advise RECORD", f"anechoic advise {path}")
            expect(named == words_of(page_of(directory, path)), "but for its name")
        result = program("report", "-", "-o", piped, given='{"schema": "anechoic-record/1"}')
        expect_equal(result.returncode, m.EXIT_USAGE, "what is wrong")
        expect("standard input: the record is damaged" in result.stderr, result.stderr)


# ---- what makes figures worse --------------------------------------------------------------------------------------

def diagnosed(directory):
    """What `doctor` finds on a made-up laptop: its file, and its first line."""
    root, path = os.path.join(directory, "root"), os.path.join(directory, "doctor.json")
    plant(root, LAPTOP)
    result = program("doctor", "--root", root, "--format=json", "--out", path)
    expect_equal((result.returncode, result.stderr), (1, ""), "doctor")
    return path, program("doctor", "--root", root).stdout.splitlines()[0]


@test("report/what doctor found alone and beside results: each topic as the file has it, and the line above them")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, first = diagnosed(directory)
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        wanted = [[entry["name"], entry["state"], entry["found"], entry["why"] if "mend" in entry else "",
                   entry.get("mend", "") + ("; --still does something about it" if entry.get("still") else ""),
                   entry.get("worth", "")] for entry in found["findings"]]
        results = write(directory, "one.json", measured(directory, "reference/adds/3"))
        for files in ([path], [results, path], [path, path]):
            page = page_of(directory, *files)
            text = " ".join(" ".join(Boxes(page).texts).split())
            rows = rows_of(page, "data-finding")
            expect_equal(rows, [[" ".join(cell.split()) for cell in row] for row in wanted] * files.count(path), "rows")
            expect(first in text, f"{first} is not in the page")
            expect_equal((page.count('id="doctor"'), page.count('href="#doctor"')), (1, results in files), "the way")
        expect("--still:" not in text, "help that nobody measured")
        found["helped"] = {"lost": "less", "still": HOSTILE, "lost_without": 0.02, "lost_with": 0.01, "ratio": 0.5,
                           "lower": 0.4, "upper": 0.6, "pairs": 8, "piece_seconds": 0.25}
        text = " ".join(" ".join(Boxes(page_of(directory, write(directory, "helped.json", found))).texts).split())
        expect("--still: it helps. Core 1 loses 2.0000 % of its time without it, 1.0000 % with it: a pair's ratio is "
               f"0.50 [0.40 0.60] (8 pairs of 0.25 s, alternately; 99 %). Still were: {HOSTILE}" in text, text)


@test("report/what says that it is doctor's and is made of anything ends in a page, or is refused by name")
def _():
    values = (None, True, -1, 2 ** 62, 1e300, HOSTILE, "x" * 5000, [], {}, [HOSTILE, -1, [], {}, {"state": "worse"}])
    with tempfile.TemporaryDirectory() as directory:
        path, _ = diagnosed(directory)
        with open(path, encoding="utf-8") as file:
            whole = json.load(file)
        whole["findings"] = whole["findings"][:1]
        whole["helped"] = {"lost": "more", "still": "all", "lost_without": 0.02, "lost_with": 0.01, "ratio": 0.5,
                           "lower": 0.4, "upper": 0.6, "pairs": 8, "piece_seconds": 0.25}
        paths = [[key] for key in whole if key not in ("schema", "findings")] + [["findings", 0]]
        paths += [["findings", 0, key] for key in whole["findings"][0]] + [["helped", key] for key in whole["helped"]]
        for _ in made_of_anything(directory, whole, paths, values):
            pass
        whole["findings"] *= 3000
        page = page_of(directory, write(directory, "large.json", whole))
        expect_equal((page.count("<tr data-finding>"), "The first 256 of 3000" in page), (256, True), "thousands")
        refused(directory, ('{"schema":"anechoic-doctor/1","findings":{}}', "findings is no array"),
                ('{"schema":"anechoic-doctor/1","findings":[],"findings":[]}', "names a member twice"))


# ---- a snippet -----------------------------------------------------------------------------------------------------

def taken_apart(directory, name, *words):
    """A file of `snippet`, and the words that the command has for it."""
    path = os.path.join(directory, name)
    result = program("snippet", *words, "-o", path)
    expect(os.path.exists(path), f"{words}: {result.stderr}")
    return path, result.stdout


@test("report/a snippet alone and beside results: the command's own words, made anew from the file, and its rounds")
def _():
    words = ("ok", "--latency", TWO), ("faulted", one("nop; ud2", "nop; udf #0")), ("thrice", ADD)
    with tempfile.TemporaryDirectory() as directory:
        made = [taken_apart(directory, f"{name}.json", *rest) for name, *rest in words]
        results = write(directory, "one.json", measured(directory, "reference/adds/3"))
        for files in ([made[0][0]], [results, made[0][0]], [path for path, _ in made]):
            page = page_of(directory, *files)
            shown = [html.unescape(text) for text in re.findall('<pre class="shown">(.*?)</pre>', page, re.S)]
            wanted = ["".join(line for line in said.splitlines(True) if not line.startswith("figures "))
                      for path, said in made if path in files]
            expect_equal(shown, wanted, "words")
            expect_equal((page.count('id="snippet"'), page.count('href="#snippet"')), (1, results in files), "the way")
        with open(made[0][0], encoding="utf-8") as file:
            found = json.load(file)
        expect_equal(len(re.findall("M", re.search('class="dots" d="(.*?)"', page).group(1))),
                     len(found["loops"]["short"]["ticks"]), "a dot a round")
        found.update(source=HOSTILE, machine={"cpu": HOSTILE, "emulated": HOSTILE})
        page = page_of(directory, write(directory, "hostile.json", found))
        expect(f"snippet    {HOSTILE}\n" in "".join(Boxes(page).texts) and "<script>alert" not in page, "text is text")
        expect("Functional only" in page, "an emulator's")


@test("report/what says that it is a snippet and is made of anything ends in a page, or is refused by name")
def _():
    values = (None, True, -1, 2 ** 62, 2 ** 70, HOSTILE, "x" * 5000, [], {}, [HOSTILE, -1], [2 ** 62] * 4, "00", 1e300)
    with tempfile.TemporaryDirectory() as directory:
        for name, words in (("ok.json", (ADD,)), ("faulted.json", (one("ud2", "udf #0"),))):
            path, _ = taken_apart(directory, name, *words)
            with open(path, encoding="utf-8") as file:
                whole = json.load(file)
            places = [[key] for key in whole if key != "schema"]
            places += [[key, part] for key in ("loops", "fault", "room", "machine") for part in whole.get(key, ())]
            places += [["loops", loop, part] for loop in whole.get("loops", ()) for part in whole["loops"][loop]]
            for at, steps in enumerate(places):
                for value in (values * 2)[4 * at % len(values):][:4]:
                    made = copy.deepcopy(whole)
                    part = made
                    for step in steps[:-1]:
                        part = part[step]
                    part[steps[-1]] = value
                    path, page = write(directory, "made.json", made), os.path.join(directory, "made.html")
                    result = program("report", path, "-o", page)
                    if result.returncode == m.EXIT_USAGE:
                        expect(path in result.stderr, f"{steps} {value}: {result.stderr}")
                        continue
                    expect_equal(result.returncode, 0, f"{steps} {value}: {result.stderr}")
                    with open(page, encoding="utf-8") as file:
                        expect("<script>alert" not in file.read(), f"{steps} {value}: markup of the file's")


# ---- the memory ----------------------------------------------------------------------------------------------------

SIZES = ["1KiB", "8KiB", "32KiB", "48KiB", "64KiB", "512KiB", "1MiB", "2MiB", "8MiB", "64MiB"]
LADDER = [1, 1, 1, 1, 4, 4, 4.5, 12, 13, 90]
BANDWIDTH = ["one/read", "one/write", "one/copy", "one/copy_stream", "one/stream_add", "one/stream_triad"]


def row(entry, name, ns):
    """A benchmark of that name and time, from one that was measured."""
    made = copy.deepcopy(entry)
    made.update(name=name, group="machine", parameters=name.split("/")[1:])
    scale = ns / entry["estimates"]["mean"]["point"]
    for estimate in filter(None, made["estimates"].values()):
        interval = estimate["confidence_interval"]
        estimate["point"] *= scale
        interval.update(lower_bound=interval["lower_bound"] * scale, upper_bound=interval["upper_bound"] * scale)
    made["times"] = [time * scale for time in entry["times"]]
    return made


def level(kind, ns, nbytes=0, told=0, doubts=()):
    made = {"kind": kind, "ns": ns, "ns_lower": ns * 0.95, "ns_upper": ns * 1.1, "certain": not doubts,
            "doubts": list(doubts)}
    if nbytes:
        made.update(bytes=nbytes, bytes_lower=nbytes - nbytes // 20, bytes_upper=nbytes + nbytes // 20)
    return {**made, "told_bytes": told} if told else made


def of_memory(directory, slower, found):
    """Results of a machine's memory: two sizes of page, of the larger `found`; bandwidth, chains, pairs of cores."""
    results = measured(directory, "reference/adds")
    good = next(entry for entry in results["benchmarks"] if entry["status"] == "ok")
    rows = [row(good, f"machine/latency/{page}/line/{size}", ns * slower * (1.2 if page == "4KiB" else 1))
            for page in ("4KiB", "2MiB") for size, ns in zip(SIZES, LADDER)]
    rows += [row(good, f"machine/bandwidth/{kind}/{size}", 100 * slower) for kind in BANDWIDTH for size in SIZES[::3]]
    rows += [row(good, f"machine/parallelism/16KiB/{chains}", 2 * slower) for chains in (1, 2, 4, 8)]
    rows += [row(good, f"machine/cores/pair/{a}/{b}", 50 * slower + 10 * (a - b) ** 2)
             for a in range(3) for b in range(3) if a != b]
    rows += [row(good, f"machine/pages/{kind}/{count}", ns * slower) for kind in ("reach/4KiB/1", "held/1")
             for count, ns in ((64, 1), (76, 2.5), (91, 2.5))]
    results["benchmarks"] = rows
    results["context"]["caches"] = ("L1 Instruction 64K shared by 1, L1 Data 48K shared by 1, "
                                    "L2 Unified 1024K shared by 2")
    results["context"]["memory_bytes"] = 8 << 30
    results["context"]["cores_found"] = {"outcome": HOSTILE, "cpus": [0, 1, 2], "levels": [
        {"ns": 50.5, "ns_least": 40, "ns_most": 60, "pairs": 1, "clusters": [[0, 1], [2]], "as_told": [HOSTILE, "L3"]},
        {"ns": 90, "ns_least": 90, "ns_most": 90, "pairs": 2, "clusters": [[0, 1, 2]], "as_told": [], "joins": "die"},
        {"ns": 90, "ns_least": 90, "ns_most": 90, "pairs": 2, "clusters": [[0, 2]], "as_told": [], "splits": "die"},
        {"ns": 99, "ns_least": 99, "ns_most": 99, "pairs": 2, "clusters": [HOSTILE, 7], "as_told": [],
         "contrary": 1}, HOSTILE]}
    results["context"]["machine"] = {"schema": "anechoic-machine/1", "caches": [
        {"level": 1, "type": "instruction", "bytes": 65536, "cpus": [0], "source": "code"},
        {"level": 1, "type": "data", "bytes": 49152, "cpus": [0], "source": HOSTILE},
        {"level": 2, "type": "unified", "bytes": 2097152, "cpus": [0, 1], "source": "leaf 4"},
        {"level": 4, "type": "unified", "bytes": 1 << 26, "cpus": [0, 1], "source": "leaf 4"}]}
    results["levels"] = [{"page_bytes": 4096, "outcome": "flat", "noise": None, "found": []},
                         {"page_bytes": 2 << 20, "outcome": "found", "noise": 0.012, "found": found}]
    return results


LARGEST = "machine/bandwidth/one/read/64MiB"
NEAR = ["machine/cores/pair/0/1"] * 2
FAR = ["machine/cores/pair/0/2"] * 2
FOUND = [level("step", 1.0, 49000, 49152), level("between", 4.0, 1 << 20, 2097152),
         level("step", 12.5, 8 << 20, 0, ["short", HOSTILE]), level("last", 90.0)]
OTHER = [level("step", 2.0, 33000, 49152), level("step", 8.0, 2 << 20, 2097152), level("step", 25.0, 8 << 20)]


def expect_levels(shown, results):
    """Told, read and measured, of each level and of memory."""
    found = {f"L{i + 1}" if entry["kind"] != "last" else "memory": entry
             for i, entry in enumerate(results["levels"][1]["found"])}
    expect_equal([entry["level"] for entry in shown], ["L1", "L2", "L3", "L4", "memory"], "levels")
    told = {"L1": 49152, "L2": 2097152, "L4": 1 << 26}
    read = {"L1": 49152, "L2": 1 << 20, "memory": 8 << 30}
    for entry in shown:
        name, measured_one = entry["level"], found.get(entry["level"], {})
        wanted = [[found[key] for key in keys if key in found] for found, keys in (
            (told, (name,)), (read, (name,)), (measured_one, ("bytes", "bytes_lower", "bytes_upper")),
            (measured_one, ("ns", "ns_lower", "ns_upper")))]
        expect_equal(entry["values"], wanted, f"{name}: told, read, size and time")


@test("report/the memory opens the page: ladder, levels, bandwidth and pairs of cores are the JSON's")
def _():
    with tempfile.TemporaryDirectory() as directory:
        first, second = of_memory(directory, 1, FOUND), of_memory(directory, 2, OTHER)
        for files in ([first], [first, second]):
            seen, _ = look(directory, *(write(directory, f"memory{i}.json", one) for i, one in enumerate(files)))
            expect_sound(seen)
            expect_figures(seen, files)
            expect_equal(seen["sections"][0], "memory", "the first section")
            expect_equal(seen["told_without_script"], 5 * len(files), "levels without JavaScript")
            for shown, results in zip(seen["told"], files):
                expect_levels(shown, results)
            expect_equal(seen["pairs"], [{entry["name"]: figures.of(entry)
                                          for entry in results["benchmarks"] if "/pair/" in entry["name"]}
                                         for results in files], "pairs of cores")
            near = [[50.5, "0–1 · 2", f"agrees as told: {HOSTILE}, L3"],
                    [90, "0–2", "differs what is told apart is together: die"],
                    [90, "0, 2", "differs what is told as one die falls apart"],
                    [99, " · ", "uncertain 1 of 2 pairs take twice as long one way"], [0, "", "not told"]]
            expect_equal(seen["near"], [near] * len(files), "who is near to whom")
            expect_equal(seen["sections"][1], "cores", "the second section")
            expect_equal(seen["memory_sweeps"], ["machine/bandwidth/one", "machine/bandwidth/one/STREAM",
                                                 "machine/parallelism", "machine/pages/reach"],
                         "charts beside the ladder")
            expect_equal(seen["sweeps"], [], "charts elsewhere")
            expect_equal(seen["open_at_start"], [], "rows of the table that are open at first")
            expect_equal(seen["lines_without_script"], [[10] * 2 * len(files), [4] * 4 * len(files)],
                         "points of the lines of the ladder and the bandwidth without JavaScript")
            with open(os.path.join(directory, "report.html"), encoding="utf-8") as file:
                heat = max(float(one) for one in re.findall(r"--heat:([\d.]+)", file.read()))
            expect(abs(heat - math.log2(90 / 60)) < 0.01, f"a colour of {heat} where times differ by half")
            times = [{entry["name"]: entry for entry in results["benchmarks"]} for results in files]
            expect_equal(seen["headlines"], [
                *([LARGEST, of[LARGEST]["throughput"]["per_second"]] for of in times),
                *([name, figures.of(of[name])] for of, name in zip(times, NEAR)),
                *([name, figures.of(of[name])] for of, name in zip(times, FAR))], "headlines")
            expect(seen["phone"]["ladder_ends"] <= 844 if len(files) == 1 else True,
                   f"the ladder ends at {seen['phone']['ladder_ends']} of 844 on a telephone")
            expect("gaps over 1 µs" in seen["phone"]["first_screen"], f"telephone: {seen['phone']['first_screen']}")
            picture = seen["ladder"][0]
            expect_equal((picture["lines"], picture["dots"]), (2 * len(files), 20), "a line for each file and page")
            words = ["L1  47.9 KiB1 ns", "L2  1 MiB4 ns", "L3  8 MiB12.5 ns ?", "memory90 ns"]
            expect_equal(picture["texts"][:4], words, "bands")
            expect_equal(picture["texts"][4 if len(files) == 1 else 7:], ["L1", "L2", "L4"] * len(files), "told caches")
            for word in ("core", "L1 48 KiB", "L2 2 MiB for 2", "gaps over 1 µs", *(words if len(files) == 1 else ())):
                expect(re.sub(" +", " ", word) in seen["first_screen"],
                       f"{word} is not on the first screen: {seen['first_screen']}")
        expect_equal([[entry["verdict"] for entry in shown] for shown in seen["told"]],
                     [["agrees", "differs", "uncertain", "not measured", "latency alone"],
                      ["differs", "agrees", "not told", "not measured", "not measured"]], "verdicts")
        expect("short, " + HOSTILE in seen["told"][0][2]["text"], f"doubts as text: {seen['told'][0][2]['text']}")


@test("report/what the ladder could not show is said in words: no level, no memory, one core, a coarse clock")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, page = of_memory(directory, 1, []), os.path.join(directory, "page.html")

        def gaps():
            result = program("report", write(directory, "gaps.json", results), "-o", page)
            expect_equal(result.returncode, 0, f"exit status of report: {result.stderr}")
            with open(page, encoding="utf-8") as file:
                found = re.findall(r'<p class="note" data-gap>(.*?)</p>', file.read(), re.DOTALL)
            return [html.unescape(re.sub("<.*?>", "", note)) for note in found]

        for one, outcome in zip(results["levels"], (HOSTILE, "no level: latency rises all the way")):
            one["outcome"] = outcome
        results["context"]["runner"]["clock_step_ticks"] = 0
        results["benchmarks"] += [{"name": name, "group": "machine", "parameters": name.split("/")[1:],
                                   "status": "skipped", "reason": reason} for name, reason in (
            ("machine/latency/1GiB/line/1KiB", "too little memory"), ("machine/cores/pair/0/3", "no second core"),
            ("machine/latency/1GiB/line/2KiB", "too little memory"), ("machine/<b>/1GiB/3", HOSTILE))]
        said = [f"No level in pages of 4 KiB: {HOSTILE}.",
                "No level in pages of 2 MiB: no level: latency rises all the way.",
                "2 rows of machine/latency/1GiB skipped: too little memory.",
                "1 row of machine/cores/pair skipped: no second core.",
                f"1 row of machine/<b>/1GiB skipped: {HOSTILE}."]
        expect_equal(gaps(), said, "what is not there")
        results["context"]["runner"]["clock_step_ticks"] = results["context"]["clock"]["hz"]
        expect(gaps()[2].startswith("The clock is too coarse for the ladder: a step of it is "), f"said: {gaps()}")


@test("report/levels that are none end the report, which says where and why")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, page = of_memory(directory, 1, FOUND), os.path.join(directory, "page.html")
        results["levels"][1]["found"][1]["ns_lower"] = 5
        path = write(directory, "broken.json", results)
        result = program("report", path, "-o", page)
        expect_equal((result.returncode, os.path.exists(page)), (m.EXIT_USAGE, False), result.stderr)
        expect(path in result.stderr and "levels[1].found[1].ns is not between ns_lower and ns_upper" in result.stderr
               and result.stderr.count("\n") == 1, f"complaint: {result.stderr}")
