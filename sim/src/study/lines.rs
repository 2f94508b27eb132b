//! Results as TOML that people compare line by line.

use std::fmt::Write;

use serde::Serialize;

/// A list with one inline table on each line.
///
/// # Errors
/// A value that TOML cannot have.
pub fn list<T: Serialize>(
    text: &mut String,
    key: &str,
    rows: &[T],
) -> Result<(), toml::ser::Error> {
    // Writing to a string cannot fail.
    if rows.is_empty() {
        let _ = writeln!(text, "{key} = []");
        return Ok(());
    }
    let _ = writeln!(text, "{key} = [");
    for row in rows {
        let _ = writeln!(text, "    {},", toml::Value::try_from(row)?);
    }
    text.push_str("]\n");
    Ok(())
}
