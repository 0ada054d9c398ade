# SPDX-License-Identifier: Apache-2.0
"""What docs/security.md promises: the systemd unit of `anechoic watch`, by systemd's own checks, which need no systemd
that runs, and calls that no object of the hosted programme makes."""

import glob
import os
import shutil
import subprocess
import tempfile

import hosted_tests
import machine as m
from harness import Skipped, expect, expect_equal, limit, test

# Whoever may make these calls, of the hosted programme's objects; the others may not.
CALLERS = {
    "socket bind listen accept accept4": {"listen"},
    "connect send sendto sendmsg": {"listen"},
    "socketpair getaddrinfo gethostbyname system popen": set(),
    "dlopen": {"sqlite"},   # the library by its name, which is no file's of a stranger's
    "setuid seteuid setreuid setresuid setgid setegid setgroups capset ptrace iopl ioperm mount unshare chroot": set(),
}
UNIT = "anechoic-watch.service"
EXPOSURE_MOST = 20      # tenths, of systemd-analyze security: 0 to 100, where "OK" ends at 50


def analyze(folder, *words):
    result = subprocess.run(["systemd-analyze", *words, os.path.join(folder, UNIT)], check=False, text=True,
                            capture_output=True, timeout=limit(60))
    expect_equal(result.returncode, 0, f"systemd-analyze {' '.join(words)}\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


@test("watch/the service is one that systemd takes, and has few rights")
def _():
    if not shutil.which("systemd-analyze"):
        raise Skipped("no systemd-analyze")
    with open(os.path.join(m.ROOT, "tools", UNIT), encoding="utf-8") as file:
        unit = file.read()
    expect("ExecStart=/usr/bin/anechoic watch " in unit, unit)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, UNIT), "w", encoding="utf-8") as file:
            file.write(unit.replace("/usr/bin/anechoic", hosted_tests.PROGRAM))
        expect_equal(analyze(folder, "verify", "--man=no"), "", "what systemd says of the unit")
        analyze(folder, "security", "--offline=true", f"--threshold={EXPOSURE_MOST}")


@test("watch/nothing but --listen opens a socket, and nobody changes who it is")
def _():
    objects = glob.glob(os.path.join(m.ROOT, "build", "x86_64", "hosted", "hosted", "**", "*.o"), recursive=True)
    expect(len(objects) > 100, f"{len(objects)} objects")
    symbols = subprocess.run(["nm", "-A", "-u", *objects], check=True, text=True, capture_output=True,
                             timeout=limit(60)).stdout
    found = {}
    for line in symbols.splitlines():
        path, _, symbol = line.partition(":")
        found.setdefault(symbol.split()[-1], set()).add(os.path.basename(path).partition(".")[0])
    for calls, callers in CALLERS.items():
        for call in calls.split():
            expect(found.get(call, set()) <= callers, f"{call} is called by {found.get(call)}")
    expect_equal(found["socket"], {"listen"}, "who opens sockets")
