# SPDX-License-Identifier: Apache-2.0
"""Pool, TLB and kernels as one file each: compiled without a flag for an instruction set, checked as the folders are,
and built by what docs/embedding.md tells users of CMake and Meson."""

import os
import re
import shutil
import signal
import subprocess
import tempfile

import machine as m
from core_tests import CXX_WARNINGS, TARGETS
from embedding_tests import EXAMPLE, documented
from harness import Skipped, expect, expect_equal, limit, test
from isa_tests import check_program

CORE_FLAGS = ["-std=c11", "-O2", "-ffreestanding", "-ffp-contract=off", "-Wall", "-Wextra", "-Wpedantic",
              "-Werror"]
COMPILERS = {
    "x86_64, gcc": ["gcc"],
    "x86_64, clang": ["clang", "--target=x86_64-linux-gnu"],
    "aarch64, gcc": ["aarch64-linux-gnu-gcc", "-mno-outline-atomics"],
    "aarch64, clang": ["clang", "--target=aarch64-linux-gnu", "-mno-outline-atomics"],
}
# Who includes the folders' headers gets the one file's.
HEADERS = {"mem/pool.h": "pool.h", "mem/tlb.h": "tlb.h", "simd/simd.h": "simd.h"}


def run(words, cwd, said=subprocess.PIPE):
    done = subprocess.run(words, cwd=cwd, check=False, stdout=subprocess.PIPE, stderr=said, text=True,
                          timeout=limit(300))
    expect(done.returncode == 0, f"{' '.join(words)}:\n{done.stdout[-2000:]}{(done.stderr or '')[-3000:]}")
    return done.stdout


def tree(folder):
    run([os.path.join(m.ROOT, "tools", "amalgamate.py"), folder], m.ROOT)
    expect_equal(sorted(os.listdir(folder)), ["pool.c", "pool.h", "simd.c", "simd.h", "tlb.c", "tlb.h"], "files")
    for header, own in HEADERS.items():
        os.makedirs(os.path.join(folder, os.path.dirname(header)), exist_ok=True)
        with open(os.path.join(folder, header), "w", encoding="utf-8") as file:
            file.write(f'#include "../{own}"\n')
    for name in ("simd/kernels.h", *(f"host-tests/simd_check{end}" for end in (".h", ".c", "_main.c"))):
        os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
        shutil.copy(os.path.join(m.ROOT, name), os.path.join(folder, name))


def check(compiler, arch):
    with tempfile.TemporaryDirectory() as folder:
        tree(folder)
        for name in ("pool", "tlb", "simd"):
            words = [*compiler, *CORE_FLAGS, "-c", f"{name}.c", "-o", f"{name}.o"]
            expect_equal(run(words, folder, said=subprocess.STDOUT), "", f"{' '.join(words)}: what it says")
        run([*compiler, "-std=c11", "-O2", "-D_GNU_SOURCE", "-I.", *(["-static"] if arch == "aarch64" else []),
             "host-tests/simd_check.c", "host-tests/simd_check_main.c", "simd.o", "-lm", "-o", "simd-check"], folder)
        program = os.path.join(folder, "simd-check")
        emulator = ["qemu-aarch64-static", "-cpu", "max"] if arch == "aarch64" else []
        said = run([*emulator, program], folder)
        expect(re.search(r" 0 checks failed$", said.strip()), said)
        if not (arch == "aarch64" and compiler[0] == "clang"):    # without SVE in it, fewer gates than it expects
            check_program(arch, program, "clang")
        if arch == "x86_64":
            guest_memory(compiler, folder)
            headers(compiler, folder)


def guest_memory(compiler, folder):
    shutil.copytree(os.path.join(m.ROOT, EXAMPLE), os.path.join(folder, "guest"))
    for name in ("guest.c", "main.c"):
        run([*compiler, "-std=c11", "-O2", "-I.", "-c", f"guest/{name}", "-o", f"{name}.o"], folder)
    run(["g++", "-std=c++11", "-fno-exceptions", "-fno-rtti", "-O2", "-I.", "-c", "guest/device.cc", "-o", "device.o"],
        folder)
    run([*compiler, "guest.c.o", "main.c.o", "device.o", "pool.o", "tlb.o", "simd.o", "-o", "guest_memory"], folder)
    expect_equal(run(["./guest_memory"], folder).splitlines()[1:], documented(), "the example's output")


TWICE_FREED = """#include "pool.h"
int main(void) {
\tstatic _Alignas(64) unsigned char memory[POOL_BYTES(64, 64, 4)];
\tstruct pool pool;
\tif (pool_init(&pool, memory, sizeof memory, 64, 64, 4) != 0)
\t\treturn 1;
\tvoid *object = pool_alloc(&pool);
\tpool_free(&pool, object);
\tpool_free(&pool, object);
\treturn 0;
}
"""


def headers(compiler, folder):
    """They give C++ no warning; POOL_CHECKED is the user's file's alone, as with the folders; macros must agree."""
    write(folder, "user.cc", '#include "pool.h"\n#include "tlb.h"\n#include "simd.h"\n')
    for define in ("-DNOTHING", "-DPOOL_CHECKED"):
        run(["g++", "-std=c++11", *CXX_WARNINGS, "-Wuseless-cast", define, "-fsyntax-only", "user.cc"], folder)
    write(folder, "twice.c", TWICE_FREED)
    for define, status in (("-DNOTHING", 0), ("-DPOOL_CHECKED", -signal.SIGILL)):
        run([*compiler, "-std=c11", "-O2", define, "twice.c", "pool.o", "-o", "twice"], folder)
        ended = subprocess.run([os.path.join(folder, "twice")], check=False, timeout=limit(60)).returncode
        expect_equal(ended, status, f"how a double free ends with {define}")
    write(folder, "other.c", '#include "tlb.h"\nint main(void) {\n\treturn 0;\n}\n')
    link = subprocess.run([*compiler, "-DTLB_SLOT_BITS=12", "other.c", "tlb.o", "-o", "other"], cwd=folder, check=False,
                          capture_output=True, text=True, timeout=limit(60))
    expect("tlb_slot_bits_is_12" in link.stderr, f"a link with another TLB_SLOT_BITS: {link.stderr}")


for _target in TARGETS:
    @test(f"amalgamation/all of it compiles for {_target}", system=True, seconds=12)
    def _(target=_target):
        with tempfile.TemporaryDirectory() as folder:
            tree(folder)
            for name in ("pool", "tlb", "simd"):
                run(["clang", f"--target={target}", *CORE_FLAGS, "-c", f"{name}.c", "-o", f"{name}.o"], folder)


for _name, _compiler in COMPILERS.items():
    @test(f"amalgamation/kernels, pool and TLB as one file each, {_name}",
          system=_name != "x86_64, gcc", seconds=12)
    def _(compiler=_compiler, arch=_name.split(",", maxsplit=1)[0]):
        check(compiler, arch)


USER = ('#include "{pool}"\n#include "{tlb}"\n#include "{simd}"\n#include <stdio.h>\n'
        "static struct simd_kernels kernels;\n"
        "int main(void) {{\n\tsimd_select(simd_features_detect(), NULL, &kernels);\n"
        '\treturn printf("%zu\\n", pool_bytes_needed(8, 8, 1) + tlb_bytes_needed(4, 1)) < 0;\n}}\n')


def fenced(language, number=0):
    with open(os.path.join(m.ROOT, "docs", "embedding.md"), encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)[number]


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def cmake(folder, snippet):
    if shutil.which("cmake") is None:
        raise Skipped("no cmake")
    write(folder, "CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(user C ASM)\n" + snippet +
          "add_executable(user user.c)\ntarget_link_libraries(user core)\n")
    run(["cmake", "-S", ".", "-B", "out"], folder)
    run(["cmake", "--build", "out"], folder)
    expect(run(["out/user"], folder).strip().isdigit(), "what the user's programme prints")


@test("amalgamation/the CMake lines of docs/embedding.md build it", system=True)
def _():
    with tempfile.TemporaryDirectory() as folder:
        tree(folder)
        write(folder, "user.c", USER.format(pool="pool.h", tlb="tlb.h", simd="simd.h"))
        cmake(folder, fenced("cmake"))


@test("amalgamation/the CMake lines of docs/embedding.md build the folders", system=True)
def _():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("mem", "simd"):
            shutil.copytree(os.path.join(m.ROOT, name), os.path.join(folder, name))
        write(folder, "user.c", USER.format(pool="mem/pool.h", tlb="mem/tlb.h", simd="simd/simd.h"))
        cmake(folder, fenced("cmake", 1))


@test("amalgamation/the Meson lines of docs/embedding.md build it", system=True)
def _():
    if shutil.which("meson") is None or shutil.which("ninja") is None:
        raise Skipped("no meson, or no ninja")
    with tempfile.TemporaryDirectory() as folder:
        tree(folder)
        write(folder, "user.c", USER.format(pool="pool.h", tlb="tlb.h", simd="simd.h"))
        write(folder, "meson.build", "project('user', 'c')\n" + fenced("meson") +
              "executable('user', 'user.c', dependencies: core_dep)\n")
        run(["meson", "setup", "out"], folder)
        run(["ninja", "-C", "out"], folder)
        expect(run(["out/user"], folder).strip().isdigit(), "what the user's programme prints")
