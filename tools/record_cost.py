#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `anechoic record` costs the program that it records: the programs of Debian's that `make advise-check`
takes, alone and recorded, judged by `anechoic ab`. The whole command counts, from its begin to its end; what that
is of a program that does nothing is a line by itself, in milliseconds, since a ratio to next to nothing says
nothing. The last lines say whether the bars are met: the median ratio at most 1.05, the worst at most 1.15; exit
status 1 where one is missed.

`record_cost.py once FOLDER PLAIN-OR-RECORD OUT` is one launch of ab's: each program some times, as hyperfine writes it.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MEDIAN, WORST = 1.05, 1.15
RUNS = 2
PAIRS = 15
BUDGET_S = 170
LIMIT_S = 60
NOTHING = "nothing"

PYTHON = """
import json
rows = [{"id": i, "name": "name %d" % i, "values": [i * k for k in range(8)]} for i in range(20000)]
print(sum(len(row["name"]) for row in json.loads(json.dumps(rows))))
"""
PERL = r"""
my %count; for my $i (1 .. 250000) { my $word = "word" . ($i * 7919 % 5003); $count{$word} .= substr($word, 2); }
my $all = join ",", map { "$_=" . length $count{$_} } sort keys %count; print length($all), "\n";
"""
SQL = """
CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, value REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
    INSERT INTO t SELECT i, 'name ' || (i * 7919 % 10007), i * 0.5 FROM n;
CREATE INDEX by_name ON t(name);
SELECT count(*), sum(value) FROM (SELECT name, sum(value) AS value FROM t GROUP BY name ORDER BY value);
"""


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def make_source(folder, functions=250):
    """C that keeps a compiler busy for a tenth of a second or two."""
    return write(folder, "source.c", "".join(
        f"struct s{number} {{ int a, b[{number + 1}]; double c; }};\n"
        f"int f{number}(struct s{number} *s, int n) {{\n"
        "\tint sum = s->a;\n\tfor (int i = 0; i < n; i++)\n"
        f"\t\tsum += s->b[i % {number + 1}] * (i ^ {number * 7919 % 1009}) + (int)s->c;\n"
        "\treturn sum;\n}\n" for number in range(functions)))


def make_inputs(folder):
    """Files that the programs read, the same each time."""
    chance = random.Random(17)
    words = [f"{chance.getrandbits(40):x}" for _ in range(5000)]
    for name, count in (("a", 12000), ("b", 60000), ("c", 60000)):
        lines = [" ".join(chance.choice(words) for _ in range(12)) for _ in range(count)]
        write(folder, name, "\n".join(line if i % 3 else f"line {i}" for i, line in enumerate(lines)) + "\n")
    rows = [{"id": i, "name": words[i % len(words)], "values": [i, i + 1, i + 2]} for i in range(15000)]
    write(folder, "rows.json", json.dumps(rows))
    make_source(folder)
    return folder


def compiler():
    found = subprocess.run(["gcc", "-print-prog-name=cc1"], check=False, capture_output=True, text=True, timeout=30)
    return found.stdout.strip()


def programs(folder):
    a, b, c = (os.path.join(folder, name) for name in "abc")
    return {
        "sqlite3": ["/usr/bin/sqlite3", ":memory:", SQL],
        "python3": ["/usr/bin/python3", "-I", "-c", PYTHON],
        "xz": ["/usr/bin/xz", "-1", "-T1", "-c", a],
        "git": ["/usr/bin/git", "diff", "--no-index", "--stat", "--patience", b, c],
        "perl": ["/usr/bin/perl", "-e", PERL],
        "jq": ["/usr/bin/jq", "-c",
               "group_by(.name) | map({name: .[0].name, sum: (map(.values | add) | add)}) | length",
               os.path.join(folder, "rows.json")],
        "cc1": [compiler(), "-quiet", "-O1", os.path.join(folder, "source.c"), "-o", "/dev/null"],
        "zstd": ["/usr/bin/zstd", "-q", "-9", "--single-thread", "-c", a],
        "gzip": ["/usr/bin/gzip", "-6", "-c", a],
        "sort": ["/usr/bin/sort", "--parallel=1", "-S", "64M", a, b],
    }


def too_long(*_):
    raise TimeoutError(f"a program ran for more than {LIMIT_S} s")


def timed(command, folder):
    """Seconds and exit status. A wait of subprocess' that is given a time-out only looks every 50 ms."""
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT_S)
    start = time.perf_counter()
    status = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, cwd=folder,
                            stdout=subprocess.DEVNULL).returncode
    seconds = time.perf_counter() - start
    signal.alarm(0)
    return seconds, status


def once(folder, how, out):
    results = []
    for name, words in {**programs(folder), NOTHING: ["/bin/true"]}.items():
        command = [os.path.join(ROOT, "build", "anechoic"), "record", "-o", "/dev/null", "--"]
        command = command if how == "record" else []
        times = []
        for _ in range(RUNS):
            seconds, status = timed(command + words, folder)
            times.append(seconds)
            if status not in (0, 1):   # git's 1: they differ
                sys.exit(f"{name}: exit status {status}")
        results.append({"command": name, "times": times})
    with open(out, "w", encoding="ascii") as file:
        json.dump({"results": results}, file)


def judge(folder, pairs, budget):
    own = f"'{sys.executable}' '{os.path.abspath(__file__)}' once '{folder}'"
    result = subprocess.run([os.path.join(ROOT, "build", "anechoic"), "ab", f"--pairs={pairs}", f"--pairs-max={pairs}",
                             f"--budget={budget}", "--format=json", f"{own} plain {{out}}", f"{own} record {{out}}"],
                            check=False, stdout=subprocess.PIPE, text=True)
    if result.returncode not in (0, 1, 3):
        sys.exit(f"ab: exit status {result.returncode}")
    return json.loads(result.stdout)


def main(argv):
    if argv[:1] == ["once"]:
        once(*argv[1:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--budget", type=int, default=BUDGET_S)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        told = judge(make_inputs(folder), options.pairs, options.budget)
    return show(told["benchmarks"])


def show(rows):
    ratios = []
    print(f"{'program':10} {'alone':>10} {'recorded':>10} {'ratio':>7}  interval")
    for row in rows:
        if row["name"] == NOTHING:
            print(f"{NOTHING:10} {row['a_ns'] / 1e6:7.1f} ms {row['b_ns'] / 1e6:7.1f} ms   not judged")
            continue
        between = f"[{1 + row['lower']:.3f} {1 + row['upper']:.3f}]" if row["lower"] is not None else row["reason"]
        print(f"{row['name']:10} {row['a_ns'] / 1e6:7.1f} ms {row['b_ns'] / 1e6:7.1f} ms "
              f"{1 + row['change']:7.3f}  {between}")
        ratios.append(1 + row["change"])
    median, worst = statistics.median(ratios), max(ratios)
    for what, found, bar in (("median", median, MEDIAN), ("worst", worst, WORST)):
        print(f"record-cost: {what} ratio {found:.3f}; bar {bar}: {'met' if found <= bar else 'MISSED'}")
    return int(median > MEDIAN or worst > WORST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
