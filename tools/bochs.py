# SPDX-License-Identifier: Apache-2.0
"""Boots the UEFI image in Bochs, which has AVX-512 where QEMU's TCG has none. Judged by the serial
output, as everywhere."""

import os
import pty
import selectors
import tempfile
import time

import machine as m
import pace

CONFIG = """\
cpu: model=corei7_icelake_u, count=1, ips=20000000, reset_on_triple_fault=0
memory: guest=256, host=256
romimage: file=/usr/share/ovmf/OVMF.fd
vgaromimage: file=/usr/share/seabios/vgabios-stdvga.bin
ata0-master: type=disk, path={directory}/stick.img, mode=flat
boot: disk
com1: enabled=1, mode=file, dev={directory}/serial
clock: sync=none
display_library: term
log: {directory}/log
panic: action=fatal
error: action=ignore
info: action=ignore
"""


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _run(directory, limit_s):
    """True: the DONE record was seen. The emulator is ended in any case: the machine in it stays on."""
    serial = os.path.join(directory, "serial")
    ours, theirs = pty.openpty()  # its terminal display wants a terminal
    process = m.start(["bochs", "-q", "-f", os.path.join(directory, "bochsrc"), "-rc", os.path.join(directory, "go")],
                      stdin=theirs, stdout=theirs, stderr=theirs, env=dict(os.environ, TERM="xterm"))
    os.close(theirs)
    clock = pace.Clock()
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(ours, selectors.EVENT_READ)
            while clock.now() < limit_s and process.poll() is None:
                if selector.select(1.0):
                    try:
                        os.read(ours, 65536)  # what it draws is not looked at, but must not block it
                    except OSError:
                        break
                if any(record.tag == "DONE" for record in m.records_read(_read(serial))):
                    return True
    finally:
        m.stop_group(process)
        os.close(ours)
    return False


def boot(machine, limit_s):
    """One bounded boot."""
    machine.accel, machine.exit_port = "bochs", False
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="anechoic-bochs-") as directory:
        machine.prepare(directory)
        files = {"serial": "", "go": "continue\n", "bochsrc": CONFIG.format(directory=directory)}
        for name, text in files.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write(text)
        finished = _run(directory, limit_s)
        console = _read(os.path.join(directory, "serial"))
    return m.Outcome(console, time.monotonic() - started, not finished, finished, 0, "", m.records_read(console))
