# SPDX-License-Identifier: Apache-2.0
"""What a target installs: no more than it needs, and no less than its commands start. Nothing is installed here."""

import os
import re
import subprocess
import tempfile

import machine as m
from harness import expect, expect_equal, limit, test

# What a command line that make would run starts, and the package that it comes from on x86_64.
STARTS = (
    (r"(^|[ ;|&(])gcc ", "gcc"),
    (r"(^|[ ;|&(])(ld|ar|objcopy) ", "binutils"),
    (r"aarch64-linux-gnu-gcc ", "gcc-aarch64-linux-gnu"),
    (r"(^|[ ;|&(])clang ", "clang"),
    (r"lld-link |-fuse-ld=lld", "lld"),
    (r"(^|[ ;|&(])g\+\+ ", "g++"),
    (r"tools/newlib\.sh ", "newlib-source"),
    (r"tools/mkimage\.sh ", "mtools"),
    (r"tools/mkimage\.sh ", "dosfstools"),
    (r"tools/mkimage\.sh ", "gdisk"),
    (r"tools/sign\.sh ", "sbsigntool"),
    (r"(tools|host-tests)/\w+\.py", "python3"),
    (r"clang-format ", "clang-format"),
    (r"(^|[ ;|&(])npm ", "chromium"),      # npm and Node.js may be of another origin
    (r"-l:libjansson\.a", "libjansson-dev"),
    (r"-l:libmd\.a", "libmd-dev"),
    (r"-c hosted/results/", "libsqlite3-dev"),
    (r"-lcriterion", "libcriterion-dev"),
)
HOSTED = {"binutils", "gcc", "libc6-dev", "libjansson-dev", "libmd-dev", "libsqlite3-dev", "make"}
NONE_NEEDED = ("help", "clean", "uninstall")


def output(*words):
    result = subprocess.run(words, cwd=m.ROOT, check=False, capture_output=True, text=True, timeout=limit(60))
    expect_equal(result.returncode, 0, f"{' '.join(words)}: {result.stderr[-500:]}")
    return result.stdout


def packages(*groups):
    return set(output("tools/setup.sh", "--list", *groups).split())


def would_run(target, folder, *words):
    """The commands of a first build, those of the calls of make in it as well."""
    text = output("make", "-n", "--no-print-directory", f"BUILD={folder}", f"NEWLIB={folder}/newlib", *words,
                  *target.split())
    lines = text.replace("\\\n", " ").splitlines()
    for line in list(lines):
        inner = re.match(r"make --no-print-directory (.*)$", line)
        if inner and "=" in inner.group(1):
            further = [word.strip("'") for word in inner.group(1).split(">")[0].split()]
            lines += would_run(" ".join(further), folder)
    return lines


def asked_for(lines):
    groups = [word for line in lines if line.startswith("tools/setup.sh") for word in line.split()[2:]]
    return packages(*groups) if groups else set()


def targets():
    with open(os.path.join(m.ROOT, "Makefile"), encoding="utf-8") as file:
        found = re.findall(r"^([a-z0-9-]+):.*## ", file.read(), re.MULTILINE)
    return [name for name in found if name not in NONE_NEEDED]


@test("build/setup for the hosted programme asks for a compiler and three libraries")
def _():
    with tempfile.TemporaryDirectory() as folder:
        lines = would_run("hosted", folder, "ARCH=x86_64")
        expect_equal(asked_for(lines), HOSTED, "its packages")
        for line in lines:
            expect(not re.search(r"clang|lld|linux-gnu-|qemu|python|newlib", line), f"make hosted runs: {line}")


@test("build/setup of each target installs what its commands start", seconds=10)
def _():
    every = set(output("tools/setup.sh", "--list").split())
    with tempfile.TemporaryDirectory() as folder:
        for target in targets():
            for arch in ("x86_64", "aarch64") if target in ("image", "hosted", "run") else ("x86_64",):
                lines = would_run(target, folder, f"ARCH={arch}")
                listed = asked_for(lines)
                expect(listed, f"make {target} asks for nothing")
                for pattern, package in STARTS:
                    starts = [line for line in lines if re.search(pattern, line)]
                    expect(not starts or package in listed, f"make {target} ARCH={arch} lacks {package} for: {starts}")
                if target in ("test", "test-system", "coverage", "setup"):
                    left_out = set() if target == "test-system" else {"package", "models", "network"}
                    wanted = packages(*every - left_out)
                    expect_equal(listed, wanted, f"packages of make {target}")


@test("build/setup's groups are known, and nothing is asked twice")
def _():
    expect_equal(subprocess.run(["tools/setup.sh", "--list", "hostile"], cwd=m.ROOT, check=False,
                                capture_output=True).returncode, 2, "status for a group that there is not")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            expect_equal(output("tools/setup.sh", folder, "hosted", "python"), "", "where all is there")
        expect(os.path.exists(os.path.join(folder, "hosted")), "no stamp")
        with tempfile.TemporaryDirectory() as tools:
            # The stamps are there: dpkg, which this one is in the place of, is not asked again.
            with open(os.path.join(tools, "dpkg-query"), "w", encoding="ascii") as file:
                file.write("#!/bin/sh\nexit 1\n")
            os.chmod(os.path.join(tools, "dpkg-query"), 0o755)
            result = subprocess.run(["tools/setup.sh", folder, "hosted", "python"], cwd=m.ROOT, check=False,
                                    capture_output=True, text=True, timeout=limit(60),
                                    env=dict(os.environ, PATH=tools + ":" + os.environ["PATH"]))
            expect_equal((result.returncode, result.stderr), (0, ""), "the second time")
