# SPDX-License-Identifier: Apache-2.0
"""Requests that the firmware refuses: the loader ends in order or does without, and says so (tools/refuse_calls.py)."""

import glob
import os
import re

import machine as m
import refuse_calls
from harness import Cases, expect, expect_equal, test
from refuse_calls import NOTHING, Told, Trial

BUILD = os.path.join(m.ROOT, "build")

# Of one boot: what is asked for first, and what a run's files need.
QUICK = [Trial("AllocatePages", 1, 0), Trial("AllocatePages", 2, 2), Trial("GetMemoryMap", 1, 1),
         Trial("OpenVolume", 1, 1), Trial("SetPosition", 2, 2), Trial("Write", 2, 2), Trial("SetInfo", 1, 0)]

# Made where the loader came over a network alone: test_http.c and test_network.c refuse each, and the matrix' servers
# those that ask one.
OVER_A_NETWORK = {"Mtftp", "LocateDevicePath", "LocateHandleBuffer", "FreePool", "SetTimer", "CreateChild",
                  "DestroyChild", "Configure", "Cancel", "Poll", "Shutdown", "Stop"}


@test("refuse/every call of the firmware that the loader makes can be refused")
def _():
    called = set()
    for path in glob.glob("boot/*.[ch]", root_dir=m.ROOT) + glob.glob("boot/*/*.[ch]", root_dir=m.ROOT):
        with open(os.path.join(m.ROOT, path), encoding="utf-8") as file:
            called |= set(re.findall(r"->\s*([A-Z][a-z]\w+)\(", file.read()))
    with open(os.path.join(m.ROOT, "host-tests", "efi", "refuse_calls.c"), encoding="utf-8") as file:
        refused = set(re.findall(r"^\tX\((\w+),", file.read(), re.MULTILINE))
    expect_equal(called - refused, OVER_A_NETWORK, "calls that nothing refuses")
    expect_equal(refused - called, set(), "calls that the loader does not make")


def _told(text, ended=True, trial=Trial("Open", 1, 1)):
    console = text.encode()
    return Told(trial, m.Outcome(console, 0, False, False, 0, "", m.records_read(console)), ended)


def _record(tag, body):
    return f"@anechoic {tag} {body} {m.crc32c(f'{tag} {body}'.encode()):08x}\n"


RAN = _record("RUN", '{"context":{"start_utc":"a","firmware":"f"}}') + _record("END", '{"name":"a","status":"ok"}') \
    + _record("DONE", '{"status":0}')


@test("refuse/verdict: no hang, no panic, and nothing missing without a word")
def _():
    usual = _told("anechoic: kernel of 5 KiB\n" + RAN, trial=NOTHING)
    for text, ended, wanted in (
            ("anechoic: kernel of 6 KiB\n" + RAN, True, (True, "as ever")),
            (RAN, False, (False, "hangs")),
            (RAN + "anechoic: kernel panic: page 0\n", True, (False, "panics: kernel panic: page 0")),
            (RAN + "Synchronous Exception at 0x0\n", True, (False, "panics: Synchronous Exception at 0x0")),
            (_record("DONE", '{"status":0}'), True, (False, "something is missing, without a word")),
            (RAN.replace("RUN", "XYZ"), True, (False, "something is missing, without a word")),
            ("", True, (False, "something is missing, without a word")),
            ("anechoic: no memory: out of memory\n", True, (True, "anechoic: no memory: out of memory"))):
        expect_equal(refuse_calls.verdict(_told(text, ended), usual), wanted, text)
    expect_equal(refuse_calls.verdict(_told(RAN + "refuse_calls: end, refusals 1, status 0, pages kept 2, uses A 1\n"),
                                      usual), (False, "keeps 2 pages too many"), "pages")
    torn = _told("anechoic: refuse_calls: refused\n" + RAN, trial=Trial("OutputString", 1, 1))
    expect_equal(refuse_calls.verdict(torn, usual), (True, "as ever"), "what the console refused is no word")
    expect_equal(_told("refuse_calls: end, refusals 0, status 0, pages kept 3, uses Open 4 Read 2\r\n").uses(),
                 {"Open": 4, "Read": 2}, "uses")


@test("refuse/a boot's console is told apart by its trials, and one that hangs is the last")
def _():
    console = b"refuse_calls: begin 1 to 1 of Open\r\nrefuse_calls: refused\r\nrefuse_calls: end, \r\n" \
              b"refuse_calls: begin 2 to 2 of Open\r\n"
    for timed_out in (True, False):
        told = refuse_calls.split(m.Outcome(console, 0, timed_out, False, 0, ""),
                                  [Trial("Open", use, use) for use in (1, 2, 3)])
        expect_equal([(one.trial.first, one.refusals(), one.ended) for one in told],
                     [(1, 1, True), (2, 0, not timed_out)], "trials")


def _judged(rows, usual):
    failed = [(told.trial.name(), f"{came_to}\n{told.outcome.text()}")
              for told in rows for fits, came_to in [refuse_calls.verdict(told, usual)] if not fits]
    return Cases(len(rows) - len(failed), failed)


def _one_boot(name, trials):
    way = next(way for way in refuse_calls.WAYS if way.name == name)
    usual, *rest = refuse_calls.boot(way, [NOTHING] + trials, BUILD)
    expect_equal((usual.outcome.status(), len(rest)), (0, len(trials)), usual.outcome.text())
    return usual, rest


@test("refuse/some calls, x86_64 in handback", seconds=6)
def _():
    usual, rest = _one_boot("x86_64, handback", QUICK)
    expect_equal([told.trial.call for told in rest if told.refusals()], [trial.call for trial in QUICK], "refused")
    return _judged(rest, usual)


@test("refuse/nothing, x86_64 in handback: cores are lent to a second run as to the first", seconds=6)
def _():
    usual, rest = _one_boot("x86_64, handback, two cores", [NOTHING])
    return _judged(rest, usual)


def _register_ways():
    for way in refuse_calls.WAYS:
        @test(f"refuse/all calls, {way.name}", system=True, seconds=200)
        def _(way=way):
            usual, trials = refuse_calls.trials_of(way, BUILD)
            rows = [told for told in refuse_calls.run(way, trials, BUILD) if told.refusals()]
            expect(rows, "nothing was refused")
            return _judged(rows, usual)


_register_ways()
