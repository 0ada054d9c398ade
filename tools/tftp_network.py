#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A network for one emulated machine that boots by PXE: ARP, DHCP, and a TFTP server that gives the files of a folder,
and anechoic.conf among them in one of several ways that a server or a network can have.

Frames are datagrams of a pair of sockets, `guest` and `network` in the folder SOCKETS, as QEMU's -netdev dgram has
them; those that do not come out are lost, as on a wire. Ends when its standard input does. Debian's own Python has
scapy.
"""

import argparse
import contextlib
import os
import random
import selectors
import socket
import sys

from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.layers.tftp import (TFTP, TFTP_ACK, TFTP_DATA, TFTP_ERROR, TFTP_OACK, TFTP_RRQ, TFTP_Option,
                               TFTP_Options)
from scapy.packet import Raw

MAC, SERVER, GUEST = "52:54:00:00:00:02", "10.0.2.2", "10.0.2.15"
DHCP_SERVER, DHCP_CLIENT, TFTP_SERVER, TFTP_ANSWERS = 67, 68, 69, 1069
DISCOVER, OFFER, ACK = 1, 2, 5
NOT_FOUND = 1
BLOCK_BYTES, BLOCK_BYTES_MAX = 512, 1468    # where no other size is asked for; what a frame holds
LONG = 1 << 20
NOISE = random.Random(19).randbytes(300)


def _block(text, size, number):
    return TFTP_DATA(block=number & 0xFFFF) / Raw(text[(number - 1) * size:number * size])


def _error(code, message):
    return TFTP_ERROR(errorcode=code, errormsg=message)


def _first(then):
    """The first block, and then something else."""
    return lambda text, size, number: _block(text, size, 1) if number == 1 else then


def _hashes(number, size):
    return TFTP_DATA(block=number & 0xFFFF) / Raw(b"#" * size)


# What is answered to the request for anechoic.conf: whether its options are taken first, the text (None: the file's),
# and the packet of a block's number (None: silence; bytes: as they are).
SERVERS = {
    "gives it": (True, None, _block),
    "has none": (False, None, lambda *_: _error(NOT_FOUND, "none")),
    "refuses in noise": (False, None, lambda *_: b"\0\5\xff\xff" + b"\xff" * 400),
    "is cut in the midst": (True, None, _first(_error(0, "gone"))),
    "stalls before the answer": (False, None, lambda *_: None),
    "stalls in the midst": (True, None, _first(None)),
    "numbers its blocks wrongly": (True, None, lambda text, size, number: _hashes(number + 5, size)),
    "sends more than a block": (True, None, lambda text, size, number: _hashes(number, BLOCK_BYTES_MAX)),
    "gives 1 MiB": (True, b"quick\n" * (LONG // 6), _block),
    "never ends": (True, None, lambda text, size, number: _hashes(number, size)),
    "gives noise": (True, NOISE, _block),
    "answers with noise": (False, None, lambda *_: NOISE),
}


class Network:
    """One guest's. `send` takes the bytes of a frame."""

    def __init__(self, send, folder, boot_file, behaviour):
        self.send, self.folder, self.boot_file, self.behaviour = send, folder, boot_file, behaviour
        self.transfers = {}     # by the guest's port: (text, bytes of a block, packet of a number)

    def frame(self, data):
        """A frame of the guest's."""
        frame = Ether(data)
        if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst == SERVER:
            self.send(bytes(Ether(dst=frame.src, src=MAC) / ARP(op=2, hwsrc=MAC, psrc=SERVER, hwdst=frame.src,
                                                              pdst=frame[ARP].psrc)))
        elif DHCP in frame:
            self._dhcp(frame)
        elif UDP in frame and frame[UDP].dport in (TFTP_SERVER, TFTP_ANSWERS):
            self._tftp(frame, TFTP(bytes(frame[UDP].payload)))

    def _dhcp(self, frame):
        asked = dict(option[:2] for option in frame[DHCP].options if isinstance(option, tuple))["message-type"]
        options = [("message-type", OFFER if asked == DISCOVER else ACK), ("server_id", SERVER), ("lease_time", 86400),
                   ("subnet_mask", "255.255.255.0"), ("router", SERVER), "end"]
        answer = BOOTP(op=2, xid=frame[BOOTP].xid, yiaddr=GUEST, siaddr=SERVER, chaddr=frame[BOOTP].chaddr,
                       file=self.boot_file.encode()) / DHCP(options=options)
        self.send(bytes(Ether(dst=frame.src, src=MAC) / IP(src=SERVER, dst="255.255.255.255")
                        / UDP(sport=DHCP_SERVER, dport=DHCP_CLIENT) / answer))

    def _open(self, name):
        """(whether options are taken, its text, the packet of a number)"""
        takes, text, packet = SERVERS[self.behaviour] if name.endswith("anechoic.conf") else (True, None, _block)
        if text is None:
            with open(os.path.join(self.folder, os.path.basename(name)), "rb") as file:
                text = file.read()
        return takes, text, packet

    def _tftp(self, frame, asked):
        port = frame[UDP].sport
        if TFTP_RRQ in asked:
            self._begin(frame, port, asked)
        elif TFTP_ACK in asked and port in self.transfers:
            text, size, packet = self.transfers[port]
            number = asked[TFTP_ACK].block
            if number * size <= len(text) or self.behaviour == "never ends":
                self._answer(frame, packet(text, size, number + 1))

    def _begin(self, frame, port, asked):
        try:
            takes, text, packet = self._open(asked[TFTP_RRQ].filename.decode("ascii", "replace"))
        except OSError:
            self._answer(frame, _error(NOT_FOUND, "none"))
            return
        wanted = {option.oname.lower(): option.value for option in asked[TFTP_Options].options} \
            if takes and TFTP_Options in asked else {}
        size = min(int(wanted.get(b"blksize", BLOCK_BYTES)), BLOCK_BYTES_MAX)
        self.transfers[port] = text, size, packet
        taken = [TFTP_Option(oname=name, value=value) for name, value in
                 ((b"blksize", str(size)), (b"tsize", str(len(text)))) if name in wanted]
        self._answer(frame, TFTP_OACK() / TFTP_Options(options=taken) if taken else packet(text, size, 1))

    def _answer(self, frame, answer):
        if answer is None:
            return
        data = answer if isinstance(answer, bytes) else bytes(TFTP() / answer)
        self.send(bytes(Ether(dst=frame.src, src=MAC) / IP(src=SERVER, dst=frame[IP].src)
                        / UDP(sport=TFTP_ANSWERS, dport=frame[UDP].sport) / Raw(data)))


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sockets", metavar="SOCKETS")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("boot_file", metavar="FILE", help="the loader's name, as DHCP tells it")
    parser.add_argument("behaviour", metavar="SERVER", choices=SERVERS)
    options = parser.parse_args(argv)
    guest = os.path.join(options.sockets, "guest")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire, selectors.DefaultSelector() as selector:
        wire.bind(os.path.join(options.sockets, "network"))

        def send(data):
            with contextlib.suppress(OSError):
                wire.sendto(data, guest)

        network = Network(send, options.folder, options.boot_file, options.behaviour)
        selector.register(wire, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return 0
                network.frame(wire.recv(65536))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
