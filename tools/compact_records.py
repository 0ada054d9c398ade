# SPDX-License-Identifier: Apache-2.0
"""Compact records (bench/compact/compact.h) into the lines of the long form: what a launcher looks for in a console.
A reader beside the programme's own, by the form's description alone; the caller checks CRCs.
"""

import ast
import os
import re

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench", "compact", "dictionary.c")
LINE = re.compile(rb"@([BCEW])([!-?A-}]{2})([!-?A-~]+)[ \r]*$", re.MULTILINE)
CRC_DIGITS = 8
DIGITS = 92
COUNT_DIGITS = DIGITS // 2
LITERALS = (b"~", b"@", b"^")
PREVIOUS, MULTIPLES = 3, 4
WORD = 1 << 64


def dictionary():
    """The text that all records may refer to."""
    with open(SOURCE, encoding="ascii") as file:
        parts = re.findall(r'^\t("(?:[^"\\]|\\.)*")', file.read(), re.MULTILINE)
    return b"".join(ast.literal_eval("b" + part) for part in parts)


class Payload:
    """One record's, from its first digit on."""

    def __init__(self, payload):
        self.rest = iter(payload)

    def digit(self):
        byte = next(self.rest)
        return byte - ord("!") - (byte > ord("@"))

    def two_digits(self):
        return self.digit() * DIGITS + self.digit()

    def count(self):
        total, place = 0, 1
        while True:
            value = self.digit()
            total += value % COUNT_DIGITS * place
            place *= COUNT_DIGITS
            if value < COUNT_DIGITS:
                return total % WORD

    def numbers(self, token):
        number, numbers = 0, []
        for index in range(self.count()):
            away = self.count()
            number += number // index if token == MULTIPLES and index else 0
            number = (number + (~(away >> 1) if away & 1 else away >> 1)) % WORD
            numbers.append(b"%d" % number)
        return b",".join(numbers)

    def unpack(self, known):
        said = bytearray(known)
        for byte in self.rest:
            if byte != ord("~"):
                said.append(ord(" ") if byte == ord("^") else byte)
                continue
            token = self.digit()
            if token < PREVIOUS:
                said += LITERALS[token]
            elif token <= MULTIPLES:
                said += self.numbers(token)
            else:
                back = self.two_digits() + 1
                for _ in range(token):
                    said.append(said[-back])
        return bytes(said[len(known):])


def unpack(data):
    """`data` with the long form in the place of the lines of each compact record that is there in one piece."""
    known = None
    gathered = b""

    def take(match):
        nonlocal known, gathered
        kind, _, payload = match.groups()
        gathered = payload if kind in b"BW" else gathered + payload
        if kind in b"BC":
            return b""
        known = known or dictionary()
        try:
            said = Payload(gathered[:-CRC_DIGITS]).unpack(known)
        except (IndexError, RuntimeError, StopIteration):
            return match[0]
        return b"@anechoic " + said + b" " + gathered[-CRC_DIGITS:]

    return LINE.sub(take, data) if LINE.search(data) else data
