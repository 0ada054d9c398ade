# SPDX-License-Identifier: Apache-2.0
"""Files that a user names to be read: what is no plain file is refused, whoever reads it."""

import fcntl
import json
import os
import subprocess
import tempfile

import machine as m
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST

# What reads a file by its name; {} is the name.
READERS = (
    ("run", *SHORTEST, "--exact", "reference/adds/3", "--profile", "{}"),
    ("run", *SHORTEST, "--exact", "reference/adds/3", "--resume", "{}"),
    ("collect", "{}"),
    ("compare", "{}", "{}"),
    ("compare", "--per-benchmark", "{}", "{}", "{}"),
    ("compare", "--launches", "{}", "{}", "{}"),
    ("report", "{}", "-o", "{out}"),
    ("export", "csv", "{}"),
    ("export", "simd-profile", "{}"),
    ("history", "add", "--db", "{out}", "{}"),
    ("history", "show", "reference/adds/3", "--db", "{}"),
    ("caps", "--cpuid", "{}"),
)


@test("files/a pipe, a device and a folder are refused by whoever reads them, at once and by name")
def _():
    with tempfile.TemporaryDirectory() as directory:
        pipe = os.path.join(directory, "pipe")
        os.mkfifo(pipe)
        for name, why in ((pipe, "it is a pipe, and only plain files are read"),
                          ("/dev/zero", "it is a device, and only plain files are read"), (directory, "directory")):
            for reader in READERS:
                # Two folders are compared, and reported, launch by launch; of one logs are collected.
                if name == directory and reader[0] in ("collect", "compare", "report"):
                    continue
                words = [word.format(name, out=os.path.join(directory, "out")) for word in reader]
                result = subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True,
                                        timeout=limit(10), stdin=subprocess.DEVNULL,
                                        env=dict(os.environ, ANECHOIC_HOME=directory))
                expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{words}: {result.stderr}")
                expect_equal(len(result.stderr.splitlines()), 1, f"lines, {words}: {result.stderr}")
                expect(name in result.stderr and why in result.stderr, f"{words}: {result.stderr}")


# What writes a file by its name; {} is the name.
WRITERS = (
    ("run", *SHORTEST, "--exact", "reference/adds/3", "--out", "{}"),
    ("run", *SHORTEST, "--exact", "reference/adds/3", "--log", "{}"),
    ("noise", "--duration", "0.1", "-o", "{}"),
    ("tune", "-o", "{}"),
    ("tune", "--header", "{}"),
    ("export", "csv", "{results}", "-o", "{}"),
)


@test("files/a pipe that nobody reads is not waited for by whoever writes")
def _():
    with tempfile.TemporaryDirectory() as directory:
        pipe, results = os.path.join(directory, "pipe"), os.path.join(directory, "results.json")
        os.mkfifo(pipe)
        subprocess.run([PROGRAM, *WRITERS[0][:-1], results], check=True, capture_output=True, timeout=limit(60))
        for writer in WRITERS:
            words = [word.format(pipe, results=results) for word in writer]
            result = subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, timeout=limit(30),
                                    stdin=subprocess.DEVNULL, env=dict(os.environ, ANECHOIC_HOME=directory))
            expect_equal((result.returncode, result.stdout, result.stderr),
                         (2, "", f"{pipe}: it is a pipe, and nobody reads it\n"), f"{words}")


@test("files/who reads a pipe gets the results, once and whole")
def _():
    with tempfile.TemporaryDirectory() as directory:
        pipe = os.path.join(directory, "pipe")
        os.mkfifo(pipe)
        # Of both ends, so that it is open at once, and large enough that nobody need read meanwhile.
        reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 1 << 20)
            for writer in (WRITERS[0], WRITERS[2]):
                words = [word.format(pipe) for word in writer]
                result = subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True,
                                        timeout=limit(60), stdin=subprocess.DEVNULL)
                expect_equal(result.returncode, 0, f"{words}: {result.stderr}")
                document = json.loads(os.read(reader, 1 << 20))
                expect(isinstance(document, dict), f"{words}: {document}")
        finally:
            os.close(reader)


@test("files/results come out of a pipe where the name is -")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, page = os.path.join(directory, "r.json"), os.path.join(directory, "p.html")
        subprocess.run([PROGRAM, "run", *SHORTEST, "--exact", "reference/adds/3", "--out", results], check=True,
                       capture_output=True, timeout=limit(60))
        for words in (("report", "-", "-o", page), ("export", "csv", "-")):
            with open(results, "rb") as file:
                result = subprocess.run([PROGRAM, *words], check=False, capture_output=True, timeout=limit(60),
                                        input=file.read())
            expect_equal((result.returncode, result.stderr), (0, b""), f"{words}")


@test("files/one that is too large for what it is to be is refused, and not taken into memory")
def _():
    with tempfile.TemporaryDirectory() as directory:
        name = os.path.join(directory, "holes")
        with open(name, "wb") as file:
            file.truncate((1 << 30) + (1 << 20))
        for words in (("export", "simd-profile", name), ("caps", "--cpuid", name), ("report", name)):
            result = subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, timeout=limit(60),
                                    stdin=subprocess.DEVNULL, cwd=directory)
            expect_equal((result.returncode, result.stderr), (m.EXIT_USAGE, f"{name}: is too large\n"), f"{words}")
        result = subprocess.run([PROGRAM, "run", *SHORTEST, "--exact", "reference/adds/3", "--profile", name],
                                check=False, capture_output=True, text=True, timeout=limit(60),
                                stdin=subprocess.DEVNULL)
        expect(result.returncode == 0 and "is not used: it is larger than 1 MiB" in result.stderr, result.stderr)
