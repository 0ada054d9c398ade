# SPDX-License-Identifier: Apache-2.0
"""QEMU's monitor, and the debugger's stub that it opens: what a running machine holds, seen from outside of it."""

import os
import re
import socket
import time

import pace

PROMPT = b"(qemu) "


def ask(monitor, command, limit_s=60):
    """The monitor's answer to one command."""
    data = bytearray()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(pace.limit(limit_s))
        connection.connect(monitor)
        connection.sendall(command.encode() + b"\n")
        # the greeting ends with a prompt, the answer with another
        while data.count(PROMPT) < 2 or not data.endswith(PROMPT):
            chunk = connection.recv(1 << 16)
            if not chunk:
                break
            data += chunk
    return bytes(data)


def port_read(monitor, port):
    return int(re.search(rb"\] = (0x[0-9a-f]+)", ask(monitor, f"i /b {port:#x}")).group(1), 16)


def port_write(monitor, port, value):
    ask(monitor, f"o /b {port:#x} {value:#x}")


class Stub:
    """GDB's remote protocol, as far as registers and physical memory need it. The machine stands
    still while one is open."""

    BYTES_MAX = 1024    # of memory in one packet

    def __init__(self, monitor, directory, limit_s=60):
        path = os.path.join(directory, "gdb")
        ask(monitor, f"gdbserver unix:{path},server=on,wait=off")
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(pace.limit(limit_s))
        until = time.monotonic() + pace.limit(limit_s)
        while not os.path.exists(path) and time.monotonic() < until:
            time.sleep(0.05)
        self.connection.connect(path)
        self.data = bytearray()
        self._exchange("qSupported:xmlRegisters=arm")   # only who asks is told of features
        self._exchange("qXfer:features:read:target.xml:0,400")
        self.numbers = dict(re.findall(r'<reg name="(\w+)"[^>]* regnum="(\d+)"', self._feature("system-registers.xml")))
        self._exchange("Qqemu.PhyMemMode:1")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.connection.close()

    def _exchange(self, packet):
        sum_ = sum(packet.encode()) & 0xFF
        self.connection.sendall(f"+${packet}#{sum_:02x}".encode())
        while True:
            match = re.search(rb"\$([^#]*)#..", bytes(self.data))
            if match:
                del self.data[:match.end()]
                if not match.group(1).startswith(b"T"):     # that the machine stopped, which nobody asked
                    return match.group(1).decode("latin-1")
                continue
            chunk = self.connection.recv(1 << 16)
            if not chunk:
                raise ConnectionError("the debugger's stub is gone")
            self.data += chunk

    def _feature(self, name):
        text, more = "", True
        while more:
            answer = self._exchange(f"qXfer:features:read:{name}:{len(text):x},{self.BYTES_MAX:x}")
            more = answer.startswith("m")
            text += answer[1:]
        return text

    def register(self, name):
        """A system register by the name that the architecture's manual gives it."""
        return int.from_bytes(bytes.fromhex(self._exchange(f"p{int(self.numbers[name]):x}")), "little")

    def memory(self, address, length):
        """Bytes at a physical address."""
        data = b""
        while len(data) < length:
            part = min(length - len(data), self.BYTES_MAX)
            data += bytes.fromhex(self._exchange(f"m{address + len(data):x},{part:x}"))
        return data
