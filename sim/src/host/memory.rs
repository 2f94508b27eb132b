//! Memory that survives a loss of power: two copies, each with its number, its length and a checksum.
//!
//! A state is written over the older copy, or over the one that is damaged, so that a write which is cut short
//! leaves the other. Bytes are made when somebody has to see them: at a restart, and where a bit turns over. Until then a copy is kept
//! as the value that they would be read back as.

use crate::kept::Kept;

/// What can lie in memory.
pub(crate) trait Stored: Clone {
    /// As it lies there.
    fn to_bytes(&self) -> Vec<u8>;
    /// What lies there, if it can be read.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl Stored for Kept {
    fn to_bytes(&self) -> Vec<u8> {
        Self::to_bytes(self)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_bytes(bytes)
    }
}

/// Before the state: the number of the copy and the length of the state, four bytes each.
const HEADER: usize = 8;
/// Behind it: CRC-32.
const FOOTER: usize = 4;

/// One copy.
#[derive(Clone, Debug)]
enum Copy<S> {
    /// Nothing was ever written, or nothing is left.
    Blank,
    /// Written whole, and not looked at since.
    Whole { number: u32, state: S },
    /// As it lies there.
    Bytes(Vec<u8>),
}

/// Two copies of a state.
#[derive(Clone, Debug)]
pub(crate) struct Memory<S> {
    copies: [Copy<S>; 2],
    /// Which of them was written last, and its number.
    newest: usize,
    number: u32,
}

/// What was found at a restart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found<S> {
    /// The newest that can be read. Nobody knows whether there was to be a newer one.
    State(S),
    /// There never was one.
    Nothing,
    /// No copy can be read.
    Lost,
}

impl<S: Stored> Memory<S> {
    pub(crate) const fn blank() -> Self {
        Self {
            copies: [Copy::Blank, Copy::Blank],
            newest: 0,
            number: 0,
        }
    }

    /// Takes out what the next write goes over, for the room that it fills. Only for whoever writes a whole state
    /// at once: until then the copy is blank.
    pub(crate) fn take_older(&mut self) -> Option<S> {
        let place = self.next();
        let older = &mut self.copies[place];
        match std::mem::replace(older, Copy::Blank) {
            Copy::Whole { state, .. } => Some(state),
            // What is damaged has to stay so until it is written over.
            kept @ (Copy::Blank | Copy::Bytes(_)) => {
                *older = kept;
                None
            }
        }
    }

    /// Which copy the next write goes over.
    fn next(&self) -> usize {
        let damaged = self.copies.iter().position(|copy| !copy.is_sound());
        damaged.unwrap_or(1 - self.newest)
    }

    /// Writes `state` over a copy that is damaged, or else over the older one; only the first thousandths of it
    /// when the power goes meanwhile.
    pub(crate) fn write(&mut self, state: S, written_permille: u32) {
        self.number = self.number.wrapping_add(1);
        self.newest = self.next();
        let number = self.number;
        let place = &mut self.copies[self.newest];
        if written_permille >= 1_000 {
            *place = Copy::Whole { number, state };
            return;
        }
        let whole = Copy::Whole { number, state };
        *place = Copy::Bytes(torn(place.bytes(), &whole.bytes(), written_permille));
    }

    /// Turns a bit over in the newest copy, or the one before it. False when there is none.
    pub(crate) fn flip(&mut self, age: u8, bit: u32) -> bool {
        let place = (self.newest + usize::from(age)) % 2;
        let mut bytes = self.copies[place].bytes();
        if bytes.is_empty() {
            return false;
        }
        let bit = bit as usize % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        self.copies[place] = Copy::Bytes(bytes);
        true
    }

    /// All is gone. False when there was nothing.
    pub(crate) fn lose(&mut self) -> bool {
        let gone = vec![0xff; HEADER + FOOTER];
        self.copies = [Copy::Bytes(gone.clone()), Copy::Bytes(gone)];
        self.number > 0
    }

    /// Whether every copy that was written reads back.
    pub(crate) fn is_sound(&self) -> bool {
        self.copies.iter().all(Copy::is_sound)
    }

    /// Whether no copy reads back.
    pub(crate) fn is_lost(&self) -> bool {
        !self.copies.iter().any(Copy::is_sound)
    }

    /// What a restart finds, from bytes. It counts on from there: the next state goes over the other copy.
    pub(crate) fn find(&mut self) -> Found<S> {
        let mut sound: Vec<(u32, usize, S)> = Vec::new();
        let mut written = 0;
        for (place, copy) in self.copies.iter().enumerate() {
            let bytes = copy.bytes();
            written += u32::from(!bytes.is_empty());
            sound.extend(read(&bytes).map(|(number, state)| (number, place, state)));
        }
        sound.sort_by_key(|(number, ..)| *number);
        match sound.pop() {
            Some((number, place, state)) => {
                (self.number, self.newest) = (number, place);
                Found::State(state)
            }
            None if written == 0 => Found::Nothing,
            None => Found::Lost,
        }
    }
}

impl<S: Stored> Copy<S> {
    /// Whether it reads back, if anything was ever written.
    fn is_sound(&self) -> bool {
        match self {
            Self::Blank | Self::Whole { .. } => true,
            Self::Bytes(bytes) => read::<S>(bytes).is_some(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Blank => Vec::new(),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Whole { number, state } => {
                let body = state.to_bytes();
                let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
                let mut bytes = Vec::with_capacity(HEADER + body.len() + FOOTER);
                bytes.extend(number.to_le_bytes());
                bytes.extend(length.to_le_bytes());
                bytes.extend(body);
                bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
                bytes
            }
        }
    }
}

/// The new bytes as far as they came, and what was there before behind them.
fn torn(before: Vec<u8>, new: &[u8], written_permille: u32) -> Vec<u8> {
    let written = new.len() * written_permille as usize / 1_000;
    let mut bytes = before;
    bytes.resize(bytes.len().max(new.len()), 0xff);
    bytes[..written].copy_from_slice(&new[..written]);
    bytes
}

/// A copy whose checksum and length agree, and whose state decodes to its end.
fn read<S: Stored>(bytes: &[u8]) -> Option<(u32, S)> {
    let word = |at: usize| -> Option<u32> {
        let word = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes(word.try_into().ok()?))
    };
    let number = word(0)?;
    let length = word(4)? as usize;
    let end = HEADER.checked_add(length)?;
    if word(end)? != crc32fast::hash(bytes.get(..end)?) {
        return None;
    }
    Some((number, S::from_bytes(bytes.get(HEADER..end)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    type State = (u64, Vec<u16>);

    impl Stored for State {
        fn to_bytes(&self) -> Vec<u8> {
            postcard::to_allocvec(self).unwrap()
        }

        fn from_bytes(bytes: &[u8]) -> Option<Self> {
            let (state, rest) = postcard::take_from_bytes(bytes).ok()?;
            rest.is_empty().then_some(state)
        }
    }

    fn state(seed: u64) -> State {
        (seed, (0..50).map(|it| it * seed as u16).collect())
    }

    fn written(last: u64) -> Memory<State> {
        let mut memory = Memory::blank();
        for seed in 1..=last {
            memory.write(state(seed), 1_000);
        }
        memory
    }

    #[test]
    fn the_newest_state_comes_back() {
        assert_eq!(Memory::<State>::blank().find(), Found::Nothing);
        assert_eq!(written(1).find(), Found::State(state(1)));
        assert_eq!(written(7).find(), Found::State(state(7)));
    }

    #[test]
    fn a_write_that_is_cut_short_anywhere_leaves_the_state_before_it() {
        let whole = written(8).copies[0].bytes();
        for permille in 0..1_000 {
            let mut memory = written(7);
            let before = memory.copies[0].bytes();
            memory.write(state(8), permille);
            // What was never written may have been there before.
            let all = memory.copies[0].bytes() == whole;
            let expected = if all { state(8) } else { state(7) };
            assert!(!all || permille > 990, "{permille}");
            assert_eq!(memory.find(), Found::State(expected), "{permille}");
            let untouched = memory.copies[0].bytes().starts_with(&before);
            assert_eq!(memory.is_sound(), all || untouched, "{permille}");
        }
    }

    #[test]
    fn after_a_restart_the_copy_that_was_found_is_not_written_over() {
        for permille in [0, 600] {
            let mut memory = written(7);
            memory.write(state(8), permille);
            assert_eq!(memory.is_sound(), permille == 0, "no byte of it came");
            assert_eq!(memory.find(), Found::State(state(7)));
            memory.write(state(9), 600);
            assert_eq!(memory.find(), Found::State(state(7)), "{permille}");
            memory.write(state(10), 1_000);
            assert_eq!(memory.find(), Found::State(state(10)));
        }
    }

    #[test]
    fn a_damaged_copy_is_written_over_and_never_the_other() {
        for age in [0, 1] {
            let mut memory = written(7);
            memory.flip(age, 77);
            let kept = state(7 - u64::from(1 - age));
            for permille in [300, 600, 900] {
                memory.write(state(8), permille);
                assert_eq!(memory.clone().find(), Found::State(kept.clone()), "{age}");
            }
            memory.write(state(9), 1_000);
            assert!(memory.is_sound(), "{age}");
            assert_eq!(memory.find(), Found::State(state(9)), "{age}");
        }
    }

    #[test]
    fn the_room_of_the_older_copy_is_used_again_and_that_of_a_damaged_one_is_not() {
        let mut memory = written(7);
        assert_eq!(memory.take_older(), Some(state(6)));
        memory.write(state(8), 1_000);
        assert_eq!(memory.clone().find(), Found::State(state(8)));
        memory.flip(0, 77);
        assert_eq!(memory.take_older(), None);
        assert!(
            !memory.is_sound(),
            "it stays damaged until it is written over"
        );
        memory.write(state(9), 600);
        assert_eq!(memory.find(), Found::State(state(7)), "never the other");
    }

    #[test]
    fn a_bit_that_turns_over_anywhere_is_found() {
        let bits = written(2).copies[0].bytes().len() * 8;
        for bit in 0..bits as u32 {
            let mut memory = written(2);
            memory.flip(0, bit);
            assert!(!memory.is_sound(), "{bit}");
            memory.flip(1, bit);
            assert_eq!(memory.find(), Found::Lost, "{bit}");
            memory.flip(1, bit);
            assert_eq!(memory.find(), Found::State(state(1)), "{bit}");
        }
    }

    #[test]
    fn the_older_copy_may_be_damaged_unnoticed_by_a_restart_and_not_by_a_check() {
        let mut memory = written(2);
        memory.flip(1, 77);
        assert_eq!(memory.find(), Found::State(state(2)));
        assert!(!memory.is_sound());
        memory.write(state(3), 1_000);
        assert!(memory.is_sound(), "written again");
    }

    #[test]
    fn what_is_gone_is_lost() {
        let mut memory = written(2);
        memory.lose();
        assert_eq!(memory.find(), Found::Lost);
    }
}
