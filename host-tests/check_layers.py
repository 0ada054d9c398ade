#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The arrows of docs/architecture.md, proved from what was built: the compiler's dependency files say what each object included, the
objects' symbols say what it calls. Prints each arrow that points up; exit status 1 where there is one.
"""

import argparse
import collections
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What each folder's files may include, beside their own folder's. The longest prefix of a path counts.
INCLUDES = {
    "include/": [],
    "lib/": [],
    "mem/": [],
    "simd/": [],
    "bench/": ["mem/", "simd/", "lib/", "include/platform.h", "generated/"],
    "kernel/": ["lib/", "include/"],
    "kernel/user/": ["kernel/gate.h", "lib/", "include/platform.h"],
    "hosted/": ["bench/", "simd/", "lib/", "include/platform.h", "generated/"],
    "boot/": ["lib/", "include/boot_info.h"],
}

# Symbols an object of these folders may leave undefined, beside those of its own folder: the core is another tree's to take.
CORE = ("mem/", "simd/")
COMPILER = re.compile(r"^(memcpy|memset|memmove|memcmp|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(a|ub)san_.*|__sanitizer_.*)$")
SUITE_LIBC = {"malloc", "free"}


def folder_of(path):
    matches = [prefix for prefix in INCLUDES if path.startswith(prefix)]
    return max(matches, key=len) if matches else None


def normal(path, build):
    path = os.path.normpath(path)
    generated = re.match(r".*/generated/(.*)", path)
    if generated:
        return "generated/" + generated.group(1)
    return os.path.relpath(path, ROOT) if os.path.isabs(path) and path.startswith(ROOT) else path


def dependencies(build):
    """(source, included project files) of every object."""
    for name in glob.glob(os.path.join(build, "*", "*", "**", "*.d"), recursive=True):
        with open(name, encoding="utf-8") as file:
            rule = file.read().replace("\\\n", " ").split("\n")[0]
        files = [normal(path, build) for path in rule.split(":", 1)[1].split()]
        yield files[0], [path for path in files[1:] if not os.path.isabs(path)]


def check_includes(build):
    checked, wrong = 0, []
    for source, included in dependencies(build):
        folder = folder_of(source)
        if folder is None:
            continue
        checked += 1
        for path in included:
            allowed = [folder] + INCLUDES[folder]
            if folder == "kernel/" and path.startswith("kernel/user/"):
                allowed = []
            if not any(path.startswith(prefix) for prefix in allowed):
                wrong.append(f"{source} includes {path}; {folder} may include {', '.join(INCLUDES[folder]) or 'nothing'}")
    return checked, wrong


def symbols(obj):
    """(defined, undefined) names of an object."""
    defined, undefined = set(), set()
    for line in subprocess.run(["nm", "-g", obj], check=True, capture_output=True, text=True).stdout.splitlines():
        kind, name = line.split()[-2:]
        (undefined if kind == "U" else defined).add(name)
    return defined, undefined


def check_symbols(build):
    checked, wrong = 0, []
    for core in glob.glob(os.path.join(build, "*", "core")):
        objects = {os.path.relpath(path, core): symbols(path) for path in glob.glob(os.path.join(core, "**", "*.o"), recursive=True)}
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


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    status = 0
    for what, check in (("includes", check_includes), ("symbols", check_symbols)):
        checked, wrong = check(os.path.join(ROOT, options.build))
        for line in sorted(set(wrong)):
            print(f"layers: {line}")
        print(f"layers: {what}: {checked} objects checked, {len(set(wrong))} arrows point up")
        if wrong or checked == 0:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
