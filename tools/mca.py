#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loops without the hardware: the main loop of each kernel, as built, through llvm-mca.

Prints cycles for 64 bytes (stored, or loaded where nothing is stored) beside the least that the core's load and
store pipes allow. The loop is the innermost one with the most vector loads and stores. llvm-mca knows no caches, and
this LLVM's models of Neoverse N1, V1 and Apple's M1 are near relatives' (Cortex-A57, Cyclone): the limit is the
core's own, the cycles are the model's. Of cores with SVE it has a model for one alone, the A64FX, at its vectors of
512 bits, and that one lets stores go two a cycle: where its cycles lie below the limit, the limit is what holds.

A table of the print is an entry of TABLES: the instruction set that its loops are in, the cores, and the kernels.
"""

import argparse
import dataclasses
import os
import re
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Core:
    """Accesses of whole vectors a cycle at the most."""
    loads: float
    stores: float
    both: float                # loads and stores together
    either: bool = False       # a cycle has loads or stores, never both

    def limit(self, loads, stores):
        """Cycles."""
        if self.either:
            return loads / self.loads + stores / self.stores
        return max(loads / self.loads, stores / self.stores, (loads + stores) / self.both)


@dataclasses.dataclass(frozen=True)
class Isa:
    arch: str                  # folder of the build and of simd/
    objdump: str
    mca: tuple                 # options of llvm-mca besides the core
    vector_bytes: int          # of one access
    load: str                  # patterns at an instruction's start: group 1, where there is one, is "p": of a pair
    store: str
    branch: str                # a conditional one; group 1 is where to, in hexadecimal


@dataclasses.dataclass(frozen=True)
class Table:
    isa: Isa
    cores: dict                # llvm-mca's name: Core
    kernels: list              # (object without its endings, function)


ARM_BRANCH = r"(?:b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s*([0-9a-f]+) <"
NEON = Isa("aarch64", "aarch64-linux-gnu-objdump", ("-mtriple=aarch64",), 16,
           r"ld(?:u?r|n?(p))\s+q\d+", r"st(?:u?r|n?(p))\s+q\d+", ARM_BRANCH)
SVE = Isa("aarch64", "aarch64-linux-gnu-objdump", ("-mtriple=aarch64", "-mattr=+sve"), 64,
          r"ld(?:nt1|1|r)[bhwd]?\s+\{?z\d+", r"st(?:nt1|1|r)[bhwd]?\s+\{?z\d+", ARM_BRANCH)

# Arm Neoverse N1 and V1 Software Optimization Guides, sections 2.1 and "Load instructions", "Store instructions";
# Apple's Silicon CPU Optimization Guide, "Load and store units"; Fujitsu's A64FX Microarchitecture Manual, "First-level
# cache": two loads or one store of 64 bytes a cycle.
TABLES = [
    Table(NEON, {"neoverse-n1": Core(2, 1, 2), "neoverse-v1": Core(3, 2, 3), "apple-m1": Core(3, 2, 4)}, [
        ("copy_neon", "copy_move"), ("copy_neon", "copy_prefetch"), ("fill_neon", "fill_any"),
        ("scan_neon", "scan_compare"), ("scan_neon", "scan_find_byte"), ("scan_neon", "scan_is_zero_page"),
        ("sum_neon", "sum_u64"), ("sum_neon", "sum_f32"), ("sum_neon", "dot_f32"), ("sum_neon", "sum_popcount"),
        ("hash_neon", "hash_page"), ("lanes_neon", "lanes_add_u32"), ("lanes_neon", "lanes_mul_u32"),
        ("lanes_neon", "lanes_shl_u32"), ("lanes_neon", "lanes_fma_f32"),
    ]),
    Table(SVE, {"a64fx": Core(2, 1, 2, either=True)}, [
        ("copy_sve", "move"), ("copy_sve", "copy_prefetch"), ("fill_sve", "fill"), ("scan_sve", "compare"),
        ("scan_sve", "find_byte"), ("scan_sve", "is_zero_page"), ("lanes_sve", "lanes_add_u32"),
        ("lanes_sve", "lanes_mul_u32"), ("lanes_sve", "lanes_mul_u8"), ("lanes_sve", "lanes_shl_u32"),
        ("lanes_sve", "lanes_shl_u8"), ("lanes_sve", "lanes_fma_f32"),
    ]),
]


def lines_of(disassembly):
    """(address, instruction) of what objdump says."""
    found = re.findall(r"^\s*([0-9a-f]+):\s+(.*?)\s*(?://.*)?$", disassembly, re.MULTILINE)
    return [(int(address, 16), instruction) for address, instruction in found]


def function_lines(isa, obj, name):
    command = [isa.objdump, "-d", "--no-show-raw-insn", f"--disassemble={name}", obj]
    return lines_of(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def accesses(isa, instructions):
    """Vectors loaded, vectors stored."""
    def count(pattern):
        found = filter(None, (re.match(pattern, instruction) for instruction in instructions))
        return sum(2 if match.groups() and match.group(1) else 1 for match in found)
    return count(isa.load), count(isa.store)


def main_loop(isa, lines):
    """Its instructions; None: there is none with vector loads or stores."""
    best, best_score = None, 0
    for index, (address, instruction) in enumerate(lines):
        match = re.match(isa.branch, instruction)
        if not match or int(match.group(1), 16) > address:
            continue
        start = int(match.group(1), 16)
        body = [text for at, text in lines[:index + 1] if at >= start]
        if any(text.startswith("ret") for text in body):
            continue  # a way back to a common end
        score = sum(accesses(isa, body)) / (1 + 0.01 * len(body))
        if score > best_score:
            best, best_score = body, score
    return best


def loop_of(isa, build, obj, function):
    path = os.path.join(build, isa.arch, "core", "simd", isa.arch, obj + ".c.o")
    # A compiler may have split the cold head of a function off its loops.
    for name in (function, function + ".part.0"):
        body = main_loop(isa, function_lines(isa, path, name))
        if body:
            return body
    raise SystemExit(f"mca: no loop with vector loads or stores in {function} of {path}")


def cycles(isa, core, body):
    """Cycles of one turn of the loop."""
    turns = 1000
    lines = [re.sub(r"[0-9a-f]+ <[^>]*>", ".Lloop", line) for line in body]
    source = ".Lloop:\n" + "\n".join(lines) + "\n"
    result = subprocess.run(["llvm-mca", *isa.mca, f"-mcpu={core}", f"-iterations={turns}"], input=source,
                            check=False, capture_output=True, text=True)
    match = re.search(r"Total Cycles:\s+(\d+)", result.stdout)
    if not match:
        raise SystemExit(f"mca: llvm-mca: {result.stderr[:500]}")
    return int(match.group(1)) / turns


def print_table(table, build):
    isa = table.isa
    print(f"{'cycles for 64 bytes (limit)':<30}" + "".join(f"{core:>20}" for core in table.cores))
    for obj, function in table.kernels:
        body = loop_of(isa, build, obj, function)
        loads, stores = accesses(isa, body)
        portion = (stores or loads) * isa.vector_bytes / 64
        columns = [f"{cycles(isa, name, body) / portion:.2f} ({core.limit(loads, stores) / portion:.2f})"
                   for name, core in table.cores.items()]
        print(f"{obj + '/' + function:<30}" + "".join(f"{column:>20}" for column in columns))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    for table in TABLES:
        print_table(table, options.build)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
