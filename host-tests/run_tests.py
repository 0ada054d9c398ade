#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make test` and `make test-system`: builds what is tested, runs the tests, counts. The last line is `N passed, M failed`; the exit status is non-zero
when anything failed or nothing ran.

Criterion's cases are counted one by one, from its XML; a test binary that ran no case is a failure.
"""

import argparse
import glob
import importlib
import os
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
    result = subprocess.run(["make", "--no-print-directory", "-j", JOBS, *words], cwd=m.ROOT, check=False, capture_output=True,
                            text=True, timeout=limit_s)
    if result.returncode != 0:
        raise harness.Failed(f"make {' '.join(words)}:\n{result.stdout[-3000:]}{result.stderr[-6000:]}")


def build_step(count, name, *words):
    started = time.monotonic()
    try:
        make(*words)
        count.add("PASS", f"build/{name}", time.monotonic() - started)
        return True
    except (harness.Failed, subprocess.TimeoutExpired) as error:
        count.add("FAIL", f"build/{name}", time.monotonic() - started, str(error))
        return False


def unit_tests(count, folder, label, only="", limit_s=300):
    """Every Criterion binary that `only` selects; returns how many cases ran."""
    cases = 0
    names = [os.path.basename(source)[:-len(".c")] for source in glob.glob(os.path.join(m.ROOT, "host-tests", "test_*.c"))]
    for binary in (os.path.join(folder, name) for name in sorted(names)):
        module = f"{label}/{os.path.basename(binary)[len('test_'):]}"
        if not harness.selected(module, only):
            continue
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as directory:
            report = os.path.join(directory, "report.xml")
            try:
                result = subprocess.run([binary, f"--xml={report}", "--timeout", "120"], check=False, capture_output=True,
                                        text=True, timeout=limit_s)
            except subprocess.TimeoutExpired:
                count.add("FAIL", module, limit_s, "time-out")
                continue
            seconds = time.monotonic() - started
            try:
                found = list(xml.parse(report).iter("testcase"))
            except (OSError, xml.ParseError):
                found = []
            if not found:
                count.add("FAIL", module, seconds, "no test case ran\n" + result.stderr[-3000:])
                continue
            failed = [case for case in found if case.find("failure") is not None or case.find("error") is not None
                      or case.get("status") in ("FAILED", "ERRORED")]
            for case in failed:
                count.add("FAIL", f"{module}/{case.get('name')}", seconds, result.stderr[-3000:])
            if result.returncode != 0 and not failed:
                count.add("FAIL", module, seconds, f"exit status {result.returncode}\n{result.stderr[-3000:]}")
            good = len(found) - len(failed)
            count.passed += good
            cases += len(found)
            print(f"PASS {module} ({seconds:.1f} s): {good} of {len(found)} cases", flush=True)
    return cases


def import_tests():
    """Every `*_tests.py` beside this file registers its tests."""
    folder = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(folder, "*_tests.py"))):
        if os.path.abspath(path) != os.path.abspath(__file__):
            importlib.import_module(os.path.basename(path)[:-len(".py")])


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="", help="part of a test's name, or a glob; 'unit' for the unit tests")
    parser.add_argument("--system", action="store_true", help="the long tests, and only those")
    parser.add_argument("--sanitized", action="store_true", help="unit tests and the hosted programme under ASan and UBSan")
    options = parser.parse_args(argv)
    os.chdir(m.ROOT)
    started = time.monotonic()
    count = harness.Count()
    ran = 0

    if options.sanitized:
        if build_step(count, "sanitized", "SAN=1", "hosted", "unit-tests"):
            ran += unit_tests(count, os.path.join(options.build, "san", "x86_64", "host-tests"), "unit-san")
            import cli_tests  # noqa: F401
            import format_tests  # noqa: F401
            import history_tests  # noqa: F401
            import hosted_tests
            hosted_tests.PROGRAM = os.path.join(m.ROOT, options.build, "san", "anechoic")
            ran += harness.run(count, "hosted/*")
    else:
        built = build_step(count, "report", "report-charts")
        built = build_step(count, "x86_64", "ARCH=x86_64", "image", "hosted", "unit-tests", "test-applications") and built
        built = build_step(count, "aarch64", "ARCH=aarch64", "image", "hosted", "test-applications") and built
        if not options.system:
            ran += unit_tests(count, os.path.join(options.build, "x86_64", "host-tests"), "unit", options.only)
        if options.only != "unit" and built:
            import_tests()
            ran += harness.run(count, options.only, system=options.system)

    print(f"{time.monotonic() - started:.0f} s in all")
    if ran == 0:
        print("nothing ran" + (f": no test matches '{options.only}'" if options.only else ""))
        count.failed += 1
    print(count.line())
    return 0 if count.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
