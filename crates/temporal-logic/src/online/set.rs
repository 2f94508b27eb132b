//! A set of small numbers, as bits.

#[derive(Clone, Debug)]
pub(crate) struct Set {
    words: Vec<u64>,
}

impl Set {
    /// The empty set of numbers below `end`.
    pub(crate) fn none_of(end: usize) -> Self {
        Self {
            words: vec![0; end.div_ceil(64)],
        }
    }

    pub(crate) fn insert(&mut self, i: usize) {
        self.words[i / 64] |= 1 << (i % 64);
    }

    /// Adds another set of as many numbers.
    pub(crate) fn insert_all(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// From the least on.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        let words = self.words.iter().enumerate();
        words.flat_map(|(w, &word)| ones(w, word))
    }

    /// Removes the numbers that are not to be kept; stops at the first error.
    pub(crate) fn retain<E>(
        &mut self,
        mut is_kept: impl FnMut(usize) -> Result<bool, E>,
    ) -> Result<(), E> {
        for (w, word) in self.words.iter_mut().enumerate() {
            for i in ones(w, *word) {
                if !is_kept(i)? {
                    *word &= !(1 << (i % 64));
                }
            }
        }
        Ok(())
    }
}

/// The numbers in the word at the place `w`.
fn ones(w: usize, mut word: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        word &= word.checked_sub(1)?;
        Some(w * 64 + bit as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_in_order() {
        let mut set = Set::none_of(130);
        for i in [129, 0, 64, 63] {
            set.insert(i);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        let odd: Result<(), ()> = set.retain(|i| Ok(i % 2 == 1));
        assert_eq!(odd, Ok(()));
        assert_eq!(set.iter().collect::<Vec<_>>(), [63, 129]);
    }
}
