"""How many days of therapy a peer simulates in a second of one core: `python peers.py simglucose|pas`.

Closed loop, as its own documentation shows it, without plots and files. Prints one line.
"""

import sys
import time


def simglucose():
    """Three days of one patient, a controller that the package brings."""
    from datetime import datetime, timedelta

    from simglucose.actuator.pump import InsulinPump
    from simglucose.controller.basal_bolus_ctrller import BBController
    from simglucose.patient.t1dpatient import T1DPatient
    from simglucose.sensor.cgm import CGMSensor
    from simglucose.simulation.env import T1DSimEnv
    from simglucose.simulation.scenario import CustomScenario

    days = 3
    start = datetime(2026, 1, 1)
    meals = [(hour + 24 * day, grams) for day in range(days) for hour, grams in ((7, 45), (12, 70), (18, 80))]
    env = T1DSimEnv(
        T1DPatient.withName("adolescent#001"),
        CGMSensor.withName("Dexcom", seed=1),
        InsulinPump.withName("Insulet"),
        CustomScenario(start_time=start, scenario=meals),
    )
    controller = BBController()

    def fly():
        step = env.reset()
        while env.time < start + timedelta(days=days):
            action = controller.policy(step.observation, step.reward, step.done, **step.info)
            step = env.step(action)

    return days, fly


def pas():
    """An hour of one patient, one decision a second."""
    from python_anesthesia_simulator import Patient

    seconds = 3_600

    def fly():
        patient = Patient([40, 170, 70, 0], ts=1)
        depth = 97.0
        for _ in range(seconds):
            wanted = max(0.0, 0.02 * (depth - 50.0))
            depth = patient.one_step(wanted, wanted)[0]

    return seconds / 86_400, fly


def main():
    days, fly = {"simglucose": simglucose, "pas": pas}[sys.argv[1]]()
    begun = time.process_time()
    fly()
    took = time.process_time() - begun
    print(f"  {days / took:.3f} simulated days a second of CPU ({days:.3f} days in {took:.2f} s)")


main()
