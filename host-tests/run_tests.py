#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make test` and `make test-system`: builds what is tested, runs the tests, counts. The last line is
`N passed, M failed`; the exit status is non-zero when anything failed or nothing ran.

Criterion's cases are counted one by one, from its XML; a test binary that ran no case is a failure.
"""

import argparse
import functools
import glob
import importlib
import os
import resource
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))

import harness
import machine as m

JOBS = str(os.cpu_count() or 1)


def make(*words, limit_s=900):
    """One make call, quiet unless it fails."""
    result = subprocess.run(["make", "--no-print-directory", "-j", JOBS, *words], cwd=m.ROOT, check=False,
                            capture_output=True, text=True, timeout=harness.limit(limit_s))
    if result.returncode != 0:
        raise harness.Failed(f"make {' '.join(words)}:\n{result.stdout[-3000:]}{result.stderr[-6000:]}")


def children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def build_step(count, name, *words):
    before = children_cpu_s()
    result = harness.judged(lambda: make(*words))
    count.add(result.verdict, f"build/{name}", children_cpu_s() - before, result.detail)
    return result.verdict == "PASS"


def criterion(binary, limit_s=120):
    """Runs a Criterion binary and reads its cases."""
    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, "report.xml")
        result = subprocess.run([binary, f"--xml={report}", "--timeout", f"{harness.limit(limit_s):.0f}"], check=False,
                                capture_output=True, text=True, timeout=harness.limit(2.5 * limit_s))
        try:
            found = list(xml.parse(report).iter("testcase"))
        except (OSError, xml.ParseError):
            found = []
    harness.expect(found, "no test case ran\n" + result.stderr[-3000:])
    failed = [case.get("name") for case in found if case.find("failure") is not None or case.find("error") is not None
              or case.get("status") in ("FAILED", "ERRORED")]
    harness.expect(failed or result.returncode == 0, f"exit status {result.returncode}\n{result.stderr[-3000:]}")
    return harness.Cases(len(found) - len(failed), [(name, result.stderr[-3000:]) for name in failed])


def register_unit_tests(folder, label):
    for source in sorted(glob.glob(os.path.join(m.ROOT, "host-tests", "test_*.c"))):
        name = os.path.basename(source)[:-len(".c")]
        harness.test(f"{label}/{name[len('test_'):]}")(functools.partial(criterion, os.path.join(folder, name)))


def import_tests():
    """Every `*_tests.py` beside this file registers its tests."""
    folder = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(folder, "*_tests.py"))):
        if os.path.abspath(path) != os.path.abspath(__file__):
            importlib.import_module(os.path.basename(path)[:-len(".py")])


# Builds of the hosted programme and the unit tests with something in them that watches: folder below the build's, what
# make is told of it, and which tests run beside the unit tests.
WATCHED = {
    "sanitized": ("san", ("SAN=1",), ("hosted/",)),
    "coverage": ("coverage", ("BUILD={build}/coverage", "REPORT={build}/report", "CFLAGS=--coverage -Og"),
                 ("hosted/", "report/")),
}


def run_watched(count, options):
    folder, words, names = WATCHED[options.watched]
    if not build_step(count, options.watched, *(word.format(build=options.build) for word in words), "hosted",
                      "unit-tests"):
        return 0
    import hosted_tests
    hosted_tests.PROGRAM = os.path.join(m.ROOT, options.build, folder, "anechoic")  # before others take it from there
    import_tests()
    harness.TESTS[:] = [entry for entry in harness.TESTS if entry.name.startswith(names)]
    register_unit_tests(os.path.join(options.build, folder, "x86_64", "host-tests"), f"unit-{folder}")
    return harness.run(count, options.only)


def run_plain(count, options):
    register_unit_tests(os.path.join(options.build, "x86_64", "host-tests"), "unit")
    import_tests()
    if not harness.choose(harness.TESTS, options.only, options.system)[0]:
        return 0
    built = build_step(count, "report and newlib", "report-charts", "newlib")
    built = build_step(count, "x86_64", "ARCH=x86_64", "image", "hosted", "unit-tests", "test-applications") and built
    built = build_step(count, "aarch64", "ARCH=aarch64", "image", "hosted", "test-applications") and built
    if not built:
        return 0
    return harness.run(count, options.only, system=options.system)


def main(argv):
    # a shell's background job ignores SIGINT, and so would every programme that a test interrupts
    harness.interrupt_once()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="", help="part of a test's name, or a glob; 'unit' for the unit tests")
    parser.add_argument("--system", action="store_true", help="the long tests, and only those")
    parser.add_argument("--verbose", action="store_true", help="a line for each test that passes")
    parser.add_argument("--sanitized", action="store_const", dest="watched", const="sanitized",
                        help="unit tests and the hosted programme under ASan and UBSan")
    parser.add_argument("--coverage", action="store_const", dest="watched", const="coverage",
                        help="the same with gcov's counters; tools/coverage.py reads them")
    options = parser.parse_args(argv)
    os.chdir(m.ROOT)
    started = time.monotonic()
    count = harness.Count(verbose=bool(options.only or options.verbose))
    if options.watched:
        ran = run_watched(count, options)
    else:
        ran = run_plain(count, options)
    if ran:
        print(count.slowest())
        print(f"{time.monotonic() - started:.0f} s in all")
    elif count.failed == 0:  # else a build has failed, and was told
        print("nothing ran" + (f": no test matches '{options.only}'" if options.only else ""))
        count.failed += 1
    print(count.line())
    return 0 if count.failed == 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
