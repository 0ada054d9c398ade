#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make check-format`: the form of all text in the repository, in which clang-format sees C's code alone. Every line
ends within 120 columns (characters; a tab goes to the next multiple of 8) and in no blank, every file in a newline; no
CR, UTF-8 only, no blank before a tab in an indentation. One line for each that does not: file:line: what. The last line
counts. Exit status 1 for any.

--fix writes what follows by itself: line ends, blanks before them, the last newline. --wrap FILE... refills those
paragraphs that hold a line too long, in comments that stand alone, docstrings and Markdown, and nothing else: what is a
table or stays too long is for a person."""

import argparse
import ast
import fnmatch
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS = 120
TAB = 8
LAST_LINE_LEAST = 24  # a refilled paragraph's, where that takes no further line
FULL, FULL_MID_SENTENCE = 100, 80  # a comment's line with room for the next word within that was ended on purpose

NOT_LOOKED_AT = (
    ("*.png", "a picture"),
    ("*package-lock.json", "npm writes it"),
    ("fuzz/seeds/*", "input of a parser, to the byte"),
    ("host-tests/data/old/*", "what earlier versions wrote, to the byte"),
    ("host-tests/data/import/criterion/*", "what Criterion.rs wrote, to the byte"),
)


def columns(line):
    return len(line.expandtabs(TAB))


# ---- what is looked for ----------------------------------------------------------------------------------------------


def is_table_row(line):
    return line.lstrip(" >").startswith("|")


def markdown_literals(lines):
    """For each line whether it belongs to a block of code, fenced or indented by four."""
    fenced, indented, in_list, before = None, False, False, ""
    for line in lines:
        fence = re.match(r"\s*(```+|~~~+)", line)
        if fence and fenced in (None, fence.group(1)):
            fenced = fence.group(1) if fenced is None else None
            yield True
        else:
            if re.match(r"\S", line):
                in_list = bool(re.match(r"([-*+]|\d+[.)]) ", line)) or in_list and bool(before.strip())
            indented = line.startswith("    ") and not in_list and (indented or not before.strip())
            yield fenced is not None or indented
        before = line


def is_one_address(line):
    """Nothing beside it but what makes a comment or an item of a list."""
    return bool(re.fullmatch(r"[\s/*#>-]*<?https?://\S+\s*(\*/)?", line))


def line_complaints(path, line, literal):
    """`literal`: in a block of code, which shows what a program printed or takes."""
    if columns(line) > COLUMNS and not literal and not is_one_address(line):
        if not (path.endswith(".md") and is_table_row(line)):  # a row of a table is one line
            yield f"{columns(line)} columns, {COLUMNS} are allowed"
    if line != line.rstrip():
        yield "blanks at the end"
    if re.match(r"\t* +\t", line):
        yield "a blank before a tab in the indentation"


def complaints(path, data):
    """What is wrong with a file's bytes: [(line number, what)]."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [(data.count(b"\n", 0, error.start) + 1, "not UTF-8")]
    lines = text.split("\n")
    found = [(number, "CR") for number, line in enumerate(lines, 1) if "\r" in line]
    if text and not text.endswith("\n"):
        found.append((len(lines), "no newline at the end"))
    lines = [line.replace("\r", "") for line in lines]
    literal = markdown_literals(lines) if path.endswith(".md") else (False for _ in lines)
    for number, (line, is_literal) in enumerate(zip(lines, literal), 1):
        found += [(number, what) for what in line_complaints(path, line, is_literal)]
    return sorted(found)


def fixed(text):
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return text.rstrip("\n") + "\n" if text.strip() else ""


# ---- paragraphs ------------------------------------------------------------------------------------------------------


def words_of(text):
    """A span of code is one word, unless it is long; what would begin a list at a line's begin goes
    with the word before."""
    words = []
    for word in re.findall(r"(?:`[^`]{1,80}`|\S)+", text):
        if words and re.fullmatch(r"[-+*=#|>]+|\d+[.)]", word):
            words[-1] += " " + word
        else:
            words.append(word)
    return words


def fill(words, first, rest, end=""):
    """Lines of `words`, the first after `first`, the others after `rest`; `end` follows the last word."""
    words = words[:-1] + [words[-1] + end]

    def greedy(most):
        lines, line = [], first + words[0]
        for word in words[1:]:
            if columns(line) + 1 + len(word) > most:
                lines.append(line)
                line = rest + word
            else:
                line += " " + word
        return lines + [line]

    lines = greedy(COLUMNS)
    for most in range(COLUMNS - 1, COLUMNS - 16, -1):
        if len(lines[-1].strip()) >= LAST_LINE_LEAST:
            break
        narrower = greedy(most)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def indentation_of(text):
    return len(text) - len(text.lstrip())


def text_column(text):
    """Where the text of an item begins: behind "- ", "1. ", "Costs:  ", "name  "; None where it is none."""
    item = re.match(r"\s*(?:[-*] +|\d+[.)] +|\S+: {2,}|\S+(?: \S+){0,4} {2,})(?=\S)", text)
    return item.end() if item else None


def hangs(before, column):
    """Whether lines at `column` can go on with an item of which `before` is the first line: a word begins there."""
    if before.endswith(":") and column != text_column(before):
        return False
    return column > indentation_of(before) and re.match(r".* \S", before[:column + 1])


def continues(before, text, is_first):
    """Whether a comment's line goes on with the paragraph of the line before, which is the
    paragraph's first or is not."""
    if not text.strip() or not before.strip() or text_column(text) is not None or before.lstrip().startswith("---- "):
        return False
    column = indentation_of(text)
    if column != indentation_of(before) and not (is_first and hangs(before, column)):
        return False
    if is_first and column != (text_column(before) or column):
        return False
    if before.endswith(".") and re.match(r"[A-Z]\w*( \w+)?: ", text.lstrip()):
        return False
    full = FULL if before.endswith((".", ":", ";")) else FULL_MID_SENTENCE
    return columns(before) + 1 + len(text.split()[0]) > full


def paragraphs(texts):
    """Ranges of lines that are a paragraph each, blank lines too."""
    begin = 0
    for i in range(1, len(texts) + 1):
        if i == len(texts) or not continues(texts[i - 1], texts[i], i - 1 == begin):
            yield range(begin, i)
            begin = i


def cut_rule(line):
    """`---- title ----...`: as many dashes fewer as it is too long."""
    too_long = columns(line) - COLUMNS
    rule = re.search(r"---- .* (-{8,})", line)
    return line[:rule.end() - too_long] + line[rule.end():] if rule and len(rule.group(1)) > too_long > 0 else line


def refill(lines, texts, prefixes, end=""):
    """The lines of a comment. texts: without what makes them a comment, prefixes: what that is before the
    first and the others."""
    result = []
    for part in paragraphs(texts):
        old = [cut_rule(lines[i]) for i in part]
        body = [texts[i] for i in part]
        column = indentation_of(body[1]) if len(body) > 1 else text_column(body[0]) or indentation_of(body[0])
        head = body[0][:column]
        prose = [body[0][len(head):]] + [text.strip() for text in body[1:]]
        is_empty = not "".join(prose).strip()
        if is_empty or all(columns(line) <= COLUMNS for line in old) or any("  " in text for text in prose):
            result += old
            continue
        first = prefixes[0 if part.start == 0 else 1] + head
        last = end if part.stop == len(texts) else ""
        result += fill(words_of(" ".join(prose)), first, prefixes[1] + " " * len(head), last)
    return result


# ---- where paragraphs are --------------------------------------------------------------------------------------------


def block_texts(comment):
    """(texts, what lines after the first begin with, end, line of the end alone) of a block comment's lines."""
    star = all(re.match(r"\s*\*", line) for line in comment[1:])
    texts = [re.sub(r"^\s*/\* ?", "", comment[0])]
    texts += [re.sub(r"^\s*\* ?" if star else r"^\s*", "", line) for line in comment[1:]]
    prefix = " * " if star else "   "
    if comment[-1].strip() == "*/":
        return texts[:-1], prefix, "", comment[-1:]
    return texts[:-1] + [texts[-1].removesuffix("*/").rstrip()], prefix, " */", []


def wrap_block_comments(lines):
    """Of C, assembly, linker scripts, CSS and JavaScript; those that have their lines to themselves."""
    result, i = [], 0
    while i < len(lines):
        begin = i
        opening = re.match(r"(\s*)/\*(?= |$)", lines[i])
        while opening and i + 1 < len(lines) and "*/" not in lines[i]:
            i += 1
        i += 1
        comment = lines[begin:i]
        if not opening or not comment[-1].endswith("*/") or max(map(columns, comment)) <= COLUMNS:
            result += comment
            continue
        indentation = opening.group(1)
        texts, prefix, end, closing = block_texts(comment)
        result += refill(comment, texts, (indentation + "/* ", indentation + prefix), end) + closing
    return result


def wrap_line_comments(lines, mark, are_code=frozenset()):
    """`are_code`: numbers of lines, from 0, that only look like comments."""
    result, i = [], 0
    while i < len(lines):
        begin = i
        opening = re.match(rf"(\s*){mark} ", lines[i]) if i not in are_code else None
        while opening and i + 1 < len(lines) and re.match(rf"{re.escape(opening.group(1))}{mark}( |$)", lines[i + 1]):
            i += 1
        i += 1
        comment = lines[begin:i]
        prefix = opening.group() if opening else ""
        result += refill(comment, [line[len(prefix):] for line in comment], (prefix, prefix)) if opening else comment
    return result


def docstring_ends(text):
    """{line it begins on: line it ends on}, from 0."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node.body[0] for node in ast.walk(ast.parse(text))
             if isinstance(node, kinds) and ast.get_docstring(node) is not None]
    return {node.lineno - 1: node.end_lineno for node in nodes}


def lines_of_strings(text):
    """Numbers of the lines, from 0, that begin within a string."""
    return {number for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Constant, ast.JoinedStr))
            for number in range(node.lineno, node.end_lineno)}


def wrap_docstrings(lines):
    ends, result, i = docstring_ends("\n".join(lines)), [], 0
    while i < len(lines):
        begin, i = i, ends.get(i, i + 1)
        docstring = lines[begin:i]
        opening = re.match(r'(\s*)"""', docstring[0])
        if begin not in ends or not opening or not docstring[-1].endswith('"""'):
            result += docstring
            continue
        indentation = opening.group(1)
        texts = [docstring[0][opening.end():]] + [line.removeprefix(indentation) for line in docstring[1:]]
        texts[-1] = texts[-1].removesuffix('"""')
        result += refill(docstring, texts, (opening.group(), indentation), '"""')
    return result


def markdown_paragraphs(lines):
    """Ranges of lines, as wrap_markdown takes them; what is no text is a range of one line."""
    literal, begin = list(markdown_literals(lines)), 0
    apart = [is_literal or re.match(r"\s*$|#|\s*\||\s*<|---", line) for is_literal, line in zip(literal, lines)]
    for i in range(1, len(lines) + 1):
        if i == len(lines) or apart[i] or apart[i - 1] or re.match(r"\s*([-*+]|\d+[.)]) ", lines[i]):
            yield range(begin, i), literal[begin]
            begin = i


def wrap_markdown(lines):
    result = []
    for part, literal in markdown_paragraphs(lines):
        old = [lines[i] for i in part]
        head = re.match(r"\s*([-*+] +|\d+[.)] +|> )?", old[0]).group()
        if literal or all(columns(line) <= COLUMNS for line in old) or re.match(r"#|\s*\||\s*<", old[0]):
            result += old
            continue
        rest = head if ">" in head else " " * len(head)
        text = " ".join(line.strip().removeprefix("> ") for line in [old[0][len(head):]] + old[1:])
        result += fill(words_of(text), head, rest)
    return result


def wrapped(path, text):
    lines = text.split("\n")
    suffix = os.path.splitext(path)[1]
    if suffix in (".c", ".h", ".cc", ".S", ".ld", ".css", ".js", ".mjs"):
        lines = wrap_block_comments(lines)
        lines = wrap_line_comments(lines, "//") if suffix in (".js", ".mjs", ".cc") else lines
    elif suffix == ".md":
        lines = wrap_markdown(lines)
    elif suffix == ".py":
        lines = wrap_docstrings(lines)
        lines = wrap_line_comments(lines, "#", lines_of_strings("\n".join(lines)))
    elif suffix in (".sh", ".mk") or os.path.basename(path) == "Makefile":
        lines = wrap_line_comments(lines, "#")
    return "\n".join(lines)


# ---- the command -----------------------------------------------------------------------------------------------------


def tracked():
    """What git knows, and what it would know after `git add`."""
    listed = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard", "--deduplicate"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout
    return [path for path in listed.split("\0") if path
            and not any(fnmatch.fnmatch(path, pattern) for pattern, _ in NOT_LOOKED_AT)
            and os.path.isfile(os.path.join(ROOT, path))]


def change(path, how):
    with open(os.path.join(ROOT, path), "rb") as file:
        before = file.read()
    try:
        after = how(before.decode("utf-8")).encode("utf-8")
    except (SyntaxError, ValueError):  # neither text nor, where it is taken for it, Python
        return
    if after != before:
        with open(os.path.join(ROOT, path), "wb") as file:
            file.write(after)


def main():
    parser = argparse.ArgumentParser(description="Checks the form of all text in the repository.")
    parser.add_argument("--fix", action="store_true", help="write what follows by itself")
    parser.add_argument("--wrap", action="store_true", help="refill paragraphs that hold a line too long")
    parser.add_argument("file", nargs="*", help="all that git tracks, where none is named")
    options = parser.parse_args()
    if options.wrap and not options.file:
        parser.error("--wrap wants the files named")
    paths = [os.path.relpath(os.path.abspath(path), ROOT) for path in options.file] or tracked()
    count = 0
    for path in paths:
        if options.fix:
            change(path, fixed)
        if options.wrap:
            change(path, lambda text, path=path: wrapped(path, text))
        with open(os.path.join(ROOT, path), "rb") as file:
            for number, what in complaints(path, file.read()):
                print(f"{path}:{number}: {what}")
                count += 1
    print(f"check_format: {len(paths)} files, {count} complaint{'s' if count != 1 else ''}")
    sys.exit(count > 0)


if __name__ == "__main__":
    main()
