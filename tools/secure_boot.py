# SPDX-License-Identifier: Apache-2.0
"""Boots under Secure Boot: keys of this one boot, enrolled into a firmware that has none by the test's application
host-tests/efi/enrol.c, then the loader: signed with them, with others, or not at all."""

import dataclasses
import os
import shutil
import subprocess
import tempfile

import machine as m

OWN, OTHER, UNSIGNED = "own key", "another key", "unsigned"
REFUSED = "Access Denied"    # EDK II's words of what its db does not know
TOOLS = os.path.join(m.ROOT, "tools")


class NotEnrolled(Exception):
    """The firmware did not take the keys; its console."""


def make_keys(folder, name):
    """Makes the folder and a key in it."""
    subprocess.run([os.path.join(TOOLS, "own_key.sh"), folder, name], check=True)


def sign(keys, folder, loader):
    """The path of the loader that is signed with the key in `keys`."""
    subprocess.run([os.path.join(TOOLS, "sign.sh"), os.path.join(keys, "key.pem"), os.path.join(keys, "cert.pem"),
                    folder, loader], check=True)
    return os.path.join(folder, "EFI", "BOOT", os.path.basename(loader))


def enrol(machine, keys, limit_s):
    """Gives the firmware of machine.variables the keys."""
    with tempfile.TemporaryDirectory(prefix="anechoic-") as directory:
        enrolling = dataclasses.replace(machine, between="enrol", loader="", config="", arguments="")
        enrolling.prepare(directory)
        m.on_stick(os.path.join(directory, "stick.img"), "mcopy",
                   *(os.path.join(keys, name) for name in ("PK.auth", "KEK.auth", "db.auth")), "::")
        outcome = m.run_bounded(enrolling.command(directory), limit_s, paced=True)
    if outcome.text().count("enrol: taken: ") != 3:
        raise NotEnrolled(outcome.text() + outcome.errors)


def boot(machine, signed, limit_s):
    """What a loader that is `signed` so comes to, on a firmware that knows its own key alone; a firmware that refuses
    it is not waited for any longer."""
    with tempfile.TemporaryDirectory(prefix="anechoic-") as folder:
        own, other, variables = (os.path.join(folder, name) for name in ("own", "other", "variables"))
        shutil.copyfile(m.VARIABLES[machine.arch], variables)
        machine = dataclasses.replace(machine, variables=variables)
        make_keys(own, "own")
        enrol(machine, own, limit_s)
        if signed == OTHER:
            make_keys(other, "other")
        if signed != UNSIGNED:
            machine.loader = sign(own if signed == OWN else other, folder,
                                  os.path.join(machine.out, m.LOADERS[machine.arch]))
        return m.boot(machine, limit_s, paced=True, until=lambda console: REFUSED.encode() in console)
