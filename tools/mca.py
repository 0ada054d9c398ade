#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""aarch64's loops without the hardware: the main loop of each kernel, as built, through llvm-mca.

Prints cycles for 64 bytes (stored, or loaded where nothing is stored) beside the least that the core's load and
store pipes allow. The loop is the innermost one with the most vector loads and stores. llvm-mca knows no caches,
and this LLVM's models of the three cores are near relatives' (Cortex-A57, Cyclone): the limit is the core's own,
the cycles are the model's.
"""

import argparse
import os
import re
import subprocess
import sys

# 16-byte loads a cycle, 16-byte stores a cycle, both together. Arm Neoverse N1 and V1 Software Optimization
# Guides, sections 2.1 and "Load instructions", "Store instructions"; Apple's Silicon CPU Optimization Guide,
# "Load and store units".
CORES = {"neoverse-n1": (2, 1, 2), "neoverse-v1": (3, 2, 3), "apple-m1": (3, 2, 4)}

KERNELS = [
    ("copy_neon", "copy_move"), ("copy_neon", "copy_prefetch"), ("fill_neon", "fill_any"),
           ("scan_neon", "scan_compare"),
    ("scan_neon", "scan_find_byte"), ("scan_neon", "scan_is_zero_page"), ("sum_neon", "sum_u64"),
           ("sum_neon", "sum_f32"),
    ("sum_neon", "dot_f32"), ("sum_neon", "sum_popcount"), ("hash_neon", "hash_page"), ("lanes_neon", "lanes_add_u32"),
    ("lanes_neon", "lanes_mul_u32"), ("lanes_neon", "lanes_shl_u32"), ("lanes_neon", "lanes_fma_f32"),
]


def function_lines(obj, name):
    """(address, instruction) of a function."""
    text = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", f"--disassemble={name}", obj],
                          check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^\s*([0-9a-f]+):\s+(.*?)\s*(?://.*)?$", text, re.MULTILINE)
    return [(int(address, 16), instruction) for address, instruction in found]


def accesses(instructions):
    """16-byte loads and stores."""
    counts = {"ld": 0, "st": 0}
    for instruction in instructions:
        match = re.match(r"(ldr|ldp|ldur|str|stp|stur)\s+q\d+", instruction)
        if match:
            counts[match.group(1)[:2]] += 2 if match.group(1)[2] == "p" else 1
    return counts["ld"], counts["st"]


def main_loop(lines):
    best, best_score = None, 0
    for index, (address, instruction) in enumerate(lines):
        match = re.match(r"(?:b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s*([0-9a-f]+) <", instruction)
        if not match or int(match.group(1), 16) > address:
            continue
        start = int(match.group(1), 16)
        body = [text for at, text in lines[:index + 1] if at >= start]
        score = sum(accesses(body)) / (1 + 0.01 * len(body))
        if score > best_score:
            best, best_score = body, score
    return best


def cycles(core, body):
    """Cycles of one turn of the loop."""
    turns = 1000
    lines = [re.sub(r"[0-9a-f]+ <[^>]*>", ".Lloop", line) for line in body]
    source = ".Lloop:\n" + "\n".join(lines) + "\n"
    result = subprocess.run(["llvm-mca", "-mtriple=aarch64", f"-mcpu={core}", f"-iterations={turns}"], input=source,
                            check=False, capture_output=True, text=True)
    match = re.search(r"Total Cycles:\s+(\d+)", result.stdout)
    if not match:
        raise SystemExit(f"mca: llvm-mca: {result.stderr[:500]}")
    return int(match.group(1)) / turns


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    print(f"{'cycles for 64 bytes (limit)':<30}" + "".join(f"{core:>20}" for core in CORES))
    for obj, function in KERNELS:
        path = os.path.join(options.build, "aarch64", "core", "simd", "aarch64", obj + ".c.o")
        # A compiler may have split the cold head of a function off its loops.
        body = main_loop(function_lines(path, function)) or main_loop(function_lines(path, function + ".part.0"))
        if not body:
            raise SystemExit(f"mca: no loop with vector loads or stores in {function} of {path}")
        loads, stores = accesses(body)
        portion = (stores or loads) / 4
        columns = []
        for core, (load, store, both) in CORES.items():
            limit = max(loads / load, stores / store, (loads + stores) / both)
            columns.append(f"{cycles(core, body) / portion:10.2f} ({limit / portion:.2f})")
        print(f"{obj + '/' + function:<30}" + "".join(f"{column:>20}" for column in columns))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
