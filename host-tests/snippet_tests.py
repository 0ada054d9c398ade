# SPDX-License-Identifier: Apache-2.0
"""`anechoic snippet`: figures of what is written, words for what cannot be one, and what a wild one may not do."""

import json
import os
import platform
import re
import shlex
import tempfile

import machine as m
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, test
from hosted_tests import anechoic, is_sanitized

X86 = platform.machine() == "x86_64"
ADD = "add rax, rbx" if X86 else "add x2, x2, x3"
TWO = "add rax, rbx; imul rcx, rax" if X86 else "add x2, x2, x3; mul x4, x4, x2"
NOTHING = (0, m.EXIT_INCONCLUSIVE)   # where others work meanwhile there may be no figure


def snippet(*words):
    return anechoic("snippet", *words)


def one(instructions_x86, instructions_arm):
    return instructions_x86 if X86 else instructions_arm


@test("snippet/figures in a table, and in a file with all that was timed")
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "two.json")
        shown = snippet("--latency", "-o", path, "--init", one("mov rbx, 3", "mov x3, #3"), TWO)
        expect(shown.returncode in NOTHING and shown.stderr == "", f"{shown.returncode} {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    check_schema("snippet", found)
    expect_equal((found["instructions"], found["copies"], found["what"], found["status"]), (2, 1, "latency", "ok"),
                 "what was measured")
    expect_equal(found["source"], TWO, "as it was written")
    expect_equal(len(found["code"]), one(14, 16), f"its bytes: {found['code']}")
    loops = found["loops"]
    expect_equal(loops["long"]["unroll"], 2 * loops["short"]["unroll"], "twice as often")
    expect_equal(loops["long"]["turns"], loops["short"]["turns"], "as many turns")
    expect(found["room"]["switches"] is not None and found["room"]["word"] in shown.stdout, f"the room: {found}")
    if shown.returncode == 0:
        expect("an instruction" in shown.stdout and "a copy" in shown.stdout, shown.stdout)
        expect(found["cycles"]["lower_bound"] <= found["cycles"]["point"] <= found["cycles"]["upper_bound"], "interval")


@test("snippet/as JSON, with alternatives and how often")
def _():
    words = one("imul (rax|rcx|rdx|r8), rbx", "mul (x4|x5|x6|x7), x3, x3")
    shown = snippet("--throughput", "--unroll=10", "--format=json", "--seed=7", words)
    expect(shown.returncode in NOTHING, f"{shown.returncode} {shown.stderr}")
    found = json.loads(shown.stdout)
    check_schema("snippet", found)
    expect_equal((found["instructions"], found["copies"], found["seed"]), (4, 4, 7), "four copies in one")
    expect_equal((found["loops"]["short"]["unroll"], found["loops"]["long"]["unroll"]), (10, 20), "as said")


@test("snippet/what is no snippet is named, and nothing runs")
def _():
    refused = (
        (("",), "empty"), ((";",), "empty"), (("nop; bogus",), "'bogus': "), ((".incbin x",), "directives"),
        (("nop .include x",), "directives"), (('# 1 "x"',), "comments"), (("nop // x",), "comments"),
        ((one("jmp nowhere", "b nowhere"),), "refers to 'nowhere"), (("1:",), "no instruction"),
        ((one("inc r15", "add x28, x28, #1"),), "counts the loop"), (("--init=bogus", "nop"), "--init: 'bogus'"),
        (("nop; " * 900,), "4096"), (("; ".join([".8byte 1, 2, 3, 4, 5, 6, 7, 8"] * 20),), "1024"),
        (("--unroll=0", "nop"), "--unroll"), (("--latency", one("imul (rax|rcx), 3", "neg (x2|x3), x4")), "alternat"),
        (("--unroll=1000", "; ".join([".8byte 1, 2, 3, 4, 5, 6, 7, 8"] * 15)), "too long"),
        (("--latency", "--throughput", "nop"), "one of them"), (("--format=xml", "nop"), "xml"),
        (("--image=vax", "nop"), "vax"), (("nop", "nop"), "nop"), ((), "usage"),
    )
    for words, why in refused:
        shown = snippet(*words)
        expect_equal(shown.returncode, m.EXIT_USAGE, f"exit status of {words}: {shown.stdout}{shown.stderr}")
        expect(why in shown.stderr and shown.stdout == "", f"{words}: {why} in {shown.stderr}")


@test("snippet/one that crashes is a word with signal, address and instruction")
def _():
    wild = [
        (one("nop; ud2", "nop; udf #0"), "SIGILL", one("byte 1: ud2", "byte 4: udf")),
        (one("mov rax, [rbx+0x40]", "ldr x2, [x3, #0x40]"), "SIGSEGV at 0x40", one("mov    rax", "ldr")),
        (one("mov eax, 39; syscall", "mov x8, #172; svc #0"), "SIGSYS", "asks nothing of the system"),
        (one("1: push rax; jmp 1b", "1: str x2, [sp, #-16]!; b 1b"), "SIGSEGV", one("push", "str")),
    ]
    if X86:
        wild += [("div rcx", "SIGFPE", "div"), ("rdmsr", "SIGSEGV", "only a kernel may"), ("int3", "SIGTRAP", "break"),
                 ("mov [rip], rax", "SIGSEGV", "mov"),  # its own code cannot be written
                 ("xor eax, eax; mov rsp, rax; push rax", "SIGSEGV", "push")]
    for written, name, word in wild:
        if is_sanitized() and name == "SIGTRAP":
            continue
        shown = snippet(written)
        expect_equal(shown.returncode, m.EXIT_BROKEN, f"exit status of {written}: {shown.stdout}{shown.stderr}")
        expect(name in shown.stdout and word in shown.stdout, f"{written}: {name}, {word} in {shown.stdout}")
    shown = snippet("--init", one("ud2", "udf #0"), "--format=json", "nop")
    found = json.loads(shown.stdout)
    check_schema("snippet", found)
    expect_equal((found["status"], found["fault"]["part"], found["fault"]["offset"]), ("failed", "init", 0), "where")


@test("snippet/one that never ends is ended, where it was")
def _():
    shown = snippet("--timeout=1", one("1: jmp 1b", "1: b 1b"))
    expect_equal(shown.returncode, m.EXIT_BROKEN, f"exit status: {shown.stdout}{shown.stderr}")
    expect("hung" in shown.stdout and "in the snippet" in shown.stdout, shown.stdout)


@test("snippet/one that writes into the pipe itself is not believed")
def _():
    forged = one("mov eax, 1; mov edi, 3; mov rsi, rsp; mov edx, 4096; syscall",
                 "mov x8, #64; mov x0, #3; mov x1, sp; mov x2, #4096; svc #0")
    shown = snippet(forged)
    expect_equal(shown.returncode, m.EXIT_BROKEN, f"exit status: {shown.stdout}{shown.stderr}")
    ended = snippet(one("mov eax, 231; syscall", "mov x8, #94; svc #0"))
    expect_equal(ended.returncode, m.EXIT_BROKEN, f"exit status: {ended.stdout}{ended.stderr}")
    expect("without a word" in ended.stdout and "without a word" in shown.stdout, ended.stdout + shown.stdout)


@test("snippet/words for the image, of either architecture")
def _():
    for arch, written, digits in (("x86_64", "add rax, rbx", "4801d8"), ("aarch64", "add x2, x2, x3", "4200038b")):
        shown = snippet(f"--image={arch}", "--latency", "--unroll=5", "--init", "nop", written)
        expect_equal((shown.returncode, shown.stderr), (0, ""), "exit status")
        expect(shown.stdout.startswith(f"snippet --code={digits} --init-code="), shown.stdout)
        expect(shown.stdout.endswith(" --instructions=1 --copies=1 --seed=1 --unroll=5 --latency\n"), shown.stdout)
    shown = snippet("--image=x86_64", "; ".join([".8byte 1, 2, 3, 4, 5, 6, 7, 8"] * 13))
    expect(shown.returncode == m.EXIT_USAGE and "has room for" in shown.stderr, shown.stderr)


@test("snippet/what the documentation writes can be measured")
def _():
    if not X86:
        raise Skipped("it is written for x86_64")
    with open(os.path.join(m.ROOT, "docs", "snippets.md"), encoding="utf-8") as file:
        commands = re.findall(r"`anechoic (snippet [^`]+)`", file.read())
    expect(len(commands) > 4, f"{commands}")
    for command in commands:
        shown = anechoic(*shlex.split(command))
        expect(shown.returncode in NOTHING, f"{command}: {shown.returncode} {shown.stdout}{shown.stderr}")
