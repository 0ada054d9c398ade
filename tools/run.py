#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make run`: boots the image the best way this host has, shows it, and saves the results.

Exit status: the run's own (0, 2 usage, 4 a benchmark failed or hung or no end was seen), 124 for a time-out.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import machine as m

EXIT_INTERRUPTED = 130


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", default="x86_64")
    parser.add_argument("--boot", default="")
    parser.add_argument("--accel", default="")
    parser.add_argument("--mode", default="takeover")
    parser.add_argument("--arguments", default="", help="words for the programme, as on the hosted command line")
    parser.add_argument("--memory", type=int, default=512, metavar="MIB")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--limit", type=float, default=0, metavar="SECONDS",
                        help="without a word from it; 0: one that fits the accelerator")
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--out", default="", metavar="FILE", help="results.json there, too")
    parser.add_argument("--check", action="store_true", help="only say whether the choices can be")
    parser.add_argument("--debug", action="store_true", help="wait for gdb")
    return parser.parse_args(argv)


def checked(options):
    """The machine as far as it was asked for; open choices take a value that can be."""
    machine = m.Machine(arch=options.arch, boot=options.boot or "uefi", mode=options.mode, memory_mib=options.memory,
                        accel=options.accel or "tcg", cores=options.cores, arguments=options.arguments,
                        build=options.build)
    machine.check()
    return machine


class Screen:
    """Shows the console's text as it comes, without record lines and without the firmware's terminal control."""

    def __init__(self, firmware):
        self.line = b""
        self.quiet = firmware   # until the image speaks, it is the firmware that does, where there is one

    def show(self, chunk):
        *lines, self.line = (self.line + chunk).split(b"\n")
        for line in lines:
            line = line.rstrip(b"\r")
            if b"@anechoic " in line:
                continue
            start = line.find(b"anechoic")
            if self.quiet and start >= 0:
                self.quiet = False
                line = line[start:]
            if not self.quiet:
                sys.stdout.write(line.decode("ascii", "replace") + "\n")
                sys.stdout.flush()


def collect(machine, outcome):
    """Console to files; the path of the results, or None."""
    folder = os.path.join(machine.build, "results")
    os.makedirs(folder, exist_ok=True)
    stem = os.path.join(folder, f"{machine.arch}-{machine.way()}")
    with open(stem + ".log", "wb") as file:
        file.write(outcome.console)
    if not any(record.tag == "RUN" for record in outcome.records):
        return None
    result = subprocess.run([os.path.join(machine.build, "anechoic"), "collect", stem + ".log", "-o", stem + ".json"],
                            check=False, capture_output=True, text=True)
    if result.returncode not in (0, m.EXIT_BROKEN):
        print(result.stderr, end="", file=sys.stderr)
    return stem + ".json" if result.returncode in (0, m.EXIT_BROKEN) and os.path.exists(stem + ".json") else None


def start_times(outcome, machine):
    """How long the way to the first benchmark was, where time is the hardware's."""
    context = next((record.body["context"] for record in outcome.records if record.tag == "RUN"), None)
    if context is None or machine.accel != "kvm":
        return ""
    first = f", process start to first benchmark {outcome.first_start_s * 1e3:.0f} ms" if outcome.first_start_s else ""
    return f"kernel entry to first benchmark {context['start_to_run_ns'] / 1e6:.1f} ms{first}; "


def debug(machine):
    """QEMU waits for gdb. Under PVH everything lies where it is linked; UEFI puts the kernel
    anywhere, the programme stays."""
    kernel = os.path.join(machine.out, "kernel-pvh.elf.debug")
    program = os.path.join(machine.out, "program.elf.debug")
    if machine.boot == "pvh":
        words = f"-ex 'add-symbol-file {program}' -ex 'hbreak kernel_main' {kernel}"
    else:
        words = f"-ex 'hbreak main' {program}"
        print("debug: UEFI places the kernel: only the programme's symbols are in their place "
              "(x86_64: BOOT=pvh has both)")
    print(f"debug: QEMU waits on :1234; in another terminal:\n  gdb-multiarch -ex 'target remote :1234' {words}\n"
          "then `continue`. Ctrl-C here ends it.", flush=True)
    with tempfile.TemporaryDirectory(prefix="anechoic-") as directory:
        machine.prepare(directory)
        try:
            return subprocess.run(machine.command(directory, debug=True), check=False).returncode
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED


def main(argv):
    options = parse(argv)
    started = time.monotonic()
    try:
        machine = checked(options)
        if options.check:
            return 0
        if options.debug:
            # hardware breakpoints hold under TCG on every host
            machine.boot = options.boot or ("pvh" if machine.arch == "x86_64" and machine.mode == "takeover"
                                            else "uefi")
            machine.check()
            return debug(machine)
        machine.boot, machine.accel, why = m.choose(options.arch, options.boot, options.accel, options.mode,
                                                    options.build)
        machine.check()
    except m.UsageError as error:
        print(f"run: {error}", file=sys.stderr)
        return m.EXIT_USAGE
    print(f"run: {machine.arch}, {why}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Screen(firmware=machine.boot == "uefi")
    limit_s = options.limit or (60 if machine.accel == "kvm" else 900)
    outcome = m.boot(machine, limit_s, on_bytes=screen.show, while_heard=True)
    results = collect(machine, outcome)
    status = EXIT_INTERRUPTED if outcome.interrupted else outcome.status()
    if results and options.out:
        try:
            shutil.copyfile(results, options.out)
        except OSError as error:
            print(f"run: {error}", file=sys.stderr)
            status = status or m.EXIT_USAGE
    if outcome.errors.strip() and outcome.done() is None and not outcome.interrupted:
        print(f"run: QEMU says: {outcome.errors.strip().splitlines()[-1]}", file=sys.stderr)
    if outcome.done() is None:
        what = ("interrupted" if outcome.interrupted else f"nothing more came within {limit_s:g} s" if outcome.timed_out
                else "the machine stopped")
        print(f"run: no DONE record: {what}; what was finished is kept in {os.path.relpath(machine.build)}/results",
              file=sys.stderr)
    if results:
        print(f"run: {start_times(outcome, machine)}results in {os.path.relpath(results)}, "
              f"{time.monotonic() - started:.1f} s in all", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
