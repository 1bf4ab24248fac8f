//! Headroom says everything in every language, and nothing twice. A message is its English text; this finds all of them where
//! they stand, and compares them with the translations.
#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, its helpers included")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use polib::message::MessageView;
use proc_macro2::{TokenStream, TokenTree};
use regex::Regex;

/// Templates for people who operate or embed Headroom, who read English: the reference of the API and development mode.
const IN_ENGLISH: &[&str] = &["assets/templates/reference", "assets/templates/dev"];

/// Words that are the same in any language, or no words.
const NAMES: &[&str] =
    &["Headroom", "API", "CSV", "ZIP", "URL", "JSON", "PNG", "JPEG", "WebP", "HEIC", "SSO", "Esc", "Ctrl", "narrow"];

/// A message: its text for one or for anything, and that for many.
type Key = (String, Option<String>);

fn files(under: &str, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(under)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|its| its == end) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string()
}

/// Every message, with the file it was found in first.
fn messages() -> BTreeMap<Key, String> {
    let mut found = BTreeMap::new();
    for path in files("src", "rs") {
        let tokens: TokenStream = fs::read_to_string(&path).unwrap().parse().unwrap();
        let name = shown(&path);
        if !name.starts_with("src/i18n") || name.ends_with("dates.rs") {
            said(tokens, "say", &mut |key| {
                found.entry(key).or_insert_with(|| shown(&path));
            });
        }
    }
    for folder in ["pictures/src", "studio/src"] {
        for path in files(folder, "rs") {
            let tokens: TokenStream = fs::read_to_string(&path).unwrap().parse().unwrap();
            refused(tokens, &mut |key| {
                found.entry(key).or_insert_with(|| shown(&path));
            });
        }
    }
    for path in files("assets/templates", "html") {
        for code in parted(&fs::read_to_string(&path).unwrap()).1 {
            filtered(code, &mut |key| {
                found.entry(key).or_insert_with(|| shown(&path));
            });
        }
    }
    for path in files("assets/js", "mjs") {
        scripted(&fs::read_to_string(&path).unwrap(), &mut |key| {
            found.entry(key).or_insert_with(|| shown(&path));
        });
    }
    found
}

fn literal(tree: Option<&TokenTree>) -> Option<String> {
    let Some(TokenTree::Literal(literal)) = tree else { return None };
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

/// What stands in `say!("…")` and `say!("…" | "…", …)`, however deep.
fn said(tokens: TokenStream, name: &str, found: &mut impl FnMut(Key)) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else { continue };
        let called = at >= 2
            && matches!(&trees[at - 2], TokenTree::Ident(ident) if ident == name)
            && matches!(&trees[at - 1], TokenTree::Punct(mark) if mark.as_char() == '!');
        if called {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            if let Some(one) = literal(inside.first()) {
                let bar = matches!(inside.get(1), Some(TokenTree::Punct(mark)) if mark.as_char() == '|');
                found((one, if bar { literal(inside.get(2)) } else { None }));
            }
        }
        said(group.stream(), name, found);
    }
}

/// What the crates of the pictures refuse with: `Error::Unsupported("…".into())`.
fn refused(tokens: TokenStream, found: &mut impl FnMut(Key)) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else { continue };
        let refuses =
            |tree: &TokenTree| matches!(tree, TokenTree::Ident(ident) if ident == "Unsupported" || ident == "Invalid");
        if at > 0 && refuses(&trees[at - 1]) {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            if let Some(text) = literal(inside.first()) {
                found((text, None));
            }
        }
        refused(group.stream(), found);
    }
}

/// A template in two: its text, and the pieces of code that stand in `{{ }}` and in `{% %}`. Comments are neither.
fn parted(template: &str) -> (String, Vec<&str>) {
    let (mut text, mut codes) = (String::new(), Vec::new());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let close = match rest.as_bytes().get(at + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                text.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
                continue;
            }
        };
        text.push_str(&rest[..at]);
        let end = end_of(&rest[at + 2..], close);
        if close != "#}" {
            codes.push(&rest[at + 2..at + 2 + end]);
        }
        rest = &rest[(at + 4 + end).min(rest.len())..];
    }
    text.push_str(rest);
    (text, codes)
}

/// Where a piece of code ends: not within a text.
fn end_of(code: &str, close: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in code.char_indices() {
        if !quoted && code[at..].starts_with(close) {
            return at;
        }
        match letter {
            '"' if !escaped && close != "#}" => quoted = !quoted,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    code.len()
}

/// The texts that go through the filters of messages: `"…"|t`, `"…"|many("…", …)`.
fn filtered(code: &str, found: &mut impl FnMut(Key)) {
    let mut rest = code;
    while let Some((text, after)) = quoted(rest, '"') {
        let next = after.trim_start();
        if let Some(filter) = next.strip_prefix('|').map(str::trim_start) {
            let name: String = filter.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            match name.as_str() {
                "t" => found((text, None)),
                "many" => {
                    let other = filter.trim_start_matches("many").trim_start().trim_start_matches('(');
                    found((text, quoted(other, '"').map(|(other, _)| other)));
                }
                _ => {}
            }
        }
        rest = after;
    }
}

/// The texts that scripts say: `t('…')`, `many('…', '…', …)`.
fn scripted(script: &str, found: &mut impl FnMut(Key)) {
    for (call, plural) in [("t(", false), ("many(", true)] {
        for (at, _) in script.match_indices(call) {
            let before = script[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
                continue;
            }
            let arguments = script[at + call.len()..].trim_start();
            if !arguments.starts_with('\'') {
                continue;
            }
            let Some((one, after)) = quoted(arguments, '\'') else { continue };
            let other = plural.then(|| quoted(after, '\'').map(|(other, _)| other)).flatten();
            found((one, other));
        }
    }
}

/// The next quoted text, and what comes after it.
fn quoted(code: &str, quote: char) -> Option<(String, &str)> {
    let start = code.find(quote)? + 1;
    let mut text = String::new();
    let mut letters = code[start..].char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next()?.1 {
                'n' => text.push('\n'),
                other => text.push(other),
            },
            end if end == quote => return Some((text, &code[start + at + 1..])),
            other => text.push(other),
        }
    }
    None
}

/// The translations of a language: from the message, with its context before it, to its forms.
fn translations(language: &str) -> BTreeMap<Key, Vec<String>> {
    let path = format!("{}/assets/languages/{language}.po", env!("CARGO_MANIFEST_DIR"));
    let catalogue = polib::po_file::parse(Path::new(&path)).unwrap();
    let entry = |message: &dyn MessageView| {
        let text = match message.msgctxt().filter(|context| !context.is_empty()) {
            Some(context) => format!("{context}|{}", message.msgid()),
            None => message.msgid().to_owned(),
        };
        if message.is_plural() {
            ((text, Some(message.msgid_plural().unwrap().to_owned())), message.msgstr_plural().unwrap().clone())
        } else {
            ((text, None), vec![message.msgstr().unwrap().to_owned()])
        }
    };
    catalogue.messages().map(entry).collect()
}

fn listed(title: &str, lines: impl IntoIterator<Item = String>) -> Option<String> {
    let lines: Vec<String> = lines.into_iter().collect();
    (!lines.is_empty()).then(|| format!("{title} ({}):\n{}\n", lines.len(), lines.join("\n")))
}

const LANGUAGES: [&str; 3] = ["de", "es", "fr"];

#[test]
fn every_message_is_translated_and_every_translation_is_used() {
    let messages = messages();
    assert!(messages.len() > 500, "only {} messages were found", messages.len());
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let translated = translations(language);
        let is_missing =
            |key: &Key| translated.get(key).is_none_or(|forms| forms.iter().any(|form| form.trim().is_empty()));
        let missing = messages.iter().filter(|(key, _)| is_missing(key));
        wrong.extend(listed(
            &format!("{language}.po lacks"),
            missing.map(|((text, _), file)| format!("  {text:?} of {file}")),
        ));
        let unused = translated.keys().filter(|key| !messages.contains_key(*key));
        wrong.extend(listed(
            &format!("{language}.po has what nobody says"),
            unused.map(|(text, _)| format!("  {text:?}")),
        ));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The places to fill of a text, and its markup. A number may be left out of the form for one.
fn skeleton(text: &str, counts: bool) -> (BTreeSet<String>, Vec<String>) {
    let text = text.split_once('|').map_or(text, |(_, text)| text);
    let mut places = BTreeSet::new();
    let mut tags = Vec::new();
    for (open, close) in [('{', '}'), ('<', '>')] {
        for (at, _) in text.match_indices(open) {
            let Some(end) = text[at..].find(close) else { continue };
            let piece = text[at..=at + end].to_owned();
            if open == '<' {
                tags.push(piece);
            } else if !(counts && piece == "{n}") {
                places.insert(piece);
            }
        }
    }
    tags.sort();
    (places, tags)
}

#[test]
fn translations_fill_the_same_places_and_have_the_same_markup() {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        for ((one, other), forms) in translations(language) {
            let counts = other.is_some();
            if counts != (forms.len() == 2) {
                wrong.push(format!("{language}: {one:?} has {} forms", forms.len()));
            }
            for (form, english) in forms.iter().zip([Some(&one), other.as_ref()].into_iter().flatten()) {
                if skeleton(form, counts) != skeleton(english, counts) {
                    wrong.push(format!("{language}: {english:?} became {form:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A template without its code, its comments and its tags, and with what people read in attributes.
fn bare(template: &str) -> Vec<String> {
    let (mut text, _code) = parted(template);
    for (open, close) in [
        ("<code", "</code>"),
        ("<kbd", "</kbd>"),
        ("<pre", "</pre>"),
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<svg", "</svg>"),
        ("<symbol", "</symbol>"),
    ] {
        while let Some(at) = text.find(open) {
            let end = text[at..].find(close).map_or(text.len(), |end| at + end + close.len());
            text.replace_range(at..end, " ");
        }
    }
    let mut words = Vec::new();
    let mut outside = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        outside.push_str(&rest[..at]);
        outside.push('\n');
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        for attribute in ["aria-label=\"", "placeholder=\"", "title=\"", "alt=\"", "data-label=\""] {
            if let Some(start) = rest[at..end].find(&format!(" {attribute}")) {
                let value = &rest[at + start + 1 + attribute.len()..end];
                words.push(value.split('"').next().unwrap_or_default().to_owned());
            }
        }
        rest = &rest[end..];
    }
    outside.push_str(rest);
    words.extend(outside.lines().map(str::to_owned));
    words
}

#[test]
fn templates_hold_no_words_that_are_no_messages() {
    let attribute = Regex::new(r#"[a-z-]+="[^"]*""#).unwrap();
    let mut wrong = Vec::new();
    for path in files("assets/templates", "html") {
        let name = shown(&path);
        if IN_ENGLISH.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        for words in bare(&fs::read_to_string(&path).unwrap()) {
            // What a macro adds to a tag, and what a page adds to its class.
            let words = attribute
                .replace_all(&words, " ")
                .replace("&nbsp;", " ")
                .replace("&thinsp;", " ")
                .replace("&amp;", " ");
            let foreign = words
                .split(|c: char| !c.is_alphabetic())
                .any(|word| word.chars().count() > 1 && !NAMES.contains(&word));
            if foreign {
                wrong.push(format!("  {name}: {}", words.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
