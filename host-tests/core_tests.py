# SPDX-License-Identifier: Apache-2.0
"""What a tree that takes the core may do to it: other macros in one file than in the others, a flag less, C++ with
all warnings, other object formats."""

import glob
import itertools
import os
import re
import subprocess
import tempfile

import machine as m
from harness import Cases, expect, limit, test

HEADERS = ("mem/pool.h", "mem/pool_checked.h", "mem/pool_shared.h", "mem/tlb.h", "simd/simd.h", "simd/features.h")
COMPILERS = {"gcc": ["gcc"], "clang": ["clang", "--target=x86_64-linux-gnu"]}


def compiled(words, cwd=m.ROOT):
    return subprocess.run(words, cwd=cwd, check=False, capture_output=True, text=True, timeout=limit(120))


def isa_flags(source):
    rule = f"include simd/isa_flags.mk\nall:;@echo $(call isa_flags,{source})\n"
    made = subprocess.run(["make", "-s", "-f", "-"], cwd=m.ROOT, input=rule, check=True, capture_output=True, text=True,
                          timeout=limit(60))
    return made.stdout.split()


def sources(arch):
    found = itertools.chain(*(glob.glob(os.path.join(m.ROOT, pattern)) for pattern in
                              ("mem/*.c", "simd/*.c", f"simd/{arch}/*.[cS]")))
    return sorted(os.path.relpath(path, m.ROOT) for path in found)


# ---- a macro that not all files have alike -------------------------------------------------------------------------

USERS = {
    "holder.c": '#include "mem/tlb.h"\nstruct tlb tlb;\nint use(void);\n'
                "int main(void) {\n\treturn use();\n}\n",
    "looker.c": '#include "mem/tlb.h"\nextern struct tlb tlb;\nint use(void);\nint use(void) {\n\tvoid *host;\n'
                "\treturn tlb_lookup(&tlb, 0, TLB_READ, &host);\n}\n",
    "freer.c": '#include "mem/pool.h"\nint main(void) {\n\tstruct pool pool;\n\tvoid *memory[64];\n'
               "\treturn pool_init(&pool, memory, sizeof memory, 8, 8, 4);\n}\n",
}
LINKS = {
    "-O0": ["-O0"],
    "sections collected": ["-O3", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"],
    "link-time optimisation": ["-O2", "-flto", "-Wl,--gc-sections"],
}


def linked(compiler, flags, files):
    """files: [(source, its own flags)]; the core's last, as an archive where it is not for link-time optimisation."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in USERS.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        users, core = [], []
        for source, own in files:
            path = os.path.join(folder, source) if source in USERS else source
            target = os.path.join(folder, os.path.basename(source) + ".o")
            made = compiled([compiler, "-std=c11", *[flag for flag in flags if not flag.startswith("-Wl")], *own, "-I.",
                             "-c", path, "-o", target])
            expect(made.returncode == 0, made.stderr)
            (users if source in USERS else core).append(target)
        if "-flto" not in flags:
            archive = os.path.join(folder, "core.a")
            subprocess.run(["ar", "rcs", archive, *core], check=True, timeout=limit(60))
            core = [archive]
        return compiled([compiler, *flags, *users, *core, "-o", os.path.join(folder, "program")])


@test("core/a file with another TLB_SLOT_BITS does not link, and the linker names macro and value")
def _():
    wrong, count = [], 0
    for compiler, (name, flags), other in itertools.product(("gcc", "clang"), LINKS.items(),
                                                            ("holder.c", "looker.c", None)):
        result = linked(compiler, flags, [(source, ["-DTLB_SLOT_BITS=12"] if source == other else [])
                                          for source in ("holder.c", "looker.c", "mem/tlb.c")])
        good = result.returncode == 0 if other is None else \
            result.returncode != 0 and "tlb_slot_bits_is_12" in result.stderr
        count += 1
        if not good:
            wrong.append((f"{compiler}, {name}, {other}", result.stderr))
    return Cases(count - len(wrong), wrong)


@test("core/files that another checker watches do not link, and the linker names it")
def _():
    core = ["mem/pool.c", "mem/pool_checked.c"]
    checked, asan = ["-DPOOL_CHECKED"], ["-fsanitize=address"]
    for user, rest, symbol in ((checked + asan, [], "pool_asan_is_on"),
                               (checked, asan, "pool_asan_and_valgrind_are_off"),
                               ([], asan, None), (checked + asan, asan, None), (checked, [], None)):
        result = linked("gcc", ["-O2"], [("freer.c", user), *[(source, rest) for source in core]])
        unresolved = set(re.findall(r"undefined reference to `(pool_\w+)'", result.stderr))
        expect(unresolved == ({symbol} if symbol else set()), f"{user} with {rest}: {result.stderr}")


# ---- flags ---------------------------------------------------------------------------------------------------------

def without(flags, flag):
    """Left out, and, where another of them brings it along, switched off as well."""
    if flag.startswith("-march="):
        return [[other for other in flags if other != flag]]
    return [[*flags, f"-mno-{flag[2:]}"], [other for other in flags if other != flag]]


def missing_flags(compiler, words, arch):
    wrong, count = [], 0
    for source in (path for path in sources(arch) if path.startswith("simd/")):
        flags = [flag for flag in isa_flags(source) if flag.startswith("-m")]
        for flag in flags:
            ways = without(flags, flag)
            for fewer in ways:
                result = compiled([*words, "-std=c11", "-fsyntax-only", "-I.", *fewer, source])
                errors = re.findall(r"error:.*compile this file with ([^\"]*)", result.stderr)
                named = any(flag in error.split() for error in errors)
                count += 1
                if not named and (fewer is ways[0] or result.returncode != 0):
                    wrong.append((f"{compiler}, {source} with {' '.join(fewer) or 'nothing'}",
                                  f"status {result.returncode}, names not {flag}: {result.stderr[-400:]}"))
    expect(count >= 2, f"only {count} files ask for a flag")
    return Cases(count - len(wrong), wrong)


for _compiler, _words in COMPILERS.items():
    @test(f"core/each file of x86_64 names the flag that it misses, {_compiler}")
    def _(compiler=_compiler, words=_words):
        return missing_flags(compiler, words, "x86_64")


@test("core/each file of aarch64 names the flag that it misses")
def _():
    counts = [missing_flags(words[0], words, "aarch64") for words in
              (["aarch64-linux-gnu-gcc"], ["clang", "--target=aarch64-linux-gnu"])]
    return Cases(sum(count.passed for count in counts), [case for count in counts for case in count.failed])


# ---- C++ -----------------------------------------------------------------------------------------------------------

CXX_WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wold-style-cast", "-Wshadow", "-Wconversion", "-Wsign-conversion",
                "-Wcast-qual", "-Wcast-align", "-Wundef", "-Werror"]
CXX_USER = """
alignas(64) extern unsigned char memory[POOL_BYTES(sizeof(long), 16, 4)];
static_assert(POOL_BYTES(1024, 64, 2) == 2 * (1024 + 64) + 2 * (sizeof(void *) + 1) + sizeof(void *), "as in C");
extern const uint64_t bits;
const uint64_t bits = SIMD_FEATURE_BIT(SIMD_X86_AVX2);
int look(struct tlb *tlb, void **host);
int look(struct tlb *tlb, void **host) {
\treturn tlb_translate_fixed(tlb, 0, TLB_READ, 12, host) + tlb_lookup(tlb, 0, TLB_READ, host);
}
"""


@test("core/the headers give C++ no warning, C++11 to C++20")
def _():
    wrong, count = [], 0
    text = "".join(f'#include "{header}"\n' for header in HEADERS) + CXX_USER
    for compiler, standard, define in itertools.product(("g++", "clang++"), ("11", "14", "17", "20"),
                                                        ((), ("-DPOOL_CHECKED",))):
        words = [compiler, f"-std=c++{standard}", *CXX_WARNINGS, *define, "-I.", "-x", "c++", "-fsyntax-only", "-"]
        if compiler == "g++":
            words.insert(1, "-Wuseless-cast")
        result = subprocess.run(words, cwd=m.ROOT, input=text, check=False, capture_output=True, text=True,
                                timeout=limit(120))
        count += 1
        if result.returncode != 0:
            wrong.append((f"{compiler} C++{standard} {define}", result.stderr[-1500:]))
    return Cases(count - len(wrong), wrong)


# ---- other trees ---------------------------------------------------------------------------------------------------

@test("core/the two folders name nothing outside of them")
def _():
    outside = re.compile(r"\.\./|\b(?:docs|host-tests|bench|tools|kernel|hosted|boot|include|lib)/|"
                         r"\bmake [a-z]+-|README|CONTRIBUTING|Makefile\b(?!;)")
    allowed = re.compile(r"#include <|include` it|a Makefile")
    wrong = []
    for path in glob.glob(os.path.join(m.ROOT, "mem", "*")) + glob.glob(os.path.join(m.ROOT, "simd", "**", "*.*"),
                                                                        recursive=True):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if outside.search(line) and not allowed.search(line):
                    wrong.append(f"{os.path.relpath(path, m.ROOT)}:{number}: {line.strip()}")
    expect(not wrong, "\n".join(wrong))


# What is of the object format, the system or the calling convention; the rest with the long tests.
FORMAT_BOUND = re.compile(r"\.S$|/detect\.c|/variants\.c|crc32c_avx512|mem/tlb\.c|mem/pool_checked\.c")
TARGETS = {"x86_64-apple-darwin": "Mach-O", "arm64-apple-darwin": "Mach-O", "x86_64-pc-windows-msvc": "COFF",
           "x86_64-pc-windows-gnu": "COFF", "aarch64-pc-windows-msvc": "COFF"}


def compiles_for(target, wanted):
    arch = "x86_64" if target.startswith("x86_64") else "aarch64"
    wrong, count = [], 0
    for source in sources(arch):
        if not wanted(source) or (arch == "aarch64" and "windows" in target and "_sve" in source):
            continue
        flags = [] if source.endswith(".S") else [*isa_flags(source), "-std=c11", "-ffreestanding", "-ffp-contract=off",
                                                  "-Wall", "-Wextra", "-Werror"]
        result = compiled(["clang", f"--target={target}", "-O1", *flags, "-I.", "-c", source, "-o", "/dev/null"])
        count += 1
        if result.returncode != 0:
            wrong.append((f"{source} for {target}", result.stderr[-600:]))
    return Cases(count - len(wrong), wrong)


for _target, _format in TARGETS.items():
    @test(f"core/what depends on the object format compiles to {_format} for {_target}")
    def _(target=_target):
        return compiles_for(target, FORMAT_BOUND.search)

    @test(f"core/all of it compiles to {_format} for {_target}", system=True, seconds=15)
    def _(target=_target):
        return compiles_for(target, lambda source: True)
