//! The way of the fluid: reservoir, tubing, connector, catheter, tip; every microgram is booked.
//!
//! ```text
//!        decayed     line open: primed or spilled
//!           ^                    ^                 drain ---> CSF into the bag
//!   reservoir <--> tubing -------+--- connector ---> catheter ---> tip ---> reached
//!           \_ air                        |  ^                      |  ^
//!                                  leaked v  | CSF backs out        v  | CSF follows
//!                                        lost                     lost
//! ```

use infusion_types::Concentration;

use crate::{
    Condition, DeviceSpec,
    catheter::{Segment, Tube},
    line::{Line, Outlet},
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
    pub(crate) decayed_ug: Sum,
    pub(crate) primed_ul: Sum,
    /// Out through catheter and connector.
    pub(crate) csf_backed_ul: Sum,
    /// Into the bag through the open drain.
    pub(crate) csf_drained_ul: Sum,
}

impl Booked {
    /// CSF that is gone, whichever way, µL.
    pub(crate) fn csf_lost_ul(&self) -> f64 {
        self.csf_backed_ul.get() + self.csf_drained_ul.get()
    }
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

    /// Loses what is in the reservoir above `left_ul`.
    pub(crate) fn empty_to(&mut self, left_ul: f64) {
        let gone_ul = (self.reservoir.volume_ul() - left_ul.max(0.0)).max(0.0);
        let drug_ug = self.reservoir.take(gone_ul);
        self.booked.lost_ug.add(drug_ug);
    }

    /// Ages the drug in the reservoir, at most up to where its concentration changes.
    pub(crate) fn age(&mut self, hours: f64, decay_per_h: f64) {
        if let Some(decayed_ug) = self.reservoir.age(hours, decay_per_h) {
            self.booked.decayed_ug.add(decayed_ug);
        }
    }

    /// Moves fluid; where the reservoir runs out on the way, the step is split.
    pub(crate) fn advance(&mut self, drive: Drive, condition: &Condition) -> Flowed {
        self.line.yields(condition.compliance_times);
        if self.on_patient() {
            let drained_ul = condition.csf_drain_ul_per_h * drive.hours;
            self.booked.csf_drained_ul.add(drained_ul);
        }
        let usable_ul = self.reservoir.usable_ul();
        let fluid_share = 1.0 - condition.air_share;
        let drawn_ul_per_h = drive.flow_ul_per_h * fluid_share;
        if drawn_ul_per_h * drive.hours <= usable_ul {
            return self.flow(drive, condition);
        }
        let lasts_h = usable_ul / drawn_ul_per_h;
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
        let left_ul_per_h = self.reservoir.usable_ul() / hours / fluid_share;
        let rest = Drive {
            flow_ul_per_h: left_ul_per_h.min(drive.flow_ul_per_h),
            hours,
            ..drive
        };
        first.and(self.flow(rest, condition))
    }

    /// An even flow out of the pump, split where the flow behind the connector turns round.
    fn flow(&mut self, drive: Drive, condition: &Condition) -> Flowed {
        let way = self.way(condition);
        let (outlet, passes) = way;
        // Where nothing leaves the tubing, and where what passes makes up for what backs out.
        let even_mmhg = outlet.back_pressure_mmhg
            + outlet.resistance * condition.csf_backflow_ul_per_h / passes.max(f64::EPSILON);
        let mut ahead_mmhg = [Some(outlet.back_pressure_mmhg), Some(even_mmhg)];
        let mut flowed = Flowed::default();
        let mut left_h = drive.hours;
        loop {
            let [one_h, other_h] = ahead_mmhg.map(|turn| {
                turn.map_or(f64::INFINITY, |mmhg| {
                    self.line.passes_h(mmhg, drive.flow_ul_per_h, outlet)
                })
            });
            let turn_h = one_h.min(other_h);
            if turn_h >= left_h {
                break;
            }
            let until_turn = Drive {
                hours: turn_h,
                ..drive
            };
            flowed = flowed.and(self.one_way(until_turn, condition, way));
            left_h -= turn_h;
            // Rounding can leave it a hair ahead, and it must not be taken for the other one.
            ahead_mmhg[usize::from(other_h < one_h)] = None;
        }
        let rest = Drive {
            hours: left_h,
            ..drive
        };
        flowed.and(self.one_way(rest, condition, way))
    }

    /// An even flow that turns round nowhere.
    fn one_way(
        &mut self,
        drive: Drive,
        condition: &Condition,
        (outlet, passes): (Outlet, f64),
    ) -> Flowed {
        if drive.hours <= 0.0 {
            return Flowed::default();
        }
        let moved = self.line.step(drive.flow_ul_per_h, drive.hours, outlet);
        // Whichever end it comes in at comes first, so that it is there to go out at the other.
        self.draw(moved.inflow_ul, condition.air_share);
        let tip_ul = if self.on_patient() {
            let back_ul = condition.csf_backflow_ul_per_h * drive.hours;
            let through_ul = moved.outflow_ul * passes;
            let forward_ul = through_ul - back_ul;
            self.leave_tubing(moved.outflow_ul, forward_ul);
            self.leave_tip(forward_ul, condition.tip_share);
            self.tubing
                .push_back(Segment::air(through_ul - moved.outflow_ul));
            self.run_back(-forward_ul, (-through_ul).max(0.0));
            forward_ul
        } else {
            self.leave_open_line(moved.outflow_ul, drive.priming);
            0.0
        };
        self.draw_back(-moved.inflow_ul);
        Flowed {
            outlet_ul: moved.outflow_ul,
            tip_ul,
        }
    }

    /// Where the tubing ends, and the share of its flow that goes on into the catheter.
    ///
    /// A connector that leaks is two ways out: the catheter behind its resistance, and the open.
    fn way(&self, condition: &Condition) -> (Outlet, f64) {
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

    /// Moves fluid out of the reservoir into the tubing, and air in place of a share of it.
    fn draw(&mut self, volume_ul: f64, air_share: f64) {
        if volume_ul < 0.0 {
            return;
        }
        let fluid = Segment {
            volume_ul,
            ug_per_ml: self.reservoir.ug_per_ml(),
            air_share,
        };
        self.booked.moved_ul.add(fluid.fluid_ul());
        let drug_ug = self.reservoir.take(fluid.fluid_ul());
        self.booked.moved_ug.add(drug_ug);
        self.tubing.push(fluid);
    }

    /// Moves fluid out of the tubing back into the reservoir; air goes where it came from.
    fn draw_back(&mut self, volume_ul: f64) {
        let (reservoir, booked) = (&mut self.reservoir, &mut self.booked);
        self.tubing.pull_back(volume_ul, |piece| {
            booked.moved_ul.add(-piece.fluid_ul());
            booked.moved_ug.add(-piece.drug_ug());
            reservoir.put(piece.fluid_ul(), piece.drug_ug());
        });
    }

    /// What leaves the tubing while nobody is at its end; what it sucks in is air.
    fn leave_open_line(&mut self, outflow_ul: f64, priming: bool) {
        let drug_ug = if priming {
            self.booked.primed_ul.add(outflow_ul.max(0.0));
            &mut self.booked.primed_ug
        } else {
            &mut self.booked.lost_ug
        };
        self.tubing
            .pull(outflow_ul, |piece| drug_ug.add(piece.drug_ug()));
        self.tubing.push_back(Segment::air(-outflow_ul));
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
                catheter.push(piece.of(onward_ul));
            }
            lost_ug.add(piece.of(piece.volume_ul - onward_ul).drug_ug());
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
        booked.csf_backed_ul.add(back_ul - kept_ul);
        catheter.push_back(Segment::csf(back_ul));
        catheter.pull_back(back_ul, |piece| {
            let into_tubing_ul = piece.volume_ul * kept;
            tubing.push_back(piece.of(into_tubing_ul));
            let out = piece.of(piece.volume_ul - into_tubing_ul);
            booked.lost_ug.add(out.drug_ug());
        });
    }

    pub(crate) const fn pressure_mmhg(&self) -> f64 {
        self.line.pressure_mmhg()
    }

    /// Air between pump and connector, µL.
    pub(crate) fn air_ul(&self) -> f64 {
        self.tubing.air_ul()
    }

    /// Drug in tubing and catheter, µg.
    pub(crate) fn line_ug(&self) -> f64 {
        self.tubing.drug_ug() + self.catheter.as_ref().map_or(0.0, Tube::drug_ug)
    }

    /// Drug in the volume at the last end that there is, µg/mL.
    pub(crate) fn tip_ug_per_ml(&self) -> f64 {
        self.catheter
            .as_ref()
            .unwrap_or(&self.tubing)
            .tip_ug_per_ml()
    }

    /// Volume between the pump and the first change of concentration, µL.
    pub(crate) fn front_ul(&self) -> Option<f64> {
        let mut first = None;
        let mut volume_ul = 0.0;
        let mut front_ul = None;
        let mut look = |segment: &Segment| {
            let first = *first.get_or_insert(segment.ug_per_ml);
            if front_ul.is_none() && segment.ug_per_ml != first {
                front_ul = Some(volume_ul);
            }
            volume_ul += segment.volume_ul;
        };
        self.tubing.each(&mut look);
        if let Some(catheter) = &self.catheter {
            catheter.each(&mut look);
        }
        front_ul
    }
}

/// A drug as the physics counts it, µg/mL.
pub(crate) fn ug_per_ml(drug: Concentration) -> f64 {
    f64::from(drug.micrograms_per_millilitre())
}
