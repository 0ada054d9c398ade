#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make bench-start`: how long the way to the first benchmark is, part by part, over N boots, and how many
privileged instructions it takes.

The times are this machine's. The instructions are counted in one boot under TCG, an instruction at a time and with
virtual time bound to them, so that the count is the same everywhere; where a host emulates ring 0 each one is an exit.
Targets are printed beside, and fail nothing.
"""

import argparse
import bisect
import collections
import os
import re
import statistics
import subprocess
import sys
import tempfile

import machine as m
import noise

TARGET_MS = 50
# Half of what commit c60cf1c takes to the first call of guard_arm, counted as here: 66168.
TARGET_INSTRUCTIONS = 33084

ARGUMENTS = "--quick --exact tlb/lookup/mostly_hits"

# One instruction is 2^10 ns: about what it costs where ring 0 is emulated, so that waits are as long beside the rest as
# there. Such hosts offer no leaves of 1 GiB.
ICOUNT = "shift=10,sleep=off"
CPU = "max,-pdpe1gb"
TRACE = re.compile(r"^Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/")
CPL = 3  # of a trace's flags


# ---- times -----------------------------------------------------------------------------------------------------------


def boot_once(machine):
    """ns of each part, in order, the emulator's own first."""
    outcome = m.boot(machine, 120)
    contexts = [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"]
    if not contexts or outcome.status() != 0:
        raise RuntimeError("a boot did not come to its end:\n" + outcome.text()[-500:] + outcome.errors)
    phases = contexts[0]["start_ns"]
    return {"process_start": outcome.first_start_s * 1e9 - sum(phases.values())} | phases


def time_table(boots):
    """Lines: median, interval and least of each part, of all from the kernel's entry, and of all."""
    def line(name, of):
        values = [of(boot) / 1e6 for boot in boots]
        lower, upper = noise.median_interval(values)
        return f"{name:<28} {statistics.median(values):9.3f} [{lower:9.3f} {upper:9.3f}] {min(values):9.3f}"

    lines = [f"{'ms':<28} {'median':>9} [{'of the median, 95 %':^19}] {'least':>9}"]
    lines += [line(name, lambda boot, name=name: boot[name]) for name in boots[0]]
    lines.append(line("kernel entry to benchmark", from_entry))
    lines.append(line("process start to benchmark", lambda boot: sum(boot.values())))
    return lines


def from_entry(boot):
    return sum(boot.values()) - boot["process_start"]


# ---- privileged instructions -----------------------------------------------------------------------------------------


class Symbols:
    """Function symbols of an ELF file."""

    def __init__(self, path):
        listing = subprocess.run(["nm", "--defined-only", path], check=True, capture_output=True, text=True).stdout
        symbols = sorted((int(words[0], 16), words[2]) for words in map(str.split, listing.splitlines())
                         if len(words) == 3)
        self.address = {name: address for address, name in symbols}
        self._symbols = symbols
        self._addresses = [address for address, _ in symbols]

    def at(self, address):
        return self._symbols[bisect.bisect_right(self._addresses, address) - 1][1]


def trace(build, kernel, mark, arguments):
    """(address, privileged) of each instruction in the kernel, and of the programme's mark, up
    to the end of the run."""
    machine = m.Machine(boot="pvh", accel="tcg", cpu=CPU, arguments=arguments, build=build)
    first, last = kernel.address["kernel_image_start"], kernel.address["kernel_image_end"]
    with tempfile.TemporaryDirectory(prefix="anechoic-") as directory:
        log = os.path.join(directory, "trace")
        command = machine.command(directory) + ["-icount", ICOUNT, "-singlestep", "-d", "exec,nochain", "-D", log,
                                                "-dfilter", f"{first:#x}..{last:#x},{mark:#x}+1"]
        outcome = m.run_bounded(command, 300, until=lambda console: b"@anechoic END" in console)
        if not outcome.first_start_s:
            raise RuntimeError("the traced boot did not come to its first benchmark:\n" + outcome.text()[-500:]
                               + outcome.errors)
        with open(log, encoding="ascii") as file:
            yield from entries(file)


def entries(lines):
    """An instruction that touches a device is begun, taken back and begun again: it counts once."""
    held = None
    for line in lines:
        match = TRACE.match(line)
        if match:
            if held:
                yield held
            held = (int(match.group(1), 16), int(match.group(2), 16) & CPL == 0)
        elif line.startswith("cpu_io_recompile"):
            held = None
    if held:
        yield held


class Counted:
    """Privileged instructions by part, and by function, up to the first benchmark: the last part ends
    as its guard is armed."""

    def __init__(self, build, arguments):
        kernel = Symbols(os.path.join(build, "x86_64", "kernel-pvh.elf.debug"))
        program = Symbols(os.path.join(build, "x86_64", "program.elf.debug"))
        mark = program.address["start_phase_end"]
        end = kernel.address["guard_arm"]
        self.parts, self.functions, self.string_steps = [], collections.Counter(), 0
        marks = {kernel.address["kernel_main"], kernel.address["start_phase_end"], mark}
        count, before = 0, None
        for address, privileged in trace(build, kernel, mark, arguments):
            if address in marks or address == end:
                self.parts.append(count)
                count = 0
            if address == end:
                break
            if privileged:
                count += 1
                self.functions[kernel.at(address)] += 1
                self.string_steps += address == before
            before = address

    def total(self):
        return sum(self.functions.values())


def count_table(counted, names):
    lines = [f"{'privileged instructions':<28}"]
    lines += [f"{name:<28} {count:9}" for name, count in zip(names, counted.parts)]
    lines.append(f"{'kernel entry to benchmark':<28} {counted.total():9}, of them {counted.string_steps} steps of "
                 f"string instructions; target {TARGET_INSTRUCTIONS} at the most: "
                 f"{'met' if counted.total() <= TARGET_INSTRUCTIONS else 'not met'}")
    return lines


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--count", type=m.positive, default=20, help="boots")
    parser.add_argument("--arguments", default=ARGUMENTS)
    parser.add_argument("--functions", action="store_true", help="privileged instructions by function, too")
    options = parser.parse_args(argv)
    arch = os.uname().machine
    boot, accel, why = m.choose(arch, "pvh" if arch == "x86_64" else "", "", "takeover", options.build)
    machine = m.Machine(arch=arch, boot=boot, accel=accel, arguments=options.arguments, build=options.build)
    print(f"bench-start: {arch}, {why}; {options.count} boots, {noise.load_average()}")
    boots = [boot_once(machine) for _ in range(options.count)]
    print("\n".join(time_table(boots)))
    if accel == "kvm":
        least = min(map(from_entry, boots)) / 1e6
        median = statistics.median(map(from_entry, boots)) / 1e6
        print(f"target: kernel entry to benchmark in {TARGET_MS} ms at the most: "
              f"{'met' if median <= TARGET_MS else 'not met'} by the median, {median:.1f} ms, "
              f"{'met' if least <= TARGET_MS else 'not met'} by the least, {least:.1f} ms")
    if arch == "x86_64":
        names = [name for name in boots[0] if name != "process_start"] + ["guard"]
        counted = Counted(options.build, options.arguments)
        print("\n".join(count_table(counted, names)))
        if options.functions:
            print("\n".join(f"  {count:9} {name}" for name, count in counted.functions.most_common(40)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
