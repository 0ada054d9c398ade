# SPDX-License-Identifier: Apache-2.0
"""What a kernel asks of a CPU (simd/<arch>/variants.c) against what it executes: its instructions, and those of all
that it calls, are taken out of a linked programme and assembled again by an assembler that knows the gate's features
and no others. Any error is a kernel that would fault on some CPU. And a feature without which they assemble is one that
the gate should not ask for.

LLVM's assembler refuses what a feature lacks on aarch64 alone; on x86_64 it takes everything, GNU's does not."""

import bisect
import os
import re
import subprocess
import tempfile

import machine as m
from build_tests import command, expect_success
from harness import Skipped, expect, limit, test

# Of the names in simd/features.c, those that the assemblers spell otherwise; what every CPU of the
# architecture has is theirs anyway.
GNU_NAMES = {"sse4_2": "sse4.2", "pclmulqdq": "pclmul", "bmi1": "bmi", "avx512_vbmi": "avx512vbmi"}
LLVM_NAMES = {"crc32": "crc", "pmull": "aes"}
# What only says how quick instructions are that every CPU has.
PROMISES = {"erms"}
BASE = {"x86_64": {"sse2"}, "aarch64": {"asimd"}}

# Families that lie in one file with another: the compiler may use for one what the other is compiled for.
SHARES_FILE = {"fma": "lanes", "lanes": "fma", "crc32c, VPCLMULQDQ": "crc32c, GFNI"}

# Feature: another with the same instructions in an encoding of its own, which the text does not tell.
SAME_TEXT = {"fma": "avx512f", "pclmulqdq": "vpclmulqdq"}


def gates(arch, program):
    """[(name, family, set of features, distances of functions from simd_variants)]"""
    run = [f"qemu-{arch}-static", "-cpu", "max", program] if arch == "aarch64" else [program]
    result = command(*run, "gates")
    expect_success(result, f"{program} gates")
    rows = re.findall(r"^gate ([^,]+), (.+): (\S+)((?: [0-9a-f]+)+)$", result.stdout, re.MULTILINE)
    expect(len(rows) == len(result.stdout.splitlines()) and len(rows) > 30, f"{len(rows)} gates:\n{result.stdout}")
    return [(name, family, set(features.split(",")) - {"-"}, [int(at, 16) for at in functions.split()])
            for name, family, features, functions in rows]


class Code:
    """A linked programme's functions: address -> (instructions, addresses of other functions that it goes to)."""

    def __init__(self, arch, program):
        comment = {"x86_64": r"\s*#.*", "aarch64": r"\s*//.*"}[arch]
        objdump = {"x86_64": ["objdump"], "aarch64": ["llvm-objdump", "--mattr=+sve,+crc,+aes"]}[arch]
        text = subprocess.run([*objdump, "-d", "--no-show-raw-insn", "-j", ".text", program], check=True,
                              capture_output=True, text=True, timeout=limit(120)).stdout
        self.functions, jumps, self.variants = {}, [], None
        for line in text.splitlines():
            if match := re.match(r"([0-9a-f]+) <[^>]+>:$", line):
                here = int(match.group(1), 16)
                self.functions[here] = ([], set())
            elif match := re.match(r"\s+[0-9a-f]+:\s+(\S.*)", line):
                # Segment prefixes are an assembler's padding before a jump.
                instruction = re.sub(comment, "", re.sub(r"^(?:cs )+", "", match.group(1))).strip()
                if target := re.search(r"(?:\b0x)?([0-9a-f]+) <", instruction):
                    jumps.append((here, int(target.group(1), 16)))
                self.functions[here][0].append(instruction)
        starts = sorted(self.functions)
        for here, target in jumps:
            place = bisect.bisect(starts, target) - 1
            if place >= 0:
                self.functions[here][1].add(starts[place])
        symbols = subprocess.run(["nm", program], check=True, capture_output=True, text=True, timeout=limit(60)).stdout
        self.variants = int(re.search(r"^([0-9a-f]+) . simd_variants$", symbols, re.MULTILINE).group(1), 16)

    def instructions(self, distances):
        """Of these functions and all that they call, each once; but for jumps, calls and
        padding, which need nothing."""
        seen, left = set(), [(self.variants + distance) % 2**64 for distance in distances]
        while left:
            address = left.pop()
            expect(address in self.functions, f"no function begins at {address:#x}")
            if address not in seen:
                seen.add(address)
                left.extend(self.functions[address][1])
        found = {instruction for address in seen for instruction in self.functions[address][0]}
        return sorted(instruction for instruction in found if not re.search(r"<|\bnop|xchg +%ax,%ax", instruction))


def refused(arch, instructions, features, without=None):
    """What the assembler does not know that knows these features, without one and those that come with it."""
    with tempfile.NamedTemporaryFile("w", suffix=".s") as source:
        # F3 0F BC, which disassemblers call TZCNT, is BSF where there is no BMI1; compilers emit it
        # where both give the same.
        lines = [re.sub(r"^tzcnt", "bsf", line) if arch == "x86_64" and "bmi1" not in features else line
                 for line in instructions]
        source.write("\n".join(lines) + "\n")
        source.flush()
        if arch == "x86_64":
            names = sorted(features - BASE[arch] - PROMISES)
            march = "generic64" + "".join(f"+{GNU_NAMES.get(name, name)}" for name in names)
            march += f"+no{GNU_NAMES.get(without, without)}" if without else ""
            words = ["as", f"-march={march}", "-o", "/dev/null", source.name]
        else:
            names = [f"+{LLVM_NAMES.get(name, name)}" for name in sorted(features - {without})]
            words = ["llvm-mc", "-triple=aarch64", f"-mattr={','.join(names)}", "-filetype=obj", "-o", "/dev/null",
                     source.name]
        result = subprocess.run(words, check=False, capture_output=True, text=True, timeout=limit(120))
        expect("Fatal error" not in result.stderr, result.stderr)
        numbers = {int(number) for number in re.findall(r":(\d+):(?:\d+:)? [Ee]rror", result.stderr)}
        expect(bool(numbers) == (result.returncode != 0), result.stderr)
        return [lines[number - 1] for number in sorted(numbers)]


def check(arch, toolchain="gcc", build="build"):
    target = f"{build}/{arch}/simd-check"
    expect_success(command("make", "-s", f"ARCH={arch}", f"TOOLCHAIN={toolchain}", f"BUILD={build}", target), target)
    check_program(arch, os.path.join(m.ROOT, target), toolchain)


def check_program(arch, program, toolchain):
    rows, code = gates(arch, program), Code(arch, program)
    executed = {}
    for name, family, _, functions in rows:
        executed.setdefault((name, family), set()).update(code.instructions(functions))
    wrong = []
    for name, family, features, _ in rows:
        own = sorted(executed[name, family])
        if bad := refused(arch, own, features):
            wrong.append(f"{name}, {family} asks for {', '.join(sorted(features)) or 'nothing'}, and executes "
                         f"{'; '.join(bad[:4])}")
        if toolchain != "gcc":
            continue    # of what a file is compiled for, one compiler may have more use than another
        both = sorted(executed[name, family] | executed.get((name, SHARES_FILE.get(family)), set()))
        for feature in sorted(features - BASE[arch] - PROMISES):
            if SAME_TEXT.get(feature) not in features and not refused(arch, both, features, without=feature):
                wrong.append(f"{name}, {family} asks for {feature}, and executes nothing of it")
    expect(not wrong, "\n" + "\n".join(wrong))


@test("isa/x86_64's kernels ask a CPU for what they execute, no less and no more")
def _():
    if command("uname", "-m").stdout.strip() != "x86_64":
        raise Skipped("wants an assembler for x86_64")
    check("x86_64")


@test("isa/aarch64's kernels ask a CPU for what they execute, no less and no more")
def _():
    check("aarch64")


@test("isa/kernels that clang compiled ask a CPU for what they execute", system=True, seconds=40)
def _():
    if command("uname", "-m").stdout.strip() == "x86_64":
        check("x86_64", "clang", "build/clang")
    check("aarch64", "clang", "build/clang")


@test("isa/the assemblers refuse what a CPU lacks")
def _():
    for arch, instruction, needs in (("x86_64", "vpmultishiftqb %ymm0,%ymm1,%ymm2", {"avx512vl", "avx512_vbmi"}),
                                     ("x86_64", "crc32q %rax,%rbx", {"sse4_2"}),
                                     ("x86_64", "pclmulqdq $0,%xmm1,%xmm2", {"pclmulqdq"}),
                                     ("aarch64", "crc32cx w0, w0, x1", {"crc32"}),
                                     ("aarch64", "pmull v0.1q, v1.1d, v2.1d", {"pmull"}),
                                     ("aarch64", "ld1b { z0.b }, p0/z, [x0]", {"sve"})):
        expect(refused(arch, [instruction], needs) == [], f"{instruction} with {needs}")
        for feature in needs:
            expect(refused(arch, [instruction], needs - {feature}) == [instruction], f"{instruction} without {feature}")
