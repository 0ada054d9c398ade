#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make run`: boots the image the best way this host has, shows it, and saves the results.

Exit status: the run's own (0, 2 usage, 4 a benchmark failed or hung or no end was seen), 124 for a time-out.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import compact_records
import machine as m

EXIT_INTERRUPTED = 130
ENDINGS = (".log", ".json")
KEPT = 20     # pairs of earlier runs, of each architecture and way in


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", default="x86_64")
    parser.add_argument("--boot", default="")
    parser.add_argument("--accel", default="")
    parser.add_argument("--mode", default="takeover")
    parser.add_argument("--arguments", default="", help="words for the programme, as on the hosted command line")
    parser.add_argument("--memory", type=positive, default=512, metavar="MIB")
    parser.add_argument("--cores", type=positive, default=1)
    parser.add_argument("--limit", type=float, default=0, metavar="SECONDS",
                        help="without a word from it; 0: one that fits the accelerator")
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--out", default="", metavar="FILE", help="results.json there, too")
    parser.add_argument("--parts", action="store_true",
                        help="only say whether the choices can be, and the targets of make that are to be booted")
    parser.add_argument("--debug", action="store_true", help="wait for gdb")
    return parser.parse_args(argv)


def for_image(arguments, arch, build):
    """Instructions are assembled on this side: of a snippet as it is written, its words for the image."""
    try:
        words = shlex.split(arguments)
    except ValueError as error:
        raise m.UsageError(f"{arguments}: {error}") from error
    if words[:1] != ["snippet"] or any(word.startswith("--code") for word in words):
        return arguments
    made = subprocess.run([os.path.join(build, "anechoic"), *words, f"--image={arch}"], check=False,
                          capture_output=True, text=True)
    if made.returncode != 0:
        raise m.UsageError(made.stderr.strip())
    return made.stdout.strip()


def checked(options):
    """The machine as far as it was asked for; open choices take a value that can be."""
    machine = m.Machine(arch=options.arch, boot=options.boot or "uefi", mode=options.mode, memory_mib=options.memory,
                        accel=options.accel or "tcg", cores=options.cores,
                        arguments=for_image(options.arguments, options.arch, options.build),
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
            if b"@anechoic " in line or compact_records.LINE.search(line):
                continue
            start = line.find(b"anechoic")
            if self.quiet and start >= 0:
                self.quiet = False
                line = line[start:]
            if not self.quiet:
                sys.stdout.write(line.decode("ascii", "replace") + "\n")
                sys.stdout.flush()


# What a record says that its results are of: a part of the name that they are kept under.
ROUNDS = "ROUND"   # what a watch makes of them is in its state: the log is what is kept
KINDS = {"END": "", "TUNE": "-profile", "NOISE": "-noise", "SNIPPET": "-snippet", ROUNDS: "-watch"}


def measured(outcome):
    """Whether anything came of it that is worth the place of earlier results."""
    return any(record.tag in KINDS for record in outcome.records)


def keep_earlier(stem):
    """What an earlier run left gets the time at which it ended into its names; of these the last KEPT stay."""
    earlier = [stem + ending for ending in ENDINGS if os.path.exists(stem + ending)]
    if earlier:
        taken = stem + time.strftime("-%Y%m%dT%H%M%SZ", time.gmtime(os.path.getmtime(earlier[0])))
        name, number = taken, 1
        while any(os.path.exists(name + ending) for ending in ENDINGS):
            number += 1
            name = f"{taken}-{number}"
        for path in earlier:
            os.rename(path, name + path[len(stem):])
    pattern = re.compile(re.escape(os.path.basename(stem)) + r"-(\d{8}T\d{6}Z)(?:-(\d+))?\.(?:log|json)")
    kept = {}
    for name in os.listdir(os.path.dirname(stem)):
        match = pattern.fullmatch(name)
        if match:
            kept.setdefault((match[1], int(match[2] or 1)), []).append(name)
    for when in sorted(kept)[:-KEPT]:
        for name in kept[when]:
            os.remove(os.path.join(os.path.dirname(stem), name))


def make_results(machine, log, results):
    result = subprocess.run([os.path.join(machine.build, "anechoic"), "collect", log, "-o", results], check=False,
                            capture_output=True, text=True)
    good = result.returncode in (0, m.EXIT_BROKEN) and os.path.exists(results)
    if not good:
        print(result.stderr, end="", file=sys.stderr)
    return good


def collect(machine, outcome):
    """Console to files, beside those of an earlier run until they are whole; the path of the results, or None."""
    folder = os.path.join(machine.build, "results")
    os.makedirs(folder, exist_ok=True)
    tags = {record.tag for record in outcome.records}
    kind = next(kind for tag, kind in KINDS.items() if tag in tags)
    stem = os.path.join(folder, f"{machine.arch}-{machine.way()}{kind}")
    log, results = stem + ".log.new", stem + ".json.new"
    try:
        with open(log, "wb") as file:
            file.write(outcome.console)
        good = kind != KINDS[ROUNDS] and make_results(machine, log, results)
        keep_earlier(stem)
        os.rename(log, stem + ".log")
        if good:
            os.rename(results, stem + ".json")
        return stem + ".json" if good else stem + ".log" if kind == KINDS[ROUNDS] else None
    finally:
        for path in (log, results):
            if os.path.exists(path):
                os.remove(path)


def copy_results(results, out):
    """Over a file once the copy is whole; into what is none (a pipe, a device) as it comes."""
    beside = out + ".new" if os.path.isfile(out) or not os.path.exists(out) else out
    try:
        shutil.copyfile(results, beside)
        if beside != out:
            os.replace(beside, out)
    except OSError:
        if beside != out and os.path.exists(beside):
            os.remove(beside)
        raise


def save(machine, outcome, out):
    """(path of the results or None, exit status of keeping them). Nothing is touched where nothing was measured."""
    results = None
    try:
        if measured(outcome):
            results = collect(machine, outcome)
        if results and out:
            copy_results(results, out)
    except OSError as error:
        print(f"run: {error}", file=sys.stderr)
        return results, m.EXIT_USAGE
    return results, 0


def tell_what_failed(machine, outcome, status, limit_s):
    """Why there are no results, or not all of them."""
    folder = os.path.relpath(os.path.join(machine.build, "results"))
    kept = (f"what was finished is kept in {folder}" if measured(outcome)
            else f"nothing was measured, and {folder} stays as it was")
    if outcome.errors.strip() and outcome.done() is None and not outcome.interrupted:
        print(f"run: QEMU says: {outcome.errors.strip().splitlines()[-1]}", file=sys.stderr)
    if outcome.done() is None:
        what = ("interrupted" if outcome.interrupted else f"nothing more came within {limit_s:g} s" if outcome.timed_out
                else "the machine stopped")
        print(f"run: no DONE record: {what}; {kept}", file=sys.stderr)
    elif status == 3:
        print(f"run: not all could be decided on, see above (exit status 3); {kept}", file=sys.stderr)
    elif status and not measured(outcome):
        print(f"run: the programme refused, see above (exit status {status}); {kept}", file=sys.stderr)


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


def parts(options, machine):
    """All of the image where a trial run is to show which way in will be taken."""
    if options.debug:
        return f"image-{machine.boot}"
    if options.accel != "tcg" and m.known(options.arch, options.build) is None:
        return "image"
    return f"image-{m.choose(options.arch, options.boot, options.accel, options.mode, options.build)[0]}"


def main(argv):
    options = parse(argv)
    started = time.monotonic()
    try:
        machine = checked(options)
        if options.debug:
            # hardware breakpoints hold under TCG on every host
            machine.boot = options.boot or ("pvh" if machine.arch == "x86_64" and machine.mode == "takeover"
                                            else "uefi")
            machine.check()
        if options.parts:
            print(parts(options, machine))
            return 0
        if options.debug:
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
    results, saved = save(machine, outcome, options.out)
    status = EXIT_INTERRUPTED if outcome.interrupted else outcome.status() or saved
    tell_what_failed(machine, outcome, status, limit_s)
    if results:
        print(f"run: {start_times(outcome, machine)}results in {os.path.relpath(results)}, "
              f"{time.monotonic() - started:.1f} s in all", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
