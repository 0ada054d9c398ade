# SPDX-License-Identifier: Apache-2.0
"""Reads the text off a framebuffer: asks QEMU's monitor for a picture and matches its character cells with the console's font."""

import os
import socket
import time


def picture(monitor, path, limit_s=10):
    """QEMU's screendump as (width, height, pixels), three bytes a pixel."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(limit_s)
        connection.connect(monitor)
        connection.sendall(f"screendump {path}\n".encode())
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            if os.path.exists(path) and os.path.getsize(path) > 0:
                time.sleep(0.2)
                break
            time.sleep(0.05)
    with open(path, "rb") as file:
        data = file.read()
    magic, width, height, _, pixels = data.split(maxsplit=4) if not data.startswith(b"P6\n#") else (b"", 0, 0, 0, b"")
    assert magic == b"P6", "not a PPM"
    # split() eats white space that may be pixels: take them from the end
    size = int(width) * int(height) * 3
    return int(width), int(height), data[-size:]


def glyphs(font):
    """Glyph bitmap (16 bytes) to character, for ASCII, of a PSF1 file."""
    with open(font, "rb") as file:
        data = file.read()
    assert data[:2] == b"\x36\x04", "not a PSF1 font"
    height = data[3]
    return {data[4 + code * height:4 + (code + 1) * height]: chr(code) for code in range(0x7E, 0x1F, -1)}, height


def text(monitor, directory, font):
    """The lines that stand on the screen; unknown cells are '?'."""
    width, height, pixels = picture(monitor, os.path.join(directory, "screen.ppm"))
    table, rows = glyphs(font)
    paper = pixels[:3]  # of the margin's first pixel
    lines = []
    for top in range(0, height - rows + 1, rows):
        line = []
        for left in range(0, width - 7, 8):
            cell = bytearray()
            for y in range(top, top + rows):
                byte = 0
                for x in range(left, left + 8):
                    at = (y * width + x) * 3
                    byte = byte << 1 | (pixels[at:at + 3] != paper)
                cell.append(byte)
            line.append(table.get(bytes(cell), "?"))
        lines.append("".join(line).rstrip())
    return lines
