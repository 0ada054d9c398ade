# SPDX-License-Identifier: Apache-2.0
"""The loads that `tools/advise_check.py --fresh` holds advice against: a second set, by which no prediction was
designed. Programs of Debian's, and loads of our own (host-tests/advise_fresh_loads.c), chosen for what they do with
memory and no load of the first set does, and written down before anything was predicted of them; none is left out for
what came of it.
"""

import os
import platform
import shutil
import subprocess

import advise_loads
import record_cost
from record_cost import write

SOURCE = os.path.join(record_cost.ROOT, "host-tests", "advise_fresh_loads.c")

# Name in advise_fresh_loads.c, which says what it is, and pieces of work.
OWN = {"strings": 6500, "clear": 8000, "copy-tail": 9500, "lines": 2800, "vectors": 1700, "tree": 1500, "table": 22,
       "messages": 190, "crowd": 40, "frames": 700, "rising": 25, "records": 2200, "requests": 10000}

BASH = """
declare -A count
for ((i = 0; i < 9000; i++)); do
    word=word$((i * 7919 % 503)) line="$word of line $i, ${word#word}"
    for part in $line; do count[${part%,}]+=${#part}; done
done
echo "${#count[@]} ${count[of]:0:20}"
"""
NUMPY = """
import numpy
start = numpy.arange(1 << 17) * 1e-3
total = 0.0
for i in range(25):
    line = start * i + 1
    difference = numpy.sqrt(line) - start[::-1]
    total += float(numpy.where(difference > 0, line, difference).sum())
print(total)
"""
YAML = """
import sys, yaml
with open(sys.argv[1]) as file:
    rows = yaml.load(file, yaml.CSafeLoader)
print(len(rows), sum(len(row["tags"]) for row in rows))
"""
NODE = """
let rows = [];
for (let turn = 0; turn < 6; turn++) {
    rows = Array.from({length: 15000}, (_, i) => ({id: i, name: "name " + i * 7919 % 10007, tags: [i, turn]}));
    rows.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
console.log(rows.length, rows[7].name);
"""
GUEST = r"""
#include <stdio.h>

static unsigned numbers[4096];

int main(void) {
	unsigned chance = 1;
	for (int i = 0; i < 4096; i++)
		numbers[i] = chance = chance * 1664525u + 1013904223u;
	for (int round = 0; round < 2000; round++)
		for (int i = 1; i < 4096; i++)
			if (numbers[i - 1] > numbers[i]) {
				unsigned other = numbers[i];
				numbers[i] = numbers[i - 1];
				numbers[i - 1] = other;
			}
	printf("%u\n", numbers[2048]);
	return 0;
}
"""
OBJECTS, FUNCTIONS = 40, 300


def document(rows):
    items = "".join(f'<item id="i{i}"><name lang="l{i % 7}">name {i * 7919 % 10007}</name>'
                    f"<square>{i * i}</square></item>" for i in range(rows))
    return f"<list>{items}</list>\n"


def manuscript(chapters):
    return "".join(f".sp\n.ft B\nChapter {chapter}\n.ft R\n.br\n" + " ".join(
        f"w{(chapter * 31 + i) * 7919 % 10007:x}\\fIital{i}\\fP" for i in range(60)) + "\n"
                   for chapter in range(chapters))


def mangled(names):
    """As the C++ ABI has it: std::map<std::name<typeI>, int, …>::insert(…), a type of its own each."""
    kinds = [f"type{i}" for i in range(names)]
    return "".join(f"_ZNSt3mapINSt4nameI{len(kind)}{kind}EEiSt4lessIS2_ESaISt4pairIKS2_iEEE6insertEOS7_\n"
                   for kind in kinds)


def settings(rows):
    return "".join(f"- id: {i}\n  name: name {i * 7919 % 10007}\n  tags: [a{i}, b{i % 7}, 'c d']\n"
                   f"  more: {{x: {i * 3}, y: text of {i}}}\n" for i in range(rows))


def cc(folder, *words):
    subprocess.run(["cc", *words], check=True, cwd=folder, timeout=120)


def make_objects(folder):
    """Which call each other, so that a linker has names to look up and places to fill in."""
    for number in range(OBJECTS):
        other = (number + 1) % OBJECTS
        write(folder, f"object{number}.c", "".join(
            f"int f{other}_{i}(int);\nconst char *text{number}_{i} = \"text {i} of {number}\";\n"
            f"int f{number}_{i}(int n) {{ return n ? f{other}_{i}(n - {i + 1}) : {number}; }}\n"
            for i in range(FUNCTIONS)))
    cc(folder, "-c", *(f"object{number}.c" for number in range(OBJECTS)))
    return [f"object{number}.o" for number in range(OBJECTS)]


def programs(folder):
    a, b, c = (os.path.join(folder, name) for name in "abc")
    source = record_cost.make_source(folder, 60)
    cc(folder, "-g", "-O1", "-shared", "-fPIC", f"-fdebug-prefix-map={folder}=.", "-o", "described.so", source)
    cc(folder, "-O1", "-static", "-o", "guest", write(folder, "guest.c", GUEST))
    subprocess.run(["clang", "--target=x86_64-linux-gnu", "-O1", "-S", "-o", "loops.s", source], check=True, cwd=folder,
                   timeout=120)
    return {
        # A shell's words and variables: strings of some bytes, made and dropped one by one.
        "bash": ["/usr/bin/bash", "-c", BASH],
        # A tree of nodes and their strings, built while it is read, written once, freed node by node.
        "xmllint": ["/usr/bin/xmllint", "--format", write(folder, "list.xml", document(16000))],
        # C++ objects of a line, made and deleted line by line; two processes and a pipe between them.
        "groff": ["/usr/bin/groff", "-Tutf8", write(folder, "book.roff", manuscript(400))],
        # Whole files in memory, a hash table of their symbols, all copied to where it belongs; freed at the end.
        "ld": ["/usr/bin/ld", "-shared", "-o", "linked", *make_objects(folder)],
        # Strings that grow as they are written; before it, an argument's copy for each name.
        "c++filt": ["/usr/bin/c++filt", "@" + write(folder, "mangled", mangled(60000))],
        # Small objects from regions of the program's own, which it asks for by pages; a large library to relocate.
        "clang": ["/usr/bin/clang", "-cc1", "-triple", "x86_64-linux-gnu", "-O1", "-emit-obj", "-o", "/dev/null",
                  source],
        # An object for each simulated instruction, deleted when that retires.
        "llvm-mca": ["/usr/bin/llvm-mca", "-mtriple=x86_64-linux-gnu", "-mcpu=znver2", "-iterations=100", "loops.s"],
        # What a debugger keeps of a program: names and types, never freed, which threads read; Python within.
        "gdb": ["/usr/bin/gdb-multiarch", "-nx", "-batch", "-ex", "info types s", "-ex", "info functions f",
                "described.so"],
        # Arrays of a megabyte, a new one for each step of a formula.
        "numpy": ["/usr/bin/python3", "-I", "-c", NUMPY],
        # A C library's tokens, of malloc, between Python's objects, which come from its own pools.
        "yaml": ["/usr/bin/python3", "-I", "-c", YAML, write(folder, "rows.yaml", settings(1200))],
        # A heap of the program's own, which it collects with several threads.
        "node": [shutil.which("node") or "", "-e", NODE],
        # One buffer that grows by realloc until the whole input is in it.
        "iconv": ["/usr/bin/iconv", "-f", "LATIN1", "-t", "UTF-16", a, b, c],
        # Code that is translated as it is met, into a mapping of the program's own, and computes.
        "qemu": [f"/usr/bin/qemu-{platform.machine()}", "guest"],
    }


def make(folder):
    """Makes what they read, and returns each load's command line by name; they run in the folder."""
    record_cost.make_inputs(folder)
    loads = programs(folder)
    own = advise_loads.compiled(folder, SOURCE)
    loads.update({name: [own, name, str(pieces)] for name, pieces in OWN.items()})
    return loads
