# SPDX-License-Identifier: Apache-2.0
"""The way to the first benchmark: its parts are told, and its privileged instructions are counted. Times are
`make bench-start`'s."""

import contextlib
import io

import bench_start
import noise
import run
from harness import expect, expect_equal, test
from image_tests import BUILD, boot, expect_done, planned, pvh

PARTS = ["way_in", "kernel_console", "kernel_processor", "kernel_clock", "kernel_memory", "kernel_recorder",
         "kernel_programme", "runtime", "plan", "clock", "runner", "run", "table", "settle", "start"]


@test("start/the image tells how long each part of its start took")
def _():
    outcome = boot(pvh(arguments=bench_start.ARGUMENTS))
    expect_done(outcome)
    contexts = [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"]
    parts = contexts[0]["start_ns"]
    expect_equal(list(parts), PARTS, "parts")
    expect(sum(parts.values()) >= planned(outcome)["context"]["start_to_run_ns"],
           "the parts are shorter than the way to the RUN record")


@test("start/privileged instructions to the first benchmark are counted")
def _():
    counted = bench_start.Counted(BUILD, bench_start.ARGUMENTS)
    expect_equal(len(counted.parts), len(PARTS) + 1, "parts, and the guard of the first benchmark")
    expect_equal(counted.parts[PARTS.index("plan")], 0, "privileged instructions while the programme plans")
    expect_equal(sum(counted.parts), counted.total(), "the parts' sum")
    expect(counted.total() <= bench_start.TARGET_INSTRUCTIONS,
           f"{counted.total()} privileged instructions to the first benchmark, more than "
           f"{bench_start.TARGET_INSTRUCTIONS}")


@test("start/what is begun, taken back and begun again counts once")
def _():
    log = ["Trace 0: 0x7f5cd00604c0 [0000000000000000/0000000000108bdb/000000b0/ff020201] kernel_main\n",
           "Trace 0: 0x7f5cd0060600 [0000000000000000/0000000000108bdc/000000b0/ff020201] \n",
           "cpu_io_recompile: rewound execution of TB to 0000000000108bdc\n",
           "Trace 0: 0x7f5cd0060740 [0000000000000000/0000000000108bdc/000000b0/ff020201] \n",
           "Trace 0: 0x7f5cd0060740 [0000000000000000/0000700000000000/000000b3/ff020201] \n"]
    expect_equal(list(bench_start.entries(log)), [(0x108bdb, True), (0x108bdc, True), (0x700000000000, False)],
                 "instructions")


@test("start/interval of a median")
def _():
    expect_equal(noise.median_interval(range(1, 21)), (6, 15), "ranks of 20 values")
    expect_equal(noise.median_interval([3, 1, 2]), (1, 3), "of 3")


@test("start/make run shows what is said from the first byte where there is no firmware")
def _():
    for firmware, wanted in ((False, "unknown option\nanechoic: over\n"), (True, "anechoic: over\n")):
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            screen = run.Screen(firmware)
            for piece in (b"unknown op", b"tion\r\n@anechoic DONE {} 00000000\r\n", b"anechoic: over\r\n"):
                screen.show(piece)
        expect_equal(shown.getvalue(), wanted, f"firmware: {firmware}")
