# SPDX-License-Identifier: Apache-2.0
"""What tools/prometheus/ makes of a watch's metrics: the rules by promtool, the dashboard against the names that there
are, and all of it from a file of --textfile through node_exporter to a Prometheus that fires once and resolves."""

import contextlib
import itertools
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import machine as m
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM
from prometheus_tests import free_address, node_exporter, program
from watch_tests import head, minutes

FOLDER = os.path.join(m.ROOT, "tools", "prometheus")
RULES = os.path.join(FOLDER, "anechoic.rules.yml")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def dashboard():
    return json.loads(read(FOLDER, "anechoic-watch.dashboard.json"))


def queries():
    """Of the dashboard's panels, variables and annotations, as Grafana would send them for all machines."""
    found = dashboard()
    exprs = [target["expr"] for panel in found["panels"] for target in panel["targets"]]
    exprs += [annotation["expr"] for annotation in found["annotations"]["list"]]
    exprs += [variable["query"]["query"].removeprefix("label_values(").rpartition(",")[0]
              for variable in found["templating"]["list"] if variable["type"] == "query"]
    return [re.sub(r"\$(instance|bench)\b", ".*", expr).replace("$__rate_interval", "1m") for expr in exprs]


@test("watch/promtool takes the rules, which fire when they should")
def _():
    promtool = program("promtool", "prometheus")
    for words in (("check", "rules", "--lint=all", "--lint-fatal", RULES),
                  ("test", "rules", RULES.replace(".yml", ".test.yml"))):
        result = subprocess.run([promtool, *words], check=False, text=True, capture_output=True, timeout=limit(60))
        expect_equal(result.returncode, 0, f"promtool {' '.join(words)}\n{result.stdout}{result.stderr}")


@test("watch/the dashboard asks for nothing that nobody tells, and its panels have a place each")
def _():
    told = set(re.findall(r'"(anechoic_watch_\w+)"', read(m.ROOT, "hosted", "watcher", "metrics.c")))
    told |= set(re.findall(r"- record: (\S+)", read(RULES)))
    asked = set(re.findall(r"[a-z:]*anechoic_watch_[\w:]+", "\n".join(queries()) + read(RULES)))
    expect_equal(asked - told, set(), "asked for and not told")
    panels = dashboard()["panels"]
    expect_equal(len({panel["id"] for panel in panels}), len(panels), "numbers of panels")
    for panel in panels:
        place = panel["gridPos"]
        expect(place["x"] + place["w"] <= 24 and panel["title"] and panel["description"], panel["title"])
    for a, b in itertools.combinations([panel["gridPos"] for panel in panels], 2):
        expect(a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"]
               or b["y"] + b["h"] <= a["y"], f"one over the other: {a}, {b}")


# ---- all of the chain ------------------------------------------------------------------------------------------------

CONFIG = """global: {{scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}}
rule_files: [rules.yml]
scrape_configs: [{{job_name: node, static_configs: [{{targets: ['{}']}}]}}]
"""


@contextlib.contextmanager
def prometheus(folder, scraped):
    """Its address, over node_exporter; the rules wait for seconds where they wait for minutes."""
    command, address = program("prometheus", "prometheus"), free_address()
    rules = re.sub(r"for: \d+[mh]$", "for: 1s", read(RULES), flags=re.MULTILINE)
    for name, text in (("rules.yml", rules), ("prometheus.yml", CONFIG.format(scraped))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(
            [command, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address={address}"], stdout=log, stderr=log) as process:
        try:
            yield address
        finally:
            process.kill()


def asked(address, path, **parameters):
    url = f"http://{address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=limit(20)) as answer:
        found = json.load(answer)
    expect_equal(found["status"], "success", url)
    return found["data"]


def slower(address):
    """States of the alert that says so; None: it does not answer yet."""
    try:
        alerts = asked(address, "alerts")["alerts"]
    except (urllib.error.URLError, ConnectionError):
        return None
    return [alert["state"] for alert in alerts if alert["labels"]["alertname"] == "AnechoicSlower"]


def until(address, wanted, seen):
    end = time.monotonic() + limit(120)
    while (found := slower(address)) != wanted:
        seen.append(found)
        expect(time.monotonic() < end, f"AnechoicSlower: {found}, wanted {wanted}")
        time.sleep(0.2)


@test("watch/a slowdown of 5 % goes through node_exporter to a Prometheus that fires once and resolves", system=True)
def _():
    program("prometheus", "prometheus")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        textfiles = os.path.join(folder, "textfiles")
        os.mkdir(textfiles)
        command = [PROGRAM, "watch", "import", "-", "--state", os.path.join(folder, "watch.db"),
                   "--textfile", os.path.join(textfiles, "anechoic.prom")]
        with node_exporter(textfiles) as (scraped, _, _), prometheus(folder, scraped) as address, subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as watch:
            def feed(begin, end, level):
                watch.stdin.writelines(minutes(begin, end, lambda minute: level))
                watch.stdin.flush()
            seen = []
            watch.stdin.write(head())
            feed(0, 3000, 100)
            until(address, [], seen)
            for expr in queries():
                asked(address, "query", query=expr)
            feed(3000, 3060, 105)
            until(address, ["firing"], seen)
            empty = [expr for expr in queries() if not asked(address, "query", query=expr)["result"]]
            feed(3060, 3400, 100)
            until(address, [], seen)
            watch.stdin.close()
            alerts = watch.stdout.read().splitlines()
            watch.stdin = None
            fired = asked(address, "query", query='count_over_time(ALERTS{alertname="AnechoicSlower",'
                          'alertstate="firing"}[10m])')["result"]
        expect_equal(len(alerts), 2, f"one, and its end: {alerts}")
        expect_equal(len(fired), 1, f"one machine's, once: {fired}")
        changes = [state for state, _ in itertools.groupby(seen) if state == ["firing"]]
        expect(len(changes) <= 1, f"it fired more than once: {seen}")
        print(f"{len(queries())} queries of the dashboard answered, without a series: {empty}")
