//! One direction: frames go in, and come out late, twice, in another order, damaged, or not at all.

use std::collections::VecDeque;

use control_link::{FRAME_MOST, Frame};

use super::Wire;
use crate::clock::SimTime;
use crate::draw::{Draws, Purpose};
use crate::fault::FrameEffect;

/// A frame as bytes, which can be changed on their way. No frame allocates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes {
    bytes: [u8; FRAME_MOST],
    length: usize,
}

impl Bytes {
    /// Those of a frame as it was sealed.
    pub(crate) fn of(frame: &Frame) -> Self {
        let sealed = frame.bytes();
        let mut bytes = [0; FRAME_MOST];
        bytes[..sealed.len()].copy_from_slice(sealed);
        Self {
            bytes,
            length: sealed.len(),
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Turns a bit over, counted from the first and round the end.
    fn flip(&mut self, bit: u64) {
        if let Some(bit) = bit.checked_rem(self.length as u64 * 8) {
            self.bytes[bit as usize / 8] ^= 1 << (bit % 8);
        }
    }

    /// Takes the end off, so that this share of it is left, thousandths.
    fn cut(&mut self, left_permille: u64) {
        self.length = (self.length as u64 * left_permille / 1_000) as usize;
    }
}

/// So many of the latest commands can be replayed. An assumption: far more than a wean has.
const KEPT_MOST: usize = 4_096;
/// Replays and forgeries come this often, ms. An assumption: often enough for an alarm that counts them.
const ATTACK_EVERY_MS: u64 = 60_000;
/// Frames that the receiving end can look at in a second. An assumption: 50 µs for a seal.
const SERVED_PER_S: f64 = 20_000.0;

/// How a message is carried: sealed, or as it is where nothing can happen to it.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "most of them are reports, and a box would be an allocation a message"
)]
pub(crate) enum Carried<M> {
    Value(M),
    Frame(Bytes),
}

/// Something on its way.
#[derive(Clone, Debug)]
pub(crate) struct Packet<M> {
    pub(crate) due: SimTime,
    order: u64,
    pub(crate) what: Carried<M>,
    /// It answers a command: whoever waits for it is woken.
    pub(crate) wakes: bool,
}

/// One direction of the link.
#[derive(Clone, Debug)]
pub(crate) struct Way<M> {
    name: &'static str,
    on_the_way: VecDeque<Packet<M>>,
    /// Waits for the frame behind it.
    held: Option<(Carried<M>, bool)>,
    last: Option<Carried<M>>,
    kept: VecDeque<(SimTime, Carried<M>)>,
    attacked_at: SimTime,
    flooded_at: SimTime,
    entered: u64,
    entered_at: SimTime,
    entered_now: u32,
    effects: Vec<FrameEffect>,
}

/// What one frame draws, whether or not it is used: so no fault moves the draws of another.
struct Luck {
    lost: u32,
    flipped: u32,
    cut: u32,
    swapped: u32,
    doubled: u32,
    left_permille: u64,
    crowded: f64,
    bit: u64,
}

/// Among more rubbish than the receiving end can look at, a frame gets through by luck.
fn crowded_out(wire: &Wire, luck: &Luck) -> bool {
    let offered = f64::from(wire.flood_per_s) + 1.0;
    offered * luck.crowded >= SERVED_PER_S
}

impl<M> Carried<M> {
    fn bytes(&mut self) -> Option<&mut Bytes> {
        match self {
            Self::Frame(bytes) => Some(bytes),
            Self::Value(_) => None,
        }
    }
}

impl<M: Clone> Way<M> {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            on_the_way: VecDeque::with_capacity(4),
            held: None,
            last: None,
            kept: VecDeque::new(),
            attacked_at: SimTime::ZERO,
            flooded_at: SimTime::ZERO,
            entered: 0,
            entered_at: SimTime::ZERO,
            entered_now: 0,
            effects: Vec::new(),
        }
    }

    /// The same with room for so many frames that are kept.
    pub(crate) fn with_room(self, kept: usize) -> Self {
        Self {
            kept: VecDeque::with_capacity(kept),
            ..self
        }
    }

    /// Something was done to a frame.
    pub(crate) fn note(&mut self, effect: FrameEffect) {
        if !self.effects.contains(&effect) {
            self.effects.push(effect);
        }
    }

    /// What was done to frames since it was last asked.
    pub(crate) fn take_effects(&mut self) -> Vec<FrameEffect> {
        std::mem::take(&mut self.effects)
    }

    /// When the next frame arrives.
    pub(crate) fn due(&self) -> SimTime {
        self.on_the_way
            .front()
            .map_or(SimTime::NEVER, |packet| packet.due)
    }

    /// The next frame that has arrived by `now`.
    pub(crate) fn arrived(&mut self, now: SimTime) -> Option<Packet<M>> {
        if self.due() > now {
            return None;
        }
        self.on_the_way.pop_front()
    }

    /// A frame is sent at `now`, and leaves `wait_ms` later.
    pub(crate) fn send(
        &mut self,
        (now, wait_ms): (SimTime, u64),
        (wire, draws): (&Wire, &Draws),
        what: Carried<M>,
        wakes: bool,
    ) {
        let due = now.after_millis(wait_ms);
        if *wire == Wire::CLEAR && self.held.is_none() {
            return self.enqueue(due, what, wakes);
        }
        let luck = self.luck(now, draws);
        let what = self.damage(wire, &luck, what);
        if luck.lost < wire.lost_permille || crowded_out(wire, &luck) {
            self.note(FrameEffect::Lost);
            return;
        }
        let due = due.after_millis(wire.delay_ms);
        if wire.delay_ms > 0 {
            self.note(FrameEffect::Late);
        }
        let held = self.held.take();
        if held.is_none() && luck.swapped < wire.swapped_permille {
            self.held = Some((what, wakes));
            return;
        }
        if luck.doubled < wire.doubled_permille {
            self.note(FrameEffect::Doubled);
            self.enqueue(due, what.clone(), wakes);
        }
        self.enqueue(due, what, wakes);
        if let Some((held, wakes)) = held {
            self.note(FrameEffect::Swapped);
            self.enqueue(due, held, wakes);
        }
    }

    /// What is left of a frame: the one from before, or one with other bits, or without its end.
    fn damage(&mut self, wire: &Wire, luck: &Luck, what: Carried<M>) -> Carried<M> {
        let mut what = what;
        if let Some(last) = self.last.take().filter(|_| wire.frozen) {
            // The gateway goes on telling what it told before.
            what = last;
            self.note(FrameEffect::Frozen);
        }
        self.last = Some(what.clone());
        if luck.flipped < wire.flipped_permille {
            what.bytes().into_iter().for_each(|it| it.flip(luck.bit));
            self.note(FrameEffect::Damaged);
        }
        if luck.cut < wire.cut_permille {
            let left = luck.left_permille;
            what.bytes().into_iter().for_each(|it| it.cut(left));
            self.note(FrameEffect::Damaged);
        }
        what
    }

    /// Puts a frame on its way that its sender never sent.
    pub(crate) fn slip_in(&mut self, now: SimTime, what: Carried<M>) {
        self.note(FrameEffect::Forged);
        self.enqueue(now, what, false);
    }

    /// Whether it is time for another forgery or replay; asked once a moment.
    pub(crate) fn attacks(&mut self, now: SimTime) -> bool {
        let due = now.millis() >= self.attacked_at.millis() + ATTACK_EVERY_MS;
        if due {
            self.attacked_at = now;
        }
        due
    }

    /// Sends again what was sent so long ago, or the oldest that is left of it.
    pub(crate) fn replay(&mut self, now: SimTime, age_ms: u64) {
        let before = now.millis().saturating_sub(age_ms);
        let newer = self.kept.partition_point(|(at, _)| at.millis() <= before);
        let Some((_, what)) = self.kept.get(newer.saturating_sub(1)) else {
            return;
        };
        let what = what.clone();
        self.note(FrameEffect::Replayed);
        self.enqueue(now, what, false);
    }

    /// Rubbish that has arrived since it was last asked.
    pub(crate) fn rubbish(&mut self, now: SimTime, wire: &Wire) -> u32 {
        let seconds = now.since(self.flooded_at).as_secs();
        self.flooded_at = now;
        let count = u64::from(wire.flood_per_s) * seconds;
        if count > 0 {
            self.note(FrameEffect::Rubbish);
        }
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Frames of one moment draw at addresses of their own.
    fn luck(&mut self, now: SimTime, draws: &Draws) -> Luck {
        self.entered_now = if now == self.entered_at {
            self.entered_now + 1
        } else {
            0
        };
        self.entered_at = now;
        let name = if self.entered_now == 0 {
            self.name.to_owned()
        } else {
            format!("{} {}", self.name, self.entered_now)
        };
        let mut draw = draws.at(Purpose::Link, &name, now.millis());
        let mut permille = || draw.within(0, 999) as u32;
        let [lost, flipped, cut, swapped, doubled] = std::array::from_fn(|_| permille());
        Luck {
            lost,
            flipped,
            cut,
            swapped,
            doubled,
            left_permille: u64::from(permille()),
            crowded: draw.uniform(),
            bit: draw.within(0, u64::MAX - 1),
        }
    }

    /// Whoever will replay has been listening for long.
    pub(crate) fn keep(&mut self, now: SimTime, what: &Carried<M>) {
        if matches!(what, Carried::Value(_)) {
            return;
        }
        if self.kept.len() >= KEPT_MOST {
            self.kept.pop_front();
        }
        self.kept.push_back((now, what.clone()));
    }

    fn enqueue(&mut self, due: SimTime, what: Carried<M>, wakes: bool) {
        self.entered += 1;
        let order = self.entered;
        let place = self
            .on_the_way
            .partition_point(|other| (other.due, other.order) <= (due, order));
        let packet = Packet {
            due,
            order,
            what,
            wakes,
        };
        self.on_the_way.insert(place, packet);
    }
}
