# SPDX-License-Identifier: Apache-2.0
"""`anechoic apply`: a program does what it does without, and how it ends is its own."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile

import machine as m
import record_cost
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import PROGRAM

SOURCE = os.path.join(m.ROOT, "host-tests", "apply_program.c")
FLAGS = ["-O1", "-fno-builtin", "-D_GNU_SOURCE", "-pthread"]
OFF = "off"

# Every method by name, in bands of its own: those that this machine lacks leave the built-in choice.
METHODS = ("scalar", "sse2", "avx2", "avx512", "evex", "erms", "neon", "sve")
BANDS = ":".join(f"{method}<{64 << 2 * i}" for i, method in enumerate(METHODS[:-1])) + f":{METHODS[-1]}"


# Of what is kept: the line that says of what machine and build it is. Measured once for all tests.
KEYS = []


class Applied:
    """Runs the program of apply_program.c, built with `flags`, and others, in a folder of its own."""

    def __init__(self, directory, *flags, compiler="cc"):
        self.directory = directory
        self.program = os.path.join(directory, "program")
        self.kept = os.path.join(directory, "home", "applied")
        subprocess.run([compiler, *FLAGS, "-o", self.program, SOURCE, *flags], check=True, timeout=limit(60))
        self.keep("copy=-")

    def run(self, *words, options=(), env=None, **more):
        return run_in(self.directory, [PROGRAM, "apply", *options, "--", *words],
                      {"ANECHOIC_HOME": os.path.join(self.directory, "home"), **(env or {})}, **more)

    def keep(self, setting):
        """What apply has measured, as far as it knows: "copy=-" serves every size, whatever is quicker here."""
        if not KEYS:
            expect_equal(self.run("/bin/true").returncode, 0, "apply")
            with open(self.kept, encoding="ascii") as file:
                KEYS.append(file.read().splitlines()[0])
        os.makedirs(os.path.dirname(self.kept), exist_ok=True)
        with open(self.kept, "w", encoding="ascii") as file:
            file.write(f"{KEYS[0]}\n{setting}\n")

    def variables(self, *options):
        """Those that a program is given."""
        result = self.run("/bin/sh", "-c", 'echo "$ANECHOIC_APPLY"; echo "$LD_PRELOAD"', options=options)
        expect_equal((result.returncode, result.stderr), (0, ""), f"{options}")
        return dict(zip(("ANECHOIC_APPLY", "LD_PRELOAD"), result.stdout.splitlines()))

    def told(self, *options, env=None):
        """What --dry-run says, and the variables that it names."""
        result = self.run(self.program, options=["--dry-run", *options], env=env)
        expect_equal((result.returncode, result.stderr), (0, ""), "a dry run")
        words = result.stdout.splitlines()[-1].split()
        return result.stdout, {name: value.strip("'") for name, value in
                               (word.split("=", 1) for word in words if word.startswith(("ANECHOIC", "LD_")))}


def run_in(directory, words, env, **more):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANECHOIC", "LD_"))}
    return subprocess.run(words, check=False, capture_output=True, timeout=limit(60), cwd=directory,
                          **{"text": True, "stdin": subprocess.DEVNULL, **more}, env={**environment, **env})


def with_program(function, *flags, **more):
    with tempfile.TemporaryDirectory() as directory:
        function(Applied(directory, *flags, **more))


@test("apply/every call does what it does without, with every method of this machine")
def _():
    def check(applied):
        library = applied.run(applied.program, "whose").stdout.split()
        expect("kernels" in library[0] and "libc" in library[1], f"whose memcpy and malloc: {library}")
        expect_equal(applied.run(applied.program, "memory").stdout, "good\n", "as chosen here")
        variables = applied.variables()
        for setting in (f"copy={BANDS},fill={BANDS},zero={BANDS},compare={BANDS},find_byte={BANDS},"
                        "copy_stream=9000,zero_stream=9000", "", OFF, "copy=,,=:::<<,fill=\x01\xff<7:<", "copy=avx2<0",
                        "copy_stream=99999999999999999999", "copy_sizes=-,zero_sizes=100-50,fill_sizes=300-9000"):
            result = run_in(applied.directory, [applied.program, "memory"], {**variables, "ANECHOIC_APPLY": setting})
            expect_equal((result.returncode, result.stdout, result.stderr), (0, "good\n", ""), f"setting {setting!r}")
    with_program(check)


@test("apply/status, signals, streams and what is left open are the program's own")
def _():
    def check(applied):
        for status in (0, 7, 255):
            expect_equal(applied.run(applied.program, "status", str(status)).returncode, status, "exit status")
        for number in (signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT):
            expect_equal(applied.run(applied.program, "signal", str(int(number))).returncode, -number, "signal")
        overflown = applied.run(applied.program, "overflow")
        expect_equal(overflown.returncode, -signal.SIGABRT, "more than there is room for")
        expect("buffer overflow detected" in overflown.stderr, overflown.stderr)
        expect_equal(applied.run(applied.program, "forks").stdout, "4950\n", "a hundred children")
        expect_equal(applied.run(applied.program, "close").stdout, "good\n", "all files closed")
        script = "cat; echo error >&2; ls /proc/self/fd | wc -l; echo $PPID"
        both = [run(["/bin/sh", "-c", script]) for run in (
            lambda words: applied.run(*words, input="text\n", stdin=None),
            lambda words: run_in(applied.directory, words, {}, input="text\n", stdin=None))]
        expect_equal(both[0].stdout, both[1].stdout, "its streams, and its parent")
        expect_equal(both[0].stderr, "error\n", "nothing is said")
    with_program(check)


@test("apply/what cannot be served is refused by name, and ANECHOIC_APPLY=off serves nothing")
def _():
    def check_static(applied):
        refused = applied.run(applied.program)
        expect(refused.returncode == 2 and f"{applied.program} is linked statically" in refused.stderr, refused.stderr)
    with_program(check_static, "-static")

    def check(applied):
        heap = os.path.join(applied.directory, "heap.so")
        source = os.path.join(applied.directory, "heap.c")
        with open(source, "w", encoding="ascii") as file:
            file.write("#include <stddef.h>\nvoid *malloc(size_t n) { (void)n; return NULL; }\n")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", heap, source], check=True, timeout=limit(60))
        for command in ("apply", "record"):
            for preloaded, said in ((f"/nowhere {heap}", heap), ("libjemalloc.so.2", "libjemalloc.so.2 is preloaded")):
                refused = run_in(applied.directory, [PROGRAM, command, "--", applied.program],
                                 {"LD_PRELOAD": preloaded, "ANECHOIC_HOME": applied.directory})
                expect(refused.returncode == 2 and said in refused.stderr and "own" in refused.stderr, refused.stderr)
        for words, status in ((["/nonexistent"], 127), ([applied.directory], 126), (["/etc/passwd"], 126)):
            refused = applied.run(*words)
            expect(refused.returncode == status and words[0] in refused.stderr, f"{words}: {refused.stderr}")
        home = os.path.join(applied.directory, "a folder")
        refused = applied.run(applied.program, env={"ANECHOIC_HOME": home})
        expect(refused.returncode == 2 and home in refused.stderr and "blank" in refused.stderr, refused.stderr)
        refused = applied.run(applied.program, env={"ANECHOIC_HOME": os.path.join(applied.program, "home")})
        expect(refused.returncode == 2 and "there is no folder for data: Not a directory" in refused.stderr and
               refused.stderr.count("\n") == 1, refused.stderr)
        off = applied.run(applied.program, "whose", env={"ANECHOIC_APPLY": OFF})
        expect_equal(off.stdout, "libc.so.6\nlibc.so.6\n", "off")
        wrong = applied.run(applied.program, options=["--profile", source])
        expect(wrong.returncode == 2 and source in wrong.stderr, wrong.stderr)
    with_program(check)


@test("apply/what is measured is kept, for as long as it is of the same")
def _():
    def check(applied):
        kept = applied.kept
        os.unlink(kept)

        def setting(*options):
            return applied.run("/bin/sh", "-c", "echo $ANECHOIC_APPLY", options=options).stdout.strip()
        first = setting()
        expect("copy=" in first and "copy_sizes=" in first, first)
        with open(kept, encoding="ascii") as file:
            key, line = file.read().splitlines()
        expect_equal(line, first, "what is kept")
        for written, taken in ((f"{key}\ncopy_sizes=-\n", True), (f"{key}\ncopy_sizes=;x\n", False), (key, False),
                               (f"{key}x\ncopy_sizes=-\n", False), ("", False), (f"{key}\n\n", False)):
            with open(kept, "w", encoding="ascii") as file:
                file.write(written)
            expect_equal(setting() == "copy_sizes=-", taken, f"{written!r} is taken")
            expect(taken or "copy=" in setting(), "measured anew")
        with open(kept, "w", encoding="ascii") as file:
            file.write(f"{key}\ncopy_sizes=-\n")
        expect("copy=" in setting("--profile=none"), "it is another profile's")
        with open(kept, "w", encoding="ascii") as file:
            file.write(f"{key}\ncopy_sizes=-\n")
        expect("copy=" in setting("--remeasure"), "it was asked for")
        refused = applied.run(applied.program, options=["--profile=/nonexistent"])
        expect_equal((refused.returncode, refused.stderr), (2, "/nonexistent: No such file or directory\n"),
                     "a profile that is not there, beside what is kept without one")
    with_program(check)


@test("apply/sizes are measured anew where the C library is told something else")
def _():
    def check(applied):
        def key(tunables):
            applied.run("/bin/true", env={"GLIBC_TUNABLES": tunables})
            with open(applied.kept, encoding="ascii") as file:
                line, setting = file.read().splitlines()
            return line, setting == "copy=-"
        before = KEYS[0]
        expect_equal(key(""), (before, True), "nothing is told: what was kept")
        line, same = key("glibc.malloc.mxfast=0x40")
        expect(line != before and not same, f"{line}, and {before} before")
        expect_equal(key(":glibc.malloc.mxfast=0:glibc.malloc.mxfast=0x40"), (line, False), "the same, said otherwise")
    with_program(check)


@test("apply/a dry run says what would be done, and does nothing")
def _():
    def check(applied):
        text, variables = applied.told("--profile", "none", "--pools")
        expect("memcpy" in text and "(default)" in text and "  zero " in text, text)
        pools = variables["LD_PRELOAD"].split(":")[0]
        expect(not os.path.exists(pools), "no library was written")
        applied.run(applied.program, options=["--pools"])
        expect(os.path.exists(pools), "a run writes it where the dry run says")
        by_hand = run_in(applied.directory, ["/bin/sh", "-c", text.splitlines()[-1] + " whose"], {})
        expect("pools" in by_hand.stdout, f"its last line does the same: {by_hand.stdout} {by_hand.stderr}")
        expect("off" in applied.run(applied.program, options=["--dry-run"], env={"ANECHOIC_APPLY": OFF}).stdout, "off")
    with_program(check)


@test("apply/kernels that gain nothing here are left out, and those that are not wanted")
def _():
    def check(applied):
        def whose(*options):
            return [name.split("-")[-1] for name in
                    applied.run(applied.program, "whose", options=options).stdout.splitlines()]
        expect_equal(whose("--pools"), ["kernels.so", "pools.so"], "all of it")
        expect_equal(whose("--pools", "--no-kernels"), ["libc.so.6", "pools.so"], "pools alone")
        applied.keep(",".join(f"{name}_sizes=-" for name in ("copy", "fill", "zero", "compare", "find_byte")))
        expect_equal(whose("--pools"), ["libc.so.6", "pools.so"], "no size is served")
        expect_equal(whose(), ["libc.so.6", "libc.so.6"], "no size is served, and no block")
        expect_equal(applied.run(applied.program, options=["--no-kernels"]).returncode, 2, "nothing at all")
    with_program(check)


@test("apply/libraries of old builds go, but the last few and those that somebody has open")
def _():
    def check(applied):
        folder = os.path.join(applied.directory, "home", "preload")
        os.makedirs(folder, exist_ok=True)
        names = [f"{i:08x}-anechoic-pools.so" for i in range(8)] + ["0000000-anechoic-pools.so", "00000000-other.so"]
        for i, name in enumerate(names):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                try:
                    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
                except OSError as error:
                    raise Skipped(f"no leases on this file system: {error}") from error
            os.utime(os.path.join(folder, name), (1000 + i, 1000 + i))
        with open(os.path.join(folder, names[1]), encoding="ascii"):
            applied.run(applied.program, options=["--pools", "--no-kernels"])
        left = sorted(os.listdir(folder))
        new = [name for name in left if name not in names and "pools" in name]
        expect_equal(len(new), 1, f"this build's: {left}")
        expect_equal([name for name in left if name in names], sorted(names[1:2] + names[5:]), "what is left")
    with_program(check)


LIMITED = """
import resource
kept = ["a" * size for size in range(2000)]
resource.{}resource.RLIMIT_AS, (300 << 20, 300 << 20))
print(len([object() for _ in range(100000)]))
"""


@test("apply/blocks of pools are as the C library's: sizes, alignments, what realloc keeps")
def _():
    def check(applied):
        library = applied.run(applied.program, "whose", options=["--pools"]).stdout.split()
        expect("kernels" in library[0] and "pools" in library[1], f"whose memcpy and malloc: {library}")
        for pools in ([], ["--pools"], ["--pools=1-64"], ["--pools=100,1000-2000,4000-9000"]):
            result = applied.run(applied.program, "heap", options=pools)
            expect_equal((result.returncode, result.stdout, result.stderr), (0, "good\n", ""), f"{pools}")
        for wrong in ("16-2x", "0", "5-3", ",", "16,,32", "x", "16,5000"):
            refused = applied.run(applied.program, options=[f"--pools={wrong}"])
            expect(refused.returncode == 2 and f"'{wrong}'" in refused.stderr, f"{wrong}: {refused.stderr}")
        variables = applied.variables("--pools")
        for pools in ("", "x", "-", "-5", "5-", "0-16", "99999999999999999999", "64-32", ":::", "16-32:16-64:1-1:4097"):
            result = run_in(applied.directory, [applied.program, "heap"], {**variables, "ANECHOIC_APPLY":
                                                                           f"pools={pools}"})
            expect_equal((result.returncode, result.stdout), (0, "good\n"), f"a setting of pools={pools}")
        limited = applied.run("/bin/sh", "-c", f"ulimit -v 400000; {applied.program} heap", options=["--pools"])
        expect_equal((limited.returncode, limited.stdout), (0, "good\n"), f"little address space: {limited.stderr}")
        for call in ("setrlimit(", "prlimit(0, "):
            limited = applied.run("/usr/bin/python3", "-I", "-c", LIMITED.format(call), options=["--pools"])
            expect_equal((limited.returncode, limited.stdout), (0, "100000\n"), f"{call} {limited.stderr}")
    with_program(check)


@test("apply/eight threads that fork, whose blocks wander", seconds=10)
def _():
    def check(applied):
        result = applied.run(applied.program, "stress", options=["--pools"])
        expect_equal((result.returncode, result.stdout, result.stderr), (0, "good\n", ""), "the stress")
        expect_equal(applied.run(applied.program, "forks", options=["--pools"]).stdout, "4950\n", "a hundred children")
        expect_equal(applied.run(applied.program, "close", options=["--pools"]).stdout, "good\n", "all files closed")
    with_program(check)


@test("apply/what is freed twice, or is no block, ends the program with a word")
def _():
    def check(applied):
        for how, said in (("twice", "double free"), ("between", "double free"), ("elsewhere", "double free"),
                          ("inside", "invalid pointer")):
            result = applied.run(applied.program, "mistake", how, options=["--pools"])
            expect_equal((result.returncode, result.stdout), (-signal.SIGABRT, ""), how)
            expect(f"free(): {said}" in result.stderr, f"{how}: {result.stderr}")
            other = applied.run(applied.program, "mistake", how, options=["--pools=1000"])
            expect("apply" not in other.stderr, f"{how}, of a block that is no pool's: {other.stderr}")
    with_program(check)


@test("apply/pools take no more than a twentieth and 1 MiB beyond what the C library does")
def _():
    def check(applied):
        variables = applied.variables("--pools=1-4096")
        for size in (16, 24, 88, 200, 1024, 2000):
            runs = [run_in(applied.directory, [applied.program, "fill", str(size)], env) for env in ({}, variables)]
            plain, pools = (int(run.stdout.split()[0]) for run in runs)   # KiB
            expect(pools <= 1.05 * plain + 1024, f"{size} bytes: {pools} KiB resident, {plain} KiB without")
    with_program(check)


@test("apply/a program that locks its memory has little more of it with pools")
def _():
    def check(applied):
        plain, pools = (applied.run(applied.program, "lock", options=options).stdout for options in ([], ["--pools"]))
        if "no lock" in plain + pools:
            raise Skipped("no memory may be locked here")
        expect(int(pools.split()[0]) <= int(plain.split()[0]) + 4096, f"{pools} resident, {plain} without pools")
    with_program(check)


EARLY = """
#include <stdlib.h>
#include <string.h>
static char *kept[300];
__attribute__((constructor)) static void begin(void) {
    for (size_t i = 0; i < 300; i++) {
        kept[i] = realloc(calloc(1, i), 20 * i + 1);
        memset(kept[i], (int)i, 20 * i + 1);
        free(strdup("of a constructor"));
    }
}
__attribute__((destructor)) static void end(void) {
    for (size_t i = 0; i < 300; i++) {
        if (kept[i][20 * i] != (char)i)
            abort();
        free(realloc(kept[i], 40));
    }
}
"""


@test("apply/a library that allocates in its constructor, before ours has run and after")
def _():
    def check(applied):
        source, library = (os.path.join(applied.directory, name) for name in ("early.c", "early.so"))
        with open(source, "w", encoding="ascii") as file:
            file.write(EARLY)
        subprocess.run(["cc", "-shared", "-fPIC", "-O0", "-o", library, source], check=True, timeout=limit(60))
        variables = applied.variables("--pools")
        ours = variables["LD_PRELOAD"]
        for preloaded in (f"{ours}:{library}", f"{library}:{ours}"):
            result = run_in(applied.directory, [applied.program, "heap"], {**variables, "LD_PRELOAD": preloaded})
            expect_equal((result.returncode, result.stdout, result.stderr), (0, "good\n", ""), preloaded)
    with_program(check)


def compare_outputs(directory, words, env):
    """Byte for byte, on both streams, and how it ended."""
    plain, served = (run_in(directory, words, more, text=False) for more in ({}, env))
    expect_equal((plain.returncode, plain.stderr), (served.returncode, served.stderr), f"{words[0]}: status, errors")
    expect(plain.stdout == served.stdout, f"{words[0]}: {len(plain.stdout)} and {len(served.stdout)} bytes, not alike")
    expect(plain.stdout, f"{words[0]} says something")


@test("apply/real programs say the same, byte for byte", seconds=10)
def _():
    def check(applied):
        variables = applied.variables("--pools")
        record_cost.make_inputs(applied.directory)
        programs = record_cost.programs(applied.directory)
        programs["cc1"] = [record_cost.compiler(), "-quiet", "-O1", "-fno-builtin", "-D_GNU_SOURCE", "-o", "-", SOURCE]
        for name, words in programs.items():
            expect(shutil.which(words[0]), f"{name} is here")
            compare_outputs(applied.directory, words, variables)
    with_program(check)


@test("apply/aarch64: every call, and blocks of pools, under qemu", seconds=15)
def _():
    if os.uname().machine == "aarch64":
        raise Skipped("the other tests are of it")
    built = os.path.join(m.ROOT, "build", "aarch64")
    libraries = f"{built}/anechoic-pools.so:{built}/anechoic-kernels.so"
    setting = f"copy={BANDS},fill={BANDS},compare={BANDS},pools=1-4096"

    def check(applied):
        for cpu, told, what in (("cortex-a57", "", "memory"), ("max", setting, "memory"), ("max", setting, "heap")):
            result = run_in(applied.directory, [
                "qemu-aarch64-static", "-cpu", cpu, "-L", "/usr/aarch64-linux-gnu", "-E", f"LD_PRELOAD={libraries}",
                "-E", f"ANECHOIC_APPLY={told}", applied.program, what], {})
            expect_equal((result.returncode, result.stdout), (0, "good\n"), f"{cpu}, {what}: {result.stderr}")
    with_program(check, compiler="aarch64-linux-gnu-gcc")
