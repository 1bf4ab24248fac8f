//! A mail before it is sent: its words with everything filled in, set as text and as HTML.

use askama::Template;

use super::{
    Shared,
    letter::{CODE, LIST},
    render::{Block, Span, blocks, filled, line, spans},
    words::{self, ABOVE_ADDRESS, ABOVE_CODE, Ours, Words},
};
use crate::i18n::{self, Message};

/// A block of a mail with everything filled in.
enum Part {
    Paragraph(Vec<Vec<Span>>),
    Button { href: String, words: String },
    Code(String),
    List(Vec<String>),
}

/// A mail before it is set as text or as HTML.
#[derive(Template)]
#[template(path = "mail/letter.html")]
pub(super) struct Sheet<'a> {
    shared: &'a Shared,
    language: &'static str,
    above_code: Message,
    above_address: Message,
    pub(super) subject: String,
    glimpse: String,
    heading: String,
    parts: Vec<Part>,
    /// Where the button leads, once more: some readers show no buttons.
    address: Option<String>,
    signature: Vec<String>,
    foot: Vec<Span>,
    sent_by: Option<String>,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(words: &Words, ours: &Ours, shared: &'a Shared, value: &impl Fn(&str) -> Option<String>) -> Self {
        let link = value("link");
        let found = blocks(&words.body);
        let parts: Vec<Part> = found
            .iter()
            .filter_map(|block| match block {
                Block::Paragraph(lines) => spans(lines, value).map(Part::Paragraph),
                Block::Button => link.clone().map(|href| Part::Button { href, words: filled(&words.button, value) }),
                Block::Code => value(CODE).map(Part::Code),
                Block::List => value(LIST).map(|lines| Part::List(lines.lines().map(str::to_owned).collect())),
            })
            .collect();
        let glimpse = match *words == ours.words() {
            true => filled(&ours.glimpse.pattern(), value),
            // Somebody else's words are told by their first lines.
            false => found.iter().find_map(|block| glimpse(block, value)).unwrap_or_default(),
        };
        let has_button = found.contains(&Block::Button);
        Self {
            shared,
            language: i18n::language().tag(),
            above_code: ABOVE_CODE,
            above_address: ABOVE_ADDRESS,
            subject: filled(&words.subject, value),
            glimpse,
            heading: filled(&words.heading, value),
            parts,
            address: link.filter(|_| has_button),
            signature: shared.own.sender.signature.lines().map(str::to_owned).collect(),
            foot: spans(&[line(&ours.foot.pattern())], value).into_iter().flatten().flatten().collect(),
            sent_by: shared.product.then(|| words::sent_by(&shared.host).to_string()),
        }
    }

    /// As plain text. Lines are as long as they are: readers break them where they end.
    pub(super) fn text(&self) -> String {
        let paragraph = |lines: &[Vec<Span>]| {
            let line = |line: &Vec<Span>| line.iter().map(|span| span.words.as_str()).collect::<String>();
            lines.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        let mut parts = vec![self.heading.clone()];
        parts.extend(self.parts.iter().map(|part| match part {
            Part::Paragraph(lines) => paragraph(lines),
            Part::Button { href, words } => format!("{words}:\n{href}"),
            Part::Code(code) => words::code_in_text(code).to_string(),
            Part::List(lines) => lines.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n"),
        }));
        if !self.signature.is_empty() {
            parts.push(self.signature.join("\n"));
        }
        let mut foot = format!("--\n{}", paragraph(std::slice::from_ref(&self.foot)));
        if let Some(words) = &self.sent_by {
            foot.push('\n');
            foot.push_str(words);
        }
        parts.push(foot);
        let mut text = parts.join("\n\n");
        text.push('\n');
        text
    }
}

fn glimpse(block: &Block, value: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let Block::Paragraph(lines) = block else { return None };
    let words: String = spans(lines, value)?.into_iter().flatten().map(|span| span.words + " ").collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(words.chars().take(140).collect())
}
