# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md is what the prints beside it say, and `make performance` makes such prints. None measures."""

import contextlib
import io
import os
import re
import subprocess
import tempfile

import machine as m
import lanes_loops
import mca
import mca_best
import microarchitecture
import performance
import performance_page as page
import prints
from harness import expect, expect_equal, test

# Renderers scroll wider tables; a print is not for reading at length.
TEXT_COLUMNS, PAGE_TABLE_COLUMNS, PRINT_TABLE_COLUMNS = 120, 160, 300

HEAD = "# {}\n\n| | |\n|---|---|\n| processor | made up |\n| date | 2026-01-01 |\n\n## Pool\n\n"
ROWS = "| row | who | ns, least | ns, median | B/cycle | ours/peer, least | ours/peer, median of pairs [95 %] | bar |\n"
STREAMS = ROWS.replace("ns, median | B/cycle", "cycles over flat | walks from empty")

# As make bench-peers prints it: a void reference, peers that are not there, no bar, no peer, a row that was skipped.
PRINT = ROWS + """\
| pool/a | **ours** (pool) | 1.354 | 1.356 |  | | | 0.249 of at most 0.400 best peer: met; \
1.200 of at most 1.100 bare pointer stack: **void**; mimalloc is absent; no limit of this width; |
| | glibc | 10.215 | 10.269 |  | 0.133 | 0.132 [0.132, 0.132] | |
| | mimalloc | skipped: its library is not installed | | | | | |
| | tcmalloc | 5.443 | 5.451 |  | 0.249 | 0.249 [0.249, 0.249] | |
| | bare pointer stack | 1.1 | 1.2 |  | 1.200 | 1.200 [1.2, 1.2] | 15.0 of 8.0 to 12.1 cycles: **void**, too slow |
| simd/b | **ours** (avx2) | 2.0 | 2.0 | 31.1 | | | |
| | glibc | 4.0 | 4.0 | 15.5 | 0.500 | 0.5 [0.5, 0.5] | |
| | limit: loads and stores | 1.9 | 1.9 | 32.0 | 1.029 | | |
| simd/c | **ours** (avx2) | 2.0 | 2.0 | 13.9 | | | |
| | limit: loads | 0.4 | 0.4 | 64.0 | 4.597 | | |
| pool/d | skipped: there is no second core | | | | | | |
""" + STREAMS + """\
| tlb/stream/x | **ours** | 0.633 | 1.07 | 69 | | | walks over never evicting: 1.000 of at most 1.1: met |
| | qemu | 0.668 | 1.20 | 69 | 0.948 | 0.941 [0.9, 1.0] | at most 0.75: **missed**; 1.2 of at most 3.6 cycles: valid |
| | direct 1024 | 0.5 | 1.0 | 70 | 0.900 | 0.9 [0.9, 0.9] | at most 0.95: met; 9.0 of 1.0 to 2.0 cycles: **void**, \
too slow |
| | flat | 0.342 | 0.00 |  | 1.848 | 1.878 [1.871, 1.884] | |
"""


# As it prints since several launches are taken: alternatives, walks as a bar, a busy sibling, the grid's two bars.
LAUNCHES = ROWS.replace("pairs [95 %]", "pairs [all launches]") + """\
| pool/a | **ours** (pool) | 1.354 | 1.356 |  | | | 0.300 of at most 0.250 best peer, or 1.040 of at most 1.050 \
the limit: met; 0.9 of at most 1.100 bare pointer stack: **void: the sibling is busy**; alone in 2 of 9 launches; |
| | limit: chain of two forwards a pair | 1.3 | 1.3 |  | 1.040 |  | |
| | jemalloc | skipped: libjemalloc.so.2: cannot allocate memory in static TLS block | | | | | |
| | tcmalloc | 4.5 | 4.6 |  | 0.300 | 0.3 [0.3, 0.3] | |
| pool/b | **ours** (pool) | 1.0 | 1.0 |  | | | tcmalloc is absent, or 1.2 of at most 1.050 the limit: **missed**; |
| tlb/flush/all | **ours** (x) | 2.0 | 2.0 |  | | | 7.9 of at most 15.000 cycles: met; |
| tlb/stream/x | **ours** (two levels) | 0.5 | 0.5 |  | | | 69 walks from empty; 0.8 of at most 0.850 qemu: met; \
1.000 of at most 1.100 walks of a table that never evicts: met; |
| | qemu | 0.6 | 0.6 |  | 0.8 | 0.8 [0.8, 0.8] | 70 walks from empty; 2.0 of 1.7 to 9.0 cycles: valid |

## simd/copy/grid

| cells | number | mean ratio | greatest ratio of an interval within 5 % | failed |
|---|---|---|---|---|
| 0 to 64 bytes | 6500 | 0.9 | 1.052 of at most 1.100: met | 12 of 6500: met |
| 65 to 128 bytes | 6400 | 0.9 | 1.200 of at most 1.100: **missed** | 65 of 6400: **missed** |

## simd/copy/grid/sse2

| cells | number | mean ratio | greatest ratio of an interval within 5 % | failed |
|---|---|---|---|---|
| 0 to 64 bytes | 6500 | 2.0 | 3.000 of at most 1.100: **missed** | 6500 of 6500: **missed** |
"""


def print_of(title, text):
    return prints.read(title, HEAD.format(title) + text)


def cells(table):
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n")]


@test("performance/the page's tables are what the prints say")
def _():
    text = performance.read_text(performance.PAGE)
    found = prints.read_all(performance.FOLDER)
    expect(found and all(of.title for of in found), "no prints")
    expect_equal(sorted(re.findall(r"<!-- table: (\w+) -->", text)), sorted(page.TABLES), "tables of the page")
    expect(page.with_tables(text, found) == text, "docs/performance.md is not what its prints say: make bench-tables")


@test("performance/no line of page or prints is too long to be read")
def _():
    papers = [(os.path.join(performance.FOLDER, name), PRINT_TABLE_COLUMNS) for name in os.listdir(performance.FOLDER)]
    for path, table_columns in [(performance.PAGE, PAGE_TABLE_COLUMNS), *papers]:
        for number, line in enumerate(performance.read_text(path).split("\n"), 1):
            most = table_columns if line.startswith("|") else TEXT_COLUMNS
            expect(len(line) <= most, f"{path}:{number}: {len(line)} columns, more than {most}")


@test("performance/bars and verdicts of a print, the older form too")
def _():
    of = print_of("New", PRINT)

    def seen(name):
        return [(bar.against, bar.seen, bar.most, bar.verdict) for bar in of.rows[name].comparisons()]

    expect_equal(seen("pool/a"), [("best peer", "0.249", "0.400", "met"),
                                  ("bare pointer stack", "1.200", "1.100", "void"),
                                  ("mimalloc", "", "", "absent")], "bars")
    ratios = {"glibc": "0.133", "tcmalloc": "0.249", "bare pointer stack": "1.200"}
    expect_equal(of.rows["pool/a"].ratios, ratios, "peers")
    expect_equal(seen("simd/b"), [("best peer", "0.500", "", "")], "no bar")
    expect_equal(of.rows["simd/b"].figure, "31.1 B/cycle", "ours by itself")
    expect_equal(seen("simd/c"), [("the limit", "4.597", "", "")], "no peer")
    expect(of.rows["pool/d"].skipped and not seen("pool/d"), "a row that was skipped")
    expect_equal([entry[::3] for entry in seen("tlb/stream/x")],
                 [("walks of a table that never evicts", "met"), ("qemu", "missed"), ("direct 1024", "void")], "stream")
    expect_equal(page.missed([of]), [("pool/a", "New"), ("tlb/stream/x", "New")], "missed")
    reasons = "`pool/a`\n\n- `b`, New: `pool/a`\n- `tlb/stream/*`, Old,\n  New: it is\n- `pool/a`, Newer: why\n\nNew"
    expect_equal(page.without_reason(reasons, [of]), [("pool/a", "New")], "without a reason")


@test("performance/bars of several launches: either of two, cycles, the grid's")
def _():
    of = print_of("New", LAUNCHES)
    bars = {name: [(bar.against, bar.seen, bar.most, bar.verdict, bar.instead) for bar in row.comparisons()]
            for name, row in of.rows.items()}
    expect_equal(bars["pool/a"], [("best peer", "0.300", "0.250", "met", "1.040 of 1.050 the limit"),
                                  ("bare pointer stack", "0.9", "1.100", "void", "")], "either")
    expect_equal(bars["tlb/stream/x"], [("qemu", "0.8", "0.850", "met", ""),
                                        ("walks of a table that never evicts", "1.000", "1.100", "met", "")], "walks")
    lines = cells(page.TABLES["pool"]([of])) + cells(page.TABLES["tlb"]([of]))
    for wanted in (["a", "best peer", "0.250", "0.300 or 1.040 of 1.050 the limit met (1.354 ns)"],
                   ["flush/all", "itself, cycles", "15.000", "7.9 met"]):
        expect(wanted in lines, f"{wanted} is not in {lines}")
    expect_equal(cells(page.TABLES["grid"]([of]))[2:], [
        ["0 to 64 bytes", "12 of 6500, greatest 1.052"],
        ["65 to 128 bytes", "**65 of 6400**, **greatest 1.200**"]], "the chosen copy's grid")
    expect_equal([row for row, _ in page.missed([of])], ["pool/a", "pool/b", "simd/copy/grid"], "missed")
    old = print_of("Old", "| 0 to 64 bytes | 6500 | 0.9 | 1.3 | 0 of 6500: met |\n")
    expect_equal(cells(page.TABLES["grid"]([old]))[2], ["0 to 64 bytes", "0 of 6500"], "the older grid")


@test("performance/a table has a column for each print, and an empty cell where one lacks the row")
def _():
    ours = "| simd/{} | **ours** (x) | 1.0 | 1.0 | {} | | | {} of at most {} glibc: {}; |\n"
    one = print_of("One", ROWS + ours.format("a", "8.0", "0.500", "0.900", "met")
                   + ours.format("c", "8.0", "0.6", "0.9", "met"))
    two = print_of("Two", ROWS + ours.format("a", "9.0", "0.950", "0.900", "**missed**")
                   + ours.format("b", "7.0", "0.7", "0.8", "met") + ours.format("c", "8.0", "0.3", "0.4", "met"))
    other = print_of("Other", "no rows")
    expect_equal(cells(page.TABLES["simd"]([one, two, other])), [
        ["row", "beside", "at most", "One", "Two"], ["---"] * 5,
        ["a", "glibc", "0.900", "0.500 met (8.0 B/cycle)", "**0.950 missed** (9.0 B/cycle)"],
        ["b", "glibc", "0.8", "", "0.7 met (7.0 B/cycle)"],
        ["c", "glibc", "its own", "0.6 of 0.9 met (8.0 B/cycle)", "0.3 of 0.4 met (8.0 B/cycle)"]], "table")
    lanes = "| simd/lanes/{}/8bit | **ours** (x) | 1.0 | 1.0 | 9.0 | | | {} of at most 0.039 one lane a step: {}; |\n"
    one = print_of("One", ROWS + lanes.format("add", "0.020", "met") + lanes.format("mul", "0.043", "**missed**"))
    two = print_of("Two", ROWS + lanes.format("add", "0.010", "met"))
    expect_equal(cells(page.TABLES["simd"]([one, two]))[2:], [
        ["lanes, 8bit", "one lane a step", "0.039", "0.020 to 0.043, **1 of 2 met**", "0.010, 1 of 1 met"]], "group")
    expect_equal(cells(page.TABLES["summary"]([one, two, other]))[0], ["bars met", "One", "Two"], "summary's columns")


@test("performance/a core is called by what Linux says of it")
def _():
    x86 = "vendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: {}\nmodel name\t: X\nstepping\t: {}\n\nprocessor\t: 1\n"
    arm = "processor\t: 0\nCPU implementer\t: {}\nCPU architecture: 8\nCPU part\t: {}\n"
    for text, wanted in (
            (x86.format("AuthenticAMD", 25, 17, 1), "zen4"), (x86.format("AuthenticAMD", 25, 33, 0), "zen3"),
            (x86.format("AuthenticAMD", 26, 2, 1), "zen5"), (x86.format("GenuineIntel", 6, 85, 7), "cascade-lake"),
            (x86.format("GenuineIntel", 6, 85, 4), "skylake-sp"), (x86.format("Other", 6, 1, 4), "other-6-1"),
            (arm.format("0x41", "0xd0c"), "neoverse-n1"), (arm.format("0x61", "0x022"), "arm-61-022")):
        expect_equal(microarchitecture.file_name(microarchitecture.name(text)), wanted, text)


def fake_make(said, status=0):
    """Stands for make: whatever it is asked for, it says so and ends so."""
    def run(_, words, __):
        return subprocess.CompletedProcess(words, status, stdout=said)
    return run


def quietly(function, *arguments):
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments)


def always(parts):
    """The parts, as a machine that can take all of them has them."""
    return [performance.dataclasses.replace(part, programs=(), why_not=None) for part in parts]


@test("performance/what is finished is kept when the run is cut off, and a print is written of all parts")
def _():
    with tempfile.TemporaryDirectory() as directory:
        store, parts = performance.Store(directory), always(performance.PARTS)
        taken = quietly(performance.take_parts, store, parts[:1], directory, True, fake_make("\n## pool\n\nfirst\n"))
        expect_equal(list(taken), ["pool"], "after one part")
        try:
            quietly(performance.take_parts, store, parts[1:2], directory, True, fake_make("broken", 2))
            expect(False, "a command that failed is no error")
        except SystemExit as error:
            expect("exit status 2" in str(error), str(error))
        said = "make[1]: Nothing to be done for 'x'.\n  link     build/x\nsecond " + "word " * 60
        taken = quietly(performance.take_parts, store, parts, directory, True, fake_make(said))
        expect(not re.search("link|Nothing", taken["tlb"]["output"]), "what make says of its own is kept")
        expect("first" in taken["pool"]["output"] and "second" in taken["tlb"]["output"], "parts after the second run")
        store.put(parts[0], dict(taken["pool"], commit="another"))
        taken = quietly(performance.take_parts, store, parts, directory, True, fake_make("third"))
        expect("third" in taken["pool"]["output"], "a part of another commit was kept")
        for broken in ("{}", "null", "[1]", '{"command"'):
            performance.write(store.path(parts[0]), broken)
            taken = quietly(performance.take_parts, store, parts, directory, True, fake_make("third"))
            expect("third" in taken["pool"]["output"], f"{broken} was kept")
        out, notes = os.path.join(directory, "out"), "\n## Notes\n\nBy hand.\n"
        core = microarchitecture.name(performance.read_text("/proc/cpuinfo"))
        own = os.path.join(out, microarchitecture.file_name(core) + ".md")
        performance.write(own, "# Old\n" + notes)
        taken["start"].update(skipped="no KVM", output="")
        quietly(performance.write_prints, out, taken, directory)
        written = performance.read_text(own)
        for wanted in (f"# {core}\n", "\n| processor |", "\n| commit |", "\n## Pool\n\n`make bench-peers ", "third",
                       notes, "\n## Start\n\nskipped: no KVM\n"):
            expect(wanted in written, f"{wanted} is not in\n{written}")
        expect(max(map(len, re.findall(r"^[^|].*$", written, re.MULTILINE))) <= TEXT_COLUMNS, "a line too long")
        expect(os.path.exists(os.path.join(out, performance.MODELS + ".md")), "no print of the models")


@test("performance/quick figures do not get into the documents")
def _():
    command = ["tools/performance.py", "take", "--quick"]
    result = subprocess.run(command, cwd=m.ROOT, check=False, capture_output=True, text=True)
    expect(result.returncode == 1 and "--out" in result.stderr, result.stderr)


@test("performance/no line that is written ends in blanks")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "zen.md")
        performance.write(path, "privileged instructions     \n\nway_in \t\n")
        expect_equal(performance.read_text(path), "privileged instructions\n\nway_in\n", "as written")


# As objdump prints it: a loop of single vectors behind the one that is meant.
LOOP_SVE = """  3c:	ptrue	p0.b
  40:	ld1b	{z0.b}, p0/z, [x4]
  44:	ld1b	{z3.b}, p0/z, [x4, #1, mul vl]
  54:	st1b	{z3.b}, p0, [x5, #1, mul vl]
  58:	st1b	{z0.b}, p0, [x5]
  74:	b.cs	40 <move+0x40>  // b.hs, b.nlast
  a0:	whilelo	p0.b, x3, x2
  a4:	ld1b	{z0.b}, p0/z, [x1, x3]
  a8:	st1b	{z0.b}, p0, [x0, x3]
  b4:	b.hi	a0 <move+0xa0>  // b.pmore
"""


@test("performance/llvm-mca gets the loop with the most vectors, and a core's limit is that of its pipes")
def _():
    lines = mca.lines_of(LOOP_SVE)
    body = mca.main_loop(mca.SVE, lines)
    expect_equal([text.split("\t")[0] for text in body], ["ld1b", "ld1b", "st1b", "st1b", "b.cs"], "the loop")
    expect_equal(mca.accesses(mca.SVE, body), (2, 2), "its vectors")
    expect_equal(mca.main_loop(mca.NEON, lines), None, "vectors of another kind")
    pairs = ["ldp\tq0, q1, [x1]", "ldur\tq2, [x1, #-16]", "stnp\tq0, q1, [x0]", "ldr\tx3, [x1]"]
    expect_equal(mca.accesses(mca.NEON, pairs), (3, 2), "pairs are two")
    expect_equal(mca.Core(3, 2, 4).limit(6, 6), 3, "both share pipes")
    expect_equal(mca.Core(2, 1, 2, either=True).limit(4, 2), 4, "loads or stores")


@test("performance/each lane operation that takes a sequence has one known in every width; its loop assembles")
def _():
    for name, _, _, _, _, operations in mca_best.TABLES:
        missing = [operation for operation in operations if (operation, name) not in mca_best.sequences()]
        expect_equal(missing, [], f"operations without a sequence, {name}")
    loops = io.StringIO()
    with contextlib.redirect_stdout(loops):
        lanes_loops.main()
    with tempfile.TemporaryDirectory() as folder:
        command = ["x86_64-linux-gnu-as", "-o", os.path.join(folder, "best.o")]
        said = subprocess.run(command, input=loops.getvalue() + "\n", check=False, capture_output=True, text=True)
    expect_equal((said.returncode, said.stderr), (0, ""), "the assembler")


@test("performance/the loop beside the best known is told without padding, masks' moves and the comparison")
def _():
    isa = mca_best.x86("ymm", 32)
    loop = """\
  40:	vmovdqu8 (%rax,%rsi,1),%ymm1
  46:	vpand  (%rdx),%ymm4,%ymm2
  4a:	vpsllvw %ymm2,%ymm1,%ymm1
  50:	vmovdqu16 %ymm1,(%rax)
  56:	vmovdqu %ymm7,0x8(%rsp)
  5a:	cmp    %rcx,%rax
  5d:	cs cs jb 40 <lanes_shl_u16+0x40>
"""
    body = mca.main_loop(isa, [(at, mca_best.as_modelled(text)) for at, text in mca.lines_of(loop)])
    expect_equal([text.split()[0] for text in mca_best.fused(body)],
                 ["vmovdqu64", "vpand", "vpsllvw", "vmovdqu64", "vmovdqu", "jb"], "the loop")
    expect_equal(mca.accesses(isa, body), (2, 1), "its vectors")
    expect_equal(mca_best.spelled("vpand %v1, %v2, %v3", "zmm"), "vpandq %zmm1, %zmm2, %zmm3", "in 512 bits")
    said = mca_best.summary([(0.9, "a"), (0.84, "b")])
    expect_equal(said, "at least 0.85 of the best known's speed: 1 of 2 met; least 0.84, b\n  below: b 0.84", "summary")


@test("performance/a print of models has loops beside the best known apart from those beside a limit")
def _():
    of = print_of("Models", "```\ncycles for 64 bytes (limit)            n1\ncopy_neon/move     8.01 (4.00)\n"
                  "cycles for 64 bytes (best known)         z3            i\nlanes/mul    4.01 (3.90)    3.00 (2.90)\n"
                  "cycles for 64 bytes (best known)         s\nlanes/shl      9.01 (9.00)\n```\n")
    expect_equal(cells(page.TABLES["models"]([of])), [
        ["cycles for 64 bytes (limit)", "n1"], ["---"] * 2, ["copy_neon/move", "8.01 (4.00)"]], "limits")
    expect_equal(cells(page.TABLES["best"]([of])), [
        ["cycles for 64 bytes (best known)", "z3", "i", "s"], ["---"] * 4,
        ["lanes/mul", "4.01 (3.90)", "3.00 (2.90)", ""], ["lanes/shl", "", "", "9.01 (9.00)"]], "best known")


@test("performance/a print of models has the loops of several tables, each with its cores")
def _():
    of = print_of("Models", "```\ncycles for 64 bytes (limit)            n1            m1\n"
                  "copy_neon/move     8.01 (4.00)    3.01 (2.00)\n"
                  "cycles for 64 bytes (limit)         a64fx\ncopy_sve/move      1.23 (1.50)\n```\n")
    expect_equal(cells(page.TABLES["models"]([of])), [
        ["cycles for 64 bytes (limit)", "n1", "m1", "a64fx"], ["---"] * 4,
        ["copy_neon/move", "8.01 (4.00)", "3.01 (2.00)", ""], ["copy_sve/move", "", "", "1.23 (1.50)"]], "table")
