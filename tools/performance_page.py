# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/performance.md, of the prints beside it.

Cells are the prints' own figures as they stand there; nothing is computed here but which of several is the least and
the greatest, and how many there are. A table has a column for each print that has something for it.
"""

import fnmatch
import re

from prints import ABSENT, ITSELF, MET, MISSED, VOID

# Rows that are shown as one: name of the group, its rows' pattern; the first that fits.
GROUPS = {
    "flushed streams, fetches too": "tlb/stream/*+fetches/flushed", "flushed streams, data": "tlb/stream/*/flushed",
    "streams, fetches too": "tlb/stream/*+fetches", "streams, data": "tlb/stream/*",
    **{f"lanes, {width}": f"simd/lanes/*/{width}" for width in ("8bit", "16bit", "32bit", "64bit", "float", "double")},
}


def table(columns, lines):
    """Markdown, without a line at its end."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [columns, ["---"] * len(columns), *lines])


def union(orders):
    """All names of several lists, each behind the one that is before it in its own list."""
    names = []
    for order in orders:
        at = 0
        for name in order:
            if name not in names:
                names.insert(at, name)
            at = names.index(name) + 1
    return names


def shown(bar, own_most):
    """"0.249 met", "**0.867 missed**"; the bar beside it where each column has its own."""
    if bar.verdict == ABSENT:
        return ABSENT
    words = " ".join(filter(None, [bar.seen, f"of {bar.most}" if own_most and bar.most else "",
                                   f"or {bar.instead}" if bar.instead else "", bar.verdict]))
    return f"**{words}**" if bar.verdict in (MISSED, VOID) else words


def bar_column(bars):
    """(what the column of bars has for these, whether each cell has to say its own)."""
    mosts = {bar.most for bar in bars if bar.verdict != ABSENT}
    return ("its own", True) if len(mosts) > 1 else ("".join(mosts), False)


def with_figure(cell, row, against):
    if row is None or against in ITSELF:
        return cell
    return f"{cell} ({row.figure})" if cell else row.figure


def comparison_lines(name, rows):
    """A row's lines, one a bar, the first with ours by itself, too; of `rows` one is a column, None: not measured."""
    found = [{bar.against: bar for bar in row.comparisons()} if row else {} for row in rows]
    lines = []
    for against in union([list(bars) for bars in found]):
        bars = [column.get(against) for column in found]
        most, own = bar_column(filter(None, bars))
        cells = [shown(bar, own) if bar else "" for bar in bars]
        if not lines:
            cells = [with_figure(cell, row, against) for cell, row in zip(cells, rows)]
        lines.append(["" if lines else name, f"itself, {against}" if against in ITSELF else against, most, *cells])
    skipped = [row is not None and row.skipped for row in rows]
    if any(skipped):
        lines = lines or [[name, "", "", *[""] * len(rows)]]
        lines[0][3:] = ["skipped" if skip else cell for skip, cell in zip(skipped, lines[0][3:])]
    return lines


def group_cell(bars, own_most):
    """"0.643 to 0.970, **3 of 18 met**"."""
    there = sorted([bar for bar in bars if bar.seen], key=lambda bar: float(bar.seen))
    if not there:
        return ABSENT if bars else ""
    words = there[0].seen if there[0].seen == there[-1].seen else f"{there[0].seen} to {there[-1].seen}"
    if own_most and there[0].most:
        words += f" of {there[0].most}"
    verdicts = [bar.verdict for bar in there if bar.verdict]
    met, void = verdicts.count(MET), verdicts.count(VOID)
    count = f"{met} of {len(verdicts)} met" + (f", {void} void" if void else "")
    return words + (f", {count}" if met == len(verdicts) else f", **{count}**") if verdicts else words


def group_lines(name, columns):
    """As comparison_lines, of several rows a column."""
    found = [[bar for row in rows for bar in row.comparisons()] for rows in columns]
    lines = []
    for against in union([[bar.against for bar in bars] for bars in found]):
        bars = [[bar for bar in column if bar.against == against] for column in found]
        most, own = bar_column(bar for column in bars for bar in column)
        lines.append(["" if lines else name, against, most, *[group_cell(column, own) for column in bars]])
    return lines


def group_of(name):
    return next((group for group, pattern in GROUPS.items() if fnmatch.fnmatchcase(name, pattern)), None)


def suite_table(prints, prefix):
    """Of the rows whose names begin so; a column a print that has one of them."""
    prints = [of for of in prints if any(name.startswith(prefix) for name in of.rows)]
    lines, groups = [], set()
    for name in union([[name for name in of.rows if name.startswith(prefix)] for of in prints]):
        group = group_of(name)
        if group is None:
            lines += comparison_lines(name.removeprefix(prefix), [of.rows.get(name) for of in prints])
        elif group not in groups:
            groups.add(group)
            members = [[row for other, row in of.rows.items() if group_of(other) == group] for of in prints]
            lines += group_lines(group, members)
    return table(["row", "beside", "at most", *[of.title for of in prints]], lines)


def grid_cell(cell):
    """"12 of 6500, 1.052 at most", each bold that misses its bar."""
    if cell is None:
        return ""
    pieces = [(f"{cell.failed} of {cell.of}", cell.verdict)]
    if cell.greatest:
        pieces.append((f"greatest {cell.greatest}", cell.greatest_verdict))
    return ", ".join(words if verdict == MET else f"**{words}**" for words, verdict in pieces)


def grid_table(prints):
    prints = [of for of in prints if of.grid]
    names = union([list(of.grid) for of in prints])
    lines = [[name, *[grid_cell(of.grid.get(name)) for of in prints]] for name in names]
    return table(["cells that failed, of; greatest ratio", *[of.title for of in prints]], lines)


def start_table(prints):
    prints = [of for of in prints if of.start]
    lines = []
    for name in union([list(of.start) for of in prints]):
        bars = [of.start.get(name) for of in prints]
        most, own = bar_column(filter(None, bars))
        lines.append([name, most, *[shown(bar, own) if bar else "" for bar in bars]])
    return table(["median", "at most", *[of.title for of in prints]], lines)


def loops_table(prints, head, loops):
    """`loops`: those of a print, {loop: {core: (cycles, others)}}."""
    columns = [(of, core) for of in prints
               for core in dict.fromkeys(core for cores in loops(of).values() for core in cores)]
    lines = []
    for name in union([list(loops(of)) for of in prints]):
        found = [loops(of).get(name, {}).get(core) for of, core in columns]
        lines.append([name, *[f"{cells[0]} ({cells[1]})" if cells else "" for cells in found]])
    return table([head, *[core for _, core in columns]], lines)


def models_table(prints):
    return loops_table(prints, "cycles for 64 bytes (limit)", lambda of: of.models)


def best_table(prints):
    return loops_table(prints, "cycles for 64 bytes (best known)", lambda of: of.best)


def verdicts(of, bars):
    return [bar.verdict for bar in bars(of) if bar.verdict not in ("", ABSENT)]


def met_cell(found):
    return f"{found.count(MET)} of {len(found)}" if found else ""


def summary_table(prints):
    prints = [of for of in prints if any(verdicts(of, bars) for bars in SUITES.values())]
    lines = [[name, *[met_cell(verdicts(of, bars)) for of in prints]] for name, bars in SUITES.items()]
    return table(["bars met", *[of.title for of in prints]], lines)


def prints_table(prints):
    keys = ("processor", "hypervisor", "date")
    lines = [[f"[{of.title}](performance/{of.file}.md)", *[of.head.get(key, "") for key in keys]]
             for of in prints if "processor" in of.head]
    return table(["print", *keys], lines)


def bars_below(prefix):
    return lambda of: [bar for name, row in of.rows.items() if name.startswith(prefix)
                       for bar in row.comparisons()]


SUITES = {
    "pool": bars_below("pool/"),
    "software TLB": bars_below("tlb/"),
    "SIMD": bars_below("simd/"),
    "start": lambda of: of.start.values(),
}
TABLES = {
    "summary": summary_table,
    "prints": prints_table,
    "pool": lambda prints: suite_table(prints, "pool/"),
    "tlb": lambda prints: suite_table(prints, "tlb/"),
    "simd": lambda prints: suite_table(prints, "simd/"),
    "grid": grid_table,
    "start": start_table,
    "models": models_table,
    "best": best_table,
}
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(page, prints):
    """The page with each table between its marks made anew."""
    return MARKED.sub(lambda marked: f"{marked.group(1)}\n{TABLES[marked.group(2)](prints)}\n\n{marked.group(3)}", page)


# ---- what was missed -------------------------------------------------------------------------------------------------


def missed(prints):
    """(row, print's title) of every bar that some print says is missed or void; the grid's as "simd/copy/grid"."""
    found = [(row.name, of.title) for of in prints for row in of.rows.values()
             if any(bar.verdict in (MISSED, VOID) for bar in row.comparisons())]
    found += [("simd/copy/grid", of.title) for of in prints
              if any({cell.verdict, cell.greatest_verdict} & {MISSED, VOID} for cell in of.grid.values())]
    return found + [(what, of.title) for of in prints for what, bar in of.start.items() if bar.verdict == MISSED]


def without_reason(page, prints):
    """Those of `missed` that no item of a list in the page is about: "- `row`, Zen 4, Zen 5: why"; * in names."""
    heads = [item.partition(": ")[0] for item in re.findall(r"^- (`.*?)(?=^\S|^$)", page, re.MULTILINE | re.DOTALL)]
    named = [(name, re.sub(r"`[^`]*`", "", head)) for head in heads for name in re.findall(r"`([^`]+)`", head)]

    def explained(row, title):
        whose = re.compile(rf"\b{re.escape(title)}\b")
        return any(fnmatch.fnmatchcase(row, name) and whose.search(head) for name, head in named)

    return [(row, title) for row, title in missed(prints) if not explained(row, title)]
