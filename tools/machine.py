# SPDX-License-Identifier: Apache-2.0
"""Boots the image in QEMU (or Bochs), with a bounded wait, and reads what it says.

One place knows the emulators' command lines. `make run`, the image tests, `make soak`, `make compare-os` and
`make debug` stand on it. A run is judged by its DONE record alone; an emulator's own exit status says nothing.
"""

import argparse
import dataclasses
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time

import compact_records
import pace
import processes
import spin_table

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

ARCHES = ("x86_64", "aarch64")
BOOTS = ("uefi", "pvh", "flat")
ACCELS = ("kvm", "tcg")
MODES = ("takeover", "handback")

EXIT_USAGE = 2
EXIT_INCONCLUSIVE = 3
EXIT_BROKEN = 4
EXIT_SKIPPED = 77
EXIT_TIMEOUT = 124

# What a stick is plugged into, as QEMU's devices; {virtio} is the architecture's own block device.
PLUGS = {
    "virtio": ("{virtio},drive=stick,bootindex=0",),
    "virtio-4k": ("{virtio},drive=stick,bootindex=0,logical_block_size=4096,physical_block_size=4096",),
    "usb": ("qemu-xhci", "usb-storage,drive=stick,bootindex=0"),
    "usb2": ("usb-ehci", "usb-storage,drive=stick,bootindex=0"),
    "sata": ("ahci", "ide-hd,drive=stick,bootindex=0"),
    "sata-cd": ("ahci", "ide-cd,drive=stick,bootindex=0"),
    "nvme": ("nvme,drive=stick,serial=1,bootindex=0",),
    "scsi": ("virtio-scsi-pci", "scsi-hd,drive=stick,bootindex=0"),
}

# What a stick is: a disk with a GPT; a CD; the CD's file written to a disk; a FAT volume without a table, of so many
# bits and bytes a sector.
MEDIA = ("disk", "iso", "iso-disk", "fat12", "fat16", "fat32", "fat32-4k")
BARE_MIB = {"fat12": 8, "fat16": 32, "fat32": 64, "fat32-4k": 320}

LOADERS = {"x86_64": "BOOTX64.EFI", "aarch64": "BOOTAA64.EFI"}
FIRMWARE = {"x86_64": "/usr/share/ovmf/OVMF.fd", "aarch64": "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"}

U_BOOT = "/usr/lib/u-boot/qemu_arm64/u-boot.bin"

# Firmware with Secure Boot, and the variables of one that has no keys yet.
SECURE_FIRMWARE = {"x86_64": "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "aarch64": "/usr/share/AAVMF/AAVMF_CODE.fd"}
VARIABLES = {"x86_64": "/usr/share/OVMF/OVMF_VARS_4M.fd", "aarch64": "/usr/share/AAVMF/AAVMF_VARS.fd"}

RECORD = re.compile(rb"@anechoic ([A-Z]+) (\{.*\}) ([0-9a-f]{8})")


def _crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC32C = _crc32c_table()


def crc32c(data):
    """CRC-32C of bytes: written apart from lib/crc32.c, so that the two check each other."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def positive(text):
    """A number of repetitions, for argparse."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text}: a whole number from 1 on")
    return int(text)


class UsageError(Exception):
    """A combination that cannot be; the message names the valid ones."""


@dataclasses.dataclass
class Machine:
    """What to boot and on what. The defaults are those of `make run`."""

    arch: str = "x86_64"
    boot: str = "uefi"
    accel: str = "tcg"
    mode: str = "takeover"
    say_mode: bool = True          # in anechoic.conf; else the loader chooses
    arguments: str = ""            # words of the programme's command line
    config: str = ""               # further lines of anechoic.conf (UEFI only)
    memory_mib: int = 512
    cores: int = 1
    cpu: str = ""                  # QEMU's name; empty: the best that the accelerator has
    el2: bool = False              # aarch64: enter at EL2
    gic: int = 2
    framebuffer: bool = False
    serial: bool = True
    icount: bool = False           # deterministic virtual time, no waiting: for tests
    read_only: bool = False        # the stick
    plug: str = "virtio"           # what it is plugged into: PLUGS
    medium: str = "disk"           # what the stick is: MEDIA
    tftp: str = ""                 # no stick: boot over a network from this folder, the file `bootfile`
    bootfile: str = ""             # empty: the loader
    nic: str = ""                  # no stick: a network card, in QEMU's words, that the firmware's variables boot by
    exit_port: bool = True
    rtc: bool = True               # a microvm's, where KVM has none
    board: str = ""                # QEMU's machine; empty: q35, microvm under PVH, virt
    machine_options: str = ""      # appended to QEMU's -M, each with its comma before it
    variables: str = ""            # a file of the firmware's variables, which is written to: one with Secure Boot
    loader: str = ""               # on a disk; empty: the build's
    between: str = ""              # on a disk: an application of host-tests/efi that starts the loader
    told: str = ""                 # what it finds in how.txt
    firmware: str = ""             # its file; empty: OVMF or AAVMF
    state: str = ""                # of a disk: STATES
    shell: bool = False            # the firmware's own starts the loader, with the arguments as words
    spin_table: str = ""           # aarch64, the flat image: which cores are a spin table's (spin_table.ALL or FIRST)
    extlinux: bool = False         # aarch64: U-Boot finds the flat image on the disk, by extlinux.conf
    tables: tuple = ()             # ACPI tables beside the board's own (acpi_tables.py)
    extra: tuple = ()              # further words of QEMU's command line
    build: str = os.path.join(ROOT, "build")
    image: str = ""                # boot this disk image as it is, keep what is written; empty: a fresh copy

    def check(self):
        for name, value, valid in (("ARCH", self.arch, ARCHES), ("BOOT", self.boot, BOOTS),
                                   ("ACCEL", self.accel, ACCELS),
                                   ("MODE", self.mode, MODES)):
            if value not in valid:
                raise UsageError(f"{name}={value}: valid are {' '.join(valid)}")
        if self.boot == "pvh" and self.arch != "x86_64":
            raise UsageError(f"BOOT=pvh with ARCH={self.arch}: PVH is x86_64's; valid with {self.arch} are "
                             "BOOT=uefi BOOT=flat")
        if self.boot == "flat" and self.arch != "aarch64":
            raise UsageError(f"BOOT=flat with ARCH={self.arch}: a flat image is aarch64's; valid with {self.arch} are "
                             "BOOT=uefi BOOT=pvh")
        if self.boot != "uefi" and self.mode == "handback":
            raise UsageError(f"MODE=handback with BOOT={self.boot}: there is no firmware to hand back to; "
                             f"valid are BOOT=uefi MODE=handback, BOOT={self.boot} MODE=takeover")
        if self.accel == "kvm" and self.arch != os.uname().machine:
            raise UsageError(f"ACCEL=kvm with ARCH={self.arch}: this host is {os.uname().machine}; "
                             f"valid with {self.arch} here is ACCEL=tcg")

    @property
    def out(self):
        return os.path.join(self.build, self.arch)

    def way(self):
        """The way in, as file names and tables spell it."""
        return self.boot + ("-handback" if self.mode == "handback" else "")

    # ---- command lines ----

    def _exit_word(self):
        if not self.exit_port:
            return ""
        return "semihosting" if self.arch == "aarch64" else "isa-debug-exit"

    def config_text(self):
        lines = ([f"mode = {self.mode}"] if self.say_mode else []) + [f"accelerator = {self.accel}"]
        if self._exit_word():
            lines.append(f"exit = {self._exit_word()}")
        if self.config:
            lines.append(self.config)
        if self.arguments:
            lines.append(f"arguments = {self.arguments}")
        return "\n".join(lines) + "\n"

    def _has_record_port(self):
        return self.serial and self.boot == "pvh" and self.board in ("", "microvm")

    def command_line(self):
        words = [f"--accelerator={self.accel}"]
        if self._has_record_port():
            words.append("--record-port=virtio-mmio:0xfeb02e00")
        if self._exit_word():
            words.append(f"--exit={self._exit_word()}")
        return " ".join(words + ([self.arguments] if self.arguments else []))

    def _x86_64(self, directory):
        kvm = self.accel == "kvm"
        # arch-capabilities: hosts that emulate it refuse the MSR
        cpu = self.cpu or ("host,-arch-capabilities" if kvm else "max")
        if self.boot == "pvh":
            clock = "" if self.board else ",rtc=on" if self.rtc and not kvm else ",rtc=off"
            command = ["-M", (self.board or "microvm") + clock + self.machine_options,
                       "-kernel", os.path.join(self.out, "kernel-pvh.elf"), "-append", self.command_line()]
        else:
            command = ["-M", (self.board or "q35") + self.machine_options, *self._firmware(), "-vga",
                       "std" if self.framebuffer else "none"] + self._medium(directory, "virtio-blk-pci")
        if self.exit_port:
            command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
        return ["qemu-system-x86_64", "-accel", "kvm" if kvm else self._tcg(), "-cpu", cpu] + command

    def _aarch64(self, directory):
        kvm = self.accel == "kvm"
        machine = f"{self.board or 'virt'},gic-version={'host' if kvm else self.gic}"
        machine += ",secure=on" if self.spin_table == spin_table.ALL else ""
        machine += (",virtualization=on" if self.el2 else "") + self.machine_options
        command = ["qemu-system-aarch64", "-M", machine, "-accel", "kvm" if kvm else self._tcg(),
                   "-cpu", self.cpu or ("host" if kvm else "max,pauth-impdef=on")]
        if self.spin_table:
            command = spin_table.command(self, command, directory)
        elif self.boot == "flat":
            command += ["-kernel", os.path.join(self.out, "anechoic.Image"), "-append", self.command_line()]
        else:
            command += self._firmware() + self._medium(directory, "virtio-blk-device")
        if self.framebuffer:
            command += ["-device", "ramfb"]
        if self.exit_port:
            command += ["-semihosting-config", "enable=on,target=native"]
        return command

    def _tcg(self):
        return "tcg" if self.icount else f"tcg,thread={'multi' if self.cores > 1 else 'single'}"

    def _firmware(self):
        if not self.variables:
            return ["-bios", self.firmware or FIRMWARE[self.arch]]
        words = [f"if=pflash,unit=0,format=raw,readonly=on,file={SECURE_FIRMWARE[self.arch]}",
                 f"if=pflash,unit=1,format=raw,file={self.variables}"]
        only_smm = ["-global", "cfi.pflash01.secure=on"] if self.arch == "x86_64" else []
        return only_smm + [word for drive in words for word in ("-drive", drive)]

    def _medium(self, directory, device):
        if self.nic:
            return ["-nic", self.nic]
        if self.tftp:
            return ["-nic",
                    f"user,model=virtio-net-pci,tftp={self.tftp},bootfile={self.bootfile or LOADERS[self.arch]}"]
        words = ["-nic", "none", "-drive", self._drive(directory)]
        for plug in PLUGS[self.plug]:
            words += ["-device", plug.format(virtio=device)]
        return words

    def _drive(self, directory):
        return (f"if=none,id=stick,format=raw,file={self.image or os.path.join(directory, 'stick.img')}"
                + (",media=cdrom" if self.medium == "iso" else "") + (",readonly=on" if self.read_only else ""))

    def prepare(self, directory):
        """Puts a stick with this machine's configuration into the directory."""
        if self.boot == "uefi" and not self.image and not self.tftp and not self.nic:
            image = os.path.join(directory, "stick.img")
            if self.medium.startswith("iso"):
                self._make_iso(directory, image)
                return
            if self.medium == "disk":
                shutil.copyfile(os.path.join(self.out, "anechoic.img"), image)
            else:
                self._make_bare(image)
            stick_write(image, "anechoic.conf", self.config_text())
            if self.loader:
                on_stick(image, "mcopy", "-o", self.loader, STICK_FOLDER + LOADERS[self.arch])
            if self.between:
                self._put_between(image)
            if self.extlinux:
                self._put_flat(image)
            if self.shell:
                self._put_shell(image)
            if self.state:
                STATES[self.state](image)

    def _put_flat(self, image):
        text = f"label anechoic\n kernel /anechoic.Image\n append {self.command_line()}\n"
        on_stick(image, "mcopy", os.path.join(self.out, "anechoic.Image"), "::")
        on_stick(image, "mmd", "::extlinux")
        on_stick(image, "mcopy", "-", "::extlinux/extlinux.conf", data=text.encode())

    def _put_shell(self, image):
        """The loader where no firmware looks for one by itself, and what the shell does first."""
        folder, config = "::tools", dataclasses.replace(self, arguments="").config_text()
        on_stick(image, "mdeltree", "::EFI")
        on_stick(image, "mmd", folder)
        on_stick(image, "mcopy", os.path.join(self.out, LOADERS[self.arch]), f"{folder}/anechoic.efi")
        for name, text in ((f"{folder}/anechoic.conf", config),
                           ("::startup.nsh", f"fs0:\\tools\\anechoic.efi {self.arguments}\r\n")):
            on_stick(image, "mcopy", "-", name, data=text.encode())

    def _put_between(self, image):
        """The firmware starts the application, and that the loader in the volume's root."""
        applications = os.path.join(self.build, self.arch, "host-tests")
        names = [os.path.join(applications, folder, f"{self.between}.efi") for folder in ("", self.arch)]
        loader = self.loader or os.path.join(self.out, LOADERS[self.arch])
        on_stick(image, "mcopy", "-o", next(filter(os.path.exists, names), names[0]),
                 STICK_FOLDER + LOADERS[self.arch])
        on_stick(image, "mcopy", "-o", loader, "::loader.efi")
        for name, text in (("anechoic.conf", self.config_text()), ("how.txt", self.told)):
            on_stick(image, "mcopy", "-", f"::{name}", data=text.encode())

    def _make_iso(self, directory, image):
        """Nothing can be written into one that is there."""
        conf, iso = os.path.join(directory, "anechoic.conf"), os.path.join(directory, "stick.iso")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(self.config_text())
        subprocess.run([os.path.join(ROOT, "tools", "mkimage.sh"), iso, os.path.join(self.out, LOADERS[self.arch]),
                        conf], check=True)
        os.rename(iso, image)

    def _make_bare(self, image):
        bits, _, sector = self.medium.removeprefix("fat").partition("-")
        path = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")
        subprocess.run(["mkfs.vfat", "-F", bits, "-S", "4096" if sector else "512", "-C", image,
                        str(BARE_MIB[self.medium] * 1024)], check=True, capture_output=True, env=path)
        on_stick(image, "mmd", "::EFI", "::EFI/BOOT")
        on_stick(image, "mcopy", os.path.join(self.out, LOADERS[self.arch]), STICK_FOLDER)

    def command(self, directory, debug=False):
        command = self._x86_64(directory) if self.arch == "x86_64" else self._aarch64(directory)
        command += ["-m", str(self.memory_mib), "-smp", str(self.cores), "-nodefaults", "-no-reboot", "-display",
                    "none", "-monitor", f"unix:{os.path.join(directory, 'monitor')},server,nowait"]
        if self._has_record_port():
            # Records through a virtio console into the same stream: a UART costs an emulated kernel 25 us a byte.
            command += ["-chardev", "stdio,id=out,mux=on,signal=off", "-serial", "chardev:out", "-global",
                        "virtio-mmio.force-legacy=false", "-device", "virtio-serial-device", "-device",
                        "virtconsole,chardev=out"]
        elif self.serial:
            command += ["-serial", "stdio"]
        if self.icount:
            command += ["-icount", f"shift={ICOUNT_SHIFT},sleep=off", "-rtc", f"base={ICOUNT_DATE},clock=vm"]
        if debug:
            command += ["-s", "-S"]
        return command + self._tables(directory) + list(self.extra)

    def _tables(self, directory):
        words = []
        for number, table in enumerate(self.tables):
            path = os.path.join(directory, f"table-{number}")
            with open(path, "wb") as file:
                file.write(table)
            words += ["-acpitable", f"file={path}"]
        return words


# When virtual time begins, and how long an instruction takes in it: 2^shift ns. Firmware waits for a time (that of
# x86_64 seconds, for a TPM that is not there), and so does what hangs: the slower the machine, the fewer instructions
# are emulated for it.
ICOUNT_DATE = "2031-02-03T04:05:06"
ICOUNT_SHIFT = 5
STICK_FOLDER = "::EFI/BOOT/"


MBR_ENTRIES, MBR_ENTRY_BYTES, MBR_ESP = 446, 16, 0xEF


def stick_volume(image):
    """A stick's FAT volume as mtools take it: its partition of type 0xEF, or all of it where there is none."""
    with open(image, "rb") as file:
        sector = file.read(512)
    for at in range(MBR_ENTRIES, MBR_ENTRIES + 4 * MBR_ENTRY_BYTES, MBR_ENTRY_BYTES):
        if sector[at + 4] == MBR_ESP:
            return f"{image}@@{int.from_bytes(sector[at + 8:at + 12], 'little')}S"
    return image


def on_stick(image, command, *words, data=None, check=True):
    """One of mtools' commands on the stick's volume."""
    return subprocess.run([command, "-i", stick_volume(image), *words], input=data, check=check, capture_output=True)


def stick_write(image, name, text):
    with tempfile.NamedTemporaryFile("w", newline="") as file:
        file.write(text)
        file.flush()
        on_stick(image, "mcopy", "-o", file.name, STICK_FOLDER + name)


def stick_read(image, name):
    """The file's bytes; None: it is not there."""
    result = on_stick(image, "mtype", STICK_FOLDER + name, check=False)
    return result.stdout if result.returncode == 0 else None


FULL_BLOCK, PIECE, GPT_COPY_BYTES = 64 << 10, 32 << 10, 33 * 512
NAMES_AT_ONCE = 100     # that mtools take without complaint


def _lose_gpt_copy(image):
    """As on a stick that was written by a smaller image than another before."""
    with open(image, "r+b") as file:
        file.seek(-GPT_COPY_BYTES, os.SEEK_END)
        file.write(bytes(GPT_COPY_BYTES))


def _files_until_full(image, folder, size):
    """Files of so many bytes in a folder of the volume, as long as there is room."""
    on_stick(image, "mmd", f"::{folder}")
    told = on_stick(image, "mdir", "-/", "::").stdout.decode()
    free = int(re.search(r"([\d ]+) bytes free", told)[1].replace(" ", ""))
    with tempfile.TemporaryDirectory() as own:
        paths = [os.path.join(own, f"f{number}") for number in range(free // size - 1)]
        for path in paths:
            with open(path, "wb") as file:
                file.write(bytes(size))
        on_stick(image, "mcopy", *paths, f"::{folder}")
    return [f"::{folder}/{os.path.basename(path)}" for path in paths]


def _fill(image):
    for folder, size in (("large", FULL_BLOCK), ("small", 512)):
        _files_until_full(image, folder, size)
    on_stick(image, "mcopy", "-", "::last", data=bytes(FULL_BLOCK), check=False)


def _fragment(image):
    """No two free pieces are neighbours."""
    names = _files_until_full(image, "pieces", PIECE)[::2]
    for at in range(0, len(names), NAMES_AT_ONCE):
        on_stick(image, "mdel", *names[at:at + NAMES_AT_ONCE])


STATES = {"no copy of the GPT": _lose_gpt_copy, "full": _fill, "fragmented": _fragment}


@dataclasses.dataclass
class Record:
    tag: str
    body: dict


def records_read(data):
    """The intact records in a console capture, in order."""
    records = []
    for match in RECORD.finditer(compact_records.unpack(data)):
        tag, body, crc = match.groups()
        if crc32c(tag + b" " + body) == int(crc, 16):
            records.append(Record(tag.decode(), json.loads(body)))
    return records


@dataclasses.dataclass
class Outcome:
    """What a bounded run came to."""

    console: bytes
    seconds: float
    timed_out: bool
    killed: bool            # by the caller's `until`
    returncode: int
    errors: str             # the emulator's own
    records: list = dataclasses.field(default_factory=list)
    interrupted: bool = False
    first_start_s: float = 0.0   # from the emulator's start to the first START record; 0: none came

    def ends(self):
        return {record.body["name"]: record.body for record in self.records if record.tag == "END"}

    def done(self):
        """The DONE record's body; None: the run did not come to its end."""
        done = [record.body for record in self.records if record.tag == "DONE"]
        return done[-1] if done else None

    def status(self):
        if self.done() is not None:
            unsaved = any(record.tag == "UNSAVED" for record in self.records)
            return int(self.done()["status"]) or (EXIT_USAGE if unsaved else 0)
        return EXIT_TIMEOUT if self.timed_out else EXIT_BROKEN

    def text(self):
        """The console without record lines and terminal control."""
        plain = re.sub(rb"\x1b\[[0-9;=?]*[A-Za-z]", b"", self.console).decode("ascii", "replace").replace("\r", "")
        return "\n".join(line for line in plain.split("\n")
                         if "@anechoic " not in line and not compact_records.LINE.search(line.encode()))


def start(command, **how):
    """A process in a session of its own, as Ctrl-C is ours to take; it ends with the thread that started it."""
    ours = os.getpid()
    return subprocess.Popen(command, start_new_session=True, preexec_fn=lambda: processes.end_with_parent(ours), **how)


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()


def stop_group(process):
    """Ends a process that leads a session of its own, and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def run_bounded(command, limit_s, on_bytes=None, until=None, while_heard=False, paced=False):
    """Runs an emulator for `limit_s` seconds at most, or with `while_heard` until nothing came for so long; with
    `paced` the seconds are a quiet machine's, and more pass on one that is busy. `on_bytes(chunk)` sees the console as
    it comes; `until(console)` true ends the run at once, as a power cut would; so does a KeyboardInterrupt, and what
    came until then is kept."""
    clock = pace.Clock().now if paced else time.monotonic
    started = time.monotonic()
    bounded = heard = clock()
    console = bytearray()
    timed_out = killed = interrupted = False
    first_start_s = 0.0
    with tempfile.TemporaryFile() as errors:
        process = start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                while True:
                    left = (heard if while_heard else bounded) + limit_s - clock()
                    if left <= 0:
                        timed_out = True
                        break
                    if not selector.select(min(left, 0.5)):
                        continue
                    chunk = os.read(process.stdout.fileno(), 65536)
                    if not chunk:
                        break
                    console += chunk
                    heard = clock()
                    if not first_start_s and b"@anechoic START" in console:
                        first_start_s = time.monotonic() - started
                    if on_bytes:
                        on_bytes(chunk)
                    if until and until(console):
                        killed = True
                        break
            if not timed_out and not killed:
                process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        except KeyboardInterrupt:
            interrupted = True
        finally:
            stop(process)
            process.stdout.close()
        errors.seek(0)
        message = errors.read().decode("utf-8", "replace")
    return Outcome(bytes(console), time.monotonic() - started, timed_out, killed, process.returncode, message,
                   records_read(bytes(console)), interrupted, first_start_s)


def boot(machine, limit_s, directory=None, **how):
    """Boots the machine once. With a directory, its stick stays there."""
    machine.check()
    if directory:
        machine.prepare(directory)
        return run_bounded(machine.command(directory), limit_s, **how)
    with tempfile.TemporaryDirectory(prefix="anechoic-") as own:
        machine.prepare(own)
        return run_bounded(machine.command(own), limit_s, **how)


# ---- which way? ------------------------------------------------------------------------------------------------------


def probe_host():
    """What an answer holds for: another kernel, QEMU or firmware asks again."""
    version = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, check=False,
                             text=True).stdout.split("\n")[0]
    return f"{os.uname().release} {version} {os.path.getmtime(FIRMWARE['x86_64']):.0f}"


def _probe_kvm_x86_64(build):
    """Which ways in carry a short run under KVM, found by trying, each for a few seconds at the most."""
    answer = {"kvm": "ok"}
    for way, limit_s in (("uefi", 8), ("pvh", 5)):
        machine = Machine(boot=way, accel="kvm", arguments="--quick tlb/lookup/mostly_hits", build=build)
        answer[way] = boot(machine, limit_s, paced=True).done() is not None
    return answer


def _kept_probe(build):
    return os.path.join(build, "probe-x86_64.json")


def known(arch, build):
    """What `probe` says without a trial run; None: it takes one."""
    if arch != os.uname().machine:
        return {"kvm": f"this host is {os.uname().machine}", "pvh": False, "uefi": False}
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return {"kvm": "/dev/kvm cannot be opened", "pvh": False, "uefi": False}
    if arch == "aarch64":
        return {"kvm": "ok", "pvh": False, "uefi": True}
    host = probe_host()
    try:
        with open(_kept_probe(build), encoding="utf-8") as file:
            answer = json.load(file)
        young = time.time() - answer["time"] < 3600
        if answer["host"] == host and (young or answer["uefi"] or answer["pvh"]):
            return answer
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def probe(arch, build):
    """What KVM carries on this host. Whether it may be opened is asked every time; what a trial run showed is kept in
    the build folder, good news for as long as kernel, QEMU and firmware are the same, bad news for an hour: the host
    may only have been busy."""
    answer = known(arch, build)
    if answer is None:
        answer = _probe_kvm_x86_64(build)
        answer.update(host=probe_host(), time=time.time())
        with open(_kept_probe(build), "w", encoding="utf-8") as file:
            json.dump(answer, file)
    return answer


def choose(arch, boot_way, accel, mode, build):
    """Fills in what the user left open: (boot, accel, one line that says why and what it means)."""
    if accel == "tcg" or arch != os.uname().machine:
        way = boot_way or "uefi"
        return way, "tcg", f"{way.upper()} under TCG, which emulates the CPU: figures are functional only"
    answer = probe(arch, build)
    wanted = [boot_way] if boot_way else (["uefi"] if mode == "handback" else ["uefi", "pvh"])
    for way in wanted:
        if answer[way]:
            why = "" if way == "uefi" or boot_way else ": KVM on this host emulates ring 0 and cannot carry firmware"
            return way, "kvm", f"{way.upper()} under KVM{why}; the programme runs at the hardware's speed"
    way = wanted[0]
    if accel == "kvm":
        return way, "kvm", f"{way.upper()} under KVM as asked, though a trial run did not come to its end"
    reason = answer["kvm"] if answer["kvm"] != "ok" else f"KVM on this host cannot carry {way.upper()}"
    return way, "tcg", f"{way.upper()} under TCG ({reason}), which emulates the CPU: figures are functional only"
