# SPDX-License-Identifier: Apache-2.0
"""`anechoic snippet`: figures of what is written, words for what cannot be one, and what a wild one may not do."""

import contextlib
import json
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

import hosted_tests
import machine as m
import snippet_check
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import anechoic, is_sanitized
from image_tests import ARM, BUILD, boot, expect_done, machine, pvh, tail

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
        ((one("jmp nowhere", "b nowhere"),), "refers to 'nowhere"), (("nop; 1: .8byte 1b",), "where its labels"),
        (("1:",), "no instruction"),
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
        (one("mov eax, 39; syscall", "mov x8, #172; svc #0"), "SIGSYS", one("byte 5: syscall", "byte 4: svc")),
        (one("1: push rax; jmp 1b", "1: str x2, [sp, #-16]!; b 1b"), "SIGSEGV", one("push", "str")),
    ]
    if X86:
        wild += [("div rcx", "SIGFPE", "div"), ("rdmsr", "SIGSEGV", "only a kernel may"), ("int3", "SIGTRAP", "break"),
                 ("mov [rip], rax", "SIGSEGV", "mov"),  # its own code cannot be written
                 ("xor eax, eax; mov rsp, rax; push rax", "SIGSEGV", "push"),
                 ("nop; int3; nop", "SIGTRAP", "byte 1: int3"),
                 # calls by the other ways into the kernel: those of 32 bits, of x32, and the page of old ones
                 ("mov eax, 4; mov ebx, 3; int 0x80", "SIG", "int    0x80"),   # SIGSEGV where Linux has no such way
                 ("mov eax, 0x40000001; mov edi, 3; syscall", "SIGSYS", "byte 10: syscall"),
                 ("mov rax, 0xffffffffff600000; call rax", "SIG", ""),   # a call, or no such page
                 ("pushf; or dword ptr [rsp], 0x40000; popf; mov rax, [r14+1]", "SIGBUS", "byte 9: mov"),
                 ("pushf; or dword ptr [rsp], 0x100; popf", "SIGTRAP", "single step"),
                 ("fninit; push 0; fldcw [rsp]; pop rax; fldz; fldz; fdivp; fwait", "SIGFPE", "not masked")]
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


@test("snippet/what it leaves in registers and flags does not reach who measures it")
def _():
    if not X86:
        raise Skipped("x86_64's flags and bases")
    for written in ("std", "pushf; or dword ptr [rsp], 0x40000; popf", "fldz", "vaddps ymm0, ymm0, ymm1",
                    "push 0; fldcw [rsp]; pop rax", "push 0; ldmxcsr [rsp]; pop rax"):
        shown = snippet(written)
        expect(shown.returncode in NOTHING, f"{written}: {shown.returncode} {shown.stdout}{shown.stderr}")
    if is_sanitized():
        return   # the sanitizer's own run-time looks at its thread's memory
    for base in ("wrfsbase rax", "wrgsbase rax", "rdfsbase rbx; mov fs, eax; wrfsbase rax"):
        shown = snippet(base)
        word = "SIGILL" if shown.returncode == m.EXIT_BROKEN else ""   # the processor has no such instruction
        expect(shown.returncode in (*NOTHING, m.EXIT_BROKEN) and word in shown.stdout, f"{base}: {shown.stdout}")


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
    for written, digits in (("mov rax, fs:[0]; mov gs:[rbx], al", "64488b042500000000658803"),
                            ("1: lea rax, [rip+1b]", "488d05f9ffffff"), ("{vex3} vpand xmm0, xmm1, xmm2", "c4e171dbc2"),
                            ("vaddpd zmm0{k1}{z}, zmm1, qword ptr [rsi]{1to8}", "62f1f5d95806")):
        expect(f"--code={digits} " in snippet("--image=x86_64", written).stdout, written)
    shown = snippet("--image=x86_64", "; ".join([".8byte 1, 2, 3, 4, 5, 6, 7, 8"] * 13))
    expect(shown.returncode == m.EXIT_USAGE and "has room for" in shown.stderr, shown.stderr)


@test("snippet/is assembled under limits that are tighter than its own, in a folder of any name")
def _():
    if is_sanitized():
        raise Skipped("the address sanitizer needs more memory")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "-t a"))
        shown = subprocess.run(["sh", "-c", 'ulimit -v 1000000; ulimit -f 4000; exec "$0" snippet --image=x86_64 nop',
                                os.path.abspath(hosted_tests.PROGRAM)], check=False, capture_output=True, text=True,
                               cwd=folder, env={**os.environ, "TMPDIR": "-t a"}, timeout=limit(60))
        expect(shown.stdout.startswith("snippet --code=90") and shown.stderr == "", f"{shown.stdout}{shown.stderr}")
        expect_equal(os.listdir(os.path.join(folder, "-t a")), [], "what is left in it")


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


@test("snippet/somebody who wants it to end is heard, and nothing of it is left")
def _():
    process = subprocess.Popen([hosted_tests.PROGRAM, "snippet", "--timeout=100", one("1: jmp 1b", "1: b 1b")],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        child = await_child(process.pid)
        process.send_signal(signal.SIGTERM)   # of the snippet's process nobody knows
        out, err = process.communicate(timeout=limit(60))
    finally:
        process.kill()
    expect_equal((process.returncode, out, err), (128 + signal.SIGTERM, "", ""), "its end")
    expect(not os.path.exists(f"/proc/{child}"), "its process is gone")


def await_child(pid):
    """The snippet's process: what runs in it is confined."""
    end = time.monotonic() + limit(60)
    while time.monotonic() < end:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            for child in file.read().split():
                with contextlib.suppress(OSError), open(f"/proc/{child}/status", encoding="utf-8") as status:
                    if "\nSeccomp:\t2\n" in status.read():
                        return int(child)
        time.sleep(0.01)
    raise Skipped("no confined process was seen")


@test("snippet/make run names what does not assemble, and boots nothing")
def _():
    shown = subprocess.run([os.path.join(m.ROOT, "tools", "run.py"), "--arguments=snippet 'nop; bogus'"], check=False,
                           capture_output=True, text=True, timeout=limit(60))
    expect_equal((shown.returncode, shown.stdout), (m.EXIT_USAGE, ""), f"status: {shown.stderr}")
    expect(shown.stderr.startswith("run: snippet: 'bogus': "), shown.stderr)


# ---- against a model -------------------------------------------------------------------------------------------------

OWN = snippet_check.Model("znver9", "99", ["Zen 9"])


def judged(core, model, *rows):
    """Of 40 rows, all of one cycle, but for the last ones: (cycles, interval's width)."""
    figures = [*[(1.0, 0.0)] * (40 - len(rows)), *rows]
    return snippet_check.judged([snippet_check.Row("vpand ymm0, ymm0, ymm1", 1, point, point - wide / 2,
                                                   point + wide / 2, "quiet") for point, wide in figures], core, model)


@test("snippet/of the 40 36 are to agree, and the others to be what a source has of that core")
def _():
    for core, rows, status, word in (
            ("Zen 5", [], 0, "40 of 40"), ("Zen 5", [(1.09, 0.1)] * 40, 0, "met"),
            ("Zen 5", [(2.0, 0.1)] * 4, 0, "4 as sources have Zen 5"), ("Zen 5", [(2.0, 0.1)] * 5, 1, "MISSED"),
            ("Zen 5", [(3.0, 0.1)], 1, "1 without a source"), ("Zen 4", [(2.0, 0.1)], 1, "1 without a source"),
            ("Zen 5", [(1.0, 0.3)], 3, "1 too loud"), ("Zen 5", [(1.0, 0.3)] * 5, 3, "open"),
            ("Zen 5", [(1.0, 0.3), *[(2.0, 0.1)] * 4], 3, "open")):
        lines, ended = judged(core, OWN, *rows)
        expect(ended == status and word in "\n".join(lines), f"{core}, {rows}: {status}, {word}: {ended} {lines}")
    expect("no model of this core" in judged("Zen 5", OWN)[0][0], "another core's model")
    expect("no model of this core" not in judged("Zen 9", OWN)[0][0], "its own")


@test("snippet/whose a model is its units say")
def _():
    for unit, core in (("[0]   - Zn4AGU0", "Zen 4"), ("[0]   - ZnAGU0", "Zen"), ("[0.0] - V2UnitB", "Neoverse V2"),
                       ("[0]   - A57UnitB", "Cortex-A57"), ("[0]   - Unheard", "another core"), ("", "another core")):
        expect_equal(snippet_check.cores_of(f"Resources:\n{unit}\n")[0], core, unit)


@test("snippet/the 40 of either architecture are assembled, and models know them")
def _():
    for arch, snippets in snippet_check.SNIPPETS.items():
        expect_equal(len({snippet for snippet, _ in snippets}), 40, arch)
        image_words(arch, "--unroll=1", "; ".join(snippet for snippet, _ in snippets))
        inits = "; ".join(init for _, init in snippets if init)
        image_words(arch, "--init", inits, "nop")
    mca = next((name for name in snippet_check.MCA if shutil.which(name)), None)
    if mca is None:
        raise Skipped("no llvm-mca here")
    for arch, model in (("x86_64", "skylake"), ("aarch64", "neoverse-n1")):
        joined = ";".join(snippet for snippet, _ in snippet_check.SNIPPETS[arch])
        expect(snippet_check.modelled(joined, mca, arch, model) >= 40, f"{model}: a cycle each at the least")


# ---- in the image ----------------------------------------------------------------------------------------------------

PATIENT = "--timeout=100"   # a busy machine hangs nothing


def image_words(arch, *words):
    """What `make run` hands over."""
    shown = anechoic("snippet", *words, f"--image={arch}")
    expect_equal((shown.returncode, shown.stderr), (0, ""), f"{words}")
    return shown.stdout.strip()


def found_in(outcome):
    """The SNIPPET record, as `collect` makes a file of it."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        with open(log, "wb") as file:
            file.write(outcome.console)
        collected = anechoic("collect", log, "-o", "-")
    found = json.loads(collected.stdout)
    check_schema("snippet", found)
    wanted = 0 if found["status"] == "ok" else m.EXIT_BROKEN
    expect_equal(collected.returncode, wanted, f"exit status of collect: {collected.stderr}")
    return found


def expect_fault(outcome, status, name):
    expect_done(outcome, m.EXIT_BROKEN)
    found = found_in(outcome)
    expect_equal(found["status"], status, f"{found}\n{tail(outcome)}")
    expect(re.search(name, found["fault"]["name"]), f"{name}: {found['fault']}")
    expect_equal((found["fault"]["part"], "fault" in found), ("code", True), f"where: {found['fault']}")


@test("snippet/image x86_64: bytes are measured, and are a record")
def _():
    outcome = boot(pvh(arguments=f"{image_words('x86_64', '--latency', 'add rax, rbx; imul rcx, rax')} {PATIENT}"))
    expect(outcome.done()["status"] in NOTHING, tail(outcome))
    found = found_in(outcome)
    expect_equal((found["code"], found["instructions"], found["what"]), ("4801d8480fafc8", 2, "latency"), "as it came")
    expect(found["machine"]["way"] == "pvh" and found["room"]["word"], f"{found['machine']}, {found['room']}")


@test("snippet/image x86_64: one that writes past its memory is a fault in its record")
def _():
    words = image_words("x86_64", "mov rdi, rsp; mov ecx, -1; rep stosb")
    expect_fault(boot(pvh(arguments=f"{words} {PATIENT}")), "failed", "#PF write")


@test("snippet/image x86_64: wild ones are contained: no instruction, no end, no privilege", system=True, seconds=10)
def _():
    for written, status, name, timeout in (("nop; ud2", "failed", "#UD", PATIENT),
                                           ("1: jmp 1b", "hung", "time-out", "--timeout=0.5"),
                                           ("mov cr3, rax", "failed", "#GP", PATIENT),
                                           ("hlt", "failed", "#GP", PATIENT),
                                           ("in al, 0x60", "failed", "#GP", PATIENT),
                                           ("int 0x80", "failed", "#(GP|UD)", PATIENT),
                                           ("push 0; ldmxcsr [rsp]; divsd xmm0, xmm0", "failed", "#XM", PATIENT),
                                           ("1: push rax; jmp 1b", "failed", "#PF write", PATIENT),
                                           ("lea rax, [rip]; mov [rax], eax", "failed", "#PF write", PATIENT)):
        expect_fault(boot(pvh(arguments=f"{image_words('x86_64', written)} {timeout}")), status, name)


@test("snippet/image x86_64: one that writes over the runner takes the run with it, and says so", system=True)
def _():
    symbols = subprocess.run(["nm", os.path.join(BUILD, "x86_64", "program.elf")], check=True, capture_output=True,
                             text=True).stdout
    end = int(re.search(r"^(\w+) B __bss_end$", symbols, re.MULTILINE)[1], 16)
    words = image_words("x86_64", f"mov rdi, {end - 0x8000:#x}; mov ecx, -1; mov al, -1; rep stosb")
    outcome = boot(pvh(arguments=f"{words} {PATIENT}"))
    expect(outcome.status() == m.EXIT_BROKEN, f"{outcome.status()}: {tail(outcome)}")


@test("snippet/image x86_64: words that are none are refused by name", system=True)
def _():
    for words, why in (("snippet --code=4g", "--code '4g'"), ("snippet", "needs --code"), ("snippet nop", "'nop'"),
                       ("snippet --code=90 --instructions=0", "--instructions '0'"),
                       ("snippet --code=90 --quick", "takes no '--quick'"),
                       ("run --code=90", "an option of `snippet`")):
        outcome = boot(pvh(arguments=words))
        expect_done(outcome, m.EXIT_USAGE)
        expect(why in outcome.text(), f"{words}: {why}\n{tail(outcome)}")


@test("snippet/image aarch64: bytes are measured, and are a record")
def _():
    words = image_words("aarch64", "--init", "mov x3, #1", "add x2, x2, x3; ldr x4, [x27]; str x4, [x0]; ldr x5, [x1]")
    outcome = boot(machine(arguments=f"{words} {PATIENT}", **ARM))
    expect(outcome.done()["status"] in NOTHING, tail(outcome))
    found = found_in(outcome)
    expect_equal((found["instructions"], found["status"], found["machine"]["architecture"]), (4, "ok", "aarch64"), "it")


@test("snippet/image aarch64: a wild one is a fault in its record", system=True, seconds=10)
def _():
    for written, name in (("nop; udf #0", "undefined"), ("str x2, [x3]", "write translation fault"),
                          ("svc #0", "^SVC$"), ("hvc #0", "undefined"), ("msr daifset, #2", "system register"),
                          ("1: str x2, [sp, #-16]!; b 1b", "write translation fault")):
        expect_fault(boot(machine(arguments=f"{image_words('aarch64', written)} {PATIENT}", **ARM)), "failed", name)


# ---- aarch64 on Linux ------------------------------------------------------------------------------------------------


@test("snippet/aarch64: assembled and run under QEMU, which does not confine, and that is said")
def _():
    if not X86:
        raise Skipped("this machine is one")
    built = os.path.join(BUILD, "aarch64", "anechoic")
    if is_sanitized() or not os.path.exists(built):
        raise Skipped("needs make hosted ARCH=aarch64")
    emulated = ["qemu-aarch64-static", "-cpu", "max", "-L", "/usr/aarch64-linux-gnu", built, "snippet"]

    def run(*words):
        return subprocess.run([*emulated, *words], check=False, capture_output=True, text=True, timeout=limit(60))
    shown = run("add x2, x2, x3")
    expect(shown.returncode == m.EXIT_BROKEN and "--unconfined" in shown.stdout, shown.stdout + shown.stderr)
    shown = run("--unconfined", "--format=json", "add x2, x2, x3; ldr x4, [x27]")
    expect(shown.returncode in NOTHING, shown.stdout + shown.stderr)
    check_schema("snippet", json.loads(shown.stdout))
    snippets = snippet_check.SNIPPETS["aarch64"]
    shown = run("--unconfined", "--unroll=1", "; ".join(f"{init}; {snippet}".strip("; ") for snippet, init in snippets))
    expect(shown.returncode in NOTHING, f"the 40 of snippet-check: {shown.stdout}{shown.stderr}")
    shown = run("--unconfined", "nop; udf #0")
    expect(shown.returncode == m.EXIT_BROKEN and "byte 4: udf" in shown.stdout, shown.stdout + shown.stderr)
