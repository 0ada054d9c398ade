# SPDX-License-Identifier: Apache-2.0
"""The loads that `make advise-check` holds advice against: programs of Debian's, and copies and allocations of our own
(host-tests/advise_loads.c). Chosen for what they are, before anything was predicted of them; none is left out for what
came of it.
"""

import glob
import os
import subprocess

import record_cost

SOURCE = os.path.join(record_cost.ROOT, "host-tests", "advise_loads.c")

# Name in advise_loads.c, and pieces of work.
OWN = {"copy-small": 8000, "copy-pages": 12000, "copy-large": 9000, "fill-and-move": 8000, "scan": 9000,
       "stack": 15000, "fill-and-drain": 12000, "replace": 9000, "queue": 20000, "elsewhere": 2500, "grow": 100}
QUICK = ("sqlite3", "jq", "copy-pages", "replace", "stack")


def compiled(folder, source):
    """The program of loads of our own."""
    own = os.path.join(folder, "loads")
    subprocess.run(["cc", "-O2", "-fno-builtin", "-o", own, source, "-lpthread"], check=True, timeout=120)
    return own


def make(folder):
    """Makes what they read, and returns each load's command line by name."""
    record_cost.make_inputs(folder)
    own = compiled(folder, SOURCE)
    loads = record_cost.programs(folder)
    loads.update({name: [own, name, "0", str(pieces)] for name, pieces in OWN.items()})
    return loads


def missing(loads):
    """Programs that are not there."""
    return sorted(name for name, words in loads.items() if not (words[0] and glob.glob(glob.escape(words[0]))))
