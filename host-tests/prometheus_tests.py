# SPDX-License-Identifier: Apache-2.0
"""Prometheus' text: checked by promtool, and read by node_exporter's textfile collector out of
a folder of many runs."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import machine as m
from format_tests import anechoic, export, run_results
from harness import Skipped, expect, expect_equal, limit, test

SERIES = re.compile(r'([a-z_]+)\{(.*)\} ([0-9.e+-]+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"')


def program(name, package):
    found = shutil.which(name) or os.path.join(m.ROOT, "build", name)
    if not os.path.exists(found):
        raise Skipped(f"no {name} (tools/debian_program.sh {package} build/{name})")
    return found


def series(text):
    """{(metric, labels in order of their names): value} of ours; a label without a value is one that other
    series of the metric have."""
    found = {}
    for line in text.splitlines():
        match = SERIES.match(line)
        if match and match[1].startswith("anechoic_"):
            labels = tuple(sorted((name, value) for name, value in LABEL.findall(match[2]) if value))
            expect((match[1], labels) not in found, f"twice: {line}")
            found[match[1], labels] = float(match[3])
    return found


@test("hosted/export is accepted by promtool")
def _():
    promtool = program("promtool", "prometheus")
    with tempfile.TemporaryDirectory() as directory:
        path = run_results(directory, "--inject=ud", "tlb", status=m.EXIT_BROKEN)
        result = subprocess.run([promtool, "check", "metrics"], input=export("prometheus", path), check=False,
                                text=True, capture_output=True, timeout=limit(60))
        expect_equal((result.returncode, result.stdout + result.stderr), (0, ""), "promtool check metrics")


@test("hosted/export of Prometheus' text is well-formed")
def _():
    with tempfile.TemporaryDirectory() as directory:
        text = export("prometheus", run_results(directory, "tlb"))
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        expect(len(lines) > 4, text)
        for line in lines:
            match = SERIES.match(line)
            expect(match and LABEL.sub("", match[2]).strip(",") == "", f"not a series: {line}")
        expect_equal(len(series(text)), len(lines), "different series")


# ---- many runs in one folder -----------------------------------------------------------------------------------------

def run_of(path, target, way="hosted", hold="process", cpu="A CPU", commit="1" * 40):
    """The results at `path` as if of another way, machine or commit."""
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    results["context"]["commit"] = commit
    results["context"]["platform"].update(way=way, hold=hold, cpu=cpu)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(results, file)
    return target


def textfile(results, folder, name, *words):
    """What the export says on standard error, results that are not the hardware's left aside."""
    result = anechoic("export", "prometheus", results, "-o", os.path.join(folder, name), *words)
    expect_equal(result.returncode, 0, f"export to {name}")
    return "".join(line for line in result.stderr.splitlines(True) if "functional only" not in line)


def six_runs(path, directory, folder):
    """Two commits of one programme, three ways of the image, another machine."""
    told_apart = [(("hosted.prom", "--per-commit"), {}), (("later.prom", "--per-commit"), {"commit": "2" * 40}),
                  (("pvh.prom",), {"way": "pvh", "hold": "takeover"}),
                  (("takeover.prom",), {"way": "uefi", "hold": "takeover"}),
                  (("handback.prom",), {"way": "uefi", "hold": "handback"}),
                  (("machine.prom", "--machine=the other"), {})]
    for number, (words, facts) in enumerate(told_apart):
        said = textfile(run_of(path, os.path.join(directory, f"{number}.json"), **facts), folder, *words)
        expect_equal(said, "", f"said of {words[0]}")


def free_address():
    """Of this machine alone, that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@contextlib.contextmanager
def node_exporter(folder):
    """Its address, answering; the textfile collector alone."""
    command = program("prometheus-node-exporter", "prometheus-node-exporter")
    address = free_address()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([command, f"--web.listen-address={address}", "--web.disable-exporter-metrics",
                                    "--collector.disable-defaults", "--collector.textfile",
                                    f"--collector.textfile.directory={folder}"], stdout=log, stderr=log)
        try:
            yield address, process, log
        finally:
            process.kill()
            process.wait(limit(60))


def scrape(address, process, limit_s=60):
    end = time.monotonic() + limit(limit_s)
    while True:
        try:
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=limit(limit_s)) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError) as error:
            expect(process.poll() is None and time.monotonic() < end, f"node_exporter does not answer: {error}")
            time.sleep(0.05)


@test("hosted/export: node_exporter takes every series of a folder of six runs")
def _():
    program("prometheus-node-exporter", "prometheus-node-exporter")
    with tempfile.TemporaryDirectory() as directory:
        folder = os.path.join(directory, "textfiles")
        os.mkdir(folder)
        six_runs(run_results(directory, "tlb/lookup"), directory, folder)
        wanted = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                of_file = series(file.read())
            expect(len(of_file) > 10 and not wanted.keys() & of_file.keys(), f"{name} has series of another file")
            wanted.update(of_file)
        with node_exporter(folder) as (address, process, log):
            scraped = scrape(address, process)
            log.seek(0)
            said = log.read()
        expect_equal(series(scraped), wanted, "series")
        expect("node_textfile_scrape_error 0" in scraped, scraped[-2000:])
        expect("level=error" not in said, said)


@test("hosted/export names the file of a folder that has the same series")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = run_results(directory, "tlb/lookup/mixed")
        first, later = (run_of(path, os.path.join(directory, f"{commit}.json"), commit=commit * 40) for commit in "12")
        expect_equal(textfile(first, directory, "a.prom"), "", "said of the first")
        expect_equal(textfile(first, directory, "a.prom"), "", "said of the same file again")
        for results, words, shared in ((first, (), True), (first, ("--machine=x",), False), (later, (), True),
                                       (later, ("--per-commit",), False)):
            said = textfile(results, directory, "b.prom", *words)
            expect_equal("a.prom has the same series" in said, shared, f"{words}: {said}")
        for words in (("csv", path, "--per-commit"), ("github", path, "--machine=x"),
                      ("prometheus", path, "--machine")):
            expect_equal(anechoic("export", *words).returncode, m.EXIT_USAGE, f"exit status of {words}")
