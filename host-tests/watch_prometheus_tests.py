# SPDX-License-Identifier: Apache-2.0
"""What tools/prometheus/ makes of a watch's metrics: the rules by promtool, the dashboard against the names that there
are, and all of it from a file of --textfile through node_exporter to a Prometheus that fires once and resolves."""

import contextlib
import itertools
import json
import math
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import machine as m
from harness import Skipped, expect, expect_equal, limit, test
from prometheus_tests import free_address, node_exporter, program

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
