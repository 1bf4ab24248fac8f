//! Takes out of a text what whoever reads it may not learn: out of the log, addresses of people and secrets; out of a report
//! that is handed on, also where the server is. Most texts never held any. This is for those that others wrote: what a mail
//! server answers, what a library says of a URL.

use std::{borrow::Cow, net::IpAddr, net::SocketAddr};

const ADDRESS: &str = "[address]";
const SECRET: &str = "[secret]";
const PATH: &str = "[path]";
const HOST: &str = "[host]";

/// Letters and digits of a [`crate::secrets::Token`].
const TOKEN: usize = 43;

/// A text as it may stand in the log: without addresses of mail and without secrets; of a URL, its server is left.
pub fn for_log(text: &str) -> Cow<'_, str> {
    redacted(text, |word| match word.split_once("://") {
        Some((scheme, rest)) => Some(shortened(scheme, rest)),
        None => hidden(word),
    })
}

/// A text as it may be handed on: nothing in it says where the server is, whose it is, or what opens it. `known` are names that
/// don't look like any, such as that of the data directory.
pub fn for_report(text: &str, known: &[String]) -> String {
    let mut text = text.to_owned();
    for name in known.iter().filter(|name| name.len() > 1) {
        text = without(&text, name);
    }
    redacted(&text, |word| {
        if word.contains("://") {
            return Some(HOST.to_owned());
        }
        hidden(word).or_else(|| place(word))
    })
    .into_owned()
}

/// Replaces a name wherever it stands by itself.
fn without(text: &str, name: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    let is_inside = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        out.push_str(before);
        let stands_alone = !is_inside(out.chars().next_back()) && !is_inside(after.chars().next());
        out.push_str(if stands_alone { "[name]" } else { name });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Gives each word to `judge`, which says what stands in its place.
fn redacted(text: &str, judge: impl Fn(&str) -> Option<String>) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut begin = 0;
    let mut take = |from: usize, to: usize| {
        let whole = &text[from..to];
        // What ends a sentence is not part of its last word.
        let word = whole.trim_end_matches(['.', ':', '!', '?']);
        if word.is_empty() {
            return;
        }
        if let Some(instead) = judge(word) {
            let out = out.get_or_insert_with(String::new);
            // `out` ends where the last replacement did.
            out.push_str(&text[begin..from]);
            out.push_str(&instead);
            begin = from + word.len();
        }
    };
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        let ends_any = letter.is_whitespace() || letter.is_control() || "\"'`<>()[]{}|\\".contains(letter);
        // A URL goes on where other words end.
        if ends_any || (",;=".contains(letter) && !text[start..at].contains("://")) {
            take(start, at);
            start = at + letter.len_utf8();
        }
    }
    take(start, text.len());
    match out {
        Some(mut out) => {
            out.push_str(&text[begin..]);
            out.into()
        }
        None => text.into(),
    }
}

/// A word without addresses of mail and secrets; nothing if it has none.
fn hidden(word: &str) -> Option<String> {
    let is_address = |at: &str| {
        let (before, after) = word.split_once(at)?;
        (!before.is_empty() && !after.is_empty()).then(|| ADDRESS.to_owned())
    };
    if let Some(address) = is_address("@").or_else(|| is_address("%40")) {
        return Some(address);
    }
    let parts = word.split(['/', '.', ':', '&', '?', '#', '~']);
    let secrets: Vec<&str> = parts.filter(|part| is_secret(part)).collect();
    (!secrets.is_empty()).then(|| secrets.iter().fold(word.to_owned(), |word, secret| word.replace(secret, SECRET)))
}

/// Whether something has the form of what opens a door here: a token, a key, the secret of a webhook.
fn is_secret(part: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_token = part.len() == TOKEN && part.bytes().all(is_plain);
    is_token || ["hr_", "whsec_"].iter().any(|start| part.strip_prefix(start).is_some_and(|rest| rest.len() >= 16))
}

/// A URL without who signs in at it and without what follows its server: others put secrets into paths too.
fn shortened(scheme: &str, rest: &str) -> String {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    format!("{scheme}://{server}{}", if path.len() > 1 { "/…" } else { path })
}

/// What stands for a word that says where something is.
fn place(word: &str) -> Option<String> {
    if word.contains('/') && word.len() > 1 {
        return Some(PATH.to_owned());
    }
    if word.parse::<IpAddr>().is_ok() || word.parse::<SocketAddr>().is_ok() {
        return Some(ADDRESS.to_owned());
    }
    let (name, port) = word.split_once(':').unwrap_or((word, ""));
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let ends_as_name = labels.last().is_some_and(|end| end.len() > 1 && end.bytes().all(|b| b.is_ascii_alphabetic()));
    let is_name = labels.len() > 1 && labels.iter().all(is_label) && ends_as_name;
    (is_name && port.bytes().all(|b| b.is_ascii_digit())).then(|| HOST.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Token;

    #[test]
    fn the_log_has_no_addresses_of_people_and_no_secrets() {
        let token = Token::new();
        let token = token.reveal();
        for (text, logged) in [
            ("550 5.1.1 <kim@acme.test>: unknown", "550 5.1.1 <[address]>: unknown".to_owned()),
            (r#"{"to":"kim@acme.test","n":1}"#, r#"{"to":"[address]","n":1}"#.to_owned()),
            ("asked for kim%40acme.test.", "asked for [address].".to_owned()),
            ("at /auth/link/TOKEN was", "at /auth/link/[secret] was".to_owned()),
            ("cookie headroom=TOKEN; x", "cookie headroom=[secret]; x".to_owned()),
            ("Bearer hr_507f1f77bcf86cd799439011_TOKEN", "Bearer [secret]".to_owned()),
            (
                "sending for url (https://me:pw@hooks.test:8443/in/secret?key=1)",
                "sending for url (https://hooks.test:8443/…)".to_owned(),
            ),
            ("smtp://user%40acme.test:pw@mail.test:25", "smtp://mail.test:25".to_owned()),
            ("all is well: 3 of 4.", "all is well: 3 of 4.".to_owned()),
        ] {
            let (text, logged) = (text.replace("TOKEN", token), logged);
            assert_eq!(for_log(&text), logged, "{text}");
        }
    }

    #[test]
    fn a_text_without_any_is_left_as_it_is() {
        let line = "2026-01-02T03:04:05.6Z  INFO request{id=507f1f77}: headroom::access: answered route=\"/app/{id}\" ms=1.2\n";
        assert!(matches!(for_log(line), Cow::Borrowed(same) if same == line));
    }

    #[test]
    fn a_report_says_nothing_of_where_the_server_is() {
        let known = ["acme-photos".to_owned(), "mailer".to_owned()];
        for (text, said) in [
            ("/srv/acme/data can be written.", "[path] can be written."),
            ("acme-photos has mode 700; mailer: refused", "[name] has mode 700; [name]: refused"),
            ("https://headshots.acme.test answers.", "[host] answers."),
            ("connecting to 10.1.2.3:587 or [::1]:25 failed", "connecting to [address] or [[address]]:25 failed"),
            ("mail.acme.test:25 says no to kim@acme.test", "[host] says no to [address]"),
            (
                "Schema 9 is this program's. 1.5 GB of 20 GB are free",
                "Schema 9 is this program's. 1.5 GB of 20 GB are free",
            ),
        ] {
            assert_eq!(for_report(text, &known), said);
        }
    }
}
