#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make soak`: boots N times in a row on each way in and counts the runs that did not come to a healthy end."""

import argparse
import os
import sys

import machine as m

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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--ways", default="", help="part of a way's name")
    options = parser.parse_args(argv)
    failures = 0
    for name, how in WAYS.items():
        if options.ways not in name:
            continue
        accel = m.choose("x86_64", "pvh", "", "takeover", options.build)[1] if how.get("boot") == "pvh" else "tcg"
        reasons, seconds = [], []
        for number in range(1, options.count + 1):
            outcome = m.boot(m.Machine(build=options.build, accel=accel, arguments="--quick", **how), 150)
            seconds.append(outcome.seconds)
            why = failure(outcome)
            if why:
                reasons.append(f"boot {number}: {why}")
                path = os.path.join(options.build, f"soak-failure-{len(reasons)}.log")
                with open(path, "wb") as file:
                    file.write(outcome.console)
        failures += len(reasons)
        print(f"{name} ({accel}): {options.count - len(reasons)} of {options.count} boots healthy, "
              f"{sum(seconds) / len(seconds):.1f} s each" + "".join(f"\n  {reason}" for reason in reasons), flush=True)
    print(f"{failures} failures")
    return 0 if failures == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
