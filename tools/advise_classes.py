#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether `anechoic advise` tells strangers' programs apart, held against Valgrind's callgrind, which sees every
instruction: programs of Debian's, chosen before anything was said of them, none of which advice was ever tuned to.

The truth is what callgrind counts inside calls of malloc and its like, and of mem* and str*, from outside of the C
library, as a share of all that it counts, and of the program's user time: a part with more than half of all time names
the load, else it is mixed. What is counted are cycles as KCachegrind estimates them (an instruction is 1, a miss of the
nearest cache 10, of the last 100), which are no nanoseconds; and of the system's time nobody knows how much went to
first touches of memory, which are allocation, and how much to all else, which is computing. So what is judged is the
kind, which agrees where it is that of some such division, and shares stand beside each other to be looked at. A program
of which every division names another kind would agree with anything, and does not count. Exit status 1 where fewer
kinds agree than the bar says.
"""

import argparse
import collections
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

import record_cost
from record_cost import write

ANECHOIC = os.path.join(record_cost.ROOT, "build", "anechoic")
AGREE = 0.90
PARTS = ("memory", "allocation", "compute")
MISSES = {"I1mr": 10, "D1mr": 10, "D1mw": 10, "ILmr": 100, "DLmr": 100, "DLmw": 100}
HEAP = re.compile(r"_*(libc_)?(malloc|free|calloc|realloc|reallocarray|memalign|aligned_alloc|posix_memalign|cfree)")
CALLS = re.compile(r"_*(mem(p?cpy|move|set|cmp|r?chr)|str(n?len|cpy|n?cmp|r?chr(nul)?)|stpcpy)(_(?!.*ifunc).*)?")
# One instruction that repeats is counted each time it does; it takes no such time.
NO_REPEATS = "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff:glibc.cpu.x86_rep_stosb_threshold=0x7fffffff"

AWK = '{ for (i = 1; i <= NF; i++) n[$i]++ } END { for (w in n) s = s substr(w, 2, 4) n[w] "\\n"; print length(s) }'
SED = r"s/([0-9a-f]+) ([0-9a-f]+)/\2 \1/g; y/abc/xyz/"
M4 = """define(`count', `ifelse($1, 0, `', `$1 count(decr($1))')')dnl
define(`repeat', `ifelse($1, 0, `', `len(count(150))
repeat(decr($1))')')dnl
repeat(1500)
"""
RULES, WORDS = 16000, 60000
RUNS = 10   # of which a program's user and system time are taken: that of one is as coarse as a tick


def rules():
    names = " ".join(f"t{i}" for i in range(RULES))
    return f"all: {names}\nt%: ;\ntx: ;\n" + "".join(
        f"v{i} := $(subst a,b,$(patsubst %.c,%.o,x{i}.c y{i}.c)) $(words $(v{i - 1}))\n"
        f"t{i}: t{i * 7919 % i if i else 'x'}\n" for i in range(RULES))


def pairs(times, more):
    """Sorted lines of two words, of which the second is smaller, so that there is no circle."""
    return "".join(sorted(f"n{i:06} n{i * times % i + more:06}\n" for i in range(2, WORDS)))


def programs(folder):
    record_cost.make_inputs(folder)
    a, b, c = (os.path.join(folder, name) for name in "abc")
    return {
        "bzip2": ["/usr/bin/bzip2", "-5", "-c", a],
        "mawk": ["/usr/bin/mawk", AWK, a],
        "sed": ["/usr/bin/sed", "-E", SED, a],
        "m4": ["/usr/bin/m4", write(folder, "count.m4", M4)],
        "bc": ["/usr/bin/bc", "-l", write(folder, "pi.bc", "scale=1500; 4*a(1)\nquit\n")],
        "make": ["/usr/bin/make", "-n", "-f", write(folder, "rules.mk", rules())],
        "diff": ["/usr/bin/diff", b, c],
        "tsort": ["/usr/bin/tsort", write(folder, "pairs", pairs(7919, 0))],
        "join": ["/usr/bin/join", write(folder, "left", pairs(7919, 0)), write(folder, "right", pairs(6007, 1))],
        "lz4": ["/usr/bin/lz4", "-q", "-9", "-c", b],
        "grep": ["/usr/bin/grep", "-F", "-c", "-f", write(folder, "words", "".join(
            f"{i * 2654435761 % 2**40:x}\n" for i in range(1, WORDS, 20))), b],
    }


def run(words, folder, **more):
    return subprocess.run(words, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder,
                          errors="replace", timeout=600, **more)


def part_of(name):
    return "allocation" if HEAP.fullmatch(name) else "memory" if CALLS.fullmatch(name) else None


def is_libc(path):
    return os.path.basename(path).startswith("libc.so") or os.path.basename(path).startswith("libc-")


def cost_of(words, weights):
    return sum(weight * int(count) for weight, count in zip(weights, words))


def shares_of(lines):
    """Of callgrind's output (Valgrind's manual, "Callgrind Format Specification", names in full): the cost of each
    part, and that of all."""
    found, weights, within, to, called, total = collections.Counter(), [], "", "", None, 0
    for line in lines:
        key, equals, value = line.rstrip("\n").partition("=")
        if line.startswith("events:"):
            weights = [MISSES.get(name, int(name == "Ir")) for name in line.split()[1:]]
        elif line.startswith("totals:"):
            total = cost_of(line.split()[1:], weights)
        elif equals and key == "ob":
            within = to = value
        elif equals and key == "cob":
            to = value
        elif equals and key == "cfn":
            called = value
        elif called is not None and not equals:
            # The line after calls=: where it was called, and what all that happened in it cost.
            if is_libc(to) and not is_libc(within) and part_of(called):
                found[part_of(called)] += cost_of(line.split()[1:], weights)
            called, to = None, within
    return found, total


def truth(words, folder):
    out = os.path.join(folder, "callgrind.out")
    result = run(["valgrind", "--quiet", "--tool=callgrind", "--cache-sim=yes", "--compress-strings=no",
                  "--compress-pos=no", f"--callgrind-out-file={out}", *words], folder,
                 env=dict(os.environ, GLIBC_TUNABLES=NO_REPEATS))
    if result.returncode not in (0, 1):   # diff's 1: they differ
        sys.exit(f"valgrind {words[0]}: exit status {result.returncode}: {result.stderr[-500:]}")
    with open(out, encoding="utf-8", errors="replace") as file:
        found, total = shares_of(file)
    if not found["allocation"] + found["memory"]:
        sys.exit(f"{words[0]}: callgrind names no call of the C library's; are its symbols (libc6-dbg) installed?")
    system = system_share(words, folder)
    shares = {part: (1 - system) * found[part] / total for part in PARTS[:2]}
    return dict(shares, compute=1 - system - sum(shares.values()), system=system)


def system_share(words, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(RUNS):
        run(words, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return system / (user + system)


def kinds_of(shares):
    """With all, some or none of the system's time for first touches; more than two: nothing is known."""
    kinds = set()
    for part in range(11):
        touches = shares["system"] * part / 10
        divided = dict(shares, allocation=shares["allocation"] + touches,
                       compute=shares["compute"] + shares["system"] - touches)
        kinds.add(next((one for one in PARTS if divided[one] > 0.5), "mixed"))
    return sorted(kinds)


def advise(words, folder):
    record = os.path.join(folder, "record.json")
    for step in ([ANECHOIC, "record", "-o", record, "--", *words], [ANECHOIC, "advise", record, "--format=json"]):
        result = run(step, folder)
        if result.returncode not in (0, 1):
            sys.exit(f"{' '.join(step[:2])} {words[0]}: exit status {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def shown(name, said, true, kinds):
    cells = []
    for part in PARTS:
        share = said["parts"][part]
        cells.append(f"{100 * share['point']:3.0f} [{100 * share['lower']:3.0f} {100 * share['upper']:3.0f}] "
                     f"{100 * true[part]:3.0f}")
    verdict = "not told" if len(kinds) > 2 else "agrees" if said["kind"] in kinds else "DIFFERS"
    return (f"{name:8} {said['kind']:10} {' or '.join(kinds):16} {'   '.join(cells)}   {100 * true['system']:3.0f}   "
            f"{verdict}")


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", help="these alone")
    options = parser.parse_args(argv)
    agree = []
    with tempfile.TemporaryDirectory() as folder:
        chosen = {name: words for name, words in programs(folder).items()
                  if not options.programs or name in options.programs}
        absent = [words[0] for words in chosen.values() if not os.path.exists(words[0])]
        if absent or not chosen:
            sys.exit(f"these programs are not here: {', '.join(absent or options.programs)}")
        print("program  advice     callgrind        memory, %, of both  allocation          compute         system")
        for name, words in chosen.items():
            said, true = advise(words, folder), truth(words, folder)
            kinds = kinds_of(true)
            if len(kinds) <= 2:
                agree.append(said["kind"] in kinds)
            print(shown(name, said, true, kinds), flush=True)
    good = agree and sum(agree) >= AGREE * len(agree)
    print(f"advise-classes: {sum(agree)} of {len(agree)} kinds agree; bar {100 * AGREE:.0f} %: "
          f"{'met' if good else 'MISSED'}")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
