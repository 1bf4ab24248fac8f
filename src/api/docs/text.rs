//! Text as the page shows it: prose with a few words as code, and code with its texts in colour.

use askama::{Template, filters::HtmlSafe};

/// Prose, a paragraph each.
#[derive(Template)]
#[template(path = "reference/prose.html")]
pub(super) struct Prose {
    paragraphs: Vec<Vec<Piece>>,
}

/// Code.
#[derive(Template)]
#[template(path = "reference/code.html")]
pub(super) struct Code {
    lines: Vec<Line>,
}

/// A line of code.
struct Line {
    /// How many steps of two it is indented.
    indent: usize,
    /// The last one ends with the line break, unless it is the last line.
    pieces: Vec<Piece>,
}

/// A run of letters that look alike.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    /// In prose: code. In code: a text between quotes.
    marked: bool,
}

impl HtmlSafe for Prose {}
impl HtmlSafe for Code {}

impl Piece {
    /// Between these a line may break: addresses are longer than lines.
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.text.split_inclusive(['/', '?', '&'])
    }
}

impl Prose {
    /// Of a description, in which `` `such words` `` are code.
    pub(super) fn new(words: &str) -> Self {
        let paragraphs = words.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
        Self { paragraphs: paragraphs.map(pieces).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
    }
}

fn pieces(words: &str) -> Vec<Piece> {
    let alternating = words.split('`').enumerate();
    let pieces = alternating.map(|(nth, text)| Piece { text: text.to_owned(), marked: nth % 2 == 1 });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

impl Code {
    /// Of any of the page's languages: they quote alike.
    pub(super) fn new(text: &str) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let plain = end_of_plain(rest);
            let quoted = end_of_quoted(&rest[plain..]);
            let (before, after) = (&rest[..plain], &rest[plain..plain + quoted]);
            rest = &rest[plain + quoted..];
            // A key of an object is a name, not a value.
            let name = after.starts_with('"') && rest.starts_with(':');
            push(&mut pieces, before, false);
            push(&mut pieces, after, !name);
        }
        Self { lines: lines(pieces) }
    }
}

/// The same, cut after each line break.
fn lines(pieces: Vec<Piece>) -> Vec<Line> {
    let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
    for Piece { text, marked } in pieces {
        for part in text.split_inclusive('\n') {
            if let Some(line) = lines.last_mut() {
                line.push(Piece { text: part.to_owned(), marked });
            }
            if part.ends_with('\n') {
                lines.push(Vec::new());
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    let indent = |line: &[Piece]| line[0].text.len() - line[0].text.trim_start_matches(' ').len();
    lines.into_iter().map(|pieces| Line { indent: (indent(&pieces) / 2).min(5), pieces }).collect()
}

fn push(pieces: &mut Vec<Piece>, text: &str, marked: bool) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.marked == marked => last.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_owned(), marked }),
    }
}

/// Where the next quoted text begins.
fn end_of_plain(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' | '\'' | '`' => return at,
            _ => {}
        }
    }
    text.len()
}

/// How long the quoted text is that begins here.
fn end_of_quoted(text: &str) -> usize {
    let mut letters = text.char_indices();
    let Some((_, quote)) = letters.next() else { return 0 };
    let mut escaped = false;
    for (at, letter) in letters {
        match letter {
            _ if escaped => escaped = false,
            // Between single quotes a shell knows no escapes.
            '\\' => escaped = quote != '\'',
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(code: &str) -> Vec<String> {
        let pieces = Code::new(code).lines.into_iter().flat_map(|line| line.pieces);
        pieces.filter(|piece| piece.marked).map(|piece| piece.text).collect()
    }

    #[test]
    fn prose_is_escaped_and_has_code_in_it() {
        let prose = Prose::new("Send `limit` < 200.\n\nThat's all.").to_string();
        assert_eq!(prose.trim(), "<p>Send <code>limit</code> &#60; 200.</p><p>That&#39;s all.</p>");
        assert!(Prose::new(" ").is_empty());
    }

    #[test]
    fn code_is_the_same_text_with_its_values_marked() {
        let json = "{\n  \"email\": \"kim\\\"s@acme.com\",\n  \"credits\": 100\n}";
        assert_eq!(marked(json), ["\"kim\\\"s@acme.com\""]);
        let shell = r#"curl -d '{"name":"O'\''Neil"}' "$URL""#;
        assert_eq!(marked(shell), [r#"'{"name":"O'"#, r#"'Neil"}'"#, r#""$URL""#]);
        for text in [json, shell, "", "'open", "é \"ü\" \\"] {
            let pieces = Code::new(text).lines.into_iter().flat_map(|line| line.pieces);
            assert_eq!(pieces.map(|piece| piece.text).collect::<String>(), text);
        }
        let shown = Code::new("a <\n  \"b\"").to_string();
        let (first, second) = ("a &#60;\n", "  <span class=\"string\">&#34;b&#34;</span>");
        assert_eq!(Code::new("/api/v2").to_string(), "<span class=\"line\">/<wbr>api/<wbr>v2</span>");
        assert_eq!(shown, format!("<span class=\"line\">{first}</span><span class=\"line in-1\">{second}</span>"));
    }
}
