//! The way of the fluid: reservoir, tubing, connector, catheter, tip; every microgram is booked.
//!
//! ```text
//!                    line open: primed or spilled
//!                                ^
//!   reservoir <--> tubing -------+--- connector ---> catheter ---> tip ---> reached
//!                                         |  ^                      |  ^
//!                                  leaked v  | CSF backs out        v  | CSF follows
//!                                        lost                     lost
//! ```

use infusion_types::Concentration;

use crate::{
    Condition, DeviceSpec,
    catheter::Tube,
    line::{Line, Outlet},
    mass_ug,
    reservoir::Reservoir,
    sum::Sum,
};

/// Everything that holds or passes fluid.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) reservoir: Reservoir,
    line: Line,
    healthy_resistance: f64,
    tubing: Tube,
    catheter: Option<Tube>,
    connected: bool,
    pub(crate) booked: Booked,
}

/// Where drug and fluid went, in totals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Booked {
    pub(crate) filled_ug: Sum,
    pub(crate) withdrawn_ug: Sum,
    pub(crate) moved_ul: Sum,
    pub(crate) moved_ug: Sum,
    pub(crate) reached_ug: Sum,
    pub(crate) lost_ug: Sum,
    pub(crate) primed_ug: Sum,
    pub(crate) primed_ul: Sum,
    pub(crate) csf_lost_ul: Sum,
}

/// An even flow out of the pump.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drive {
    pub(crate) flow_ul_per_h: f64,
    pub(crate) hours: f64,
    /// Whether what leaves the open line is wanted.
    pub(crate) priming: bool,
}

/// What left the tubing and the tip, µL.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flowed {
    pub(crate) outlet_ul: f64,
    pub(crate) tip_ul: f64,
}

impl Flowed {
    /// What two parts of a step moved.
    pub(crate) fn and(self, next: Self) -> Self {
        Self {
            outlet_ul: self.outlet_ul + next.outlet_ul,
            tip_ul: self.tip_ul + next.tip_ul,
        }
    }
}

impl Path {
    pub(crate) fn new(spec: &DeviceSpec) -> Self {
        let pump = &spec.pump;
        let reservoir = Reservoir::new(
            pump.reservoir_fill_ul,
            ug_per_ml(pump.reservoir_drug),
            pump.reservoir_residual_ul,
        );
        let tubing = Tube::new(spec.line.tubing_ul, spec.line.tubing_ug_per_ml);
        let catheter = Tube::new(spec.catheter.volume_ul, spec.catheter.initial_ug_per_ml);
        let filled_ug = reservoir.drug_ug() + tubing.drug_ug() + catheter.drug_ug();
        Self {
            reservoir,
            line: Line::new(spec.line.compliance_ul_per_mmhg, pump.slip_mmhg),
            healthy_resistance: spec.line.resistance_mmhg_per_ul_per_h,
            tubing,
            catheter: Some(catheter),
            connected: false,
            booked: Booked {
                filled_ug: Sum::from(filled_ug),
                ..Booked::default()
            },
        }
    }

    pub(crate) const fn set_connected(&mut self, connected: bool) {
        self.connected = connected;
    }

    /// Whether the line is on a catheter that is in the patient.
    pub(crate) const fn on_patient(&self) -> bool {
        self.connected && self.catheter.is_some()
    }

    pub(crate) fn remove_catheter(&mut self) {
        if let Some(catheter) = self.catheter.take() {
            self.booked.lost_ug.add(catheter.drug_ug());
        }
    }

    /// Replaces what is in the reservoir.
    pub(crate) fn refill(&mut self, reservoir: Reservoir) {
        self.booked.withdrawn_ug.add(self.reservoir.drug_ug());
        self.booked.filled_ug.add(reservoir.drug_ug());
        self.reservoir = reservoir;
    }

    /// Moves fluid; where the reservoir runs out on the way, the step is split.
    pub(crate) fn advance(&mut self, drive: Drive, condition: &Condition) -> Flowed {
        let usable_ul = self.reservoir.usable_ul();
        if drive.flow_ul_per_h * drive.hours <= usable_ul {
            return self.flow(drive, condition);
        }
        let lasts_h = usable_ul / drive.flow_ul_per_h;
        let until_empty = Drive {
            hours: lasts_h,
            ..drive
        };
        let first = self.flow(until_empty, condition);
        let hours = drive.hours - lasts_h;
        if hours <= 0.0 {
            return first;
        }
        // A rotor that slipped has left something, but not more than this step can use.
        let left_ul_per_h = self.reservoir.usable_ul() / hours;
        let rest = Drive {
            flow_ul_per_h: left_ul_per_h.min(drive.flow_ul_per_h),
            hours,
            ..drive
        };
        first.and(self.flow(rest, condition))
    }

    /// An even flow out of the pump, split where the flow behind the connector turns round.
    fn flow(&mut self, drive: Drive, condition: &Condition) -> Flowed {
        let (outlet, passes) = self.outlet(condition);
        // Where nothing leaves the tubing, and where what passes makes up for what backs out.
        let turns_mmhg = [
            outlet.back_pressure_mmhg,
            outlet.back_pressure_mmhg
                + outlet.resistance * condition.csf_backflow_ul_per_h / passes.max(f64::EPSILON),
        ];
        let mut flowed = Flowed::default();
        let mut left_h = drive.hours;
        for _ in turns_mmhg {
            let turn_h = turns_mmhg
                .map(|mmhg| self.line.passes_h(mmhg, drive.flow_ul_per_h, outlet))
                .into_iter()
                .fold(f64::INFINITY, f64::min);
            if turn_h < left_h {
                let until_turn = Drive {
                    hours: turn_h,
                    ..drive
                };
                flowed = flowed.and(self.one_way(until_turn, condition));
                left_h -= turn_h;
            }
        }
        let rest = Drive {
            hours: left_h,
            ..drive
        };
        flowed.and(self.one_way(rest, condition))
    }

    /// An even flow that turns round nowhere.
    fn one_way(&mut self, drive: Drive, condition: &Condition) -> Flowed {
        if drive.hours <= 0.0 {
            return Flowed::default();
        }
        let (outlet, passes) = self.outlet(condition);
        let moved = self.line.step(drive.flow_ul_per_h, drive.hours, outlet);
        self.draw(moved.inflow_ul);
        let tip_ul = if self.on_patient() {
            let back_ul = condition.csf_backflow_ul_per_h * drive.hours;
            let through_ul = moved.outflow_ul * passes;
            let forward_ul = through_ul - back_ul;
            self.leave_tubing(moved.outflow_ul, forward_ul);
            self.leave_tip(forward_ul, condition.tip_share);
            self.tubing.push_back(through_ul - moved.outflow_ul, 0.0);
            self.run_back(-forward_ul, (-through_ul).max(0.0));
            forward_ul
        } else {
            self.leave_open_line(moved.outflow_ul, drive.priming);
            0.0
        };
        Flowed {
            outlet_ul: moved.outflow_ul,
            tip_ul,
        }
    }

    /// Where the tubing ends, and the share of its flow that goes on into the catheter.
    ///
    /// A connector that leaks is two ways out: the catheter behind its resistance, and the open.
    fn outlet(&self, condition: &Condition) -> (Outlet, f64) {
        let share = if self.on_patient() {
            condition.connector_share
        } else {
            0.0
        };
        let into_catheter = share / condition.resistance_times;
        let all = into_catheter + (1.0 - share);
        // A closed connector before a blocked catheter has no way out: what would pass, all passes.
        let passes = if all > 0.0 { into_catheter / all } else { 1.0 };
        let outlet = Outlet {
            resistance: self.healthy_resistance / all,
            back_pressure_mmhg: condition.csf_pressure_mmhg * passes,
        };
        (outlet, passes)
    }

    /// Moves fluid between reservoir and tubing.
    fn draw(&mut self, volume_ul: f64) {
        self.booked.moved_ul.add(volume_ul);
        if volume_ul >= 0.0 {
            let drug_ug = self.reservoir.take(volume_ul);
            self.booked.moved_ug.add(drug_ug);
            self.tubing.push(volume_ul, self.reservoir.ug_per_ml());
            return;
        }
        let (reservoir, moved_ug) = (&mut self.reservoir, &mut self.booked.moved_ug);
        self.tubing.pull_back(-volume_ul, |piece| {
            moved_ug.add(-piece.drug_ug());
            reservoir.put(piece.volume_ul, piece.drug_ug());
        });
    }

    /// What leaves the tubing while nobody is at its end; what it sucks in holds no drug.
    fn leave_open_line(&mut self, outflow_ul: f64, priming: bool) {
        let drug_ug = if priming {
            self.booked.primed_ul.add(outflow_ul.max(0.0));
            &mut self.booked.primed_ug
        } else {
            &mut self.booked.lost_ug
        };
        self.tubing
            .pull(outflow_ul, |piece| drug_ug.add(piece.drug_ug()));
        self.tubing.push_back(-outflow_ul, 0.0);
    }

    /// Of what leaves the tubing, `forward_ul` goes on into the catheter; the rest leaks.
    fn leave_tubing(&mut self, outflow_ul: f64, forward_ul: f64) {
        if outflow_ul <= 0.0 {
            return;
        }
        let onward = (forward_ul / outflow_ul).max(0.0);
        let (catheter, lost_ug) = (&mut self.catheter, &mut self.booked.lost_ug);
        self.tubing.pull(outflow_ul, |piece| {
            let onward_ul = piece.volume_ul * onward;
            if let Some(catheter) = catheter {
                catheter.push(onward_ul, piece.ug_per_ml);
            }
            lost_ug.add(mass_ug(piece.volume_ul - onward_ul, piece.ug_per_ml));
        });
    }

    /// Of what leaves the tip, a share reaches the CSF.
    fn leave_tip(&mut self, volume_ul: f64, tip_share: f64) {
        let (catheter, booked) = (&mut self.catheter, &mut self.booked);
        if let Some(catheter) = catheter {
            catheter.pull(volume_ul, |piece| {
                let reached_ug = piece.drug_ug() * tip_share;
                booked.reached_ug.add(reached_ug);
                booked.lost_ug.add(piece.drug_ug() - reached_ug);
            });
        }
    }

    /// CSF comes in at the tip. The tubing keeps what it sucks; the rest runs out at the connector.
    fn run_back(&mut self, back_ul: f64, kept_ul: f64) {
        let Some(catheter) = &mut self.catheter else {
            return;
        };
        if back_ul <= 0.0 {
            return;
        }
        let kept = kept_ul / back_ul;
        let (tubing, booked) = (&mut self.tubing, &mut self.booked);
        booked.csf_lost_ul.add(back_ul - kept_ul);
        catheter.push_back(back_ul, 0.0);
        catheter.pull_back(back_ul, |piece| {
            let into_tubing_ul = piece.volume_ul * kept;
            tubing.push_back(into_tubing_ul, piece.ug_per_ml);
            let out_ul = piece.volume_ul - into_tubing_ul;
            booked.lost_ug.add(mass_ug(out_ul, piece.ug_per_ml));
        });
    }

    pub(crate) const fn pressure_mmhg(&self) -> f64 {
        self.line.pressure_mmhg()
    }

    /// Drug in tubing and catheter, µg.
    pub(crate) fn line_ug(&self) -> f64 {
        self.tubing.drug_ug() + self.catheter.as_ref().map_or(0.0, Tube::drug_ug)
    }

    /// Concentration at the last end that there is, µg/mL.
    pub(crate) fn tip_ug_per_ml(&self) -> f64 {
        self.catheter
            .as_ref()
            .unwrap_or(&self.tubing)
            .tip_ug_per_ml()
    }

    /// Volume between the pump and the first change of concentration, µL.
    pub(crate) fn front_ul(&self) -> Option<f64> {
        let catheter = self.catheter.iter().flat_map(Tube::segments);
        let mut segments = self.tubing.segments().chain(catheter);
        let first = segments.next()?;
        let mut volume_ul = first.volume_ul;
        for segment in segments {
            if segment.ug_per_ml != first.ug_per_ml {
                return Some(volume_ul);
            }
            volume_ul += segment.volume_ul;
        }
        None
    }
}

/// A drug as the physics counts it, µg/mL.
pub(crate) fn ug_per_ml(drug: Concentration) -> f64 {
    f64::from(drug.micrograms_per_millilitre())
}
