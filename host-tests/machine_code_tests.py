# SPDX-License-Identifier: Apache-2.0
"""What compilers made of the timed code: nothing of it hoisted, nothing deleted, nothing between the two readings of
the clock that does not belong there. gcc's objects are those that were linked; clang's are compiled for this."""

import glob
import os
import re

import machine as m
from build_tests import command, expect_success
from harness import expect, expect_equal, test
from machine_code import functions, runs

ARCHES = ("x86_64", "aarch64")
COMPILERS = ("gcc", "clang")

# What one and the same loop of each function that a benchmark is run by must have in it (machine_code.KINDS). `add*3`:
# three or more, where the loop's own count has one or two. Where the loop is in a function that is called for it,
# `call` is all; None: nothing is asked.
LINE_LOOPS = {"run_add": "atomic", "run_cas": "atomic", "run_pair": "atomic load", "run_pair_of_others": "call load"}
TIMED = {
    "combined.c": {"alloc_with_memory": "load store call", "consistency": "load store call",
                   "memcpy_with_alloc": "load store call", "rapid_alloc_free": "load store call",
                   "rapid_memory_access": "load store call", "sustained": "load store call",
                   "tlb_with_alloc": "load store call"},
    "copy.c": {"copy_run": "call"},
    "inject.c": {"fault_on_other_core": None, "inject_checkpoints": "call"},  # broken on purpose; the rest never return
    "machine_bandwidth.c": {"run": "call", "run_stream_add": "load*2 store", "run_stream_copy": "load store",
                            "run_stream_scale": "load store", "run_stream_triad": "load*2 store"},
    "machine_cores.c": dict.fromkeys(("run_add", "run_cas", "run_pair", "run_pair_of_others")),  # call what follows
    "line_loops.c": LINE_LOOPS, "line_loops_lse.c": LINE_LOOPS,
    "machine_forwarding.c": dict.fromkeys(("run_narrower32", "run_narrower8", "run_partly", "run_same16", "run_same32",
                                           "run_same64", "run_same8", "run_wider"), "load store"),
    "machine_latency.c": {"run": "load*8"},
    "machine_loaded.c": {"run_bandwidth": "load*8", "run_latency": "load*8"},
    "machine_page_work.c": {"run": "call", "run_fault": "call store"},
    "machine_pages.c": {"run": "load*8"},
    "machine_prefetchers.c": {"run_chase": "load", "run_read": None},  # which calls a loop in assembly
    "machine_tlb_geometry.c": {"run": "call"},
    "os_calls.c": {"run": None},  # which has the platform repeat it
    "os_memory.c": {"run_map": None, "run_protect": "call", "run_touch": "store call"},
    "machine_parallelism.c": {f"run_{count}": f"load*{count}" for count in range(1, 33)},
    "pool.c": {"pool_sizes": "load store call", "preallocation_with": "load store",
               "preallocation_without": "load store call", "stack_pool_allocate": "load store",
               "stack_pool_cycle": "load store call", "standard_allocate": "store call", "standard_cycle": "call",
               "stats_with": "load store call", "throughput_stack_pool": "load store",
               "throughput_standard": "store call"},
    "pool_cores.c": {"run": "load store call"},
    "pool_steady.c": {"run_pool": "load store call", "run_pool_lifo": "load store call",
                      "run_standard": "load store call", "run_standard_lifo": "load store call"},
    "reference.c": {"adds_run": "add*3", "chain_run": "add", "memory_run": None},  # its loops are written in assembly
    "reference_sets.c": {"sets_run": "load"},
    "simd.c": {"binary_run": "call", "block_run": "load store", "copy_run": "call", "dot_run": "call",
               "fma_run": "call", "shift_run": "call", "unary_run": "call"},
    "tlb.c": {"capacity_run": "load add", "flush_all_run": "call", "flush_asid_run": "call", "latency_run": "load add",
              "lookup_run": "load add", "throughput_run": "load add", "update_run": "store call"},
    # No suite: the loops of `tune`, of which each calls what it is named after, one at each of four places.
    "tune_loops.c": {f"run_{name}_{place}": "call" for place in range(4) for name in (
        "compare", "copy", "copy_page", "crc32c", "fill", "find_byte", "is_zero_page", "lanes", "page_hash", "popcount",
        "sum", "zero", "zero_page")},
    "noise_loops.c": dict.fromkeys(("noise_fixed_time", "noise_fixed_work", "noise_look"), "call"),
    "noise_crew.c": {},
    "room_loops.c": {"room_loop_chains": "add*8", "room_loop_one": "add*4"},
}
NO_SUITES = ("tune_loops.c", "noise_loops.c", "noise_crew.c", "room_loops.c")

# bench/consume.h's own cases: what stands in the loop, and what does not where nothing asks for it.
CONSUMED = (
    ("work_stays_in_loop", "multiply", True), ("free_work_is_hoisted", "multiply", False),
    ("load_is_kept", "load", True), ("free_load_is_deleted", "load", False),
    ("load_stays_in_loop", "load", True), ("free_load_is_hoisted", "load", False),
    ("store_stays_in_loop", "store", True), ("free_store_leaves_loop", "store", False),
    ("both_are_kept", "multiply", True), ("both_are_kept", "xor", True), ("chain_is_kept", "multiply", True),
)


def compiled(compiler, arch, *sources):
    """Objects of the layer that each source's path begins with, compiled with that layer's flags."""
    build = os.path.join("build", "machine-code", compiler)
    objects = [f"{build}/{arch}/{source}.o" for source in sources]
    expect_success(command("make", "-s", f"ARCH={arch}", f"TOOLCHAIN={compiler}", f"BUILD={build}", *objects),
                   f"{compiler}, {arch}")
    return [os.path.join(m.ROOT, path) for path in objects]


def each_build():
    return [(compiler, arch) for compiler in COMPILERS for arch in ARCHES]


@test("machine code/what is consumed is worked out in the loop, in it alone, and for nothing")
def _():
    for compiler, arch in each_build():
        found = functions(arch, *compiled(compiler, arch, "core/host-tests/machine_code/consume.c"))
        for name, kind, kept in CONSUMED:
            there = any(found[name].count(kind, loop) for loop in found[name].loops)
            expect_equal(there, kept, f"{compiler}, {arch}: {name}: whether its loop has {kind} in it")
        loops = found["value_is_kept"].loops
        # The count and the jump: neither a copy of the value nor its way through memory.
        expect(len(loops) == 1 and len(loops[0]) == 2,
               f"{compiler}, {arch}: bench_consume costs an instruction: {loops}")


def timed_objects(compiler, arch):
    sources = sorted(os.path.relpath(path, m.ROOT) for where in ("suites/*.c", f"{arch}/line_loops*.c")
                     for path in glob.glob(os.path.join(m.ROOT, "bench", where)))
    names = [os.path.basename(source) for source in sources]
    if compiler == "gcc":
        return names, [os.path.join(m.ROOT, "build", arch, "core", f"{source}.o") for source in sources]
    return names, compiled(compiler, arch, *(f"core/{source}" for source in sources))


def loops_of(found, name):
    """Those of a function, or of the one that it does nothing but go to."""
    function = found[name]
    tail = re.match(r"(?:jmp|b) .*-> (?:\.text\.)?(\w+)", function.instructions[-1][1])
    if not function.loops and tail and tail.group(1) in found:
        function = found[tail.group(1)]
    return function, function.loops


def check_suite(compiler, arch, suite, path):
    found, wanted = functions(arch, path), TIMED.get(suite, {})
    names = set(wanted) if suite in NO_SUITES else runs(path)
    # Rows that are made on demand stand in no table.
    if suite == "tune_loops.c" or not names or suite.startswith(("machine_", "line_loops")):
        names |= {name for name in found if re.match(r"run(_|$)", name)}
    expect(bool(names) or suite in NO_SUITES, f"{suite}: no benchmark in its table")
    for name in sorted(names - set(wanted)):
        if suite != "inject.c":
            expect(False, f"bench/suites/{suite}: {name}() is timed and not in TIMED "
                          "(host-tests/machine_code_tests.py): say there what its loop has in it")
    for name, kinds in wanted.items():
        expect(name in names, f"{suite}: {name} is in TIMED, and no benchmark is run by it")
        if kinds is None:
            continue
        function, loops = loops_of(found, name)
        least = [(kind, int(times or 1)) for kind, _, times in (word.partition("*") for word in kinds.split())]
        expect(any(all(function.count(kind, loop) >= times for kind, times in least) for loop in loops),
               f"{compiler}, {arch}: {suite}: no loop of {name} has {kinds} in it: {len(loops)} loops")


@test("machine code/the loop of each benchmark has its work in it")
def _():
    for compiler, arch in each_build():
        for suite, path in zip(*timed_objects(compiler, arch)):
            check_suite(compiler, arch, suite, path)


# ---- between the two readings of the clock ---------------------------------------------------------------------------

FENCED = {"x86_64": ["lfence", "rdtsc", "lfence"], "aarch64": ["isb", "mrs", "isb"]}
BARE = "ticks_look"  # of a loop that does nothing else: a fence would make each look longer


def between(instructions, begin, end):
    """Instructions between each call of `begin` and the next call of `end` behind it, both left out."""
    calls = [at for at, text in enumerate(instructions) if re.search(rf"-> {begin}\b", text)]
    for at in calls:
        for stop in range(at + 1, len(instructions)):
            if re.search(rf"-> {end}\b", instructions[stop]):
                yield instructions[at + 1:stop]
                break


@test("machine code/in the timed region is the benchmark, and nothing else")
def _():
    for compiler, arch in each_build():
        ticks, runner = compiled(compiler, arch, f"core/bench/{arch}/ticks.c", "user/bench/runner.c")
        for name, function in functions(arch, ticks).items():
            words = [text.split()[0] for _, text in function.instructions]
            fenced = any(words[at:at + 3] == FENCED[arch] for at in range(len(words)))
            expect(FENCED[arch][1] in words and fenced == (name != BARE), f"{compiler}, {arch}: {name}: {words}")
        regions = 0
        for name, function in functions(arch, runner).items():
            for region in between([text for _, text in function.instructions], "ticks_begin", "ticks_end"):
                if any("platform_checkpoint" in text for text in region):
                    continue    # what the room asks for beside the sample
                regions += 1
                others = [text for text in region if not re.match(r"(call|blr|mov|xor|push|pop|ldr|ldp|nop)", text)]
                calls = [text for text in region if re.match(r"call|bl", text)]
                expect(len(calls) == 1 and not others and len(region) <= 8, f"{compiler}, {arch}: {name}: {region}")
        expect(regions >= 1, f"{compiler}, {arch}: no timed region found")


# ---- copies by hand --------------------------------------------------------------------------------------------------

LINE = 32  # bytes


def jumps_of_lines(function):
    """Jumps, with the comparison that is fused with them, that cross a line or end with it."""
    instructions = function.instructions
    for at, (address, text) in enumerate(instructions):
        if not re.match(r"(j\w+|ret\w*|call\w*)\b", text):
            continue
        before = instructions[max(at - 1, 0)]
        fused = re.match(r"j(?!mp)", text) and re.match(r"(cmp|test|add|sub|and|inc|dec)", before[1])
        begin = before[0] if fused else address
        end = instructions[at + 1][0] if at + 1 < len(instructions) else address + 1
        if begin // LINE != end // LINE:
            yield f"{begin:#x} to {end:#x}: {text}"


@test("machine code/no jump of a copy by hand crosses 32 bytes or ends with them")
def _():
    for compiler in COMPILERS:
        found = functions("x86_64", *compiled(compiler, "x86_64", "core/simd/x86_64/copy_evex.S"))
        expect_equal(sorted(found), ["simd_copy_evex", "simd_copy_evex512"], compiler)
        for name, function in found.items():
            wrong = list(jumps_of_lines(function))
            expect(not wrong, f"{compiler}: {name}: {wrong}")
