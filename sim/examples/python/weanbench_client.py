"""A client of the weanbench lockstep protocol, version 1, on the standard library alone (Python 3.9 and later).

Derive a class from :class:`Controller`, give it ``step``, and hand it to :func:`serve`:

    class Mine(Controller):
        name = "mine"

        def step(self, ask: Ask) -> Answer:
            ...

    if __name__ == "__main__":
        serve(Mine)

The bench speaks one line of JSON and waits for one line; everything else (stderr too) is up to you. The messages
are specified in ``sim/docs/lockstep.md``. Engineering simulation only; never for clinical use.
"""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import dataclass, field
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Type, Union

SCHEMA = "weanbench-lockstep/1"

Json = Any
#: What was ordered, and with which values: ``("authorise", {"ug_per_day": 400.0})``.
Order = Tuple[int, str, Dict[str, Any]]


class Reading(NamedTuple):
    """One reading: a value with its time, or the reason for none.

    ``value`` is a number as it came, NaN and infinities too: look at it before you use it.
    """

    at: Optional[int]
    value: Any
    none: Optional[str]

    @staticmethod
    def read(line: Json) -> "Reading":
        if "none" in line:
            return Reading(None, None, line["none"])
        if "bits" in line:
            return Reading(line.get("at"), struct.unpack(">d", bytes.fromhex(line["bits"]))[0], None)
        return Reading(line.get("at"), line["value"], None)


def finite(value: Any, least: float, most: float) -> Optional[float]:
    """The number if it is one and lies between the two; NaN does not."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    return None


@dataclass(frozen=True)
class Ask:
    """What one cycle is given. Times are milliseconds on the controller's own clock."""

    at: int
    #: The pump's last report that arrived, field by field; it may be old.
    telemetry: Dict[str, Reading]
    #: What a nurse saw, field by field, if anybody looked; ``seen_at`` is when.
    assessment: Optional[Dict[str, Reading]]
    seen_at: Optional[int]
    orders: List[Order]
    host: Dict[str, Json]

    @staticmethod
    def read(line: Json) -> "Ask":
        sheet = line.get("assessment")
        entries = None
        if sheet is not None:
            entries = {key: Reading.read(it) for key, it in sheet.items() if key != "at"}
        return Ask(
            at=line["at"],
            telemetry={key: Reading.read(it) for key, it in line["telemetry"].items()},
            assessment=entries,
            seen_at=None if sheet is None else sheet["at"],
            orders=[_order(it) for it in line["orders"]],
            host=line["host"],
        )


def _order(line: Json) -> Order:
    what = line["what"]
    if isinstance(what, str):
        return line["by"], what, {}
    ((word, body),) = what.items()
    values = {key: Reading.read(it).value if isinstance(it, dict) else it for key, it in body.items()}
    return line["by"], word, values


def infuse(rate_ng_per_h: int, drug_ug_per_ml: int) -> Json:
    """An action: infuse. Zero is not a rate."""
    return {"infuse": {"rate_ng_per_h": rate_ng_per_h, "drug_ug_per_ml": drug_ug_per_ml}}


def prime(volume_left_nl: int) -> Json:
    """An action: fill the open line."""
    return {"prime": {"volume_left_nl": volume_left_nl}}


def stop(cause: str, clamp: bool) -> Json:
    """An action: move nothing, for a cause of the protocol's list."""
    return {"stop": {"cause": cause, "clamp": clamp}}


def command(session: int, sequence: int, action: Json, lease_ms: int) -> Json:
    """What leaves for the pump: an action that is good until its lease ends."""
    return {"command": {"session": session, "sequence": sequence, "action": action, "lease_ms": lease_ms}}


PING: Json = "ping"


def quiet(why: str) -> Json:
    """Nothing leaves, and why."""
    return {"quiet": why}


@dataclass
class Answer:
    """What one cycle decided. Doses in ng, rates in ng/h, times in ms."""

    #: When to be asked again; later than now.
    next: int
    send: Json
    mode: str
    plan_ng_per_h: int
    #: Which rule moved, held or refused the dose.
    reason: Json
    #: Alarms that are signalled; and those of them that somebody has acknowledged, and so on.
    active: List[str] = field(default_factory=list)
    condition: Optional[List[str]] = None
    latched: List[str] = field(default_factory=list)
    acknowledged: List[str] = field(default_factory=list)
    escalated: List[str] = field(default_factory=list)
    raised_to_high: List[str] = field(default_factory=list)
    sounding: Optional[List[str]] = None
    audio_paused: bool = False
    planned_24h_ng: int = 0
    given_24h_ng: Tuple[int, int] = (0, 0)
    deficit_permille: int = 0
    asks: Dict[str, Union[bool, int]] = field(default_factory=dict)
    #: Whether what must outlive a reset has changed; then ``save`` is called.
    store: bool = False

    def line(self, at: int) -> Json:
        alarms: Dict[str, Any] = {
            "active": self.active,
            "latched": self.latched,
            "acknowledged": self.acknowledged,
            "escalated": self.escalated,
            "raised_to_high": self.raised_to_high,
            "audio_paused": self.audio_paused,
        }
        if self.condition is not None:
            alarms["condition"] = self.condition
        if self.sounding is not None:
            alarms["sounding"] = self.sounding
        return {
            "at": at,
            "next": self.next,
            "send": self.send,
            "mode": self.mode,
            "plan_ng_per_h": self.plan_ng_per_h,
            "reason": self.reason,
            "alarms": alarms,
            "planned_24h_ng": self.planned_24h_ng,
            "given_24h_ng": list(self.given_24h_ng),
            "deficit_permille": self.deficit_permille,
            "asks": self.asks,
            "store": self.store,
        }


class Controller:
    """A controller for one run. A new one is made for each ``hello`` and each ``restart``."""

    name = "unnamed"
    version = "0"
    #: Orders, modes and alarms that it has; None means all. Requirements that speak of others do not apply.
    orders: Optional[List[str]] = None
    modes: Optional[List[str]] = None
    alarms: Optional[List[str]] = None

    def __init__(self, prescription: Json, session: int) -> None:
        """Switched on at time zero of its clock, or again after the power was gone."""
        self.prescription = prescription
        self.session = session

    def step(self, ask: Ask) -> Answer:
        """Takes one cycle's inputs and decides."""
        raise NotImplementedError

    def save(self) -> Optional[str]:
        """What must outlive a reset, as text that only you read; None stores nothing."""
        return None

    def wake(self, at: int, saved: Optional[str]) -> None:
        """Power is back at ``at``, with what was stored or with nothing."""


def serve(make: Type[Controller], lines: Any = None, out: Any = None) -> None:
    """Answers the bench until it says goodbye. One process serves any number of runs, one after the other."""
    lines = sys.stdin if lines is None else lines
    out = sys.stdout if out is None else out
    hello: Json = None
    controller: Optional[Controller] = None
    encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
    for text in lines:
        ((word, body),) = json.loads(text).items()
        if word == "bye":
            return
        if word == "hello":
            hello = body
            controller = make(hello["prescription"], hello["session"])
            reply = _ready(make, hello)
        elif hello is None or controller is None:
            reply = {"error": {"why": "`hello` comes first"}}
        elif word == "ask":
            ask = Ask.read(body)
            reply = {"answer": controller.step(ask).line(ask.at)}
        elif word == "save":
            reply = {"saved": {"at": body["at"], "state": controller.save()}}
        elif word == "restart":
            controller = make(hello["prescription"], body["session"])
            controller.wake(body["at"], body["saved"])
            reply = _ready(make, hello)
        else:
            reply = {"error": {"why": "`%s` is not known here" % word}}
        out.write(encode(reply))
        out.write("\n")
        out.flush()


def _ready(make: Type[Controller], hello: Json) -> Json:
    if hello["schema"] != SCHEMA:
        return {"error": {"why": "the bench speaks %s, and this client %s" % (hello["schema"], SCHEMA)}}
    ready: Dict[str, Any] = {"schema": SCHEMA, "name": make.name, "version": make.version, "reusable": True}
    for key in ("orders", "modes", "alarms"):
        declared = getattr(make, key)
        if declared is not None:
            ready[key] = declared
    return {"ready": ready}
