//! Long lists of fixed length, written down and read back item by item.
//!
//! serde by itself knows arrays of up to 32. A list that ends early is refused; nothing is filled up.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S, T, const N: usize>(list: &[T; N], to: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Serialize,
{
    let mut tuple = to.serialize_tuple(N)?;
    for item in list {
        tuple.serialize_element(item)?;
    }
    tuple.end()
}

pub(crate) fn deserialize<'de, D, T, const N: usize>(from: D) -> Result<[T; N], D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Copy + Default,
{
    from.deserialize_tuple(N, List::<T, N>(PhantomData))
}

struct List<T, const N: usize>(PhantomData<T>);

impl<'de, T, const N: usize> Visitor<'de> for List<T, N>
where
    T: Deserialize<'de> + Copy + Default,
{
    type Value = [T; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<[T; N], A::Error> {
        let mut list = [T::default(); N];
        for (index, slot) in list.iter_mut().enumerate() {
            *slot = items
                .next_element()?
                .ok_or_else(|| A::Error::invalid_length(index, &self))?;
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Kept(#[serde(with = "super")] [u8; 40]);

    #[test]
    fn a_list_that_ends_early_is_refused_and_told_how_many_belong() {
        let items = |count: usize| serde_json::to_string(&vec![7_u8; count]).expect("numbers");
        let whole: Kept = serde_json::from_str(&items(40)).expect("all of them");
        assert_eq!(whole.0, [7; 40]);
        let short = serde_json::from_str::<Kept>(&items(39)).expect_err("one is missing");
        let told = short.to_string();
        assert!(
            told.starts_with("invalid length 39, expected 40 items"),
            "{told}"
        );
    }
}
