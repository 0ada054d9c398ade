# SPDX-License-Identifier: Apache-2.0
"""Results of many machines: folders of logs collected, folders of results imported into the history, what changed
anywhere in it, and machines of one model against each other."""

import json
import os
import shutil
import tempfile

import machine as m
from harness import expect, expect_equal, test
from hosted_tests import SHORTEST, anechoic


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@test("many/collect takes a folder of logs: each one's results beside it or in another, broken ones named")
def _():
    with tempfile.TemporaryDirectory() as directory:
        logs, out = os.path.join(directory, "logs"), os.path.join(directory, "out")
        whole, alone = os.path.join(logs, "one", "anechoic.log"), os.path.join(directory, "alone.json")
        os.makedirs(os.path.dirname(whole))
        expect_equal(anechoic("run", *SHORTEST, "--log", whole, "reference/adds/3").returncode, 0, "run")
        expect_equal(anechoic("collect", whole, "-o", alone).returncode, 0, "collect of one")
        shutil.copy(whole, os.path.join(logs, "TWO.LOG"))
        write(os.path.join(logs, "notes.txt"), "no log")
        os.symlink(logs, os.path.join(logs, "again"))
        result = anechoic("collect", logs)
        expect_equal((result.returncode, result.stderr.splitlines()[-1]),
                     (0, "2 logs: 2 whole, 0 with a failure or cut off, 0 without results"), result.stderr)
        for name in ("one/anechoic.json", "TWO.json"):
            expect_equal(read(os.path.join(logs, name)), read(alone), name)
        cut = read(whole).splitlines(keepends=True)
        write(os.path.join(logs, "three", "cut.log"), "".join(cut[:-1]))
        result = anechoic("collect", logs, "-o", out)
        expect_equal(result.returncode, m.EXIT_BROKEN, result.stderr)
        broken = write(os.path.join(logs, "three", "broken.log"), "nothing of ours\n")
        same = write(os.path.join(logs, "two.log"), read(whole))
        shutil.copy(same, os.path.join(logs, "TWO.log"))
        os.mkfifo(os.path.join(logs, "pipe.log"))
        result = anechoic("collect", logs, "-o", out)
        expect_equal((result.returncode, result.stderr.splitlines()[-1]),
                     (m.EXIT_USAGE, "6 logs: 3 whole, 1 with a failure or cut off, 2 without results"), result.stderr)
        expect(f"{broken}: no record in it" in result.stderr and
               f"TWO.log: another log, too, would be {out}/TWO.json, and is\n" in result.stderr, result.stderr)
        expect_equal(sorted(os.listdir(out)), ["TWO.json", "one", "three", "two.json"], "made")
        expect_equal((read(os.path.join(out, "one", "anechoic.json")), os.listdir(os.path.join(out, "three"))),
                     (read(alone), ["cut.json"]), "in it")
        for words, why in (((os.path.join(out, "three"),), "no *.log in it"), ((logs, "-o", alone), "this is none")):
            result = anechoic("collect", *words)
            expect_equal(result.returncode, m.EXIT_USAGE, f"collect {words}")
            expect(why in result.stderr, result.stderr)
        deep = write(os.path.join(logs, *["d"] * 17, "deep.log"), "")
        result = anechoic("collect", logs)
        expect(result.returncode == m.EXIT_USAGE and "lies too deep" in result.stderr and deep not in result.stderr,
               result.stderr)
