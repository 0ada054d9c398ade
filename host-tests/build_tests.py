# SPDX-License-Identifier: Apache-2.0
"""Tests of what was built: layers, formats, flags, and that both links hold the same objects."""

import contextlib
import glob
import io
import os
import re
import shlex
import subprocess
import tempfile

import clang_batch
import harness
import machine as m
import pace
from harness import expect, expect_equal, limit, test

BUILD = os.path.join(m.ROOT, "build")


def command(*words, limit_s=600, **how):
    return subprocess.run(words, cwd=m.ROOT, check=False, capture_output=True, text=True, timeout=limit(limit_s), **how)


def read(path):
    with open(os.path.join(m.ROOT, path), encoding="utf-8") as file:
        return file.read()


def expect_success(result, what):
    expect(result.returncode == 0,
           f"{what}: exit status {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")


@test("build/clang, both architectures, no warning", seconds=60)
def _():
    # clang warns before it optimises, so that what nobody runs is built as fast as it can be
    for arch in m.ARCHES:
        out = f"build/clang/{arch}"
        words = ["make", "-j2", "TOOLCHAIN=clang", "BUILD=build/clang", f"ARCH={arch}", "CFLAGS=-O0 -g0"]
        if arch != os.uname().machine:
            words.append("ARM64=build/arm64")   # gcc's, too

        def make(*targets):
            expect_success(command(*words, *targets), f"{arch}: make {' '.join(targets)}")

        def compile_for(*targets):
            clang_batch.compile_ahead(m.ROOT, "build", out, [*words, *targets], 2)

        # of what is generated, all that a file includes; the last is made of objects
        layers = [f"{out}/flags/{layer}" for layer in ("core", "kernel", "user", "hosted", "preload")]
        make("arm64", *layers, f"{out}/generated/build_info.h")
        compile_for(f"{out}/generated/simd_hash.h")
        make(f"{out}/generated/simd_hash.h")
        compile_for("kernel", "hosted", *(["unit-tests"] if arch == os.uname().machine else []))
        make("kernel", "hosted")


@test("build/thread sanitizer sees no race")
def _():
    expect_success(command("make", "-j2", "thread-tests"), "make thread-tests")
    programs = glob.glob(os.path.join(BUILD, "x86_64", "threads", "*"))
    expect(programs, "no programme was built")
    for program in programs:
        expect_success(command(program, limit_s=120), program)


@test("build/unit tests and the hosted programme under the address and undefined-behaviour sanitizers", system=True,
      seconds=400)
def _():
    # TESTS= for all of them: what chose this test would choose among them, too, as make hands it on
    result = command("make", "--no-print-directory", "test", "SAN=1", "TESTS=", limit_s=1800)
    expect_success(result, "make test SAN=1")


@test("build/layers")
def _():
    expect_success(command("python3", "host-tests/check_layers.py", "--build", BUILD), "check_layers.py")


@test("build/format")
def _():
    expect_success(command("make", "check-format"), "make check-format")


@test("build/headers compile alone")
def _():
    headers = command("git", "ls-files", "*.h").stdout.split()
    expect(headers, "git knows no headers")
    # vector_*.h are texts that their includers parametrise
    headers = [name for name in headers if not os.path.basename(name).startswith("vector_")]
    groups = {}     # of flags: many files to a process
    for header in headers:
        efi = header.startswith(("boot/", "host-tests/efi/")) or '#include "boot/' in read(header)
        extra = ["-isystem", "/usr/include/efi", "-fshort-wchar"] if efi else []
        extra += ["-mavx2", "-mpclmul"] if header.startswith("simd/x86_64/") else []
        extra += ["-march=armv8-a+sve"] if header.startswith("simd/aarch64/") else []
        extra += [f"--target={'aarch64' if '/aarch64/' in header else 'x86_64'}-linux-gnu"]
        groups.setdefault(tuple(extra), []).append(header)
    with tempfile.TemporaryDirectory() as folder:
        for number, (extra, names) in enumerate(groups.items()):
            for name in names:
                path = os.path.join(folder, f"{number}-{name.replace('/', '-')}.c")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f'#include "{name}"\n')
            flags = ("-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-unused-function",
                     "-Wno-undefined-internal", "-Werror", "-Iinclude", "-I.", *extra)
            stage = clang_batch.first_stage(m.ROOT, shlex.join(("clang", *flags)))
            stage[stage.index("-emit-obj")] = "-fsyntax-only"
            expect_success(command(*stage, *glob.glob(os.path.join(folder, f"{number}-*"))), "includes")
    for header in (name for name in headers if 'extern "C"' in read(name)):
        result = command("g++", "-Wall", "-Wextra", "-Werror", "-I.", "-fsyntax-only", "-include", header, "-x", "c++",
                         "/dev/null")
        expect_success(result, f"{header} as C++")


def _register_pe():
    for arch in m.ARCHES:
        @test(f"build/PE {arch}")
        def _(arch=arch):
            loader = os.path.join(BUILD, arch, m.LOADERS[arch])
            expect_success(command("python3", "host-tests/check_pe.py", loader), "check_pe.py")


_register_pe()


def linked_core(link_map):
    """Paths of the core's objects in a link map, relative to the core's build folder."""
    with open(link_map, encoding="utf-8", errors="replace") as file:
        return {name for name in re.findall(r"/core/(\S+\.o)\b", file.read())}


@test("build/both links hold the same core objects")
def _():
    for arch in m.ARCHES:
        folder = os.path.join(BUILD, arch)
        image = linked_core(os.path.join(folder, "program.elf.map"))
        hosted = linked_core(os.path.join(folder, "hosted.map"))
        expect(any(name.startswith("mem/") or name.startswith("bench/suites/") for name in image),
               "no core object in the image")
        expect_equal(image, hosted, f"core objects of {arch}'s two links")


@test("build/layout variants: the same functions in other places, the same ones each time")
def _():
    build = ["make", "-j2", "layout-variants"]
    expect_success(command(*build), "make layout-variants")

    def functions(variant):
        listed = command("nm", "--defined-only", f"build/variant-{variant}/anechoic").stdout
        words = [line.split() for line in listed.splitlines()]
        return {name: int(address, 16) for address, kind, name in words if kind in "tT"}

    places = [functions(variant) for variant in range(1, 5)]
    for variant, other in enumerate(places[1:], 2):
        expect_equal(sorted(other), sorted(places[0]), f"functions of variant {variant} against those of the first")
        moved = sum(other[name] % 4096 != places[0][name] % 4096 for name in other)
        expect(moved > len(other) / 2,
               f"variant {variant}: {moved} of {len(other)} functions lie elsewhere in their page")
    os.remove(os.path.join(BUILD, "variant-2", "anechoic"))
    expect_success(command(*build), "again")
    expect_equal(functions(2), places[1], "variant 2, linked again")


SIMD_CPUS = ("cortex-a72", "a64fx")   # NEON alone; SVE of 512 bit


def check_aarch64_kernels(count, *words):
    result = command("make", "ARCH=aarch64", "simd-check", f"SIMD_CHECK_LIMIT_S={limit(120):.0f}", *words)
    expect_success(result, "make ARCH=aarch64 simd-check")
    expect_equal(len(re.findall(r"^simd-check: \d+ sets of kernels.* 0 checks failed$", result.stdout, re.MULTILINE)),
                 count, "CPUs")


@test("build/every aarch64 kernel against its oracle, as two CPUs under qemu", seconds=20)
def _():
    check_aarch64_kernels(len(SIMD_CPUS), f"SIMD_CHECK_CPUS_aarch64={' '.join(SIMD_CPUS)}")


@test("build/every aarch64 kernel against its oracle, as six CPUs under qemu", system=True, seconds=60)
def _():
    check_aarch64_kernels(6)


def _register_reproducible():
    # the loader holds the kernel, the kernel the programme: on one architecture all layers are built
    for arch, system in (("x86_64", True), ("aarch64", False)):
        @test(f"build/reproducible image {arch}", system=system, seconds=20)
        def _(arch=arch):
            expect_success(command("host-tests/check_reproducible.sh", env=dict(os.environ, ARCHES=arch)),
                           "check_reproducible.sh")


_register_reproducible()


@test("build/reproducible release", system=True, seconds=250)
def _():
    expect_success(command("host-tests/check_reproducible.sh", limit_s=1800, env=dict(os.environ, DIST="1")),
                   "check_reproducible.sh")


@test("build/a wrong choice exits 2 and names the valid ones")
def _():
    for words, valid in ((["ARCH=arm"], "x86_64 aarch64"), (["BOOT=bios"], "uefi pvh"), (["ACCEL=xen"], "kvm tcg"),
                         (["MODE=both"], "takeover handback"), (["ARCH=aarch64", "BOOT=pvh"], "BOOT=uefi"),
                         (["BOOT=pvh", "MODE=handback"], "BOOT=uefi MODE=handback")):
        result = command("make", "run", *words)
        expect_equal(result.returncode, 2, f"exit status of make run {' '.join(words)}")
        expect(valid in result.stderr, f"make run {' '.join(words)} does not name {valid}: {result.stderr}")


@test("build/papers are whole")
def _():
    for paper in command("git", "ls-files", "*.md").stdout.split():
        expect("@@" not in read(paper), f"{paper} has a place that nobody filled")


@test("build/nothing ran is a failure")
def _():
    result = command("python3", "host-tests/run_tests.py", "--only", "no-such-test")
    expect(result.returncode != 0, "it succeeded")
    expect_equal(result.stdout, "nothing ran: no test matches 'no-such-test'\n0 passed, 1 failed\n", "what it says")


@test("build/a build that fails is not told as tests that nobody has")
def _():
    with tempfile.TemporaryDirectory() as directory:
        failing = os.path.join(directory, "make")
        os.symlink("/bin/false", failing)
        result = command("python3", "host-tests/run_tests.py", "--only", "unit/rng",
                         env={**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"})
    expect(result.returncode != 0 and result.stdout.endswith("0 passed, 3 failed\n"), result.stdout[-500:])
    expect("FAIL build/x86_64" in result.stdout and "nothing ran" not in result.stdout, result.stdout[:500])


@test("build/a broken test fails the run")
def _():
    with tempfile.TemporaryDirectory() as directory:
        script = os.path.join(directory, "broken.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write("import sys; sys.path[:0] = ['host-tests', 'tools']\nimport harness\n"
                       "@harness.test('broken')\ndef _():\n    harness.expect(False, 'as it should')\n"
                       "count = harness.Count(); harness.run(count, ''); print(count.line()); sys.exit(count.failed)\n")
        result = command("python3", script)
        expect_equal((result.returncode, result.stdout.splitlines()[-1]), (1, "0 passed, 1 failed"), "verdict")


@test("build/long tests run only when asked for")
def _():
    tests = [harness.Test(name, None, alone=False, system=system)
             for name, system in (("area/short", False), ("area/long", True))]
    for only, system, names, left in (("", False, ["area/short"], 1), ("", True, ["area/long"], 1),
                                      ("area", False, ["area/short"], 1),
                                      ("area/long", False, ["area/long"], 0), ("area/short", True, ["area/short"], 0),
                                      ("none", False, [], 0)):
        chosen, others = harness.choose(tests, only, system)
        expect_equal(([entry.name for entry in chosen], others), (names, left), f"chosen by '{only}', system {system}")


@test("build/limits last longer on a slow machine")
def _():
    seconds, paces = iter([100, 110, 140, 141]), iter([2.0, 3.0, 1.0])
    clock = pace.Clock(lambda: next(paces), lambda: next(seconds))
    expect_equal([clock.now() for _ in range(3)], [5, 15, 16], "seconds of a quiet machine")
    expect(pace.factor() >= 1 and limit(10) >= 10, "a machine faster than quiet")


@test("build/cases of one test are counted one by one, and what failed is named")
def _():
    result = harness.judged(lambda: harness.Cases(3, [("odd", "it is even")]))
    expect_equal((result.verdict, result.detail), ("FAIL", "\nodd: it is even"), "of one that failed")
    count = harness.Count()
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        count.expects(["a/one", "a/two", "b/three"])
        count.add("PASS", "a/one", 1.0, cases=harness.Cases(4, []))
        count.add(result.verdict, "a/two", 2.0, result.detail, result.cases)
        count.add("SKIP", "b/three", 0.0, "not here")
    expect_equal(shown.getvalue().splitlines(), ["FAIL a/two (2.0 s): 3 of 4 cases: ", "odd: it is even",
                                                 "a: 7 passed (3 s)", "SKIP b/three (0.0 s): not here",
                                                 "b: 0 passed (0 s)"], "shown")
    expect_equal(count.line(), "7 passed, 1 failed, 1 skipped", "line")
