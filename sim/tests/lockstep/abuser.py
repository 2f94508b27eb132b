"""A controller that is wrong on purpose, each time in one way: the twenty and more abuses of the protocol.

    python3 abuser.py ABUSE [AFTER]

It greets as it must and answers soundly, with no therapy, until it has been asked AFTER times; then it
commits the abuse. Standard library only. Engineering simulation only; never for clinical use.
"""

import json
import os
import signal
import sys
import time

abuse = sys.argv[1]
after = int(sys.argv[2]) if len(sys.argv) > 2 else 3
asked = 0


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def say(word, **body):
    write(json.dumps({word: body}) + "\n")


def answer(at, **other):
    body = {
        "at": at, "next": at + 1000, "send": {"quiet": "nothing_started"}, "mode": "IDLE",
        "plan_ng_per_h": 0, "reason": "not_started", "alarms": {"active": []},
        "planned_24h_ng": 0, "given_24h_ng": [0, 0], "deficit_permille": 0,
    }
    body.update(other)
    return json.dumps({"answer": body}) + "\n"


def infuse(**action):
    given = {"rate_ng_per_h": 1000, "drug_ug_per_ml": 500}
    given.update(action)
    return {"command": {"session": 1, "sequence": 1, "action": {"infuse": given}, "lease_ms": 90000}}


def crash(_):
    sys.stderr.write("Traceback: the table of rungs is empty\n")
    sys.stderr.flush()
    os._exit(7)


def half_and_go(at):
    write(answer(at)[:40])
    os._exit(0)


def half_and_stay(at):
    write(answer(at)[:40])
    time.sleep(60)


def half_and_linger(at):
    write(answer(at)[:40])
    os.close(1)
    os.close(2)
    time.sleep(0.05)
    os._exit(5)


def another_group(_):
    os.setpgid(0, os.getpgid(os.getppid()))
    time.sleep(60)


def flood(_):
    while True:
        write("x" * 65536)


def flood_of_lines(at):
    # Two at once: on a busy machine the second of two that come one by one may be taken for the next answer.
    while True:
        write(answer(at) * 2)


def stderr_flood(at):
    for _ in range(20000):
        sys.stderr.write("the pump is talking to me in numbers that I do not like at all\n")
    sys.stderr.flush()
    write(answer(at, next=at))


def nested(_):
    write('{"answer":' * 100000 + "\n")


def killed(_):
    os.kill(os.getpid(), signal.SIGKILL)


def closes(_):
    os.close(1)
    time.sleep(60)


def with_a_grandchild(_):
    if os.fork() == 0:
        time.sleep(60)
    time.sleep(60)


ABUSES = {
    "silence": lambda at: time.sleep(60),
    "crash": crash,
    "killed": killed,
    "closes": closes,
    "garbage": lambda at: write("\x00\xff\x01 not json\n"),
    "empty-line": lambda at: write("\n"),
    "wrong-word": lambda at: say("ready", schema="weanbench-lockstep/1"),
    "unknown-word": lambda at: say("reply", at=at),
    "wrong-at": lambda at: write(answer(at - 1000)),
    "twice": lambda at: write(answer(at) * 2),
    "half-and-go": half_and_go,
    "half-and-stay": half_and_stay,
    "half-and-linger": half_and_linger,
    "another-group": another_group,
    "flood": flood,
    "flood-of-lines": flood_of_lines,
    "stderr-flood": stderr_flood,
    "nested": nested,
    "nan-rate": lambda at: write(answer(at, send=infuse(rate_ng_per_h=float("nan")))),
    "fraction": lambda at: write(answer(at, plan_ng_per_h=0.5)),
    "negative-rate": lambda at: write(answer(at, send=infuse(rate_ng_per_h=-1))),
    "zero-rate": lambda at: write(answer(at, send=infuse(rate_ng_per_h=0))),
    "no-drug": lambda at: write(answer(at, send=infuse(drug_ug_per_ml=0))),
    "huge-rate": lambda at: write(answer(at, plan_ng_per_h=10**30)),
    "unknown-alarm": lambda at: write(answer(at, alarms={"active": ["AL-99"]})),
    "undeclared-alarm": lambda at: write(answer(at, alarms={"active": ["AL-07"]})),
    "undeclared-mode": lambda at: write(answer(at, mode="PRIME")),
    "unknown-mode": lambda at: write(answer(at, mode="WEANING")),
    "misspelt": lambda at: write(answer(at, deficit_percent=3)),
    "no-reason": lambda at: write(answer(at, reason=None)),
    "turned-interval": lambda at: write(answer(at, given_24h_ng=[5, 4])),
    "past-next": lambda at: write(answer(at, next=0)),
    "next-is-now": lambda at: write(answer(at, next=at)),
    "gives-up": lambda at: say("error", why="the watchdog has bitten"),
    "grandchild": with_a_grandchild,
}


def greet():
    ready = {
        "schema": "weanbench-lockstep/1", "name": "abuser",
        "modes": ["OFF", "POST", "IDLE", "ACTIVE"], "alarms": ["AL-05"],
    }
    if abuse == "wrong-version":
        ready["schema"] = "weanbench-lockstep/99"
    if abuse == "silent-greeting":
        time.sleep(60)
    if abuse == "early-answer":
        return write(answer(0))
    if abuse == "misspelt-greeting":
        ready["alrams"] = []
    say("ready", **ready)


for line in sys.stdin:
    (word, body), = json.loads(line).items()
    if word == "hello":
        greet()
    elif word == "ask":
        asked += 1
        if asked > after and abuse in ABUSES:
            ABUSES[abuse](body["at"])
        else:
            write(answer(body["at"]))
    elif word == "save":
        say("saved", at=body["at"], state=None)
    elif word == "restart":
        say("ready", schema="weanbench-lockstep/1", modes=["OFF", "POST", "IDLE", "ACTIVE"], alarms=["AL-05"])
    elif word == "bye":
        break
