//! Text that is safe in HTML.

/// Text for the content of an element or for an attribute in double quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in HTML at all.
            letter if letter.is_control() && letter != '\n' && letter != '\t' => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// JSON for the content of a script element: nothing in it ends the element or begins a comment.
pub fn json(text: &str) -> String {
    text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::{escape, json};

    #[test]
    fn nothing_leaves_its_element() {
        assert_eq!(escape("<b a=\"x\" c='y'>&\u{1}"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;\u{fffd}");
        assert_eq!(json("\"</script><!--\""), "\"\\u003c/script>\\u003c!--\"");
    }
}
