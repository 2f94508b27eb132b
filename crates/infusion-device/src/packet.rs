//! A rotor that lets go of its flow in packets: stick and slip, or strokes of a large volume.
//!
//! What it turns is withheld until a packet is full; then all of it goes at once, which is at a flow
//! far above any other, so that the line is solved for it as for every flow. It has not left the
//! reservoir before. The moments are worked out, not stepped to, so no length of step matters.
//!
//! ```text
//!   turned   /|  /|  /|        withheld, up to the packet
//!           / | / | / |
//!   let go ___|___|___|_       at LET_GO_UL_PER_H until it is out
//! ```

/// How fast a packet goes, µL/h: 28 µL in a second.
const LET_GO_UL_PER_H: f64 = 1e5;
/// Packets that would follow each other faster than this are an even flow.
const PACKETS_MOST_PER_H: f64 = 3_600.0;

/// What is withheld, and what is on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packets {
    withheld_ul: f64,
    letting_go_ul: f64,
}

/// A part of a step in which the flow is even.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) flow_ul_per_h: f64,
    pub(crate) hours: f64,
}

impl Packets {
    /// Lets the rotor turn on for at most `most_h`, up to the next change of its flow.
    pub(crate) fn pass(&mut self, turned_ul_per_h: f64, packet_ul: f64, most_h: f64) -> Stretch {
        let even =
            packet_ul * PACKETS_MOST_PER_H <= turned_ul_per_h || turned_ul_per_h >= LET_GO_UL_PER_H;
        if even || self.withheld_ul >= packet_ul {
            self.letting_go_ul += self.withheld_ul;
            self.withheld_ul = 0.0;
        }
        let (through_ul_per_h, withheld_ul_per_h) = if even {
            (turned_ul_per_h, 0.0)
        } else {
            (0.0, turned_ul_per_h)
        };
        if self.letting_go_ul > 0.0 {
            let gone_h = self.letting_go_ul / LET_GO_UL_PER_H;
            let hours = gone_h.min(most_h);
            self.letting_go_ul = if hours >= gone_h {
                0.0
            } else {
                self.letting_go_ul - LET_GO_UL_PER_H * hours
            };
            self.withheld_ul += withheld_ul_per_h * hours;
            return Stretch {
                flow_ul_per_h: through_ul_per_h + LET_GO_UL_PER_H,
                hours,
            };
        }
        if even {
            return Stretch {
                flow_ul_per_h: through_ul_per_h,
                hours: most_h,
            };
        }
        // Above zero, so that a rotor that stands takes for ever.
        let full_h = (packet_ul - self.withheld_ul) / turned_ul_per_h;
        self.withheld_ul = if full_h <= most_h {
            packet_ul
        } else {
            self.withheld_ul + turned_ul_per_h * most_h
        };
        Stretch {
            flow_ul_per_h: 0.0,
            hours: full_h.min(most_h),
        }
    }

    /// Turned, and not yet let go, µL.
    pub(crate) fn withheld_ul(&self) -> f64 {
        self.withheld_ul + self.letting_go_ul
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that comes in `hours`, µL, and the stretches that it takes.
    fn pass(packets: &mut Packets, turned: f64, packet: f64, hours: f64) -> (f64, Vec<Stretch>) {
        let (mut out_ul, mut left_h, mut all) = (0.0, hours, Vec::new());
        while left_h > 0.0 {
            let stretch = packets.pass(turned, packet, left_h);
            out_ul += stretch.flow_ul_per_h * stretch.hours;
            left_h -= stretch.hours;
            all.push(stretch);
        }
        (out_ul, all)
    }

    #[test]
    fn an_even_flow_is_one_stretch() {
        let mut packets = Packets::default();
        for (turned, packet) in [(33.3, 0.0), (0.0, 0.0), (33.3, 0.009), (2e5, 1_000.0)] {
            let (out_ul, stretches) = pass(&mut packets, turned, packet, 2.0);
            assert_eq!((out_ul, stretches.len()), (2.0 * turned, 1));
        }
    }

    /// 30 µL/h in packets of 10 µL: the first after 20 min, each out within 0.36 s.
    #[test]
    fn a_packet_is_withheld_until_it_is_full_and_goes_at_once() {
        let mut packets = Packets::default();
        let (out_ul, _) = pass(&mut packets, 30.0, 10.0, 0.333);
        assert_eq!(out_ul, 0.0);
        assert!((packets.withheld_ul() - 9.99).abs() < 1e-12);
        let (out_ul, stretches) = pass(&mut packets, 30.0, 10.0, 0.001);
        assert!((out_ul - 10.0).abs() < 1e-9, "{out_ul}");
        assert!((stretches[1].hours - 1e-4).abs() < 1e-15);
        let (out_ul, _) = pass(&mut packets, 30.0, 10.0, 10.0);
        assert!((out_ul - 300.0).abs() < 1e-9, "{out_ul}");
    }

    #[test]
    fn a_motor_that_stands_withholds_what_it_has_turned() {
        let mut packets = Packets::default();
        pass(&mut packets, 30.0, 10.0, 0.1);
        assert_eq!(pass(&mut packets, 0.0, 10.0, 5.0).0, 0.0);
        assert!((packets.withheld_ul() - 3.0).abs() < 1e-12);
        let (out_ul, _) = pass(&mut packets, 0.0, 2.0, 1.0);
        assert!((out_ul - 3.0).abs() < 1e-12, "a smaller packet is full");
    }

    #[test]
    fn what_was_withheld_goes_when_packets_end() {
        let mut packets = Packets::default();
        pass(&mut packets, 30.0, 10.0, 0.1);
        let (out_ul, _) = pass(&mut packets, 30.0, 0.0, 1.0);
        assert!((out_ul - 33.0).abs() < 1e-9, "{out_ul}");
        assert_eq!(packets.withheld_ul(), 0.0);
    }
}
