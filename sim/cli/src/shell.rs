//! Words as a shell takes them, so that a printed command can be pasted.

/// A command line of these words.
pub fn line<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word.as_ref())).collect();
    quoted.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./,:=+@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn words_with_other_than_plain_letters_are_quoted() {
        assert_eq!(line(&["rcsim", "run", "a b.toml", "it's", ""]), r"rcsim run 'a b.toml' 'it'\''s' ''");
    }
}
