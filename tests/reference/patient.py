#!/usr/bin/env python3
"""Reference patient: the oracle that `crates/virtual-patient` is measured against.

Engineering simulation only; never for clinical use.

Writes `patients.csv` (who) and `trajectories.csv` (what became of them) beside itself.
Needs numpy and nothing else. One patient at a time, a fixed step of 0.1 h; every schedule below is
a function of the whole step number, so that no rounding of a time decides when a dose changes.

State   0..2  drug in lumbosacral, thoraco-cervical, cranial CSF, ug
        3, 4  spinal and supraspinal effect site, ng/mL
        5..7  gut, plasma, periphery, ug on the apparent (per bioavailability) scale
"""
import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
STEP_H = 0.1
STEPS_PER_H = 10
ROW_EVERY = 5

# Typical adult: value, and what it is.
TYPICAL = {
    "V1": 60.0, "V2": 45.0, "V3": 75.0,            # mL
    "CL1": 18.0, "CL2": 12.0, "CL3": 24.0,         # mL/h
    "Q12": 24.0, "Q23": 24.0,                      # mL/h
    "ke0s": 0.12, "ke0b": 0.12,                    # 1/h
    "eta": 1.0,                                    # share of tip concentration that the cord sees
    "ka": 2.0, "k10": 0.375, "k12": 0.449, "k21": 0.657,  # 1/h
    "Vc": 28.8,                                    # L
    "F": 0.74, "phi": 0.118,                       # bioavailability; CSF over plasma
    "gs": 3.0, "gb": 1.0,                          # gain of blood-borne drug
    "h": 1.5,
    "tauD": 56.0, "tauUp": 16.0, "tauDn": 6.0,     # h
    "ws": 0.5, "wb": 0.5, "theta": 0.11, "kappa": 1.25,
    "EC50s": 212.0,                                # ng/mL
    "Es": 0.75, "Eb": 0.35,
    "MAS0": 3.75, "Imax": 0.62, "mW": 1.2, "mOD": 5.0,
}
DOSE_RANGE_UG_PER_DAY = (22.0, 1400.0)


def draw(n, seed):
    """n patients with between-patient spread, as a list of dicts of shape-(1,) arrays, untitrated."""
    rng = np.random.default_rng(seed)

    def factor(cv, median=1.0):
        return median * np.exp(np.sqrt(np.log(1 + cv * cv)) * rng.standard_normal(n))

    p = {key: np.full(n, value) for key, value in TYPICAL.items()}
    for keys, cv in ((("V1", "V2", "V3"), 0.24), (("CL1", "CL2", "CL3"), 0.45), (("Q12", "Q23"), 0.40)):
        shared = factor(cv)
        for key in keys:
            p[key] = p[key] * shared
    p["ke0s"] = factor(0.35, TYPICAL["ke0s"])
    p["ke0b"] = p["ke0s"] * factor(0.2)
    p["k10"] = p["k10"] * factor(0.33)
    apart = {"eta": 0.35, "EC50s": 0.35, "gs": 0.60, "gb": 0.40, "tauD": 0.50, "kappa": 1.20}
    for key, cv in apart.items():
        p[key] = factor(cv, TYPICAL[key])
    shared = factor(0.50)
    p["tauUp"], p["tauDn"] = p["tauUp"] * shared, p["tauDn"] * shared
    es, eb = TYPICAL["Es"], TYPICAL["Eb"]
    p["Es"] = np.clip(rng.beta(es * 24, (1 - es) * 24, n), 0.4, 0.93)
    p["Eb"] = rng.beta(eb * 12, (1 - eb) * 12, n)
    p["MAS0"] = np.clip(3.75 + 0.40 * rng.standard_normal(n), 2.5, 4.0)
    return [{key: value[i:i + 1] for key, value in p.items()} for i in range(n)]


def typical():
    return {key: np.full(1, value) for key, value in TYPICAL.items()}


def rates(p, leak_ml_per_h=0.0):
    """The 8 x 8 matrix A of x' = A x + b r, in 1/h, with a leading axis of length 1."""
    a = np.zeros((1, 8, 8))
    volume = (p["V1"], p["V2"], p["V3"])
    clearance = (p["CL1"], p["CL2"], p["CL3"])
    a[:, 0, 0] = -(p["CL1"] + p["Q12"] + leak_ml_per_h) / p["V1"]
    a[:, 0, 1] = p["Q12"] / p["V2"]
    a[:, 1, 0] = p["Q12"] / p["V1"]
    a[:, 1, 1] = -(p["CL2"] + p["Q12"] + p["Q23"]) / p["V2"]
    a[:, 1, 2] = p["Q23"] / p["V3"]
    a[:, 2, 1] = p["Q23"] / p["V2"]
    a[:, 2, 2] = -(p["CL3"] + p["Q23"]) / p["V3"]
    a[:, 3, 0] = p["ke0s"] * p["eta"] * 1000.0 / p["V1"]
    a[:, 3, 3] = -p["ke0s"]
    a[:, 3, 6] = p["ke0s"] * p["gs"] * p["phi"] / p["Vc"]
    a[:, 4, 2] = p["ke0b"] * 1000.0 / p["V3"]
    a[:, 4, 4] = -p["ke0b"]
    a[:, 4, 6] = p["ke0b"] * p["gb"] * p["phi"] / p["Vc"]
    a[:, 5, 5] = -p["ka"]
    for i in range(3):  # drug absorbed from CSF is in the blood already: undo the apparent scale
        a[:, 6, i] = clearance[i] / volume[i] / p["F"]
    a[:, 6, 5] = p["ka"]
    a[:, 6, 6] = -(p["k10"] + p["k12"])
    a[:, 6, 7] = p["k21"]
    a[:, 7, 6] = p["k12"]
    a[:, 7, 7] = -p["k21"]
    return a


def inlet():
    b = np.zeros((1, 8, 1))
    b[:, 0, 0] = 1.0
    return b


def exponential(m):
    """exp(m): a Taylor sum to the twelfth power of m / 2^s, then s squarings."""
    norm = np.abs(m).sum(2).max()
    s = max(0, int(np.ceil(np.log2(max(norm, 1e-12)))) + 4)
    small = m / 2 ** s
    total = np.broadcast_to(np.eye(m.shape[1]), m.shape).copy()
    term = total.copy()
    for k in range(1, 13):
        term = term @ small / k
        total = total + term
    for _ in range(s):
        total = total @ total
    return total


def propagator(p, leak_ml_per_h):
    """(Phi, Gamma) over one step with the input held: the exponential of the augmented matrix."""
    m = np.zeros((1, 9, 9))
    m[:, :8, :8] = rates(p, leak_ml_per_h) * STEP_H
    m[:, :8, 8:] = inlet() * STEP_H
    e = exponential(m)
    return e[:, :8, :8], e[:, :8, 8]


def occupancy(c, ec50, h):
    c = np.maximum(c, 0.0)
    return c ** h / (ec50 ** h + c ** h)


def titrate(p, fixed_dose=None):
    """Adds dose, steady state, reached Es and EC50b: the dose is raised until Es is the accepted one.

    With `fixed_dose` the sensitivity is rescaled first, so that this is the dose the search ends at.
    """
    p = dict(p)
    per_unit = -np.linalg.solve(rates(p), inlet())[:, :, 0]

    def wanted():
        return p["EC50s"] * (p["Es"] / (1 - p["Es"])) ** (1 / p["h"])

    if fixed_dose is not None:
        p["EC50s"] = p["EC50s"] * fixed_dose / (wanted() / per_unit[:, 3] * 24.0)
    rate = np.clip(wanted() / per_unit[:, 3] * 24.0, *DOSE_RANGE_UG_PER_DAY) / 24.0
    p["dose0"] = rate * 24.0
    p["xss"] = per_unit * rate[:, None]
    p["Es_reached"] = occupancy(p["xss"][:, 3], p["EC50s"], p["h"])
    p["EC50b"] = p["xss"][:, 4] * ((1 - p["Eb"]) / p["Eb"]) ** (1 / p["h"])
    return p


def quiet(_k):
    return 0.0


def unaided(_k):
    return (0.0, 0.0)


def simulate(p, hours, share, oral_mg=quiet, adjunct=unaided, leak=quiet):
    """Rows (t_h, eight states, withdrawal, MAS, overdose), one every ROW_EVERY steps.

    Of the step number k: share(k) is the rate at the tip over the starting rate; oral_mg(k) is
    swallowed at its start; adjunct(k) is (damping of the drive, extra tone relief); leak(k) is mL/h.
    """
    known = {}
    x = p["xss"].copy()
    ds, db = p["Es_reached"].copy(), p["Eb"].copy()
    w1, w = np.zeros(1), np.zeros(1)
    keep_d, keep_up, keep_down = (np.exp(-STEP_H / p[key]) for key in ("tauD", "tauUp", "tauDn"))
    rows = []
    for k in range(hours * STEPS_PER_H + 1):
        x[:, 5] += oral_mg(k) * 1000.0
        damping, relief = adjunct(k)
        es, eb = occupancy(x[:, 3], p["EC50s"], p["h"]), occupancy(x[:, 4], p["EC50b"], p["h"])
        gap = p["ws"] * (ds - es) + p["wb"] * (db - eb) - p["theta"]
        drive = p["kappa"] * (1 - damping) * np.maximum(0.0, gap)
        withdrawal = 10 * w / (1 + w)
        overdose = np.maximum(0.0, eb - db - 0.10)
        relaxed = 1 - (1 - es) * (1 - relief)
        mas = p["MAS0"] * (1 - p["Imax"] * relaxed) + p["mW"] * withdrawal / 10.0 - p["mOD"] * overdose
        mas = np.clip(mas, 0, 4)
        if k % ROW_EVERY == 0:
            rows.append([k * STEP_H, *x[0], withdrawal[0], mas[0], overdose[0]])
        lost = float(leak(k))
        if lost not in known:
            known[lost] = propagator(p, lost)
        phi, gamma = known[lost]
        x = np.einsum("nij,nj->ni", phi, x) + gamma * (share(k) * p["dose0"] / 24.0)[:, None]
        ds = es + (ds - es) * keep_d
        db = eb + (db - eb) * keep_d
        w1_next = drive + (w1 - drive) * np.where(drive > w1, keep_up, keep_down)
        middle = 0.5 * (w1 + w1_next)
        w = middle + (w - middle) * np.where(middle > w, keep_up, keep_down)
        w1 = w1_next
    return rows


# The schedules, each a function of the step number k. `crates/virtual-patient/tests/reference.rs`
# says the same in Rust.
def day(k):
    return k // (24 * STEPS_PER_H)


def stop(_p):
    return dict(hours=96, share=lambda k: 0.0)


def wean(_p):
    """35 % of the current rate a day, to zero after six; oral 40, 60, 80 mg/day; adjunct from day 1."""
    shares = [0.65, 0.65 ** 2, 0.65 ** 3, 0.65 ** 4, 0.65 ** 5, 0.65 ** 6, 0.0]
    mg_per_day = [40, 60, 80]
    return dict(
        hours=192,
        share=lambda k: shares[min(day(k), 6)],
        oral_mg=lambda k: mg_per_day[min(day(k), 2)] * 6.0 / 24.0 if k % 60 == 0 else 0.0,
        adjunct=lambda k: (0.30, 0.25) if k >= 240 else (0.0, 0.0),
    )


def overinfusion(_p):
    """Ten times the rate from 2 h to 8 h, then the right rate again."""
    return dict(hours=72, share=lambda k: 10.0 if 20 <= k < 80 else 1.0)


def bolus(p):
    """500 ug within one step at 5 h, the usual rate beneath."""
    extra = 500.0 / (float(p["dose0"][0]) / 24.0) / STEP_H
    return dict(hours=48, share=lambda k: 1.0 + extra if k == 50 else 1.0)


def dural_leak(_p):
    """20 mL/h of CSF lost from 10 h on, pump running."""
    return dict(hours=96, share=lambda k: 1.0, leak=lambda k: 20.0 if k >= 100 else 0.0)


def restart(_p):
    """Nothing for 48 h, then the old rate at once."""
    return dict(hours=120, share=lambda k: 0.0 if k < 480 else 1.0)


def cases():
    """(name, titrated patient, schedule). The name of the schedule is the part before the dash."""
    everyone = draw(6, 20)
    who = {"typical": titrate(typical())}
    who.update({f"drawn{i}": titrate(p) for i, p in enumerate(everyone)})
    who["fixed400"] = titrate(everyone[5], 400.0)
    for schedule, names in (
        (stop, ("typical", "drawn0", "drawn1", "fixed400")),
        (wean, ("typical", "drawn0", "drawn2")),
        (overinfusion, ("typical", "drawn4")),
        (bolus, ("drawn5",)),
        (dural_leak, ("typical", "drawn0")),
        (restart, ("typical", "drawn3")),
    ):
        for name in names:
            yield f"{schedule.__name__}-{name}", who[name], schedule


def main():
    told = list(TYPICAL) + ["dose0", "Es_reached", "EC50b"]
    with open(HERE / "patients.csv", "w") as one, open(HERE / "trajectories.csv", "w") as two:
        patients, trajectories = (csv.writer(f, lineterminator="\n") for f in (one, two))
        patients.writerow(["case"] + told)
        trajectories.writerow(["case", "t_h", "csf_lumbar_ug", "csf_thoracic_ug", "csf_cranial_ug",
                               "spinal_ng_per_ml", "brain_ng_per_ml", "gut_ug", "plasma_ug", "tissue_ug",
                               "withdrawal", "mas", "overdose"])
        for name, p, schedule in cases():
            patients.writerow([name] + ["%.17g" % p[key][0] for key in told])
            for row in simulate(p, **schedule(p)):
                trajectories.writerow([name, "%.1f" % row[0]] + ["%.17g" % v for v in row[1:]])


if __name__ == "__main__":
    main()
