//! A part of a state that many states share, and that is told apart by what it prints.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A value that is copied only when it changes.
///
/// Two of them count as the same when their debug texts are: those show every field to the last digit. The
/// text is long and is made only when somebody asks, and only once for what became of one value in one way.
#[derive(Clone)]
pub(super) struct Kept<T> {
    value: Arc<T>,
    /// What it came from and what has changed it since: equal ones mean equal values. None for a new one.
    way: Option<u64>,
    text: OnceLock<u64>,
}

thread_local! {
    /// The mark of the text that each way has led to.
    static TEXTS: RefCell<BTreeMap<u64, u64>> = const { RefCell::new(BTreeMap::new()) };
}

impl<T: Clone + Debug> Kept<T> {
    pub(super) fn new(value: T) -> Self {
        Self {
            value: Arc::new(value),
            way: None,
            text: OnceLock::new(),
        }
    }

    pub(super) fn get(&self) -> &T {
        &self.value
    }

    /// Changes it in a way that follows from what it is and from `what`, and from nothing else.
    pub(super) fn change(&mut self, what: impl Hash) -> &mut T {
        let from = self.text.get().copied().or(self.way);
        let mut hasher = DefaultHasher::new();
        (from.unwrap_or_else(|| self.text()), what).hash(&mut hasher);
        self.way = Some(hasher.finish());
        self.text = OnceLock::new();
        Arc::make_mut(&mut self.value)
    }

    fn text(&self) -> u64 {
        *self.text.get_or_init(|| match self.way {
            None => mark(&self.value),
            Some(way) => {
                let known = TEXTS.with_borrow(|texts| texts.get(&way).copied());
                known.unwrap_or_else(|| {
                    let text = mark(&self.value);
                    TEXTS.with_borrow_mut(|texts| texts.insert(way, text));
                    text
                })
            }
        })
    }
}

impl<T: Clone + Debug> Hash for Kept<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.text());
    }
}

/// Stands for its text inside another one.
impl<T: Clone + Debug> Debug for Kept<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}", self.text())
    }
}

/// A mark of a value by its debug text.
pub(super) fn mark(value: &impl Debug) -> u64 {
    let mut text = String::with_capacity(1 << 10);
    write!(text, "{value:?}").expect("a string takes everything");
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}
