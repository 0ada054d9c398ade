#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Record address streams of real programs for `make bench-peers`, through valgrind's lackey.

    tools/record_streams.py [--out build/streams] [--count N] [--skip N] [NAME -- COMMAND...]

Without a command: gcc, python3, sort and gzip, what of them is there. A stream is the data accesses in order: for each a
LEB128 number, (zigzag of the address less the one before) * 2 + (1 for a store). A modify counts as a store.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

C_SOURCE = """#include <stdio.h>
#include <stdlib.h>
struct node { struct node *l, *r; int key; };
static struct node *insert(struct node *n, int key) {
	if (!n) { n = calloc(1, sizeof *n); n->key = key; return n; }
	if (key < n->key) n->l = insert(n->l, key); else n->r = insert(n->r, key);
	return n;
}
int main(void) { struct node *n = 0; for (int i = 0; i < 1000; i++) n = insert(n, rand()); return printf("%d\\n", n->key) < 0; }
"""
PYTHON = "import json; d = [{'a': i, 'b': str(i)} for i in range(20000)]; json.loads(json.dumps(d))"


def default_commands(directory):
    source, numbers = os.path.join(directory, "tree.c"), os.path.join(directory, "numbers")
    with open(source, "w", encoding="ascii") as file:
        file.write(C_SOURCE)
    with open(numbers, "w", encoding="ascii") as file:
        file.writelines(f"{i * 2654435761 % 1000003}\n" for i in range(40000))
    commands = {"python3": [os.path.realpath(sys.executable), "-c", PYTHON], "sort": ["sort", numbers],
                "gzip": ["gzip", "-c", numbers]}
    if shutil.which("gcc"):
        compiler = subprocess.run(["gcc", "-print-prog-name=cc1"], check=True, capture_output=True, text=True).stdout.strip()
        commands["gcc"] = [compiler, "-quiet", "-O2", source, "-o", os.devnull]
    return commands


def leb128(number, out):
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def record(name, command, options):
    """Lackey's lines: ` L address,size`, ` S`, ` M`; `I` for instructions, which are passed over."""
    read_end, write_end = os.pipe()
    with subprocess.Popen(["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-fd={write_end}", *command],
                          pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        os.close(write_end)
        out, seen, before = bytearray(), 0, 0
        with os.fdopen(read_end, "rb") as lines:
            for line in lines:
                if line[:1] != b" " or line[1:2] not in (b"L", b"S", b"M"):
                    continue
                seen += 1
                if seen <= options.skip:
                    continue
                if seen > options.skip + options.count:
                    break
                address = int(line[3:line.index(b",")], 16)
                delta, before = address - before, address
                leb128(((delta << 1 if delta >= 0 else (-delta << 1) - 1) << 1) | (line[1:2] != b"L"), out)
        process.kill()
    with open(os.path.join(options.out, name + ".stream"), "wb") as file:
        file.write(out)
    print(f"{name}: {max(0, min(seen - options.skip, options.count))} accesses, {len(out)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="build/streams")
    parser.add_argument("--count", type=int, default=1000000)
    parser.add_argument("--skip", type=int, default=1000000)
    parser.add_argument("name", nargs="?")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("record_streams: valgrind is not installed")
    os.makedirs(options.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        command = options.command[1:] if options.command[:1] == ["--"] else options.command
        commands = {options.name: command} if command else default_commands(directory)
        for name, words in commands.items():
            record(name, words, options)


if __name__ == "__main__":
    main()
