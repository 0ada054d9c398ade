# SPDX-License-Identifier: Apache-2.0
"""Functions of an object file as the compiler made them, and the loops in them."""

import dataclasses
import re
import subprocess

from harness import limit

# What an instruction does, by its text in LLVM's disassembly (AT&T's operands on x86_64: the destination is the last).
# Loads and stores are those of a loop's data: no others are asked for.
KINDS = {
    "x86_64": {
        "load": r"^(?!lea|nop)\w+\s+(\$\S+, )?[^,]*\(%[^)]*\)(, %|$)",
        "store": r"^(mov|vmov|add|sub|inc|dec|and|or|xor|set)\w*\s+(.*, )?-?\w*\(%[^)]*\)$",
        "call": r"^(call|jmp)q?\s+\*|^callq?\s",
        "atomic": r"^lock\b",
        "multiply": r"^imul",
        "add": r"^(add|lea|inc|sub)",
        "xor": r"^xor",
        "jump": r"^j\w+\s",
    },
    "aarch64": {
        "load": r"^ld\w*\s",
        "store": r"^st\w*\s",
        "call": r"^(blr|bl)\s",
        "atomic": r"^(ldxr|ldaxr|cas|ldadd)",
        "multiply": r"^(mul|madd)",
        "add": r"^(add|sub)",
        "xor": r"^eor",
        "jump": r"^(b|b\.\w+|cbn?z|tbn?z)\s",
    },
}


@dataclasses.dataclass
class Function:
    """`instructions` are (address, text); `loops` the parts of it from where a jump goes back to, to that jump."""
    arch: str
    instructions: list
    loops: list

    def kinds(self, instructions):
        return [{kind for kind, pattern in KINDS[self.arch].items() if re.search(pattern, text)}
                for _, text in instructions]

    def count(self, kind, loop=None):
        """Instructions of that kind: in a loop, or in all of the function."""
        return sum(kind in kinds for kinds in self.kinds(self.instructions if loop is None else loop))


def _loops(arch, instructions):
    place = {address: at for at, (address, _) in enumerate(instructions)}
    found = []
    for at, (_, text) in enumerate(instructions):
        jumps = re.match(KINDS[arch]["jump"], text) and "->" not in text  # else a linker says where to
        target = re.search(r"\b0x([0-9a-f]+)\b[^,]*$", text) if jumps else None
        begin = place.get(int(target.group(1), 16)) if target else None
        if begin is not None and begin <= at:
            found.append(instructions[begin:at + 1])
    return found


def functions(arch, path):
    """{name: Function} of the object."""
    features = ["--mattr=+lse"] if arch == "aarch64" else []
    text = subprocess.run(["llvm-objdump", "-dr", "--no-show-raw-insn", *features, path], check=True,
                          capture_output=True, text=True, timeout=limit(60)).stdout
    found, here = {}, None
    for line in text.splitlines():
        if match := re.match(r"[0-9a-f]+ <([^>]+)>:$", line):
            here = found.setdefault(match.group(1), [])
        elif match := re.match(r"\s+([0-9a-f]+):\s+(R_\w+)\s+(\S+)", line):
            if here:  # a relocation names what the instruction before it goes to
                address, instruction = here[-1]
                here[-1] = (address, f"{instruction} -> {match.group(3)}" if "->" not in instruction else instruction)
        elif match := re.match(r"\s*([0-9a-f]+):\s+(\S.*)", line):
            here.append((int(match.group(1), 16), " ".join(match.group(2).split())))
    return {name: Function(arch, instructions, _loops(arch, instructions)) for name, instructions in found.items()}


# Which of the words of a struct benchmark up to `run` are addresses: name, iteration, setup and run; in some rows
# `limit` and `paper_source`, too. `check` is none: no suite of this tree has one.
ROW_ADDRESSES, ROW_MAY_HAVE = {0, 1, 11, 13}, {6, 8}


def runs(path):
    """Names of the functions that an object's benchmarks are run by: `run` of each row of struct benchmark."""
    text = subprocess.run(["llvm-readelf", "-rW", path], check=True, capture_output=True, text=True,
                          timeout=limit(60)).stdout
    targets, section = {}, ""
    for line in text.splitlines():
        if match := re.match(r"Relocation section '(\S+)'", line):
            section = match.group(1) if ".data" in match.group(1) else ""
        elif section and (match := re.match(r"([0-9a-f]+)\s.*?\s(\S+ \+ [0-9a-f]+)$", line)):
            targets[section, int(match.group(1), 16)] = match.group(2)
    found = set()
    last = max(ROW_ADDRESSES)
    for (section, at), target in targets.items():
        words = {word for word in range(last + 1) if (section, at + 8 * (word - last)) in targets}
        if words - ROW_MAY_HAVE == ROW_ADDRESSES and (match := re.match(r"\.text\.(\w+) \+ 0$", target)):
            found.add(match.group(1))
    return found
