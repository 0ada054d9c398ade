# SPDX-License-Identifier: Apache-2.0
"""The figure of a row of results.json, by its definition in docs/methodology.md: the 10 % quantile of its
samples' times an iteration."""


def of_samples(entry):
    ratios = sorted(time / iters for time, iters in zip(entry["times"], entry["iters"], strict=True))
    at = 0.1 * (len(ratios) - 1)
    below = int(at)
    if below + 1 >= len(ratios):
        return ratios[-1]
    return ratios[below] + (at - below) * (ratios[below + 1] - ratios[below])


def of(entry):
    """What shows in table, report, history and exports: the file's own, or where an earlier version wrote it, of the
    samples."""
    estimate = entry["estimates"].get("low_decile")
    return estimate["point"] if estimate else of_samples(entry)
