#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Latencies as `anechoic snippet` measures them beside those of LLVM's scheduling model of this processor.

Prints, of each of 40 instructions that wait for themselves, the cycles measured, the model's (llvm-mca's
-instruction-info, the sum over the snippet), and whether they agree: within 5 % or 0.1 cycle. Where LLVM has no model
of the core, the nearest that it has is taken, and named. Exit status 0 where each deviation is explained by what is
known of the core, 3 where a measurement came to nothing, else 1. x86_64 alone.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

import microarchitecture

AGREE_PART, AGREE_CYCLES, WANTED = 0.05, 0.1, 36

MCA = ("llvm-mca-22", "llvm-mca")

# By core (microarchitecture.py), the models from the best one on: the first that this LLVM has. Its znver5 is another
# name of Zen 4's (llvm-project, pull request 172370).
MODELS = {
    "Zen": ["znver1"], "Zen 2": ["znver2"], "Zen 3": ["znver3"], "Zen 4": ["znver4", "znver3"],
    "Zen 5": ["znver4", "znver3"], "Haswell": ["haswell"], "Broadwell": ["broadwell"], "Skylake": ["skylake"],
    "Skylake-SP": ["skylake-avx512"], "Cascade Lake": ["cascadelake"], "Cooper Lake": ["cooperlake"],
    "Ice Lake-SP": ["icelake-server"], "Sapphire Rapids": ["sapphirerapids"],
    "Emerald Rapids": ["emeraldrapids", "sapphirerapids"], "Granite Rapids": ["graniterapids", "sapphirerapids"],
}

# (snippet, --init). Each reads what it wrote.
SNIPPETS = [
    ("sub rax, rbx", ""), ("and rax, rbx", ""), ("xor rax, rbx", ""), ("adc rax, rbx", ""), ("neg rax", ""),
    ("lea rax, [rax+rbx]", ""), ("imul rax, rbx", ""), ("imul eax, ebx", ""), ("shl rax, 3", ""), ("ror rax, 5", ""),
    ("shlx rax, rax, rbx", ""), ("bswap rax", ""), ("popcnt rax, rax", ""), ("lzcnt rax, rax", ""),
    ("tzcnt rax, rax", ""), ("andn rax, rax, rbx", ""), ("blsr rax, rax", ""), ("bextr rax, rax, rbx", ""),
    ("pdep rax, rax, rbx", ""), ("pext rax, rax, rbx", ""), ("cmovz rax, rbx", ""), ("movsx eax, al", ""),
    ("crc32 rax, rbx", ""), ("mov rax, [rax]", "mov [r14], r14; mov rax, r14"),
    ("addsd xmm0, xmm1", ""), ("mulsd xmm0, xmm1", ""), ("mulss xmm0, xmm1", ""), ("minsd xmm0, xmm1", ""),
    ("divsd xmm0, xmm1", "mov rax, 7; cvtsi2sd xmm0, rax; cvtsi2sd xmm1, rax"),
    ("vaddpd ymm0, ymm0, ymm1", ""), ("vmulps ymm0, ymm0, ymm1", ""), ("vfmadd231pd ymm0, ymm0, ymm1", ""),
    ("vpmulld ymm0, ymm0, ymm1", ""), ("vpmaddwd ymm0, ymm0, ymm1", ""), ("vpsadbw ymm0, ymm0, ymm1", ""),
    ("vpshufb ymm0, ymm0, ymm1", ""), ("vpand ymm0, ymm0, ymm1", ""), ("vpaddd ymm0, ymm0, ymm1", ""),
    ("aesenc xmm0, xmm1", ""), ("pclmulqdq xmm0, xmm1, 0", ""),
]

# (core, snippet): why the model's is not what the core does.
LOAD = "LLVM counts a cycle too many for a load; AMD's optimization guides say 4"
ADD = "Zen 5 adds in 2 cycles what comes from an addition, Zen 4 in 3 (GCC, x86-tune-costs.h, znver5_cost)"
INTEGER = "Zen 5 takes 2 cycles for whole vectors' simple work, Zen 4 takes 1 (A. Yee, Zen5's AVX512 Teardown)"
KNOWN = {
    ("Zen 5", "mov rax, [rax]"): LOAD, ("Zen 4", "mov rax, [rax]"): LOAD, ("Zen 3", "mov rax, [rax]"): LOAD,
    ("Zen 5", "addsd xmm0, xmm1"): ADD, ("Zen 5", "vaddpd ymm0, ymm0, ymm1"): ADD,
    ("Zen 5", "vpand ymm0, ymm0, ymm1"): INTEGER, ("Zen 5", "vpaddd ymm0, ymm0, ymm1"): INTEGER,
    ("Zen 5", "pclmulqdq xmm0, xmm1, 0"): "5 in VEX's form, too; the model is Zen 4's",
}


def run(words, text=""):
    return subprocess.run(words, input=text, check=False, capture_output=True, text=True)


def model_of(core, mca):
    """(name for llvm-mca, LLVM's version)"""
    said = run([mca, "--version"]).stdout
    version = re.search(r"LLVM version (\S+)", said)
    for name in MODELS.get(core, []):
        tried = run([mca, "-mtriple=x86_64", f"-mcpu={name}"], "nop\n")
        if tried.returncode == 0 and "not a recognized processor" not in tried.stderr:
            return name, version[1] if version else "?"
    raise SystemExit(f"snippet_check: this LLVM has no model of {core}, and none near it is known")


def modelled(snippet, mca, model):
    """Cycles, by the column of latencies."""
    text = ".intel_syntax noprefix\n" + snippet.replace(";", "\n") + "\n"
    shown = run([mca, "-mtriple=x86_64", f"-mcpu={model}", "-instruction-info", "-iterations=1"], text)
    rows = re.findall(r"^ +\d+ +(\d+) +[\d.]+ ", shown.stdout.partition("Instruction Info:")[2], re.MULTILINE)
    if shown.returncode != 0 or not rows:
        raise SystemExit(f"snippet_check: {snippet}: llvm-mca: {shown.stderr[:300]}")
    return sum(map(int, rows))


def measured(program, snippet, init):
    """(cycles of a copy, lower, upper, word of the room); None: none came of it."""
    words = [program, "snippet", "--latency", "--format=json", *(["--init", init] if init else []), snippet]
    shown = run(words)
    if shown.returncode not in (0, 3):
        raise SystemExit(f"snippet_check: {snippet}: {shown.stdout}{shown.stderr}")
    found = json.loads(shown.stdout)
    if "cycles" not in found:
        return None
    cycles, count = found["cycles"], found["instructions"]
    return (*(cycles[key] * count for key in ("point", "lower_bound", "upper_bound")), found["room"]["word"])


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        core = microarchitecture.name(file.read())
    mca = next((name for name in MCA if shutil.which(name)), MCA[-1])
    model, version = model_of(core, mca)
    program = os.path.join(options.build, "anechoic")
    agree, unknown, nothing = 0, 0, 0
    print(f"{'cycles':<32} {'measured':>9} {'interval':>15} {model:>11}  room")
    for snippet, init in SNIPPETS:
        wanted, found = modelled(snippet, mca, model), measured(program, snippet, init)
        if found is None:
            nothing += 1
            print(f"{snippet:<32} {'-':>9} {'':>15} {wanted:>11}  came to nothing")
            continue
        point, lower, upper, room = found
        good = abs(point - wanted) <= max(AGREE_CYCLES, AGREE_PART * wanted)
        why = "" if good else "  " + KNOWN.get((core, snippet), "NOT EXPLAINED")
        agree += good
        unknown += not good and (core, snippet) not in KNOWN
        print(f"{snippet:<32} {point:>9.2f} {f'[{lower:.2f} {upper:.2f}]':>15} {wanted:>11}  {room}{why}")
    print(f"snippet-check: {agree} of {len(SNIPPETS)} within 5 % or 0.1 cycle of LLVM {version}'s model {model}; "
          f"{WANTED} are wanted; this is {core}")
    if nothing:
        return 3
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
