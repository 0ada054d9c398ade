#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Record address streams of real programs for `make bench-peers`, through valgrind's lackey.

    tools/record_streams.py [--out build/streams] [--count N] [--skip N] [--only NAME | NAME -- COMMAND...]

Without a command: runs of gcc, python3, perl, sqlite3, sort, gzip and a binary tree, what of them is there; some
minutes. --skip is in data accesses; the large runs have a skip of their own, to where their memory is filled. Of each
program two streams: NAME.stream is the data accesses in order, NAME+fetches.stream all accesses from the same point on,
an instruction fetch an instruction. For each access a LEB128 number, (zigzag of the address less the one before of the
same sort: data, fetch) * 4 + (0 load, 1 store, 2 fetch). A modify counts as a store.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

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


def leb128(number, out):
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


class Stream:
    def __init__(self, count, kinds):
        self.room, self.kinds, self.bytes, self.before = count, kinds, bytearray(), [0, 0, 0]

    def append(self, kind, address):
        if self.room == 0 or kind not in self.kinds:
            return
        sort = kind & 2
        delta = address - self.before[sort]
        self.before[sort] = address
        self.room -= 1
        leb128((delta << 1 if delta >= 0 else (-delta << 1) - 1) << 2 | kind, self.bytes)


LINES = {b" L": 0, b" S": 1, b" M": 1, b"I ": 2}


def record(name, command, skip, options):
    """Lackey's lines: `I  address,size`, ` L address,size`, ` S`, ` M`. False: there was nothing to record."""
    streams = {name: Stream(options.count, (0, 1)), name + "+fetches": Stream(options.count, (0, 1, 2))}
    read_end, write_end = os.pipe()
    with subprocess.Popen(["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-fd={write_end}", *command],
                          pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        os.close(write_end)
        with os.fdopen(read_end, "rb") as lines:
            for line in lines:
                if skip > 0:
                    skip -= line[:1] == b" "
                    continue
                kind = LINES.get(line[:2])
                if kind is None:
                    continue
                address = int(line[3:line.index(b",")], 16)
                for stream in streams.values():
                    stream.append(kind, address)
                if all(stream.room == 0 for stream in streams.values()):
                    break
        process.kill()
    if not streams[name].bytes:
        print(f"record_streams: {name} made no data access, or none after those to skip", file=sys.stderr)
        return False
    for file_name, stream in streams.items():
        with open(os.path.join(options.out, file_name + ".stream"), "wb") as file:
            file.write(stream.bytes)
        print(f"{file_name}: {options.count - stream.room} accesses, {len(stream.bytes)} bytes", flush=True)
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
