# SPDX-License-Identifier: Apache-2.0
"""The command line: help, formats, completion, the man page, what shows on a terminal and what does not."""

import csv
import io
import itertools
import json
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import termios
import time

import hosted_tests
import machine as m
from format_tests import COMPARE_PY, PYTHON, check_schema, compare_py_needed, strict
from harness import Skipped, expect, expect_equal, limit, test

QUICK = ("--quick", "--nresamples=1000", hosted_tests.PATIENT)


def anechoic(*words, **more):
    return hosted_tests.anechoic(*words, **more)


def output(*words, status=0):
    result = anechoic(*words)
    expect_equal(result.returncode, status, f"exit status of {' '.join(words)}: {result.stderr}")
    return result.stdout


def commands():
    return re.findall(r"^  (\S+) ", output("help").split("commands:\n")[1].split("\n\n")[0], re.MULTILINE)


@test("hosted/cli has a help page for each command")
def _():
    names = commands()
    expect({"run", "list", "collect", "export", "help", "version"} <= set(names), f"commands: {names}")
    for name in names:
        page = output("help", name)
        expect(name in page and len(page.splitlines()) >= 3, f"help {name}: {page}")
        if name != "self-test":
            expect_equal(output(name, "--help"), page, f"{name} --help")
    expect("--sample-size" in output("run", "--help"), "run --help has no options")
    expect_equal(output("--help"), output("help"), "--help")
    expect("nosuch" in anechoic("help", "nosuch").stderr, "an unknown command is not named")
    expect_equal(anechoic("help", "nosuch").returncode, m.EXIT_USAGE, "exit status")
    for name in names:
        for line in output("help", name).splitlines():
            expect(len(line) <= 120, f"help {name}: a line of {len(line)}: {line}")


def source_of(*path):
    with open(os.path.join(m.ROOT, "hosted", *path), encoding="utf-8") as file:
        return file.read()


def own_options(name):
    """Those that a command with words of its own reads: they stand quoted in its source, or in judge_options.c
    where it includes that."""
    path = os.path.join("cli", "commands", f"{name.replace('-', '_')}.c")
    if not os.path.exists(os.path.join(m.ROOT, "hosted", path)):
        return set()
    text = source_of(path)
    judged = source_of("cli", "judge_options.c") if '#include "hosted/cli/judge_options.h"' in text else ""
    options = set(re.findall(r'"--([a-z-]+)"', text + judged)) | ({"out"} if "words_out" in text else set())
    return options - {"format"} if "judge_format_option" not in text and '"--format"' not in text else options


def page_options(command):
    return re.findall(r"^  --([a-z_-]+)", output("help", command), re.MULTILINE)


@test("hosted/cli: every option is in its page, the man page and the completions")
def _():
    man = output("man").replace("\\-", "-")
    linked = set(re.findall(r'\{"([a-z-]+)", command_', source_of("main.c")))
    expect_equal(set(commands()), linked | {"run", "list", "ladder", "self-test"},
                 "commands with a page, and those that there are")
    for name in sorted(linked - {"help"}):  # which takes options for nothing
        accepted = own_options(name)
        expect_equal(sorted(page_options(name)), sorted(accepted), f"options of help {name}, and those that it reads")
        for option in accepted:
            # What needs neither a value nor a file would begin: a word that is none stops it.
            behind = ["no-such-word"] if (name, option) in (
                ("tune", "reset"), ("tune", "save"), ("tune", "in-caches"), ("tune", "thorough"),
                ("noise", "quick"), ("noise", "still"), ("tune", "still"), ("doctor", "all"),
                ("doctor", "restore"), ("doctor", "measure"), ("doctor", "report"),
                ("watch", "until-alert"), ("watch", "exact"), ("watch", "show")) else []
            result = anechoic(name, f"--{option}", *behind)
            expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {name} --{option} alone")
        expect_equal(anechoic(name, "--nosuch=1").returncode, m.EXIT_USAGE, f"exit status of {name} --nosuch=1")
    expect_equal(anechoic("report", "--format", "json", "/dev/null").returncode, m.EXIT_USAGE, "report --format")
    for name in commands():
        section = man.split(f".SS anechoic {name} ")[1].split(".SS ")[0]
        options = page_options(name)
        expect_equal(re.findall(r"^\.B --([a-z_-]+)", section, re.MULTILINE), options, f"{name} in the man page")
        expect_equal(sorted(bash_completes(name, "--")), sorted(f"--{option}" for option in options), f"{name} in bash")
        zsh = re.search(rf"^\t{name}\)\n(.*?)^\t\t;;", output("completion", "zsh"), re.MULTILINE | re.DOTALL)
        expect_equal(re.findall(r"'--([a-z_-]+)=?-?\[", zsh.group(1) if zsh else ""), options, f"{name} in zsh")


@test("hosted/cli prints a run as table, JSON or CSV")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        text = output("run", *QUICK, "--inject=ud", "--format=json", "--out", path, "tlb/lookup", status=m.EXIT_BROKEN)
        with open(path, encoding="utf-8") as file:
            expect_equal(text, file.read(), "JSON on standard output against the file")
        text = output("run", *QUICK, "--inject=ud", "--format", "csv", "--out", path, "tlb/lookup",
                      status=m.EXIT_BROKEN)
        expect_equal(text, output("export", "csv", path), "CSV of a run against that of export")
    listed = [line.split()[0] for line in output("list").splitlines()]
    expect_equal([row["name"] for row in json.loads(output("list", "--format=json"))], listed, "list as JSON")
    expect_equal([row["name"] for row in csv.DictReader(io.StringIO(output("list", "--format=csv")))], listed,
                 "list as CSV")
    expect_equal(anechoic("list", "--format=xml").returncode, m.EXIT_USAGE, "exit status of an unknown format")


@test("hosted/cli understands Google Benchmark's options")
def _():
    listed = [line.split()[0] for line in output("list").splitlines()]
    for regex in ("^copy/4KiB/.*bit$", "tlb/look|copy/4", "/[a-d]", ".", "^tlb", "[^/]$", "mixed_workload$"):
        # Rows under machine/ are meant by filters that begin so.
        wanted = [name for name in listed if re.search(regex, name) and not name.startswith("machine/")]
        expect(wanted, f"{regex} selects nothing: the test is of no use")
        found = [line.split()[0] for line in output("list", f"--benchmark_filter={regex}").splitlines()]
        expect_equal(found, wanted, f"--benchmark_filter={regex}")
    result = anechoic("list", "--benchmark_filter=a+")
    expect_equal(result.returncode, m.EXIT_USAGE, "exit status of what is not understood")
    expect("a+" in result.stderr, result.stderr)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "google.json")
        text = output("run", *QUICK, "--benchmark_filter=tlb/lookup", "--benchmark_format=json",
                      f"--benchmark_out={path}", "--benchmark_out_format=json")
        with open(path, encoding="utf-8") as file:
            expect_equal(text, file.read(), "standard output against the file")
        check_schema("google-benchmark", strict(text))


@test("hosted/cli is run by Google Benchmark's compare.py")
def _():
    compare_py_needed()
    result = subprocess.run([PYTHON, COMPARE_PY, "--no-color", "benchmarks", hosted_tests.PROGRAM, hosted_tests.PROGRAM,
                             "--benchmark_filter=tlb/lookup", *QUICK], check=False, capture_output=True, text=True,
                            timeout=limit(120))
    expect_equal(result.returncode, 0, f"compare.py\n{result.stdout[-1000:]}{result.stderr[-2000:]}")
    expect("OVERALL_GEOMEAN" in result.stdout, result.stdout[-2000:])


def bash_completes(*words, **more):
    script = """. <("$1" completion bash); shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _anechoic; echo "${COMPREPLY[*]}" """
    result = subprocess.run(["bash", "-c", script, "bash", os.path.abspath(hosted_tests.PROGRAM),
                             os.path.abspath(hosted_tests.PROGRAM), *words],
                            check=False, capture_output=True, text=True, timeout=limit(60), **more)
    expect_equal((result.returncode, result.stderr), (0, ""), f"completion of {words}")
    return result.stdout.split()


NUMBERS = {
    "run": ("--seed", "--sample-size", "--measurement-time", "--confidence-level", "--cpu", "--launches"),
    "noise": ("--duration",), "tune": ("--budget", "--seed"), "snippet": ("--unroll",), "advise": ("--walk-ns",),
    "watch": ("--duration", "--duty", "--rounds", "--arl"), "history changes": ("--last",),
    "history fleet": ("--rate",), "compare": ("--noise-threshold",), "ab": ("--pairs",), "doctor": ("--cpu",)}


@test("hosted/cli takes plain decimal numbers, and says so of all else")
def _():
    for command, options in NUMBERS.items():
        for option, word in itertools.product(options, ("0x10", "010", "+5", " 5", "1e1", "inf", "nan")):
            result = anechoic(*command.split(), f"{option}={word}")
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{command} {option}={word}")
            expect(f"{option} '{word}': not a valid value, " in result.stderr, result.stderr)


@test("hosted/cli completes in bash")
def _():
    expect_equal(bash_completes("ex"), ["export"], "ex")
    expect_equal(sorted(bash_completes("")), sorted(commands()), "every command")
    expect("--sample-size" in bash_completes("run", "--"), "run --")
    expect("--sample-size" in bash_completes("--sam"), "without a command")
    expect("prometheus" in bash_completes("export", ""), "export formats")
    expect("tlb/lookup/mostly_hits" in bash_completes("run", "tlb/"), "names of benchmarks")
    expect_equal(bash_completes("help", "exp"), ["export"], "help")
    offered = set(bash_completes("run", "--"))
    expect(offered == set(re.findall(r"^  (--\S+)", output("help", "run"), re.MULTILINE)),
           "options of the page and of the completion")


RESULTS, FILES, FOLDERS = {"a.json", "sub"}, {"a.json", "b.log", "c.db", "sub"}, {"sub"}
ROOMS = {"silent", "quiet", "usable", "loud"}
TLB = "tlb/lookup/mostly_hits"
COMPLETIONS = (     # the words, and what is offered for the last one
    (("export", ""), {"google-benchmark", "bencher", "github", "prometheus", "csv", "criterion", "simd-profile"}),
    (("export", "csv", ""), RESULTS),
    (("compare", ""), RESULTS),
    (("compare", "--format", ""), {"table", "markdown", "json"}),
    (("compare", "--effect", ""), set()),
    (("compare", "--per-benchmark", ""), FILES),
    (("compare", "--room", ""), ROOMS),
    (("watch", "--room", ""), ROOMS),
    (("watch", "import", ""), FILES),
    (("watch", "tlb/lookup/mostly"), {TLB}),
    (("advise", "--format", ""), {"table", "json"}),
    (("advise", ""), RESULTS),
    (("advise", "--stream", ""), FILES),
    (("record", "-o", "x", "--", "a-program-of-"), {"a-program-of-this-test"}),
    (("record", "--", "a-program-of-this-test", "b."), {"b.log"}),
    (("apply", "--pools", "--no-kernels", "a-program-of-"), {"a-program-of-this-test"}),
    (("apply", "--pools", "--", "a-program-of-"), {"a-program-of-this-test"}),
    (("apply", "--profile", ""), FILES),
    (("stream", ""), {"record", "convert", "show"}),
    (("stream", "record", "a-program-of-"), {"a-program-of-this-test"}),
    (("stream", "show", ""), FILES),
    (("stream", "show", "--format", ""), {"table", "json"}),
    (("report", ""), {"c.db", *RESULTS}),
    (("history", ""), {"add", "import", "show", "changes", "fleet"}),
    (("history", "import", ""), RESULTS),
    (("history", "add", ""), RESULTS),
    (("history", "show", "tlb/lookup/mostly"), {TLB}),
    (("history", "show", "--format", ""), {"table", "json", "csv"}),
    (("run", "tlb/lookup/mostly"), {TLB}),
    (("run", "--format", "json", "tlb/lookup/mostly"), {TLB}),
    (("run", "--sample-size", ""), set()),
    (("run", "--cpu", ""), {str(cpu) for cpu in os.sched_getaffinity(0)}),
    (("run", "--baseline", ""), {"main", "other"}),
    (("run", "--out", ""), FILES),
    (("run", "-o", ""), FILES),
    (("ab", "--keep", ""), FOLDERS),
    (("ab", ""), set()),
    (("collect", ""), FILES),
    (("completion", ""), {"bash", "zsh"}),
    (("help", "exp"), {"export"}),
    (("man", ""), set()),
    (("ex",), {"export"}),
)


def completion_folder(directory):
    """Where RESULTS, FILES and FOLDERS are; returns the environment that has baselines and a program."""
    os.mkdir(os.path.join(directory, "sub"))
    os.makedirs(os.path.join(directory, "sub", "home", "baselines"))
    for name in ("a.json", "b.log", "c.db", "sub/home/baselines/main.json", "sub/home/baselines/other.json"):
        with open(os.path.join(directory, name), "wb"):
            pass
    programs = os.path.join(directory, "sub", "programs")
    os.mkdir(programs)
    with open(os.path.join(programs, "a-program-of-this-test"), "wb") as file:
        os.fchmod(file.fileno(), 0o700)
    return dict(os.environ, ANECHOIC_HOME=os.path.join(directory, "sub", "home"),
                PATH=f"{programs}:{os.environ['PATH']}")


FORMATS = {"table", "markdown", "json", "csv", "hwloc-xml"}


@test("hosted/cli offers of formats and rooms those that the page has, and says which one is taken")
def _():
    for name in commands():
        page = dict(re.findall(r"^  --(format|room) [A-Z]+ +(\S.*)$", output("help", name), re.MULTILINE))
        for option, known in (("format", FORMATS), ("room", ROOMS)):
            words = set(re.findall(r"[a-z-]+", page.get(option, "")))
            offered = set(bash_completes(name, f"--{option}", "")) if words else set()
            expect_equal(offered, words & known, f"{name} --{option}")
            if words and name not in ("run", "ladder", "list"):  # whose page is the image's, too
                expect(re.search(r"\([a-z]+\)$", page[option]), f"{name}: {page}")


@test("hosted/cli offers in bash what is wanted, and nothing else")
def _():
    with tempfile.TemporaryDirectory() as directory:
        more = {"cwd": directory, "env": completion_folder(directory)}
        for words, wanted in COMPLETIONS:
            expect_equal(set(bash_completes(*words, **more)), wanted, f"{words}")
        expect_equal(set(bash_completes("compare", "--format", "=", "j", **more)), {"json"}, "a word with = in three")
        expect_equal(set(bash_completes("compare", "--format=j", **more)), {"--format=json"}, "and in one")
        expect_equal(bash_completes("record", "--", "a-program-of-this-test", "--", **more), [], "a program's options")
        expect_equal(bash_completes("apply", "--pools", "=", "", **more), [], "sizes of pools")
        expect_equal(set(bash_completes("apply", "--pools", "=", "16", "a-program-of-", **more)),
                     {"a-program-of-this-test"}, "behind them")
        expect_equal(set(bash_completes("export", "--out", "=", "x", "", **more)),
                     {"google-benchmark", "bencher", "github", "prometheus", "csv", "criterion", "simd-profile"},
                     "behind one in three")


ZSH_DRIVER = """
PS1= ; unsetopt beep; fpath=({directory}/functions $fpath); cd {directory}
autoload -Uz compinit; compinit -u -D; path=({directory}/bin $path)
zstyle ':completion:*' menu no
compadd() {{
    if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >>{directory}/sub/hits
    builtin compadd "$@"
}}
finished() {{ print x >{directory}/sub/done }}
begin() {{ comppostfuncs=(finished) }}
compprefuncs=(begin)
bindkey '^I' complete-word; bindkey '^U' kill-whole-line
# What is typed before the line editor listens may be thrown away with the terminal's old mode.
zle-line-init() {{ print x >{directory}/sub/ready }}
zle -N zle-line-init
"""


def wait_for(path, again=lambda: None, words=""):
    """`again` is done each second that it is not there."""
    end, next_s = time.monotonic() + limit(60), time.monotonic()
    while not os.path.exists(path):
        expect(time.monotonic() < end, f"no {path} {words}")
        if time.monotonic() >= next_s:
            again()
            next_s = time.monotonic() + 1
        time.sleep(0.01)
    os.unlink(path)


def drain(terminal):
    while select.select([terminal], [], [], 0)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            return


def zsh_completes(terminal, directory, words):
    hits, done, ready = (os.path.join(directory, "sub", name) for name in ("hits", "done", "ready"))
    if os.path.exists(hits):
        os.unlink(hits)
    os.write(terminal, b"compprefuncs=(begin)\n")
    wait_for(ready)
    os.write(terminal, f"anechoic {' '.join(words)}\t".encode())
    wait_for(done, words=words)
    drain(terminal)
    os.write(terminal, b"\x15")
    if not os.path.exists(hits):
        return set()
    with open(hits, encoding="utf-8") as file:
        # Where no word is wanted, zsh offers options by itself.
        return {line.rstrip("/") for line in file.read().splitlines() if not line.startswith("-")}


@test("hosted/cli offers in zsh what is wanted, and nothing else")
def _():
    if not shutil.which("zsh"):
        raise Skipped("no zsh")
    with tempfile.TemporaryDirectory() as directory:
        own = completion_folder(directory)
        for folder in ("functions", "bin"):
            os.mkdir(os.path.join(directory, "sub", folder))
        with open(os.path.join(directory, "sub", "functions", "_anechoic"), "w", encoding="utf-8") as file:
            file.write(output("completion", "zsh"))
        os.symlink(os.path.abspath(hosted_tests.PROGRAM), os.path.join(directory, "sub", "bin", "anechoic"))
        driver = os.path.join(directory, "sub", "driver")
        with open(driver, "w", encoding="utf-8") as file:
            file.write(ZSH_DRIVER.format(directory=directory).replace("/functions", "/sub/functions")
                       .replace("/bin ", "/sub/bin "))
        ours, theirs = pty.openpty()
        with subprocess.Popen(["zsh", "-f", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=own,
                              start_new_session=True) as shell:
            os.close(theirs)
            try:
                wait_for(os.path.join(directory, "sub", "ready"), lambda: os.write(ours, f". {driver}\n".encode()))
                for words, wanted in COMPLETIONS:
                    expect_equal(zsh_completes(ours, directory, words), wanted, f"{words}")
            finally:
                shell.kill()
                os.close(ours)


@test("hosted/cli completion for zsh is well-formed")
def _():
    if not shutil.which("zsh"):
        raise Skipped("no zsh")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "_anechoic")
        with open(path, "w", encoding="utf-8") as file:
            file.write(output("completion", "zsh"))
        result = subprocess.run(["zsh", "-fn", path], check=False, capture_output=True, text=True, timeout=limit(60))
        expect_equal((result.returncode, result.stderr), (0, ""), "zsh -n")
        # compinit finds it by its first line, and its functions answer with the words that they were given.
        script = f"""fpath=({directory} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[anechoic]
            _describe() {{ print -rl -- ${{(P)2}} }}; _arguments() {{ print -rl -- "$@" }}
            _files() {{ }}; _call_program() {{ }}
            words=(anechoic x); CURRENT=2; autoload -Uz _anechoic; _anechoic
            words=(anechoic run --); CURRENT=3; _anechoic
            print behind; words=(anechoic history add x); CURRENT=4; _anechoic
            print cores $(_anechoic_cores)"""
        result = subprocess.run(["zsh", "-fc", script], check=False, capture_output=True, text=True, timeout=limit(60))
        expect_equal((result.returncode, result.stderr), (0, ""), "compinit")
        expect(result.stdout.startswith("_anechoic\n") and "\nexport:" in result.stdout, result.stdout[:500])
        expect("--sample-size=[" in result.stdout, result.stdout[-1000:])
        run, behind = result.stdout.split("\nbehind\n")
        for word in (":FORMAT:(table json csv)", ":LOG:_files\n", ":N:($(_anechoic_cores))",
                     ":NAME:($(_anechoic_baselines))", "*:word:($(_anechoic_benchmarks $program))"):
            expect(word in run, f"no {word}: {run[-2000:]}")
        expect('*:word:_files -g "*.json"' in behind and "_anechoic_benchmarks" not in behind, behind)
        expect_equal({int(core) for core in behind.split("cores ")[1].split()}, os.sched_getaffinity(0), "cores")


@test("hosted/cli has a man page without a warning")
def _():
    if not shutil.which("groff"):
        raise Skipped("no groff")
    page = output("man")
    result = subprocess.run(["groff", "-man", "-ww", "-b", "-z"], input=page, check=False, capture_output=True,
                            text=True, timeout=limit(60))
    expect_equal((result.returncode, result.stderr), (0, ""), "groff -ww")
    shown = subprocess.run(["groff", "-man", "-Tascii", "-P-cbou"], input=page, check=False, capture_output=True,
                           text=True, timeout=limit(60)).stdout
    for word in ("NAME", "EXIT STATUS", "--sample-size", "anechoic export"):
        expect(word in shown, f"no {word} in the man page")
    for name in commands():
        expect(f"anechoic {name}" in shown, f"{name} is not in the man page")


# In the place of `anechoic` in an example: the words are its own, how long it measures is not.
BRIEF = """#!/bin/sh
command=$1
shift
case $command in
run) set -- {run} "$@" ;;
ab) set -- --pairs=2 --pairs-max=2 "$@" ;;
esac
exec '{program}' $command "$@"
"""


def man_examples():
    """Lines of the man page, as people read them."""
    unquoted = output("man").replace("\\-", "-").replace("\\(ti", "~").replace("\\(ga", "`").replace("\\&", "")
    return re.findall(r"^\.EX\n(.*?)\n\.EE$", unquoted, re.MULTILINE | re.DOTALL)


@test("hosted/cli: every example of the man page runs")
def _():
    examples = man_examples()
    expect(len(examples) >= 10 and any("ab " in example for example in examples), f"{examples}")
    with tempfile.TemporaryDirectory() as directory:
        for folder in ("bin", "old", "new"):
            os.mkdir(os.path.join(directory, folder))
            path = os.path.join(directory, folder, "anechoic")
            with open(path, "w", encoding="utf-8") as file:
                file.write(BRIEF.format(program=os.path.abspath(hosted_tests.PROGRAM),
                                        run=" ".join(hosted_tests.SHORTEST)))
            os.chmod(path, 0o755)
        own = dict(os.environ, PATH=f"{directory}/bin:{os.environ['PATH']}", XDG_DATA_HOME=directory)
        own.pop("ANECHOIC_HOME", None)
        for example in examples:
            if "--resume" in example:   # which wants one that is cut off
                with open(os.path.join(directory, "anechoic.log"), "r+b") as log:
                    log.truncate(len(log.read()) * 2 // 3)
            result = subprocess.run(["bash", "-c", example], cwd=directory, env=own, check=False, capture_output=True,
                                    text=True, timeout=limit(120))
            judged = re.search(r"anechoic (compare|ab|run --baseline)", example)
            refused = hosted_tests.is_sanitized() and "functional only" in result.stdout + result.stderr
            expect(result.returncode in (((0, 1, 2, 3) if refused else (0, 1, 3)) if judged else (0,)),
                   f"{example}: status {result.returncode}: {result.stdout[-500:]}{result.stderr[-500:]}")


@test("hosted/cli: the man page names the files and the environment")
def _():
    page = output("man").replace("\\-", "-")
    sections = dict(re.findall(r"^\.SH (.*)\n((?:(?!\.SH ).*\n)*)", page, re.MULTILINE))
    read = set()
    for folder, _, names in os.walk(os.path.join(m.ROOT, "hosted")):
        for name in names:
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    read |= set(re.findall(r'getenv\("(\w+)"\)', file.read()))
    named = set(re.findall(r"^\.B (\S+)", sections["ENVIRONMENT"], re.MULTILINE))
    expect_equal(named, read - {"HOME"} | {"NO_COLOR"}, "ENVIRONMENT, and what the sources read")
    for word in ("anechoic.conf", "history.db", "launches.json", "baselines", "build/results"):
        expect(word in sections["FILES"], f"no {word} in FILES")
    expect({"EXIT STATUS", "EXAMPLES", "SEE ALSO"} <= set(sections), f"{list(sections)}")


def on_terminal(terminal_type, *words, columns=80):
    """Standard error of a run as a terminal of that type and width gets it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with os.fdopen(ours, "rb", 0) as reader:
        with subprocess.Popen([hosted_tests.PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=theirs, env=dict(os.environ, TERM=terminal_type)) as process:
            os.close(theirs)
            shown = b""
            try:
                while part := reader.read(4096):
                    shown += part
            except OSError:  # how a terminal whose other end was closed answers
                pass
            expect_equal(process.wait(limit(60)), 0, "exit status")
    return shown.decode()


@test("hosted/cli shows progress on a terminal only")
def _():
    words = ("run", *QUICK, "tlb/lookup")
    shown = on_terminal("xterm", *words)
    expect("measuring 1 of" in shown and shown.endswith("\r\x1b[K"), f"{shown!r}")
    result = anechoic(*words)
    for shown in (on_terminal("dumb", *words), result.stderr, result.stdout):
        expect("\x1b" not in shown and "measuring" not in shown, f"{shown!r}")
    shown = re.split(r"\r\x1b\[K|\n", hosted_tests.own_words(on_terminal("xterm", *words, columns=40)))
    lines = [line for line in shown if line.startswith("measuring")]
    expect(lines and max(map(len, lines)) == 39, f"wider than a terminal: {lines}")


@test("hosted/cli runs from any directory")
def _():
    with tempfile.TemporaryDirectory() as directory:
        result = subprocess.run([os.path.abspath(hosted_tests.PROGRAM), "run", *QUICK, "tlb/lookup", "--out", "r.json"],
                                cwd=directory, check=False, capture_output=True, text=True, timeout=limit(60))
        expect_equal((result.returncode, os.listdir(directory)), (0, ["r.json"]), f"{result.stderr}")


@test("image/ab: launches of the image, judged in pairs")
def _():
    """Two pairs, which are too few for any verdict but this one."""
    _, accel, _ = m.choose("x86_64", "pvh", "", "takeover", "build")
    if accel != "kvm":
        raise Skipped("no KVM that carries the image: figures are functional only, and not judged")
    with tempfile.TemporaryDirectory() as directory:
        launch = (f"'{os.path.join(m.ROOT, 'tools', 'run.py')}' --boot=pvh --build='{os.path.abspath('build')}' "
                  f"--arguments='--quick {hosted_tests.PATIENT} --exact reference/chain/whole' --out {{out}}")
        result = anechoic("ab", "--pairs=2", "--pairs-max=2", "--keep", directory, launch, launch)
        expect_equal((result.returncode, "inconclusive" in result.stdout), (3, True), f"{result.stdout}{result.stderr}")
        for side in "ab":
            for name in os.listdir(os.path.join(directory, side)):
                with open(os.path.join(directory, side, name), encoding="utf-8") as file:
                    expect_equal(json.load(file)["context"]["platform"]["way"], "pvh", "way")
