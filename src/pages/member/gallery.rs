//! Headshots among others: which of them are shown, and how each of them is.

use serde::Deserialize;
use url::form_urlencoded;

use super::dashboard::alt;
use crate::{
    ids::ResultId,
    pages::view::Link,
    results::{Headshot, Liked},
    storage::Preview,
    styles::Names,
    web::browser::SignedIn,
};

/// As many can be looked through as they are.
const FEW: usize = 12;

/// Which headshots are shown: a state of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    /// `liked`: only those.
    pub(super) show: String,
    /// Only those before this backdrop, as it is kept.
    pub(super) backdrop: String,
}

impl Filter {
    /// As a query, or as what a form brings along of one.
    pub(super) fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "show" => filter.show = value.into_owned(),
                "backdrop" => filter.backdrop = value.into_owned(),
                _ => {}
            }
        }
        filter
    }

    fn liked() -> Self {
        Self { show: "liked".to_owned(), ..Self::default() }
    }

    fn before(backdrop: &str) -> Self {
        Self { backdrop: backdrop.to_owned(), ..Self::default() }
    }

    /// Everything is shown.
    pub(super) fn is_off(&self) -> bool {
        self.show != "liked" && self.backdrop.is_empty()
    }

    /// Whether a headshot is among those shown. The favourite is liked.
    pub(super) fn keeps(&self, headshot: &Headshot) -> bool {
        let liked = headshot.liked != Liked::None || headshot.favorite;
        (self.show != "liked" || liked) && (self.backdrop.is_empty() || headshot.backdrop.to_string() == self.backdrop)
    }

    /// `?show=liked`, for the end of an address; nothing if all are shown.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.show == "liked" {
            query.append_pair("show", "liked");
        }
        if !self.backdrop.is_empty() {
            query.append_pair("backdrop", &self.backdrop);
        }
        match query.finish() {
            none if none.is_empty() => none,
            some => format!("?{some}"),
        }
    }

    /// What can be chosen between, if there is enough to choose from. `base` is the page of all of them.
    pub(super) fn choices(&self, headshots: &[Headshot], names: &Names, base: &str) -> Vec<Sieve> {
        if headshots.len() <= FEW {
            return Vec::new();
        }
        let sieve = |filter: Self, words: String| Sieve {
            here: *self == filter,
            count: headshots.iter().filter(|headshot| filter.keeps(headshot)).count(),
            link: Link::new(format!("{base}{}", filter.query()), words),
        };
        let mut backdrops: Vec<String> = Vec::new();
        let mut sieves = vec![
            sieve(Self::default(), say!("headshots|All").to_string()),
            sieve(Self::liked(), say!("headshots|Liked").to_string()),
        ];
        for headshot in headshots {
            let backdrop = headshot.backdrop.to_string();
            if !backdrops.contains(&backdrop) {
                sieves.push(sieve(Self::before(&backdrop), names.shown(&headshot.backdrop).to_string()));
                backdrops.push(backdrop);
            }
        }
        // One backdrop only is no choice.
        if backdrops.len() == 1 {
            sieves.truncate(2);
        }
        sieves
    }
}

/// One way to see fewer.
pub(super) struct Sieve {
    pub(super) link: Link,
    pub(super) count: usize,
    pub(super) here: bool,
}

/// A headshot among others.
pub(super) struct Tile {
    pub(super) id: ResultId,
    pub(super) href: String,
    pub(super) pictures: Pictures,
    /// `Headshot 3, navy backdrop`
    pub(super) alt: String,
    pub(super) liked: bool,
    pub(super) favourite: bool,
}

impl Tile {
    /// One that leads to `href`.
    pub(super) fn new(who: &SignedIn, headshot: &Headshot, names: &Names, href: String) -> Self {
        Self {
            pictures: Pictures::of(&who.at(&format!("/headshots/{}", headshot.id))),
            alt: alt(headshot, names),
            liked: headshot.liked != Liked::None,
            favourite: headshot.favorite,
            id: headshot.id.clone(),
            href,
        }
    }
}

/// The addresses of a headshot's previews.
pub(in crate::pages) struct Pictures {
    pub(in crate::pages) src: String,
    /// With the width of each.
    pub(in crate::pages) srcset: String,
}

impl Pictures {
    /// Those below the address of a headshot.
    pub(in crate::pages) fn of(base: &str) -> Self {
        let all = Preview::ALL.map(|preview| format!("{base}/{} {}w", preview.name(), preview.width()));
        Self { src: format!("{base}/{}", Preview::Small.name()), srcset: all.join(", ") }
    }
}

/// `12 headshots`, or how many of them are shown.
pub(super) fn count_words(shown: usize, all: usize) -> String {
    let words = if shown == all {
        say!("{n} headshot" | "{n} headshots", n = all)
    } else {
        say!("{shown} of {n} headshot" | "{shown} of {n} headshots", n = all, shown)
    };
    words.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_from_the_address_and_written_back() {
        for query in ["", "?show=liked", "?backdrop=navy", "?show=liked&backdrop=bd_018bcfe568004f1c2d3e4a5b"] {
            assert_eq!(Filter::parse(query.trim_start_matches('?')).query(), query);
        }
        assert!(Filter::parse("show=everything&x=y").is_off());
        assert_eq!(Filter::parse("backdrop=%3Cb%3E%26").query(), "?backdrop=%3Cb%3E%26");
    }
}
