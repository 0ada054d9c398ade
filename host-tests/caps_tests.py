# SPDX-License-Identifier: Apache-2.0
"""`caps`: this machine, one that a dump is of, and machines that QEMU makes. The decoders' own tests are
test_caps_*.c."""

import json
import os
import random
import re
import socket
import struct
import subprocess
import tempfile

import cpuid_dumps
import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, limit, test
from hosted_tests import SHORTEST, anechoic
from image_tests import boot, machine, tail


def caps(*words):
    result = anechoic("caps", *words)
    expect_equal((result.returncode, result.stderr), (0, ""), f"caps {' '.join(words)}")
    return result.stdout


def sources(value):
    """Every object with a value says where it is from."""
    if isinstance(value, dict):
        if "value" in value:
            expect(value.get("source") and value["source"] != "not known", f"no source: {value}")
        for part in value.values():
            sources(part)
    elif isinstance(value, list):
        for part in value:
            sources(part)


@test("caps/this machine: what the operating system says, each with its source, and no name of the host")
def _():
    machine_json = caps("--format=json")
    described = json.loads(machine_json)
    check_schema("machine", described)
    sources(described)
    expect_equal(sorted(cpu["number"] for cpu in described["cpus"]), sorted(os.sched_getaffinity(0)), "CPUs")
    expect_equal(described["threads"]["value"], len(os.sched_getaffinity(0)), "threads")
    table = caps()
    said = " ".join(table.split())
    for advice in described["advice"]:
        expect(f"advice {advice['text']}, because {advice['reason']}" in said, f"not in the table: {advice}")
    for kind in described["kinds"]:
        expect(kind["measured_hz"]["value"] > 100_000_000, f"measured clock: {kind['measured_hz']}")
        for feature in kind["features"]:
            expect(re.search(rf"(^| ){feature}( |$)", table, re.M), f"{feature} is not in the table")
    expect(all(len(line) <= 120 for line in table.splitlines()), "a wide line")
    name = socket.gethostname()
    expect(len(name) < 4 or name not in machine_json + table, "the host's name")


@test("caps/hwloc draws it")
def _():
    described = json.loads(caps("--format=json"))
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "machine.xml")
        caps("--format=hwloc-xml", "-o", path)
        drawn = subprocess.run(["lstopo", "-i", path, "--of", "console", "--no-io"], check=True, capture_output=True,
                               text=True, timeout=limit(60))
    expect_equal(drawn.stderr, "", "what lstopo complains of")
    for what, count in (("PU L#", described["threads"]), ("Core L#", described["cores"]),
                        ("Package L#", described["packages"])):
        expect_equal(drawn.stdout.count(what), count["value"], f"{what} in\n{drawn.stdout}")


@test("caps/cores are counted once, and memory that nobody tells of is said so")
def _():
    table = caps()
    kinds = json.loads(caps("--format=json"))["kinds"]
    if len(kinds) == 1 and not kinds[0].get("name"):
        expect_equal(len(re.findall(r"^cores? ", table, re.M)), 1, f"lines on cores in\n{table}")
        expect(re.search(r"^CPUs  +[\d,-]+$", table, re.M), f"which CPUs:\n{table}")
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "SRAT"), "wb") as file:
            # ACPI 6.5, 5.2.16: one processor of node 0, and no memory.
            body = bytes(12) + struct.pack("<BBBBI8x", 0, 16, 0, 0, 1)
            header = struct.pack("<4sIBB6s8sI4sI", b"SRAT", 36 + len(body), 3, 0, b"ABCDEF", b"ABCDEFGH", 1, b"ABCD", 1)
            file.write(header[:9] + bytes([-sum(header + body) % 256]) + header[10:] + body)
        dump = os.path.join(directory, "..", os.path.basename(directory) + ".dump")
        with open(dump, "w", encoding="ascii") as file:
            file.write(cpuid_dumps.text(cpuid_dumps.MACHINES["alder_lake"][0]()))
        try:
            table = caps("--cpuid", dump, "--acpi", directory)
        finally:
            os.unlink(dump)
    expect("how much memory is not told" in table, table)


@test("caps/hwloc draws a hybrid, and says nothing against it")
def _():
    with tempfile.TemporaryDirectory() as directory:
        dump, path = os.path.join(directory, "dump"), os.path.join(directory, "machine.xml")
        for name in ("alder_lake", "meteor_lake"):
            make, wanted = cpuid_dumps.MACHINES[name]
            with open(dump, "w", encoding="ascii") as file:
                file.write(cpuid_dumps.text(make()))
            caps("--cpuid", dump, "--format=hwloc-xml", "-o", path)
            drawn = subprocess.run(["lstopo", "-i", path, "--of", "console"], check=True, capture_output=True,
                                   text=True, timeout=limit(60))
            expect_equal(drawn.stderr, "", f"what lstopo complains of in {name}")
            expect_equal(drawn.stdout.count("PU L#"), wanted["threads"], f"threads of {name}")
            expect_equal(drawn.stdout.count("Core L#"), wanted["cores"], f"cores of {name}")
            table = caps("--cpuid", dump)
            expect(re.search(r"^P  +\d+ cores, CPUs 0-", table, re.M), f"a kind's cores and CPUs:\n{table}")
            expect(not re.search(r"^L3 .*\(P\)", table, re.M), f"an L3 of all kinds is called P's:\n{table}")


@test("caps/a run's results have it")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        expect_equal(anechoic("run", *SHORTEST, "--out", path, "tlb/lookup/mostly").returncode, 0, "run")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    check_schema("results", results)
    described, on = results["context"]["machine"], results["context"]["measured_on"]
    check_schema("machine", described)
    expect_equal(len(described["cpus"]), len(os.sched_getaffinity(0)), "CPUs")
    expect_equal(f"core {on['cpu']}", results["context"]["pinning"], "the core that was measured")
    kind = described["kinds"][next(cpu["kind"] for cpu in described["cpus"] if cpu["number"] == on["cpu"])]
    for key, member in (("kind", "name"), ("microarchitecture", "microarchitecture")):
        expect_equal(on.get(key), kind.get(member, {}).get("value"), key)


def described_dump(directory, cpus):
    path = os.path.join(directory, "dump.txt")
    with open(path, "w", encoding="ascii") as file:
        file.write(cpuid_dumps.text(cpus))
    return json.loads(caps("--cpuid", path, "--format=json"))


@test("caps/dumps of hybrids, an old machine, and a guest that says little and what cannot be")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for name, (make, wanted) in cpuid_dumps.MACHINES.items():
            described = described_dump(directory, make())
            check_schema("machine", described)
            found = {key: described[key]["value"] for key in ("packages", "cores", "threads")}
            found["design"] = described["microarchitecture"]["value"]
            found["kinds"] = {kind.get("name", {}).get("value", ""): kind["cores"]["value"]
                              for kind in described["kinds"]}
            found["caches"] = sorted([cache["level"], cache["type"][0], cache["bytes"] >> 10, len(cache["cpus"])]
                                     for cache in described["caches"])
            for key, value in wanted.items():
                expect_equal(found[key], value, f"{name}: {key}")
        hybrid = described_dump(directory, cpuid_dumps.MACHINES["alder_lake"][0]())["advice"]
        expect(any(advice["basis"] == "told only" and "CPUs 0-15 are P, CPUs 16-23 are E" in advice["reason"]
                   for advice in hybrid), f"advice on a hybrid: {hybrid}")
        expect(all(advice["basis"] == "told only" for advice in hybrid), f"measured, of a dump: {hybrid}")
        guest = described_dump(directory, cpuid_dumps.MACHINES["kvm_guest"][0]())
        expect(any("not believed" in remark for remark in guest["remarks"]), guest["remarks"])
        expect_equal(guest["hypervisor"]["value"], "KVM", "hypervisor")


@test("caps/200 topologies of QEMU's are counted as they were asked for")
def _():
    choice = random.Random(1)
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(200):
            sockets, dies, cores, threads = (choice.randint(1, most) for most in (4, 3, 6, 2))
            vendor = choice.choice((cpuid_dumps.INTEL, cpuid_dumps.AMD))
            described = described_dump(directory, cpuid_dumps.qemu(sockets, dies, cores, threads, vendor))
            what = f"-smp sockets={sockets},dies={dies},cores={cores},threads={threads}, {vendor[0]:#x}"
            cores_all = sockets * dies * cores
            expect_equal([described[key]["value"] for key in ("packages", "cores", "threads")],
                         [sockets, cores_all, cores_all * threads], what)
            if vendor == cpuid_dumps.INTEL:
                expect_equal(described["dies"]["value"], sockets * dies, f"dies of {what}")
            else:
                expect_equal(described["clusters"]["value"], sockets * dies, f"complexes of {what}")
            shared = {level: sorted(len(cache["cpus"]) for cache in described["caches"] if cache["level"] == level)
                      for level in (2, 3)}
            l3 = cores * threads * (dies if vendor == cpuid_dumps.INTEL else 1)
            expect_equal(shared, {2: [threads] * cores_all, 3: [l3] * (cores_all * threads // l3)}, f"caches of {what}")


@test("caps/bad dumps and folders are named")
def _():
    with tempfile.TemporaryDirectory() as directory:
        def refused(text, words, option="--cpuid"):
            path = os.path.join(directory, "dump")
            with open(path, "wb") as file:
                file.write(text)
            result = anechoic("caps", option, path)
            expect_equal(result.returncode, m.EXIT_USAGE, f"{text}: status")
            expect(path in result.stderr and words in result.stderr and result.stderr.count("\n") == 1, result.stderr)

        refused(b"", "no dump of CPUID")
        refused(b"hello\nworld\n", "no dump of CPUID")
        refused(b"CPU 0:\n   0x00000000 0x00: eax=0x0000000d ebx=0x75\n", "line 2: a reading without its four")
        refused(b"CPUID 00000000: 0000000D-756E6547-6C65746E\n", "line 1: a reading")
        refused(b"CPU 0:\n\0\xff\xfe", "no dump of CPUID")
        missing = anechoic("caps", "--cpuid", os.path.join(directory, "none"))
        expect(missing.returncode == m.EXIT_USAGE and "none: No such file" in missing.stderr, missing.stderr)
        missing = anechoic("caps", "--acpi", os.path.join(directory, "none"))
        expect(missing.returncode == m.EXIT_USAGE and "no folder with tables" in missing.stderr, missing.stderr)
        empty = os.path.join(directory, "d[1]")
        os.mkdir(empty)
        os.mkfifo(os.path.join(empty, "APIC"))
        nothing = anechoic("caps", "--acpi", empty)
        expect(nothing.returncode == m.EXIT_USAGE and "d[1]: no table in it" in nothing.stderr, nothing.stderr)
        wrong = anechoic("caps", "--format", "xml")
        expect(wrong.returncode == m.EXIT_USAGE and "hwloc-xml" in wrong.stderr, wrong.stderr)


def described_in_image(**how):
    outcome = boot(machine(arguments="--format=json caps", **how))
    text = outcome.text()
    expect(m.EXIT_BROKEN not in (outcome.status(),), tail(outcome))
    start = text.find('{"schema":"anechoic-machine/1"')
    expect(start >= 0, "no description on the console\n" + tail(outcome))
    described, _ = json.JSONDecoder().raw_decode(text[start:].replace("\n", "").replace("\r", ""))
    check_schema("machine", described)
    return described


def counts(described):
    return [described[level]["value"] for level in ("packages", "cores", "threads")]


@test("caps/image: every core of 2 packages of 2 cores of 2 threads, on x86_64")
def _():
    described = described_in_image(boot="pvh", accel="tcg", cores=8,
                                   extra=("-smp", "8,sockets=2,dies=1,cores=2,threads=2"))
    expect_equal(counts(described), [2, 4, 8], "packages, cores, threads")
    expect_equal(sorted(cpu["number"] for cpu in described["cpus"]), list(range(8)), "CPUs")
    expect_equal(described["hypervisor"]["value"], "TCG", "hypervisor")


@test("caps/image: every core of 2 packages of 2 cores, by PPTT and registers, on aarch64")
def _():
    described = described_in_image(arch="aarch64", cores=4, extra=("-smp", "4,sockets=2,clusters=1,cores=2,threads=1"))
    expect_equal(counts(described), [2, 4, 4], "packages, cores, threads")
    expect(described["packages"]["source"] == "PPTT", described["packages"])
    memory = [module["bytes"]["value"] for module in described["modules"]]
    expect_equal(sum(memory), 512 << 20, f"modules of SMBIOS: {described['modules']}")
    levels = sorted((cache["level"], cache["type"]) for cache in described["caches"])
    expect_equal(len(levels), 12, f"three caches a core: {levels}")
    expect(all(cache["source"].startswith("CCSIDR_EL1") for cache in described["caches"]), described["caches"])
