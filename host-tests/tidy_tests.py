# SPDX-License-Identifier: Apache-2.0
"""The tool that looks at the form of all text: what it complains of, what it lets pass, and what it refills. That the
tree is as it wants: build/format."""

import os
import random

import check_format
import machine as m
from harness import Cases, expect, expect_equal, test

LONG = "word " * 23 + "another"     # with what makes a comment of it, up to 120 columns


@test("tidy/each complaint is made once, with its line")
def _():
    wrong = []
    table = (("a.c", b"int a;\n", []),
             ("a.c", b"\xc3\xa4" * 120 + b"\n", []),
             ("a.c", b"x" * 121 + b"\n", [(1, "121 columns, 120 are allowed")]),
             ("a.c", b"\t" * 14 + b"12345678\n", []),
             ("a.c", b"\t" * 14 + b"123456789\n", [(1, "121 columns, 120 are allowed")]),
             ("a.c", b"int a;\nint b; \n", [(2, "blanks at the end")]),
             ("a.c", b"\t\n", [(1, "blanks at the end")]),
             ("a.c", b"int a;", [(1, "no newline at the end")]),
             ("a.c", b"int a;\r\nint b;\n", [(1, "CR")]),
             ("a.c", b"int a;\n  \tint b;\n", [(2, "a blank before a tab in the indentation")]),
             ("a.c", b"int a;\tint b;\n\t  int c;\n", []),
             ("a.py", b"a = 1\nb = '\xff'\n", [(2, "not UTF-8")]),
             ("a.md", b"| " + b"x" * 130 + b" |\n", []),
             ("a.c", b"| " + b"x" * 130 + b" |\n", [(1, "134 columns, 120 are allowed")]),
             ("a.md", b"```\n" + b"x " * 65 + b"x\n```\n" + b"y" * 121 + b"\n", [(4, "121 columns, 120 are allowed")]),
             ("a.md", b"text\n\n    " + b"x" * 130 + b"\n", []),
             ("a.md", b"- item\n\n    " + b"x" * 130 + b"\n", [(3, "134 columns, 120 are allowed")]),
             ("a.h", b" * https://example.org/" + b"x" * 120 + b"\n", []),
             ("a.h", b" * see https://example.org/" + b"x" * 120 + b"\n", [(1, "147 columns, 120 are allowed")]),
             ("a.c", b"", []))
    for path, data, wanted in table:
        if (found := check_format.complaints(path, data)) != wanted:
            wrong.append((f"{path} {data[:40]}", f"{found}, wanted {wanted}"))
    return Cases(len(table) - len(wrong), wrong)


@test("tidy/what --fix writes has no complaint about line ends")
def _():
    fixed = check_format.fixed("int a; \r\n\t\nint b;\n\n\n")
    expect_equal(fixed, "int a;\n\nint b;\n", "fixed")
    expect_equal(check_format.fixed(" \n"), "", "nothing but blanks")


def wrapped(path, *lines):
    return check_format.wrapped(path, "\n".join(lines)).split("\n")


@test("tidy/--wrap refills the paragraph with the long line, and no other")
def _():
    short, tail = " * Short\n * lines that stay as they are.", " * rest of it."
    found = wrapped("a.c", "/*", *short.split("\n"), " *", f" * {LONG} {LONG}", tail, " */", "int a;")
    expect_equal(found[:4] + found[-2:], ["/*", *short.split("\n"), " *", " */", "int a;"], "around it")
    expect_equal(" ".join(line[3:] for line in found[4:-2]), f"{LONG} {LONG} rest of it.", "words")
    expect(max(map(len, found)) <= 120, f"{found}")
    expect_equal(wrapped("a.c", *found), found, "wrapped again")
    expect_equal(wrapped("a.c", "/*", f" * {LONG} {LONG}", " */")[-1], " */", "the end of a comment behind a full line")
    rule = ["/* ---- title " + "-" * 106, f" * {LONG}, {LONG}", " */"]
    expect_equal(wrapped("a.c", *rule)[0], rule[0], "a rule before a paragraph")


@test("tidy/--wrap keeps items and tables apart, and hangs what it wraps")
def _():
    found = wrapped("a.h", "/*", " * Costs:  none", f" * Errors: {LONG} {LONG}", " *         and more",
                    " * Other:  none", " */")
    expect_equal([found[1], found[-2]], [" * Costs:  none", " * Other:  none"], "neighbours")
    expect(len(found) == 7 and all(line.startswith(" *         ") for line in found[3:-2]), f"{found}")
    table = ["/*", f" * a  b  {LONG}  c", " */"]
    expect_equal(wrapped("a.h", *table), table, "a table")
    trailing = [f"int a; /* {LONG} {LONG} */"]
    expect_equal(wrapped("a.h", *trailing), trailing, "a comment behind code")
    markdown = wrapped("a.md", "- one", f"- {LONG} {LONG}", "  two", "| a |", "", "```", LONG * 2, "```")
    expect_equal([markdown[0], *markdown[-5:]], ["- one", "| a |", "", "```", LONG * 2, "```"], "Markdown around it")
    expect(all(line.startswith("  ") for line in markdown[2:-5]), f"{markdown}")


@test("tidy/--wrap knows the comments of each language")
def _():
    for path, before, after in (("a.c", "\t/* {} */", ["\t/* ", "\t * "]), ("a.S", "\t/* {} */", ["\t/* ", "\t * "]),
                                ("a.css", "/* {} */", ["/* ", " * "]), ("a.js", "\t// {}", ["\t// ", "\t// "]),
                                ("a.py", "    # {}", ["    # ", "    # "]), ("a.py", '"""{}"""', ['"""', ""]),
                                ("a.sh", "\t# {}", ["\t# ", "\t# "]), ("Makefile", "# {}", ["# ", "# "])):
        found = wrapped(path, before.format(f"{LONG} {LONG}"))
        expect_equal(len(found), 3, f"lines of {path}: {found}")
        expect(found[0].startswith(after[0] + "word") and found[1].startswith(after[1]), f"{path}: {found}")
        expect(all(check_format.columns(line) <= 120 for line in found), f"{path}: {found}")
    script = ['SCRIPT = """', f"# {LONG} {LONG}", '"""']
    expect_equal(wrapped("a.py", *script), script, "what looks like a comment in a string")
    rule = wrapped("a.h", "/* ---- title " + "-" * 120 + " */")
    expect_equal((len(rule), len(rule[0]), rule[0][:14], rule[0][-4:]), (1, 120, "/* ---- title ", "- */"), "a rule")
    blank = ["/* " + " " * 150 + " */"]
    expect_equal(wrapped("a.c", *blank), blank, "a comment without a word")


@test("tidy/--wrap changes nothing in a file without a long line, and no word in any")
def _():
    numbers = random.Random(1)
    for path in check_format.tracked():
        with open(os.path.join(m.ROOT, path), encoding="utf-8") as file:
            text = file.read()
        expect_equal(check_format.wrapped(path, text), text, path)
        if path.endswith((".h", ".c", ".md")):
            lines = text.split("\n")
            for at in numbers.sample(range(len(lines)), min(5, len(lines))):
                if lines[at].startswith((" * ", "- ")) and not lines[at].endswith("*/"):
                    lines[at] += " " + LONG
            changed = "\n".join(lines)
            mark = " * " if not path.endswith(".md") else " "
            expect_equal(check_format.wrapped(path, changed).replace("\n" + mark, " ").split(),
                         changed.replace("\n" + mark, " ").split(), path)
