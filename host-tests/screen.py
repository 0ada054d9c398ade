# SPDX-License-Identifier: Apache-2.0
"""Reads the text off a framebuffer: asks QEMU's monitor for a picture and matches its character cells
with the console's font."""

import os
import re
import socket
import time

import pace


def whole_picture(data):
    """(width, height, pixels) of a PPM; None while some of it is yet to come."""
    header = re.match(rb"P6\s(\d+)\s(\d+)\s\d+\s", data)
    if not header:
        return None
    width, height = int(header[1]), int(header[2])
    pixels = data[header.end():]
    return (width, height, pixels) if len(pixels) == width * height * 3 else None


def picture(monitor, path, limit_s=60):
    """QEMU's screendump as (width, height, pixels), three bytes a pixel."""
    if os.path.exists(path):
        os.remove(path)     # one of before is whole, too
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(pace.limit(limit_s))
        connection.connect(monitor)
        connection.sendall(f"screendump {path}\n".encode())
        until = time.monotonic() + pace.limit(limit_s)
        while time.monotonic() < until:
            if os.path.exists(path):
                with open(path, "rb") as file:
                    if seen := whole_picture(file.read()):
                        return seen
            time.sleep(0.05)
    raise TimeoutError(f"no whole picture in {path}")


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
