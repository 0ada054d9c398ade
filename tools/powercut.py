#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make powercut`: under handback, kills the machine at a random moment of a run and boots it again from the same
stick, N times on each way in. What the console had shown as finished must be in the log, results.json must be whole or
absent, and the run must come to its end with all of it. Exit status 1 if anything was lost.

The emulator is killed, so what the firmware had written stands on the medium, in its order: this tries the
order, not a medium that lies.
"""

import json
import os
import random
import sys
import tempfile

import machine as m
import soak
import tally

ARGUMENTS = "--quick tlb copy/4KiB"
CUTS_MOST = 3       # in a row, before the run is left to come to its end
EARLIEST = 0.9      # of the time to the first benchmark: the loader's own work, and little of the firmware's
LATEST = 1.05       # of a whole boot's: some are not cut at all
# A cut while the port was started looks as if the port had stopped that start: the next one does without it, and the
# stick has the records that the console lacks.
CONSOLE_LEFT_OUT = "left out, as anechoic.boot says: console"
WAYS = {name: how for name, how in soak.WAYS.items() if how.get("mode") == "handback"}


class Lost(Exception):
    """What should be on the stick and is not."""


def need(condition, what):
    if not condition:
        raise Lost(what)


def ends_of(records):
    """Benchmarks that came to their end, and their samples."""
    return {record.body["name"]: record.body.get("ticks") for record in records if record.tag == "END"}


def results_of(image):
    """results.json of the stick; None: there is none."""
    data = m.stick_read(image, "results.json")
    if data is None:
        return None
    try:
        results = json.loads(data)
    except ValueError as error:
        raise Lost(f"results.json is torn, {len(data)} bytes") from error
    return {entry["name"]: entry["status"] for entry in results["benchmarks"]}


def check_cut(image, outcome, known):
    """After a boot that may have been cut: adds what is finished to `known`. True: the run is
    over, its results saved."""
    log = m.records_read(m.stick_read(image, "anechoic.log") or b"")
    kept, shown = ends_of(log), ends_of(outcome.records)
    for name, ticks in {**known, **shown}.items():
        need(name in kept, f"{name} was finished and is not in the log")
        need(kept[name] == ticks or name in shown, f"{name} has other samples in the log")
    known.update(kept)
    results = results_of(image)
    saved = any(record.tag == "SAVED" for record in log)
    need(not saved or results is not None, "the log says that results were saved, and there are none")
    return saved


def check_results(image, known):
    results = results_of(image)
    need(results is not None, "no results.json")
    for name in known:
        need(results.get(name) in ("ok", "skipped", "hung"),
             f"{name} was finished and is {results.get(name)} in results.json")
    need(sum(status == "ok" for status in results.values()) >= 3, "hardly a benchmark ran")


def run_cut(what, directory, whole_s, first_s, chance, outcomes):
    """Boots and cuts until the run is over, its results saved."""
    known = {}
    for at in range(CUTS_MOST + 1):
        moment = chance.uniform(first_s * EARLIEST, whole_s * LATEST)
        limit_s, paced = (soak.LIMIT_S, True) if at == CUTS_MOST else (moment, False)
        outcome = m.boot(what, limit_s, directory, paced=paced)
        outcomes.append(outcome)
        over = check_cut(what.image, outcome, known)
        if not outcome.timed_out:
            if CONSOLE_LEFT_OUT in outcome.text():
                outcome.records = m.records_read(m.stick_read(what.image, "anechoic.log") or b"")
            need(outcome.done() is not None, "a boot that nothing cut ended without a DONE record")
            need(outcome.status() in (0, m.EXIT_BROKEN), f"exit status {outcome.status()}")
            need(over, "the run came to its end, and its results are not saved")
        if over:
            check_results(what.image, known)
            return
    raise Lost("the last boot did not come to its end")


def main(argv):
    options = tally.parser(__doc__).parse_args(argv)
    ways = {name: how for name, how in WAYS.items() if options.ways in name}
    times = {}

    def machine(name):
        return m.Machine(build=options.build, arguments=ARGUMENTS, **ways[name])

    def trial(name, number):
        what, outcomes = machine(name), []
        with tempfile.TemporaryDirectory(prefix="anechoic-cut-") as directory:
            what.prepare(directory)
            what.image = os.path.join(directory, "stick.img")
            try:
                run_cut(what, directory, *times[name], random.Random(f"{name} {number}"), outcomes)
            except Lost as lost:
                return f"{lost} (see {tally.keep(options.build, f'powercut {name} {number}', outcomes, what.image)})"
        return None

    for name in ways:
        whole = m.boot(machine(name), soak.LIMIT_S, paced=True)
        if whole.done() is None:
            print(f"{name}: a run that nothing cuts does not come to its end", file=sys.stderr)
            return 1
        times[name] = (whole.seconds, whole.first_start_s)
    counts = tally.Tally(os.path.join(options.build, "powercut.json"), tally.images_hash(options.build))
    return 0 if tally.run(counts, ways, options.count, trial) == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
