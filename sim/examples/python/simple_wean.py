"""A small wean controller in Python, benched unchanged by weanbench.

    weanbench run hwang-2019 --arm externalised-wean --controller 'exec:python3 sim/examples/python/simple_wean.py'

It primes, starts when two people have authorised a dose, goes down one rung of the prescription a day when two
assessments in a row permit it, holds for signs of withdrawal, stops for signs of overdose, and ends at the floor when
somebody confirms. It does not look at sensors in the line, weighings, clocks, memory or seals, and it says so:
``alarms`` and ``orders`` are what it has, and the bench judges it by requirements that speak of nothing else.

Engineering simulation only; never for clinical use.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any, Deque, Dict, List, Optional, Tuple

from weanbench_client import (
    PING, Answer, Ask, Controller, Json, Reading, command, finite, infuse, prime, quiet, serve, stop,
)

THERAPY = ("ACTIVE", "HOLD", "FALLBACK", "PAUSED", "STOPPED")
INFUSES = ("ACTIVE", "HOLD", "FALLBACK")
LATCHING = ("AL-04", "AL-05", "AL-16", "AL-21", "AL-37")
HOLDING = ("AL-05", "AL-21", "AL-26")
URGENT = ("AL-04", "AL-05", "AL-15", "AL-16", "AL-21", "AL-23", "AL-26", "AL-37")
BUCKET_MS = 300_000
DAY_BUCKETS = 288
RETRIES_MOST = 2
REFUSED_FOR_MS = 60_000
#: What a reading can be; a number beyond is told of, and used for nothing.
DOORS = {
    "delivered_ug": (0, 1e6), "reservoir_ul": (0, 1e5), "flow_ul_per_h": (-1e5, 1e5), "pressure_kpa": (-100, 1e3),
    "air_ul": (0, 1e5), "drained_csf_ul": (0, 1e5), "temperature_c": (-40, 125), "battery_min": (0, 1e7),
}
HOUR_MS = 3_600_000


class Panel:
    """Alarms: shown while their cause is there, and, if they latch, until somebody has acknowledged them."""

    def __init__(self) -> None:
        self.active: List[str] = []
        self.acknowledged: List[str] = []
        self.escalated: List[str] = []

    def acknowledge(self, alarm: str) -> None:
        if alarm in self.active and alarm not in self.acknowledged:
            self.acknowledged.append(alarm)

    def update(self, condition: List[str], escalated: List[str]) -> None:
        latched = [it for it in self.active if it in LATCHING and it not in self.acknowledged]
        before = set(self.active)
        self.active = sorted(set(condition) | set(latched))
        # Whoever has seen an alarm has not seen it once it has become more urgent.
        risen = set(escalated) - set(self.escalated)
        seen = set(self.active) & before - risen
        self.acknowledged = [it for it in self.acknowledged if it in seen]
        self.escalated = escalated


class Ledger:
    """Planned and given over the last 24 h, in steps of five minutes; given as an interval."""

    def __init__(self) -> None:
        self.buckets: Deque[List[float]] = deque([[0.0, 0.0, 0.0]])
        self.opened = 0
        self.total = [0.0, 0.0, 0.0]

    def add(self, since: int, until: int, rates: Tuple[int, int, int]) -> None:
        while since < until:
            while since >= self.opened + BUCKET_MS:
                self.opened += BUCKET_MS
                self.buckets.append([0.0, 0.0, 0.0])
                if len(self.buckets) > DAY_BUCKETS:
                    gone = self.buckets.popleft()
                    self.total = [a - b for a, b in zip(self.total, gone)]
            end = min(until, self.opened + BUCKET_MS)
            dose = [rate * (end - since) / HOUR_MS for rate in rates]
            self.buckets[-1] = [a + b for a, b in zip(self.buckets[-1], dose)]
            self.total = [a + b for a, b in zip(self.total, dose)]
            since = end

    def day(self) -> Tuple[int, int, int]:
        planned, low, high = (max(0, round(it)) for it in self.total)
        return planned, min(low, high), high


class Sheets:
    """What nurses saw: whether it permits a rung, and which signs stand."""

    def __init__(self, rules: Json) -> None:
        self.rules = rules
        self.usual: List[float] = []
        #: The last two full sheets: when, rise of tone in tenths, signs.
        self.seen: List[Tuple[int, int, int]] = []
        #: Tone in the last of them, and tone that jumped: not believed until the next sheet shows it too.
        self.tone = 0.0
        self.jumped: Optional[float] = None
        self.overdose = 0

    def take(self, at: int, sheet: Dict[str, Reading], weaning: bool) -> bool:
        """Takes a sheet in; False if a number on it is none that can be."""
        rules = self.rules
        tone = finite(sheet["spasticity_ashworth"].value, 0, 4)
        rass = finite(sheet["sedation_rass"].value, -5, 4)
        breaths = finite(sheet["breaths_per_min"].value, 0, 80)
        saturation = finite(sheet["saturation_percent"].value, 0, 100)
        heart = finite(sheet["heart_rate_per_min"].value, 0, 300)
        warmth = finite(sheet["temperature_c"].value, 25, 45)
        itch = finite(sheet["itch"].value, 0, 10)
        # Each sign of overdose counts by itself; what is missing takes none back.
        deep = (
            (breaths is not None and breaths < rules["breaths_least_per_min"])
            or (saturation is not None and saturation < rules["saturation_least_percent"])
            or (rass is not None and rass <= rules["sedation_deep_rass"])
        )
        looked = None not in (breaths, saturation, rass)
        if deep:
            self.overdose = min(2, self.overdose + 1)
        elif looked:
            self.overdose = 0
        if tone is None or rass is None or None in (breaths, saturation, heart, warmth, itch):
            return all(it.none is not None or finite(it.value, -1e9, 1e9) is not None for it in sheet.values())
        if not self.believes(tone, at):
            return True
        self.tone = tone
        if not weaning:
            self.usual.append(tone)
        usual = sorted(self.usual)[(len(self.usual) - 1) // 2] if self.usual else tone
        rise = max(0, round((tone - usual) * 10))
        signs = (
            (itch >= rules["itch"])
            + (rise >= rules["tone_rise_tenths"])
            + (heart > rules["heart_rate_per_min"])
            + (warmth * 1000 > rules["temperature_mdeg_c"])
            + (rass >= rules["agitation_rass"])
        )
        if not self.seen or at > self.seen[-1][0]:
            self.seen = (self.seen + [(at, rise, int(signs))])[-2:]
        return True

    def believes(self, tone: float, at: int) -> bool:
        jump, jumped = self.rules["jump_tenths"] / 10, self.jumped
        self.jumped = None
        old = not self.seen or at - self.seen[-1][0] >= self.rules["age_most_ms"]
        if old or abs(tone - self.tone) < jump or (jumped is not None and abs(tone - jumped) < jump):
            return True
        self.jumped = tone
        return False

    def age(self, now: int, since: int) -> int:
        return now - max(since, self.seen[-1][0] if self.seen else 0)

    def withdrawing(self) -> bool:
        return bool(self.seen) and self.seen[-1][2] >= self.rules["withdrawal_signs"]

    def permits(self, now: int, rungs: List[Json]) -> Optional[int]:
        """The decrement that the last two sheets both permit, in thousandths."""
        if len(self.seen) < 2 or any(now - at > self.rules["age_most_ms"] for at, _, _ in self.seen):
            return None
        for rung in rungs:
            if all(
                rise <= rung["tone_rise_most_tenths"] and signs <= rung["signs_most"]
                for _, rise, signs in self.seen
            ):
                return rung["decrement_permille"]
        return None


class SimpleWean(Controller):
    name = "simple-wean"
    version = "1"
    orders = [
        "authorise", "start", "pause", "resume", "stop", "hold_to_run", "confirm_complete", "flag_withdrawal",
        "flag_overdose", "acknowledge", "declare_line", "catheter_out",
    ]
    alarms = [
        "AL-04", "AL-05", "AL-14", "AL-15", "AL-16", "AL-20", "AL-21", "AL-22", "AL-23", "AL-25", "AL-26", "AL-37",
        "AL-39", "AL-40",
    ]

    def __init__(self, prescription: Json, session: int) -> None:
        super().__init__(prescription, session)
        self.limits, self.timing = prescription["limits"], prescription["timing"]
        self.wean, self.line = prescription["wean"], prescription["line"]
        self.drug = self.line["drug_ug_per_ml"]
        self.quantum = max(1, self.limits["flow_quantum_nl_per_h"] * self.drug // 1000)
        self.sheets = Sheets(prescription["observation"])
        self.panel, self.ledger = Panel(), Ledger()
        self.mode, self.on_since, self.now = "OFF", 0, 0
        self.restored = False
        self.plan = self.authorised = 0
        self.authorised_at: Optional[int] = None
        self.entry: Optional[Tuple[int, float, int]] = None
        self.line_state, self.prime_until, self.primed_nl = "unknown", 0, 0.0
        self.catheter_since: Optional[int] = None
        self.idle_since = 0
        self.peak: List[Tuple[int, int]] = []
        self.therapy_since, self.stepped_at = 0, 0
        self.weaned, self.low_since, self.withdrawal_at = False, None, -10**12
        self.wants, self.flagged, self.stopped_by = "", "", "ordered"
        self.refused_at = -10**12
        # The exchange with the pump.
        self.sequence, self.told, self.sent_at, self.repeats = 0, None, 0, 0
        self.read, self.spoken_at, self.pinged_at, self.differs_since = True, 0, 0, None
        self.in_force: Optional[Json] = None

    # -- one cycle ---------------------------------------------------------------------------------------------

    def step(self, ask: Ask) -> Answer:
        self.book(ask.at)
        self.now = ask.at
        self.hear(ask)
        reason = self.take(ask)
        condition = self.condition(ask)
        overdue = "AL-40" in condition and self.dwell() >= self.timing["dwell_ms"][1]
        self.panel.update(condition, ["AL-40"] if overdue else [])
        reason = self.move() or reason
        send = self.say()
        planned, low, high = self.ledger.day()
        in_therapy = self.mode in THERAPY
        missing = 0 if planned == 0 else max(0, planned - low) * 1000 // planned
        return Answer(
            next=self.now + self.wait(),
            send=send,
            mode=self.mode,
            plan_ng_per_h=self.plan if in_therapy else 0,
            reason=reason or self.why(),
            active=self.panel.active,
            condition=condition,
            latched=[it for it in self.panel.active if it not in condition],
            acknowledged=self.panel.acknowledged,
            escalated=self.panel.escalated,
            planned_24h_ng=planned,
            given_24h_ng=(low, high),
            deficit_permille=missing,
            asks=self.asks(),
            store=bool(ask.orders or ask.assessment) or (isinstance(send, dict) and "command" in send),
        )

    def wait(self) -> int:
        if self.mode in ("OFF", "POST"):
            return 1000
        if self.mode == "PRIME":
            return min(self.timing["cycle_ms"], self.timing["prime_lease_ms"] // 2)
        wait = min(self.timing["cycle_ms"], self.timing["ping_every_ms"])
        if not self.read:
            wait = min(wait, max(1000, self.sent_at + self.timing["read_back_ms"] - self.now))
        return wait

    def book(self, until: int) -> None:
        """What flowed since the last cycle: what the pump was told and has read back, or either while it has not."""
        if until > self.now:
            rates = [self.rate_of(self.in_force)]
            if not self.read:
                rates.append(self.rate_of(self.told))
            planned = self.plan if self.mode in THERAPY else 0
            self.ledger.add(self.now, until, (planned, min(rates), max(rates)))
            if self.mode == "PRIME":
                self.primed_nl += self.limits["flow_prime_nl_per_h"] * (until - self.now) / HOUR_MS

    @staticmethod
    def rate_of(action: Optional[Json]) -> int:
        return action["infuse"]["rate_ng_per_h"] if action and "infuse" in action else 0

    def hear(self, ask: Ask) -> None:
        ahead = self.now + self.timing["report_ahead_ms"]
        times = [it.at for it in ask.telemetry.values() if it.at is not None and it.at <= ahead]
        self.spoken_at = max([self.spoken_at] + times)
        for key, (least, most) in DOORS.items():
            said = ask.telemetry[key]
            if said.none in ("not_finite", "negative", "out_of_range") or (
                said.none is None and finite(said.value, least, most) is None
            ):
                self.refused_at = self.now
        accepted = ask.telemetry["accepted"]
        if accepted.value is None or not self.fresh():
            return
        self.in_force = accepted.value["action"]
        mine = (accepted.value["session"], accepted.value["sequence"]) == (self.session, self.sequence)
        if mine and self.in_force == self.told:
            self.read, self.repeats, self.differs_since = True, 0, None
        elif self.read and self.told is not None and self.differs_since is None:
            self.differs_since = self.now

    def fresh(self) -> bool:
        return self.now - self.spoken_at <= self.timing["report_cycles"] * self.timing["cycle_ms"]

    # -- people ------------------------------------------------------------------------------------------------

    def take(self, ask: Ask) -> Json:
        reason: Json = None
        for by, what, values in ask.orders:
            reason = self.obey(by, what, values, ask.host) or reason
        if ask.assessment is not None and ask.seen_at is not None:
            if not self.sheets.take(min(ask.seen_at, self.now), ask.assessment, self.weaned):
                self.refused_at = self.now
        if self.sheets.withdrawing() or self.flagged == "withdrawal":
            self.withdrawal_at = self.now
        return reason

    def refuse(self, why: Json) -> Json:
        self.refused_at = self.now
        return {"refused": why}

    def obey(self, by: int, what: str, values: Dict[str, Any], host: Json) -> Json:
        if by == 0 and what not in ("stop", "pause"):
            return self.refuse("stranger")
        if what == "acknowledge":
            self.panel.acknowledge(values["alarm"])
            if {"AL-05": "withdrawal", "AL-04": "overdose"}.get(values["alarm"]) == self.flagged:
                self.flagged = ""
        elif what == "declare_line":
            self.line_state = values["line"]
            if self.line_state == "connected" and self.catheter_since is None:
                self.catheter_since = self.now
        elif what == "catheter_out":
            self.catheter_since = None
        elif what == "hold_to_run":
            if self.mode not in ("IDLE", "PRIME"):
                return self.refuse({"wrong_mode": self.mode})
            if self.line_state != "open":
                return self.refuse("line_not_open")
            self.prime_until = self.now + self.timing["prime_lease_ms"]
        elif what == "authorise":
            return self.authorise(by, values["ug_per_day"])
        elif what == "start":
            return self.start(host)
        elif what in ("pause", "stop"):
            self.prime_until = 0
            if self.mode in THERAPY:
                self.wants = what
        elif what == "resume":
            return self.resume(host)
        elif what == "flag_withdrawal":
            self.flagged = "withdrawal"
        elif what == "flag_overdose":
            self.flagged = "overdose"
        elif what == "confirm_complete":
            if self.mode not in ("ACTIVE", "HOLD") or not self.at_the_end():
                return self.refuse("not_at_floor")
            self.mode, self.plan = "COMPLETE", 0
            return "completed"
        return None

    def authorise(self, by: int, raw: Any) -> Json:
        dose = finite(raw, 0, 1e5)
        if dose is None:
            return self.refuse({"bad_value": {"none": "out_of_range", "bits": "0" * 16}})
        if dose * 1000 > self.limits["ceiling_ng_per_day"]:
            return self.refuse({"above_ceiling": {"wanted_ng_per_day": round(dose * 1000)}})
        rate = round(dose * 1000 / 24 / self.quantum) * self.quantum
        least = -(-self.limits["flow_least_nl_per_h"] * self.drug // 1000)
        if rate < least:
            return self.refuse({"below_pump_floor": {"wanted_ng_per_h": rate, "least_ng_per_h": least}})
        if self.mode in THERAPY and rate * 1000 < self.highest() * self.limits["kept_in_24h_permille"]:
            return self.refuse("slope_spent")
        other = self.entry
        if other is None or other[0] == by or other[1] != dose \
                or self.now - other[2] > self.timing["second_user_within_ms"]:
            self.entry = (by, dose, self.now)
            return None
        self.entry, self.authorised, self.authorised_at = None, rate, self.now
        if self.mode in INFUSES and self.gap() == 0:
            before, self.plan = self.plan, rate
            self.note_plan()
            return {"authorised": {"from_ng_per_h": before, "to_ng_per_h": rate}}
        return None

    def may_begin(self, host: Json) -> Json:
        if host["record"] != "agrees" or not host["self_test_passed"]:
            return "not_authorised"
        if not self.fresh():
            return "pump_silent"
        return None

    def start(self, host: Json) -> Json:
        if self.mode != "IDLE":
            return self.refuse({"wrong_mode": self.mode})
        within = self.timing["start_within_ms"]
        if self.authorised_at is None or self.now - self.authorised_at > within:
            return self.refuse("not_authorised")
        if self.primed_nl < self.line["open_nl"] or self.line_state != "connected":
            return self.refuse("not_primed")
        if self.may_begin(host):
            return self.refuse(self.may_begin(host))
        self.mode, self.plan = "ACTIVE", self.authorised
        self.therapy_since = self.stepped_at = self.now
        self.stepped_at += self.wean["first_after_ms"] - self.wean["every_ms"]
        self.weaned = False
        self.note_plan()
        return {"started": {"at_ng_per_h": self.plan}}

    def gap(self) -> int:
        return self.now - self.idle_since if self.mode in ("PAUSED", "STOPPED") else 0

    def resume(self, host: Json) -> Json:
        if self.mode not in ("PAUSED", "STOPPED"):
            return self.refuse({"wrong_mode": self.mode})
        if self.may_begin(host):
            return self.refuse(self.may_begin(host))
        if self.overdosed():
            return self.refuse({"alarm_stands": "AL-04"})
        if self.gap() > self.timing["gap_most_ms"]:
            if self.authorised_at is None or self.authorised_at < self.idle_since:
                return self.refuse("gap_needs_authorisation")
            self.plan = min(self.authorised, self.gap_dose())
            self.note_plan()
        self.wants, self.mode = "", "HOLD"
        self.stepped_at = max(self.stepped_at, self.now - self.wean["every_ms"] + HOUR_MS)
        return {"started": {"at_ng_per_h": self.plan}}

    def gap_dose(self) -> int:
        share = 4 if self.gap() > self.timing["gap_long_ms"] else 2
        return max(self.plan // share // self.quantum * self.quantum, self.quantum)

    # -- alarms ------------------------------------------------------------------------------------------------

    def dwell(self) -> int:
        return 0 if self.catheter_since is None else self.now - self.catheter_since

    def overdosed(self) -> bool:
        return self.sheets.overdose >= 2 or self.flagged == "overdose"

    def condition(self, ask: Ask) -> List[str]:
        rules = self.prescription["observation"]
        therapy = self.mode in THERAPY
        silent = self.now - self.spoken_at
        unseen = self.sheets.age(self.now, self.therapy_since) if therapy else 0
        left = finite(ask.telemetry["reservoir_ul"].value, 0, 1e5)
        flow_ul_per_h = self.rate_of(self.told) / self.drug
        hours = 1e9
        if left is not None and flow_ul_per_h > 0:
            hours = (left - self.prescription["sensing"]["unusable_nl"] / 1000) / flow_ul_per_h
        low, lower = (it / HOUR_MS for it in self.timing["empty_ms"])
        waits = self.mode == "IDLE" and self.authorised_at is not None
        differs = self.differs_since is not None and self.now - self.differs_since >= self.timing["differs_ms"]
        stands = {
            "AL-04": self.overdosed(),
            "AL-05": therapy and (self.sheets.withdrawing() or self.flagged == "withdrawal"),
            "AL-14": hours <= low,
            "AL-15": hours <= lower,
            "AL-16": ask.telemetry["state"].value == "empty",
            "AL-20": self.now - self.refused_at < REFUSED_FOR_MS,
            "AL-21": not self.read and self.now - self.sent_at >= self.timing["read_back_ms"]
            and self.repeats >= RETRIES_MOST,
            "AL-22": silent > self.timing["link_ms"][0],
            "AL-23": silent > self.timing["link_ms"][1],
            "AL-25": therapy and unseen > rules["age_most_ms"],
            "AL-26": therapy and unseen > rules["missing_ms"],
            "AL-37": differs,
            "AL-40": self.dwell() >= self.timing["dwell_ms"][0],
            "AL-39": waits and self.now - (self.authorised_at or 0) > self.timing["idle_ms"][0],
        }
        return [alarm for alarm, cause in stands.items() if cause]

    # -- modes and the schedule --------------------------------------------------------------------------------

    def move(self) -> Json:
        before = self.mode
        if self.mode == "OFF":
            self.mode = "POST"
        elif self.mode == "POST" and self.now - self.on_since >= self.timing["self_test_ms"]:
            self.mode = "FALLBACK" if self.restored else "IDLE"
        elif self.mode == "FALLBACK" and self.fresh():
            self.mode = "HOLD"
        elif self.mode in ("IDLE", "PRIME"):
            full = self.primed_nl >= self.line["open_nl"]
            self.mode = "PRIME" if self.now < self.prime_until and not full else "IDLE"
        if self.mode in THERAPY and (self.overdosed() or (self.wants == "stop" and self.mode != "STOPPED")):
            self.mode = "STOPPED"
            self.stopped_by = "overdose_signs" if self.overdosed() else "ordered"
        elif self.mode in INFUSES and self.wants == "pause":
            self.mode, self.stopped_by = "PAUSED", "paused"
        if self.mode in ("ACTIVE", "HOLD"):
            holds = self.sheets.overdose > 0 or any(it in HOLDING for it in self.panel.active)
            self.mode = "HOLD" if holds else "ACTIVE"
        if self.mode in ("PAUSED", "STOPPED") and before not in ("PAUSED", "STOPPED"):
            self.idle_since = self.now
        if self.mode in THERAPY:
            floor = self.plan * 24 <= self.limits["floor_dose_ng_per_day"]
            self.low_since = (self.low_since or self.now) if floor else None
        return self.rung() if self.mode == "ACTIVE" else None

    def rung(self) -> Json:
        due = self.stepped_at + self.wean["every_ms"]
        last = self.wean["final_dose_ng_per_day"] // 24 // self.quantum * self.quantum
        if self.plan <= last:
            return {"waiting": "last_rung"}
        if self.now < due:
            return {"waiting": {"not_due": {"at": due}}}
        urgent = [it for it in self.panel.active if it in URGENT]
        if urgent:
            return {"waiting": {"alarm": urgent[0]}}
        if not self.fresh() or not self.read:
            return {"waiting": "report"}
        quiet_for = self.prescription["observation"]["after_withdrawal_ms"]
        if self.now - self.withdrawal_at <= quiet_for:
            return {"waiting": "after_withdrawal"}
        permille = self.sheets.permits(self.now, self.wean["rungs"])
        if permille is None:
            return {"waiting": "second_assessment"}
        wanted = round(self.plan * (1000 - permille) / 1000 / self.quantum) * self.quantum
        kept = -(-self.highest() * self.limits["kept_in_24h_permille"] // 1000)
        to = max(wanted, last, kept)
        if to >= self.plan:
            return {"waiting": "slope"}
        before, self.plan = self.plan, to
        self.stepped_at, self.weaned = self.now, True
        self.note_plan()
        return {
            "decremented": {
                "from_ng_per_h": before, "to_ng_per_h": to, "permille": permille, "cut": to != wanted,
            }
        }

    def note_plan(self) -> None:
        self.peak = [it for it in self.peak if self.now - it[0] <= 24 * HOUR_MS + HOUR_MS] + [(self.now, self.plan)]

    def highest(self) -> int:
        """The highest plan of the last 24 h: each holds until the next one."""
        ends = [at for at, _ in self.peak[1:]] + [self.now]
        held = [plan for (_, plan), end in zip(self.peak, ends) if self.now - end <= 24 * HOUR_MS]
        return max(held + [self.plan])

    def at_the_end(self) -> bool:
        return self.low_since is not None and self.now - self.low_since >= self.wean["last_rung_for_ms"]

    def asks(self) -> Dict[str, Any]:
        asks: Dict[str, Any] = {}
        if self.mode in ("ACTIVE", "HOLD") and self.at_the_end():
            asks["completion"] = True
        if self.mode in THERAPY and self.sheets.overdose == 1:
            asks["assessment"] = True
        if self.mode in ("PAUSED", "STOPPED") and not self.overdosed():
            asks["resumption"] = True
            if self.gap() > self.timing["gap_most_ms"]:
                asks["authorisation_ng_per_day"] = self.gap_dose() * 24
        return asks

    def why(self) -> Json:
        if self.mode in ("OFF", "POST", "IDLE"):
            return "not_started"
        if self.mode in ("PAUSED", "STOPPED"):
            return {"stopped": self.stopped_by}
        if self.mode == "HOLD":
            holding = [it for it in self.panel.active if it in HOLDING]
            return {"held": {"alarm": holding[0]} if holding else "overdose_unconfirmed"}
        return {"PRIME": "priming", "COMPLETE": "completed", "FALLBACK": {"held": "unreconciled"}}.get(
            self.mode, {"waiting": "response"}
        )

    # -- what leaves -------------------------------------------------------------------------------------------

    def wanted(self) -> Optional[Json]:
        if self.mode in ("ACTIVE", "HOLD"):
            return infuse(self.plan, self.drug)
        if self.mode in ("PAUSED", "STOPPED"):
            return stop(self.stopped_by, False)
        if self.mode == "COMPLETE":
            return stop("weaned", False)
        if self.mode == "PRIME":
            return prime(max(1, round(self.line["open_nl"] - self.primed_nl)))
        if self.mode == "IDLE" and self.told is not None:
            return stop("primed", False)
        return None

    def say(self) -> Json:
        wanted = self.wanted()
        if self.mode in ("OFF", "POST"):
            return quiet("self_test")
        if wanted is None:
            return quiet("nothing_started") if self.mode == "IDLE" else self.ping()
        again = self.mode == "PRIME" and self.told is not None and "prime" in self.told
        if again:
            # A prime is renewed while somebody holds the button, and by nothing else.
            renew = self.now - self.sent_at >= self.timing["prime_lease_ms"] // 2
            if not renew:
                return quiet("nothing_new")
        elif wanted == self.told:
            if self.read and self.differs_since is None:
                return self.ping()
            waited = self.now - self.sent_at >= self.timing["read_back_ms"]
            if waited and self.repeats < RETRIES_MOST and not self.read:
                self.repeats += 1
                return self.send()
            return self.ping()
        self.told, self.repeats = wanted, 0
        self.sequence += 1
        return self.send()

    def send(self) -> Json:
        self.read, self.sent_at, self.pinged_at = False, self.now, self.now
        lease = self.timing["prime_lease_ms" if "prime" in self.told else "lease_ms"]
        return command(self.session, self.sequence, self.told, lease)

    def ping(self) -> Json:
        if self.now - self.pinged_at < self.timing["ping_every_ms"]:
            return quiet("nothing_new" if self.read else "awaiting_read_back")
        self.pinged_at = self.now
        return PING

    # -- what outlives a reset ---------------------------------------------------------------------------------

    KEPT = (
        "mode", "plan", "authorised", "authorised_at", "primed_nl", "line_state", "peak", "therapy_since",
        "stepped_at", "weaned", "low_since", "withdrawal_at", "wants", "sequence", "told", "in_force", "now",
        "catheter_since", "stopped_by",
    )

    def save(self) -> Optional[str]:
        state = {key: getattr(self, key) for key in self.KEPT}
        sheets = self.sheets
        state["sheets"] = [sheets.usual, sheets.seen, sheets.overdose, sheets.tone, sheets.jumped]
        state["ledger"] = [list(self.ledger.buckets), self.ledger.opened, self.ledger.total]
        state["panel"] = [self.panel.active, self.panel.acknowledged, self.panel.escalated]
        return json.dumps(state)

    def wake(self, at: int, saved: Optional[str]) -> None:
        self.on_since = self.now = at
        if saved is None:
            return
        state = json.loads(saved)
        was = state["mode"]
        slept_since = state["now"]
        for key in self.KEPT:
            setattr(self, key, state[key])
        self.peak = [(when, plan) for when, plan in state["peak"]]
        sheets = self.sheets
        sheets.usual, seen, sheets.overdose, sheets.tone, sheets.jumped = state["sheets"]
        self.sheets.seen = [(when, rise, signs) for when, rise, signs in seen]
        buckets, self.ledger.opened, self.ledger.total = state["ledger"]
        self.ledger.buckets = deque(buckets)
        self.panel.active, self.panel.acknowledged, self.panel.escalated = state["panel"]
        self.restored = was in THERAPY
        if was in ("PAUSED", "STOPPED"):
            self.wants = "stop"
        rate = self.rate_of(self.in_force)
        self.ledger.add(slept_since, at, (self.plan if self.restored else 0, rate, rate))
        self.mode, self.now, self.idle_since = "OFF", at, at


if __name__ == "__main__":
    serve(SimpleWean)
