# SPDX-License-Identifier: Apache-2.0
"""The gate: its one list of calls, and a programme that means no good against the booted kernel."""

import os
import subprocess
import tempfile

import machine as m
from harness import expect, test


def compile_gate(change):
    """kernel/gate.c with a list that `change` made from ours: the compiler's exit status and words."""
    with open(os.path.join(m.ROOT, "kernel", "gate.h"), encoding="utf-8") as file:
        text = change(file.read())
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(os.path.join(directory, "kernel"))
        with open(os.path.join(directory, "kernel", "gate.h"), "w", encoding="utf-8") as file:
            file.write(text)
        command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffreestanding", f"-I{directory}", "-Iinclude", "-I.", "-S",
                   "-o", os.devnull, "kernel/gate.c"]
        result = subprocess.run(command, cwd=m.ROOT, check=False, capture_output=True, text=True, timeout=60)
    return result.returncode, result.stderr


@test("build/a call of the gate without a handler does not compile, nor a handler without a call")
def _():
    def without(text):
        lines = text.split("\n")
        kept = [line for line in lines if "CALL(MEMORY_FREE," not in line]
        expect(len(kept) == len(lines) - 1, "the list has no row MEMORY_FREE")
        return "\n".join(kept)

    def with_another(text):
        expect(text.count("CALL(MEMORY_FREE, memory_free, NOTHING)") == 1, "the list has no row MEMORY_FREE")
        return text.replace("CALL(MEMORY_FREE, memory_free, NOTHING)",
                            "CALL(ANOTHER, another, NOTHING) CALL(MEMORY_FREE, memory_free, NOTHING)")

    status, words = compile_gate(lambda text: text)
    expect(status == 0, f"the list as it is does not compile:\n{words}")
    for change, word in ((without, "gate_memory_free"), (with_another, "gate_another")):
        status, words = compile_gate(change)
        expect(status != 0 and word in words, f"compiled, or for another reason not:\n{words}")
