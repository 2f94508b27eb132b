"""Random formulas on random traces, judged by RTAMT: the answers that our evaluator must give too.

Discrete time, one sample a second, offline robustness at the first sample, every horizon inside the
trace. Writes `cases.csv` beside this file: first the traces, then for each formula one line with its
robustness on every trace. See README.md.
"""

import pathlib
import random

import rtamt

SEED = 20_260_727
SAMPLES = 40
TRACES = 25
FORMULAS = 600
HORIZON_MOST = SAMPLES - 1
DEPTH = 4

NUMBERS = ["a", "b", "c"]
LIMITS = ["-1.5", "0", "0.25", "1", "2.75"]
COMPARISONS = ["<", "<=", ">", ">=", "==", "!=="]


def term(rng):
    """A number: a signal, or arithmetic over signals, every operation in parentheses."""
    x, y = rng.choice(NUMBERS), rng.choice(NUMBERS)
    shape = rng.randrange(8)
    if shape < 4:
        return x
    if shape == 4:
        return f"abs({x})"
    if shape == 5:
        return f"abs(({x} - {y}))"
    if shape == 6:
        return f"({x} * {rng.choice(LIMITS)})"
    return f"({x} {rng.choice(['+', '-', '*'])} {y})"


def atom(rng):
    right = rng.choice(LIMITS) if rng.random() < 0.7 else term(rng)
    return f"({term(rng)} {rng.choice(COMPARISONS)} {right})"


def bounds(rng):
    begin = rng.choice([0, 0, 0, 1, 2, 4])
    return begin, begin + rng.choice([0, 1, 2, 3, 5, 8])


def formula(rng, depth):
    """A formula in full parentheses, and how many samples ahead it looks."""
    if depth == 0 or rng.random() < 0.1:
        return atom(rng), 0
    kind = rng.choice(
        "not edge past timed-past future future join join since until until".split()
    )
    inner, ahead = formula(rng, depth - 1)
    begin, end = bounds(rng)
    window = f"[{begin} s{rng.choice([',', ':'])}{end} s]"
    if kind == "not":
        return f"(not({inner}))", ahead
    if kind == "edge":
        return f"({rng.choice(['rise', 'fall'])}({inner}))", ahead
    if kind == "past":
        return f"({rng.choice(['once', 'historically'])}({inner}))", ahead
    if kind == "timed-past":
        return f"({rng.choice(['once', 'historically'])}{window}({inner}))", ahead
    if kind == "future":
        return f"({rng.choice(['always', 'eventually'])}{window}({inner}))", ahead + end
    other, other_ahead = formula(rng, depth - 1)
    ahead = max(ahead, other_ahead)
    if kind == "join":
        return f"({inner} {rng.choice(['and', 'or', 'implies'])} {other})", ahead
    if kind == "since":
        timed = window if rng.random() < 0.7 else ""
        return f"({inner} since{timed} {other})", ahead
    return f"({inner} until{window} {other})", ahead + end


def trace(rng):
    """Three signals: a walk, noise, and one that keeps its values and so makes ties."""
    walk, a, b, c = 0.0, [], [], []
    for _ in range(SAMPLES):
        walk += rng.gauss(0.0, 0.7)
        a.append(round(walk, 3))
        b.append(round(rng.uniform(-3.0, 3.0), 3))
        c.append(c[-1] if c and rng.random() < 0.7 else float(rng.randrange(-2, 4)))
    return {"a": a, "b": b, "c": c}


def robustness(text, signals):
    spec = rtamt.StlDiscreteTimeSpecification()
    for name in NUMBERS:
        spec.declare_var(name, "float")
    spec.set_sampling_period(1, "s", 0.1)
    spec.spec = text
    spec.parse()
    # RTAMT may lengthen the lists that it is given.
    data = {name: list(values) for name, values in signals.items()}
    return spec.evaluate({"time": list(range(SAMPLES)), **data})[0][1]


def main():
    rng = random.Random(SEED)
    traces = [trace(rng) for _ in range(TRACES)]
    lines = [f"# {SEED=} {SAMPLES=} {TRACES=} {FORMULAS=} rtamt={rtamt_version()}"]
    for number, signals in enumerate(traces):
        for name, values in signals.items():
            lines.append(f"trace;{number};{name};" + " ".join(repr(value) for value in values))
    # Three in four look ahead first, so that their operators of the past have a past to look at: the
    # first sample has none.
    done = 0
    while done < FORMULAS:
        text, ahead = formula(rng, DEPTH - (done % 4 > 0))
        if done % 4:
            begin = rng.randrange(3, 12)
            end = begin + rng.randrange(0, 6)
            text, ahead = f"({rng.choice(['always', 'eventually'])}[{begin},{end}]({text}))", ahead + end
        if ahead > HORIZON_MOST or len(text) > 700:
            continue
        answers = [robustness(text, signals) for signals in traces]
        lines.append(f"formula;{text};" + " ".join(repr(float(answer)) for answer in answers))
        done += 1
    path = pathlib.Path(__file__).with_name("cases.csv")
    path.write_text("\n".join(lines) + "\n")
    print(f"{FORMULAS * TRACES} pairs, {path.stat().st_size} bytes")


def rtamt_version():
    from importlib.metadata import version

    return version("rtamt")


if __name__ == "__main__":
    main()
