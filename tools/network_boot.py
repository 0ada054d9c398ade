# SPDX-License-Identifier: Apache-2.0
"""Boots over a network: the firmware's only boot option leads to a server of this one boot, which gives the loader, and
beside it an anechoic.conf in one of several ways that a server or a network can have."""

import contextlib
import dataclasses
import http.server
import os
import random
import subprocess
import tempfile
import threading

import firmware_variables
import machine as m

HOST = "10.0.2.2"      # as QEMU's network has it
SLOT, MAC = 8, bytes.fromhex("525400123456")
TFTP_NETWORK = os.path.join(m.ROOT, "tools", "tftp_network.py")
FOLDER = "/boot/"
LONG = 1 << 20
STALL_S = 600          # longer than any boot


def _answer(handler, text, status=200, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(text)


def _whole(handler, text):
    _answer(handler, text, Content_Length=len(text))


def _of_status(status):
    return lambda handler, _: _answer(handler, b"no", status, Content_Length=2)


def _chunked(handler, text):
    _answer(handler, b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text), Transfer_Encoding="chunked")


def _raw(handler, piece, times, first=b""):
    handler.wfile.write(first)
    for _ in range(times):
        handler.wfile.write(piece)


def _half(handler, text):
    _answer(handler, text[:len(text) // 2], Content_Length=len(text))


def _stall(handler, text):
    _half(handler, text)
    handler.server.over.wait(STALL_S)


NOISE = random.Random(19).randbytes(2048)

# What a server does with the request for anechoic.conf.
SERVERS = {
    "gives it": _whole,
    "has none": _of_status(404),
    "fails": _of_status(500),
    "gives it in chunks": _chunked,
    "is cut before the answer": lambda handler, _: None,
    "is cut in the midst": _half,
    "stalls before the answer": lambda handler, _: handler.server.over.wait(STALL_S),
    "stalls in the midst": _stall,
    "gives 1 MiB": lambda handler, _: _whole(handler, b"quick\n" * (LONG // 6)),
    "never ends": lambda handler, _: _raw(handler, NOISE, LONG, b"HTTP/1.1 200 OK\r\n\r\n"),
    "never ends its head": lambda handler, _: _raw(handler, b"a: b\r\n" * 100, LONG, b"HTTP/1.1 200 OK\r\n"),
    "gives noise": lambda handler, _: _whole(handler, NOISE),
    "answers with noise": lambda handler, _: _raw(handler, NOISE, 1),
}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        files, behaviour = self.server.files, self.server.behaviour
        name = self.path.removeprefix(FOLDER)
        self.close_connection = True
        if name not in files:
            _of_status(404)(self, b"")
        elif name == "anechoic.conf":
            behaviour(self, files[name])
        else:
            _whole(self, files[name])

    def do_HEAD(self):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.files[self.path.removeprefix(FOLDER)])))
        self.end_headers()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A firmware that has heard enough hangs up."""


@contextlib.contextmanager
def serve(files, behaviour):
    """The port of a server that gives the files, {name: bytes}, and anechoic.conf as SERVERS has it."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.files, server.behaviour, server.over = files, SERVERS[behaviour], threading.Event()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def _files(machine):
    """What lies on the server; anechoic.conf has more than one of TFTP's blocks."""
    name = m.LOADERS[machine.arch]
    with open(os.path.join(machine.out, name), "rb") as file:
        return {name: file.read(), "anechoic.conf": b"# so that it is longer\n" * 100 + machine.config_text().encode()}


def _boot_by(machine, path, words, folder, limit_s):
    variables = os.path.join(folder, "variables")
    firmware_variables.make_boot_option(variables, machine.arch, firmware_variables.boot_option(path, words))
    return m.boot(dataclasses.replace(machine, variables=variables), limit_s, paced=True)


def _by_http(machine, behaviour, words, folder, limit_s):
    with serve(_files(machine), behaviour) as port:
        address = f"http://{HOST}:{port}{FOLDER}{m.LOADERS[machine.arch]}"
        machine = dataclasses.replace(machine, nic="user,model=virtio-net-pci")
        return _boot_by(machine, firmware_variables.uri_path(address), words, folder, limit_s)


def _by_tftp(machine, behaviour, words, folder, limit_s):
    for name, data in _files(machine).items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
    command = [TFTP_NETWORK, folder, folder, FOLDER.lstrip("/") + m.LOADERS[machine.arch], behaviour]
    server = m.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if not server.stdout.readline():
            raise RuntimeError("no network to boot over: " + " ".join(command))
        ends = [f"{end}.type=unix,{end}.path={os.path.join(folder, name)}"
                for end, name in (("local", "guest"), ("remote", "network"))]
        machine = dataclasses.replace(machine, nic="none", extra=machine.extra + (
            "-netdev", ",".join(["dgram,id=wire"] + ends),
            "-device", f"virtio-net-pci,netdev=wire,addr={SLOT:#x},mac={MAC.hex(':')}"))
        return _boot_by(machine, firmware_variables.pxe_path(SLOT, MAC), words, folder, limit_s)
    finally:
        m.stop(server)
        server.stdin.close()
        server.stdout.close()


def boot(machine, protocol, behaviour, limit_s):
    """What comes of a server that behaves so, by "http" or "tftp". The words stand in the boot option, too, so that a
    run that gets no anechoic.conf comes to an end."""
    words = "" if behaviour == "gives it" else f"--mode={machine.mode} {machine.command_line()}"
    by = {"http": _by_http, "tftp": _by_tftp}[protocol]
    with tempfile.TemporaryDirectory(prefix="anechoic-") as folder:
        return by(machine, behaviour, words, folder, limit_s)
