"""RTAMT's online monitor beside ours, on the same samples: samples a second, and the same answers.

Ours is the example `speed` of `temporal-logic`, which this runs with cargo. The windows are filled
before the clock starts; ours does not care, and is measured over more samples. See README.md.
"""

import pathlib
import subprocess
import sys
import time

import rtamt

# RTAMT has no unbounded `always` online. Its `historically` of the rest says the same: the worst so far.
FORMULAS = [
    "historically(a > 1)",
    "eventually[0,T](a > 1)",
    "historically((a > 1) implies (eventually[0,T](b > 1)))",
]
WINDOWS = [60, 3_600]
SAMPLES = 5_000
# What ours must reach, by the length of the window in samples.
WANTED = {60: 30, 3_600: 1_000}


def samples():
    """Whole multiples of 1/500 from -2 to 2.998; the example makes the same ones."""
    state = 1
    while True:
        sample = []
        for name in "ab":
            state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
            sample.append((name, (state >> 33) % 2_500 / 500 - 2))
        yield sample


def theirs(text, window):
    """Samples a second, and the last answer."""
    spec = rtamt.StlDiscreteTimeOnlineSpecification()
    spec.declare_var("a", "float")
    spec.declare_var("b", "float")
    spec.spec = text.replace("T", str(window))
    spec.parse()
    spec.pastify()
    data = samples()
    for i in range(window + 1):
        spec.update(i, next(data))
    rest = [next(data) for _ in range(SAMPLES)]
    start = time.perf_counter()
    for i, sample in enumerate(rest, start=window + 1):
        answer = spec.update(i, sample)
    return SAMPLES / (time.perf_counter() - start), answer


def ours():
    """For each line of the example its formula, samples a second, and answer."""
    root = pathlib.Path(__file__).parents[2]
    command = "cargo run --quiet --release -p temporal-logic --example speed --".split()
    out = subprocess.run(
        [*command, str(SAMPLES)], cwd=root, check=True, stdout=subprocess.PIPE, text=True
    )
    for line in out.stdout.splitlines():
        text, speed, answer = line.split(";")
        yield text, float(speed), float(answer)


def main():
    print("| formula | window | RTAMT | ours | ratio | answer of both |")
    print("|---|--:|--:|--:|--:|--:|")
    lines, fine = ours(), True
    for text in FORMULAS:
        for window in WINDOWS:
            formula, speed, answer = next(lines)
            speed_theirs, answer_theirs = theirs(text, window)
            ratio = speed / speed_theirs
            # `always (a > 1)` has no window.
            fine &= answer == answer_theirs
            fine &= ratio >= WANTED[window if "T" in text else WINDOWS[0]]
            print(
                f"| `{formula}` | {window} | {speed_theirs:,.0f} | {speed:,.0f} "
                f"| {ratio:,.0f} | {answer:g}, {answer_theirs:g} |"
            )
    sys.exit(not fine)


if __name__ == "__main__":
    main()
