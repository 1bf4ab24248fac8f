//! The languages, and which of them is being read.

use std::{cell::Cell, future::Future};

use tokio::task_local;

/// A language that Headroom speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// What programs, logs and the command line get.
    #[default]
    English,
    /// Deutsch.
    German,
    /// Español.
    Spanish,
    /// Français.
    French,
    /// English with accents on its letters and a third longer, to see what doesn't fit or isn't a message. Nobody chooses it;
    /// a browser that asks for `en-XA` gets it.
    Pseudo,
}

impl Language {
    /// Those that people choose from.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::French];

    /// Its tag: `de`. [BCP 47]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Pseudo => "en-XA",
        }
    }

    /// What it calls itself: `Deutsch`.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Spanish => "Español",
            Self::French => "Français",
            Self::Pseudo => "Ëñglïsh",
        }
    }

    /// The language with exactly this tag, of those that people choose from.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The one somebody reads who asks for these tags, the dearest first: `de-AT` is German. English if there is none.
    pub fn of_tags<'t>(tags: impl IntoIterator<Item = &'t str>) -> Self {
        let known = |tag: &str| {
            if tag.eq_ignore_ascii_case(Self::Pseudo.tag()) {
                return Some(Self::Pseudo);
            }
            let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            Self::parse(&primary)
        };
        tags.into_iter().find_map(known).unwrap_or_default()
    }

    /// Which form of a message that depends on a number: the one for one, or the one for many.
    pub(super) const fn form(self, count: u64) -> usize {
        match self {
            Self::French => (count > 1) as usize,
            _ => (count != 1) as usize,
        }
    }
}

task_local! {
    static READER: Cell<Language>;
}

/// The language that is being read: English outside of [`reading`] and [`speaking`].
pub fn language() -> Language {
    READER.try_with(Cell::get).unwrap_or_default()
}

/// Answers somebody who reads this language.
pub async fn reading<T>(language: Language, answer: impl Future<Output = T>) -> T {
    READER.scope(Cell::new(language), answer).await
}

/// Writes something in this language.
pub fn speaking<T>(language: Language, write: impl FnOnce() -> T) -> T {
    READER.sync_scope(Cell::new(language), write)
}

/// The reader turns out to prefer another language. Outside of [`reading`] nobody reads.
pub fn prefer(language: Language) {
    let _nobody = READER.try_with(|reader| reader.set(language));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_language_that_is_known_is_spoken() {
        for (tags, language) in [
            (vec!["de-AT", "en"], Language::German),
            (vec!["nl", "FR-ca", "en"], Language::French),
            (vec!["es-419"], Language::Spanish),
            (vec!["en-XA"], Language::Pseudo),
            (vec!["en-GB", "de"], Language::English),
            (vec!["nl", "*"], Language::English),
            (vec![], Language::English),
        ] {
            assert_eq!(Language::of_tags(tags.iter().copied()), language, "{tags:?}");
        }
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Some(language));
        }
        assert_eq!(Language::parse("en-XA"), None);
    }

    #[test]
    fn nobody_reads_unless_somebody_does() {
        prefer(Language::German);
        assert_eq!(language(), Language::English);
        speaking(Language::French, || {
            assert_eq!(language(), Language::French);
            prefer(Language::German);
            assert_eq!(language(), Language::German);
        });
        assert_eq!(language(), Language::English);
    }

    #[test]
    fn none_is_many_except_in_french() {
        assert_eq!([0, 1, 2].map(|count| Language::German.form(count)), [1, 0, 1]);
        assert_eq!([0, 1, 2].map(|count| Language::French.form(count)), [0, 0, 1]);
    }
}
