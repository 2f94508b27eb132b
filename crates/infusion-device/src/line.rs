//! Pressure in the line: one compliance, one resistance, solved exactly for an even inflow.
//!
//! ```text
//!   C dP/dt = Q - (P - P_back)/R        P(t) = P_end + (P_0 - P_end) e^(-t/RC),  P_end = P_back + Q R
//! ```
//!
//! A step may be far longer than RC (a healthy line settles in 0.1 s) or far shorter (a kink). At
//! the slip pressure the rotor turns and moves only what the resistance lets through.

/// Where the line ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlet {
    /// Resistance, mmHg per µL/h, above 0; infinite when nothing passes.
    pub(crate) resistance: f64,
    /// Pressure behind the resistance, mmHg.
    pub(crate) back_pressure_mmhg: f64,
}

/// What one step moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    /// Out of the pump, µL; negative is back into it.
    pub(crate) inflow_ul: f64,
    /// Out of the line, µL; negative is back into it.
    pub(crate) outflow_ul: f64,
}

/// The compliant part of the line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    healthy_ul_per_mmhg: f64,
    compliance_ul_per_mmhg: f64,
    slip_mmhg: f64,
    pressure_mmhg: f64,
}

impl Line {
    /// A line at the pressure of the atmosphere.
    pub(crate) const fn new(compliance_ul_per_mmhg: f64, slip_mmhg: f64) -> Self {
        Self {
            healthy_ul_per_mmhg: compliance_ul_per_mmhg,
            compliance_ul_per_mmhg,
            slip_mmhg,
            pressure_mmhg: 0.0,
        }
    }

    /// Pressure against the atmosphere, mmHg.
    pub(crate) const fn pressure_mmhg(&self) -> f64 {
        self.pressure_mmhg
    }

    /// Sets how much it yields, in multiples of the healthy compliance; the pressure stays.
    pub(crate) fn yields(&mut self, compliance_times: f64) {
        self.compliance_ul_per_mmhg = self.healthy_ul_per_mmhg * compliance_times;
    }

    /// Moves an even flow for `hours`.
    pub(crate) fn step(&mut self, flow_ul_per_h: f64, hours: f64, outlet: Outlet) -> Moved {
        let rise = self.rise(flow_ul_per_h, hours, outlet);
        let bound = if rise < 0.0 {
            -self.slip_mmhg
        } else {
            self.slip_mmhg
        };
        let beyond = (self.pressure_mmhg + rise - bound) * bound > 0.0;
        if beyond {
            return self.slip(flow_ul_per_h, hours, outlet, bound);
        }
        self.pressure_mmhg += rise;
        let inflow_ul = flow_ul_per_h * hours;
        let outflow_ul = if outlet.resistance.is_finite() {
            inflow_ul - self.compliance_ul_per_mmhg * rise
        } else {
            0.0
        };
        Moved {
            inflow_ul,
            outflow_ul,
        }
    }

    /// When the pressure passes `mmhg` on its way, hours; never when it does not.
    pub(crate) fn passes_h(&self, mmhg: f64, flow_ul_per_h: f64, outlet: Outlet) -> f64 {
        let share =
            (mmhg - self.pressure_mmhg) / (outlet.end_mmhg(flow_ul_per_h) - self.pressure_mmhg);
        if outlet.resistance.is_finite() && share > 0.0 && share < 1.0 {
            -outlet.resistance * self.compliance_ul_per_mmhg * libm::log1p(-share)
        } else {
            f64::INFINITY
        }
    }

    /// How far the pressure would move, mmHg.
    fn rise(&self, flow_ul_per_h: f64, hours: f64, outlet: Outlet) -> f64 {
        if !outlet.resistance.is_finite() {
            return flow_ul_per_h * hours / self.compliance_ul_per_mmhg;
        }
        let time_constants = hours / (outlet.resistance * self.compliance_ul_per_mmhg);
        let to_end = outlet.end_mmhg(flow_ul_per_h) - self.pressure_mmhg;
        // Beyond 40 time constants the rest is below the precision of an f64.
        let reached = if time_constants > 40.0 {
            1.0
        } else {
            -libm::expm1(-time_constants)
        };
        to_end * reached
    }

    /// The step that reaches `bound` on the way: before it the flow moves, after it the rotor slips.
    fn slip(&mut self, flow_ul_per_h: f64, hours: f64, outlet: Outlet, bound: f64) -> Moved {
        let to_bound = bound - self.pressure_mmhg;
        let stored_ul = self.compliance_ul_per_mmhg * to_bound;
        let (before_h, through_ul_per_h) = if outlet.resistance.is_finite() {
            let share = to_bound / (outlet.end_mmhg(flow_ul_per_h) - self.pressure_mmhg);
            let time_constant_h = outlet.resistance * self.compliance_ul_per_mmhg;
            (
                -time_constant_h * libm::log1p(-share),
                (bound - outlet.back_pressure_mmhg) / outlet.resistance,
            )
        } else {
            (stored_ul / flow_ul_per_h, 0.0)
        };
        let before_h = before_h.max(0.0).min(hours);
        let inflow_ul = flow_ul_per_h * before_h + through_ul_per_h * (hours - before_h);
        self.pressure_mmhg = bound;
        Moved {
            inflow_ul: if outlet.resistance.is_finite() {
                inflow_ul
            } else {
                stored_ul
            },
            outflow_ul: if outlet.resistance.is_finite() {
                inflow_ul - stored_ul
            } else {
                0.0
            },
        }
    }
}

impl Outlet {
    /// The pressure at which as much leaves as enters, mmHg.
    fn end_mmhg(self, flow_ul_per_h: f64) -> f64 {
        self.back_pressure_mmhg + flow_ul_per_h * self.resistance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKED: Outlet = Outlet {
        resistance: f64::INFINITY,
        back_pressure_mmhg: 10.0,
    };

    fn line_at(pressure_mmhg: f64) -> Line {
        Line {
            pressure_mmhg,
            ..Line::new(0.02, 500.0)
        }
    }

    #[test]
    fn a_healthy_line_passes_what_it_gets_in_any_step() {
        let open = Outlet {
            resistance: 0.001_2,
            back_pressure_mmhg: 10.0,
        };
        for hours in [1e-9, 1.0 / 3_600.0, 24.0, 1e6] {
            let mut line = line_at(open.end_mmhg(33.3));
            let moved = line.step(33.3, hours, open);
            let error = (moved.outflow_ul - 33.3 * hours).abs();
            assert!(error <= 1e-12 * (1.0 + hours), "{hours} h: {error}");
        }
    }

    /// 490 mmHg x 0.02 µL/mmHg = 9.8 µL; at 33.3 µL/h that takes 17.66 min.
    #[test]
    fn a_blocked_line_stores_until_the_rotor_slips() {
        let mut line = line_at(10.0);
        let moved = line.step(33.3, 17.6 / 60.0, BLOCKED);
        assert_eq!(moved.outflow_ul, 0.0);
        assert!((498.0..500.0).contains(&line.pressure_mmhg()));
        let rest = line.step(33.3, 1.0, BLOCKED);
        assert_eq!(line.pressure_mmhg(), 500.0);
        assert!((moved.inflow_ul + rest.inflow_ul - 9.8).abs() < 1e-12);
    }

    /// Ten times the compliance: from 10 to 490 mmHg takes 96 µL, and gives them back.
    #[test]
    fn a_soft_line_stores_more_at_the_same_pressure() {
        let mut line = line_at(10.0);
        line.yields(10.0);
        assert_eq!(line.pressure_mmhg(), 10.0);
        line.step(48.0, 2.0, BLOCKED);
        assert!((line.pressure_mmhg() - 490.0).abs() < 1e-9);
        let open = Outlet {
            resistance: 0.001_2,
            back_pressure_mmhg: 10.0,
        };
        let released = line.step(0.0, 1.0, open);
        assert!((released.outflow_ul - 96.0).abs() < 1e-9);
    }

    #[test]
    fn splitting_a_step_changes_nothing() {
        let kink = Outlet {
            resistance: 20.0,
            back_pressure_mmhg: 10.0,
        };
        let (mut whole, mut split) = (line_at(10.0), line_at(10.0));
        let once = whole.step(33.3, 2.0, kink);
        let (mut inflow_ul, mut outflow_ul) = (0.0, 0.0);
        for _ in 0..2_000 {
            let moved = split.step(33.3, 0.001, kink);
            inflow_ul += moved.inflow_ul;
            outflow_ul += moved.outflow_ul;
        }
        assert!((once.inflow_ul - inflow_ul).abs() < 1e-9);
        assert!((once.outflow_ul - outflow_ul).abs() < 1e-9);
        assert_eq!(
            (whole.pressure_mmhg(), split.pressure_mmhg()),
            (500.0, 500.0)
        );
    }
}
