#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records streams of real programs, and has host-tests/stream_check judge advice on them and on made-up ones.

Of each program two runs, of other input, are recorded once, each from its start to its end, and kept in
build/stream-check, until the recorder, the program, its input or the command is another.
"""

import argparse
import glob
import hashlib
import os
import shutil
import subprocess
import sys

import machine as m

SQL = ("create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) "
       "insert into t select i * 7919 % 100003, i from n; create index u on t(a); "
       "select count(*) from t x join t y on x.a = y.b;")
PERL = "my %h; $h{{$_ * 2654435761 % 1000003}} = $_ for 1 .. {}; print scalar keys %h"
README, MANUAL = os.path.join(m.ROOT, "README.md"), os.path.join(m.ROOT, "docs", "methodology.md")
RUNS = {
    "gzip-1": ["gzip", "-c", README],
    "gzip-2": ["gzip", "-c", MANUAL],
    "sqlite3-1": ["sqlite3", ":memory:", SQL.format(4000)],
    "sqlite3-2": ["sqlite3", ":memory:", SQL.format(1500)],
    "perl-1": ["perl", "-e", PERL.format(20000)],
    "perl-2": ["perl", "-e", PERL.format(7000)],
}
# Under QEMU, by the plugin, not under Valgrind.
EMULATED = {"qemu-1": RUNS["gzip-1"], "qemu-2": RUNS["gzip-2"]}
# What is searched, and what it is held against: None for the halves of it.
ROWS = {
    "gzip, halves": ("gzip-1", None),
    "gzip, another file": ("gzip-1", "gzip-2"),
    "sqlite3, halves": ("sqlite3-1", None),
    "sqlite3, other rows": ("sqlite3-1", "sqlite3-2"),
    "perl, halves": ("perl-1", None),
    "perl, other keys": ("perl-1", "perl-2"),
    "gzip in QEMU, halves": ("qemu-1", None),
    "gzip in QEMU, another file": ("qemu-1", "qemu-2"),
    "gzip, another file in QEMU": ("gzip-1", "qemu-2"),
}


def words_of(build, run, out):
    """The command that records it; None, where there is none here."""
    if run in RUNS:
        return [os.path.join(build, "anechoic"), "stream", "record", "--sample", f"--out={out}", "--", *RUNS[run]]
    emulator, plugin = f"qemu-{os.uname().machine}", os.path.join(build, "anechoic-stream.so")
    if not shutil.which(emulator):
        print(f"stream-check: no {emulator}, so no {run}", file=sys.stderr)
        return None
    program, *more = EMULATED[run]
    return [emulator, "-plugin", f"{plugin},out={out},sample=on", shutil.which(program), *more]


def made_by(build, words):
    """What the stream of these words comes from, as one number: them, each file among them, and who records."""
    digest = hashlib.sha256(repr(words).encode())
    recorders = [shutil.which("valgrind"), os.path.join(build, "anechoic-stream.so")]
    for path in [word if os.path.isfile(word) else shutil.which(word) for word in words] + recorders:
        if path and os.path.isfile(path):
            with open(path, "rb") as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()[:16]


def record(build, folder, run):
    """Its stream's file; None, with a word, where it cannot be recorded."""
    part = os.path.join(folder, run + ".part")
    words = words_of(build, run, part)
    if not words:
        return None
    path = os.path.join(folder, f"{run}-{made_by(build, words)}.stream")
    if os.path.exists(path):
        return path
    for stale in glob.glob(os.path.join(glob.escape(folder), f"{run}-*.stream")) + [f"{folder}/{run}.stream"]:
        if os.path.exists(stale):
            os.unlink(stale)
    status = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
    if status != 0:
        print(f"stream-check: {run} cannot be recorded: status {status}", file=sys.stderr)
        return None
    os.rename(part, path)
    return path


def streams(build, folder, only):
    """NAME=RUN or NAME=RUN:OTHER of each row with `only` in its name; None, where a run of its cannot be recorded."""
    found = []
    for name, runs in ROWS.items():
        if only in name:
            paths = [record(build, folder, run) for run in runs if run]
            found.append(f"{name}={':'.join(paths)}" if all(paths) else None)
    return found


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", metavar="TEXT", default="", help="streams whose names hold it")
    options = parser.parse_args(argv)
    build = os.path.join(m.ROOT, options.build)
    folder = os.path.join(build, "stream-check")
    os.makedirs(folder, exist_ok=True)
    check = os.path.join(build, os.uname().machine, "host-tests", "stream_check")
    rows = streams(build, folder, options.only)
    status = subprocess.run([check, "--only", options.only, *filter(None, rows)], check=False).returncode
    if status == 0 and None in rows:
        print(f"stream-check: {rows.count(None)} rows were not looked at: inconclusive", file=sys.stderr)
        return 3
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
