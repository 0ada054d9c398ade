#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make repeatability`: spread over 20 runs, with a named load on the other core, of
  - the ratio of reference/adds/3 to the reference kernel reference/chain/whole, both from one launch (bar: 1 %),
  - the same loop in Google Benchmark (Debian's libbenchmark-dev), its wall and its CPU time, on the same
    core under the same load.
The spread is (greatest - least) / median.

Exit status: 0 ours is within 1 %, 1 it is not, 2 a run failed, 77 with one core only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import machine as m
import noise

LOOP, KERNEL = "reference/adds/3", "reference/chain/whole"


def spread(values):
    return (max(values) - min(values)) / noise.quantile(values, 0.5)


def ours(options, directory, core):
    path = os.path.join(directory, "results.json")
    subprocess.run([noise.program(options.build), "run", "--cpu", str(core), "--nresamples", "100", "--exact", LOOP,
                    KERNEL, "--out", path], check=True, capture_output=True, timeout=60)
    found = noise.figures(path)
    return found[LOOP] / found[KERNEL]


def google(options, core):
    result = subprocess.run(["taskset", "-c", str(core), options.google, "--benchmark_format=json"], check=True,
                            capture_output=True, text=True, timeout=60)
    entry = json.loads(result.stdout)["benchmarks"][0]
    return entry["real_time"], entry["cpu_time"]


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--google", default="build/google-loop")
    parser.add_argument("--count", type=m.positive, default=20)
    options = parser.parse_args(argv)
    load = noise.neighbour_of("repeatability", "beside")
    ratios, walls, cpus = [], [], []
    try:
        with load, tempfile.TemporaryDirectory() as directory:
            for number in range(1, options.count + 1):
                ratios.append(ours(options, directory, load.measured))
                wall, cpu = google(options, load.measured)
                walls.append(wall)
                cpus.append(cpu)
                print(f"repeatability: run {number:2}: ratio {ratios[-1]:.6f}; Google Benchmark {wall:.4f} ns wall, "
                      f"{cpu:.4f} ns CPU", flush=True)
    except (subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
        print(f"repeatability: {error}", file=sys.stderr)
        return m.EXIT_USAGE
    print(f"\nrepeatability: {options.count} runs on core {load.measured}, load on core {load.cpu}: "
          f"{' '.join(noise.LOAD)}; {noise.load_average()}")
    print(f"{'three dependent additions':44} {'spread':>8}")
    print(f"{'ours, ratio to the reference kernel':44} {spread(ratios):8.2%}")
    print(f"{'Google Benchmark, wall time':44} {spread(walls):8.2%}")
    print(f"{'Google Benchmark, CPU time':44} {spread(cpus):8.2%}")
    return 0 if spread(ratios) <= 0.01 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
