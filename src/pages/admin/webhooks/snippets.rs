//! How a receiver makes sure that a delivery is ours. The same texts stand in `docs/webhooks.md`, and tests run them.

/// A function in one language, with nothing but its standard library.
pub(super) struct Snippet {
    pub(super) language: &'static str,
    pub(super) code: &'static str,
}

pub(super) const ALL: &[Snippet] = &[
    Snippet { language: "JavaScript", code: include_str!("../../../../assets/snippets/verify.mjs") },
    Snippet { language: "Python", code: include_str!("../../../../assets/snippets/verify.py") },
    Snippet { language: "Go", code: include_str!("../../../../assets/snippets/verify.go") },
    Snippet { language: "PHP", code: include_str!("../../../../assets/snippets/verify.php") },
    Snippet { language: "Ruby", code: include_str!("../../../../assets/snippets/verify.rb") },
];
