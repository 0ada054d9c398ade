#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make cores-asleep`: what cores that are started and asleep cost the rows of the first one. Boots the image (PVH +
KVM) in pairs, once with the key `cores = started` and once without, in changing order, and gives the median of the
pairs' ratios of each row, with its 95 % interval.

Exit status: 0 no row's whole interval lies beyond the limit, 1 one does, 77 without a KVM that carries PVH, 4 a run
failed.
"""

import argparse
import os
import statistics
import sys

import machine as m
import noise

KEY = "--cores=started"


def figures(options, started):
    """10 % quantile of ticks per iteration of each row, as the verdicts use it."""
    cores = min(os.cpu_count() or 1, options.cores)
    outcome = m.boot(m.Machine(boot="pvh", accel="kvm", cores=cores, build=options.build,
                               arguments=(KEY + " " if started else "") + options.arguments), options.limit)
    if outcome.status() != 0:
        raise RuntimeError(f"exit status {outcome.status()}\n{outcome.text()[-1000:]}{outcome.errors}")
    if started and f"{cores - 1} of {cores - 1} other cores are started" not in outcome.text():
        raise RuntimeError(f"not all cores came\n{outcome.text()[-1000:]}")
    found = {}
    for name, end in outcome.ends().items():
        if end["status"] == "ok":
            each = [(i + 1 if end["sampling"] == "linear" else 1) * end["step"] for i in range(len(end["ticks"]))]
            found[name] = noise.quantile([ticks / n for ticks, n in zip(end["ticks"], each)], 0.1)
    return found


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--arguments", default="--quick")
    parser.add_argument("--count", type=m.positive, default=20, help="pairs")
    parser.add_argument("--cores", type=m.positive, default=512)
    parser.add_argument("--within", type=float, default=0.01)
    parser.add_argument("--limit", type=float, default=120, metavar="SECONDS", help="of one run")
    options = parser.parse_args(argv)
    if not m.probe("x86_64", options.build)["pvh"]:
        print("cores-asleep: skipped: no KVM here that carries PVH")
        return m.EXIT_SKIPPED
    ratios = {}
    try:
        for number in range(options.count):
            pair = {started: figures(options, started) for started in ((True, False) if number % 2 else (False, True))}
            for name in pair[True].keys() & pair[False].keys():
                ratios.setdefault(name, []).append(pair[True][name] / pair[False][name])
    except RuntimeError as error:
        print(f"cores-asleep: {error}", file=sys.stderr)
        return m.EXIT_BROKEN
    beyond = 0
    print(f"{'started and asleep / never started':44} {'ratio':>7} {'of the median, 95 %':>19}")
    for name, values in sorted(ratios.items()):
        lower, upper = noise.median_interval(values)
        outside = lower > 1 + options.within or upper < 1 - options.within
        beyond += outside
        print(f"{name:44} {statistics.median(values):7.4f} [{lower:.4f} {upper:.4f}]" + ("  BEYOND" if outside else ""))
    print(f"cores-asleep: {options.count} pairs; {beyond} of {len(ratios)} rows beyond {options.within:.0%}")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
