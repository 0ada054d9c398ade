# SPDX-License-Identifier: Apache-2.0
"""Reads the prints in docs/performance/: what `make performance` wrote on one machine, a head and what commands said.

Figures stay the text that they are in the print. Older forms of what the commands say are read as well.
"""

import dataclasses
import glob
import os
import re

# What somebody would take instead of ours: a row without a bar is shown beside the best of these.
USERS_CHOICE = {"glibc", "mimalloc", "jemalloc", "tcmalloc", "ISA-L", "ISA-L's crc32_iscsi_01",
                "glibc's memcmp with itself, 1 byte on"}
BEST = "best peer"
LIMIT = "the limit"
ITSELF = ("ns", "cycles")           # the ratio of such a bar is ours by itself
MET, MISSED, VOID, ABSENT = "met", "missed", "void", "absent"


@dataclasses.dataclass
class Bar:
    """Ours over `against` (text), at most `most`; the ratio as printed, "" where there is none."""
    against: str
    seen: str
    most: str
    verdict: str    # MET, MISSED, VOID, ABSENT; "": no bar
    instead: str = ""    # another bar that would do: "1.030 of 1.050 the limit"


@dataclasses.dataclass
class Row:
    name: str
    figure: str = ""                 # ours, with its unit
    skipped: bool = False
    bars: list = dataclasses.field(default_factory=list)
    ratios: dict = dataclasses.field(default_factory=dict)     # ours over each peer's, as printed

    def comparisons(self):
        """The bars; without any, the best of what users would take, else the limit."""
        if self.bars or self.skipped:
            return self.bars
        peers = [ratio for who, ratio in self.ratios.items() if who in USERS_CHOICE]
        if peers:
            return [Bar(BEST, max(peers, key=float), "", "")]
        return [Bar(LIMIT, self.ratios[LIMIT], "", "")] if LIMIT in self.ratios else [Bar("", "", "", "")]


@dataclasses.dataclass
class GridCell:
    failed: str
    of: str
    verdict: str
    greatest: str = ""    # ratio of all cells; "": the print has none
    most: str = ""
    greatest_verdict: str = ""


@dataclasses.dataclass
class Print:
    file: str                                                  # its name, without folder and ending
    title: str = ""
    head: dict = dataclasses.field(default_factory=dict)       # of its first table
    rows: dict = dataclasses.field(default_factory=dict)       # by name
    grid: dict = dataclasses.field(default_factory=dict)       # cells of the copy's grid: GridCell
    start: dict = dataclasses.field(default_factory=dict)      # what: Bar, `against` unused
    models: dict = dataclasses.field(default_factory=dict)     # loop: {core: (cycles, limit)}
    best: dict = dataclasses.field(default_factory=dict)       # loop: {core: (cycles, those of the best known)}


# ---- reading ---------------------------------------------------------------------------------------------------------

NUMBER = r"([\d.]+)"
VERDICT = r"\W*(met|missed|void)"
CLAUSE = rf"{NUMBER} of at most {NUMBER} ([^:;|]+?)"
BAR = re.compile(rf"{CLAUSE}(?:, or (?:{CLAUSE}|no limit of this width|[^:;|]+ is absent))?: {VERDICT}")
ABSENT_BAR = re.compile(r"(?:^|; )([^:;|]+) is absent;")
STREAM_BAR = re.compile(rf"^at most {NUMBER}: \W*(met|missed)")
WALKS_BAR = re.compile(rf"walks over never evicting: {NUMBER} of at most {NUMBER}: \W*(met|missed)")
GRID = re.compile(rf"^\| ([^|]* bytes|[^|]*, \+- 1) \|.*\| (\d+) of (\d+): {VERDICT}")
GREATEST = re.compile(rf"\| {NUMBER} of at most {NUMBER}: {VERDICT}")
GRID_OF = re.compile(r"^#+ (simd/copy/grid.*)$")
HEAD = re.compile(r"^\| (\S[^|]*) \| ([^|]*) \|$")
MODEL = re.compile(r"(\w+/\w+)((?:\s+[\d.]+ \([\d.]+\))+)$")


def bars_of(cell):
    walks = WALKS_BAR.search(cell)
    if walks:
        return [Bar("walks of a table that never evicts", *walks.groups())]
    return ([Bar(against.strip(), seen, most, verdict, f"{other} of {other_most} {whose}" if other else "")
             for seen, most, against, other, other_most, whose, verdict in BAR.findall(cell)]
            + [Bar(who.strip(), "", "", ABSENT) for who in ABSENT_BAR.findall(cell)])


def read_ours(of, cells, columns):
    row = of.rows[cells[0]] = Row(cells[0])
    if cells[1].startswith("skipped"):
        row.skipped = True
        return row
    per_cycle = cells[columns.index("B/cycle")] if "B/cycle" in columns else ""
    row.figure = f"{per_cycle} B/cycle" if per_cycle else f"{cells[2]} ns"
    row.bars = bars_of(cells[-1])
    return row


def read_peer(row, cells, columns):
    if cells[2].startswith("skipped"):
        return
    who = LIMIT if cells[1].startswith("limit: ") else cells[1]
    row.ratios[who] = cells[columns.index("ours/peer, least")]
    stream = STREAM_BAR.search(cells[-1])
    if stream:
        verdict = VOID if "**void**" in cells[-1] else stream.group(2)
        row.bars.append(Bar(who, row.ratios[who], stream.group(1), verdict))


def read_tables(of, lines):
    """Rows of `make bench-peers`, and its grid: the chosen copy's alone, where there are those of its widths, too."""
    columns, row, grid_of = [], None, ""
    for line in lines:
        heading, grid = GRID_OF.match(line), GRID.match(line)
        grid_of = heading.group(1) if heading else grid_of
        if grid:
            greatest = GREATEST.search(line)
            cell = GridCell(*grid.groups()[1:], *(greatest.groups() if greatest else ()))
            if grid_of in ("", "simd/copy/grid"):
                of.grid[grid.group(1)] = cell
            continue
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if cells[:2] == ["row", "who"]:
            columns = cells
        elif columns and len(cells) == len(columns) and "/" in cells[0]:
            row = read_ours(of, cells, columns)
        elif columns and row and len(cells) == len(columns) and cells[0] == "" and cells[1]:
            read_peer(row, cells, columns)


def first(pattern, text):
    return re.search(pattern, text, re.MULTILINE)


def verdict_of(words):
    return MET if words == "met" else MISSED


def read_start(of, text):
    """`make bench-start` and `make bench-report`."""
    times = dict(re.findall(rf"^(process_start|kernel entry to benchmark) +{NUMBER} \[", text, re.MULTILINE))
    target = first(r"^target: kernel entry to benchmark in (\d+) ms at the most: (met|not met) by the median", text)
    count = first(r"^kernel entry to benchmark +(\d+)(?:,[^;]*)?; target (\d+) at the most: (met|not met)", text)
    chart = first(r"^first chart after (\d+) ms .*; target (\d+) ms at the most: (met|not met)", text)
    if "process_start" in times:
        of.start["emulator's start, ms"] = Bar("", times["process_start"], "", "")
    if "kernel entry to benchmark" in times:
        bar = (target.group(1), verdict_of(target.group(2))) if target else ("", "")
        of.start["kernel's entry to the first benchmark, ms"] = Bar("", times["kernel entry to benchmark"], *bar)
    for what, found in (("privileged instructions in that", count), ("a report's first chart, ms", chart)):
        if found:
            of.start[what] = Bar("", found.group(1), found.group(2), verdict_of(found.group(3)))


def read_models(of, lines):
    """`make mca`."""
    tables = {"(limit)": of.models, "(best known)": of.best}
    table, cores = None, []
    for line in lines:
        head = re.match(r"cycles for 64 bytes (\([a-z ]+\)) +(.*)", line)
        if head:
            table, cores = tables[head.group(1)], head.group(2).split()
        match = MODEL.match(line)
        if match and cores:
            table[match.group(1)] = dict(zip(cores, re.findall(rf"{NUMBER} \({NUMBER}\)", match.group(2))))


def read(file, text):
    """A Print of the text of docs/performance/`file`.md."""
    of = Print(file)
    lines = text.split("\n")
    of.title = lines[0].lstrip("# ")
    for line in lines[1:]:
        if line.startswith("## "):
            break
        head = HEAD.match(line)
        if head:
            of.head[head.group(1).strip()] = head.group(2).strip()
    read_tables(of, lines)
    read_start(of, text)
    read_models(of, lines)
    return of


def read_all(folder):
    """All of the folder, in the order of their file names."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "*.md"))):
        with open(path, encoding="utf-8") as file:
            found.append(read(os.path.splitext(os.path.basename(path))[0], file.read()))
    return found
