# SPDX-License-Identifier: Apache-2.0
"""`anechoic record`: what it counts is what was called, and the program does not notice."""

import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile

import machine as m
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import PROGRAM

SOURCE = os.path.join(m.ROOT, "host-tests", "record_program.c")


class Recorded:
    """Runs the program of record_program.c, built with `flags`, alone and recorded, in folders of its own."""

    def __init__(self, directory, *flags):
        self.directory = directory
        self.program = os.path.join(directory, "program")
        self.home = os.path.join(directory, "home")
        self.runtime = os.path.join(directory, "runtime")
        os.mkdir(self.runtime, 0o700)
        self.file = os.path.join(directory, "record.json")
        subprocess.run(["cc", "-O1", "-fno-builtin", "-o", self.program, SOURCE, "-lpthread", *flags], check=True,
                       timeout=limit(60))

    def run(self, *words, **more):
        environment = dict(os.environ, ANECHOIC_HOME=self.home, XDG_RUNTIME_DIR=self.runtime, **more.pop("env", {}))
        return subprocess.run([PROGRAM, "record", "-o", self.file, "--", *words], check=False, capture_output=True,
                              text=True, timeout=limit(60), env=environment, **more)

    def record(self, *words, status=0, is_alone=True):
        result = self.run(self.program, *words)
        expect_equal(result.returncode, status, f"exit status of {words}: {result.stderr}")
        with open(self.file, encoding="utf-8") as file:
            found = json.load(file)
        if is_alone:
            expect_equal(os.listdir(self.runtime), [], "what is left of its folder")
        check_schema("record", found)
        return found


def with_program(function, *flags):
    with tempfile.TemporaryDirectory() as directory:
        function(Recorded(directory, *flags))


def huge_pages():
    """What the system gives them to, as it says: a word, or none."""
    path = "/sys/kernel/mm/transparent_hugepage/enabled"
    if not os.path.exists(path):
        return ""
    with open(path, encoding="ascii") as file:
        return file.read().partition("[")[2].partition("]")[0]


def of_size(call, least):
    return sum(sum(row[1:]) for row in call["sizes"] if row[0] == least)


def check_copies(found, times=1):
    calls = found["calls"]
    expect(of_size(calls["memcpy"], 96) >= 1000 * times, f"copies of 100 bytes: {calls['memcpy']}")
    expect_equal(of_size(calls["memcpy"], 2048), 10 * times, "copies of 2048 bytes")
    row = next(row for row in calls["memcpy"]["sizes"] if row[0] == 2048)
    expect_equal(row[1:], [0, 10 * times, 0, 0], "the first pointer is not aligned, the second is")
    same, resized = calls["memcpy"]["in_place"]
    expect(9 * times <= same < 10 * times and times <= resized < 2 * times + 1, f"in place: {same}, {resized}")
    expect(calls["memcpy"]["bytes"] >= 100 * 1000 + 2048 * 10, "bytes copied")
    expect(of_size(calls["memset"], 24) >= 500 * times, f"sets of 24 bytes: {calls['memset']}")
    expect(of_size(calls["strlen"], 16) >= 70 * times, f"lengths of 17: {calls['strlen']}")
    expect(of_size(calls["strcpy"], 16) >= times, f"strcpy of 17: {calls['strcpy']}")


@test("record/counts are of the calls that were made, whatever became of the program")
def _():
    def check(recorded):
        check_copies(recorded.record("copies"))
        check_copies(recorded.record("copies", "7", status=7))
        check_copies(recorded.record("close", status=0), 2)
        for how, number in (("kill", signal.SIGKILL), ("segv", signal.SIGSEGV), ("double", signal.SIGABRT)):
            found = recorded.record(how, status=-number)
            expect_equal(found["status"], -number, "the signal")
            check_copies(found)
    with_program(check)


@test("record/calls of few bytes do what they did, and are counted")
def _():
    def check(recorded):
        calls = recorded.record("few")["calls"]
        for name, times in (("memcpy", 8), ("memmove", 8), ("memset", 4), ("memcmp", 8)):
            for length in (1, 2, 3):
                expect(of_size(calls[name], length) >= times, f"{name} of {length}: {calls[name]}")
            expect(of_size(calls[name], 12) >= 4 * times, f"{name} of 12 to 15 bytes: {calls[name]}")
    with_program(check)


@test("record/blocks are followed to their end: order, other threads, lifetimes")
def _():
    def check(recorded):
        for how, order in (("stack", "stack"), ("queue", "queue"), ("between", "between"),
                           ("elsewhere", "elsewhere")):
            found = recorded.record(how)
            orders, ends = found["orders"], sum(found["orders"].values())
            expect(30 < ends <= found["samples"] <= 300, f"followed: {ends} of {found['samples']}")
            # Of 1000 blocks some four are followed, so that many of those between are the last or the first of these.
            least = 0.2 if how == "between" else 0.8
            expect(orders[order] >= least * (ends - orders["alone"]), f"{how}: {orders}")
            expect_equal(sum(found["lifetimes"]), ends, "a lifetime each")
            expect(sum(row[1] for row in found["allocations"]["malloc"] if row[0] == 48) >= 20000, "blocks of 48")
            expect(found["freed"] >= 20000 and found["allocated"] >= found["freed"], "freed")
            least = 20000 if how == "elsewhere" else 0
            expect(least <= found["freed_more"] <= least + 100, f"freed by others: {found['freed_more']}")
    with_program(check)


@test("record/of blocks that the C library maps, what was touched is counted, and what came behind others")
def _():
    huge, page = 2 << 20, 4096

    def check(recorded):
        found = {name: number for name, number in recorded.record("mapped").items() if name.endswith("_bytes")}
        expect_equal(found["large_bytes"], 2 * (4 * huge + page), "two blocks, and what the C library has before them")
        expect_equal((found["zeroed_bytes"], found["large_zeroed_bytes"]), (4 * huge + page,) * 2, "calloc's")
        expect_equal(found["behind_bytes"], -(-(huge - 100000) // page) * page, "behind the heap's growth")
        expect_equal(found["mapped_bytes"], found["large_bytes"] + huge // 2 + page + found["behind_bytes"], "all")
        expect_equal(found["vacated_bytes"], huge // 2 + page, "what the heap grew when it had gone")
        if os.sysconf("SC_PAGE_SIZE") != page:
            raise Skipped("pages of another size")
        expect_equal(found["looked_bytes"], found["large_bytes"], "freed, and at the end")
        if huge_pages() == "always":
            raise Skipped("each touch is one of a huge page")
        least = 5 * huge // page
        expect(least <= found["touched_bytes"] // page <= least + 2, f"touched: {found}")
        # A page lies in a whole huge page wherever one begins, but where the block begins or ends.
        within = 4 * huge - (huge - page) + huge - (huge - page) // 2
        expect(abs(found["within_bytes"] - within) <= 2 * page, f"within: {found}, about {within}")
        expect(found["within_bytes"] < found["cleared_bytes"] < found["touched_bytes"] + huge, f"cleared: {found}")
    with_program(check)


@test("record/a block that cannot be had counts as failed, whichever function was asked")
def _():
    with_program(lambda recorded: expect_equal(recorded.record("too-large")["failed"], 8, "failed"))


@test("record/what was touched of large blocks is asked for wherever they lie, and of each once")
def _():
    huge, page = 2 << 20, 4096

    def check(recorded):
        if os.sysconf("SC_PAGE_SIZE") != page:
            raise Skipped("pages of another size")

        def looked(how, blocks):
            found = recorded.record(how)
            expect_equal(found["large_bytes"], blocks, f"{how}: large blocks")
            expect_equal(found["looked_bytes"], blocks, f"{how}: those that were looked at")
            return found["touched_bytes"]

        touched = looked("aligned", (3 + 6 + 2) * huge + 4 * page)
        if huge_pages() != "always":
            expect(0 <= touched - 2 * huge <= 8 * page, f"aligned: {touched} bytes touched")
        looked("many", 300 * (huge + page))
        looked("map in threads", 8 * 20 * (huge + page))
        looked("map and fork", 4 * huge + page)
        touched = looked("moved", 4 * huge + page)
        if huge_pages() != "always":
            expect(touched <= 2 * page, f"before it was moved: {touched} bytes touched")
        expect_equal(recorded.record("holes")["looked_bytes"], 0, "of what is not there nobody says anything")
    with_program(check)


@test("record/large blocks that little of is touched are looked at now and then, and stand for others")
def _():
    block, page = (64 << 20) + 4096, 4096

    def check(recorded):
        if os.sysconf("SC_PAGE_SIZE") != page:
            raise Skipped("pages of another size")
        found = recorded.record("sparse")
        expect_equal(found["large_bytes"], 100 * block, "blocks")
        expect(15 * block <= found["looked_bytes"] <= 20 * block, f"few of them: {found['looked_bytes'] // block}")
        found = recorded.record("sparse and dense")
        others = (found["looked_bytes"] - 8 * ((4 << 20) + page)) // block
        if huge_pages() == "always":
            raise Skipped("faults are of huge pages")
        expect(101 <= others <= 108, f"all of them until the last look: {others}")
        expect_equal(found["touched_bytes"] // page, (8 << 10) + others, "and what these touch")
    with_program(check)


@test("record/no process that may filter its system calls is made to do others")
def _():
    def check(recorded):
        for how in "filtered", "filtered alone", "filtered by call", "filtered before", "dispatched":
            found = recorded.record(how)
            expect(found["large_bytes"] > 0, f"{how}: large blocks")
            expect_equal(found["looked_bytes"], 0, f"{how}: asking may be the program's end")
    with_program(check)


@test("record/what a program reads is counted, and what its children do")
def _():
    def check(recorded):
        result = recorded.run("/bin/sh", "-c", f"cat {recorded.program} > /dev/null; true")
        expect_equal(result.returncode, 0, result.stderr)
        with open(recorded.file, encoding="utf-8") as file:
            found = json.load(file)["read_bytes"]
        if os.path.exists("/proc/self/io"):
            expect(found >= os.path.getsize(recorded.program), f"{found} bytes")
    with_program(check)


@test("record/looks from outside find what a program is in")
def _():
    def check(recorded):
        def check_found(found):
            looks = found["glances"]
            expect(looks["count"] > 0 and looks["in"]["memcpy"] > looks["ns"] / 4, f"copies and nothing else: {looks}")
            expect(sum(looks["in"].values()) <= looks["ns"] <= found["user_ns"] + found["system_ns"], f"{looks}")
        check_found(recorded.record("long"))
        script = recorded.run("/bin/sh", "-c", f"exec {recorded.program} long")
        expect_equal(script.returncode, 0, script.stderr)
        with open(recorded.file, encoding="utf-8") as file:
            check_found(json.load(file))
        touched = recorded.record("touches")
        paces, faults = touched["glances"]["fault_paces"], touched["minor_faults"]
        expect(0 < sum(paces) <= faults, f"how they follow each other: {paces}, of {faults}")
    with_program(check)


@test("record/what machine this is is read once for each start of it")
def _():
    def check(recorded):
        def machine_with(**changed):
            if changed:
                kept.update(changed)
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(kept, file)
            return recorded.record("copies")["machine"]

        path = os.path.join(recorded.home, "machine.json")
        found = machine_with()
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        expect_equal(kept["machine"], found, "what is kept")
        other = {**found, "model": "another"}
        expect_equal(machine_with(machine=other), other, "what was kept is taken")
        expect_equal(machine_with(kept="0" + kept["kept"]), found, "not that of another start of the machine")
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        expect_equal(kept["machine"], found, "and that of this one is kept instead")
        expect_equal(machine_with(machine=7), found, "nor what is none")
        os.remove(path)
        os.mkdir(path)
        expect_equal(machine_with(), found, "where nothing can be kept")
    with_program(check)


@test("record/children and threads are counted each")
def _():
    def check(recorded):
        found = recorded.record("forks")
        expect_equal((found["processes"], found["not_seen"], found["damaged"]), (101, 0, 0), "processes")
        expect_equal(of_size(found["calls"]["memcpy"], 64), 100, "a copy of each child")
        found = recorded.record("inside")
        expect_equal((found["processes"], found["not_seen"], found["damaged"]), (2, 0, 0), "forked within a call")
        expect_equal(of_size(found["calls"]["memcpy"], 64), 1, "the child's copy")
        found = recorded.record("threads")
        expect_equal(of_size(found["calls"]["memcpy"], 1), 500, "a copy of each thread")
        expect(found["threads"] >= 501 and 50 <= found["overflown"] <= 200, f"{found['threads']} threads, "
               f"{found['overflown']} beyond")
        script = recorded.run("/bin/sh", "-c", f"{recorded.program} copies; exec {recorded.program} copies 5")
        expect_equal(script.returncode, 5, script.stderr)
        with open(recorded.file, encoding="utf-8") as file:
            found = json.load(file)
        check_copies(found, 2)
        expect_equal(found["program"], "sh", "the program's name")
        again = 'test "$1" -eq 0 || exec sh -c "$0" "$0" $(($1 - 1))'
        expect_equal(recorded.run("/bin/sh", "-c", again, again, "150").returncode, 0, "a program that becomes others")
        with open(recorded.file, encoding="utf-8") as file:
            found = json.load(file)
        expect_equal((found["processes"], found["threads"], found["damaged"]), (151, 151, 0), "each of them")
    with_program(check)


def free_number():
    """Of no process here, and that a process in another namespace may have."""
    return next(number for number in range(30000, 2, -1) if not os.path.exists(f"/proc/{number}"))


@test("record/a process that has another number where it lives is counted to its end, and takes nobody else's time")
def _():
    alone = ["unshare", "--map-root-user", "--pid", "--fork", "--mount-proc", "sh", "-c",
             'echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid && "$2" "$3"; true', "sh"]
    if subprocess.run([*alone, "300", "true"], check=False, capture_output=True, timeout=limit(60)).stderr:
        raise Skipped("no process can be given a number in a namespace of its own here")

    def check(recorded):
        def record_as(number, how):
            result = recorded.run(*alone, str(number), recorded.program, how)
            expect_equal((result.returncode, result.stderr), (0, ""), how)
            with open(recorded.file, encoding="utf-8") as file:
                return json.load(file)

        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
            try:
                later = record_as(free_number(), "later")
                theirs = record_as(busy.pid, "long")
            finally:
                busy.kill()
        check_copies(later, 2)
        expect_equal((later["running"], later["damaged"]), (0, 0), "all of them ended")
        expect("memcpy" not in theirs["glances"]["in"], f"looks by the clock of another: {theirs['glances']}")
    with_program(check)


@test("record/a recorder that is recorded counts each call once, and keeps what else is preloaded")
def _():
    def check(recorded):
        inner = os.path.join(recorded.directory, "inner.json")
        result = recorded.run(PROGRAM, "record", "-o", inner, "--", recorded.program, "copies",
                              env={"LD_PRELOAD": " libpthread.so.0::libdl.so.2"})
        expect_equal((result.returncode, result.stderr), (0, ""), "the program")
        with open(inner, encoding="utf-8") as file:
            found = json.load(file)
        expect_equal((found["processes"], found["damaged"]), (1, 0), "processes")
        check_copies(found)
        shown = recorded.run(PROGRAM, "record", "-o", inner, "--", "/bin/sh", "-c", "echo $LD_PRELOAD",
                             env={"LD_PRELOAD": " libpthread.so.0::libdl.so.2"}).stdout
        expect(shown.endswith(":libpthread.so.0:libdl.so.2\n") and shown.count("anechoic-record.so") == 1, shown)
    with_program(check)


@test("record/what cannot be recorded is refused by name")
def _():
    def check_static(recorded):
        refused = recorded.run(recorded.program)
        expect_equal(refused.returncode, 2, "refused")
        expect(recorded.program in refused.stderr and "linked statically" in refused.stderr, refused.stderr)
        expect(not os.path.exists(recorded.file), "no record")
    with_program(check_static, "-static")

    def check_sanitized(recorded):
        refused = recorded.run(recorded.program)
        expect_equal(refused.returncode, 2, "refused")
        expect("libasan" in refused.stderr and "heap of its own" in refused.stderr, refused.stderr)
    with_program(check_sanitized, "-fsanitize=address")

    def check_others(recorded):
        for words, status in ((["/nonexistent"], 127), (["no-such-program-at-all"], 127), ([recorded.directory], 126),
                              (["/etc/passwd"], 126)):
            refused = recorded.run(*words)
            expect_equal(refused.returncode, status, f"{words}: {refused.stderr}")
            expect(words[0] in refused.stderr, refused.stderr)
        own = os.path.join(recorded.directory, "own.c")
        with open(own, "w", encoding="utf-8") as file:
            file.write("#include <stddef.h>\nvoid *malloc(size_t n) { (void)n; return 0; }\n"
                       "int main(void) { return 0; }")
        subprocess.run(["cc", "-rdynamic", "-o", recorded.program, own], check=True, timeout=limit(60))
        script = os.path.join(recorded.directory, "script")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"#!{recorded.program}\n")
        os.chmod(script, 0o755)
        for words in ([recorded.program], [script]):
            refused = recorded.run(*words)
            expect_equal(refused.returncode, 2, f"{words}: {refused.stderr}")
            expect(recorded.program in refused.stderr and "defines malloc" in refused.stderr, refused.stderr)
        os.chmod(recorded.program, 0o4755)
        refused = recorded.run(recorded.program)
        expect(refused.returncode == 2 and "set-uid" in refused.stderr, refused.stderr)
    with_program(check_others)


@test("record/the program has its own streams, limits and signals")
def _():
    def check(recorded):
        out = recorded.run("/bin/sh", "-c", "cat; echo error >&2; ls /proc/self/fd | wc -l", input="text\n")
        alone = subprocess.run(["/bin/sh", "-c", "cat; echo error >&2; ls /proc/self/fd | wc -l"], check=False,
                               input="text\n", capture_output=True, text=True, timeout=limit(60))
        expect_equal((out.returncode, out.stdout, out.stderr), (0, alone.stdout, "error\n"), "its streams")
        small = recorded.run("/bin/sh", "-c", f"ulimit -f 8; {recorded.program} copies; echo $?")
        expect_equal((small.returncode, small.stdout), (0, "0\n"), f"files must be small: {small.stderr}")
        process = subprocess.Popen([PROGRAM, "record", "-o", recorded.file, "--", "/bin/sh", "-c",
                                    "trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.05; done"],
                                   stdout=subprocess.PIPE, text=True)
        expect_equal(process.stdout.readline(), "ready\n", "it runs")
        process.send_signal(signal.SIGTERM)
        expect_equal((process.communicate(timeout=limit(30))[0], process.returncode), ("told\n", 3), "the signal")
    with_program(check)


@test("record/what a recorder that was killed leaves the next one removes, and nothing else")
def _():
    def check(recorded):
        def left():
            recorded.record("copies", is_alone=False)
            return sorted(os.listdir(recorded.runtime))

        def plant(name, mode=0o700, file="1-0"):
            folder = os.path.join(recorded.runtime, name)
            os.mkdir(folder, mode)
            with open(os.path.join(folder, file), "w", encoding="ascii") as opened:
                try:
                    fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_WRLCK)
                except OSError as error:
                    raise Skipped(f"no leases on this file system: {error}") from error
            return folder

        held = plant("anechoic-record-locked")
        plant("anechoic-record-result", file="kept")
        plant("anechoic-record-shared", mode=0o755)
        os.mkdir(os.path.join(recorded.runtime, "anechoic-record-madenw"), 0o700)
        os.symlink(recorded.home, os.path.join(recorded.runtime, "anechoic-record-linked"))
        theirs = sorted(os.listdir(recorded.runtime))
        lock = os.open(held, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        expect_equal(left(), theirs, "what is held, or nobody's, or just made, or has other files in it")
        os.close(lock)
        theirs.remove("anechoic-record-locked")
        expect_equal(left(), theirs, "what was held")

        with subprocess.Popen([PROGRAM, "record", "-o", recorded.file, "--", "/bin/sh", "-c", "echo $$; read line"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "XDG_RUNTIME_DIR": recorded.runtime}) as killed:
            program = int(killed.stdout.readline())
            killed.kill()
            killed.wait()
            expect_equal(len(left()), len(theirs) + 1, "while the program runs, its folder stays")
            watched = os.pidfd_open(program)
            killed.stdin.close()
            select.select([watched], [], [], limit(30))
            os.close(watched)
        expect_equal(left(), theirs, "when the program has ended, its folder goes")
    with_program(check)


@test("record/what may open too few files is told so, and nothing is run")
def _():
    def check(recorded):
        # The dynamic linker has one open at a time, the recorder two.
        refused = recorded.run(recorded.program, "copies",
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)))
        expect_equal((refused.returncode, refused.stdout), (2, ""), refused.stderr)
        expect("Too many open files (ulimit -n)" in refused.stderr, refused.stderr)
        expect_equal((os.path.exists(recorded.file), os.listdir(recorded.runtime)), (False, []), "what is left")
        few = recorded.run("/bin/sh", "-c", f"for i in 1 2; do {recorded.program} later; done; true",
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5)))
        with open(recorded.file, encoding="utf-8") as file:
            found = json.load(file)
        expect_equal((few.returncode, found["processes"], found["damaged"]), (0, 3, 0), "as many as are needed")
        check_copies(found, 4)
    with_program(check)


@test("record/what has no room for its counts runs as it would, and that is said")
def _():
    def check(recorded):
        for limits in ("ulimit -f 8", "ulimit -v 16384"):
            command = f"{limits}; (exit 3); (exit 4); exec {recorded.program} copies 7"
            result = recorded.run("/bin/sh", "-c", command)
            expect_equal((result.returncode, result.stdout), (7, ""), f"{limits}: {result.stderr}")
            with open(recorded.file, encoding="utf-8") as file:
                found = json.load(file)
            expect_equal((found["processes"], found["damaged"], found["not_seen"]), (1, 3, 0),
                         f"{limits}: the shell had room, two that it forked and the program had none")
        for words in (["-o", recorded.file], []):
            result = subprocess.run([PROGRAM, "record", *words, "--", recorded.program, "copies"], check=False,
                                    capture_output=True, text=True, timeout=limit(60),
                                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
            expect_equal(result.returncode, 0, result.stderr)
            expect("nothing was recorded" in result.stderr and "(ulimit -f)" in result.stderr, result.stderr)
    with_program(check)


def with_memory_mounted(folder, size):
    """Words before a program's, for which a file system of so much memory lies there."""
    inside = ["unshare", "--mount", "--user", "--map-root-user", "sh", "-c",
              f"mount -t tmpfs -o size={size} tmpfs {folder} && \"$@\"", "sh"]
    if subprocess.run([*inside, "true"], check=False, capture_output=True, timeout=limit(60)).returncode != 0:
        raise Skipped("nothing may be mounted here")
    return inside


FULL = """
import os, sys, threading
with open(os.path.join(sys.argv[1], "file"), "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(1 << 20))
    except OSError as error:
        print(os.strerror(error.errno))
    thread = threading.Thread(target=lambda: print(len("a" * 3000)))
    thread.start()
    thread.join()
    child = os.fork()
    if child == 0:
        os._exit(5)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@test("record/a program that fills the folder of its counts goes on, and that is said")
def _():
    if tuple(int(number) for number in os.uname().release.split(".")[:2]) < (5, 14):
        raise Skipped("this Linux does not say that there is no page")

    def check(recorded):
        full = os.path.join(recorded.directory, "full")
        os.mkdir(full)
        result = subprocess.run([*with_memory_mounted(full, "192m"), PROGRAM, "record", "-o", recorded.file, "--",
                                 "/usr/bin/python3", "-I", "-c", FULL, full], check=False, capture_output=True,
                                text=True, timeout=limit(60),
                                env={**os.environ, "XDG_RUNTIME_DIR": full, "ANECHOIC_HOME": recorded.home})
        expect_equal((result.returncode, result.stdout, result.stderr), (0, "No space left on device\n3000\n5\n", ""),
                     "the program")
        with open(recorded.file, encoding="utf-8") as file:
            found = json.load(file)
        expect_equal((found["processes"], found["overflown"], found["damaged"]), (1, 1, 1),
                     "a thread, and a process, that had no room")
    with_program(check)


@test("record/a container's shared memory is too little to count in, and another folder is taken")
def _():
    def check(recorded):
        inside = with_memory_mounted("/dev/shm", "64m")
        environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
        result = subprocess.run([*inside, PROGRAM, "record", "-o", recorded.file, "--", recorded.program, "copies"],
                                check=False, capture_output=True, text=True, timeout=limit(60),
                                env={**environment, "ANECHOIC_HOME": recorded.home})
        expect_equal((result.returncode, result.stdout, result.stderr), (0, "", ""), "the program")
        with open(recorded.file, encoding="utf-8") as file:
            found = json.load(file)
        expect_equal((found["processes"], found["damaged"]), (1, 0), "processes")
        check_copies(found)
    with_program(check)


@test("record/aarch64: a program counts in a file of its own, under qemu")
def _():
    if os.uname().machine == "aarch64":
        raise Skipped("the other tests are of it")
    library = os.path.join(m.ROOT, "build", "aarch64", "anechoic-record.so")
    with tempfile.TemporaryDirectory() as directory:
        program = os.path.join(directory, "program")
        subprocess.run(["aarch64-linux-gnu-gcc", "-O1", "-fno-builtin", "-o", program, SOURCE, "-lpthread"], check=True,
                       timeout=limit(60))
        for how, status in (("copies", 7), ("few", 0), ("stack", 0)):
            counted = tempfile.mkdtemp(dir=directory)
            result = subprocess.run([
                "qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu", "-E", f"LD_PRELOAD={library}", "-E",
                f"ANECHOIC_RECORD={counted}", program, how, str(status)], check=False, capture_output=True, text=True,
                timeout=limit(60))
            expect_equal((result.returncode, result.stderr), (status, ""), f"{how}: status, and what is said")
            files = os.listdir(counted)
            expect_equal(len(files), 1, f"{how}: files of one process")
            with open(os.path.join(counted, files[0]), "rb") as file:
                expect_equal(file.read(8), b"AnCount1", f"{how}: it was counted in")


@test("record/without -o a table goes to standard error")
def _():
    shown = subprocess.run([PROGRAM, "record", "sh", "-c", "echo of its own"], check=False, capture_output=True,
                           text=True, timeout=limit(60))
    expect_equal((shown.returncode, shown.stdout), (0, "of its own\n"), shown.stderr)
    expect("sh: status 0" in shown.stderr and "allocated" in shown.stderr, shown.stderr)
    expect("; 1 process, 1 thread\n" in shown.stderr, shown.stderr)
    usage = subprocess.run([PROGRAM, "record", "-o"], check=False, capture_output=True, text=True, timeout=limit(60))
    expect_equal(usage.returncode, 2, usage.stderr)
