#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make soak`: boots N times on each way in and counts the runs that did not come to a healthy end. Exit
status 1 if any did not."""

import os
import sys

import machine as m
import tally

LIMIT_S = 150   # of a quiet machine's time; a boot takes 2 to 20
X86 = dict(arch="x86_64", icount=True)
ARM = dict(arch="aarch64", icount=True)
WAYS = {
    "PVH, x86_64": dict(boot="pvh"),
    "UEFI, x86_64, takeover": X86,
    "UEFI, x86_64, handback": dict(X86, mode="handback"),
    "UEFI, aarch64 at EL1, takeover": ARM,
    "UEFI, aarch64 at EL1, handback": dict(ARM, mode="handback"),
    "UEFI, aarch64 at EL2, takeover": dict(ARM, el2=True),
    "UEFI, aarch64 at EL2, handback": dict(ARM, el2=True, mode="handback"),
}


def failure(outcome):
    """Why this boot does not count as healthy; None: it does."""
    done = outcome.done()
    if done is None:
        return "time-out" if outcome.timed_out else "no DONE record"
    if done["status"] != 0:
        return f"exit status {done['status']}"
    if done["interrupts"] != 0:
        return f"{done['interrupts']} interrupts"
    return None


def main(argv):
    options = tally.parser(__doc__).parse_args(argv)
    ways = {name: how for name, how in WAYS.items() if options.ways in name}
    pvh_accel = m.choose("x86_64", "pvh", "", "takeover", options.build)[1]

    def trial(name, number):
        how = ways[name]
        accel = pvh_accel if how.get("boot") == "pvh" else "tcg"
        outcome = m.boot(m.Machine(build=options.build, accel=accel, arguments="--quick", **how), LIMIT_S, paced=True)
        why = failure(outcome)
        return f"{why} (see {tally.keep(options.build, f'soak {name} {number}', [outcome])})" if why else None

    counts = tally.Tally(os.path.join(options.build, "soak.json"), tally.images_hash(options.build))
    return 0 if tally.run(counts, ways, options.count, trial) == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
