# SPDX-License-Identifier: Apache-2.0
"""Boots the UEFI image in Bochs, which has AVX-512 where QEMU's TCG has none. Judged by the serial output, as everywhere."""

import os
import tempfile

import machine as m

CONFIG = """\
cpu: model=corei7_icelake_u, count=1, ips=200000000, reset_on_triple_fault=0
memory: guest={memory_mib}, host={memory_mib}
romimage: file=/usr/share/ovmf/OVMF.fd
vgaromimage: file=/usr/share/seabios/vgabios-stdvga.bin
ata0-master: type=disk, path={image}, mode=flat
boot: disk
com1: enabled=1, mode=file, dev={serial}
clock: sync=none
display_library: term
log: {log}
panic: action=fatal
error: action=ignore
info: action=ignore
"""


def boot(machine, limit_s):
    """One bounded boot; ends as soon as the DONE record is there, since the machine stays on."""
    machine.accel, machine.exit_port = "bochs", False
    with tempfile.TemporaryDirectory(prefix="anechoic-bochs-") as directory:
        machine.prepare(directory)
        serial = os.path.join(directory, "serial")
        with open(serial, "wb"):
            pass
        config = os.path.join(directory, "bochsrc")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(memory_mib=256, image=os.path.join(directory, "stick.img"), serial=serial,
                                     log=os.path.join(directory, "log")))

        def done(_screen):
            with open(serial, "rb") as file:
                return any(record.tag == "DONE" for record in m.records_read(file.read()))

        # its terminal display wants a terminal: script gives it one
        outcome = m.run_bounded(["script", "-qfc", f"TERM=xterm bochs -q -f {config}", "/dev/null"], limit_s, until=done)
        with open(serial, "rb") as file:
            outcome.console = file.read()
        outcome.records = m.records_read(outcome.console)
        return outcome
