//! A queue whose items lie side by side.
//!
//! What has left stays in front until the memory is full; then the rest moves down, if that frees half of
//! it. So an item is moved at most once for each that enters, and nothing is allocated once the queue
//! has been at its longest.

use core::ops::{Deref, DerefMut};

use super::roomy::Roomy;

#[derive(Clone, Debug)]
pub(crate) struct Queue<T: Copy> {
    items: Roomy<T>,
    /// So many of the items have left.
    gone: usize,
}

impl<T: Copy> Default for Queue<T> {
    fn default() -> Self {
        Self {
            items: Roomy::default(),
            gone: 0,
        }
    }
}

impl<T: Copy> Queue<T> {
    /// An empty queue with room for so many.
    pub(crate) fn with_room(room: usize) -> Self {
        Self {
            items: Roomy::with_room(room),
            gone: 0,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        if self.items.len() == self.items.capacity() {
            self.make_room();
        }
        self.items.push(item);
    }

    #[cold]
    fn make_room(&mut self) {
        if self.gone * 2 >= self.items.len() {
            self.items.drain(..self.gone);
            self.gone = 0;
        }
    }

    /// Takes the oldest.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let item = *self.items.get(self.gone)?;
        self.gone += 1;
        if self.gone == self.items.len() {
            self.items.clear();
            self.gone = 0;
        }
        Some(item)
    }

    /// Takes the newest back.
    #[inline]
    pub(crate) fn pop_newest(&mut self) {
        if self.gone < self.items.len() {
            self.items.pop();
        }
    }
}

impl<T: Copy> Deref for Queue<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.items[self.gone..]
    }
}

impl<T: Copy> DerefMut for Queue<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items[self.gone..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_leaves_first_and_the_memory_is_used_again() {
        let mut queue = Queue::default();
        for i in 0..1_000 {
            queue.push(i);
            if i >= 5 {
                assert_eq!(queue.pop(), Some(i - 5));
            }
        }
        queue.pop_newest();
        assert_eq!(*queue, [995, 996, 997, 998]);
        assert!(queue.items.capacity() < 32);
    }

    #[test]
    fn an_empty_queue_stays_empty() {
        let mut queue = Queue::default();
        queue.push(1);
        queue.push(2);
        assert_eq!(queue.pop(), Some(1));
        queue.pop_newest();
        queue.pop_newest();
        assert_eq!((queue.pop(), queue.len()), (None, 0));
        queue.push(3);
        assert_eq!(queue.pop(), Some(3));
    }
}
