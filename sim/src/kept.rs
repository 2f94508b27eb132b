//! What a controller wants kept while the power is off.

use dose_controller::Saved;

/// The state of the shipped controller, or what only its own controller can read.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a state is stored often, and a box would be an allocation each time"
)]
pub enum Kept {
    /// Of the controller that ships with the bench.
    Shipped(Saved),
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
                rest.is_empty().then_some(Self::Shipped(saved))
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
            Self::Shipped(saved) => Some(saved),
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
