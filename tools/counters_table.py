#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make counters-table`: bench/counters/events_table.c, from what libpfm knows of each design. Debian's libpfm4 is
asked for the code of an event by its name; nothing of its text is taken. What it does not know has no row here.

    tools/counters_table.py            prints the table, as clang-format wants it
    tools/counters_table.py --check    exit status 1 where the checked-in table is another
"""

import ctypes
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLE = os.path.join(ROOT, "bench", "counters", "events_table.c")
LIBRARY = "libpfm.so.4"
USER = 8                    # PFM_PLM3
CODE = 0xF_FF84_FFFF        # event, unit mask, edge, invert, counter mask

# libpfm's PMU: the names that caps/ has for the designs that it is of. Zen 5 is younger than Debian's libpfm: Linux
# (tools/perf/pmu-events/arch/x86/amdzen5) has the same codes for it.
DESIGNS = {
    "nhm": ["Nehalem"],
    "wsm": ["Westmere"],
    "snb": ["Sandy Bridge"],
    "ivb": ["Ivy Bridge"],
    "hsw": ["Haswell"],
    "bdw": ["Broadwell"],
    "skl": ["Skylake", "Kaby Lake", "Coffee Lake", "Comet Lake"],
    "skx": ["Skylake (server)"],
    "clx": ["Cascade Lake", "Cooper Lake"],
    "icl": ["Sunny Cove", "Willow Cove", "Cypress Cove"],
    "spr": ["Golden Cove", "Raptor Cove"],
    "amd64_fam17h_zen1": ["Zen", "Zen+"],
    "amd64_fam17h_zen2": ["Zen 2"],
    "amd64_fam19h_zen3": ["Zen 3", "Zen 3+"],
    "amd64_fam19h_zen4": ["Zen 4", "Zen 4c", "Zen 5", "Zen 5c"],
}

# Of each event the first that the PMU has. Unit masks with + between are one code: AMD's are bits that add up.
DTLB = "L1_DTLB_MISS:TLB_RELOAD_4K_L2_{0}+TLB_RELOAD_COALESCED_PAGE_{0}+TLB_RELOAD_2M_L2_{0}+TLB_RELOAD_1G_L2_{0}"
FILLS = "DEMAND_DATA_CACHE_FILLS_FROM_SYSTEM:"
REFILLS = "DATA_CACHE_REFILLS_FROM_SYSTEM:"
EVENTS = {
    "L1D_MISSES": [
        "L1D:REPLACEMENT", "L1D:REPL",
        FILLS + "LCL_L2+LOCAL_CCX+NEAR_CACHE_NEAR_FAR+DRAM_IO_NEAR+FAR_CACHE_NEAR_FAR+DRAM_IO_FAR+ALT_MEM_NEAR_FAR",
        FILLS + "LCL_L2+INT_CACHE+EXT_CACHE_LCL+MEM_IO_LCL+EXT_CACHE_RMT+MEM_IO_RMT",
        REFILLS + "MABRESP_LCL_L2+LS_MABRESP_LCL_CACHE+LS_MABRESP_LCL_DRAM+LS_MABRESP_RMT_CACHE+LS_MABRESP_RMT_DRAM",
        "MAB_ALLOCATION_BY_PIPE:DATA_PIPE+ST_PIPE",
    ],
    "L2_MISSES": [
        "L2_RQSTS:DEMAND_DATA_RD_MISS", "MEM_LOAD_UOPS_RETIRED:L2_MISS", "L2_RQSTS:LD_MISS",
        "CORE_TO_L2_CACHEABLE_REQUEST_ACCESS_STATUS:LS_RD_BLK_C",
    ],
    # Intel's is architectural: events.c.
    "LLC_MISSES": [FILLS + "DRAM_IO_NEAR+DRAM_IO_FAR", FILLS + "MEM_IO_LCL+MEM_IO_RMT",
                   REFILLS + "LS_MABRESP_LCL_DRAM+LS_MABRESP_RMT_DRAM"],
    "DTLB_MISSES": ["DTLB_LOAD_MISSES:STLB_HIT", DTLB.format("HIT")],
    "PAGE_WALKS": ["DTLB_LOAD_MISSES:WALK_COMPLETED", DTLB.format("MISS")],
}

HEAD = """/* SPDX-License-Identifier: Apache-2.0
 *
 * Written by tools/counters_table.py (`make counters-table`), which asks Debian's libpfm4 %s for the code of
 * each event by its name. libpfm is under the MIT licence (Expat): Copyright (c) 2002-2022 Hewlett-Packard
 * Development Company, Google, Intel, AMD and others. Zen 5's codes are Zen 4's, as Linux has them.
 */
#include "bench/counters/events.h"

const struct event_row events_table[] = {
"""


class Pfm:
    def __init__(self):
        os.environ["LIBPFM_ENCODE_INACTIVE"] = "1"     # designs that are not this machine's
        self._library = ctypes.CDLL(LIBRARY)
        if self._library.pfm_initialize() != 0:
            sys.exit("counters_table: libpfm does not start")
        asked = ["dpkg-query", "-W", "-f=${Version}", "libpfm4"]
        self.version = subprocess.run(asked, check=False, capture_output=True, text=True).stdout.split("-")[0]

    def code(self, pmu, name):
        """None: the PMU has no such event."""
        text, index = ctypes.c_char_p(), ctypes.c_int()
        codes, count = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_int(0)
        error = self._library.pfm_get_event_encoding(f"{pmu}::{name}".encode(), USER, ctypes.byref(text),
                                                     ctypes.byref(index), ctypes.byref(codes), ctypes.byref(count))
        return codes[0] & CODE if error == 0 else None

    def combined(self, pmu, name):
        event, masks = name.split(":")
        parts = [self.code(pmu, f"{event}:{mask}") for mask in masks.split("+")]
        if None in parts:
            return None
        code = 0
        for part in parts:
            code |= part
        return code


def rows(pfm):
    for pmu, designs in DESIGNS.items():
        codes = []
        for event, names in EVENTS.items():
            known = [(pfm.combined(pmu, name), name) for name in names]
            known = [(code, name) for code, name in known if code is not None]
            if known:
                code, name = known[0]
                name = name if "+" not in name else name.split(":")[0] + f":0x{code >> 8 & 0xff:02x}"
                codes.append(f'[EVENT_{event}] = {{{code:#06x}, "{name}"}}')
        names = ", ".join(f'"{design}"' for design in designs)
        yield f"{{.designs = {{{names}}}, .codes = {{{', '.join(codes)}}}}},"


def table():
    pfm = Pfm()
    text = HEAD % pfm.version + "\n".join(rows(pfm)) + "\n{.designs = {NULL}},\n};\n"
    return subprocess.run(["clang-format", f"--assume-filename={TABLE}"], input=text, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def main():
    made = table()
    if sys.argv[1:] != ["--check"]:
        sys.stdout.write(made)
        return 0
    with open(TABLE, encoding="utf-8") as file:
        if file.read().split("#include")[1] == made.split("#include")[1]:   # whatever version said it
            return 0
    print("counters_table: bench/counters/events_table.c is not what libpfm says", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
