#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""x86_64's loops over narrow lanes, as built, beside the best sequences known (peers/suites/x86_64/lanes_best.txt) in
llvm-mca's models.

Prints cycles for 64 bytes stored, and in brackets those of the sequence that is the fastest on that core with no
loop around it. Ours are to be at least 0.85 times as fast. Both are the model's, which counts a load that is part
of another instruction as one of its own, lets six micro-operations a cycle through where the CPUs let four, and
gives work to ports as it comes: a few of ours, four vectors a turn, are faster than the sequence alone. This LLVM
has no model of Zen 4 or 5.
"""

import argparse
import functools
import os
import re
import sys

import mca

BAR = 0.85
SNIPPETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../peers/suites/x86_64/lanes_best.txt")


def x86(register, vector_bytes):
    return mca.Isa("x86_64", "x86_64-linux-gnu-objdump", ("-mtriple=x86_64",), vector_bytes,
                   rf".*\(%r[^)]*\),.*%{register}", rf"v?mov\w+\s+%{register}\d+,[^%]*\(%(?!rsp)",
                   r"j\w+\s+([0-9a-f]+) <")


OPERATIONS = ["mul_u8", "shl_u8", "srl_u8", "sra_u8", "shl_u16", "srl_u16", "sra_u16", "mul_u64"]
BY_ONE = ["shl_imm_u8", "srl_imm_u8", "sra_imm_u8"]
BY_ONE_16 = ["shl_imm_u16", "srl_imm_u16", "sra_imm_u16"]

# (instruction set in lanes_best.txt, object, register, its bytes, cores, operations)
TABLES = [
    ("sse2", "lanes_sse2", "xmm", 16, ["cascadelake", "znver3"], OPERATIONS + BY_ONE + BY_ONE_16),
    ("avx2", "lanes_avx2", "ymm", 32, ["cascadelake", "znver3"], OPERATIONS + BY_ONE + BY_ONE_16),
    ("evex", "lanes_evex_avx512", "ymm", 32, ["cascadelake"], OPERATIONS + BY_ONE),
    ("avx512", "lanes_avx512", "zmm", 64, ["cascadelake"], OPERATIONS + BY_ONE + BY_ONE_16),
    ("vbmi", "lanes_vbmi_avx512", "ymm", 32, ["icelake-server"], ["shl_u8", "srl_u8", "sra_u8"] + BY_ONE),
]


@functools.lru_cache
def sequences():
    """{(operation, instruction set): [[instruction]]}"""
    found = {}
    with open(SNIPPETS, encoding="utf-8") as file:
        for part in re.split(r"^== ", file.read(), flags=re.MULTILINE)[1:]:
            head, *lines = part.strip().split("\n")
            operation, names = re.match(r"(\w+), ([\w ]+): ", head).groups()
            for name in names.split():
                found.setdefault((operation, name), []).append([line for line in lines if line])
    return found


def spelled(line, register):
    """For a width: whole vectors' logic and moves have names of their own in 512 bits."""
    line = line.replace("%v", "%" + register)
    if register != "zmm":
        return line
    return re.sub(r"^(vpand|vpor|vpxor)\b", r"\1q", line.replace("vmovdqu ", "vmovdqu64 "))


def as_modelled(line):
    """Without what the assembler pads branches with, and moves of bytes and words as of quadwords: LLVM 14 has those do
    a mask's work, though there be none."""
    line = re.sub(r"\s+#.*", "", re.sub(r"^(cs )+", "", line))
    return line if "{" in line else re.sub(r"^vmovdqu(?:8|16)\b", "vmovdqu64", line)


def fused(body):
    """Without the comparison before the branch: the CPUs make one micro-operation of both, llvm-mca does not."""
    return body[:-2] + body[-1:] if re.match(r"(cmp|test)\b", body[-2]) else body


def ours(isa, build, obj, operation):
    """Instructions of the main loop."""
    path = os.path.join(build, isa.arch, "core", "simd", isa.arch, obj + ".c.o")
    name = "lanes_" + operation
    for function in (name, name + ".part.0"):
        lines = [(at, as_modelled(text)) for at, text in mca.function_lines(isa, path, function)]
        body = mca.main_loop(isa, lines)
        if body:
            return fused(body)
    raise SystemExit(f"mca_best: no loop with vector loads or stores in {name} of {path}")


def compared(table, build):
    """[(object/function, {core: (our cycles for 64 bytes, the best known)})]"""
    name, obj, register, vector_bytes, cores, operations = table
    isa = x86(register, vector_bytes)
    vectors = 64 / vector_bytes
    for operation in operations:
        body = ours(isa, build, obj, operation)
        turns = mca.accesses(isa, body)[1] / vectors
        known = [[spelled(line, register) for line in lines] for lines in sequences()[operation, name]]
        yield f"{obj}/{operation}", {core: (mca.cycles(isa, core, body) / turns,
                                            min(mca.cycles(isa, core, lines) for lines in known) * vectors)
                                     for core in cores}


def summary(ratios):
    """Of [(best's cycles to ours, what)]."""
    below = [f"\n  below: {what} {ratio:.2f}" for ratio, what in ratios if ratio < BAR]
    least, what = min(ratios)
    return (f"at least {BAR} of the best known's speed: {len(ratios) - len(below)} of {len(ratios)} met; "
            f"least {least:.2f}, {what}" + "".join(below))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    ratios = []
    for table in TABLES:
        print(f"{'cycles for 64 bytes (best known)':<34}" + "".join(f"{core:>20}" for core in table[4]))
        for name, cores in compared(table, options.build):
            ratios += [(best / own, f"{name} {core}") for core, (own, best) in cores.items()]
            print(f"{name:<34}" + "".join(f"{f'{own:.2f} ({best:.2f})':>20}" for own, best in cores.values()))
    print(summary(ratios))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
