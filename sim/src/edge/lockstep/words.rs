//! A command line into words, as a shell would: spaces part, quotes and backslashes keep together. Nothing is
//! expanded, because no shell runs: what is started is the controller, and ends when it is told to.

/// The words of a command line; none when a quote is left open.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(letters.next()?),
            (Some(open), _) if open == letter => quote = None,
            (_, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_as_in_a_shell() {
        let all = [
            ("python3 my.py -v", vec!["python3", "my.py", "-v"]),
            ("  a   'b c'  ", vec!["a", "b c"]),
            (r#"a "b \" c" d\ e ''"#, vec!["a", "b \" c", "d e", ""]),
            ("'a'b\"c\"", vec!["abc"]),
            ("", vec![]),
        ];
        for (line, words) in all {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for open in ["'a", "\"a b", "a\\"] {
            assert_eq!(split(open), None, "{open}");
        }
    }
}
