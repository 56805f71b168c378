//! `did you mean`: the nearest of the words that would have been right.

/// The candidate nearest to `word`, when it is near enough to be what the user meant. The first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = word.chars().count();
    // A long word is compared with nothing: the cost is quadratic and no name of ours is that long.
    if letters > 64 {
        return None;
    }
    let allowed = (letters / 3).max(1);
    let measured = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let best = measured.min_by_key(|(changes, _)| *changes)?;
    (best.0 <= allowed).then_some(best.1)
}

/// Changes (insert, delete, replace, swap neighbours) from one word to the other; case counts as nothing.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.to_lowercase().chars().collect();
    let to: Vec<char> = to.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for row in 1..=from.len() {
        let mut current = vec![row];
        for column in 1..=to.len() {
            let replaced = last[column - 1] + usize::from(from[row - 1] != to[column - 1]);
            let mut best = replaced.min(last[column] + 1).min(current[column - 1] + 1);
            let swapped =
                row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1];
            if swapped {
                best = best.min(before_last[column - 2] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let keys = ["callee", "call", "epochs"];
        assert_eq!(nearest("calee", keys), Some("callee"));
        assert_eq!(nearest("epcohs", keys), Some("epochs"));
        assert_eq!(nearest("Call", keys), Some("call"));
        assert_eq!(nearest("timeout", keys), None);
    }
}
