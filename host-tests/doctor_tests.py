# SPDX-License-Identifier: Apache-2.0
"""`anechoic doctor`: made-up machines, each a folder with what is below /proc and /sys of it."""

import json
import os
import tempfile

import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, test
from hosted_tests import anechoic

CPU = "sys/devices/system/cpu/"
STAT = "cpu  0 0 0 0 0 0 0 0\ncpu0 %d 0 0 9000 0 0 0 0 0 0\ncpu1 10 0 0 9990 0 0 0 %d 0 0\n"
TUNED = {   # a server on which nothing makes figures worse
    "proc/self/status": "Name:\tanechoic\nCapEff:\t000001ffffffffff\nCpus_allowed_list:\t0-1\n",
    "proc/self/cgroup": "0::/user.slice\n",
    "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    "proc/self/limits": "Max locked memory  unlimited unlimited bytes\nMax realtime priority 99 99\n",
    "proc/stat": STAT % (10, 0),
    "proc/uptime": "100.0 190.0\n",
    "proc/loadavg": "0.02 0.10 0.20 1/100 4711\n",
    "proc/interrupts": "           CPU0       CPU1\n  1:       900          0   IO-APIC  1-edge\n",
    "proc/irq/1/smp_affinity_list": "0\n",
    "proc/1/comm": "init\n",
    "proc/cmdline": "quiet isolcpus=managed_irq,1 nohz_full=1 rcu_nocbs=1\n",
    "proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu vme de pse tsc\n",
    "proc/meminfo": "MemTotal: 1000000 kB\nMemAvailable: 900000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
    "proc/sys/kernel/osrelease": "6.1.0\n",
    "boot/config-6.1.0": "# CONFIG_HZ_100 is not set\nCONFIG_HZ=250\n",
    "proc/sys/kernel/nmi_watchdog": "0\n",
    "proc/sys/kernel/randomize_va_space": "0\n",
    "proc/sys/kernel/numa_balancing": "0\n",
    "proc/sys/kernel/perf_event_paranoid": "-1\n",
    "sys/kernel/mm/ksm/run": "0\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "sys/devices/system/node/online": "0\n",
    CPU + "online": "0-1\n",
    CPU + "isolated": "1\n",
    CPU + "cpu1/topology/thread_siblings_list": "1\n",
    CPU + "cpu1/cpufreq/scaling_governor": "performance\n",
    CPU + "intel_pstate/no_turbo": "1\n",
    CPU + "cpu1/cpuidle/state0/latency": "0\n",
    CPU + "cpu1/cpuidle/state0/name": "POLL\n",
    CPU + "cpu1/cpuidle/state1/latency": "200\n",
    CPU + "cpu1/cpuidle/state1/name": "C6\n",
    CPU + "cpu1/cpuidle/state1/disable": "1\n",
    CPU + "cpu1/thermal_throttle/core_throttle_count": "0\n",
    CPU + "vulnerabilities/meltdown": "Not affected\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "sys/class/power_supply/AC/type": "Mains\n",
}
LAPTOP = dict(TUNED, **{
    "proc/self/status": "Name:\tanechoic\nCapEff:\t0000000000000000\nCpus_allowed_list:\t0-1\n",
    "proc/self/limits": "Max locked memory         8388608   8388608  bytes\nMax realtime priority     0       0\n",
    "proc/stat": STAT % (4000, 0),
    "proc/loadavg": "1.75 0.10 0.20 1/100 4711\n",
    "proc/interrupts": "           CPU0       CPU1\n  1:       900        5000   IO-APIC  1-edge\n",
    "proc/irq/1/smp_affinity_list": "0-1\n",
    "proc/77/comm": "irqbalance\n",
    "proc/cmdline": "quiet splash\n",
    "proc/meminfo": "MemTotal: 1000000 kB\nMemAvailable: 50000 kB\nSwapTotal: 2048 kB\nSwapFree: 1024 kB\n",
    "proc/sys/kernel/nmi_watchdog": "1\n",
    "proc/sys/kernel/randomize_va_space": "2\n",
    "proc/sys/kernel/perf_event_paranoid": "4\n",
    "sys/kernel/mm/ksm/run": "1\n",
    "sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
    CPU + "isolated": "\n",
    CPU + "cpu1/topology/thread_siblings_list": "0-1\n",
    CPU + "cpu1/cpufreq/scaling_governor": "powersave\n",
    CPU + "intel_pstate/no_turbo": "0\n",
    CPU + "cpu1/cpuidle/state1/disable": "0\n",
    CPU + "cpu1/thermal_throttle/core_throttle_count": "3\n",
    CPU + "vulnerabilities/meltdown": "Mitigation: PTI\n",
    CPU + "vulnerabilities/mds": "Vulnerable: Clear CPU buffers attempted, no microcode\n",
    "sys/class/power_supply/BAT0/type": "Battery\n",
    "sys/class/power_supply/BAT0/status": "Discharging\n",
    "sys/class/power_supply/mouse/type": "Battery\n",
    "sys/class/power_supply/mouse/scope": "Device\n",
    "sys/class/power_supply/mouse/status": "Charging\n",
})
LAPTOP_WORSE = ["load", "sibling", "governor", "battery", "memory", "boost", "heat", "swap", "idle", "isolation",
                "interrupts", "irqbalance", "tick", "ksm", "huge pages", "nmi watchdog", "aslr", "microcode",
                "mitigations", "counters", "locking", "priority"]


def plant(root, files):
    for name, content in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())


def examined(files, status, *words):
    """The findings of a machine of these files, by name, in their order."""
    with tempfile.TemporaryDirectory() as root:
        plant(root, files)
        shown = anechoic("doctor", "--root", root, "--format=json", *words)
    expect_equal((shown.returncode, shown.stderr), (status, ""), "exit status, and complaints")
    found = json.loads(shown.stdout)
    check_schema("doctor", found)
    return {finding["name"]: finding for finding in found["findings"]}


def names(findings, state):
    return [name for name, finding in findings.items() if finding["state"] == state]


@test("doctor/a tuned server has nothing, and a laptop all that it has, worst first")
def _():
    tuned = examined(TUNED, 0)
    expect_equal(names(tuned, "worse"), [], "of a tuned server")
    expect_equal(names(tuned, "not told"), ["microcode"], "which nobody here knows the newest of")
    laptop = examined(LAPTOP, 1)
    expect_equal(names(laptop, "worse"), LAPTOP_WORSE, "of a laptop")
    expect("core 0, busy" in laptop["sibling"]["found"], laptop["sibling"]["found"])
    expect_equal(laptop["sibling"]["worth"], "it was busy 30.8 % of the time since the machine's start", "measured")
    expect_equal(laptop["interrupts"]["worth"], "50 a second, the timer's included, since the machine's start",
                 "interrupts")
    expect_equal((laptop["governor"]["measured"], laptop["governor"]["worth"]), (False, "unmeasured"), "not measured")
    expect("cpu0/online" in laptop["sibling"]["mend"], laptop["sibling"]["mend"])
    expect_equal(names(examined(LAPTOP, 1, "--cpu=0"), "not told"), ["sibling", "governor", "heat", "idle"],
                 "of a core of which less is told")


@test("doctor/containers and guests are told what takes their time")
def _():
    group = {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "50000 100000\n",
             "sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "sys/fs/cgroup/a/cpu.stat": "usage_usec 1\nnr_throttled 12\n"}
    container = examined(dict(TUNED, **group), 1)
    expect_equal(names(container, "worse"), ["quota"], "the parent's limit is its own")
    expect("50 % of a core" in container["quota"]["found"], container["quota"]["found"])
    expect("12 periods" in container["quota"]["worth"], container["quota"]["worth"])
    first = {"proc/self/cgroup": "3:cpuset:/x\n2:cpu,cpuacct:/a\n",
             "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "150000\n", "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
             "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n"}
    expect("150 % of a core" in examined(dict(TUNED, **first), 1)["quota"]["found"], "version 1")
    guest = dict(TUNED, **{"proc/cpuinfo": "cpu\t: 0\nflags\t: fpu hypervisor lahf_lm\n",
                           "proc/stat": STAT % (10, 500),
                           "sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n"})
    found = examined(guest, 1)
    expect_equal(names(found, "worse"), ["steal", "guest", "clocksource"], "of a guest")
    expect_equal(found["steal"]["worth"], "the host took 4.8 % of the time since the machine's start", "stolen")
    silent = examined(dict(guest, **{"proc/stat": STAT % (10, 0)}), 1)
    expect_equal((silent["steal"]["state"], silent["sibling"]["state"]), ("not told", "not told"),
                 "a host that says nothing has not said that there is nothing")


@test("doctor/what is not told is not fine, and what is hostile is not told")
def _():
    nothing = examined({"empty": ""}, 3, "--cpu=1")
    expect_equal(set(finding["state"] for finding in nothing.values()), {"not told"}, "of an empty machine")
    with tempfile.TemporaryDirectory() as root:
        shown = anechoic("doctor", "--root", root)
        expect("nothing could be read: this says nothing of the machine" in shown.stdout, shown.stdout)
        expect("which cores this process may use is not told" in shown.stderr, shown.stderr)
    rubbish = bytes(range(256)) * 40
    huge = b"9" * (3 << 20)
    for content in (rubbish, huge, b"", b"\n", b"-", b"[", b"cpu1" + b" 99999999999999999999" * 9, b"0-99999999999"):
        found = examined({name: content for name in TUNED}, int(content.strip() != b""), "--cpu=1")
        expect("governor" in names(found, "not told") and "memory" in names(found, "not told"), f"{content[:8]}")
        # A list of processes without irqbalance, a folder without batteries and a core 99999999 are what they are.
        fine = set(names(found, "fine")) - {"battery", "irqbalance", "load", "interrupts"}
        expect_equal(fine, set(), f"fine, of files that begin with {content[:8]}")
    with tempfile.TemporaryDirectory() as root:
        for name in TUNED:
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            (os.mkfifo if "cpu" in name else os.makedirs)(os.path.join(root, name))
        shown = anechoic("doctor", "--root", root, "--cpu=1", limit_s=20)
        expect_equal(shown.returncode, 0, "pipes and folders in the places of files")


@test("doctor/nothing is said of a core that there is not")
def _():
    with tempfile.TemporaryDirectory() as root:
        plant(root, TUNED)
        shown = anechoic("doctor", "--root", root, "--cpu=2")
    expect_equal((shown.returncode, shown.stdout), (m.EXIT_USAGE, ""), "exit status, and findings")
    expect("there is no core 2" in shown.stderr, shown.stderr)


@test("doctor/callbacks are away where the kernel says that the timer is")
def _():
    files = dict(TUNED, **{"proc/cmdline": "quiet isolcpus=1\n", CPU + "nohz_full": "1\n"})
    expect_equal(examined(files, 0)["isolation"]["found"], "core 1: isolcpus, nohz_full, rcu_nocbs", "isolation")


@test("doctor/words, the table, and where it goes")
def _():
    with tempfile.TemporaryDirectory() as root:
        plant(root, LAPTOP)
        table = anechoic("doctor", "--root", root)
        expect_equal(table.returncode, 1, table.stderr)
        numbered = [line.split()[:2] for line in table.stdout.splitlines() if line[:3].strip().isdigit()]
        expect_equal(numbered, [[str(i + 1), name.split()[0]] for i, name in enumerate(LAPTOP_WORSE)], "in order")
        expect_equal(table.stdout.count("    mend "), len(LAPTOP_WORSE), "each with what mends it")
        expect("\nfine: " in table.stdout, table.stdout)
        everything = anechoic("doctor", "--root", root, "--all").stdout
        expect("fine  clocksource        tsc\n" in everything, everything)
        out = os.path.join(root, "out.json")
        expect_equal(anechoic("doctor", "--root", root, "--format=json", "-o", out).returncode, 1, "to a file")
        with open(out, encoding="utf-8") as file:
            expect_equal(json.load(file)["worse"], len(LAPTOP_WORSE), "in the file")
    for words in (("--format=xml",), ("--cpu=x",), ("--cpu=5000",), ("extra",), ("--root",)):
        expect_equal(anechoic("doctor", *words).returncode, m.EXIT_USAGE, f"exit status of {words}")
    here = json.loads(anechoic("doctor", "--format=json").stdout)
    check_schema("doctor", here)
    expect_equal((here["since_start"], here["seconds"]), (False, 0.5), "this machine is watched")
