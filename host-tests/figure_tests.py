# SPDX-License-Identifier: Apache-2.0
"""One figure a row, wherever it is shown: a neighbour in four samples of five drags the slope to three times what
verdicts go by. The rows are the programme's own, with ticks that are made up."""

import copy
import csv
import html
import io
import json
import os
import re
import tempfile

import figures
import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, test
from hosted_tests import SHORT, anechoic, need_judged_figures

NAMES = ("reference/adds/3", "copy/4KiB/256bit")   # elements, bytes
HZ = 2000000000


def disturbed(directory, name="disturbed.json", factor=1):
    """Results that `collect` makes of a log in which every fifth sample is 3.8 ns an iteration, and the others 12."""
    log, path = os.path.join(directory, "log"), os.path.join(directory, name)
    result = anechoic("run", *SHORT, "--exact", *NAMES, "--log", log)
    expect_equal(result.returncode, 0, result.stderr)
    lines = []
    with open(log, "rb") as file:
        for record in m.records_read(file.read()):
            body = copy.deepcopy(record.body)
            if record.tag == "RUN":
                body["context"]["figures"] = "hardware"
            if record.tag == "DONE":
                body["clock"].update(hz=HZ, span_ns=10 ** 9)
            if record.tag == "END":
                ticks = [round(factor * (i + 1) * body["step"] * (7.6 + 0.001 * i if i % 5 == 0 else 24))
                         for i in range(len(body["ticks"]))]
                body.update(sampling="linear", hz=HZ, ticks=ticks)
            text = f"{record.tag} {json.dumps(body, separators=(',', ':'))}".encode()
            lines.append(b"@anechoic %s %08x\n" % (text, m.crc32c(text)))
    with open(log, "wb") as file:
        file.writelines(lines)
    result = anechoic("collect", log, "-o", path)
    expect_equal(result.returncode, 0, result.stderr)
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def exported(form, path):
    result = anechoic("export", form, path)
    expect_equal(result.returncode, 0, f"export {form}: {result.stderr}")
    return result.stdout


def shown(directory, path):
    """{place: {name: (figure, lower, upper)}}, each place that shows a file's rows; None: it has no such end."""
    found = {}
    google = [entry for entry in json.loads(exported("google-benchmark", path))["benchmarks"]
              if entry.get("aggregate_name") == "low_decile"]
    found["google-benchmark"] = {entry["run_name"]: (entry["real_time"], entry["low_decile_lower"],
                                                     entry["low_decile_upper"]) for entry in google}
    found["bencher"] = {name: tuple(one["latency"][key] for key in ("value", "lower_value", "upper_value"))
                        for name, one in json.loads(exported("bencher", path)).items()}
    found["github"] = {one["name"]: (one["value"], *map(float, one["range"].split(" .. ")))
                       for one in json.loads(exported("github", path))}
    found["csv"] = {one["name"]: tuple(float(one[key]) for key in ("time_ns", "lower_ns", "upper_ns"))
                    for one in csv.DictReader(io.StringIO(exported("csv", path)))}
    found["csv, by the rate"] = {one["name"]: (int(one["per_iteration"]) * 1e9 / float(one["per_second"]), None, None)
                                 for one in csv.DictReader(io.StringIO(exported("csv", path)))}
    text = exported("prometheus", path)
    found["prometheus"] = {
        name: tuple(1e9 * float(re.search(rf'bench="{name}",stat="low_decile{end}"}} (\S+)', text)[1])
                    for end in ("", "_lower", "_upper")) for name in NAMES}
    tree = os.path.join(directory, os.path.basename(path) + ".tree")
    expect_equal(anechoic("export", "criterion", path, "-o", tree).returncode, 0, "export criterion")
    found["criterion"] = {}
    for name in NAMES:
        group, function = name.split("/", 1)
        one = read(os.path.join(tree, group, function.replace("/", "_"), "new", "estimates.json"))["low_decile"]
        found["criterion"][name] = (one["point_estimate"], one["confidence_interval"]["lower_bound"],
                                    one["confidence_interval"]["upper_bound"])
    database = os.path.join(directory, os.path.basename(path) + ".db")
    expect_equal(anechoic("history", "add", path, "--db", database).returncode, 0, "history add")
    found["history"] = {}
    for name in NAMES:
        [run] = json.loads(anechoic("history", "show", name, "--db", database, "--format=json").stdout)["runs"]
        found["history"][name] = (run["time_ns"], run["lower_ns"], run["upper_ns"])
    return {**found, **shown_by_report(directory, path)}


def shown_by_report(directory, path):
    page = os.path.join(directory, "page.html")
    expect_equal(anechoic("report", path, "-o", page).returncode, 0, "report")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    rows = re.findall(r'<tr data-name="([^"]*)".*?</th><td data-value="([^"]*)"', text)
    cards = re.findall(r'<article class="card"[^>]*data-name="([^"]*)".*?<dt>figure: 10 % quantile</dt>'
                       r'<dd data-value="([^"]*)">.*?data-low="([^"]*)" data-high="([^"]*)"', text, re.DOTALL)
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])["benchmarks"]
    return {"table of the report": {html.unescape(name): (float(value), None, None) for name, value in rows},
            "cards": {name: tuple(map(float, values)) for name, *values in cards},
            "charts": {one["name"]: tuple(one["runs"][0]["figure"]) for one in data}}


def expect_one_figure(directory, path, wanted):
    for place, rows in shown(directory, path).items():
        expect_equal(sorted(rows), sorted(NAMES), f"rows in {place}")
        for name, values in rows.items():
            for value, want in zip(values, wanted[name]):
                expect(value is None or abs(value / want - 1) < 1e-5, f"{name}, {place}: {values} for {wanted[name]}")


def estimate_of(entry, name):
    estimate = entry["estimates"][name]
    return (estimate["point"], estimate["confidence_interval"]["lower_bound"],
            estimate["confidence_interval"]["upper_bound"])


@test("figure/report, history, every export and verdicts show the one that is judged")
def _():
    need_judged_figures()
    with tempfile.TemporaryDirectory() as directory:
        path = disturbed(directory)
        results = read(path)
        check_schema("results", results)
        wanted = {entry["name"]: estimate_of(entry, entry["figure"]) for entry in results["benchmarks"]}
        for entry in results["benchmarks"]:
            expect(entry["estimates"]["slope"]["point"] > 2.5 * wanted[entry["name"]][0], "the slope is not dragged")
            expect(abs(figures.of_samples(entry) / wanted[entry["name"]][0] - 1) < 1e-9, "the figure of the samples")
            expect(wanted[entry["name"]][1] < wanted[entry["name"]][0] < wanted[entry["name"]][2], f"{wanted}")
        expect_one_figure(directory, path, wanted)
        launch = f"cp {path} {{out}}"
        for words in (("compare", path, path), ("ab", "--pairs=2", "--pairs-max=2", launch, launch)):
            rows = json.loads(anechoic(*words, "--format=json").stdout)["benchmarks"]
            expect_equal(sorted(row["name"] for row in rows), sorted(NAMES), f"rows of {words[0]}")
            for row in rows:
                for side in ("a_ns", "b_ns"):
                    expect(abs(row[side] / wanted[row["name"]][0] - 1) < 1e-9, f"{words[0]}: {row} for {wanted}")


@test("figure/a file of an earlier version shows the one of its samples everywhere")
def _():
    need_judged_figures()
    with tempfile.TemporaryDirectory() as directory:
        path, old = disturbed(directory), os.path.join(directory, "old.json")
        results = read(path)
        wanted = {entry["name"]: estimate_of(entry, "low_decile") for entry in results["benchmarks"]}
        for entry in results["benchmarks"]:
            entry.pop("figure")
            entry["estimates"].pop("low_decile")
            entry["throughput"]["per_second"] = (entry["throughput"]["per_iteration"] * 1e9
                                                 / entry["estimates"]["slope"]["point"])
        with open(old, "w", encoding="utf-8") as file:
            json.dump(results, file)
        expect_one_figure(directory, old, wanted)
