# SPDX-License-Identifier: Apache-2.0
"""Words of the command line that every command takes alike: -o, -, --, --help, and what is said of a bad value."""

import json
import os
import re
import resource
import signal
import subprocess
import tempfile

import hosted_tests
import machine as m
from harness import expect, expect_equal, limit, test

RUN = ("run", *hosted_tests.SHORTEST)
PER_COMMAND = (  # a refused option, and what it is told that it may be
    (("run", "--sample-size", "3"), "--sample-size '3': not a valid value, 10 to 100000"),
    (("run", "--cpu=99999"), "--cpu '99999': not a valid value, a core that this process may run on, 0 to "),
    (("run", "--effect=x"), "unknown option"),
    (("run", "--noise-threshold=7"), "--noise-threshold '7': not a valid value, 0 to 1"),
    (("run", "--significance-level=1"), "--significance-level '1': not a valid value, 1e-9 to 0.5"),
    (("run", "--benchmark_format=xml"), "--benchmark_format 'xml': not a valid value, console or json"),
    (("run", "--save-baseline=a/b"), "'a/b': not a baseline's name, which is 1 to 127 bytes"),
    (("list", "--format=xml"), "--format 'xml': not a valid value, table, json or csv"),
    (("compare", "--effect=99", "a", "b"), "--effect '99': not a valid value, 1e-6 to 10"),
    (("compare", "--room=calm", "a", "b"), "--room 'calm': not a valid value, silent, quiet, usable or loud"),
    (("ab", "--room", "", "a", "b"), "--room '': not a valid value, silent, quiet, usable or loud"),
    (("run", "--room=not known"), "--room 'not known': not a valid value, silent, quiet, usable or loud"),
    (("doctor", "--format=xml"), "--format 'xml': not a valid value, table or json"),
    (("doctor", "--cpu=x"), "--cpu 'x': not a valid value, 0 to 4095"),
    (("noise", "--plant=1ms"), "--plant '1ms': not a valid value, EVERY:LENGTH as 1ms:10us: EVERY 100us "
                             "to 1s, LENGTH half of that at the most"),
    (("noise", "--duration=0"), "--duration '0': not a valid value, 0.001 to 86400 seconds"),
    (("tune", "--for=all"), "--for 'all': not a valid value, mixed or bulk"),
    (("tune", "--format=xml"), "--format 'xml': not a valid value, table or json"),
    (("os-tax", "--format=xml", "a", "b"), "--format 'xml': not a valid value, table or json"),
    (("run", "--room=quiet", "tlb/flush/all"), "--room needs --baseline"),
    (("run", "--noise-threshold=0.02"), "--noise-threshold needs --baseline"),
    (("run", "--significance-level=0.01"), "--significance-level needs --baseline"),
    (("run", "--per-benchmark=/dev/null"), "--per-benchmark needs --baseline"),
    (("compare", "--format=xml", "a", "b"), "--format 'xml': not a valid value, table, markdown or json"),
    (("ab", "--pairs=1", "a", "b"), "--pairs '1': not a valid value, 2 to "),
    (("ab", "--pairs-max=x", "a", "b"), "--pairs-max 'x': not a valid value, 2 to "),
    (("ab", "--limit=0", "a", "b"), "--limit '0': not a valid value, 1 to 86400"),
    (("layout", "--rounds=1", "a", "b", "c"), "--rounds '1': not a valid value, 2 to 100"),
    (("layout", "--layouts=2", "a", "b", "c"), "--layouts '2': not a valid value, 0, or 3 to 1000"),
    (("history", "show", "x", "--last=0"), "--last '0': not a valid value, 1 to 1000000"),
    (("history", "show", "x", "--format=xml"), "--format 'xml': not a valid value, table, json or csv"),
    (("caps", "--format=xml"), "--format 'xml': not a valid value, table, json or hwloc-xml"),
    (("caps", "--format"), "caps: --format wants FORMAT behind it"),
    (("caps", "all"), "caps takes no 'all'; `anechoic help caps`"),
    (("report", "--histroy=x", "a"), "report takes no '--histroy=x'"),
    (("report", "--history"), "report: --history wants FILE behind it"),
    (("advise", "x", "-o"), "advise: -o wants FILE behind it"),
    (("record", "--nope", "--", "true"), "record takes no '--nope'"),
    (("record", "-o"), "record: -o wants FILE behind it"),
    (("apply", "--remeasrue", "--", "true"), "did you mean `--remeasure`?"),
    (("apply", "--profile"), "apply: --profile wants FILE behind it"),
    (("apply", "--no-kernels", "--", "true"), "--no-kernels without --pools"),
    (("report", *"abcdefg"), "report: g is one file too many: 6 fit on a page"),
    (("report", "/dev/null", "-o", ""), "'': No such file"),
    (("report", ""), "'': No such file"),
    (("compare", "--pairs", "3"), "compare takes no '--pairs'"),
    (("compare", *"abcdefghijklmnopq"), "q is one too many: it takes 16"),
    (("export", "csv", "--per-comit", "f"), "did you mean `--per-commit`?"),
    (("report", "a", "-o"), "report: -o wants FILE behind it"),
    (("ab", "--pair", "3", "a", "b"), "ab takes no '--pair'; `anechoic help ab` has all that it takes; did you mean"),
    (("ab", "a", "b", "c"), "ab takes no 'c'"),
    (("layout", "--round=3"), "did you mean `--rounds`?"),
    (("collect", "a", "b"), "collect takes no 'b'"),
    (("collect", "-o"), "collect: -o wants FILE behind it"),
    (("history", "add", "a", "--databse=x"), "history takes no '--databse=x'"),
    (("apply", "--pool", "--", "true"), "did you mean `--pools`?"),
    (("os-tax", "--nois", "a", "b"), "did you mean `--noise`?"),
    (("os-tax", "a", "b", "c"), "os-tax takes no 'c'"),
    (("os-tax", *["--noise=x"] * 9, "a", "b"), "os-tax: --noise x is one too many: it takes 8"),
    (("baseline", "fetch", "a", "b"), "baseline takes no 'b'"),
    (("baseline", "publish", "a", "--nam=x"), "did you mean `--name`?"),
    (("baseline", "publish", "a", "-ox"), "baseline: --out is of fetch"),
    (("new-suite", "--c++", "a"), "new-suite takes no '--c++'"),
    (("advise", "--page-bytes=5", "--stream", "a"), "--page-bytes '5': not a valid value, 4096 to "),
    (("advise", "--page-bytes=5000", "--stream", "a"), "--page-bytes '5000': not a valid value, a power of two"),
    (("advise", "--profile=a", "--costs=b", "c"), "advise: --profile is measured, and --costs was: one of them"),
    (("watch", "--on-alert="), "--on-alert '': not a valid value, a shell's command"),
    (("watch", "show", "more"), "watch takes no 'more'"),
    (("doctor", "--duration=1"), "--duration is of --measure"),
    (("doctor", "--root=/nowhere"), "--root /nowhere: there is no such folder"),
    (("doctor", "--out=/nowhere/x"), "/nowhere/x: No such file"),
    (("export", "xml", "f"), "no export format 'xml', but google-benchmark, bencher, github, prometheus, csv, "
                             "criterion"),
)


@test("words/a refused value is told what it may be")
def _():
    for words, wanted in PER_COMMAND:
        result = hosted_tests.anechoic(*words)
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {words}")
        expect(wanted in result.stderr and result.stderr.count("\n") == 1, f"{words}: {result.stderr}")


FORGED = "a\nforged: all is well\x1b[2J"


def commands():
    return re.findall(r"^  ([a-z-]+)  ", hosted_tests.anechoic("help").stdout, re.MULTILINE)


def calls_with(name):
    """It where a command wants a file, a folder or a word, and as the value of each of its options."""
    for command in commands():
        page = hosted_tests.anechoic("help", command).stdout
        yield (command, name)
        yield (command, "--" + name)
        yield (command, name, name)
        for option in re.findall(r"^  (--[a-z_-]+) [A-Z]", page, re.MULTILINE):
            if (command, option) != ("noise", "--out"):  # it would be measured, and written
                yield (command, option, name, "no-such-benchmark-or-file")


@test("words/a name with a newline or an escape begins no line and steers no terminal")
def _():
    with tempfile.TemporaryDirectory() as directory:
        own = {**os.environ, "ANECHOIC_HOME": directory, "HOME": directory}
        for words in calls_with(FORGED):
            result = subprocess.run([os.path.abspath(hosted_tests.PROGRAM), *words], cwd=directory, check=False,
                                    capture_output=True, text=True, stdin=subprocess.DEVNULL, env=own,
                                    timeout=limit(60))
            said = result.stderr + result.stdout
            expect("\nforged" not in said and "\x1b" not in said, f"{words}: {said[-500:]}")


def words_of(path, begin):
    """Strings of an initializer."""
    with open(os.path.join(m.ROOT, path), encoding="utf-8") as file:
        return set(re.findall(r'"([a-z-]+)"', file.read().split(begin)[1].split("};")[0]))


@test("words/the image knows all commands that it has not for what they are")
def _():
    here = words_of("hosted/main.c", "commands[] = {")
    here -= {"caps", "help", "version", "tune", "noise", "watch", "snippet"}
    expect_equal(words_of("bench/main.c", "foreign_commands[] = {"), here, "of the programme on Linux alone")


@test("words/-o, - and -- mean what they do elsewhere")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "-r.json")
        expect_equal(hosted_tests.anechoic(*RUN, "-o", path, "--", "tlb/lookup").returncode, 0, "run -o FILE --")
        with open(path, encoding="utf-8") as file:
            names = [benchmark["name"] for benchmark in json.load(file)["benchmarks"]]
        result = hosted_tests.anechoic(*RUN, "-o", "-", "tlb/lookup")
        expect_equal(result.returncode, 0, "run -o -")
        expect_equal([b["name"] for b in json.loads(result.stdout)["benchmarks"]], names, "results on standard output")
        expect("benchmark  " in result.stderr and names[0] in result.stderr, f"no table: {result.stderr}")
        result = hosted_tests.anechoic("run", "--", "--quick")
        expect_equal(result.returncode, m.EXIT_USAGE, "exit status of a filter like an option")
        expect("no benchmark matches '--quick'" in result.stderr, result.stderr)
        for words, starts in ((("export", "csv"), "name"), (("report",), "<!"), (("compare", "-r.json"), None),
                              (("collect",), None), (("history", "add", "--db=h.db"), "-r.json: added")):
            before = ("-o", "-") if words[0] in ("export", "report", "collect") else ()
            options = before + ("--",) if words[0] != "compare" else ("--",)
            arguments = (words[0], *options, *words[1:]) if words[0] == "compare" else (*words, *options)
            result = subprocess.run([os.path.abspath(hosted_tests.PROGRAM), *arguments, "-r.json"], cwd=directory,
                                    check=False, capture_output=True, text=True, timeout=limit(60))
            expect("usage:" not in result.stderr, f"{arguments}: {result.stderr[:200]}")
            if starts:
                expect(result.returncode == 0 and result.stdout.lower().startswith(starts), f"{arguments}: {result}")


@test("words/results that standard output does not take are a failure")
def _():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([hosted_tests.PROGRAM, *RUN, "--out=-", "tlb/lookup"], check=False, stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=limit(60))
    expect_equal(result.returncode, 2, "exit status")
    expect("standard output: No space left on device" in result.stderr, result.stderr[-300:])


@test("words/--help is the command's own wherever it stands")
def _():
    for command in ("compare", "ab", "report", "export", "collect", "history", "layout"):
        page = hosted_tests.anechoic("help", command).stdout
        expect_equal(hosted_tests.anechoic(command, "x", "--help").stdout, page, f"{command} x --help")
        result = hosted_tests.anechoic(command)
        expect_equal((result.returncode, result.stdout, result.stderr), (m.EXIT_USAGE, "", page), f"bare {command}")
    listing = hosted_tests.anechoic("help", "list").stdout
    expect_equal(hosted_tests.anechoic("list", "tlb", "--help").stdout, listing, "list tlb --help")
    expect_equal(hosted_tests.anechoic("--exact", "list", "-h").stdout, listing, "--exact list -h")


UNIT_ALONE = re.compile(r" +(ns|us|ms|s|%|MHz|GiB/s|M/s)([ ,;:).]|$)")


def folded(*words, columns="40"):
    own = dict(os.environ, COLUMNS=columns)
    if not columns:
        del own["COLUMNS"]
    return subprocess.run([hosted_tests.PROGRAM, *words], check=False, capture_output=True, text=True, env=own,
                          timeout=limit(60))


def expect_folded(narrow, wide, what):
    """No line is wider but for a single word, no word is lost or cut, no unit stands without its number."""
    expect(len(wide) > 40 and max(map(len, wide.splitlines())) > 40, f"{what}: nothing to fold: {wide}")
    expect_equal(narrow.split(), wide.split(), f"words of {what}")
    for line in narrow.splitlines():
        expect(len(line) <= 40 or " " not in line.strip(), f"{what}: {len(line)} columns: {line}")
        expect(not UNIT_ALONE.match(line), f"{what}: a unit without its number: {line}")


@test("words/40 columns break neither numbers nor words")
def _():
    for words in (("help",), ("help", "run"), ("list",), ("help", "compare")):
        plain = folded(*words, columns="").stdout
        expect_folded(folded(*words).stdout, plain, f"{words}")
        expect_equal(folded(*words, columns="500").stdout, plain, f"{words} in a wide terminal")
    with tempfile.TemporaryDirectory() as directory:
        path, database = (os.path.join(directory, name) for name in ("r.json", "h.db"))
        table = folded(*RUN, "--out", path, "--exact", "tlb/lookup/mostly_hits").stdout
        for line in table.splitlines():
            expect(len(line) <= 40 or " " not in line.strip(), f"run: {len(line)} columns: {line}")
            expect(not UNIT_ALONE.match(line), f"run: a unit without its number: {line}")
        expect("tlb/lookup/mostly_hits" in table and re.search(r"\d [num]s\s+\[[0-9.]+ [0-9.]+\]", table), table)
        expect_equal(folded("list", "--format=csv").stdout, folded("list", "--format=csv", columns="").stdout, "CSV")
        words = ("compare", path, path)
        expect_folded(folded(*words).stdout, folded(*words, columns="").stdout, f"{words}")
        words = ("compare", "--platforms", path, path)
        expect_folded(folded(*words).stdout, folded(*words, columns="").stdout, f"{words}")
        folded("history", "add", path, "--db", database)
        words = ("history", "show", "tlb/lookup/mostly_hits", "--db", database)
        expect_folded(folded(*words).stdout, folded(*words, columns="").stdout, f"{words}")


@test("words/list takes what it reads, and nothing of a run")
def _():
    page = hosted_tests.anechoic("help", "list").stdout
    expect_equal(re.findall(r"^  --(\S+)", page, re.MULTILINE), ["exact", "format", "benchmark_filter"], "its page")
    for words in (("--out", "q"), ("--baseline=zz",), ("--seed=2", "--quick"), ("--resume-anyway",)):
        result = hosted_tests.anechoic("list", *words, "tlb")
        name = words[0].split("=")[0]
        expect_equal((result.returncode, result.stdout, result.stderr), (
            m.EXIT_USAGE, "", f"list measures nothing, and takes no '{name}'\n"), words)
    expect_equal(hosted_tests.anechoic("list", "--all", "--exact", "reference/adds/3").returncode, 0, "list --all")
    expect_equal(hosted_tests.anechoic("run", "--list", "--seed=2", "tlb").returncode, 0, "run --list")


@test("words/a nearest option is named where one is near, and help says which are of Linux alone")
def _():
    for word, near in (("qick", "; the nearest is --quick"), ("filter", ""), ("x", "")):
        expect_equal(hosted_tests.anechoic("run", f"--{word}").stderr, f"unknown option '{word}'{near}\n", word)
    common, linux = hosted_tests.anechoic("help", "run").stdout.split("\non Linux alone:\n")
    expect("  --seed N" in common and "  --launches" not in common, common)
    expect("  --out FILE" in linux and "  --seed" not in linux, linux)


@test("words/a filter of Google Benchmark's is named as it was typed")
def _():
    result = hosted_tests.anechoic("run", "--benchmark_filter=tlb|no.such|^nor", "neither*")
    expect_equal((result.returncode, result.stderr), (m.EXIT_USAGE, (
        "no benchmark matches 'no.such' '^nor' 'neither*'; `list` names all\n")), "filters that match nothing")
    result = hosted_tests.anechoic("run", "--benchmark_filter", "[")
    expect_equal((result.returncode, result.stderr), (m.EXIT_USAGE, (
        "benchmark_filter '[': only literals, ^ $ . .* | and sets are understood\n")), "--benchmark_filter [")


@test("words/one is one, a launch is no boot, and why a folder cannot be made is said")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log, out = os.path.join(directory, "log"), os.path.join(directory, "out.json")
        hosted_tests.anechoic(*RUN, "tlb/lookup", "--log", log, "--out", out)
        whole = hosted_tests.bytes_of(log)
        with open(log, "wb") as file:
            file.write(whole[:[at.start() for at in re.finditer(b"@anechoic END", whole)][1] + 40])
        result = hosted_tests.anechoic(*RUN, "tlb/lookup", "--resume", log)
        expect("goes on with the run of an earlier launch, 1 benchmark is kept\n" in result.stdout, result.stdout)
        result = hosted_tests.anechoic("run", "--launches=2", "-o", "/sys/nosuch", "tlb/flush")
        expect(result.returncode == m.EXIT_USAGE and "No such file" not in result.stderr, result.stderr)
    expect(", 130 or 143 interrupted (SIGINT, SIGTERM)" in hosted_tests.anechoic("man").stdout, "exit statuses")


@test("words/what is not understood has its reason, and what it may have been meant to be")
def _():
    for words, wanted in (
            (("hist", "x"), "; did you mean `history`?\n"),
            (("help", "rnu"), "no command 'rnu'; `anechoic help` names all; did you mean `run`?\n"),
            (("help", "xyzzy"), "no command 'xyzzy'; `anechoic help` names all\n"),
            (("completion", "fish"), "no completion for 'fish', but bash and zsh\n"),
            (("history", "ad", "x"), "history does not know 'ad', but add, import, show, changes and fleet; did you "
                                      "mean `add`?\n"),
            (("compare", "one.json"), "one.json is one: compare wants another beside it\n"),
            (("version", "x"), "version takes no 'x'; `anechoic help version` has all that it takes\n"),
            (("self-test", "x"), "self-test takes no 'x'\n"),
            (("tune", "--thorugh"), "tune takes no '--thorugh'; `anechoic help tune` has all that it takes; did you "
                                    "mean `--thorough`?\n"),
            (("tune", "p.json"), "tune takes no 'p.json'; `anechoic help tune` has all that it takes\n"),
            (("tune", "--save", "--out"), "tune: --out wants FILE behind it\n"),
            (("run", "--resume", "/tmp"), "/tmp: Is a directory\n")):
        result = hosted_tests.anechoic(*words)
        expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{words}: {result.stderr}")
        expect(wanted in result.stderr, f"{words}: {result.stderr}")


@test("words/-oFILE is -o FILE")
def _():
    with tempfile.TemporaryDirectory() as directory:
        out, table, folder = (os.path.join(directory, name) for name in ("out.json", "out.csv", "two"))
        for words in ((*RUN, f"-o{out}", "tlb/lookup"), ("export", "csv", out, f"-o{table}"),
                      (*RUN, "--launches=2", f"-o{folder}", "tlb/lookup"), ("run", f"-out={out}", "--list", "tlb")):
            expect_equal(hosted_tests.anechoic(*words).returncode, 0, words)
        expect_equal(sorted(os.listdir(directory)), ["out.csv", "out.json", "two"], "files")


def without_room(*words):
    """With a disk that takes no byte of a file."""
    def forbid():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return subprocess.run([hosted_tests.PROGRAM, *words], check=False, capture_output=True, text=True,
                          timeout=limit(60), preexec_fn=forbid)


@test("words/a full disk is left no empty history, and half a tree is called so")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, database, tree = (os.path.join(directory, name) for name in ("r.json", "h.db", "tree"))
        expect_equal(hosted_tests.anechoic(*RUN, "tlb/lookup", "-o", results).returncode, 0, "run")
        result = without_room("history", "add", results, "--db", database)
        expect_equal((result.returncode, os.path.exists(database)), (m.EXIT_USAGE, False), result.stderr)
        result = without_room("export", "criterion", results, "-o", tree)
        expect_equal((result.returncode, os.path.exists(tree)), (m.EXIT_USAGE, False), result.stderr)
        os.mkdir(tree)
        result = without_room("export", "criterion", results, "-o", tree)
        expect_equal((result.returncode, os.path.exists(tree)), (m.EXIT_USAGE, True), result.stderr)
        expect(f"{tree}: the tree in it is not whole\n" in result.stderr, result.stderr)
