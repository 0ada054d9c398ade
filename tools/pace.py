# SPDX-License-Identifier: Apache-2.0
"""How slow this machine is at the moment, so that time-outs which are to catch what hangs do not
catch what is merely slow.

A fixed piece of work is timed: on a quiet machine of the kind that the limits were written on the factor is
1, on a slower or a busy one it is larger; never less. It is measured again where the last answer is old,
for load comes and goes.
"""

import time

# Of the piece of work on a quiet core of a Zen 4 at 3.7 GHz, under Python 3.11.
NOMINAL_S = 0.017
FRESH_S = 10

_last = {"at": None, "factor": 1.0}


def _work():
    x = 1
    for _ in range(300000):
        x = x * 1103515245 + 12345 & 0xFFFFFFFF
    return x


def factor():
    """1 or more; costs NOMINAL_S every FRESH_S seconds."""
    now = time.monotonic()
    if _last["at"] is None or now - _last["at"] > FRESH_S:
        _work()
        _last["at"] = time.monotonic()
        _last["factor"] = max(1.0, (_last["at"] - now) / NOMINAL_S)
    return _last["factor"]


def limit(seconds):
    """A bound for a wait that takes far less than `seconds` on a quiet machine, on this one, now."""
    return seconds * factor()


class Clock:
    """Seconds as a quiet machine would have needed them for as much work."""

    def __init__(self, pace=factor, monotonic=time.monotonic):
        self._pace, self._monotonic = pace, monotonic
        self._seconds, self._last = 0.0, monotonic()

    def now(self):
        pace, now = self._pace(), self._monotonic()
        self._seconds += (now - self._last) / pace
        self._last = now
        return self._seconds
