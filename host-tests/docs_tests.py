# SPDX-License-Identifier: Apache-2.0
"""Every example in README.md, CONTRIBUTING.md and docs/ is run, or held against the rule for its kind.

An example is a fenced block, or one that is indented behind a blank line. A kind is a row of KINDS: what belongs to it,
and what is tried. A block that no kind takes fails, so that none is added untested. Commands between backticks in the
text are tried, too. Commands run in a folder made up for them, with few and short samples; those of make by `make -n`.
The pages of docs/performance/ are made by a tool, whose test they are in.
"""

import collections
import contextlib
import functools
import glob
import json
import os
import re
import shlex
import subprocess
import tempfile

import hosted_tests
import machine as m
from harness import Failed, expect, expect_equal, limit, test
from image_tests import X86, boot, expect_done, machine, tail

BUILD = os.path.join(m.ROOT, "build")
TINY = "--measurement-time=0.01 --warm-up-time=0.01 --nresamples=1000 --timeout=100"   # a busy machine hangs nothing
ONE = "--exact tlb/lookup/mostly_hits"
# Blocks that another test reads out of the page: the file that does, and what it looks for.
ELSEWHERE = {
    "cmake": ("amalgamation_tests.py", 'fenced("cmake"'),
    "meson": ("amalgamation_tests.py", 'fenced("meson"'),
    "make hosted  ": ("own_suites_tests.py", '"make hosted  "'),
    "make hosted SUITES=$PWD/before": ("own_suites_tests.py", '"make hosted SUITES=$PWD/before'),
    "anechoic new-suite ~/mine": ("install_tests.py", '"anechoic new-suite ~/mine"'),
    "export GATE_BUILD=": ("own_suites_tests.py", '"export GATE_BUILD='),
    "$ anechoic advise": ("advise_tests.py", '"$ anechoic advise'),
    "$ make -C examples/guest_memory": ("embedding_tests.py", r"\$ make -C examples/guest_memory"),
}
Block = collections.namedtuple("Block", "path line info lines")


def pages():
    return ["README.md", "CONTRIBUTING.md"] + sorted(glob.glob("docs/*.md", root_dir=m.ROOT))


@functools.lru_cache(maxsize=None)
def read(path):
    with open(os.path.join(m.ROOT, path), encoding="utf-8") as file:
        return file.read()


def blocks_of(path, text):
    found, lines, at, after_blank = [], text.split("\n"), 0, True
    while at < len(lines):
        begin, line = at, lines[at]
        at += 1
        if line.startswith("```"):
            while not lines[at].startswith("```"):
                at += 1
            found.append(Block(path, begin + 1, line[3:].strip() or "fence", lines[begin + 1:at]))
            at += 1
        elif after_blank and line.startswith("    "):
            while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
                at += 1
            inside = "\n".join(text[4:] for text in lines[begin:at]).rstrip("\n")
            found.append(Block(path, begin + 1, "indented", inside.split("\n")))
            line = ""
        after_blank = not line.strip()
    return found


def all_blocks():
    return [block for path in pages() for block in blocks_of(path, read(path))]


def where(block):
    return f"{block.path}, line {block.line}"


def ran(command, folder, status=0):
    """Standard output of a shell command."""
    result = subprocess.run(["bash", "-c", command], cwd=folder, check=False, capture_output=True, text=True,
                            timeout=limit(120))
    expect_equal(result.returncode, status, f"{command}: status\n{result.stdout[-1000:]}{result.stderr[-1000:]}")
    return result.stdout


def expect_lines(block, lines, shapes):
    """Each line has one of the shapes."""
    for line in lines:
        expect(any(re.fullmatch(shape, line) for shape in shapes), f"{where(block)}: no line of that kind: {line}")


# ---- commands --------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def make_n(command):
    """What make would do: it knows the target and takes the choices."""
    with tempfile.TemporaryDirectory() as folder:
        words = [word.replace("NAME", "tlb") for word in shlex.split(command)]
        made = ran(shlex.join(words + ["-n", "--no-silent", f"BUILD={folder}"]), m.ROOT)
    # a file that is there may be as it should be
    expect(made or any(os.path.isfile(os.path.join(m.ROOT, word)) for word in words), f"{command}: nothing to do")
    given = [word for word in words if word.startswith("ARGS=")]
    for word in given:
        args = shlex.split(word[len("ARGS="):])
        if args[:1] == ["snippet"]:   # measures what it is told, and lists nothing
            result = hosted_tests.anechoic(*args, "--image=x86_64")
            expect_equal(result.returncode, 0, f"{command}: {result.stderr}")
        else:
            listed(args, command)


def listed(words, what):
    """The programme takes these words for a run, and its filters match something."""
    result = hosted_tests.anechoic("run", "--list", *words)
    expect_equal(result.returncode, 0, f"{what}: {result.stderr}")


@contextlib.contextmanager
def scratch():
    """A folder as the text has it: two versions built, results of a run, a log."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("build", "old", "new"):
            os.makedirs(os.path.join(folder, name))
            os.symlink(hosted_tests.PROGRAM, os.path.join(folder, name, "anechoic"))
        os.mkdir(os.path.join(folder, "build", "results"))
        ran(f"build/anechoic run {TINY} {ONE} --log LOG --out build/results/x86_64-uefi.json", folder)
        yield folder


def stands_for(words):
    """What a reader would type for the words that are placeholders, and quickly."""
    plain = {"CMD_A": f"old/anechoic run {TINY} {ONE}", "CMD_B": f"new/anechoic run {TINY} {ONE}"}
    words = [plain.get(word, word) for word in words]
    if words[1] == "run" and "--help" not in words:
        words += TINY.split() + (ONE.split() if len(words) == 2 else [])
    if words[1] == "ab":
        words += ["--pairs=2", "--pairs-max=2"]
    return [word.replace("NAME", "tlb/lookup/mostly_hits") for word in words]


def run_hosted(command, folder):
    """A command of the hosted programme, in the folder made up for it. `ab` of two pairs cannot come to a verdict."""
    words = stands_for(shlex.split(command))
    line = " ".join(word if "*" in word else shlex.quote(word) for word in words)
    ran(line, folder, m.EXIT_INCONCLUSIVE if words[1] == "ab" else 0)


def commands_in_text():
    """(page, command) of those between backticks; a name of a command without words is no command."""
    for path in pages():
        text = re.sub(r"^```.*?^```$", "", read(path), flags=re.MULTILINE | re.DOTALL)
        for found in re.findall(r"`([^`]+)`", text):
            command = " ".join(found.split())
            if re.match(r"(make|build/anechoic) ", command):
                yield path, command


def anchor(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")


@test("docs/every link leads to a file that is there, and to a heading in it")
def _():
    headings = {path: {anchor(line) for line in read(path).splitlines() if line.startswith("#")} for path in pages()}
    for path in pages():
        links = re.findall(r"\]\(([^)#\s:]*)(?:#([^)]*))?\)", read(path))
        expect(path != "README.md" or links, "links are found")
        for target, heading in links:
            there = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
            expect(os.path.exists(os.path.join(m.ROOT, there)), f"{path}: no {target}")
            expect(not heading or heading in headings.get(there, ()), f"{path}: no heading for {target}#{heading}")


@test("docs/commands in the text do what they say", seconds=6)
def _():
    found = set(commands_in_text())
    expect(len(found) > 30, f"only {len(found)} were found")
    with scratch() as folder:
        for path, command in sorted(found):
            try:
                if command.startswith("make "):
                    make_n(command)
                else:
                    run_hosted(command, folder)
            except Failed as failure:
                raise Failed(f"{path}: `{command}`: {failure}") from failure


# ---- kinds of blocks -------------------------------------------------------------------------------------------------


def is_make(block):
    return block.info == "indented" and block.lines[0].startswith("make ")


def check_make(block):
    """`make TARGET CHOICE...`, then a word about it, behind a # or in a column of its own."""
    for line in block.lines:
        if line.startswith("make "):
            make_n(re.split(r"\s{2,}|\s+#", line)[0])
        else:
            expect(line.startswith("        "), f"{where(block)}: neither a command nor a word about one: {line}")


def is_stick(block):
    return block.info == "indented" and re.match(r"sudo dd |mkdir -p /media/", block.lines[0])


def check_stick(block):
    """With files in place of the device and of where the stick is mounted."""
    with tempfile.TemporaryDirectory() as folder:
        command = "\n".join(block.lines).replace("sudo ", "").replace("/dev/sdX", f"{folder}/sdX")
        command = command.replace("/media/", f"{folder}/media/")
        expect("/dev/" not in command, f"{where(block)}: {command}")
        ran(command, m.ROOT)
        written, source = ((f"{folder}/sdX", "anechoic.img") if "dd " in command
                           else (f"{folder}/media/stick/EFI/BOOT/BOOTX64.EFI", "BOOTX64.EFI"))
        with open(written, "rb") as file, open(os.path.join(BUILD, "x86_64", source), "rb") as wanted:
            expect(file.read() == wanted.read(), f"{where(block)}: another {source} was written")


def is_config(block):
    return block.info == "indented" and all(re.match(r"[a-z-]+( = .*)?$", line) for line in block.lines)


def check_config(block):
    """The image itself reads it, lists what it would measure, and complains of no line."""
    what = machine(config="\n".join(["list"] + block.lines), **X86)
    outcome = boot(what)
    expect_done(outcome)
    expect("anechoic.conf line" not in outcome.text(), f"{where(block)}:\n" + tail(outcome))
    filters = [line.split(" = ")[1] for line in block.lines if line.startswith("arguments = ")] or [""]
    names = re.findall(r"^[ *]*([a-z_]+/\S+)", outcome.text(), re.MULTILINE)
    expect(names and all(filters[0] in name for name in names), f"{where(block)}: it would run {names}")


ROW = r"\[ *\d+/ *\d+\] \S+ +[\d.]+ [nmu]?s +\[[\d.]+ [\d.]+\] +>?[\d.]+% +[\d.]+ (?:[kMG]/s|[KMGT]iB/s)(?: +\d+)?" \
      r"(?: +(?:silent|quiet|usable|loud))?"
HEAD = r"\[ *n/of\] benchmark +time \[interval\] +shows +throughput +out +room"
RUN = (ROW, HEAD, r"run: .*", r"anechoic \d+\.\d+\.\d+, \w+, \w+.*", r"\d+ benchmarks, \d+ ok in [\d.]+ s",
       r"clock   \w.*", r"runner  a sample [\d.]+ ns, .*", r"noise   interrupts \d+.*",
       r"date    \d{4}-.*Z to .*Z \(.*\)", r"launch  one: .*", r"figure  the 10 % quantile of .*",
       r"room    (?:silent|quiet|usable|loud): .*", r" +the whole run: .*")


def is_table(block):
    return block.lines[0] == "$ make run" or (block.info == "indented" and re.fullmatch(ROW, block.lines[0]))


def check_table(block):
    """A run's lines have the shapes that they have here, and name benchmarks that there are."""
    shown = block.lines[block.lines[0].startswith("$ "):]
    expect_lines(block, shown, RUN)
    text = ran(f"{hosted_tests.PROGRAM} run {TINY} tlb/lookup copy/4KiB", m.ROOT).rstrip().split("\n")
    for kind in RUN[:2]:
        expect(any(re.fullmatch(kind, line) for line in text), f"a run shows no line like {kind}:\n" + "\n".join(text))
    heads = {" ".join(line.split()) for line in shown + text if re.fullmatch(HEAD, line)}
    expect_equal(len(heads), 1, f"{where(block)}: the table's head, there and here: {heads}")
    known = ran(f"{hosted_tests.PROGRAM} list", m.ROOT)
    for line in shown:
        if re.fullmatch(ROW, line):
            name = line.partition("]")[2].split()[0]
            expect(name in known, f"{where(block)}: there is no benchmark {name}")


TESTED = (r"[a-z-]+: \d+ passed \(\d+ s\)", r"\.\.\.", r"\d+ s of CPU time, most of it in", r" +[\d.]+ s  [a-z-]+/\S.*",
          r"\d+ s in all", r"\d+ passed, \d+ failed(, \d+ skipped)?")
TOOLS = (r"", r"sensitivity: \d+ trials, .*", r" slowdown +trials +found +share .*",
         r" +\d+ % +\d+ +\d+( +[+-]?[\d.]+%)+", r"called improved: \d+; .*", r"aa: .*\d.*",
         r"repeatability: \d+ runs .*", r"three dependent additions +spread", r"[\w ,]+ +[\d.]+%")


def is_print(block):
    return block.lines[0] == "$ make test" or block.lines[0].startswith("sensitivity: ")


def check_print(block):
    if block.lines[0] == "$ make test":
        make_n("make test")
        expect_lines(block, block.lines[1:], TESTED)
    else:
        expect_lines(block, block.lines, TOOLS)


def is_diagram(block):
    return block.info == "indented" and "→" in block.lines[0]


def check_diagram(block):
    """Every word of hosted/'s rooms is a folder there; of the others, words and arrows."""
    for line in block.lines:
        expect(re.fullmatch(r"[\w/,: ]+( → [\w/,: ]+)+", line), f"{where(block)}: {line}")
        rooms = re.findall(r"\w+", line) if block.lines[0].startswith("cli ") else []
        for room in set(rooms) - {"bench"}:
            expect(os.path.isdir(os.path.join(m.ROOT, "hosted", room)), f"{where(block)}: no hosted/{room}")


def is_c(block):
    return block.info == "indented" and re.search(r"^#include|;$", block.lines[0])


PRELUDE = """
#include "mem/pool.h"
#include "mem/tlb.h"
#include "simd/simd.h"
struct packet { char bytes[1500]; };
extern tlb_walk walk_guest;
extern const struct simd_profile simd_profile_tuned; /* of simd_profile.h */
void example(struct tlb *tlb, void *memory, void *vm, void *destination, const void *source, size_t bytes);
void example(struct tlb *tlb, void *memory, void *vm, void *destination, const void *source, size_t bytes) {
\t(void)tlb, (void)memory, (void)vm, (void)destination, (void)source, (void)bytes;
\t{
%s
\t}
}
"""


def check_c(block):
    """It compiles, in a function that has what the text around it speaks of."""
    text = "\n".join(block.lines)
    source = text + "\n" if text.startswith("#include") else PRELUDE % text
    with tempfile.TemporaryDirectory() as folder:
        include = m.ROOT
        if text.startswith("#include"):  # of the amalgamation
            ran(f"tools/amalgamate.py {folder}", m.ROOT)
            include = folder
        result = subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable",
                                 "-Wno-unused-but-set-variable", f"-I{include}", "-fsyntax-only", "-xc", "-"],
                                input=source, check=False, capture_output=True, text=True, timeout=limit(60))
    expect_equal((result.returncode, result.stderr), (0, ""), where(block))


def is_schema(block):
    return block.info.startswith("json")


def check_schema(block):
    """It parses, it is a schema, and a test of exports looks for it by its name."""
    schema = json.loads("\n".join(block.lines))
    expect(schema.get("type") in ("object", "array"), f"{where(block)}: no schema")
    try:
        import jsonschema
        jsonschema.Draft7Validator.check_schema(schema)
    except ImportError:
        pass
    name = block.info.partition(" ")[2]
    users = "".join(read(path) for path in glob.glob("host-tests/*_tests.py", root_dir=m.ROOT))
    family = name.partition("-")[0]
    expect(re.search(rf'"({name}"|{family}-" \+ name)', users), f"{where(block)}: no test uses {name}")


def is_elsewhere(block):
    return any(block.info == key or block.lines[0].startswith(key) for key in ELSEWHERE)


def check_elsewhere(block):
    for key, (path, words) in ELSEWHERE.items():
        if block.info == key or block.lines[0].startswith(key):
            text = read(f"host-tests/{path}")
            alike = sum(other.info == key or other.lines[0].startswith(key) for other in all_blocks())
            reads = os.path.basename(block.path) in text and text.count(words) == alike
            expect(reads, f"{where(block)}: {path} does not read it")


def is_ipxe(block):
    return block.lines[0] == "#!ipxe"


def check_ipxe(block):
    """A test of the image boots by such a script; the words behind the kernel are the programme's."""
    expect_lines(block, block.lines[1:], (r"kernel BOOT\w+\.EFI( .*)?", r"imgfetch anechoic\.conf", r"boot"))
    listed(block.lines[1].split()[2:], where(block))


def is_qemu(block):
    return block.lines[0].startswith("qemu-system-")


def check_qemu(block):
    """It comes to its first benchmark."""
    words = shlex.split("\n".join(block.lines).replace("\\\n", " "))
    os.chdir(m.ROOT)
    outcome = m.run_bounded(words, 300, paced=True, until=lambda console: b"@anechoic START" in console)
    expect(outcome.killed, f"{where(block)}: no benchmark began\n" + tail(outcome))


def is_line(block):
    return len(block.lines) == 1 and re.match(r"@anechoic |results\.json: |anechoic_", block.lines[0])


def check_query(block, folder):
    """Each name and each label is exported."""
    text = ran("build/anechoic export prometheus build/results/x86_64-uefi.json", folder)
    for name in re.findall(r"anechoic_\w+", block.lines[0]):
        expect(re.search(rf"^{name}{{", text, re.MULTILINE), f"{where(block)}: {name} is not exported")
    for name in re.findall(r"\w+", "".join(re.findall(r"\bon \(([^)]*)\)", block.lines[0]))):
        expect(f'{name}="' in text, f"{where(block)}: no label {name} is exported")


def check_complaint(block, folder):
    """It has the shape of what is said of such a file."""
    with open(os.path.join(folder, "build", "results", "x86_64-uefi.json"), encoding="ascii") as file:
        text = re.sub(r'"times":\[[^,]+', '"times":["no number"', file.read(), count=1)
    with open(os.path.join(folder, "results.json"), "w", encoding="ascii") as file:
        file.write(text)
    result = subprocess.run(["build/anechoic", "export", "csv", "results.json"], cwd=folder, check=False,
                            capture_output=True, text=True, timeout=limit(60))
    shape = r"(anechoic: |export: )?results\.json: line \d+, byte \d+: benchmarks\[\d+\]\.times\[\d+\] is not .*"
    expect_lines(block, [block.lines[0], result.stderr.strip()], (shape,))


def check_line(block):
    """A record's form, the place of a mistake in a file, or a query for Prometheus."""
    if block.lines[0].startswith("@anechoic "):
        expect_equal(block.lines[0], "@anechoic TAG {json} xxxxxxxx", where(block))
        return
    with scratch() as folder:
        (check_query if block.lines[0].startswith("anechoic_") else check_complaint)(block, folder)


KINDS = {
    "what another test reads": (is_elsewhere, check_elsewhere),
    "calls of make": (is_make, check_make),
    "sticks": (is_stick, check_stick),
    "anechoic.conf": (is_config, check_config),
    "tables of a run": (is_table, check_table),
    "what tools print": (is_print, check_print),
    "diagrams": (is_diagram, check_diagram),
    "C": (is_c, check_c),
    "schemas": (is_schema, check_schema),
    "iPXE's script": (is_ipxe, check_ipxe),
    "QEMU's command line": (is_qemu, check_qemu),
    "single lines": (is_line, check_line),
}


def kind_of(block):
    return next((name for name, (applies, _) in KINDS.items() if applies(block)), None)


@test("docs/every example is of a kind that is tested")
def _():
    for block in all_blocks():
        expect(kind_of(block), f"{where(block)}: nothing tests a block like this:\n" + "\n".join(block.lines[:5]))
    unknown = blocks_of("new.md", "text\n\n    rm -rf /\n\n```\nhello\n```\n")
    expect_equal([kind_of(block) for block in unknown], [None, None], "kinds of what nothing tests")


def _register():
    for name, (_, check) in KINDS.items():
        @test(f"docs/examples: {name}")
        def _(name=name, check=check):
            blocks = [block for block in all_blocks() if kind_of(block) == name]
            expect(blocks, "there is none any more")
            for block in blocks:
                check(block)


_register()
