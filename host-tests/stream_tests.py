# SPDX-License-Identifier: Apache-2.0
"""`anechoic stream`: what is recorded is what a program did, and files that are none are refused by name."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest.mock

import machine as m
import stream_check
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import PROGRAM, anechoic

LINES = ["==1== Lackey, an example Valgrind tool", "I  04016a70,3", " L 1ffeffe828,8", " S 1ffeffe820,8",
         "I  04016a73,5", " M 04232a10,4", "==1== "]
SOURCE = """static char pages[64 << 12];
int main(void) {
	for (int i = 0; i < 64; i++)
		((volatile char *)pages)[i << 12] = 1;
	return 7;
}
"""


def shown(path):
    result = anechoic("stream", "show", "--format=json", path)
    expect_equal(result.returncode, 0, f"show: {result.stderr}")
    found = json.loads(result.stdout)
    check_schema("stream", found)
    return found


def refused(what, *words):
    result = anechoic("stream", *words)
    expect_equal(result.returncode, 2, f"status of {words}: {result.stdout}{result.stderr}")
    expect(what in result.stderr, f"{words}: {what}, not: {result.stderr}")


def advised(*words):
    result = anechoic("advise", "--format=json", "--stream", *words)
    expect_equal(result.returncode, 0, f"advise: {result.stderr}")
    found = json.loads(result.stdout)
    check_schema("tlb-advice", found)
    return found


def in_folder(function):
    with tempfile.TemporaryDirectory() as directory:
        function(lambda name: os.path.join(directory, name))


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


@test("stream/lackey's lines become a stream, and a part of one another stream")
def _():
    def check(at):
        lines, whole, part = write(at("lines"), "\n".join(LINES) + "\n"), at("whole.stream"), at("part.stream")
        expect_equal(anechoic("stream", "convert", lines, "-o", whole).returncode, 0, "convert")
        found = shown(whole)
        expect_equal([found[name] for name in ("reads", "writes", "executions", "pages", "page_bytes")],
                     [1, 2, 2, 3, 4096], f"what is in it: {found}")
        with open(lines, encoding="ascii") as file:
            subprocess.run([PROGRAM, "stream", "convert", "-", "--data", "-o", part], check=True, stdin=file,
                           timeout=limit(60))
        expect_equal(shown(part)["executions"], 0, "executions with --data")
        expect_equal(anechoic("stream", "convert", "--skip=1", "--count=2", "-o", part, whole).returncode, 0, "a part")
        found = shown(part)
        expect_equal([found["reads"], found["writes"], found["executions"]], [0, 1, 1], f"the part: {found}")
        table = anechoic("stream", "show", part).stdout
        expect("lackey" in table and "1 executions" in table, table)
    in_folder(check)


@test("stream/a program under Valgrind: its pages are in the stream, its status is ours, --count ends it")
def _():
    if not shutil.which("valgrind"):
        raise Skipped("no valgrind")

    def check(at):
        program, out = at("program"), at("a.stream")
        subprocess.run(["cc", "-O1", "-o", program, write(at("program.c"), SOURCE)], check=True, timeout=limit(60))
        result = anechoic("stream", "record", "-o", out, "--", program)
        expect_equal(result.returncode, 7, f"the program's status: {result.stderr}")
        found = shown(out)
        expect(found["pages"] >= 64 and found["executions"] > 64 * 2 and found["writes"] >= 64, f"{found}")
        expect_equal(found["source"], "lackey", "the source")
        os.mkdir(at("scratch"))
        with unittest.mock.patch.dict(os.environ, TMPDIR=at("scratch")):
            result = anechoic("stream", "record", "--skip=100", "--count=1000", "-o", out, "--", program)
        expect_equal((result.returncode, os.listdir(at("scratch"))), (0, []), f"ended by --count: {result.stderr}")
        found = shown(out)
        expect_equal(found["reads"] + found["writes"] + found["executions"], 1000, "accesses")
        new = at("new.stream")
        for was_there in (False, True):
            for file in (out, new):
                refused("No such file", "record", "-o", file, "--", at("none"))
                refused("none after those to skip", "record", "--skip=1000000000", "-o", file, "--", program)
            expect_equal(os.path.exists(new), was_there, "an empty file is left of none, and no other is removed")
            write(new, "")
        expect_equal(shown(out), found, "a stream is lost to none")
    in_folder(check)


@test("stream/a program that is interrupted leaves what was recorded until then")
def _():
    if not shutil.which("valgrind"):
        raise Skipped("no valgrind")

    def check(at):
        out = at("a.stream")
        for send in (os.kill, os.killpg):     # as a process does, and as a terminal
            with subprocess.Popen([PROGRAM, "stream", "record", "--sample", "-o", out, "--", "/bin/sh", "-c",
                                   "echo; while :; do :; done"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  start_new_session=True) as process:
                try:
                    process.stdout.readline()
                    send(process.pid, signal.SIGTERM)
                    expect_equal(process.wait(limit(60)), 128 + signal.SIGTERM, "the program's status")
                finally:
                    process.kill()
            expect(shown(out)["executions"] > 10000, "what was recorded")
            os.unlink(out)
    in_folder(check)


@test("stream/--sample keeps windows from all over what is too long, and all of what is not")
def _():
    def check(at):
        lines, out, again = at("lines"), at("a.stream"), at("again.stream")
        windows, length = 300, 1 << 14      # 300 windows, each in its own page: every other one is kept
        with open(lines, "w", encoding="ascii") as file:
            for window in range(windows):
                file.write(f" L {window << 12:x},8\n" * length)
        expect_equal(anechoic("stream", "convert", "--sample", lines, "-o", out).returncode, 0, "convert")
        found = shown(out)
        expect_equal([found["reads"], found["pages"], found["one_window_of"]], [windows // 2 * length, windows // 2, 2],
                     f"what is kept: {found}")
        expect("one window of 2" in anechoic("stream", "show", out).stdout, "it is said")
        expect_equal(anechoic("stream", "convert", "--sample", out, "-o", again).returncode, 0, "convert again")
        with open(out, "rb") as one, open(again, "rb") as other:
            expect(one.read() == other.read(), "of what fits all is kept, and it says as before what it is of")
    in_folder(check)


@test("stream/what is no stream, is cut off or was not finished is refused by name; what is whole is kept")
def _():
    def check(at):
        lines = write(at("lines"), "".join(f" L {i << 20:x},8\n" for i in range(50000)))
        whole, cut, kept = at("whole.stream"), at("cut.stream"), at("kept.stream")
        expect_equal(anechoic("stream", "convert", lines, "-o", whole).returncode, 0, "convert")
        with open(whole, "rb") as file:
            content = bytearray(file.read())
        with open(cut, "wb") as file:
            file.write(content[:-1])
        refused("cut.stream: block 4: cut off", "show", cut)
        refused("cut.stream: block 4: cut off", "convert", cut, "-o", kept)
        write(kept, "what was there")
        refused("cut.stream: block 4: cut off", "convert", cut, "-o", kept)
        with open(kept, encoding="ascii") as file:
            expect_equal(file.read(), "what was there", "after a stream that is damaged")
        expect_equal(sorted(os.listdir(at(""))), ["cut.stream", "kept.stream", "lines", "whole.stream"], "beside it")
        refused("lines: no address stream", "show", lines)
        refused("neither an address stream nor lines", "convert", os.path.join(m.ROOT, "README.md"), "-o", whole)
        with open(whole, "rb") as file:
            expect(file.read() == content, "a stream is lost to what is none")
        refused("none: No such file", "show", at("none"))
        refused("whole.stream", "convert", whole, "-o", whole)
        refused("a plain file is needed", "convert", whole, "-o", "/dev/stdout")
        with open(cut, "wb") as file:   # as its writer left it: no counts, not finished
            head = content[:16] + bytes(16) + content[32:56] + b"\2" + content[57:60]
            file.write(head + crc32c(head) + content[64:-1])
        refused("was not finished", "show", cut)
        result = anechoic("stream", "convert", cut, "-o", kept)
        expect_equal(result.returncode, 0, f"what is whole: {result.stderr}")
        expect("was not finished: what is whole is kept" in result.stderr, result.stderr)
        expect(25000 < shown(kept)["reads"] < 50000, "reads that are kept")
    in_folder(check)


@test("stream/what is recorded or converted, and ended or not to be written, loses no stream that is there")
def _():
    def check(at):
        lines = write(at("lines"), "".join(f" L {i << 20:x},8\n" for i in range(2000000)))
        kept = write(at("kept.stream"), "what was there")
        with subprocess.Popen([PROGRAM, "stream", "convert", lines, "-o", kept]) as process:
            try:
                patience = limit(60)
                while patience > 0 and len(os.listdir(at(""))) == 2 and process.poll() is None:
                    time.sleep(0.001)
                    patience -= 0.001
                process.terminate()
                status = process.wait(limit(60))
            finally:
                process.kill()
        expect(status in (0, 128 + signal.SIGTERM), f"status: {status}")    # 0: it was faster
        if status:
            with open(kept, encoding="ascii") as file:
                expect_equal(file.read(), "what was there", "ended")
        write(kept, "what was there")
        small = f"ulimit -f 64; exec '{PROGRAM}' stream"
        for words in (f"convert '{lines}' -o '{kept}'", f"convert - -o '{kept}' < '{lines}'"):
            result = subprocess.run(["sh", "-c", f"{small} {words}"], check=False, capture_output=True, text=True,
                                    timeout=limit(60))
            expect_equal(result.returncode, 2, f"{words}: {result.stderr}")
            expect("File too large" in result.stderr, result.stderr)
            with open(kept, encoding="ascii") as file:
                expect_equal(file.read(), "what was there", words)
        expect_equal(sorted(os.listdir(at(""))), ["kept.stream", "lines"], "beside it")
    in_folder(check)


@test("stream/a check is inconclusive, and not met, where a program could not be recorded")
def _():
    for runs, status, wanted in ((["a", None], 0, 3), ([None, "b"], 1, 1), (["a", "b"], 0, 0)):
        with tempfile.TemporaryDirectory() as build, \
                unittest.mock.patch.object(stream_check, "ROWS", {str(run): (run, None) for run in ("a", "b")}), \
                unittest.mock.patch.object(stream_check, "record", side_effect=runs), \
                unittest.mock.patch.object(stream_check.subprocess, "run") as judge, \
                contextlib.redirect_stderr(io.StringIO()) as said:
            judge.return_value.returncode = status
            expect_equal(stream_check.main(["--build", build]), wanted, f"{runs}, of which the judge says {status}")
            expect_equal("1 rows were not looked at" in said.getvalue(), wanted == 3, "what it says")


@test("stream/a check records anew what another recorder, program, input or command would record")
def _():
    def check(at):
        os.mkdir(at("kept"))
        os.mkdir(at("bin"))
        said = at("said")

        def script(path, text):
            write(path, "#!/bin/sh\n" + text)
            os.chmod(path, 0o755)

        def recorded():
            before = os.path.getsize(said) if os.path.exists(said) else 0
            path = stream_check.record(at(""), at("kept"), "a-1")
            expect_equal(os.listdir(at("kept")), [os.path.basename(path)], "what is kept")
            return os.path.getsize(said) > before

        recorder = f'for word; do case $word in --out=*) echo x >"${{word#--out=}}"; echo x >>"{said}";; esac; done\n'
        script(at("anechoic"), recorder)
        script(at("bin/program"), "")
        write(at("input"), "1")
        write(at("kept/a-1.stream"), "by its name alone")
        runs = {"a-1": ["program", at("input")]}
        with unittest.mock.patch.dict(stream_check.RUNS, runs), \
                unittest.mock.patch.dict(os.environ, PATH=f"{at('bin')}:{os.environ['PATH']}"):
            expect(recorded() and not recorded(), "once")
            script(at("anechoic"), recorder + "# another\n")
            expect(recorded() and not recorded(), "another recorder")
            script(at("bin/program"), "# another\n")
            expect(recorded() and not recorded(), "another program")
            write(at("input"), "2")
            expect(recorded() and not recorded(), "another input")
            stream_check.RUNS["a-1"] = ["program", "-v", at("input")]
            expect(recorded() and not recorded(), "another command")
    in_folder(check)


USER = """#include "mem/tlb.h"
#include <stdlib.h>
static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	return owner == 0 && address == 0 && asid == 0 && access == TLB_READ && mapping == 0;
}
static struct tlb tlb;
int main(void) {
	void *owner = 0;
	CONFIG
	size_t bytes = tlb_bytes_needed(config.entries, config.asids);
	void *memory = aligned_alloc(64, bytes);
	return TLB_SLOTS != SLOTS_WANTED || TLB_WAYS != WAYS_WANTED || tlb_init(&tlb, memory, bytes, &config) != 0;
}
"""


@test("stream/advise counts what there is, its words compile and its configuration is taken", seconds=15)
def _():
    def check(at):
        # 3,000 pages 20 times over: more than 2^10 slots hold, and each page is walked once where there is room
        lines = write(at("lines"), "".join(f" L {i % 3000 << 12:x},8\n" for i in range(60000)))
        stream = at("a.stream")
        expect_equal(anechoic("stream", "convert", lines, "-o", stream).returncode, 0, "convert")
        found = advised(stream)
        expect_equal([found["accesses"], found["pages"], found["default"]["walks"], found["default"]["refills"]],
                     [60000, 3000, 3000, 0], "what the default counts")
        small = next(row for row in found["rows"] if row["slot_bits"] == 10)
        expect_equal([small["walks"], small["walks"] + small["refills"]], [3000, 60000], f"2^10 slots: {small}")
        flushed = next(row for row in found["others"] if row["flush_every"] == 10000 and row["slot_bits"] == 16)
        expect_equal([flushed["walks"], flushed["flushes"]], [18000, 6], f"flushed every 10,000: {flushed}")
        chosen, program = found["chosen"], at("user")
        source = USER.replace("CONFIG", found["config"]).replace("SLOTS_WANTED", str(1 << chosen["slot_bits"]))
        source = source.replace("WAYS_WANTED", str(chosen["ways"]))
        subprocess.run(["cc", "-std=c11", "-I.", *found["flags"].split(), "-o", program, write(at("user.c"), source),
                        "mem/tlb.c"], check=True, cwd=m.ROOT, timeout=limit(60))
        expect_equal(subprocess.run([program], check=False, timeout=limit(60)).returncode, 0, "tlb_init")
        found = advised(stream, "--walk-ns=1000", "--flush-every=3000", "--page-bytes=65536")
        expect_equal([found["walk_told"], found["default"]["walks"], found["chosen"]["page_bytes"]],
                     [True, 188 * 20, 65536], f"pages of 64 KiB, flushed: {found['default']}")
        table = anechoic("advise", "--stream", stream).stdout
        expect(found["flags"].split("=")[0] in table and "struct tlb_config config = {" in table, table)
    in_folder(check)


@test("stream/advise refuses what is no stream, and options that do not belong together")
def _():
    def check(at):
        empty = at("empty.stream")
        for words, what in ((["--stream", "README.md"], "no address stream"),
                            (["--stream", at("none")], "No such file"),
                            (["--stream", empty, "--page-bytes=5000"], "a power of two"),
                            (["--stream", empty, "--page-bytes=5"], "4096 to"),
                            (["--stream", empty, "--walk-ns=x"], "--walk-ns 'x'"),
                            (["--stream", empty, "--remeasure"], "usage: anechoic advise"),
                            (["--flush-every=10", empty], "usage: anechoic advise")):
            result = subprocess.run([PROGRAM, "advise", *words], check=False, capture_output=True, text=True,
                                    cwd=m.ROOT, timeout=limit(60))
            expect_equal(result.returncode, 2, f"status of {words}")
            expect(what in result.stderr, f"{words}: {what}, not: {result.stderr}")
            expect(what.startswith("usage") or result.stderr.count("\n") == 1, f"{words}: {result.stderr}")
    in_folder(check)


# 85 instructions, 16 writes, 16 reads; 16 pages of data and one of code.
GUEST = """	.globl _start
_start:	mov $16, %ecx
	lea pages(%rip), %rdi
1:	mov %rcx, (%rdi)
	mov (%rdi), %rax
	add $4096, %rdi
	dec %ecx
	jnz 1b
	mov $60, %eax
	mov $5, %edi
	syscall
	.bss
	.balign 4096
pages:	.skip 16 * 4096
"""
FORKS = """#include <sys/wait.h>
#include <unistd.h>
int main(void) {
	int status;
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			return i;
	while (wait(&status) > 0)
		continue;
	return 3;
}
"""
# A boot sector that tells QEMU to end with status 2 * 21 + 1.
SECTOR = bytes.fromhex("b015" "e6f4" "f4" "ebfd")


def plugin(emulator):
    """The plugin, built; where QEMU is one that can load it."""
    if not shutil.which(emulator) or os.uname().machine != "x86_64":
        raise Skipped(f"no {emulator} here")
    subprocess.run(["make", "-s", "--no-print-directory", "stream-plugin"], check=True, cwd=m.ROOT, timeout=limit(120),
                   stdout=subprocess.DEVNULL)
    return os.path.join(m.ROOT, "build", "anechoic-stream.so")


def emulated(*words):
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=limit(60),
                          stdin=subprocess.DEVNULL)


@test("stream/QEMU's plugin records what a program does, to the access")
def _():
    library = plugin("qemu-x86_64")

    def check(at):
        program, out = at("guest"), at("a.stream")
        subprocess.run(["cc", "-nostdlib", "-static", "-o", program, write(at("guest.s"), GUEST)], check=True,
                       timeout=limit(60))
        result = emulated("qemu-x86_64", "-plugin", f"{library},out={out}", program)
        expect_equal(result.returncode, 5, f"the program's status: {result.stderr}")
        found = shown(out)
        expect_equal([found[name] for name in ("reads", "writes", "executions", "pages", "page_bytes", "source")],
                     [16, 16, 85, 17, 4096, "qemu-x86_64"], f"what is in it: {found}")
        result = emulated("qemu-x86_64", "-plugin", f"{library},out={out},skip=2,count=6,data=on", program)
        found = shown(out)
        expect_equal([found["reads"], found["writes"], found["executions"], found["fetches"]], [3, 3, 0, False],
                     "a part")
        result = emulated("qemu-x86_64", "-plugin", f"{library},out={out},sample=on", program)
        found = shown(out)
        expect_equal([found["writes"], found["executions"], found["one_window_of"]], [16, 85, 1], "all of it")
        emulated("qemu-x86_64", "-plugin", f"{library},out={out}", at("none"))
        expect_equal(shown(out), found, "what is there is lost to a program that is not")
        for words, what in (("", "where to? out=FILE"), (f",out={out},count=x", "not count=x"),
                            (f",out={out},skip=010", "not skip=010"), (f",out={out},count=5e3", "not count=5e3"),
                            (f",out={at('none')}/a", "No such file")):
            result = emulated("qemu-x86_64", "-plugin", library + words, program)
            expect(result.returncode != 0 and what in result.stderr, f"{words}: {what}, not: {result.stderr}")
    in_folder(check)


@test("stream/QEMU's plugin: children write nothing, and a guest that is killed leaves what is whole")
def _():
    library = plugin("qemu-x86_64")

    def check(at):
        program, out, kept = at("forks"), at("a.stream"), at("kept.stream")
        subprocess.run(["cc", "-o", program, write(at("forks.c"), FORKS)], check=True, timeout=limit(60))
        result = emulated("qemu-x86_64", "-plugin", f"{library},out={out}", program)
        expect_equal(result.returncode, 3, f"the program's status: {result.stderr}")
        expect(shown(out)["executions"] > 1000, "it is whole")
        with subprocess.Popen(["qemu-x86_64", "-plugin", f"{library},out={out}", "/bin/sh", "-c",
                               "while :; do :; done"], stdin=subprocess.DEVNULL) as process:
            patience = limit(60)
            while patience > 0 and os.path.getsize(out) < 1 << 18:
                time.sleep(0.05)
                patience -= 0.05
            process.kill()
        expect_equal(anechoic("stream", "show", out).returncode, 2, "it was not finished")
        expect_equal(anechoic("stream", "convert", out, "-o", kept).returncode, 0, "what is whole")
        expect(shown(kept)["executions"] > 10000, "executions that are kept")
    in_folder(check)


@test("stream/QEMU's plugin records a whole machine, as much as is wanted")
def _():
    library = plugin("qemu-system-x86_64")

    def check(at):
        disk, out = at("disk"), at("a.stream")
        with open(disk, "wb") as file:
            file.write(SECTOR + bytes(510 - len(SECTOR)) + b"\x55\xaa")
        result = emulated("qemu-system-x86_64", "-accel", "tcg", "-nodefaults", "-display", "none", "-no-reboot",
                          "-device", "isa-debug-exit,iobase=0xf4,iosize=1", "-drive", f"file={disk},format=raw",
                          "-plugin", f"{library},out={out},count=200000")
        expect_equal(result.returncode, 2 * 21 + 1, f"the guest's status: {result.stderr}")
        found = shown(out)
        expect_equal([found["reads"] + found["writes"] + found["executions"], found["source"]],
                     [200000, "qemu-system-x86_64"], f"what is in it: {found}")
    in_folder(check)


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return (crc ^ 0xffffffff).to_bytes(4, "little")
