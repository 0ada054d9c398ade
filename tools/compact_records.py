# SPDX-License-Identifier: Apache-2.0
"""Compact records (bench/compact/compact.h) into the lines of the long form: what a launcher looks for in a console.
A reader beside the programme's own, by the form's description alone; the caller checks CRCs.
"""

import ast
import os
import re

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench", "compact", "dictionary.c")
# All but a record's last line are full.
LINE = re.compile(rb"@([BCEW])([!-?A-}]{2})((?<=@[BC]..)[!-?A-~]{75}|(?<=@[EW]..)[!-?A-~]{1,75})[ \r]*$", re.MULTILINE)
RECORD = re.compile(rb"[A-Z]+ {.*}")
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


class Reader:
    """Of one console: `take` gives what a line of the form is replaced by."""

    def __init__(self):
        self.known = dictionary()
        self.gathered = b""
        self.next = 0
        self.last = None

    def take(self, match):
        kind, number, payload = match.groups()
        number = Payload(number).two_digits()
        is_next = number == self.next
        if kind in b"CE" and match.groups() == self.last:     # a console that says a line twice
            return b""
        if kind in b"CE" and not is_next:     # a stranger's, or of a record that is not whole
            return match[0]
        gathered = payload if kind in b"BW" else self.gathered + payload
        record = self.long(gathered) if kind in b"EW" else b""
        if kind == b"W" and record is None and not is_next:
            return match[0]
        self.gathered, self.next, self.last = gathered, (number + 1) % DIGITS ** 2, match.groups()
        return match[0] if record is None else record

    def long(self, payload):
        """The line of the long form; None: there is none."""
        try:
            said = Payload(payload[:-CRC_DIGITS]).unpack(self.known)
        except (IndexError, RuntimeError, StopIteration):
            return None
        return b"@anechoic " + said + b" " + payload[-CRC_DIGITS:] if RECORD.fullmatch(said) else None


def unpack(data):
    """`data` with the long form in the place of the lines of each compact record that is there in one piece."""
    return LINE.sub(Reader().take, data) if LINE.search(data) else data
