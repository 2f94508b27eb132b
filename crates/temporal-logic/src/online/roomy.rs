//! A list whose copies have as much room as it has.
//!
//! Monitors are made once and copied for every trace. A copy of a `Vec` has room for what lies in it and no more,
//! and would grow anew on every trace.

use core::ops::{Deref, DerefMut};

#[derive(Debug)]
pub(crate) struct Roomy<T>(Vec<T>);

impl<T> Roomy<T> {
    /// An empty list with room for so many.
    pub(crate) fn with_room(room: usize) -> Self {
        Self(Vec::with_capacity(room))
    }
}

impl<T> Default for Roomy<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Clone for Roomy<T> {
    fn clone(&self) -> Self {
        let mut copy = Vec::with_capacity(self.0.capacity());
        copy.extend_from_slice(&self.0);
        Self(copy)
    }
}

impl<T> Deref for Roomy<T> {
    type Target = Vec<T>;

    #[inline]
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Roomy<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_same_items_and_as_much_room() {
        let mut list = Roomy::with_room(100);
        list.push(7);
        let copy = list.clone();
        assert_eq!(*copy, [7]);
        assert!(copy.capacity() >= 100);
    }
}
