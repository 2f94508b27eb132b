//! What a controller wants kept while the power is off.

use dose_controller::{Controller, Saved};

/// The state of the shipped controller, or what only its own controller can read.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// Of the controller that ships with the bench.
    Shipped(Box<Saved>),
    /// Text of somebody else's. The bench never looks into it.
    Foreign(String),
    /// Bytes of somebody else's.
    Bytes(Vec<u8>),
}

/// What comes before the bytes: whose they are.
const SHIPPED: u8 = 0;
const FOREIGN: u8 = 1;
const BYTES: u8 = 2;

impl Kept {
    /// The state of `controller`, in the room of what was kept before where that is one of its kind.
    pub(crate) fn save(controller: &Controller, over: &mut Option<Self>) {
        if let Some(Self::Shipped(saved)) = over {
            controller.save_over(saved);
        } else {
            *over = Some(Self::of(controller));
        }
    }

    /// The state of `controller`.
    pub(crate) fn of(controller: &Controller) -> Self {
        Self::Shipped(Box::new(controller.saved()))
    }

    /// As it lies in memory.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Shipped(saved) => {
                let body = vec![SHIPPED];
                postcard::to_extend(saved, body).unwrap_or_default()
            }
            Self::Foreign(text) => [&[FOREIGN], text.as_bytes()].concat(),
            Self::Bytes(bytes) => [&[BYTES], bytes.as_slice()].concat(),
        }
    }

    /// What was read from memory, if it can be read.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&SHIPPED, body) => {
                let (saved, rest) = postcard::take_from_bytes(body).ok()?;
                rest.is_empty().then(|| Self::Shipped(Box::new(saved)))
            }
            (&FOREIGN, body) => Some(Self::Foreign(String::from_utf8(body.to_vec()).ok()?)),
            (&BYTES, body) => Some(Self::Bytes(body.to_vec())),
            (_, _) => None,
        }
    }

    /// The state of the shipped controller; none of a foreign one.
    #[must_use]
    pub fn shipped(self) -> Option<Saved> {
        match self {
            Self::Shipped(saved) => Some(*saved),
            Self::Foreign(_) | Self::Bytes(_) => None,
        }
    }

    /// The text of a foreign controller; none of the shipped one.
    #[must_use]
    pub fn foreign(self) -> Option<String> {
        match self {
            Self::Shipped(_) | Self::Bytes(_) => None,
            Self::Foreign(text) => Some(text),
        }
    }

    /// The bytes of a library's controller; none of any other.
    #[must_use]
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Shipped(_) | Self::Foreign(_) => None,
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}
