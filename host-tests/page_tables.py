# SPDX-License-Identifier: Apache-2.0
"""The page tables that are in force in a running x86_64 machine, as QEMU's monitor walks them."""

import re
import socket

LEAF = re.compile(rb"([0-9a-f]{16}): ([0-9a-f]{16}) ([XGPDACTUW-]{9})")
PROMPT = b"(qemu) "


def leaves(monitor, limit_s=10):
    """(address, flags) of every leaf; flags are the monitor's letters: X no-execute, U user, W writable."""
    data = bytearray()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(limit_s)
        connection.connect(monitor)
        connection.sendall(b"info tlb\n")
        # the greeting ends with a prompt, the answer with another
        while data.count(PROMPT) < 2 or not data.endswith(PROMPT):
            chunk = connection.recv(1 << 16)
            if not chunk:
                break
            data += chunk
    return [(int(address, 16), flags.decode()) for address, _, flags in LEAF.findall(bytes(data))]
