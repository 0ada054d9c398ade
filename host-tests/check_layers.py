#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The arrows of docs/architecture.md, proved from what was built: the compiler's dependency files say what each object
included, the objects' symbols say what it links. Prints each arrow that points up and each circle of files that is not
meant; exit status 1 where there is one. An object that is older than its source tells of what was, and is passed over:
`make check-layers` builds first.
"""

import argparse
import collections
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What each folder's files may include and link, beside their own folder's. The longest prefix of a path counts.
BENCH = ["bench/", "mem/", "simd/", "caps/", "lib/", "include/platform.h", "generated/"]
RESULTS = ["hosted/results/"] + BENCH
VERDICT = ["hosted/verdict/"] + RESULTS
HISTORY = ["hosted/history/"] + VERDICT
KERNEL = ["kernel/" + name for name in (
    "arch.h", "core_list", "x86_64/", "aarch64/", "machine", "guard_state", "plant", "clock", "acpi", "format",
    "compare", "image", "gate.h", "pmu", "handback", "step", "end", "kernel.h")]
KERNEL += ["lib/", "include/"]
ALLOWED = {
    "include/": [],
    "lib/": [],
    "caps/": [],
    "mem/": [],
    "preload/": [],
    "preload/record/": ["preload/counts.h", "preload/early", "preload/setting"],
    "preload/kernels/": ["preload/early", "preload/setting", "simd/"],
    "preload/pools/": ["preload/early", "preload/setting", "mem/"],
    "simd/": [],
    "bench/": BENCH,
    "kernel/": ["kernel/console/", "kernel/memory/", "kernel/program/"] + KERNEL,  # kernel_main is in it, the top
    "kernel/memory/": KERNEL,
    "kernel/console/": ["kernel/memory/"] + KERNEL,
    "kernel/program/": ["kernel/console/", "kernel/memory/"] + KERNEL,
    "kernel/user/": ["kernel/gate.h", "lib/", "include/platform.h"],
    "hosted/platform/": ["bench/ticks.h", "bench/x86_64/ticks", "bench/aarch64/ticks", "lib/", "include/platform.h"],
    "hosted/results/": BENCH,
    "hosted/preload/": RESULTS,
    "hosted/record/": ["preload/counts.h", "hosted/preload/"] + RESULTS,
    "hosted/apply/": ["preload/setting.h", "hosted/preload/", "hosted/profile/"] + RESULTS,
    "hosted/advise/": ["hosted/record/", "hosted/apply/", "hosted/profile/", "preload/counts.h"] + RESULTS,
    "plugin/": ["hosted/stream/format.h", "hosted/stream/write", "hosted/stream/filter", "hosted/stream/thin",
                "hosted/watch/bytes", "bench/decimal"],
    "hosted/stream/": ["hosted/watch/bytes"] + RESULTS,
    "hosted/snippet/": ["hosted/platform/"] + RESULTS,
    "hosted/import/": ["hosted/platform/"] + RESULTS,
    "hosted/still/": ["hosted/platform/"] + RESULTS,
    "hosted/profile/": RESULTS,
    "hosted/verdict/": RESULTS,
    "hosted/history/": VERDICT,
    "hosted/watch/": ["bench/room/", "lib/"],
    "hosted/export/": RESULTS,
    "hosted/watcher/": ["hosted/watch/", "hosted/export/", "hosted/platform/"] + HISTORY,
    "hosted/report/": ["hosted/advise/", "hosted/record/", "preload/counts.h", "hosted/still/", "hosted/watch/",
                       "hosted/watcher/"] + HISTORY,
    "hosted/cli/": ["hosted/platform/", "hosted/still/", "hosted/profile/", "hosted/record/", "hosted/advise/",
                    "hosted/stream/", "hosted/snippet/", "preload/counts.h",
                    "hosted/preload/", "hosted/apply/", "preload/setting.h",
                    "hosted/import/", "hosted/export/",
                    "hosted/watch/", "hosted/watcher/", "hosted/report/"] + HISTORY,
    "hosted/": ["hosted/cli/", "hosted/platform/streams.h"] + BENCH,  # main.c
    "boot/": ["lib/", "include/boot_info.h"],
}

# Folders that may include and link everything.
EVERYTHING = ("host-tests/", "peers/", "fuzz/")

# The two places where a link goes through a contract instead of a header of its target's.
SEAMS = (
    ("bench/", re.compile(r"^platform_"), ("kernel/user/", "hosted/platform/")),
    ("kernel/user/", re.compile(r"^main$"), ("bench/",)),
)

# What is linked together: (name, folders of objects below build/ARCH/, or what their names begin with).
PRELOADED = ("preload/preload/early", "preload/preload/setting")
LINKS = (
    ("programme", ("core", "user/bench", "user/caps", "user/lib", "user/kernel/user")),
    ("hosted", ("core", "hosted/bench", "hosted/caps", "hosted/lib", "hosted/hosted")),
    ("kernel", ("kernel/kernel", "kernel/lib")),
    ("loader", ("boot/boot", "boot/lib")),
    ("flat image", ("flat/boot", "flat/lib")),
    ("plugin of QEMU", ("plugin/plugin", "plugin/hosted", "plugin/lib", "plugin/bench")),
    ("recording library", PRELOADED + ("preload/preload/record",)),
    ("library of kernels", PRELOADED + ("preload/preload/kernels", "core/simd")),
    ("library of pools", PRELOADED + ("preload/preload/pools", "core/mem")),
)

# Circles of files that are meant, each with its reason.
CIRCLES = (
    ({"mem/pool.c", "mem/pool_checked.c"},
     "one pool in two builds: the plain one's slow paths ask whether the pool is a checked one, which goes back to the "
     "plain one's"),
    ({"mem/pool_shared.c", "mem/pool_shared_checked.c"}, "the same of the shared pool"),
    ({"mem/pool.h", "mem/pool_checked.h"},
     "the types are the plain pool's, and at the end of its header a checked build gives its names to the other's"),
)

# Symbols an object of these folders may leave undefined, beside those of its own folder: the core is
# another tree's to take.
CORE = ("mem/", "simd/")
COMPILER = re.compile(r"^(memcpy|memset|memmove|memcmp|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(a|ub)san_.*|"
                      r"__sanitizer_.*)$")
SUITE_LIBC = {"malloc", "free"}


def folder_of(path):
    matches = [prefix for prefix in ALLOWED if path.startswith(prefix)]
    return max(matches, key=len) if matches else None


def normal(path, build):
    path = os.path.normpath(path)
    generated = re.match(r".*/generated/(.*)", path)
    if generated:
        return "generated/" + generated.group(1)
    return os.path.relpath(path, ROOT) if os.path.isabs(path) and path.startswith(ROOT) else path


def is_of(made, source):
    """Whether what the compiler wrote is of the source as it stands."""
    source = os.path.join(ROOT, source)
    return os.path.exists(source) and os.path.getmtime(made) >= os.path.getmtime(source)


def builds(build):
    """The folder of each architecture that was built."""
    return [os.path.dirname(core) for core in sorted(glob.glob(os.path.join(build, "*", "core")))]


def dependencies(build):
    """(source, included project files) of every object."""
    for name in (name for arch in builds(build) for name in glob.glob(os.path.join(arch, "**", "*.d"), recursive=True)):
        with open(name, encoding="utf-8") as file:
            rule = file.read().replace("\\\n", " ").split("\n")[0]
        if ":" not in rule:
            sys.exit(f"layers: {name} is cut off: remove it and its object, and build again")
        files = [normal(path, build) for path in rule.split(":", 1)[1].split()]
        if files and is_of(name, files[0]):
            yield files[0], [path for path in files[1:] if not os.path.isabs(path)]


def check_includes(build):
    checked, wrong = 0, []
    for source, included in dependencies(build):
        folder = folder_of(source)
        if folder is None:
            if not source.startswith(EVERYTHING):
                wrong.append(f"{source} is in no folder of which is said what it may include")
            continue
        checked += 1
        for path in included:
            allowed = [folder] + ALLOWED[folder]
            if folder in ("kernel/", "hosted/") and folder_of(path) not in (folder, None):
                allowed = ALLOWED[folder]
            if not any(path.startswith(prefix) for prefix in allowed):
                wrong.append(f"{source} includes {path}; {folder} may include "
                             f"{', '.join(ALLOWED[folder]) or 'nothing'}")
    return checked, wrong


def symbols(objects):
    """{object: (defined, undefined)}, names. llvm-nm reads the loader's COFF of either architecture, too."""
    found = {path: (set(), set()) for path in objects}
    if objects:
        result = subprocess.run(["llvm-nm", "-gA", *objects], check=False, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"layers: an object is cut off: remove it, and build again\n{result.stderr}")
        for line in result.stdout.splitlines():
            path, rest = line.split(": ", 1)
            kind, name = rest.split()[-2:]
            found[path][kind in "Uwv"].add(name)
    return found


def circles(needs):
    """Sets of files each of which needs all others, over however many: R. Tarjan's components (1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(source):
        index[source] = low[source] = len(index)
        stack.append(source)
        for other in needs[source]:
            if other not in index:
                visit(other)
                low[source] = min(low[source], low[other])
            elif other in stack:
                low[source] = min(low[source], index[other])
        if low[source] == index[source]:
            at = stack.index(source)
            found.append(set(stack[at:]))
            del stack[at:]

    for source in needs:
        if source not in index:
            visit(source)
    return [circle for circle in found if len(circle) > 1]


class Link:
    """Objects that are linked together: for each source the sources that it needs, and the symbols that make it so."""

    def __init__(self, build, name, folders):
        self.name = f"{os.path.basename(build)} {name}"
        home, objects = {}, {}
        for folder in folders:
            root = os.path.join(build, folder.split("/")[0])
            within = glob.glob(os.path.join(build, folder, "**", "*.o"), recursive=True)
            for path in within + glob.glob(os.path.join(build, folder + "*.o")):
                source = os.path.relpath(path, root).removesuffix(".o")
                if is_of(path, source) and not (name == "hosted" and source == "bench/main.c"):
                    objects[path] = source
        self.symbols = {objects[path]: names for path, names in symbols(list(objects)).items()}
        for source, (defined, _) in self.symbols.items():
            home.update(dict.fromkeys(defined, source))
        self.needs = {source: collections.defaultdict(set) for source in self.symbols}
        for source, (_, undefined) in self.symbols.items():
            for symbol in undefined:
                if symbol in home and home[symbol] != source and not COMPILER.match(symbol):
                    self.needs[source][home[symbol]].add(symbol)


def links(build):
    for arch in builds(build):
        for name, folders in LINKS:
            yield Link(arch, name, folders)


def includes_of_headers():
    """{header: headers that it includes}, of all that git tracks."""
    names = subprocess.run(["git", "ls-files", "*.h"], cwd=ROOT, check=True, capture_output=True,
                           text=True).stdout.split()
    needs = {}
    for name in names:
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            found = re.findall(r'^\s*#\s*include "([^"]+)"', file.read(), re.MULTILINE)
        needs[name] = {path for path in [*found, *(f"include/{path}" for path in found)] if path in names}
    return needs


def may_link(source, target, symbol):
    folder = folder_of(source)
    if COMPILER.match(symbol):
        return True
    allowed = ALLOWED.get(folder, [])
    if folder_of(target) == folder or any(target.startswith(prefix.removesuffix(".h")) for prefix in allowed):
        return True
    return any(source.startswith(below) and pattern.match(symbol) and target.startswith(homes)
               for below, pattern, homes in SEAMS)


def check_links(build):
    checked, wrong = 0, []
    for link in links(build):
        checked += len(link.symbols)
        for source, targets in link.needs.items():
            for target, names in targets.items():
                wrong += [f"{source} links {target} ({name})" for name in names if not may_link(source, target, name)]
    return checked, wrong


def check_circles(build):
    graphs = [(link.name, link.needs) for link in links(build)]
    graphs.append(("includes", {source: {target: {"include"} for target in targets}
                                for source, targets in includes_of_headers().items()}))
    checked, wrong, unseen = 0, [], list(CIRCLES)
    for name, needs in graphs:
        checked += len(needs)
        for circle in circles(needs):
            if any(circle <= files for files, _ in CIRCLES):
                unseen = [(files, reason) for files, reason in unseen if not circle <= files]
                continue
            edges = [f"{source} -> {target} ({', '.join(sorted(why))})" for source in sorted(circle)
                     for target, why in sorted(needs[source].items()) if target in circle]
            wrong.append(f"{name}: a circle of {len(circle)} files: " + "; ".join(edges))
    wrong += [f"a reason for a circle that is not there: {', '.join(sorted(files))}" for files, _ in unseen]
    return checked, wrong


def check_symbols(build):
    checked, wrong = 0, []
    for core in (os.path.join(arch, "core") for arch in builds(build)):
        made = [path for path in glob.glob(os.path.join(core, "**", "*.o"), recursive=True)
                if is_of(path, os.path.relpath(path, core).removesuffix(".o"))]
        objects = {os.path.relpath(path, core): names for path, names in symbols(made).items()}
        defined_in = collections.defaultdict(set)
        for path, (defined, _) in objects.items():
            for name in defined:
                defined_in[name].add(path)
        for path, (_, undefined) in objects.items():
            checked += 1
            own = next((prefix for prefix in CORE if path.startswith(prefix)), None)
            for name in sorted(undefined):
                homes = defined_in.get(name, set())
                if COMPILER.match(name):
                    continue
                if own and not any(home.startswith(own) for home in homes):
                    wrong.append(f"{path} needs {name}; {own} depends on nothing")
                elif not own and not homes and name not in SUITE_LIBC and not name.startswith("platform_"):
                    wrong.append(f"{path} needs {name}: a suite may use the core, platform.h, malloc and free")
    return checked, wrong


def check_rooms(_build):
    """Every top-level folder is in the table of docs/architecture.md, and nothing of hosted/
    stands outside its rooms."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True,
                           text=True).stdout.splitlines()
    with open(os.path.join(ROOT, "docs", "architecture.md"), encoding="utf-8") as page:
        named = set(re.findall(r"`([\w.-]+)/`", page.read()))
    folders = {path.split("/")[0] for path in files if "/" in path}
    wrong = [f"{folder}/ is not named in docs/architecture.md" for folder in sorted(folders - named)
             if not folder.startswith(".")]
    wrong += [f"{path} stands outside the rooms of hosted/" for path in files
              if folder_of(path) == "hosted/" and path != "hosted/main.c"]
    return len(folders), wrong


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    status = 0
    for what, said, check in (("includes", "objects checked, {} arrows point up", check_includes),
                              ("the core's symbols", "objects checked, {} arrows point up", check_symbols),
                              ("links", "objects checked, {} arrows point up", check_links),
                              ("circles", "objects and headers checked, {} circles are not meant", check_circles),
                              ("rooms", "folders checked, {} are not where they belong", check_rooms)):
        checked, wrong = check(os.path.join(ROOT, options.build))
        for line in sorted(set(wrong)):
            print(f"layers: {line}")
        print(f"layers: {what}: {checked} {said.format(len(set(wrong)))}")
        if wrong or checked == 0:
            status = 1
    for files, reason in CIRCLES:
        print(f"layers: meant: {', '.join(sorted(files))}: {reason}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
