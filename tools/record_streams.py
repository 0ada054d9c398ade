#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Record address streams of real programs for `make bench-peers`, through valgrind's lackey.

    tools/record_streams.py [--out build/streams] [--count N] [--skip N] [--only NAME | NAME -- COMMAND...]

Without a command: runs of gcc, python3, perl, sqlite3, sort, gzip and a binary tree, what of them is there; some
minutes. --skip is in data accesses; the large runs have a skip of their own, to where their memory is filled. Of each
program two streams (docs/formats.md, "An address stream"): NAME.stream is the data accesses in order,
NAME+fetches.stream all accesses from the same point on, an instruction fetch an instruction.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import machine as m

ANECHOIC = os.path.join(m.ROOT, "build", "anechoic")
C_HEAD = "void *calloc(unsigned long, unsigned long); int rand(void); int printf(const char *, ...);\n"
C_TREE = """struct node { struct node *l, *r; int key; };
static struct node *insert(struct node *n, int key) {
	if (!n) { n = calloc(1, sizeof *n); n->key = key; return n; }
	if (key < n->key) n->l = insert(n->l, key); else n->r = insert(n->r, key);
	return n;
}
int main(void) {
	struct node *n = 0;
	for (int i = 0; i < 1000; i++) n = insert(n, rand());
	return printf("%d\\n", n->key) < 0;
}
"""
PYTHON = "import json; d = [{'a': i, 'b': str(i)} for i in range(20000)]; json.loads(json.dumps(d))"
PYTHON_LARGE = """words = [str(i) for i in range(40000)]
count = {}
for i in range(200000):
    word = words[i * 7919 % 40000]
    count[word] = count.get(word, 0) + 1"""
PERL_LARGE = "my %h; $h{$_ * 2654435761 % 1000003} = $_ for 1 .. 20000; my $s = 0; $s += $h{$_} for keys %h; print $s"
SQLITE_LARGE = """create table t (a integer primary key, b, c);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
  insert into t select i * 7919 % 1000003, i * 104729 % 1000003, 'row number ' || i from n;
create index u on t (b);
select sum(length(x.c)) from t as x join t as y on x.a = y.b;
select count(*) from t as x join t as y on x.b = y.a * 104729 % 1000003;"""


def default_programs(directory):
    """name: (command, data accesses to skip; None: the option's)"""
    def write(name, text):
        path = os.path.join(directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    numbers = write("numbers", "".join(f"{i * 2654435761 % 1000003}\n" for i in range(40000)))
    python = os.path.realpath(sys.executable)
    programs = {"python3": ([python, "-c", PYTHON], None), "python3-large": ([python, "-c", PYTHON_LARGE], 40000000),
                "sort": (["sort", numbers], None), "gzip": (["gzip", "-c", numbers], None),
                "perl-large": (["perl", "-e", PERL_LARGE], 18500000),
                "sqlite3-large": (["sqlite3", ":memory:", SQLITE_LARGE], 45000000)}
    if shutil.which("gcc"):
        compiler = subprocess.run(["gcc", "-print-prog-name=cc1"], check=True, capture_output=True,
                                  text=True).stdout.strip()
        large = "".join(C_TREE.replace("main", f"main_{i}").replace("insert", f"insert_{i}")
                        .replace("node", f"node_{i}") for i in range(20))
        for name, text, skip in ("gcc", C_HEAD + C_TREE, None), ("gcc-large", C_HEAD + large, 20000000):
            command = [compiler, "-quiet", "-O2", write(name + ".c", text), "-o", os.devnull]
            programs[name] = (command, skip)
        tree = C_TREE.replace("int key;", "int key; char payload[88];").replace("1000", "60000")
        binary = os.path.join(directory, "tree")
        subprocess.run(["gcc", "-O2", "-o", binary, write("tree.c", C_HEAD + tree)], check=True)
        programs["tree-large"] = ([binary], 8000000)
    return {name: program for name, program in programs.items() if shutil.which(program[0][0])}


# Of all accesses that are recorded so many are to data, at the least: a fifth to a half are in the programs above.
DATA_SHARE = 1 / 8


def stream(*words, **more):
    """`anechoic stream`; its exit status."""
    return subprocess.run([ANECHOIC, "stream", *words], check=False, **more).returncode


def record(name, command, skip, options):
    """False: there was nothing to record, or not enough of it."""
    with tempfile.TemporaryDirectory() as directory:
        whole = os.path.join(directory, "whole.stream")
        status = stream("record", f"--skip={skip}", f"--count={int(options.count / DATA_SHARE)}", f"--out={whole}",
                        "--", *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if status != 0 and not os.path.exists(whole):
            print(f"record_streams: {name}: `anechoic stream record` failed: {status}", file=sys.stderr)
            return False
        for suffix, words in ("", ["--data"]), ("+fetches", []):
            path = os.path.join(options.out, name + suffix + ".stream")
            if stream("convert", *words, f"--count={options.count}", f"--out={path}", whole) != 0:
                print(f"record_streams: {name}: nothing recorded", file=sys.stderr)
                return False
            print(f"{name}{suffix}: {os.path.getsize(path)} bytes", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="build/streams")
    parser.add_argument("--count", type=int, default=1000000)
    parser.add_argument("--skip", type=int, default=1000000)
    parser.add_argument("--only", metavar="NAME", help="of those without a command")
    parser.add_argument("name", nargs="?")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("record_streams: valgrind is not installed")
    if not os.path.exists(ANECHOIC):
        sys.exit("record_streams: build/anechoic is not there: make hosted")
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if options.name and (options.only or not command):
        parser.error("NAME wants a command, and no --only")
    os.makedirs(options.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        programs = {options.name: (command, None)} if command else default_programs(directory)
        if options.only and options.only not in programs:
            sys.exit(f"record_streams: no {options.only} here, but {', '.join(sorted(programs))}")
        recorded = [record(name, words, options.skip if skip is None else skip, options)
                    for name, (words, skip) in programs.items() if options.only in (None, name)]
    return 0 if all(recorded) else 1


if __name__ == "__main__":
    sys.exit(main())
