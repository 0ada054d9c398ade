#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make compare-os`: runs the hosted programme and the image (PVH + KVM) alternately and compares the minimum of time
per iteration of each benchmark over all alternations. The core's objects are the same in both, so the ratio is what the
operating system and the virtual machine cost.

Rows of the standard allocator are shown and not judged: it is newlib's there and glibc's here, not the same code.

Exit status: 0 what is judged agrees within the limit, 1 it does not, 77 without a KVM that carries PVH, 4 a run failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import machine as m

OTHER_CODE = "standard"    # begins the last part of the name


def hosted_minima(options, directory):
    path = os.path.join(directory, "hosted.json")
    command = [os.path.join(options.build, "anechoic"), "run", "--out", path, *options.arguments.split()]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=options.limit)
    if result.returncode != 0:
        raise RuntimeError("hosted run: exit status "
                           f"{result.returncode}\n{result.stdout[-1000:]}{result.stderr[-1000:]}")
    return minima(path)


def image_minima(options, directory):
    outcome = m.boot(m.Machine(boot="pvh", accel="kvm", arguments=options.arguments, build=options.build),
                     options.limit)
    if outcome.status() != 0:
        raise RuntimeError(f"image run: exit status {outcome.status()}\n{outcome.text()[-1000:]}")
    log, path = os.path.join(directory, "image.log"), os.path.join(directory, "image.json")
    with open(log, "wb") as file:
        file.write(outcome.console)
    subprocess.run([os.path.join(options.build, "anechoic"), "collect", log, "-o", path], check=True,
                   capture_output=True)
    return minima(path)


def minima(path):
    """Least ns per iteration of each benchmark that ran, from the raw samples."""
    with open(path, encoding="utf-8") as file:
        benchmarks = json.load(file)["benchmarks"]
    return {entry["name"]: min(time / iters for time, iters in zip(entry["times"], entry["iters"]))
            for entry in benchmarks if entry["status"] == "ok"}


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--arguments", default="")
    parser.add_argument("--alternations", type=int, default=5)
    parser.add_argument("--within", type=float, default=0.10)
    parser.add_argument("--limit", type=float, default=120, metavar="SECONDS", help="of one run")
    options = parser.parse_args(argv)

    if not m.probe("x86_64", options.build)["pvh"]:
        print("compare-os: skipped: no KVM here that carries PVH")
        return m.EXIT_SKIPPED
    hosted, image = {}, {}
    try:
        with tempfile.TemporaryDirectory() as directory:
            for number in range(1, options.alternations + 1):
                print(f"compare-os: alternation {number} of {options.alternations}", flush=True)
                for least, run in ((hosted, hosted_minima), (image, image_minima)):
                    for name, value in run(options, directory).items():
                        least[name] = min(value, least.get(name, value))
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"compare-os: {error}", file=sys.stderr)
        return m.EXIT_BROKEN

    print(f"\n{'benchmark':44} {'hosted ns':>12} {'image ns':>12} {'image/hosted':>13}")
    beyond = rows = 0
    for name in hosted:
        if name not in image:
            continue
        ratio = image[name] / hosted[name]
        judged = not name.split("/")[-1].startswith(OTHER_CODE)
        outside = judged and abs(ratio - 1) > options.within
        beyond += outside
        rows += judged
        print(f"{name:44} {hosted[name]:12.3f} {image[name]:12.3f} {ratio:13.3f}"
              + ("  BEYOND" if outside else "" if judged else "  not judged: another library"))
    print(f"\ncompare-os: minimum of time per iteration over {options.alternations} alternations; "
          f"{beyond} of {rows} rows beyond {options.within:.0%}")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
