#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Latencies as `anechoic snippet` measures them beside those of LLVM's scheduling model of this processor.

Prints, of each of 40 instructions that wait for themselves, the cycles measured, the model's (llvm-mca's
-instruction-info, the sum over the snippet), and whether they agree: within 5 % or 0.1 cycle. A deviation is explained
where a source says of this very core what was measured. Which core the model is of is told by the names of its units:
LLVM gives processors that it knows nothing of the model of an older one.

Exit status 0 where 36 agree and the others are explained, 3 where too few came to something to tell, else 1.
"""

import argparse
import dataclasses
import json
import os
import platform
import re
import shutil
import subprocess
import sys

import microarchitecture

AGREE_PART, AGREE_CYCLES, WANTED = 0.05, 0.1, 36

NOTHING = "too loud to tell"

MCA = ("llvm-mca-22", "llvm-mca")

# By core (microarchitecture.py), llvm-mca's names from the best one on: the first that this LLVM has is taken.
MODELS = {
    "Zen": ["znver1"], "Zen 2": ["znver2"], "Zen 3": ["znver3"], "Zen 4": ["znver4", "znver3"],
    "Zen 5": ["znver5", "znver4", "znver3"], "Haswell": ["haswell"], "Broadwell": ["broadwell"],
    "Skylake": ["skylake"], "Skylake-SP": ["skylake-avx512"], "Cascade Lake": ["cascadelake"],
    "Cooper Lake": ["cooperlake"], "Ice Lake-SP": ["icelake-server"], "Sapphire Rapids": ["sapphirerapids"],
    "Emerald Rapids": ["emeraldrapids", "sapphirerapids"], "Granite Rapids": ["graniterapids", "sapphirerapids"],
    "Cortex-A72": ["cortex-a72"], "Cortex-A76": ["cortex-a76"], "A64FX": ["a64fx"],
    "Neoverse N1": ["neoverse-n1"], "Neoverse N2": ["neoverse-n2"], "Neoverse N3": ["neoverse-n3", "neoverse-n2"],
    "Neoverse V1": ["neoverse-v1"], "Neoverse V2": ["neoverse-v2"], "Neoverse V3": ["neoverse-v3", "neoverse-v2"],
}

# How the units of a model are called, and what it is the model of.
UNITS = {
    "ZnAGU": ["Zen"], "Zn2": ["Zen 2"], "Zn3": ["Zen 3"], "Zn4": ["Zen 4"], "Zn5": ["Zen 5"], "HW": ["Haswell"],
    "BW": ["Broadwell"], "SKL": ["Skylake"], "SKX": ["Skylake-SP", "Cascade Lake", "Cooper Lake"],
    "ICX": ["Ice Lake-SP"], "SPR": ["Sapphire Rapids", "Emerald Rapids"], "A57Unit": ["Cortex-A57"],
    "A64FX": ["A64FX"], "N1Unit": ["Neoverse N1"], "N2Unit": ["Neoverse N2"], "N3Unit": ["Neoverse N3"],
    "V1Unit": ["Neoverse V1"], "V2Unit": ["Neoverse V2"], "V3Unit": ["Neoverse V3"],
}

# (snippet, --init). Each reads what it wrote.
SNIPPETS = {
    "x86_64": [
        ("sub rax, rbx", ""), ("and rax, rbx", ""), ("xor rax, rbx", ""), ("adc rax, rbx", ""), ("neg rax", ""),
        ("lea rax, [rax+rbx]", ""), ("imul rax, rbx", ""), ("imul eax, ebx", ""), ("shl rax, 3", ""),
        ("ror rax, 5", ""), ("shlx rax, rax, rbx", ""), ("bswap rax", ""), ("popcnt rax, rax", ""),
        ("lzcnt rax, rax", ""), ("tzcnt rax, rax", ""), ("andn rax, rax, rbx", ""), ("blsr rax, rax", ""),
        ("bextr rax, rax, rbx", ""), ("pdep rax, rax, rbx", ""), ("pext rax, rax, rbx", ""), ("cmovz rax, rbx", ""),
        ("movsx eax, al", ""), ("crc32 rax, rbx", ""), ("mov rax, [rax]", "mov [r14], r14; mov rax, r14"),
        ("addsd xmm0, xmm1", ""), ("mulsd xmm0, xmm1", ""), ("mulss xmm0, xmm1", ""), ("minsd xmm0, xmm1", ""),
        ("divsd xmm0, xmm1", "mov rax, 7; cvtsi2sd xmm0, rax; cvtsi2sd xmm1, rax"),
        ("vaddpd ymm0, ymm0, ymm1", ""), ("vmulps ymm0, ymm0, ymm1", ""), ("vfmadd231pd ymm0, ymm0, ymm1", ""),
        ("vpmulld ymm0, ymm0, ymm1", ""), ("vpmaddwd ymm0, ymm0, ymm1", ""), ("vpsadbw ymm0, ymm0, ymm1", ""),
        ("vpshufb ymm0, ymm0, ymm1", ""), ("vpand ymm0, ymm0, ymm1", ""), ("vpaddd ymm0, ymm0, ymm1", ""),
        ("aesenc xmm0, xmm1", ""), ("pclmulqdq xmm0, xmm1, 0", ""),
    ],
    # Of what every core has (Armv8.0 with CRC32); no sums of products, whose addend may come late.
    "aarch64": [
        ("add x2, x2, x3", ""), ("sub x2, x2, x3", ""), ("and x2, x2, x3", ""), ("orr x2, x2, x3", ""),
        ("eor x2, x2, x3", ""), ("bic x2, x2, x3", ""), ("neg x2, x2", ""), ("adc x2, x2, x3", ""),
        ("add x2, x3, x2, lsl #3", ""), ("lsl x2, x2, #3", ""), ("ror x2, x2, #5", ""), ("lsl x2, x2, x3", ""),
        ("clz x2, x2", ""), ("cls x2, x2", ""), ("rbit x2, x2", ""), ("rev x2, x2", ""), ("sxtb x2, w2", ""),
        ("ubfx x2, x2, #3, #20", ""), ("extr x2, x2, x3, #7", ""), ("csel x2, x2, x3, eq", ""),
        ("mul w2, w2, w3", ""), ("mul x2, x2, x3", ""), ("umulh x2, x2, x3", ""), ("crc32x w2, w2, x3", ""),
        ("ldr x2, [x2]", "str x27, [x27]; mov x2, x27"),
        ("fadd d0, d0, d1", ""), ("fmul d0, d0, d1", ""), ("fmul s0, s0, s1", ""), ("fmax d0, d0, d1", ""),
        ("fneg d0, d0", ""), ("frintm d0, d0", ""), ("fadd v0.2d, v0.2d, v1.2d", ""),
        ("fmul v0.4s, v0.4s, v1.4s", ""), ("add v0.4s, v0.4s, v1.4s", ""), ("and v0.16b, v0.16b, v1.16b", ""),
        ("mul v0.4s, v0.4s, v1.4s", ""), ("smax v0.4s, v0.4s, v1.4s", ""), ("shl v0.4s, v0.4s, #3", ""),
        ("zip1 v0.4s, v0.4s, v1.4s", ""), ("tbl v0.16b, {v0.16b}, v1.16b", ""),
    ],
}

# (core, snippet): cycles that a source has of that core, and the source.
GUIDE_4 = "4 cycles from a load to its use (AMD's optimization guide, \"L1 Data Cache\")"
GCC_ADD = "2 cycles after an addition (GCC, x86-tune-costs.h, znver5_cost)"
YEE = "2 cycles for simple work on whole vectors (A. Yee, Zen5's AVX512 Teardown)"
KNOWN = {
    ("Zen 5", "mov rax, [rax]"): (4, GUIDE_4), ("Zen 4", "mov rax, [rax]"): (4, GUIDE_4),
    ("Zen 3", "mov rax, [rax]"): (4, GUIDE_4),
    ("Zen 5", "addsd xmm0, xmm1"): (2, GCC_ADD), ("Zen 5", "vaddpd ymm0, ymm0, ymm1"): (2, GCC_ADD),
    ("Zen 5", "vpand ymm0, ymm0, ymm1"): (2, YEE), ("Zen 5", "vpaddd ymm0, ymm0, ymm1"): (2, YEE),
}


@dataclasses.dataclass(frozen=True)
class Model:
    name: str                  # llvm-mca's
    version: str               # LLVM's
    cores: list                # what it is the model of, the first one's name first


def allowed(cycles):
    return max(AGREE_CYCLES, AGREE_PART * cycles)


@dataclasses.dataclass(frozen=True)
class Row:
    """Of a copy. None: nothing came of the measurement."""
    snippet: str
    wanted: int
    point: float = None
    lower: float = None
    upper: float = None
    room: str = ""

    def is_near(self, cycles):
        return abs(self.point - cycles) <= allowed(cycles)

    def says(self, core):
        """What stands behind the row; "": it agrees."""
        if self.point is None or self.upper - self.lower > 2 * allowed(self.wanted):
            return NOTHING
        if self.is_near(self.wanted):
            return ""
        cycles, source = KNOWN.get((core, self.snippet), (None, "no source is known"))
        if cycles is not None and self.is_near(cycles):
            return f"explained: {source}"
        return f"NOT EXPLAINED: {source}"


def run(words, text=""):
    return subprocess.run(words, input=text, check=False, capture_output=True, text=True)


def llvm_mca(mca, arch, model, snippet, *options):
    syntax = ".intel_syntax noprefix\n" if arch == "x86_64" else ""
    return run([mca, f"-mtriple={arch}", f"-mcpu={model}", "-iterations=1", *options],
               syntax + snippet.replace(";", "\n") + "\n")


def cores_of(shown):
    """Whose the units are that llvm-mca prints."""
    unit = re.search(r"^\[0(?:\.0)?\] +- (\w+)", shown, re.MULTILINE)
    found = [cores for prefix, cores in UNITS.items() if unit and unit[1].startswith(prefix)]
    return found[0] if found else ["another core"]


def model_of(core, mca, arch):
    version = re.search(r"LLVM version (\S+)", run([mca, "--version"]).stdout)
    for name in MODELS.get(core, []):
        tried = llvm_mca(mca, arch, name, "nop")
        if tried.returncode == 0 and "not a recognized processor" not in tried.stderr:
            return Model(name, version[1] if version else "?", cores_of(tried.stdout))
    raise SystemExit(f"snippet_check: this LLVM has no model of {core}, and none near it is known")


def modelled(snippet, mca, arch, model):
    """Cycles, by the column of latencies."""
    shown = llvm_mca(mca, arch, model, snippet, "-instruction-info")
    rows = re.findall(r"^ +\d+ +(\d+) +[\d.]+ ", shown.stdout.partition("Instruction Info:")[2], re.MULTILINE)
    if shown.returncode != 0 or not rows:
        raise SystemExit(f"snippet_check: {snippet}: llvm-mca: {shown.stderr[:300]}")
    return sum(map(int, rows))


def measured(program, snippet, init, wanted):
    words = [program, "snippet", "--latency", "--format=json", *(["--init", init] if init else []), snippet]
    shown = run(words)
    if shown.returncode not in (0, 3):
        raise SystemExit(f"snippet_check: {snippet}: {shown.stdout}{shown.stderr}")
    found = json.loads(shown.stdout)
    if "cycles" not in found:
        return Row(snippet, wanted)
    cycles = (found["cycles"][key] * found["instructions"] for key in ("point", "lower_bound", "upper_bound"))
    return Row(snippet, wanted, *cycles, found["room"]["word"])


def shown_row(row, core):
    if row.point is None:
        return f"{row.snippet:<32} {'-':>9} {'':>15} {row.wanted:>7}  {row.says(core)}"
    found = f"{row.point:>9.2f} {f'[{row.lower:.2f} {row.upper:.2f}]':>15}"
    return f"{row.snippet:<32} {found} {row.wanted:>7}  {row.room:<6}  {row.says(core)}".rstrip()


def judged(rows, core, model):
    """(lines, exit status)"""
    said = [row.says(core) for row in rows]
    agree, nothing = said.count(""), said.count(NOTHING)
    explained = sum(why.startswith("explained") for why in said)
    unknown = len(rows) - agree - nothing - explained
    lines = [f"model       LLVM {model.version}'s {model.name} is {model.cores[0]}'s, and this is {core}"
             + ("" if core in model.cores else ": LLVM has no model of this core"),
             f"agree       {agree} of {len(rows)} within 5 % or 0.1 cycle of it, {WANTED} are wanted: "
             + ("met" if agree >= WANTED else "open" if agree + nothing >= WANTED else "MISSED"),
             f"others      {explained} as sources have {core}, {unknown} without a source, {nothing} {NOTHING}"]
    if agree + nothing < WANTED or unknown:
        return lines, 1
    return lines, 3 if nothing else 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        core = microarchitecture.name(file.read())
    mca, arch = next((name for name in MCA if shutil.which(name)), MCA[-1]), platform.machine()
    model = model_of(core, mca, arch)
    program = os.path.join(options.build, "anechoic")
    rows = []
    print(f"{'cycles':<32} {'measured':>9} {'interval':>15} {'model':>7}  room")
    for snippet, init in SNIPPETS[arch]:
        rows.append(measured(program, snippet, init, modelled(snippet, mca, arch, model.name)))
        print(shown_row(rows[-1], core), flush=True)
    lines, status = judged(rows, core, model)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
