//! From the words of a mail to the mail: what may stand in them, and how they are set as text and as HTML. Both come out of the
//! same paragraphs, whether the words are ours or an organization's.

use super::{
    Letter,
    letter::{BUTTON, CODE, LIST, Place},
};
use crate::error::{Error, Result};

/// A line of text with what is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    Place(String),
}

/// What a mail is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Its lines.
    Paragraph(Vec<Vec<Piece>>),
    Button,
    Code,
    List,
}

/// A stretch of words as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub words: String,
    /// A date or a number that people look for.
    pub strong: bool,
    /// An address of ours.
    pub href: bool,
}

/// What is told strongly.
const STRONG: &[&str] =
    &["valid_until", "open_until", "expires", "date", "at", "asked_at", "gone_at", "receipt", "balance"];

/// Longer names stand between no braces.
const LONGEST_NAME: usize = 40;

/// Reads one line: `{name}` is filled in, everything else is words.
pub(super) fn line(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut words, mut rest) = (String::new(), text);
    while let Some(start) = rest.find('{') {
        let (before, after) = rest.split_at(start);
        words.push_str(before);
        let name = after[1..].split_once('}').map(|(name, _)| name);
        match name.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains('{')) {
            Some(name) => {
                if !words.is_empty() {
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                }
                pieces.push(Piece::Place(name.to_owned()));
                rest = &after[name.len() + 2..];
            }
            None => {
                words.push('{');
                rest = &after[1..];
            }
        }
    }
    words.push_str(rest);
    if !words.is_empty() {
        pieces.push(Piece::Words(words));
    }
    pieces
}

/// Reads a body: paragraphs with an empty line between them, some of which are a place that stands alone.
pub(super) fn blocks(body: &str) -> Vec<Block> {
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    let mut found = Vec::new();
    let mut open: Vec<Vec<Piece>> = Vec::new();
    let close = |open: &mut Vec<Vec<Piece>>, found: &mut Vec<Block>| {
        if !open.is_empty() {
            found.push(Block::Paragraph(std::mem::take(open)));
        }
    };
    for text in body.lines().map(str::trim) {
        let alone = match text {
            "{button}" => Some(Block::Button),
            "{code}" => Some(Block::Code),
            "{list}" => Some(Block::List),
            _ => None,
        };
        if text.is_empty() || alone.is_some() {
            close(&mut open, &mut found);
            found.extend(alone);
        } else {
            open.push(line(text));
        }
    }
    close(&mut open, &mut found);
    found
}

/// Where places stand in a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// In one line that is always told.
    Line,
    /// In the text.
    Body,
}

/// Refuses places a mail doesn't know, or knows elsewhere.
pub(super) fn check(letter: Letter, text: &str, here: Where) -> Result<()> {
    let lines = match here {
        Where::Line => vec![line(text)],
        Where::Body => blocks(text)
            .into_iter()
            .filter_map(|block| match block {
                Block::Paragraph(lines) => Some(lines),
                _ => None,
            })
            .flatten()
            .collect(),
    };
    for piece in lines.iter().flatten() {
        let Piece::Place(name) = piece else { continue };
        let Some(place) = letter.place(name) else {
            return Err(Error::invalid(say!(
                "There is no {place} in this mail. There are {places}.",
                place = braced(name),
                places = told(letter, here)
            )));
        };
        if [BUTTON, CODE, LIST].contains(&place.name) {
            return Err(Error::invalid(match here {
                Where::Line => say!("{place} stands in the text only.", place = braced(name)),
                Where::Body => say!("Put {place} on a line of its own, with nothing else on it.", place = braced(name)),
            }));
        }
        if here == Where::Line && place.optional {
            return Err(Error::invalid(say!(
                "There is not always something to tell for {place}, so it can stand in the text only.",
                place = braced(name)
            )));
        }
    }
    Ok(())
}

/// `{name}`
fn braced(name: &str) -> String {
    format!("{{{name}}}")
}

/// The places that can stand there: `{name}, {organization}`.
fn told(letter: Letter, here: Where) -> String {
    let fits = |place: &&Place| here == Where::Body || !(place.optional || [BUTTON, CODE, LIST].contains(&place.name));
    let names: Vec<String> = letter.places().iter().filter(fits).map(|place| braced(place.name)).collect();
    names.join(", ")
}

/// Refuses a text that leaves out what it must not, or has a place twice that stands alone.
pub(super) fn check_required(letter: Letter, body: &str) -> Result<()> {
    let blocks = blocks(body);
    let count = |name: &str| {
        let alone = |block: &&Block| {
            matches!((block, name), (Block::Button, BUTTON) | (Block::Code, CODE) | (Block::List, LIST))
        };
        let within: usize = blocks
            .iter()
            .map(|block| match block {
                Block::Paragraph(lines) => {
                    lines.iter().flatten().filter(|piece| **piece == Piece::Place(name.to_owned())).count()
                }
                _ => 0,
            })
            .sum();
        blocks.iter().filter(alone).count() + within
    };
    for (alone, block) in [(BUTTON, Block::Button), (CODE, Block::Code), (LIST, Block::List)] {
        let there = count(alone);
        if there > 0 && letter.place(alone).is_none() {
            return Err(Error::invalid(say!(
                "There is no {place} in this mail. There are {places}.",
                place = braced(alone),
                places = told(letter, Where::Body)
            )));
        }
        if blocks.iter().filter(|one| **one == block).count() > 1 {
            return Err(Error::invalid(say!(
                "{place} stands there twice. Leave one of them out.",
                place = braced(alone)
            )));
        }
    }
    for place in letter.places().iter().filter(|place| place.required) {
        if count(place.name) == 0 {
            return Err(Error::invalid(say!(
                "{place} is missing: {hint}. Add it to the text.",
                place = braced(place.name),
                hint = place.hint()
            )));
        }
    }
    Ok(())
}

/// One line with everything filled in. What has nothing to tell is left out.
pub(super) fn filled(text: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let words: String = line(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => words,
            Piece::Place(name) => value(&name).unwrap_or_default(),
        })
        .collect();
    // Names come from people; a line break in one would begin a header of its own.
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A paragraph's lines with everything filled in; nothing if one of its places has nothing to tell.
pub(super) fn spans(lines: &[Vec<Piece>], value: &impl Fn(&str) -> Option<String>) -> Option<Vec<Vec<Span>>> {
    let span = |piece: &Piece| match piece {
        Piece::Words(words) => Some(Span { words: words.clone(), strong: false, href: false }),
        Piece::Place(name) => value(name).map(|words| Span {
            strong: STRONG.contains(&name.as_str()),
            href: matches!(name.as_str(), "again" | "choices"),
            words,
        }),
    };
    lines.iter().map(|line| line.iter().map(span).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Piece {
        Piece::Place(name.to_owned())
    }

    fn words(text: &str) -> Piece {
        Piece::Words(text.to_owned())
    }

    #[test]
    fn braces_around_a_name_are_a_place_and_all_else_is_words() {
        assert_eq!(
            line("Hello {name}, at {organization}"),
            [words("Hello "), place("name"), words(", at "), place("organization")]
        );
        for plain in ["a { b", "{}", "a } b", "{{", "", "{unfinished"] {
            assert!(!line(plain).iter().any(|piece| matches!(piece, Piece::Place(_))), "{plain}");
        }
        assert_eq!(line("{{name}}"), [words("{"), place("name"), words("}")]);
    }

    #[test]
    fn a_line_with_nothing_but_the_button_is_the_button() {
        let found = blocks("One\r\ntwo\r\n\r\n  {button}  \r\nthree\n{code}");
        assert_eq!(
            found,
            [
                Block::Paragraph(vec![vec![words("One")], vec![words("two")]]),
                Block::Button,
                Block::Paragraph(vec![vec![words("three")]]),
                Block::Code,
            ]
        );
    }

    #[test]
    fn what_a_mail_does_not_know_is_refused_and_told() {
        let refused = |text: &str, here| check(Letter::Submitted, text, here).unwrap_err().to_string();
        let unknown = refused("Dear {nmae}", Where::Body);
        assert!(unknown.contains("no {nmae}") && unknown.contains("{name}, {organization}"), "{unknown}");
        assert!(refused("Press {button} now", Where::Body).contains("a line of its own"));
        assert!(refused("{button}", Where::Line).contains("in the text only"));
        assert!(refused("About {time}", Where::Line).contains("not always something"));
        check(Letter::Submitted, "{name}\n\n{button}\n\n{time} {braces without an end", Where::Body).unwrap();
    }

    #[test]
    fn what_must_be_there_must_be_there_once() {
        let refused = |text: &str| check_required(Letter::Invite, text).unwrap_err().to_string();
        assert!(refused("Hello").contains("{button} is missing"));
        assert!(refused("{button}").contains("{code} is missing"));
        assert!(refused("{button}\n{button}\n{code}").contains("twice"));
        assert!(refused("{button}\n{code}\n{list}").contains("no {list}"));
        check_required(Letter::Invite, "{code}\n\nand\n\n{button}").unwrap();
        assert!(check_required(Letter::Deleted, "Gone.").unwrap_err().to_string().contains("{what} is missing"));
    }

    #[test]
    fn a_paragraph_that_has_nothing_to_tell_is_left_out() {
        let value = |name: &str| (name == "name").then(|| "{time}".to_owned());
        let shown = |text: &str| spans(&[line(text)], &value);
        assert_eq!(shown("It takes {time}."), None);
        // What is filled in is not read again.
        assert_eq!(shown("{name}").unwrap()[0][0].words, "{time}");
        assert_eq!(filled("A {time}b", &value), "A b");
        assert_eq!(filled("{name}", &|_| Some("a\r\nBcc: b".to_owned())), "a  Bcc: b");
    }
}
