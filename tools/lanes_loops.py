#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Assembly of loops over arrays around the best sequences known for lanes (peers/suites/x86_64/lanes_best.txt): the
limits of ours in `make bench-peers`. Prints it; at its end stands the table that peers/suites/limits.h declares.

What they work out is nothing: constants are zero. A loop takes four vectors a turn, then single ones, whole ones only.
"""

import re
import sys

import mca_best

TURN = 4  # vectors


def function(name, lines, register, vector_bytes):
    """(rdi: result, rsi and rdx: operands, rcx: bytes)"""
    step = [[line.replace("(%rsi)", f"{i * vector_bytes}(%rsi)").replace("(%rdx)", f"{i * vector_bytes}(%rdx)")
             .replace("(%rdi)", f"{i * vector_bytes}(%rdi)") for line in lines] for i in range(TURN)]

    def advance(count):
        return [f"add ${count * vector_bytes}, %{pointer}" for pointer in ("rdi", "rsi", "rdx")]
    whole = TURN * vector_bytes
    wide = any(re.search(r"%[yz]mm", line) for line in lines)
    zero = [f"{'vpxor %xmm{0}, %xmm{0}, %xmm{0}' if wide else 'pxor %xmm{0}, %xmm{0}'}".format(i) for i in range(8, 16)]
    mask = ["mov $0xaaaaaaaaaaaaaaaa, %rax", "kmovq %rax, %k1"] if any("%k1" in line for line in lines) else []
    return ["", ".p2align 6", f"{name}:", *mask, *zero,
            f"mov $-{whole}, %rax", "and %rcx, %rax", "add %rdi, %rax",
            f"and ${whole - vector_bytes}, %ecx",
            "jmp 2f", ".p2align 5", "1:", *sum(step, []), *advance(TURN), "2: cmp %rax, %rdi", "jne 1b",
            "add %rdi, %rcx", "jmp 4f", ".p2align 5", "3:", *step[0], *advance(1), "4: cmp %rcx, %rdi", "jne 3b",
            *(["vzeroupper"] if wide else []), "ret"]


def main():
    text, table = [".text"], []
    for name, _, register, vector_bytes, _, operations in mca_best.TABLES:
        for operation in operations:
            for i, lines in enumerate(mca_best.sequences()[operation, name]):
                label = f"best_{operation}_{name}_{i}"
                text += function(label, [mca_best.spelled(line, register) for line in lines], register, vector_bytes)
                table += [f"7: .asciz \"{operation}\"", f"8: .asciz \"{name}\"", ".pushsection .data.rel.ro, \"aw\"",
                          f".quad 7b, 8b, {label}", ".popsection"]
    print("\n".join([*text, "", ".section .rodata", ".pushsection .data.rel.ro, \"aw\"", ".p2align 3",
                     ".globl lanes_best_known", "lanes_best_known:", ".popsection", *table,
                     ".pushsection .data.rel.ro, \"aw\"", ".quad 0, 0, 0", ".popsection",
                     ".section .note.GNU-stack, \"\", @progbits"]))


if __name__ == "__main__":
    sys.exit(main())
