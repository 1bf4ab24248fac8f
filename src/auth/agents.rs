//! What a browser calls itself, in words a person knows it by.

use crate::i18n::Message;

/// Browsers, the ones that also claim to be others first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems, likewise: Android says that it is Linux, an iPhone that it is like Mac OS X.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// "Firefox on Windows", as far as the text tells.
pub fn browser_in_words(agent: Option<&str>) -> Message {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| agent.is_some_and(|agent| agent.contains(sign))).map(|(_, words)| *words)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => say!("{browser} on {system}", browser, system),
        (Some(one), None) | (None, Some(one)) => Message::plain(one),
        (None, None) => say!("Unknown browser"),
    }
}

/// What [`browser_in_words`] said when it was written down.
pub(super) fn browser_as_written(words: &str) -> Message {
    match words.split_once(" on ") {
        Some((browser, system)) => say!("{browser} on {system}", browser, system),
        None => Message::english(words.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_systems_are_told_apart_whatever_else_they_claim() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        let webkit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (agent, words) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0".to_owned(), "Firefox on Windows"),
            (format!("{mac} {webkit} Version/18.1 Safari/605.1.15"), "Safari on Mac"),
            (format!("{mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"), "Chrome on Mac"),
            (format!("{mac} AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"), "Edge on Mac"),
            (format!("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {webkit} CriOS/131.0 Mobile Safari/604.1"), "Chrome on iPhone"),
            ("Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 SamsungBrowser/26.0 Chrome/122.0 Mobile Safari/537.36".to_owned(), "Samsung Internet on Android"),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36".to_owned(), "Chrome on ChromeOS"),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36".to_owned(), "Chrome on Linux"),
            ("curl/8.5.0".to_owned(), "Unknown browser"),
            ("Mozilla/5.0 (Windows NT 10.0)".to_owned(), "Windows"),
        ] {
            let found = browser_in_words(Some(&agent));
            assert_eq!(found.to_string(), words, "{agent}");
            assert_eq!(browser_as_written(words).to_string(), words);
        }
        assert_eq!(browser_in_words(None).to_string(), "Unknown browser");
    }
}
