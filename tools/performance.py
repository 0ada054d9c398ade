#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make performance`: takes every figure of docs/performance.md on this machine, one command after the other, into
docs/performance/CPU.md (CPU: tools/microarchitecture.py), then writes the page's tables of all prints that are there.
Prints of other CPUs stay as they are.

    tools/performance.py take [--parts "pool tlb"]    some minutes; nothing else should run meanwhile
    tools/performance.py tables [--check]             the page's tables; --check: exit status 1 where they differ

What is finished is kept in the build folder, so that a run that was cut off goes on where it was; what another commit
measured is measured again. The print is written when no part is left. What a print has from "## Notes" on was written
by hand, and is kept.
"""

import argparse
import dataclasses
import datetime
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time

import machine as m
import microarchitecture
import noise
import performance_page
import prints

FOLDER = os.path.join(m.ROOT, "docs", "performance")
PAGE = os.path.join(m.ROOT, "docs", "performance.md")
MODELS = "models"              # the print of what no processor took
COLUMNS = 120
STREAMS = os.path.join(m.ROOT, "build", "streams")     # where make bench-peers looks for them
NOTES = "\n## Notes\n"
MAKE_SAYS = re.compile(r"^(make(\[\d+\])?: .*|  [a-z]+ +\S+/\S+)\n", re.MULTILINE)

# dpkg's names of what ours is set beside
PEERS = ("libc6", "libmimalloc2.0", "libjemalloc2", "libtcmalloc-minimal4", "libisal2")


def no_kvm(build):
    """Why the start's times would be an emulator's."""
    arch = os.uname().machine
    _, accel, why = m.choose(arch, "pvh" if arch == "x86_64" else "", "", "takeover", build)
    return None if accel == "kvm" else why


@dataclasses.dataclass
class Part:
    name: str
    title: str
    command: list              # words behind `make`
    quick: list                # the same, short: to try this programme, not to quote
    prepare: list              # words behind `make` that build what `command` needs
    programs: tuple = ()       # without which it cannot be taken
    why_not: object = None     # asked of the build folder when all is built; text: it cannot be taken here
    file: str = ""             # empty: this CPU's print
    tables: bool = False       # prints Markdown

    def absent(self):
        return ", ".join(f"no {name} here" for name in self.programs if not shutil.which(name))


def peers_part(name, title):
    return Part(name, title, ["bench-peers", f"ARGS={name}/"], ["bench-peers", f"ARGS=--quick {name}/"],
                ["bench-peers", "ARGS=--list"], tables=True)


PARTS = [
    peers_part("pool", "Pool"),
    peers_part("tlb", "Software TLB"),
    peers_part("simd", "SIMD"),
    Part("start", "Start", ["bench-start", "N=20"], ["bench-start", "N=3"], ["image"], why_not=no_kvm),
    Part("report", "Report", ["bench-report", "N=20"], ["bench-report", "N=3"], ["hosted-charts"], ("chromium", "npm")),
    Part("models", "Loops", ["mca"], ["mca"], ["ARCH=aarch64", "simd-check", "SIMD_CHECK_CPUS_aarch64="],
         ("llvm-mca", "aarch64-linux-gnu-objdump", "x86_64-linux-gnu-objdump"), file=MODELS),
]


def output_of(*command):
    """First line of what a programme says; "" where it is not there."""
    try:
        said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=m.ROOT).stdout
        return said.strip().split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return ""


def make(build, words, out):
    command = ["make", "--no-print-directory", f"BUILD={os.path.relpath(build, m.ROOT)}", *words]
    return subprocess.run(command, cwd=m.ROOT, check=False, text=True, stdout=out)


def commit():
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no")
    return (output_of("git", "rev-parse", "--short=12", "HEAD") or "unknown") + ("-dirty" if changed else "")


# ---- the head --------------------------------------------------------------------------------------------------------


def read_text(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def hypervisor():
    """Whose guest this is, and what carries guests of its own."""
    vendor = output_of("sh", "-c", "lscpu | sed -n 's/^Hypervisor vendor: *//p'") or "none seen"
    modules = [os.path.basename(path) for path in sorted(glob.glob("/sys/module/kvm_*"))]
    return ", ".join([vendor] + [f"own guests by {name}" for name in modules])


def compiler(build):
    """And its flags."""
    info = read_text(os.path.join(build, os.uname().machine, "generated", "build_info.h"))
    return {name.lower(): text for name, text in re.findall(r'BUILD_(COMPILER|FLAGS) "(.*)"', info)}


def version_of(package):
    return output_of("dpkg-query", "-W", "-f", "${Version}", package) or "not installed"


def machine_head(taken, build):
    """What the figures hold for, in order."""
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', read_text("/etc/os-release"), re.MULTILINE)
    cpuinfo = read_text("/proc/cpuinfo")
    return {
        "processor": microarchitecture.numbers(cpuinfo),
        "hypervisor": hypervisor(),
        "cores": f"{os.cpu_count()}; sibling threads of the first, as Linux is told: "
                 + read_text("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list").strip(),
        "system": f"{system.group(1) if system else 'unknown'}, Linux {os.uname().release}",
        **compiler(build),
        "beside": ", ".join(f"{package} {version_of(package)}" for package in PEERS),
        "emulator": output_of("qemu-system-x86_64", "--version") or "none",
    } | run_head(taken)


def models_head(taken):
    return {"model": output_of("sh", "-c", "llvm-mca --version | sed -n 's/.*LLVM version/LLVM/p'"),
            "compiler": output_of("aarch64-linux-gnu-gcc", "--version")} | run_head(taken)


def run_head(taken):
    """When and of what; the parts of one print are of one commit."""
    dates = sorted({part["date"] for part in taken.values()})
    return {"date": dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}",
            "commit": next(iter(taken.values()))["commit"],
            "command": "make performance"}


# ---- a print ---------------------------------------------------------------------------------------------------------


def folded(text):
    """No line longer than a page is wide, but for tables and what cannot be broken."""
    return "\n".join(line if line.startswith("|") else textwrap.fill(line, COLUMNS, break_on_hyphens=False)
                     if len(line) > COLUMNS else line for line in text.split("\n"))


def section(part, taken):
    said = folded(taken["output"].strip("\n"))
    if taken.get("skipped"):
        return f"## {part.title}\n\nskipped: {folded(taken['skipped'])}\n"
    # headings below this one
    body = re.sub(r"^(#+ )", r"#\1", said, flags=re.MULTILINE) if part.tables else f"```\n{said}\n```"
    how = f"`{taken['command']}`, {taken['seconds']:.0f} s, {taken['load']} before."
    return f"## {part.title}\n\n{folded(how)}\n\n{body}\n"


def print_text(title, head, parts, taken, before):
    """A print; `before` is what it replaces."""
    text = f"# {title}\n\nWritten by `make performance`; what it means: [performance.md](../performance.md).\n\n"
    text += "| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in head.items()) + "\n"
    notes = before[before.index(NOTES):] if NOTES in before else ""
    return text + "\n".join(section(part, taken[part.name]) for part in parts) + notes


def write(path, text):
    """What commands print may end in blanks; what is written here does not (`make check-format`)."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE))
    os.replace(path + ".new", path)


# ---- taking ----------------------------------------------------------------------------------------------------------


class Store:
    """Parts that are finished: a file each."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, part):
        return os.path.join(self.folder, part.name + ".json")

    def get(self, part, command, of_commit):
        """None: not taken, or otherwise."""
        try:
            taken = json.loads(read_text(self.path(part)))
        except ValueError:
            return None
        is_it = isinstance(taken, dict) and (taken.get("command"), taken.get("commit")) == (command, of_commit)
        return taken if is_it else None

    def put(self, part, taken):
        write(self.path(part), json.dumps(taken))

    def clear(self):
        for path in glob.glob(os.path.join(self.folder, "*.json")):
            os.remove(path)


def shell_words(words):
    """As somebody would type them."""
    return " ".join(["make", *[re.sub(r"=(.*\s.*)$", r'="\1"', word) for word in words]])


def prepare(parts, build):
    """Builds all first: nothing compiles beside what is measured."""
    for words in [part.prepare for part in parts if not part.absent()]:
        if make(build, words, subprocess.DEVNULL).returncode != 0:
            sys.exit(f"performance: {shell_words(words)} failed")
    if any(part.name == "tlb" for part in parts) and shutil.which("valgrind") and not os.path.isdir(STREAMS):
        record_streams()


def record_streams():
    """All or none of them: what was cut off would be taken for all."""
    print("performance: recording address streams, some minutes", flush=True)
    command = ["tools/record_streams.py", "--out", STREAMS + ".part"]
    if subprocess.run(command, cwd=m.ROOT, check=False).returncode != 0:
        sys.exit("performance: tools/record_streams.py failed")
    os.rename(STREAMS + ".part", STREAMS)


def measure(part, words, of_commit, build, run):
    taken = {"command": shell_words(words), "commit": of_commit, "date": datetime.date.today().isoformat(),
             "load": noise.load_average()}
    why_not = part.absent() or (part.why_not(build) if part.why_not else None)
    if why_not:
        return taken | {"skipped": why_not, "output": "", "seconds": 0}
    began = time.monotonic()
    result = run(build, words, subprocess.PIPE)
    if result.returncode == m.EXIT_SKIPPED:
        return taken | {"skipped": result.stdout.strip().split("\n")[-1], "output": "", "seconds": 0}
    if result.returncode != 0:
        sys.exit(f"performance: {taken['command']}: exit status {result.returncode}\n{result.stdout[-2000:]}")
    return taken | {"output": MAKE_SAYS.sub("", result.stdout), "seconds": time.monotonic() - began}


def take_parts(store, chosen, build, quick, run=make):
    """Measures what is chosen and not finished. Returns all that is finished, by the part's name."""
    now = commit()
    words = {part.name: part.quick if quick else part.command for part in PARTS}
    finished = {part.name: store.get(part, shell_words(words[part.name]), now) for part in PARTS}
    for part in chosen:
        if finished[part.name]:
            print(f"performance: {part.name}: finished before, kept", flush=True)
            continue
        taken = finished[part.name] = measure(part, words[part.name], now, build, run)
        store.put(part, taken)
        skipped = f", skipped: {taken['skipped']}" if "skipped" in taken else ""
        print(f"performance: {part.name}: {taken['seconds']:.0f} s, {taken['load']} before{skipped}", flush=True)
    return {name: taken for name, taken in finished.items() if taken}


def write_prints(out, taken, build):
    title = microarchitecture.name(read_text("/proc/cpuinfo"))
    own = {part.name: taken[part.name] for part in PARTS if not part.file}
    models = {part.name: taken[part.name] for part in PARTS if part.file}
    for file, name, head, of in ((microarchitecture.file_name(title), title, machine_head(own, build), own),
                                 (MODELS, "Loops in models of cores", models_head(models), models)):
        path = os.path.join(out, file + ".md")
        if file == MODELS and all("skipped" in part for part in of.values()) and os.path.exists(path):
            continue
        before = read_text(path)
        write(path, print_text(name, head, [part for part in PARTS if part.name in of], of, before))
        notes = ", kept its notes: read them again" if NOTES in before else ""
        print(f"performance: wrote {os.path.relpath(path, m.ROOT)}{notes}")


def take(options):
    build = os.path.abspath(options.build)
    if options.quick and os.path.abspath(options.out) == FOLDER:
        sys.exit("performance: --quick is for another --out: its figures are not to be quoted")
    names = options.parts.split() or [part.name for part in PARTS]
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        there = " ".join(part.name for part in PARTS)
        print(f"performance: no part {' '.join(sorted(unknown))}; there are {there}", file=sys.stderr)
        return m.EXIT_USAGE
    chosen = [part for part in PARTS if part.name in names]
    store = Store(os.path.join(build, "performance" + ("-quick" if options.quick else "")))
    if options.fresh:
        store.clear()
    prepare(chosen, build)
    taken = take_parts(store, chosen, build, options.quick)
    left = [part.name for part in PARTS if part.name not in taken]
    if left:
        print(f"performance: left are {' '.join(left)}; make performance goes on with them")
        return 0
    write_prints(options.out, taken, build)
    store.clear()
    return 0 if options.quick else tables(options)


# ---- the page --------------------------------------------------------------------------------------------------------


def tables(options):
    page, found = read_text(PAGE), prints.read_all(FOLDER)
    made = performance_page.with_tables(page, found)
    if options.command == "tables" and options.check:
        return 0 if made == page else 1
    write(PAGE, made)
    for row, title in performance_page.without_reason(made, found):
        print(f"performance: {row} misses its bar on {title}, and docs/performance.md gives no reason")
    return 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    taking = commands.add_parser("take")
    taking.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    taking.add_argument("--out", default=FOLDER)
    taking.add_argument("--parts", default="", help=" ".join(part.name for part in PARTS))
    taking.add_argument("--fresh", action="store_true", help="what was finished before is measured again")
    taking.add_argument("--quick", action="store_true", help="short, into another --out: to try this programme")
    making = commands.add_parser("tables")
    making.add_argument("--check", action="store_true")
    options = parser.parse_args(argv)
    return take(options) if options.command == "take" else tables(options)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
