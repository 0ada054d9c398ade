#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records streams of real programs, and has host-tests/stream_check judge advice on them and on made-up ones.

Each program is recorded once, behind its start, and kept in build/stream-check.
"""

import argparse
import os
import shutil
import subprocess
import sys

import machine as m

COUNT = 400000
SQL = ("create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000) "
       "insert into t select i * 7919 % 100003, i from n; create index u on t(a); "
       "select count(*) from t x join t y on x.a = y.b;")
# Name: (accesses to data to skip, words).
LACKEY = {
    "gzip": (100000, ["gzip", "-c", os.path.join(m.ROOT, "README.md")]),
    "sqlite3": (1000000, ["sqlite3", ":memory:", SQL]),
    "perl": (1000000, ["perl", "-e", "my %h; $h{$_ * 2654435761 % 1000003} = $_ for 1 .. 20000; print scalar keys %h"]),
}


def record(program, folder, only):
    """The streams' files; what cannot be recorded here is said, and left out."""
    for name, (skip, words) in LACKEY.items():
        path = os.path.join(folder, name + ".stream")
        if only not in os.path.basename(path):
            continue
        if not os.path.exists(path):
            status = subprocess.run([program, "stream", "record", f"--skip={skip}", f"--count={COUNT}",
                                     f"--out={path}.part", "--", *words], check=False, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL).returncode
            if status != 0:
                print(f"stream-check: {name} cannot be recorded: status {status}", file=sys.stderr)
                continue
            os.rename(path + ".part", path)
        yield path


def record_emulated(build, folder, only):
    """A program under QEMU, by the plugin."""
    path, plugin = os.path.join(folder, "gzip-qemu.stream"), os.path.join(build, "anechoic-stream.so")
    if only not in os.path.basename(path):
        return []
    words = LACKEY["gzip"][1]
    emulator = f"qemu-{os.uname().machine}"
    if not shutil.which(emulator):
        print(f"stream-check: no {emulator}, so no stream by the plugin", file=sys.stderr)
        return []
    if not os.path.exists(path):
        status = subprocess.run([emulator, "-plugin", f"{plugin},out={path}.part,skip=100000,count={COUNT}",
                                 shutil.which(words[0]), *words[1:]], check=False, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL).returncode
        if status != 0:
            print(f"stream-check: {emulator} failed: status {status}", file=sys.stderr)
            return []
        os.rename(path + ".part", path)
    return [path]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", metavar="TEXT", default="", help="streams whose names hold it")
    options = parser.parse_args()
    build = os.path.join(m.ROOT, options.build)
    folder = os.path.join(build, "stream-check")
    os.makedirs(folder, exist_ok=True)
    files = [*record(os.path.join(build, "anechoic"), folder, options.only),
             *record_emulated(build, folder, options.only)]
    check = os.path.join(build, os.uname().machine, "host-tests", "stream_check")
    return subprocess.run([check, "--only", options.only, *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
