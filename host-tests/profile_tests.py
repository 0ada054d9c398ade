# SPDX-License-Identifier: Apache-2.0
"""A profile as a file: found, judged, used, compiled, and put together from a log. `tune` itself is not asked."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time

import format_tests
import machine as m
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST
from image_tests import BUILD, X86, boot, expect_done, machine, stick

SAID = re.compile(r"^(?:profile |this machine's profile).*$", re.MULTILINE)


def band(first, below, method, basis="chosen"):
    return {"from": first, "below": below, "method": method, "basis": basis}


def profile(**changes):
    """Copies by the scalar method below 100 bytes. `changes` are of where it was made."""
    made = {"for": "mixed", "kernels": changes.pop("kernels", "9" * 16), "date": "2026-11-27T00:31:05Z",
            "command": "anechoic tune", "machine": {"architecture": "nowhere", "cpu": "none", **changes}}
    bands = [band(0, 100, "scalar"), band(100, None, "scalar", "kept")]
    choices = {"mixed": {"bands": bands}, "bulk": {"bands": [band(0, None, "scalar")]}}
    return {"schema": "anechoic-profile/1", "made": made,
            "operations": [{"name": "copy", "measured": True, "choices": choices}, {"name": "fill", "measured": False}],
            "price": {"measured": False},
            "end": {"cut": False, "streams": {"measured": True, "copy_bytes": 4096, "zero_bytes": None}}}


class Folder:
    """A user's folder for data, and files."""

    def __init__(self, directory):
        self.directory = directory
        self.home = os.path.join(directory, "home")
        os.makedirs(self.home)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return self.path(name)

    def run(self, *words):
        return subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, timeout=limit(120),
                              stdin=subprocess.DEVNULL, env=dict(os.environ, ANECHOIC_HOME=self.home))

    def measure(self, *words):
        """(exit status, what is said of the profile, the context's word of it)"""
        out = self.path("out.json")
        result = self.run("run", *SHORTEST, "--exact", "reference/adds/3", "--out", out, *words)
        said = SAID.findall(result.stderr)
        with open(out, encoding="utf-8") as file:
            return result.returncode, said, json.load(file)["context"].get("profile")

    def fitting(self):
        """One that fits this machine, found out by what does not fit."""
        known = {}
        for _ in range(8):
            _, said, word = self.measure("--profile", self.write("probe.json", profile(**known)))
            if word["used"]:
                return profile(**known)
            why = word["why"]
            for pattern, name in ((r"it was made on nowhere, this is (\w+)", "architecture"),
                                  (r"it was made on none, this is (.*)", "cpu"),
                                  (r"this one is of type (.*)", "core_type"),
                                  (r"this is a guest of (.*)", "hypervisor"),
                                  (r"these are (.*)", "kernels")):
                found = re.search(pattern, why)
                if found:
                    known[name] = found.group(1)
                    break
            else:
                raise AssertionError(f"{why} {said}")
        raise AssertionError(f"nothing fits: {known}")


def in_folder(function):
    def wrapped():
        with tempfile.TemporaryDirectory() as directory:
            function(Folder(directory))
    return wrapped


@test("profile/one that fits is used, which is said once, in words and in the context")
@in_folder
def _(folder):
    path = folder.write("p.json", folder.fitting())
    status, said, word = folder.measure("--profile", path)
    expect_equal((status, len(said)), (0, 1), f"status, lines: {said}")
    expect(f"profile {path} is used: made 2026-11-27T00:31:05Z for mixed" in said[0], said)
    expect(word["used"] and re.fullmatch("[0-9a-f]{8}", word["hash"]), word)
    broken = folder.fitting()
    broken["operations"][0]["choices"]["mixed"]["bands"][0]["method"] = "mmx"
    _, said, word = folder.measure("--profile", folder.write("p.json", broken))
    expect(word["used"] and "as built in where it names what is not here: copy 'mmx'" in said[0], said)


@test("profile/one that does not fit or is none is not used, and the run goes on")
@in_folder
def _(folder):
    cut = json.dumps(profile())[:200]
    for content, why in ((profile(), "it was made on nowhere, this is "), (cut, "it is not JSON, or cut off"),
                         ("", "it is empty"), (" " * (1 << 20) + "{}", "it is larger than 1 MiB"),
                         ('{"schema":"anechoic/1"}', "its schema is not anechoic-profile/1")):
        status, said, word = folder.measure("--profile", folder.write("p.json", content))
        expect_equal((status, len(said), word["used"]), (0, 1, False), f"{why}: {said}")
        expect(why in said[0] and "; the built-in choice holds" in said[0] and why in word["why"], f"{why}: {said}")


@test("profile/one that was named and cannot be read ends the run before it begins")
@in_folder
def _(folder):
    for name in ("missing.json", "home"):
        result = folder.run("run", *SHORTEST, "--exact", "reference/adds/3", "--profile", folder.path(name))
        expect_equal(result.returncode, m.EXIT_USAGE, "status")
        expect_equal(len(result.stderr.splitlines()), 1, f"lines: {result.stderr}")
        expect(folder.path(name) in result.stderr, result.stderr)


@test("profile/this machine's own is used without a word on the command line, and not with none")
@in_folder
def _(folder):
    expect_equal(folder.measure(), (0, [], None), "without any")
    folder.write("home/profile.json", folder.fitting())
    status, said, word = folder.measure()
    expect(status == 0 and word["used"] and said[0].startswith("this machine's profile is used: made "), said)
    status, said, word = folder.measure("--profile", "none")
    expect_equal((status, said, word["used"]), (0, [], False), "with none")
    os.remove(folder.path("home/profile.json"))
    folder.write("home/profile-Z.json", folder.fitting())
    expect_equal(folder.measure(), (0, [], None), "another type of core's")


@test("profile/a run under another one is another run")
@in_folder
def _(folder):
    log = folder.path("log")
    names = ("--exact", "reference/adds/3", "reference/chain/whole")
    folder.run("run", *SHORTEST, "--log", log, *names, "--profile", folder.write("p.json", folder.fitting()))
    with open(log, "rb") as file:
        lines = [line for line in file if not re.search(rb"@anechoic (DONE|END .*chain/whole)", line)]
    with open(log, "wb") as file:
        file.writelines(lines)
    result = folder.run("run", *SHORTEST, "--resume", log, *names)
    expect_equal(result.returncode, m.EXIT_USAGE, f"status: {result.stderr}")
    expect("that run has other options" in result.stderr and "profile" in result.stderr, result.stderr)


@test("profile/what is written agrees with the schema in docs/formats.md")
@in_folder
def _(folder):
    kept = folder.path("written.json")
    unit = os.path.join(BUILD, os.uname().machine, "host-tests", "test_profile_read")
    subprocess.run([unit, "--filter", "profile_read/what_was_written_comes_back"], check=True, capture_output=True,
                   timeout=limit(60), env=dict(os.environ, PROFILE_JSON=kept))
    with open(kept, encoding="utf-8") as file:
        written = format_tests.strict(file.read())
    format_tests.check_schema("profile", written)
    entries = {entry["name"]: entry for entry in written["operations"]}
    expect_equal(len(entries["copy"]["choices"]["bulk"]["bands"]), 3, "bands of copy")
    methods = entries["copy"]["methods"]
    expect_equal([len(curve["ns"]) for curve in methods[0]["curves"]], [len(entries["copy"]["sizes"])] * 6, "curves")
    expect_equal(sum("ratio" not in curve for method in methods for curve in method["curves"]), 6, "the built-in one's")
    glibc = written["end"]["glibc"]
    expect_equal((glibc["library"], glibc["memcpy"]["point"], glibc["memset"]), ("glibc 2.36", 0.7, None), "glibc")


if os.uname().machine == "x86_64":
    @test("profile/a sample of glibc's memcpy and memset is times by size, and none where there is no memory for it")
    def _():
        command = [PROGRAM, "tune", "sample-glibc"]
        memory = os.memfd_create("operands")
        try:
            os.ftruncate(memory, 128 << 20)
            result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=limit(60),
                                    stdin=memory)
        finally:
            os.close(memory)
        times = [float(line) for line in result.stdout.split()]
        expect_equal((result.returncode, len(times)), (0, 2 * 17), f"status, times: {result.stderr}")
        expect(all(time > 0 for time in times), times)
        result = subprocess.run(command, check=False, capture_output=True, timeout=limit(60), stdin=subprocess.DEVNULL)
        expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, b""), "without")


@test("profile/tune refuses before it measures what it could not write in the end")
@in_folder
def _(folder):
    results = folder.write("results.json", '{"schema":"anechoic/1"}')
    for option in ("--out", "--header"):
        for name, why in ((folder.path("none/p.json"), "No such file"), (results, "holds results of a run"),
                          (folder.home, "Is a directory"), ("", "'': No such file")):
            result = folder.run("tune", option, name)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{option} {name}")
            expect(name in result.stderr and why in result.stderr, f"{option} {name}: {result.stderr}")
    for seconds in ("0", "-1", "nan", "1e9", "5s", ""):
        result = folder.run("tune", f"--budget={seconds}")
        expect_equal(result.returncode, m.EXIT_USAGE, f"--budget={seconds}")
    for seed in ("abc", "", "-1", "18446744073709551616"):
        result = folder.run("tune", f"--seed={seed}")
        expect_equal((result.returncode, result.stderr),
                     (m.EXIT_USAGE, f"--seed '{seed}': not a valid value, 0 to 18446744073709551615\n"), "a seed")
    folder.home = folder.path("results.json/home")
    result = folder.run("tune", "--save")
    expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), "--save without a folder")
    expect("the profile is not kept: there is no folder for data: Not a directory" in result.stderr, result.stderr)


@test("profile/tune --reset removes what was kept in this folder, and names it")
@in_folder
def _(folder):
    other, folder.home = folder.home, folder.path("[hm]*")
    names = [os.path.join(folder.home, name) for name in ("profile-E-x.json", "profile-P.json", "profile.json")]
    os.makedirs(folder.home)
    for name in (*names, os.path.join(folder.home, "profiles.json"), os.path.join(other, "profile.json")):
        folder.write(name, folder.fitting() if name == names[2] else "{")
    status, said, word = folder.measure()
    expect(status == 0 and word["used"], f"found: {said}")
    result = folder.run("tune", "--reset")
    expect_equal((result.returncode, result.stdout), (0, "\n".join(["removed:", *names, ""])), f"once: {result.stderr}")
    result = folder.run("tune", "--reset")
    expect_equal((result.returncode, result.stdout), (0, "there was no profile\n"), f"twice: {result.stderr}")
    expect_equal((os.listdir(folder.home), os.listdir(other)), (["profiles.json"], ["profile.json"]), "others")


@test("profile/tune --reset with what wants a profile is refused, and removes nothing")
@in_folder
def _(folder):
    kept = folder.write("home/profile.json", "{}")
    for words, name in ((("--save",), "--save"), (("--out", "p.json"), "--out"), (("--header=h.h",), "--header")):
        for order in ((*words, "--reset"), ("--reset", *words)):
            result = folder.run("tune", *order)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), f"{order}: {result.stderr}")
            expect("--reset" in result.stderr and f"{name} " in result.stderr, f"{order}: {result.stderr}")
    expect(os.path.exists(kept), "it is removed")


@test("profile/a kept one that is a pipe keeps no run waiting")
@in_folder
def _(folder):
    os.mkfifo(os.path.join(folder.home, "profile.json"))
    status, said, word = folder.measure()
    expect_equal((status, len(said), word["used"]), (0, 1, False), f"status, lines: {said}")
    expect("it cannot be read" in said[0], said)


def is_running(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(") ", 1)[1][0] not in "ZX"
    except FileNotFoundError:
        return False


def launch_of(tune):
    """The process of a launch of `tune` that has begun to measure, stopped."""
    end = time.monotonic() + limit(30)
    while time.monotonic() < end:
        try:
            with open(f"/proc/{tune.pid}/task/{tune.pid}/children", encoding="ascii") as file:
                children = file.read().split()
            for child in children:
                with open(f"/proc/{child}/maps", encoding="utf-8") as file:
                    if "memfd:anechoic-tune" in file.read():
                        os.kill(int(child), signal.SIGSTOP)
                        return int(child)
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.01)
    raise AssertionError("there is no launch")


@test("profile/a tune that is killed leaves what it kept before, and no launch behind")
@in_folder
def _(folder):
    path = folder.write("home/profile.json", "{}")
    with subprocess.Popen([PROGRAM, "tune", "--save"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=dict(os.environ, ANECHOIC_HOME=folder.home)) as tune:
        try:
            launch = launch_of(tune)
        finally:
            tune.kill()
    end = time.monotonic() + limit(10)
    while is_running(launch) and time.monotonic() < end:
        time.sleep(0.01)
    if is_running(launch):
        os.kill(launch, signal.SIGKILL)
        raise AssertionError("the launch outlives it")
    with open(path, encoding="utf-8") as file:
        expect_equal((file.read(), os.listdir(folder.home)), ("{}", ["profile.json"]), "what was kept")


@test("profile/a tune that is asked to end says by which signal, and keeps nothing")
@in_folder
def _(folder):
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with subprocess.Popen([PROGRAM, "tune", "--save"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=dict(os.environ, ANECHOIC_HOME=folder.home)) as tuned:
            launch = launch_of(tuned)
            tuned.send_signal(number)
            os.kill(launch, signal.SIGCONT)
            said = tuned.communicate(timeout=limit(60))
        expect_equal((tuned.returncode, said, os.listdir(folder.home)), (status, (b"", b""), []), "how it ended")


def tune(folder, *words):
    return subprocess.run([PROGRAM, "tune", "--budget=0.5", *words], check=False, capture_output=True, text=True,
                          timeout=limit(300), stdin=subprocess.DEVNULL,
                          env=dict(os.environ, ANECHOIC_HOME=folder.home, COLUMNS="80"))


@test("profile/tune measures, and loses nothing where there is no room", system=True, seconds=20)
@in_folder
def _(folder):
    header = folder.path("simd_profile.h")
    result = tune(folder, "--save", "--header", header, "--out=/dev/full")
    expect_equal(result.returncode, m.EXIT_USAGE, f"status: {result.stderr}")
    kept = os.path.join(folder.home, "profile.json")
    for word in (f"runs here take it from {kept}; `tune --reset` removes it\n", "/dev/full: No space left",
                 "the profile follows on standard output"):
        expect(word in result.stderr, f"{word}: {result.stderr}")
    written = format_tests.strict(result.stdout)
    format_tests.check_schema("profile", written)
    with open(kept, encoding="utf-8") as file:
        expect_equal(json.load(file), written, "what is kept")
    expect(os.path.getsize(header) > 1000, "the header")
    status, said, word = folder.measure("--profile", folder.write("p.json", written))
    expect(status == 0 and word["used"], f"{said}")


@test("profile/tune loses nothing where what it was to keep cannot be kept in the end", system=True, seconds=40)
@in_folder
def _(folder):
    kept, out = os.path.join(folder.home, "profile.json"), folder.path("out.json")
    os.symlink("/dev/full", kept)
    result = tune(folder, "--save", "--header=/dev/full")
    expect_equal(result.returncode, m.EXIT_USAGE, f"status: {result.stderr}")
    for word in (f"{kept}: No space left", "/dev/full: No space left", "the profile follows on standard output\n"):
        expect(word in result.stderr, f"{word}: {result.stderr}")
    format_tests.check_schema("profile", format_tests.strict(result.stdout))
    result = tune(folder, "--save", "--out", out)
    expect_equal(result.returncode, m.EXIT_USAGE, f"status: {result.stderr}")
    for word in (f"{kept}: No space left", f"tune: the profile is in {out}\n"):
        expect(word in result.stderr, f"{word}: {result.stderr}")
    with open(out, encoding="utf-8") as file:
        format_tests.check_schema("profile", format_tests.strict(file.read()))
    lines = [line for line in result.stdout.splitlines() if not line.startswith("GLIBC_TUNABLES=")]
    expect(lines[0].startswith("for mixed use; ") and max(map(len, lines)) <= 80, f"the table: {result.stdout}")


# ---- as C ------------------------------------------------------------------------------------------------------------

USER = """#include "simd_profile.h"
#include <stdio.h>
int main(void) {
	const struct simd_choice *copy = &simd_profile_tuned.choice[SIMD_OPERATION_COPY];
	printf("%zu %d %s %zu %s %d\\n", simd_profile_tuned.copy_stream_bytes,
	       simd_profile_tuned.zero_stream_bytes == SIZE_MAX, copy->method[0], copy->below[0],
	       copy->method[1] ? copy->method[1] : "merged",
	       copy->method[2] == NULL && simd_profile_tuned.choice[SIMD_OPERATION_FILL].method[0] == NULL);
	return 0;
}
"""


@test("profile/as a header it compiles as C11 and C++, and says what the profile does")
@in_folder
def _(folder):
    made = profile(architecture=os.uname().machine, model="a CPU */ with \\ a name")
    result = folder.run("export", "simd-profile", folder.write("p.json", made), "-o", folder.path("simd_profile.h"))
    expect_equal((result.returncode, result.stderr), (0, ""), "export")
    for number, words in enumerate((["gcc", "-x", "c", "-std=c11"], ["clang", "-x", "c", "-std=c11"],
                                    ["g++", "-x", "c++", "-std=c++11"], ["clang++", "-x", "c++", "-std=c++11"])):
        source, program = folder.write("user.c", USER), folder.path(f"user{number}")
        built = subprocess.run([*words, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", m.ROOT, "-I",
                                folder.directory, source, "-o", program], check=False, capture_output=True, text=True,
                               timeout=limit(60))
        expect_equal((built.returncode, built.stderr), (0, ""), " ".join(words))
        said = subprocess.run([program], check=True, capture_output=True, text=True, timeout=limit(60)).stdout
        expect_equal(said, "4096 1 scalar 0 merged 1\n", " ".join(words))
    result = folder.run("export", "simd-profile", folder.write("q.json", profile()))
    expect(result.returncode == m.EXIT_USAGE and "the other architecture" in result.stderr, result.stderr)


# ---- out of a log ----------------------------------------------------------------------------------------------------


def record(body):
    text = b"TUNE " + json.dumps(body, separators=(",", ":")).encode()
    return b"@anechoic " + text + b" %08x\r\n" % m.crc32c(text)


def log_of(made):
    return [record({"made": made["made"]}), *(record({"operation": entry}) for entry in made["operations"]),
            record({"price": made["price"]}), record({"end": made["end"]})]


@test("profile/collect makes one of a log, and marks what is lost as not measured")
@in_folder
def _(folder):
    made = profile()
    lines = log_of(made)
    log, out = folder.path("log"), folder.path("p.json")

    def collect(lines):
        with open(log, "wb") as file:
            file.write(b"noise\r\n".join(lines))
        result = folder.run("collect", log, "-o", out)
        with open(out, encoding="utf-8") as file:
            return result, json.load(file)

    result, read = collect(lines[:2])
    expect_equal(result.returncode, 4, "status of a log that was cut off")
    expect("1 of " in result.stderr and "was cut off, and the rest is marked as not measured" in result.stderr,
           result.stderr)
    expect_equal((read["made"], read["end"]), (made["made"], {"cut": True}), "head, end")
    expect_equal(read["operations"][0], made["operations"][0], "what came")
    expect(len(read["operations"]) > 20 and not any(entry["measured"] for entry in read["operations"][1:]), "the rest")
    names = [entry["name"] for entry in read["operations"]]
    whole = log_of(dict(made, operations=[made["operations"][0]] + [{"name": name, "measured": False}
                                                                    for name in names[1:]]))
    result, read = collect(lines[:2] + whole)
    expect_equal(result.returncode, 0, f"status of a whole one: {result.stderr}")
    expect("came to its end" in result.stderr and "left out: 1" in result.stderr, result.stderr)
    expect_equal((read["price"], read["end"]), (made["price"], made["end"]), "price, end")
    result, read = collect(lines[1:])
    expect(result.returncode == 4 and read["made"] == {}, "without its head")
    expect("nobody knows what it was measured on" in result.stderr, result.stderr)


# ---- in the image ----------------------------------------------------------------------------------------------------


def context_of(outcome):
    return next(entry.body["context"] for entry in outcome.records if entry.tag == "CONTEXT")


@test("profile/image takes the one that anechoic.conf names beside it, where it fits", seconds=12)
def _():
    with open(os.path.join(BUILD, "x86_64", "generated", "simd_hash.h"), encoding="ascii") as file:
        kernels = re.search('"(.*)"', file.read()).group(1)
    fits = profile(architecture="x86_64", cpu="GenuineIntel 6.85.7", hypervisor="TCG", kernels=kernels)
    for config, content, said, used in (
            ("profile = sub/p.json", json.dumps(fits), "profile sub/p.json is used: made ", True),
            ("profile = sub/missing.json", json.dumps(fits), "the profile that `profile` names is not read", False)):
        what = machine(arguments="reference/adds/3 --exact " + " ".join(SHORTEST), config=config,
                       cpu="max,vendor=GenuineIntel,family=6,model=85,stepping=7", **X86)
        with stick(what) as directory:
            folder = m.STICK_FOLDER + "sub"
            m.on_stick(what.image, "mmd", folder)
            m.stick_write(what.image, "sub/p.json", content)
            outcome = boot(what, directory)
        expect_done(outcome)
        expect(said in outcome.text(), f"{said}:\n" + outcome.text())
        word = context_of(outcome)["profile"]
        expect_equal(word["used"], used, f"{word}")
