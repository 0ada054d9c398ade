# SPDX-License-Identifier: Apache-2.0
"""The rows of tools/boot_matrix.py: each a boot and a verdict."""

import os

import boot_matrix
import machine as m
import secure_boot
from harness import expect, expect_equal, test
from image_tests import tail

BUILD = os.path.join(m.ROOT, "build")
ROWS_MIN, QUICK_MIN = 60, 24


def _register_rows():
    for row in boot_matrix.ROWS:
        @test(f"matrix/{row.name}", system=not row.quick)
        def _(row=row):
            outcome = boot_matrix.boot(row, BUILD)
            fits, came_to = boot_matrix.verdict(row, outcome)
            expect(fits, f"{came_to}, wanted {row.expected}:\n" + tail(outcome))


_register_rows()


@test("matrix/has its rows, each once")
def _():
    names = [row.name for row in boot_matrix.ROWS]
    expect_equal(len(set(names)), len(names), "different names")
    expect(len(names) >= ROWS_MIN, f"{len(names)} rows")
    expect(sum(row.quick for row in boot_matrix.ROWS) >= QUICK_MIN, "too few quick ones")


def _made_up(records, console=b"", timed_out=False):
    return m.Outcome(console, 1.0, timed_out, False, 0, "", [m.Record(tag, body) for tag, body in records])


@test("matrix/verdict: an end counts where all ran and nothing interrupted, a refusal by its words alone")
def _():
    ok, failed = {"name": "a", "status": "ok"}, {"name": "a", "status": "failed"}
    done = {"status": 0, "interrupts": 0}
    refused = b"anechoic: refused: this processor lacks NX\r\n"
    runs, refuses = (boot_matrix.Row("r", {}, expected) for expected in (boot_matrix.DONE, "lacks NX"))
    strict = boot_matrix.Row("r", {"between": "strict_nx"}, says="a page faults")
    faults, asked = b"strict_nx: a page faults\r\n", b"strict_nx: NOT: asked\r\n"
    not_strict = "the firmware is not as the row has it: "
    unsaved, unsigned = (boot_matrix.Row("r", {}, expected)
                         for expected in (boot_matrix.UNSAVED, secure_boot.REFUSED))
    denied = b"BdsDxe: failed to load Boot0001 from PciRoot(0x0): Access Denied\r\n"
    for row, outcome, wanted in (
            (runs, _made_up([("END", ok), ("DONE", done)]), (True, "DONE")),
            (runs, _made_up([("END", failed), ("DONE", done)]), (False, "a failed")),
            (runs, _made_up([("END", ok), ("DONE", dict(done, interrupts=1))]), (False, "1 interrupts")),
            (runs, _made_up([("END", ok), ("DONE", done), ("UNSAVED", {})]), (False, "DONE, UNSAVED")),
            (unsaved, _made_up([("END", ok), ("DONE", done), ("UNSAVED", {})]), (True, "DONE, UNSAVED")),
            (runs, _made_up([("END", ok)]), (False, "ended without a word")),
            (runs, _made_up([], timed_out=True), (False, "no end")),
            (runs, _made_up([], refused), (False, refused.decode().strip())),
            (refuses, _made_up([], refused), (True, refused.decode().strip())),
            (unsigned, _made_up([], denied), (True, denied.decode().strip())),
            (refuses, _made_up([], denied), (False, denied.decode().strip())),
            (strict, _made_up([("END", ok), ("DONE", done)], faults), (True, "DONE")),
            (strict, _made_up([("END", ok), ("DONE", done)]), (False, not_strict + "no a page faults")),
            (strict, _made_up([("END", ok), ("DONE", done)], faults + asked),
             (False, not_strict + "strict_nx: NOT: ")),
            (refuses, _made_up([("END", ok), ("DONE", done)]), (False, "DONE"))):
        expect_equal(boot_matrix.verdict(row, outcome), wanted, f"{row.expected} of {outcome.records}")
