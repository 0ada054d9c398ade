# SPDX-License-Identifier: Apache-2.0
"""Suites from outside (docs/suites.md), linked into the hosted programme and into the image, and what is said of those
that cannot be."""

import dataclasses
import json
import os
import random
import re
import shutil
import subprocess
import tempfile

import image_tests
import machine as m
import suite_bench
from build_tests import command, expect_success, read
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import SHORTEST

ROWS = """
#include "bench/benchmark.h"
static void run(void *state, uint64_t iterations) {
	(void)state;
	for (uint64_t x = 1; iterations != 0; iterations--)
		bench_consume(x = x * 3 + 1);
}
static const struct benchmark rows[] = {%s};
BENCH_SUITE(rows);
"""
ROW = '{.name = "%s", .iteration = "one", .run = run%s}'


class Outside:
    """A folder outside of the tree, for suites and for what is linked with them; the objects of ours are the tree's."""

    def __enter__(self):
        self.holder = tempfile.TemporaryDirectory()
        self.folder = self.holder.name
        return self

    def __exit__(self, *_):
        self.holder.cleanup()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def rows(self, suite, *rows):
        return self.write(f"{suite}/suite.c", ROWS % ", ".join(rows))

    def make(self, suites, *words):
        folders = " ".join(os.path.join(self.folder, suite) for suite in suites)
        return command("make", "-j2", f"SUITES={folders}", f"SUITES_BUILD={self.folder}/built", *words)

    def link(self, *suites):
        expect_success(self.make(suites, "hosted"), f"make hosted SUITES={suites}")

    def complaint(self, *suites):
        result = self.make(suites, "hosted")
        expect(result.returncode != 0, f"{suites} were linked")
        return result.stdout + result.stderr

    def run(self, *words):
        return subprocess.run([f"{self.folder}/built/anechoic", *words], check=False, capture_output=True, text=True,
                              cwd=self.folder, timeout=limit(120))

    def results(self, *words):
        """Exit status, and of each benchmark what results.json has."""
        result = self.run("run", "--quick", "--out", f"{self.folder}/results.json", *words)
        with open(f"{self.folder}/results.json", encoding="utf-8") as file:
            return result, {entry["name"]: entry for entry in json.load(file)["benchmarks"]}


def links_nothing(make):
    """Of three turns one is enough: whoever else works in the tree may change or commit something meanwhile, which
    results name, so that all that is linked is linked anew."""
    return any("link" not in make().stdout for _ in range(3))


@test("own suites/two with the same names in them, out of tree, rebuilt when they change", seconds=20)
def _():
    with Outside() as outside:
        helper = "int shared_global = %d; int helper(void) { return shared_global; }\n"
        for suite, number in (("first", 1), ("second-one", 2)):
            outside.write(f"{suite}/helper.c", helper % number)
            outside.rows(suite, ROW % ("row", ", .check = check"))
            with open(f"{outside.folder}/{suite}/suite.c", encoding="utf-8") as file:
                text = file.read()
            outside.write(f"{suite}/suite.c", text.replace("static const struct benchmark rows", f"""
int helper(void);
static const char *check(const struct benchmark *benchmark, void *state) {{
	(void)benchmark, (void)state;
	return helper() == {number} ? 0 : "the other suite's helper";
}}
static const struct benchmark rows"""))
        two = ("first", "second-one")
        said = outside.make(two, "hosted")
        expect_success(said, "make hosted")
        expect("link build/anechoic" not in " ".join(said.stdout.split()), "ours was linked, too")
        result, rows = outside.results("first", "second-one")
        expect_equal(result.returncode, 0, "exit status\n" + result.stdout + result.stderr)
        expect_equal({name: row["status"] for name, row in rows.items()},
                     {"first/row": "ok", "second-one/row": "ok"}, "rows")
        expect_equal(outside.run("list", "first/*").stdout.split()[0], "first/row", "list")
        expect(links_nothing(lambda: outside.make(two, "hosted")), "linked again for nothing")
        outside.write("first/helper.c", helper % 3)
        outside.link("first", "second-one")
        result, rows = outside.results("first", "second-one")
        expect_equal(rows["first/row"]["reason"], "the other suite's helper", "a changed file")
        expect_equal(result.returncode, 4, "exit status of a wrong result")
        expect_equal(sorted(os.listdir(f"{outside.folder}/first")), ["helper.c", "suite.c"], "the suite's own folder")

        def ours():
            expect_success(outside.make(two, "hosted"), "make hosted")
            return command("make", "build/anechoic")

        expect(links_nothing(ours), "ours is not up to date after it")


REFUSED = {
    "pthread_create(0, 0, 0, 0)": "suite.c calls pthread_create: there are no threads in the image: bench_core_start",
    "fopen(0, 0)": "suite.c calls fopen: there are no files in the image",
    "printf(0)": "suite.c calls printf: a suite prints nothing",
    "clock_gettime(0, 0)": "suite.c calls clock_gettime: the runner reads the clock",
    "mmap(0, 0, 0, 0, 0, 0)": "suite.c calls mmap: memory of a page size, alignment and offset is bench_map's",
    "no_such_function()": "suite.c calls no_such_function: it is defined neither in the suite nor among",
    "platform_exit(0)": "suite.c calls platform_exit: it is our own",
    "pool_checked_sweep_all()": "suite.c calls pool_checked_sweep_all: it is our own",
    "simd_copy_avx2()": "suite.c calls simd_copy_avx2: it is our own",
}


@test("own suites/folders in compile_flags.txt are the suite's, wherever it is built from")
def _():
    with Outside() as outside:
        outside.rows("mine", ROW % ("row", ""))
        outside.write("mine/vendor/of_vendor.h", "#define OF_VENDOR 1\n")
        outside.write("mine/other/of_other.h", "#define OF_OTHER 1\n")
        outside.write("mine/apart/of_blank.h", "#define OF_BLANK 1\n")
        outside.write("beside/of_both.h", "_Static_assert(WORD, \"a flag\");\n")
        outside.write("beside/of_beside.h", "#define OF_BESIDE 1\n")
        outside.write("mine/first.c", "#include <of_vendor.h>\n#include <of_other.h>\n#include <of_blank.h>\n"
                                      "#include <of_beside.h>\n_Static_assert(OF_VENDOR && OF_OTHER && OF_BLANK && "
                                      "OF_BESIDE, \"included\");\nint first;\n")
        outside.write("mine/compile_flags.txt", "# those of others\n\n-Ivendor\n-isystem\nother\n-DWORD=1\n-include\n"
                                                f"../beside/of_both.h\n-I apart\n-isystem {outside.folder}/beside\n")
        outside.link("mine")


@test("own suites/what the image cannot give is refused by name, with what to do instead", seconds=20)
def _():
    with Outside() as outside:
        calls = "".join(f"void {call.split('(')[0]}(); " for call in REFUSED)
        body = " ".join(f"{call};" for call in REFUSED)
        outside.rows("calls", ROW % ("row", ""))
        outside.write("calls/other.c", "")
        with open(f"{outside.folder}/calls/suite.c", "a", encoding="utf-8") as file:
            file.write(f"{calls}\nvoid caller(void); void caller(void) {{ {body} }}\n"
                       "_Thread_local int of_a_thread; int user(void); int user(void) { return of_a_thread++; }\n")
        outside.write("calls/compile_flags.txt", "-fno-builtin\n-w\n")   # CFLAGS would build all of ours anew
        said = outside.complaint("calls")
        for text in [*REFUSED.values(), "thread-local storage, of_a_thread: there are no threads"]:
            expect(f"suite calls: {text}" in said, f"'{text}' is not in:\n{said}")
        outside.rows("kinds", ROW % ("row", ""))
        outside.write("kinds/other.c", KINDS)
        said = outside.complaint("kinds")
        for text in ("has .both, which is written to and runs: nothing is both in the image",
                     "has .fini_array, which nobody runs: constructors stand in .init_array, teardown undoes",
                     "has an indirect function, chosen: nobody chooses for it in the image"):
            expect(f"suite kinds: {text}" in said, f"'{text}' is not in:\n{said}")
        outside.write("empty/other.c", "int other;\n")
        said = outside.complaint("empty")
        expect("suite empty: has no table of rows: BENCH_SUITE(table)" in said, said)
        outside.rows("earlier", ROW % ("row", ""))
        outside.write("earlier/compile_flags.txt", "-Danechoic_suite_abi_2=anechoic_suite_abi_0\n")
        said = outside.complaint("earlier")
        expect(re.search("suite earlier: was compiled with bench/benchmark.h of version 0, and this is version [1-9]",
                         said), said)


# Sections, and a kind of symbol, that would have no place in the image.
KINDS = """
__asm__(".section .both,\\"awx\\",@progbits\\n.byte 0\\n.text\\n"
	".globl chosen\\n.type chosen, %gnu_indirect_function\\nchosen:\\n.byte 0\\n.text");
int runs;
__attribute__((destructor)) static void behind(void) {
	runs = 1;
}
"""


def new_suite(outside, name, *words):
    return command("build/anechoic", "new-suite", *words, os.path.join(outside.folder, name))


# What new-suite writes: its option, the files, a line of one and how it would be wrong, how many rows see it.
MADE = {
    "my-own": ((), ["suite.c"], "total += words[i]", "total |= words[i]", 3),
    "plus": (("--cxx",), ["suite.cc"], "total += words[i]", "total |= words[i]", 3),
    "by-hand": (("--asm",), ["suite.c", "x86_64/mix.S", "aarch64/mix.S"], "wanted >> 33", "wanted >> 1", 1),
}


@test("own suites/what new-suite writes is linked, is right, and says so where it is not", seconds=20)
def _():
    with Outside() as outside:
        for name, (words, sources, _, _, _) in MADE.items():
            result = new_suite(outside, name, *words)
            expect_success(result, f"new-suite {words}")
            expect(": " + ", ".join([*sources, "README.md", "test.sh"]) in result.stdout, result.stdout)
            lines = sum(read(os.path.join(outside.folder, name, source)).count("\n") for source in sources)
            expect(lines < 60, f"{name}: {lines} lines")
            said = read(os.path.join(outside.folder, name, "README.md"))
            expect(said.startswith(f"# {name}\n") and "@" not in said, said)
            expect(all(f"`{source}`" in said for source in sources), said)
        outside.link(*MADE)
        shared = "ok" if (os.cpu_count() or 1) > 1 else "skipped"
        sums = {f"{name}/sum/{size}": "ok" for name in ("my-own", "plus") for size in ("4KiB", "256KiB", "16MiB")}
        result, rows = outside.results(*SHORTEST, *(f"{name}/" for name in MADE))
        expect_equal({name: row["status"] for name, row in rows.items()},
                     {**{f"{name}/mix": "ok" for name in MADE}, **sums, "my-own/shared": shared}, "rows")
        expect_equal([name for name, row in rows.items() if row.get("unchecked")], ["my-own/shared"], "unchecked")
        for name, (_, sources, right, wrong, _) in MADE.items():
            path = os.path.join(name, sources[0])
            text = read(os.path.join(outside.folder, path))
            expect_equal(text.count(right), 1, f"lines `{right}` in {path}")
            outside.write(path, text.replace(right, wrong))
        outside.link(*MADE)
        result, _ = outside.results(*SHORTEST, *(f"{name}/" for name in MADE))
        expect_equal((result.returncode, result.stdout.count("failed: the result is wrong")),
                     (m.EXIT_BROKEN, sum(wrong_rows for *_, wrong_rows in MADE.values())),
                     result.stdout + result.stderr)


@test("own suites/the test that new-suite writes passes; folders and words that it refuses", seconds=10)
def _():
    with Outside() as outside:
        expect_success(new_suite(outside, "my-own"), "new-suite")
        expect_success(command("sh", os.path.join(outside.folder, "my-own", "test.sh"), env={
            **os.environ, "ANECHOIC": m.ROOT, "SUITES_BUILD": f"{outside.folder}/built"}), "its test")
        for name, why in (("my-own", "is there already"), ("9", "a letter, then"), ("x" * 25, "24 at the most"),
                          ("pool", "are ours"), ("inject", "are ours"), ("missing/there", "No such file")):
            result = new_suite(outside, name)
            expect_equal(result.returncode, m.EXIT_USAGE, f"new-suite {name}")
            expect(why in result.stderr and result.stderr.count("\n") == 1, f"new-suite {name}: {result.stderr}")
        result = subprocess.run([f"{m.ROOT}/build/anechoic", "new-suite", "here"], check=False, capture_output=True,
                                text=True, cwd=outside.folder, timeout=limit(60))
        expect_equal(result.stdout.count(f"SUITES={outside.folder}/here"), 2, f"its whole name:\n{result.stdout}")
        result = subprocess.run(["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", f"{m.ROOT}/build/anechoic",
                                 "new-suite", "--asm", "full"], check=False, capture_output=True, text=True,
                                cwd=outside.folder, timeout=limit(60))
        expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), "where nothing can be written")
        expect("full/" in result.stderr and result.stderr.count("\n") == 1, f"says which file: {result.stderr}")
        os.mkdir(f"{outside.folder}/a b")
        result = new_suite(outside, "a b/mine")
        expect("read ' ' in a folder's name" in result.stderr and not os.listdir(f"{outside.folder}/a b"),
               result.stderr)
        for words in (("--cxx", "--asm"), ("--rust",), ("another/place",)):
            result = new_suite(outside, "a", *words)
            expect_equal(result.returncode, m.EXIT_USAGE, f"new-suite {words}")
        expect_equal(sorted(os.listdir(outside.folder)), ["a b", "built", "here", "my-own"],
                     "folders of names that are refused")


def commands_of_page(begin):
    """Those of docs/suites.md's block that begins so, without what is said of them."""
    with open(os.path.join(m.ROOT, "docs", "suites.md"), encoding="utf-8") as file:
        block = next(part for part in file.read().split("\n\n") if part.startswith("    " + begin))
    return [re.split(r"\s+# ", line.strip())[0] for line in block.splitlines()]


@test("own suites/the commands of the page make a suite, link it and compare two states of it", seconds=25)
def _():
    with Outside() as outside:
        built = f"{outside.folder}/built"
        shortest = " ".join(SHORTEST)
        here = (("make run", "make -n run"), ("make image", "make kernel"), ("$PWD", outside.folder),
                ("build/suites", built), ("--quick", shortest), ("'build/", f"'{outside.folder}/build/"),
                ("anechoic run mine'", f"anechoic run {shortest} mine/mix'"),
                ("anechoic ab", "anechoic ab --pairs=2 --pairs-max=2"))
        for line in [*commands_of_page("make hosted  "),
                     *(f"mkdir $PWD/{state}; cp -r ~/mine $PWD/{state}" for state in ("before", "after")),
                     *commands_of_page("make hosted SUITES=$PWD/before")]:
            for found, there in here:
                line = line.replace(found, there)
            result = command("bash", "-c", line, env={
                **os.environ, "HOME": outside.folder, **({} if "SUITES_BUILD" in line else {"SUITES_BUILD": built})})
            expected = m.EXIT_INCONCLUSIVE if " ab " in line else 0
            expect_equal(result.returncode, expected, f"{line}\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        expect(os.path.exists(f"{built}/x86_64/kernel.elf") or os.uname().machine != "x86_64", "the image's kernel")


@test("own suites/a repository with a suite in it has the gate of pull requests, as the page says", system=True,
      seconds=20)
def _():
    with Outside() as outside:
        def commit(message):
            for words in (("add", "mine"), ("-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", message)):
                expect_success(command("git", "-C", outside.folder, *words), f"git {words}")

        expect_success(command("git", "init", "-q", outside.folder), "git init")
        outside.rows("mine", ROW % ("row", ""))
        commit("A suite")
        with open(f"{outside.folder}/mine/suite.c", encoding="utf-8") as file:
            text = file.read()
        outside.write("mine/suite.c", text.replace("x = x * 3 + 1", "x = (x * 3 + 1) * 3 + 1"))
        commit("A longer chain")
        result = subprocess.run(
            ["bash", "-ec", "\n".join(commands_of_page("export GATE_BUILD=")).replace("~/anechoic", m.ROOT)],
            cwd=outside.folder, check=False, capture_output=True, text=True, timeout=limit(600),
            env={**os.environ, "GATE_PAIRS": "6", "GATE_JUDGE": os.path.join(m.ROOT, "build", "anechoic")})
        expect("mine/row" in result.stdout and result.returncode in (0, 1),
               f"exit status {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-2000:]}")


@test("own suites/limits, and rows that nobody checks, in table, results and report", seconds=10)
def _():
    with Outside() as outside:
        unit = ", .unit = BENCH_UNIT_ELEMENTS, .per_iteration = 2"
        outside.rows("mine", ROW % ("base/8", unit), ROW % ("whole/8", f'{unit}, .limit = "base"'),
                     ROW % ("exact/8", f'{unit}, .limit = "base/8", .check = right'),
                     ROW % ("paper", unit + ', .paper_ns = 0.5, .paper_source = "a cycle of 2 GHz"'))
        with open(f"{outside.folder}/mine/suite.c", encoding="utf-8") as file:
            text = file.read()
        outside.write("mine/suite.c", text.replace("static const struct", """
static const char *right(const struct benchmark *row, void *state) {
	return 0;
}
static const struct""", 1))
        outside.link("mine")
        result, rows = outside.results("mine")
        expect_equal(result.returncode, 0, result.stderr)
        expect_equal(sorted(name for name, row in rows.items() if row.get("unchecked")),
                     ["mine/base/8", "mine/paper", "mine/whole/8"], "unchecked")
        expect_equal({name: row["limit"]["source"] for name, row in rows.items() if "limit" in row},
                     {"mine/whole/8": "mine/base/8", "mine/exact/8": "mine/base/8", "mine/paper": "a cycle of 2 GHz"},
                     "limits")
        base = rows["mine/base/8"]
        best = max(2e9 * iterations / time for iterations, time in zip(base["iters"], base["times"]))
        expect(abs(rows["mine/whole/8"]["limit"]["per_second"] / best - 1) < 1e-6, "the best of the row that bounds")
        expect_equal(rows["mine/paper"]["limit"]["per_second"], 4e9, "two in half a nanosecond")
        marked = re.findall(r"\] (\S+) .*\n {10}unchecked: ", result.stdout)
        expect_equal(marked, ["mine/base/8", "mine/whole/8", "mine/paper"], "marked in the table")
        expect("4 benchmarks, 4 ok, 3 unchecked in" in result.stdout, result.stdout)
        report = outside.run("report", f"{outside.folder}/results.json", "-o", "-")
        expect_equal(report.returncode, 0, report.stderr)
        for part, count in (("unchecked</span></h4>", 3), ("unchecked</span></th>", 3), ("of a cycle of 2 GHz<", 1),
                            ("of mine/base/8<", 2)):
            expect_equal(report.stdout.count(part), count, part)


@test("own suites/folders that cannot be suites are named")
def _():
    with Outside() as outside:
        for name in ("a/twice/x.c", "b/twice/x.c", "pool/x.c", "9lives/x.c", "nothing/readme", "a-b/x.c", "a_b/x.c",
                     "it's/mine/x.c", "a:b/mine/x.c", "a%b/mine/x.c", "a=b/mine/x.c", "a(b/mine/x.c"):
            outside.write(name, "")
        os.symlink("a/twice", f"{outside.folder}/tlb")
        for suites, said in ((("a/twice", "b/twice"), "two suites are called twice"),
                             (("a-b", "a_b"), "two suites are called a_b"),
                             (("pool",), "rows that begin with pool/ are ours"),
                             (("9lives",), "a suite is called what its folder is"),
                             (("nothing",), "has no .c, .cc, .cpp, .S or .a"),
                             (("missing",), "is no folder"), (("two words",), "two is no folder, of which several"),
                             *(((f"a{sign}b/mine",), f"read {sign} in a folder's name") for sign in ":%=("),
                             (("it's/mine",), "read ' in"), (("tlb",), "rows that begin with tlb/ are ours")):
            found = outside.complaint(*suites)
            expect(said in found, f"'{said}' is not in:\n{found}")


@test("own suites/folders of one name, older ones and links; names that the build has, too", seconds=10)
def _():
    with Outside() as outside:
        built = ("names", "table", "abi_2", "abi-1", "outside", "program", "kernel", "flags")
        for name in built:
            outside.rows(name, ROW % ("row", ""))
        outside.rows("a/mine", ROW % ("of_a", ""))
        old = outside.rows("b/mine", ROW % ("of_b", ""))
        os.utime(old, (0, 0))
        os.symlink("b/mine", f"{outside.folder}/theirs")
        for suite, row in (("a/mine", "mine/of_a"), ("b/mine", "mine/of_b"), ("theirs", "theirs/of_b"),
                           ("a/mine", "mine/of_a")):
            outside.link(suite)
            expect_equal(outside.run("list", suite.split("/")[-1] + "/").stdout.split()[0], row, suite)
        expect_success(outside.make(built, "hosted", "kernel"), "make hosted kernel")
        expect_equal({line.split("/")[0] for line in outside.run("list", "*/row").stdout.splitlines()}, set(built),
                     "suites")


@test("own suites/no name that is ours can be theirs")
def _():
    listed = command("build/anechoic", "list").stdout.splitlines()
    with open(os.path.join(m.ROOT, "tools", "suite.sh"), encoding="utf-8") as file:
        kept = re.search(r"^OURS='(.*)'$", file.read(), re.MULTILINE)[1].split()
    expect_equal(sorted(kept), sorted({line.split("/")[0] for line in listed} | {"inject"}), "OURS of tools/suite.sh")


BROKEN = """
#include "bench/benchmark.h"
static void run(void *state, uint64_t iterations) {
	(void)state;
	for (uint64_t x = 1; iterations != 0; iterations--)
		bench_consume(x = x * 3 + 1);
}
static void run_for_ever(void *state, uint64_t iterations) {
	(void)state;
	for (volatile uint64_t x = iterations + 1; x != 0;)
		x = 1;
}
static void run_into_nothing(void *state, uint64_t iterations) {
	*(volatile uint64_t *)state = iterations;
}
static enum bench_setup_result large(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	const struct bench_memory wanted = {.bytes = (uint64_t)1 << 40};
	return bench_map(context, &wanted) ? BENCH_READY : BENCH_SKIP;
}
static void for_ever(void *argument) {
	for (;;)
		*(volatile int *)argument = 1;
}
static int word;
static enum bench_setup_result leak(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	return bench_core_start(context, BENCH_CORE_ANY, for_ever, &word);
}
static enum bench_setup_result over_row(const struct benchmark *benchmark, struct bench_context *context) {
	(void)context;
	*(const char **)(uintptr_t)&benchmark->name = "another";
	return BENCH_READY;
}
static const struct benchmark rows[] = {
	{.name = "for_ever", .iteration = "one", .run = run_for_ever},
	{.name = "nowhere", .iteration = "one", .run = run_into_nothing},
	{.name = "tebibyte", .iteration = "one", .memory_bytes = (uint64_t)1 << 40, .run = run},
	{.name = "tebibyte_unsaid", .iteration = "one", .setup = large, .run = run},
	{.name = "leak", .iteration = "one", .setup = leak, .run = run},
	{.name = "over_row", .iteration = "one", .setup = over_row, .run = run},
	{.name = "unnamed_unit", .iteration = "one", .unit = BENCH_UNIT_BYTES, .run = run},
	{.name = "no_limit", .iteration = "one", .unit = BENCH_UNIT_BYTES, .per_iteration = 1, .limit = "bad/god",
	 .run = run},
	{.name = "good", .iteration = "one", .run = run},
};
BENCH_SUITE(rows);
"""


LEAK = ("bad/leak", "failed", "left 1 core running behind its teardown")
NO_CORE = ("bad/leak", "skipped", "there is no further core that is free")
OVERRUN = """
#include "bench/benchmark.h"
static char array[64], *end = array;
static void run(void *state, uint64_t iterations) {
	for (;; end++)
		*(volatile char *)end = 1;
}
static const struct benchmark rows[] = {{.name = "row", .iteration = "one", .run = run}};
BENCH_SUITE(rows);
"""
SAID = (("bad/for_ever", "hung", "did not end in its time"),
        ("bad/nowhere", "failed", "faulted"),
        ("bad/tebibyte", "skipped", "needs 1073741824 KiB of memory"),
        ("bad/tebibyte_unsaid", "skipped", "asks for 1048576 MiB of memory"),
        ("bad/over_row", "failed", "faulted"),
        ("bad/unnamed_unit", "failed", ".per_iteration"),
        ("bad/no_limit", "failed", "no row is 'bad/god'"),
        ("none/no_rows", "failed", "the suite has no rows"),
        ("bad/good", "ok", ""))


def broken_suites(outside):
    outside.write("bad/suite.c", BROKEN)
    outside.write("none/suite.c", """
#include "bench/benchmark.h"
static const struct benchmark rows[] = {};
BENCH_SUITE(rows);
""")


def expect_said(rows, wanted):
    for name, status, reason in wanted:
        said = rows[name].get("reason", "")
        expect_equal(rows[name]["status"], status, f"{name}: {said}")
        expect(reason in said, f"{name}: '{said}'")


@test("own suites/rows that are broken fail with a word, and the others run", seconds=20)
def _():
    with Outside() as outside:
        broken_suites(outside)
        outside.link("bad", "none")
        result, rows = outside.results("--timeout", "1", "bad", "none")
        expect_equal(result.returncode, 4, "exit status\n" + result.stdout + result.stderr)
        expect_said(rows, (*SAID, LEAK if (os.cpu_count() or 1) > 1 else NO_CORE))


CONSTRUCTOR = """
#include "bench/benchmark.h"
static void run(void *state, uint64_t iterations) {
	(void)state;
	for (uint64_t x = 1; iterations != 0; iterations--)
		bench_consume(x = x * 3 + 1);
}
static const struct benchmark rows[] = {{.name = "row", .iteration = "one", .run = run}};
BENCH_SUITE(rows);
__attribute__((constructor)) static void begin_of_mine(void) {
	%s
}
"""


@test("own suites/a constructor that crashes or does not end is said to be the suite's", seconds=25)
def _():
    with Outside() as outside:
        for body, what in (("*(volatile int *)8 = 1;", "a constructor got SIGSEGV"),
                           ("for (volatile int x = 1; x != 0;) x = 1;", "a constructor did not end in 10 s of CPU"),
                           ("begin_of_mine(); *(volatile int *)8 = 1;", "a constructor got SIGSEGV")):
            outside.write("mine/suite.c", CONSTRUCTOR % body)
            outside.link("mine")
            for words in (("run", "--quick", "mine"), ("list",)) if "SIGSEGV" in what else (("list",),):
                result = outside.run(*words)
                expect_equal(result.returncode, 4, f"{body}, {words}: {result.stderr}")
                expect_equal(result.stdout, "", "standard output")
                expect(f"suite mine: {what}" in result.stderr, f"{body}, {words}: {result.stderr}")
                expect("begin_of_mine" in result.stderr or "x = 1" not in body, result.stderr)
        outside.write("mine/suite.c", CONSTRUCTOR % "")
        outside.rows("yours", ROW % ("row", ""))
        outside.link("mine", "yours")
        result = outside.run("run", "--quick", "mine", "yours")
        expect_equal(result.returncode, 0, f"what is right: {result.stderr}")


@test("own suites/a row beside the same of ours agrees or not by all of its interval, else launches go on")
def _():
    chance = random.Random(1)

    def launches(level, spread, count):
        return [level * (1 + spread * chance.uniform(-1, 1)) for _ in range(count)]

    for wanted, ratios in (("agree", launches(1.002, 0.002, 12)), ("BEYOND", launches(1.03, 0.01, 12)),
                           ("BEYOND", launches(0.97, 0.01, 12)), ("undecided", launches(1, 0.1, 12)),
                           ("undecided", launches(1.01, 0.005, 12)), ("agree", launches(1, 0.03, 300)),
                           ("agree", launches(1, 0.001, 10) + [1.5, 0.6])):
        word, ratio, low, high = suite_bench.judge(ratios)
        expect(word == wanted and low <= ratio <= high, f"{wanted}: {word}, {ratio} [{low} {high}]")
    expect(suite_bench.is_decided({1: launches(1, 0.002, 12), 2: launches(1.03, 0.002, 12)}), "both are decided")
    expect(not suite_bench.is_decided({1: launches(1, 0.002, 12), 2: launches(1, 0.1, 12)}), "one is not")


@test("own suites/suite-bench links the loop from outside to where ours lies in its page", seconds=10)
def _():
    with tempfile.TemporaryDirectory() as folder:
        side, program, _ = suite_bench.SIDES[0]
        build = suite_bench.link_alike(folder, side, program)
        ours, outside = suite_bench.places(os.path.join(build, program))
        expect_equal(outside, ours, "place of the loop from outside")
        listed = subprocess.run([os.path.join(build, program), "list", "same/tlb/lookup"], check=False,
                                capture_output=True, text=True, timeout=limit(60)).stdout
        expect_equal(listed.count("same/tlb/lookup/"), 3, f"rows from outside:\n{listed}")


@test("own suites/the header is C11 and C++17 to the letter, by gcc and clang")
def _():
    strict = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", f"-I{m.ROOT}", "-x")
    for compilers, language, standard, text in (
            (("gcc", "clang"), "c", "c11", "static const struct benchmark rows[1];"),
            (("g++", "clang++"), "c++", "c++17", "constexpr benchmark rows[1]{};")):
        for compiler in compilers:
            expect_success(command(compiler, f"-std={standard}", *strict, language, "-",
                                   input=f'#include "bench/benchmark.h"\n{text}\nBENCH_SUITE(rows);\n'),
                           f"{compiler}, {standard}")
    for compiler in ("g++", "clang++"):
        expect_success(command(compiler, "-std=c++17", *strict, "c++", "examples/suites/new_cxx/suite.cc"), compiler)


# ---- languages, and the image ----------------------------------------------------------------------------------------

PLUS = """
#include "bench/benchmark.h"
#include <new>
#include <type_traits>
namespace {
struct made_at_start {
	uint64_t value;
	made_at_start() : value(bench_opaque(41) + 1) {}
} made;
struct shape {
	virtual uint64_t corners() const { return 0; }
};
struct square final : shape {
	uint64_t corners() const override { return made.value - 38; }
};
template <typename T> std::enable_if_t<std::is_unsigned_v<T>, T> twice(T value) { return value + value; }
shape *chosen() {
	static square one;
	return new (&one) square;
}
void run(void *state, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		bench_consume(twice(static_cast<shape *>(state)->corners()));
}
bench_setup_result set_up(const benchmark *, bench_context *context) {
	context->state = chosen();
	return BENCH_READY;
}
const char *check(const benchmark *, void *state) {
	return twice(static_cast<shape *>(state)->corners()) == 8 ? nullptr : "its constructors did not run";
}
constexpr benchmark rows[] = {
	{.name = "row", .iteration = "one", .setup = set_up, .check = check, .run = run}};
}
BENCH_SUITE(rows);
"""


# Sections of a name of their own, as libraries from elsewhere have them.
SECTIONS = """
#include "bench/benchmark.h"
__attribute__((section("of_data"))) int data = 5;
__attribute__((section("of_constants"))) const int constant = 6;
__attribute__((section(".hot.code"))) int code(void) {
	return 7;
}
__attribute__((section(".bss.apart"))) int zeroed[5000];
static const char *check(const struct benchmark *row, void *state) {
	data++;
	zeroed[4999]++;
	return data == 6 && bench_opaque(constant) == 6 && code() == 7 && zeroed[4999] == 1 && zeroed[0] == 0 ?
		NULL : "a section is another's";
}
static void run(void *state, uint64_t iterations) {
	for (uint64_t x = 1; iterations != 0; iterations--)
		bench_consume(x = x * 3 + 1);
}
static const struct benchmark rows[] = {{.name = "row", .iteration = "one", .check = check, .run = run}};
BENCH_SUITE(rows);
"""


def suites_in_languages(outside):
    """C++, assembly and, where this machine's is the library's architecture, Rust; their folders and rows."""
    outside.write("plus/suite.cc", PLUS)
    outside.write("sections/suite.c", SECTIONS)
    for name, option in (("written", "--cxx"), ("hand", "--asm")):
        expect_success(new_suite(outside, name, option), option)
    suites = ["plus", "sections", "written", "hand"]
    names = {"plus/row", "sections/row", "written/mix", "written/sum/4KiB", "hand/mix"}
    if os.uname().machine != "x86_64":
        return suites, names
    shutil.copytree(os.path.join(m.ROOT, "examples", "suites", "rust"), f"{outside.folder}/rust")
    expect_success(command("make", "-C", f"{outside.folder}/rust"), "the library of Rust")
    return [*suites, "rust"], {*names, "rust/sum"}


@test("own suites/C++, assembly, Rust, and broken ones, in the image as in the hosted programme", seconds=40)
def _():
    with Outside() as outside:
        broken_suites(outside)
        suites, names = suites_in_languages(outside)
        broken = ["bad", "none", "overrun"]
        suites += broken
        outside.write("overrun/suite.c", OVERRUN)
        result = outside.make(suites, "hosted", "kernel")
        expect_success(result, "hosted, kernel")
        expect("warning" not in result.stderr, result.stderr)
        # What lies behind the suites' zeroed memory is no mapping, and none of ours lies between.
        symbols = command("nm", "-n", f"{outside.folder}/built/{os.uname().machine}/program.elf.debug").stdout.split()
        behind = symbols[symbols.index("array") + 1:]
        expect_equal(sorted(word for word in behind[2::3]), ["__bss_end"], "symbols behind the last suite's")
        result, rows = outside.results(*names)
        expect_equal((result.returncode, {name: row["status"] for name, row in rows.items()}),
                     (0, dict.fromkeys(names, "ok")), result.stdout)
        if os.uname().machine != "x86_64":
            raise Skipped("the image that is booted is x86_64's")
        what = image_tests.machine(boot="pvh", icount=True, arguments="--quick --timeout=0.3 " + " ".join(
            [*names, *(f"{suite}/" for suite in broken), "tlb/flush"]))
        outcome = image_tests.boot(dataclasses.replace(what, build=f"{outside.folder}/built"))
        image_tests.expect_done(outcome, m.EXIT_BROKEN)
        ends = outcome.ends()
        expect_equal({name: ends[name]["status"] for name in names}, dict.fromkeys(names, "ok"), "languages")
        expect_said(ends, (*SAID, NO_CORE, ("overrun/row", "failed", "faulted")))
        context = image_tests.planned(outcome)["context"]
        expect_equal(sorted(context["suites"]), sorted(suites), "suites in RUN")
        expect(any(name.startswith("tlb/flush") and end["status"] == "ok" for name, end in ends.items()), "ours")


EXAMPLES = {   # a file of each, and a change in it that its oracle must see
    "btree": ("btree.c", "behind->next = leaf->next;", ""),
    "hashmap": ("hashmap.c", "map->slots[place] = map->slots[next];", ""),
    "guest_block": ("blocks.c", "t1 += t0;", "t1 ^= t0;"),
}
SMALL = ("btree/*/1024/*", "btree/*/16384/*", "hashmap/*/1024*", "guest_block/*/4KiB", "guest_block/chase/64/*")


@test("own suites/the examples are right, and their oracles see a line that is wrong", seconds=15)
def _():
    with Outside() as outside:
        for name in EXAMPLES:
            shutil.copytree(os.path.join(m.ROOT, "examples", "suites", name), f"{outside.folder}/{name}")
        result = outside.make(EXAMPLES, "hosted")
        expect_success(result, "hosted")
        expect("warning" not in result.stderr, result.stderr)
        result, rows = outside.results(*SHORTEST, *SMALL)
        expect_equal(result.returncode, 0, result.stdout)
        expect(len(rows) >= 14 and all(row["status"] == "ok" or "contiguous" in row["reason"] for row in rows.values()),
               f"{len(rows)} rows:\n{result.stdout}")
        expect(not any(row.get("unchecked") for row in rows.values()), "a row without an oracle")
        for name, (file, right, wrong) in EXAMPLES.items():
            with open(f"{outside.folder}/{name}/{file}", encoding="utf-8") as source:
                text = source.read()
            expect_equal(text.count(right), 1, f"lines `{right}` in {name}/{file}")
            outside.write(f"{name}/{file}", text.replace(right, wrong))
        outside.link(*EXAMPLES)
        result, rows = outside.results(*SHORTEST, *SMALL)
        for name in EXAMPLES:
            expect(any(row["status"] == "failed" for row in rows.values() if row["group"] == name),
                   f"{name} with a wrong line:\n{result.stdout}")


@test("own suites/a run on a stick goes on with the suite that it began with, and with a changed one begins anew",
      system=True, seconds=40)
def _():
    with Outside() as outside:
        outside.rows("mine", ROW % ("row", ""), ROW % ("other", ""))

        def linked():
            expect_success(outside.make(["mine"], "ARCH=x86_64", "image"), "image")
            return dataclasses.replace(image_tests.machine(arguments="--quick mine/ tlb/lookup", mode="handback",
                                                           **image_tests.X86), build=f"{outside.folder}/built")

        what = linked()
        with image_tests.stick(what) as directory:
            ended, cut = image_tests.cut_in_a_benchmark(what, directory)
            kept = outside.folder + "/cut.img"
            shutil.copyfile(what.image, kept)
            again = image_tests.boot(what, directory)
            image_tests.expect_done(again)
            expect(cut in again.ends() and not set(ended) & set(again.ends()), f"goes on: {sorted(again.ends())}")
            shutil.copyfile(kept, what.image)
            outside.write("mine/other.c", "int other(void);\nint other(void) { return 1; }\n")
            linked()
            loader = os.path.join(what.out, m.LOADERS[what.arch])
            m.on_stick(what.image, "mcopy", "-o", loader, m.STICK_FOLDER + m.LOADERS[what.arch])
            anew = image_tests.boot(what, directory)
            image_tests.expect_done(anew)
            expect(set(ended) < set(anew.ends()), f"begins anew: {sorted(anew.ends())}")


@test("own suites/aarch64's image has them, and ends a core that one leaves running", system=True, seconds=60)
def _():
    with Outside() as outside:
        broken_suites(outside)
        outside.write("plus/suite.cc", PLUS)
        expect_success(new_suite(outside, "hand", "--asm"), "new-suite")
        for name in EXAMPLES:
            shutil.copytree(os.path.join(m.ROOT, "examples", "suites", name), f"{outside.folder}/{name}")
        expect_success(outside.make(["bad", "none", "plus", "hand", *EXAMPLES], "ARCH=aarch64", "image"), "image")
        what = image_tests.machine(arch="aarch64", cores=2, arguments="--quick --timeout=10 bad/leak bad/nowhere "
                                   "bad/good plus/ hand/ none/ guest_block/*/4KiB hashmap/hit/1024 btree/find/1024/")
        outcome = image_tests.boot(dataclasses.replace(what, build=f"{outside.folder}/built"))
        image_tests.expect_done(outcome, m.EXIT_BROKEN)
        examples = {name: end["status"] for name, end in outcome.ends().items() if name.split("/")[0] in EXAMPLES}
        expect_equal(examples, dict.fromkeys(examples, "ok"), "examples")
        expect(len(examples) >= 7, f"{examples}")
        expect_said(outcome.ends(), (LEAK, *(said for said in SAID if said[0] in ("bad/nowhere", "none/no_rows",
                                                                                  "bad/good")),
                                       ("plus/row", "ok", ""), ("hand/mix", "ok", "")))
