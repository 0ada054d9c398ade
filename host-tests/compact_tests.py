# SPDX-License-Identifier: Apache-2.0
"""`--records=compact`: the same results from fewer bytes, and from the end of a console alone."""

import itertools
import json
import os
import subprocess
import tempfile

import compact_records
import hosted_tests
import machine as m
from harness import expect, expect_equal, test
from hosted_tests import SHORTEST, anechoic
from image_tests import BUILD, QUICK, X86, boot, expect_healthy, expect_stick_agrees, machine, pvh, stick, tail

COMPACT = "--records=compact"
RUN = ["run", *SHORTEST, "tlb/lookup", "copy/4KiB"]
TAIL_BYTES = 64 * 1024     # of a console that clouds keep
COLUMNS = 79


def collected(data):
    """(results, exit status, what was said) of `anechoic collect`."""
    result = subprocess.run([os.path.join(BUILD, "anechoic"), "collect", "-"], input=data, check=False,
                            capture_output=True)
    return json.loads(result.stdout), result.returncode, result.stderr.decode()


def expect_tail_enough(outcome, least):
    """What a console keeps gives all results, and what it keeps of less all that is whole in it."""
    expect_healthy(outcome, least=least)
    lines = [match[0].rstrip() for match in compact_records.LINE.finditer(outcome.console)]
    expect(len(lines) > 2 * least, f"{len(lines)} compact lines:\n" + tail(outcome))
    expect(all(len(line) <= COLUMNS for line in lines), "a line that a narrow console breaks")
    results, status, _ = collected(outcome.console[-TAIL_BYTES:])
    expect_equal(status, 0, "exit status")
    expect_equal(len(results["benchmarks"]), len(outcome.ends()), "benchmarks")
    second = outcome.console.index(b"@anechoic START", outcome.console.index(b"@anechoic START") + 1)
    rest, status, said = collected(outcome.console[second - 100:])
    expect_equal((rest["context"]["complete"], status), (False, m.EXIT_BROKEN), "without the first benchmark")
    for part in (rest, results):     # a room's word is said by the best of all benchmarks
        del part["context"]["complete"]
        for what in (part["context"], *part["benchmarks"]):
            what.pop("room", None)
    expect_equal(rest["benchmarks"], results["benchmarks"][1:], "benchmarks of the rest")
    expect_equal(rest["context"], results["context"], "context of the rest")
    for words in ("what came before is cut off", "1 record is missing"):
        expect(words in said, f"not said: {words}: {said}")


@test("compact/a compact log gives the results that its run wrote, and is gone on with")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log, out, again = (os.path.join(directory, name) for name in ("log", "out.json", "again.json"))
        result = anechoic(*RUN, "--log", log, COMPACT, "--out", out)
        expect_equal(result.returncode, 0, result.stderr)
        expect_equal(anechoic("collect", log, "-o", again).returncode, 0, "collect")
        data = hosted_tests.bytes_of(log)
        expect_equal(hosted_tests.bytes_of(again), hosted_tests.bytes_of(out), "results")
        expect(2 * len(data) < len(compact_records.unpack(data)), "it is not half as long as its records")
        part = data.index(b"\n@C")
        said = collected(data[:part] + data[data.index(b"\n", part + 1):])[2]
        expect("\n1 line of compact records is lost or damaged\n" in said, said)
        with open(log, "wb") as file:
            file.write(data[:data.rindex(b"@anechoic START") + 20])
        result = anechoic(*RUN, "--resume", log, "--log", log, COMPACT, "--out", out)
        expect_equal(result.returncode, 0, result.stderr)
        expect_equal(anechoic("collect", log, "-o", again).returncode, 0, "collect of both parts")
        expect_equal(hosted_tests.bytes_of(again), hosted_tests.bytes_of(out), "results of both parts")


@test("compact/of a log without compact records no stranger's line is one's")
def _():
    data = hosted_tests.bytes_of(os.path.join(m.ROOT, "host-tests", "data", "old", "2026-11-27-aarch64-uefi.log"))
    damaged = data.replace(b"@anechoic END {", b"@anechoic END [", 1)
    expect(b"root@Web01" not in data and damaged != data, "the log is not what it is taken for")
    for log in (data, damaged):
        expect_equal(collected(b"root@Web01:~# \n" + log), collected(log), "what is collected")


@test("compact/strangers' lines between, and lines said twice, cost no record")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        result = anechoic(*RUN, "--log", log, COMPACT, "--out", os.path.join(directory, "out.json"))
        expect_equal(result.returncode, 0, result.stderr)
        data = hosted_tests.bytes_of(log)
    strangers = b"".join(b"root@%cob01\n@%c}}0000000012345678\n" % (kind, kind) for kind in b"BCEW")
    noisy = strangers + b"".join(line + (line if line[:2] in (b"@B", b"@C", b"@E", b"@W") else b"") + strangers
                                 for line in data.splitlines(keepends=True))
    expect_equal(collected(noisy), collected(data), "what is collected")
    # A record of one line is read twice, and DONE comes in both forms.
    records, noisy_records = ([record for record, _ in itertools.groupby(m.records_read(log))] for log in (data, noisy))
    expect(len(records) > len(RUN), f"{len(records)} records")
    expect(noisy_records == records, "a launcher reads other records")


@test("compact/forms of records that are none are refused")
def _():
    for words, says in (
            (("--log=/dev/null", "--records=short"), "--records 'short': not a valid value, full or compact"),
            ((COMPACT,), "--records compact: it says how --log FILE is written, and there is none")):
        result = anechoic("run", *words, "tlb/lookup")
        expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), words)
        expect_equal(result.stderr, says + "\n", words)


@test("compact/pvh: the last 64 KiB of a console give complete results")
def _():
    expect_tail_enough(boot(pvh(arguments=f"{QUICK} {COMPACT} tlb/lookup pool/")), 4)


@test("compact/uefi x86_64: the last 64 KiB of a console give complete results", system=True)
def _():
    what = machine(config="records = compact", arguments=f"{QUICK} tlb/lookup pool/", mode="takeover", **X86)
    expect_tail_enough(boot(what), 4)


@test("compact/handback: log and results on the stick are those of the console", system=True)
def _():
    what = machine(mode="handback", arguments=f"{QUICK} {COMPACT} tlb/lookup", **X86)
    with stick(what) as directory:
        outcome = boot(what, directory)
        expect_healthy(outcome, least=3)
        expect_stick_agrees(what, outcome)


@test("compact/what `noise` finds is collected", system=True)
def _():
    outcome = boot(pvh(arguments=f"noise --duration=1 {COMPACT}"))
    expect(outcome.done() is not None, tail(outcome))
    found, status, _ = collected(outcome.console[-TAIL_BYTES:])
    expect_equal((found["schema"], status), ("anechoic-noise/1", 0), "what was collected")
