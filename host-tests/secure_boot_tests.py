# SPDX-License-Identifier: Apache-2.0
"""Tests of Secure Boot: loaders signed as docs/secure-boot.md says."""

import contextlib
import os
import subprocess
import tempfile

import check_pe
import machine as m
import secure_boot
from harness import expect, expect_equal, limit, test

BUILD = os.path.join(m.ROOT, "build")
LOADERS = [os.path.join(BUILD, arch, m.LOADERS[arch]) for arch in m.ARCHES]


@contextlib.contextmanager
def keys():
    """A folder with two keys."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("own", "other"):
            secure_boot.make_keys(os.path.join(folder, name), name)
        yield folder


def sign(folder, key, cert, *loaders):
    return subprocess.run([os.path.join(m.ROOT, "tools", "sign.sh"), key, cert, "signed", *loaders], cwd=folder,
                          check=False, capture_output=True, text=True, timeout=limit(60))


def verified(folder, cert, path):
    return subprocess.run(["sbverify", "--cert", cert, path], cwd=folder, check=False, capture_output=True,
                          timeout=limit(60)).returncode == 0


@test("secure boot/signed loaders are verified by their certificate alone, and strict firmware takes them")
def _():
    with keys() as folder:
        result = sign(folder, "own/key.pem", "own/cert.pem", *LOADERS)
        expect_equal((result.returncode, result.stderr), (0, ""), "sign.sh")
        for loader in LOADERS:
            signed = os.path.join(folder, "signed", "EFI", "BOOT", os.path.basename(loader))
            for cert, path, wanted in (("own", signed, True), ("other", signed, False), ("own", loader, False)):
                expect_equal(verified(folder, f"{cert}/cert.pem", path), wanted, f"{cert} key verifies {path}")
            with open(signed, "rb") as file:
                data = bytearray(file.read())
            broken = [f"{name}: {detail}" for name, passed, detail in check_pe.checks(check_pe.Image(bytes(data)))
                      if not passed]
            expect(not broken, f"{loader}, signed: {broken}")
            data[data.index(b"mode = ")] ^= 1     # a word of its own, so within what is signed
            with open(signed, "wb") as file:
                file.write(data)
            expect(not verified(folder, "own/cert.pem", signed), f"{loader} changed after it was signed")


@test("secure boot/what cannot be signed, or signed with, is named")
def _():
    with keys() as folder:
        subprocess.run(["openssl", "req", "-new", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-subj", "/CN=curve/", "-keyout", "curve.pem", "-out", "curve.crt"], cwd=folder,
                       check=True, capture_output=True)
        own = ("own/key.pem", "own/cert.pem")
        for words, wanted in (
                (("absent.pem", own[1], *LOADERS), "cannot read absent.pem"),
                ((own[0], ".", *LOADERS), "cannot read ."),
                ((*own, "absent.efi"), "cannot read absent.efi"),
                ((own[1], own[1], *LOADERS), "own/cert.pem is no private key in PEM"),
                ((own[0], "own/cert.cer", *LOADERS), "own/cert.cer is no certificate in PEM"),
                (("other/key.pem", own[1], *LOADERS), "other/key.pem is not the key of own/cert.pem"),
                (("curve.pem", "curve.crt", *LOADERS), "curve.crt is of a key that is not RSA"),
                ((*own, LOADERS[0], own[1]), "own/cert.pem is not signed: ")):
            result = sign(folder, *words)
            expect_equal(result.returncode, m.EXIT_USAGE, f"{words}: {result.stderr}")
            expect(wanted in result.stderr, f"{words}: {result.stderr}")
            there = os.listdir(os.path.join(folder, "signed", "EFI", "BOOT")) if os.path.exists(
                os.path.join(folder, "signed")) else []
            expect_equal(there, [], f"{words}: signed loaders")
