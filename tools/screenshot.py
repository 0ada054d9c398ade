#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make screenshot`: boots the image with a framebuffer under TCG and saves what stands on the
screen at the end as a PNG."""

import argparse
import os
import struct
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "host-tests"))

import machine as m
import screen


def png(width, height, rgb):
    """The pixels as a PNG file (ISO/IEC 15948: one IDAT, filter 0 on every line)."""
    lines = b"".join(b"\0" + rgb[y * width * 3:(y + 1) * width * 3] for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--arch", default="x86_64")
    parser.add_argument("--arguments", default="--quick")
    parser.add_argument("--out", default="")
    options = parser.parse_args(argv)
    machine = m.Machine(arch=options.arch, build=options.build, arguments=options.arguments, framebuffer=True,
                        exit_port=False, icount=True)
    picture = []

    def finished(console):
        if not any(record.tag == "DONE" for record in m.records_read(console)):
            return False
        time.sleep(1)  # the table's foot comes after the record
        picture.append(png(*screen.picture(os.path.join(directory, "monitor"), os.path.join(directory, "screen.ppm"))))
        return True

    with tempfile.TemporaryDirectory(prefix="anechoic-") as directory:
        m.boot(machine, 300, directory, until=finished)
    if not picture:
        print("screenshot: the run did not come to its end", file=sys.stderr)
        return m.EXIT_BROKEN
    path = options.out or os.path.join(options.build, f"screen-{options.arch}.png")
    with open(path, "wb") as file:
        file.write(picture[0])
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
