//! Go syntax trees of snippets, with their places in the file.

use rcsim_diag::{Diagnostic, Diagnostics, Span};
use tree_sitter::{Node, Parser, Tree};

use crate::snippet::Snippet;

/// A node of a syntax tree.
pub(crate) type TsNode<'t> = Node<'t>;

/// The longest Go text that is parsed, in bytes.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// A parsed snippet. The tree is that of a prefix of ours plus the snippet, so that a lone type parses as Go.
pub(crate) struct Syntax {
    snippet: Snippet,
    full: String,
    prefix_bytes: usize,
    tree: Tree,
}

impl Syntax {
    /// Parses `prefix` and the snippet as one Go text; `what` names it in errors.
    pub(crate) fn parse(snippet: &Snippet, prefix: &str, what: &str) -> Result<Self, Diagnostics> {
        if snippet.text().len() > MAX_TEXT_BYTES {
            let error = Diagnostic::unsupported(format!("{what} longer than {MAX_TEXT_BYTES} bytes"));
            return Err(error.with_primary(&snippet.whole(), "").into());
        }
        let full = format!("{prefix}{}\n", snippet.text());
        let Some(tree) = parser()?.parse(&full, None) else {
            return Err(Diagnostic::bug("the Go parser gave up without a limit being set").into());
        };
        let syntax = Self { snippet: snippet.clone(), full, prefix_bytes: prefix.len(), tree };
        match first_error(syntax.root()) {
            Some(error) => Err(syntax.syntax_error(error, what).into()),
            None => Ok(syntax),
        }
    }

    pub(crate) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    pub(crate) fn text(&self, node: Node<'_>) -> &str {
        &self.full[node.byte_range()]
    }

    /// The place of a node in the file.
    pub(crate) fn span(&self, node: Node<'_>) -> Span {
        let range = node.byte_range();
        let start = range.start.saturating_sub(self.prefix_bytes);
        let end = range.end.saturating_sub(self.prefix_bytes).min(self.snippet.text().len());
        self.snippet.span(start.min(end)..end)
    }

    fn syntax_error(&self, node: Node<'_>, what: &str) -> Diagnostic {
        let label = if node.is_missing() {
            format!("`{}` is missing here", node.kind())
        } else {
            "not Go syntax from here".to_owned()
        };
        Diagnostic::input(format!("cannot parse {what}")).with_primary(&self.span(node), label)
    }
}

fn parser() -> Result<Parser, Diagnostics> {
    let mut parser = Parser::new();
    match parser.set_language(&tree_sitter_go::LANGUAGE.into()) {
        Ok(()) => Ok(parser),
        Err(error) => Err(Diagnostic::bug(format!("the Go grammar does not load: {error}")).into()),
    }
}

/// The first error or missing token in the order of the text.
fn first_error(root: Node<'_>) -> Option<Node<'_>> {
    if !root.has_error() {
        return None;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(node);
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Some(root);
            }
        }
    }
}

/// The named children of a node, comments left out.
pub(crate) fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// The children of a node in one of its fields.
pub(crate) fn fields<'t>(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(field, &mut cursor).filter(Node::is_named).collect()
}

/// Whether one of the direct children is this token.
pub(crate) fn has_token(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| child.kind() == token)
}
