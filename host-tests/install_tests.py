# SPDX-License-Identifier: Apache-2.0
"""What `make install` puts where, that it works there, that suites are linked with it and nothing else, and that it
leaves nothing behind."""

import dataclasses
import os
import re
import shutil
import stat
import subprocess
import tempfile

import image_tests
import machine as m
from build_tests import command, expect_success
from harness import Skipped, expect, expect_equal, limit, test
from own_suites_tests import commands_of_page

HERE = os.uname().machine
EMBEDDING = """
#include "mem/pool.h"
#include "mem/tlb.h"
#include "simd/simd.h"
int main(void) {
	static _Alignas(64) unsigned char memory[POOL_BYTES(64, 64, 8)];
	struct pool pool;
	struct simd_kernels kernels;
	if (pool_init(&pool, memory, sizeof memory, 64, 64, 8) != 0)
		return 1;
	simd_select(simd_features_detect(), NULL, &kernels);
	return pool_alloc(&pool) != NULL && kernels.copies.copy != NULL ? 0 : 2;
}
"""


def paths_below(folder):
    """Of each file and folder its name without `folder`, and its mode."""
    found = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            whole = os.path.join(path, name)
            found[os.path.relpath(whole, folder)] = stat.S_IMODE(os.lstat(whole).st_mode)
    return found


def make(*words):
    expect_success(command("make", "-j2", *words), f"make {' '.join(words)}")


def run(*words, folder=None, **env):
    return subprocess.run(words, check=False, capture_output=True, text=True, cwd=folder, timeout=limit(300),
                          env={**os.environ, **env})


def ran(*words, **how):
    result = run(*words, **how)
    expect_equal(result.returncode, 0, f"{' '.join(words)}: status\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return result.stdout


def links_of(page):
    with open(page, encoding="utf-8") as file:
        found = re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", file.read())
    return [os.path.normpath(os.path.join(os.path.dirname(page), target)) for target in found]


@test("install/what is below DESTDIR works, and is removed to the last folder that was not there before", seconds=12)
def _():
    with tempfile.TemporaryDirectory() as folder:
        stage, prefix = f"{folder}/stage", f"{folder}/nowhere/usr"
        where = (f"DESTDIR={stage}", f"PREFIX={prefix}", f"IMAGES={HERE}")
        there = stage + prefix
        os.makedirs(f"{there}/share/man")
        before = paths_below(stage)
        make("install", *where)
        expect_equal(sorted(os.listdir(folder)), ["stage"], "nothing but what is below DESTDIR")
        found = paths_below(there)
        for path, mode in found.items():
            runs = os.path.isdir(f"{there}/{path}") or path.startswith("bin/") or path.endswith(".sh")
            expect_equal(mode, 0o755 if runs else 0o644, f"mode of {path}")
            expect(os.path.isdir(f"{there}/{path}") or stage.encode() not in open(f"{there}/{path}", "rb").read(),
                   f"{path} has DESTDIR in it")
        wanted = {"bin/anechoic", "include/anechoic/bench/benchmark.h", "include/anechoic/simd/simd.h",
                  "lib/libanechoic.a", "lib/pkgconfig/anechoic.pc", "share/man/man1/anechoic.1",
                  "share/bash-completion/completions/anechoic", "share/zsh/site-functions/_anechoic",
                  "lib/systemd/system/anechoic-watch.service", "lib/anechoic/anechoic.mk",
                  f"lib/anechoic/parts/{HERE}/lib/libc.a", f"lib/anechoic/parts/{HERE}/libprogram.a"}
        expect(wanted <= set(found), f"missing: {wanted - set(found)}")
        expect_equal(ran(f"{there}/bin/anechoic", "version"), command("build/anechoic", "version").stdout, "version")
        with open(f"{there}/lib/systemd/system/anechoic-watch.service", encoding="utf-8") as file:
            expect(f"ExecStart={prefix}/bin/anechoic watch" in file.read(), "the unit's programme")
        for path in found:
            for target in links_of(f"{there}/{path}") if path.endswith(".md") else ():
                expect(os.path.exists(target), f"{path} leads to {target}")
        built = {"PKG_CONFIG_PATH": f"{there}/lib/pkgconfig", "PKG_CONFIG_SYSROOT_DIR": stage}
        with open(f"{folder}/embedding.c", "w", encoding="utf-8") as file:
            file.write(EMBEDDING)
        ran("sh", "-ec", "gcc -Wall -Werror embedding.c $(pkg-config --cflags --libs anechoic); ./a.out", folder=folder,
            **built)
        make("install", *where)
        expect_equal(paths_below(there), found, "installed once more")
        os.remove(f"{there}/lib/libanechoic.a")
        make("uninstall", *where)
        expect_equal(paths_below(stage), before, "left behind")
        expect_equal(command("make", "uninstall", *where).returncode, 2, "removed twice")
        os.makedirs(f"{there}/share/doc/anechoic/docs/formats.md")
        before = paths_below(stage)
        result = command("make", "install", *where)
        expect("what was written of it is removed" in result.stderr and result.returncode == 2, result.stderr)
        expect_equal(paths_below(stage), before, "left behind by what could not be installed")
    for place in ("PREFIX=usr", "BINDIR=/a b", "LIBDIR=/usr/../etc", 'MANDIR=/a"b'):
        result = command("make", "install", "DESTDIR=/nonexistent", "IMAGES=", place)
        expect("is no folder's name" in result.stderr, f"{place}: {result.stderr}")
    with tempfile.TemporaryDirectory() as folder:
        result = command("make", "install", f"PREFIX={folder}", "IMAGES=mips")
        expect("no parts of images of mips" in result.stderr and not os.listdir(folder), result.stderr)
        make("install", f"DESTDIR={folder}/it's here", "IMAGES=")
        make("uninstall", f"DESTDIR={folder}/it's here", "IMAGES=")
        expect_equal(paths_below(folder), {"it's here": 0o755}, "left behind")


KILLER = """#!/bin/sh
echo >>{count}
[ "$(wc -l <{count})" != {after} ] || kill -9 $PPID
exec /usr/bin/install "$@"
"""


@test("install/nothing is left of one that was killed, whether it is removed or begun anew; what a user put there is",
      alone=True, seconds=12)
def _():
    with tempfile.TemporaryDirectory() as folder:
        where = (f"DESTDIR={folder}/stage", f"IMAGES={HERE}")
        there = f"{folder}/stage/usr/local"
        os.makedirs(f"{there}/bin")
        before = paths_below(there)
        os.mkdir(f"{folder}/bin")
        killer = f"{folder}/bin/install"
        for after, then in ((1, ()), (40, ()), (20, ("install",))):
            with open(killer, "w", encoding="utf-8") as file:
                file.write(KILLER.format(count=f"{folder}/count{after}", after=after))
            os.chmod(killer, 0o755)
            result = command("make", "install", *where,
                             env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"})
            expect(result.returncode == 2 and os.path.exists(f"{there}/lib/anechoic/installed"),
                   f"killed at file {after}: status {result.returncode}\n{result.stdout}{result.stderr}")
            for word in then:
                make(word, *where)
            make("uninstall", *where)
            expect_equal(paths_below(there), before, f"left of what was killed at file {after}")
        make("install", *where)
        own = ("bin/mine", "lib/anechoic/mine", "share/man/man1/mine.1")
        for name in own:
            with open(f"{there}/{name}", "w", encoding="utf-8") as file:
                file.write("mine")
        make("uninstall", *where)
        expect_equal({path for path in paths_below(there) if not os.path.isdir(f"{there}/{path}")}, set(own),
                     "what a user put there")


def installed_page(prefix, folder):
    """The commands of docs/suites.md for an installed Anechoic, with this one in its place."""
    for line in commands_of_page("anechoic new-suite ~/mine"):
        line = line.replace("/usr/local/lib/anechoic", f"{prefix}/lib/anechoic")
        ran("bash", "-c", line, folder=folder, HOME=folder, PATH=f"{prefix}/bin:{os.environ['PATH']}")


def boot_suite(folder, boot, arch):
    what = image_tests.machine(boot=boot, arch=arch, icount=True, arguments="--quick mine/mix tlb/lookup/mostly_hits")
    outcome = image_tests.boot(dataclasses.replace(what, build=f"{folder}/build/suites"))
    image_tests.expect_done(outcome)
    expect_equal({name: end["status"] for name, end in outcome.ends().items()},
                 {"mine/mix": "ok", "tlb/lookup/mostly_hits": "ok"}, f"{arch} {boot}")


@test("install/a suite is linked from what is installed alone, hosted and both images, and boots", system=True,
      seconds=90)
def _():
    with tempfile.TemporaryDirectory() as folder:
        prefix = f"{folder}/usr"
        make("install", f"PREFIX={prefix}")
        shutil.move(f"{prefix}/share/doc", f"{folder}/doc")     # nobody needs it
        installed_page(prefix, folder)
        expect(re.search(r"mine/mix\s", ran("build/suites/anechoic", "list", folder=folder)), "its rows")
        makefile = f"{prefix}/lib/anechoic/anechoic.mk"
        hosted = ("make", "-f", makefile, "hosted", "SUITES=mine")
        expect_equal(ran(*hosted, folder=folder).count("  link"), 0, "links of what is linked")
        older = f"{prefix}/include/anechoic/bench/benchmark.h"   # another version, from an older day
        with open(older, "a", encoding="utf-8") as file:
            file.write("/* another */\n")
        os.utime(older, (0, 0))
        said = ran(*hosted, folder=folder)
        expect(all(word in said for word in ("  suite", "  link")), f"with another version's header:\n{said}")
        ran("make", "-f", makefile, "ARCH=aarch64", "image", "SUITES=mine", folder=folder)
        ran("make", "-f", makefile, "ARCH=x86_64", "image", "SUITES=mine", folder=folder)
        for boot, arch in (("pvh", "x86_64"), ("uefi", "x86_64"), ("uefi", "aarch64")):
            boot_suite(folder, boot, arch)
        shutil.move(f"{folder}/doc", f"{prefix}/share/doc")
        make("uninstall", f"PREFIX={prefix}")
        expect(not os.path.exists(prefix), f"left: {paths_below(prefix)}")


def package():
    make("deb")
    found = [name for name in os.listdir(os.path.join(m.ROOT, "build")) if re.fullmatch(r"anechoic_.*\.deb", name)]
    expect_equal(len(found), 1, f"packages in build/: {found}")
    return os.path.join(m.ROOT, "build", found[0])


def debian():
    """Whence apt has this Debian: an address, and the release's name."""
    with open("/etc/os-release", encoding="utf-8") as file:
        name = re.search(r"^VERSION_CODENAME=(\S+)", file.read(), re.MULTILINE)[1]
    for line in ran("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)",
                    "Identifier: Packages").splitlines():
        address, release, component = line.split()
        if (release, component) == (name, "main"):
            return address, name
    raise Skipped(f"apt knows no source of {name}")


LINKS = "make,gcc,libc6-dev,libjansson-dev,libmd-dev,libsqlite3-0,lld,lz4,pkg-config"


@test("install/in a Debian with nothing else the package installs, links a suite that boots, and goes without a trace",
      system=True, alone=True, seconds=200)
def _():
    if os.geteuid() != 0:
        raise Skipped("debootstrap needs root")
    address, name = debian()
    deb = package()
    with tempfile.TemporaryDirectory() as folder:
        there = f"{folder}/debian"
        result = run("debootstrap", "--variant=minbase", f"--include={LINKS}", name, there, address)
        if result.returncode != 0:
            raise Skipped(f"debootstrap: {result.stdout[-300:]}{result.stderr[-300:]}")

        def inside(line):
            return ran("unshare", "--mount", "--pid", "--fork", f"--mount-proc={there}/proc", "chroot", there, "sh",
                       "-ec", f"cd /root; {line}", HOME="/root", LC_ALL="C", PATH="/usr/sbin:/usr/bin:/sbin:/bin")

        shutil.copy(deb, f"{there}/root/anechoic.deb")
        inside("dpkg -i anechoic.deb; rm anechoic.deb; anechoic new-suite mine")
        inside("make -f /usr/lib/anechoic/anechoic.mk hosted kernel loader SUITES=mine; sh mine/test.sh")
        expect_equal(inside("ls -d /lib/systemd/system/anechoic-watch.service /usr/share/man/man1/anechoic.1.gz").count(
            "\n"), 2, "files of the package")
        shutil.move(f"{there}/root/build", f"{folder}/build")
        boot_suite(folder, "pvh", "x86_64")
        inside("dpkg -P anechoic")
        left = [path for path in paths_below(there) if "anechoic" in path and not path.startswith("var/log/")]
        expect_equal(left, [], "left behind")
