#!/usr/bin/env python3
"""Medians and sums of canaries.csv, method beside method.

    tests/search/summary.py tests/search/canaries.csv [METHOD ...]

A canary that was not found counts as 2,001 runs. Only seeds that every method has are counted.
"""

import csv
import statistics
import sys


def main(path, methods):
    runs = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            runs[row["canary"], row["method"], int(row["seed"])] = int(row["runs"])
    canaries = list(dict.fromkeys(canary for canary, _, _ in runs))
    methods = methods or sorted({method for _, method, _ in runs}, key=lambda it: (it == "random", it))
    fewer = dict.fromkeys(methods, 0)
    sums = dict.fromkeys(methods, 0)
    print(f"{'canary':24}" + "".join(f"{it + ' median':>18}{'worst':>8}{'found':>8}" for it in methods))
    for canary in canaries:
        of = [{seed for name, of, seed in runs if (name, of) == (canary, it)} for it in methods]
        seeds = sorted(set.intersection(*of))
        if not seeds:
            continue
        line, medians = f"{canary:24}", {}
        for it in methods:
            each = [runs[canary, it, seed] for seed in seeds]
            medians[it] = statistics.median(each)
            sums[it] += sum(each)
            found = sum(one <= 2000 for one in each)
            line += f"{medians[it]:18.1f}{max(each):8}{found:5}/{len(seeds)}"
        for it in methods:
            fewer[it] += medians[it] < medians.get("random", 0)
        print(line)
    for it in methods:
        print(f"{it}: {sums[it]} runs in all; a lower median than random for {fewer[it]} of {len(canaries)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
