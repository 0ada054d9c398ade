# SPDX-License-Identifier: Apache-2.0
"""The core in another tree: the two folders and the example, copied into an empty directory, with nothing of
this tree around them."""

import os
import re
import shutil
import subprocess
import tempfile

import machine as m
from harness import Skipped, expect, expect_equal, limit, test

EXAMPLE = os.path.join("examples", "guest_memory")

BUILDS = {
    "gcc": ("CC=gcc", "CXX=g++"),
    "clang": ("CC=clang", "CXX=clang++"),
    "gcc, checked, sanitized": ("CC=gcc", "CXX=g++", "CHECKED=1", "SAN=1"),
    "aarch64": ("CC=aarch64-linux-gnu-gcc", "CXX=clang++ --target=aarch64-linux-gnu -ffreestanding", "LDFLAGS=-static"),
}


def documented():
    """What docs/embedding.md shows of the example's output, but for its first line, which is the machine's."""
    with open(os.path.join(m.ROOT, "docs", "embedding.md"), encoding="utf-8") as file:
        block = re.search(r"\n    \$ make -C examples/guest_memory.*\n    kernels: .*\n((?:    .*\n)+)", file.read())
    expect(block is not None, "docs/embedding.md does not show the example's output")
    return [line[4:] for line in block.group(1).splitlines()]


def copy_folders(tree):
    for folder in ("mem", "simd", EXAMPLE):
        shutil.copytree(os.path.join(m.ROOT, folder), os.path.join(tree, folder),
                        ignore=shutil.ignore_patterns("build"))


def build_and_run(tree, words):
    made = subprocess.run(["make", "-s", "-C", EXAMPLE, *words], cwd=tree, check=False, capture_output=True, text=True,
                          timeout=limit(300))
    expect(made.returncode == 0, f"make {' '.join(words)}:\n{made.stdout[-2000:]}{made.stderr[-4000:]}")
    program = [os.path.join(tree, EXAMPLE, "build", "guest_memory")]
    if "aarch64" in words[0]:
        program = ["qemu-aarch64-static", "-cpu", "max", *program]
    ran = subprocess.run(program, check=False, capture_output=True, text=True, timeout=limit(120))
    expect(ran.returncode == 0, f"exit status {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-4000:]}")
    lines = ran.stdout.splitlines()
    expect(re.fullmatch(r"kernels: \w+", lines[0]), f"first line: {lines[0]}")
    expect_equal(lines[1:], documented(), "its output against docs/embedding.md")


def _register():
    for name, words in BUILDS.items():
        @test(f"embedding/guest memory out of the two folders alone, {name}")
        def _(name=name, words=words):
            with tempfile.TemporaryDirectory() as tree:
                copy_folders(tree)
                build_and_run(tree, words)
                if name == "gcc":   # and with a small TLB, of which the kernels know nothing
                    objects = os.path.join(tree, EXAMPLE, "build")
                    for kept in os.listdir(objects):
                        if kept != "simd":
                            path = os.path.join(objects, kept)
                            (shutil.rmtree if os.path.isdir(path) else os.remove)(path)
                    build_and_run(tree, [f"{word} -DTLB_SLOT_BITS=12" for word in words])


_register()


@test("embedding/Memcheck sees what a checked pool's objects go through")
def _():
    if shutil.which("valgrind") is None or not os.path.exists("/usr/include/valgrind/memcheck.h"):
        raise Skipped("no valgrind, or no headers of it")
    seen = {"none": None, "read": "Invalid read of size 1", "write": "Invalid write of size 1",
            "undefined": "depends on uninitialised value", "leak": "64 bytes in 1 blocks are definitely lost",
            "twice": "Invalid read of size 1", "shared none": None, "shared read": "Invalid read of size 1",
            "shared write": "Invalid write of size 1"}
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "pool_mistakes")
        subprocess.run(["gcc", "-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-I.", "-DPOOL_CHECKED",
                        "-DPOOL_VALGRIND", "-o", program, "host-tests/pool_mistakes.c", "mem/pool.c",
                        "mem/pool_checked.c", "mem/pool_shared.c", "mem/pool_shared_checked.c"], cwd=m.ROOT, check=True,
                       timeout=limit(120))
        for mistake, message in seen.items():
            result = subprocess.run(["valgrind", "-q", "--leak-check=full", "--error-exitcode=9", program, mistake],
                                    check=False, capture_output=True, text=True, timeout=limit(120))
            expect_equal(result.returncode, 0 if message is None else 9,
                         f"exit status with the mistake {mistake}: {result.stderr}")
            expect(message is None or message in result.stderr, f"{mistake}: {result.stderr}")
