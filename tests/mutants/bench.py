#!/usr/bin/env python3
"""How many small ways to break the shipped controller does the bench catch, through the door that strangers come by?

Draws mutants of crates/dose-controller, builds each one as a library, and benches it with `--controller lib:`. Nothing of the
controller's own tests takes part: what counts is what an engineer sees who brings this controller.

    cargo build --release -p weanbench
    tests/mutants/bench.py --count 60 --seed 1 > mutants.tsv
    tests/mutants/bench.py --patches tests/mutants/strangers > strangers.tsv    # breaks that somebody wrote

A line for each mutant: the least of the following that it comes to.

    stale       it is a patch, and does not apply any more
    unviable    it does not compile
    same        every story has the digest of the sound controller: nothing to see
    kit         `weanbench conform` fails it
    stories     a requirement is violated in another story (`weanbench run`, every story that ships)
    expected    a story ends otherwise than its [expect] says: another verdict, other alarms
    missed      it behaves otherwise, and nothing was said against it

Needs cargo-mutants and Python 3.9; some half a minute a mutant on an idle machine.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "target/release/weanbench"
TREE = ROOT / "target/mutants-bench/tree"
BUILD = ROOT / "target/mutants-bench/build"
#: Longer than any story takes: whoever needs it never comes to rest.
PATIENCE_S = 900


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--count", type=int, default=60, help="how many mutants are drawn")
    arguments.add_argument("--seed", type=int, default=1, help="which ones")
    arguments.add_argument("--patches", type=pathlib.Path, help="a directory of patches, in place of mutants")
    asked = arguments.parse_args()
    if not BENCH.exists():
        sys.exit("the bench is not built: cargo build --release -p weanbench")
    clone()
    sound = digests(build())
    drawn = written(asked.patches) if asked.patches else random.Random(asked.seed).sample(mutants(), asked.count)
    counts = {}
    for mutant in drawn:
        came, said = judged(mutant, sound)
        counts[came] = counts.get(came, 0) + 1
        print(came, mutant["name"], said, sep="\t", flush=True)
    seen = sum(count for came, count in counts.items() if came not in ("stale", "unviable", "same"))
    print(f"{counts}: {seen - counts.get('missed', 0)} of {seen} that can be seen", file=sys.stderr)


def clone():
    """A copy of what is committed, to break."""
    shutil.rmtree(TREE, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, TREE], check=True)


def mutants():
    listed = subprocess.run(
        ["cargo", "mutants", "--package", "dose-controller", "--list", "--json", "--diff"],
        cwd=TREE, check=True, capture_output=True, text=True,
    )
    return json.loads(listed.stdout)


def written(directory):
    """Patches of a directory, each as a mutant would be; they are applied at the root of the tree."""
    patches = sorted(directory.glob("*.patch"))
    if not patches:
        sys.exit(f"{directory}: no file ends in .patch")
    return [{"name": it.stem, "diff": it.read_text()} for it in patches]


def build():
    """The controller of the tree as a library; none where it does not compile."""
    command = ["cargo", "build", "--quiet", "--locked", "-p", "builtin-controller", "--target-dir", BUILD]
    built = subprocess.run(command, cwd=TREE, capture_output=True, text=True)
    return BUILD / "debug/libbuiltin_controller.so" if built.returncode == 0 else None


def judged(mutant, sound):
    """What a mutant comes to, and what was said."""
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=TREE, check=True)
    target = [mutant["file"]] if "file" in mutant else ["--strip=1"]
    applied = subprocess.run(["patch", "--quiet", *target], cwd=TREE, input=mutant["diff"], text=True, capture_output=True)
    if applied.returncode != 0:
        return "stale", ""
    library = build()
    if library is None:
        return "unviable", ""
    failed = conform(library)
    if failed:
        return "kit", failed
    stories = run(library)
    if stories is None:
        return "stories", "it never came to rest, or took the bench down"
    against = [f"{story['scenario']}: {it}" for story in stories for it in violated(story)]
    if against:
        return "stories", "; ".join(against)[:300]
    ended = [f"{story['scenario']}: {it['why']}" for story in stories for it in story["unacceptable"]]
    if ended:
        return "expected", "; ".join(ended)[:300]
    other = [name for name, digest in of(stories).items() if digest != sound[name]]
    return ("missed", ", ".join(other)) if other else ("same", "")


def conform(library):
    """What the kit has to say against it; nothing where it passes."""
    command = [BENCH, "conform", "--controller", f"lib:{library}", "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return "it never came to rest"
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "STALLED"))]
    return "; ".join(" ".join(line.split()) for line in lines)[:300] or f"exit {done.returncode}"


def run(library):
    """All stories, with what they expect of the shipped controller."""
    listed = subprocess.run([BENCH, "list", "scenarios", "--json"], check=True, capture_output=True, text=True)
    names = [it["name"] for it in json.loads(listed.stdout)["scenarios"] if it["name"] != "hwang-2019"]
    command = [BENCH, "run", *names, "--controller", f"lib:{library}", "--json", "--out", BUILD / "results"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout) if done.stdout else None


def violated(story):
    return [requirement for requirement, found in story["verdicts"].items() if found["violated"]]


def of(stories):
    return {story["scenario"]: story["digest"] for story in stories}


def digests(library):
    stories = run(library)
    assert not any(story["unacceptable"] for story in stories), "the sound controller is not as expected"
    return of(stories)


if __name__ == "__main__":
    main()
