//! The known word that somebody probably meant.

/// Words longer than this are not compared: nobody mistypes that much.
const LENGTH_MAX_CHARS: usize = 64;

/// The candidate that `word` was probably meant to be, if any is close enough.
///
/// Close enough is one edit for each three characters, and at least one; case, `-` and `_` count
/// for nothing. Of equally close candidates the first wins. If none is close, the first candidate
/// that goes on after a `_` where `word` ends will do: people forget units.
#[must_use]
pub fn nearest<'a, S: AsRef<str> + ?Sized + 'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    let word = folded(word);
    if word.len() > LENGTH_MAX_CHARS {
        return None;
    }
    let edits_max = (word.len() / 3).max(1);
    let candidates: Vec<(&'a str, Vec<char>)> = candidates
        .into_iter()
        .map(|candidate| (candidate.as_ref(), folded(candidate.as_ref())))
        .collect();
    let close = candidates
        .iter()
        .filter(|(_, folded)| folded.len().abs_diff(word.len()) <= edits_max)
        .map(|(candidate, folded)| (edits(&word, folded), folded.len(), *candidate))
        .filter(|(edits, length, _)| edits <= &edits_max && edits < length)
        .min_by_key(|(edits, _, _)| *edits)
        .map(|(_, _, candidate)| candidate);
    let longer = || {
        let goes_on = |folded: &[char]| folded.strip_prefix(&*word)?.first().copied();
        let longer = candidates
            .iter()
            .find(|(_, folded)| goes_on(folded) == Some('_'));
        longer
            .filter(|_| !word.is_empty())
            .map(|(candidate, _)| *candidate)
    };
    close.or_else(longer)
}

/// A help text: the nearest candidate, or else all of them.
#[must_use]
pub fn suggest<S: AsRef<str>>(word: &str, candidates: &[S]) -> Option<String> {
    if let Some(near) = nearest(word, candidates) {
        return Some(format!("did you mean `{near}`?"));
    }
    let known: Vec<String> = candidates
        .iter()
        .map(|candidate| format!("`{}`", candidate.as_ref()))
        .collect();
    match known.as_slice() {
        [] => None,
        [only] => Some(format!("only {only} is known here")),
        many => Some(format!("known here: {}", many.join(", "))),
    }
}

fn folded(word: &str) -> Vec<char> {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == '-' { '_' } else { letter })
        .collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["size", "seed", "duration_h"];
        assert_eq!(nearest("sise", &known), Some("size"));
        assert_eq!(nearest("sede", &known), Some("seed"), "a swap is one edit");
        assert_eq!(nearest("Duration-H", &known), Some("duration_h"));
        assert_eq!(nearest("duraton_hh", &known), Some("duration_h"));
        assert_eq!(nearest("duration", &known), Some("duration_h"), "a unit");
        assert_eq!(nearest("dura", &known), None);
        assert_eq!(nearest("tilt", &known), None);
        assert_eq!(nearest("", &known), None);
        assert_eq!(nearest("x", &["y"]), None, "nothing left of the word");
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
    }

    #[test]
    fn lists_what_is_known_when_nothing_is_near() {
        assert_eq!(
            suggest("zzz", &["a"]).as_deref(),
            Some("only `a` is known here")
        );
        assert_eq!(
            suggest("zzz", &["aaaa", "b"]).as_deref(),
            Some("known here: `aaaa`, `b`")
        );
        assert_eq!(suggest::<&str>("zzz", &[]), None);
    }
}
