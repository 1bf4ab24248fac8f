//! What is said of photos: of each on its card, and of all of them together.

use std::collections::HashSet;

use askama::Template;
use headroom_studio as studio;
use serde::Serialize;

use crate::{
    config::PhotoChecks,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::PhotoId,
    pages::filters,
    photos::{self, Photo, Standing, Verdict},
    shoots::{self, Shoot},
    web::browser::SignedIn,
};

/// From so many photos on, more of them make no better headshots.
const PLENTY: usize = 6;

/// A photo and what is said of it.
pub(super) struct Card {
    pub(super) id: PhotoId,
    /// The first of those it is almost the same as, of which one is used; itself if there is none.
    moment: PhotoId,
    pub(super) thumbnail: String,
    pub(super) name: String,
    /// Of the pages it is on: where its forms go.
    pub(super) base: String,
    pub(super) verdict: Option<Verdict>,
    /// How it looks: `good`, `fair`, `poor`, or `bad` for one that is turned down.
    pub(super) tone: &'static str,
    /// The verdict; nothing if nobody looked.
    pub(super) title: Message,
    /// Why, and what to do.
    pub(super) words: String,
    /// Headshots are made of it.
    pub(super) used: bool,
    /// It is turned down, and another one should take its place.
    pub(super) refused: bool,
    /// Another one would do better in its place.
    pub(super) replaceable: bool,
    /// Whoever looks may let it be used, or take that back.
    pub(super) allow: Option<bool>,
}

impl Card {
    fn new(who: &SignedIn, photo: Photo, held: bool, used: bool) -> Self {
        let refused = held && photo.is_turned_down();
        let (tone, title, words) = said_of(&photo, held, used);
        let replaceable = match photo.verdict {
            None => false,
            Some(Verdict::Fine) => !used,
            Some(Verdict::Usable | Verdict::Unusable) => true,
        };
        Self {
            thumbnail: thumbnail(who, &photo.id),
            base: who.at(""),
            verdict: photo.verdict,
            allow: (who.for_another() && held && (refused || photo.allowed || !used)).then_some(!photo.allowed),
            moment: photo.twin.unwrap_or_else(|| photo.id.clone()),
            name: photo.name,
            id: photo.id,
            tone,
            title,
            words,
            used,
            refused,
            replaceable,
        }
    }
}

/// Where a photo's thumbnail is.
fn thumbnail(who: &SignedIn, photo: &PhotoId) -> String {
    who.at(&format!("/photos/{photo}/thumbnail"))
}

/// How it looks, the verdict, and why.
fn said_of(photo: &Photo, held: bool, used: bool) -> (&'static str, Message, String) {
    let worst = photo.findings.first().copied();
    // The worst, and what would turn the next try down again.
    let why = || {
        let words = worst.map(|worst| photos::found(worst).to_string()).unwrap_or_default();
        match photo.findings.get(1).filter(|second| second.verdict() == studio::Verdict::NotUsable) {
            Some(second) => format!("{words} {}", say!("Also: {trouble}.", trouble = photos::briefly(*second))),
            None => words,
        }
    };
    match photo.verdict {
        None => ("", Message::new(""), String::new()),
        Some(Verdict::Unusable) if photo.allowed => (
            "good",
            say!("Allowed by your organization"),
            worst
                .map(|worst| say!("It is used all the same: {trouble}.", trouble = photos::briefly(worst)).into())
                .unwrap_or_default(),
        ),
        Some(_) if photo.allowed => (
            "good",
            say!("Allowed by your organization"),
            say!("It is used although it is almost the same as another.").into(),
        ),
        // Of two alike, whichever was added first.
        Some(_) if photo.can_be_used() && !used => {
            ("fair", say!("Almost the same as another photo"), say!("Only the better one is used.").into())
        }
        Some(Verdict::Unusable) if held => ("bad", say!("Can't be used"), why()),
        // Without a better one it is used after all.
        Some(Verdict::Unusable) => ("poor", say!("Not a good one"), why()),
        Some(Verdict::Usable) => ("fair", say!("Can be used"), why()),
        Some(Verdict::Fine) => ("good", say!("Good"), String::new()),
    }
}

/// All photos of a shoot, and what is said of them together.
pub(super) struct Album {
    /// What needs something to be done first, otherwise as they were added.
    pub(super) cards: Vec<Card>,
    pub(super) standing: Said,
}

/// What is said of a shoot's photos together.
#[derive(Serialize)]
pub(super) struct Said {
    /// All of them.
    pub(super) photos: usize,
    /// `5 of 7 photos can be used. …`; nothing without photos.
    pub(super) summary: String,
    /// They can be handed in.
    pub(super) enough: bool,
}

impl Album {
    /// Of nobody's shoot yet.
    pub(super) fn empty() -> Self {
        Self { cards: Vec::new(), standing: Said { photos: 0, summary: String::new(), enough: false } }
    }

    pub(super) fn of(view: &View, who: &SignedIn, shoot: &Shoot, checks: PhotoChecks) -> Result<Self> {
        let photos = photos::of_shoot(view, &shoot.id)?;
        let used: HashSet<PhotoId> = photos::best_first(view, &shoot.id)?.into_iter().map(|photo| photo.id).collect();
        let held = shoots::are_held_to_checks(shoot, checks);
        let looked = photos.iter().any(|photo| photo.verdict.is_some());
        let standing = Standing::of(&photos);
        let said = Said {
            photos: photos.len(),
            summary: summary(&standing, held, looked),
            enough: shoots::has_enough_photos(view, shoot, checks)?,
        };
        let card = |photo: Photo| {
            let used = used.contains(&photo.id);
            Card::new(who, photo, held, used)
        };
        let mut cards: Vec<Card> = photos.into_iter().map(card).collect();
        cards.sort_by_key(|card| !card.refused);
        Ok(Self { cards, standing: said })
    }

    /// The card of one photo.
    fn card(&self, id: &PhotoId) -> Result<&Card> {
        self.cards.iter().find(|card| card.id == *id).ok_or(Error::NotFound("Photo"))
    }
}

fn summary(standing: &Standing, held: bool, looked: bool) -> String {
    let Standing { photos, used, .. } = *standing;
    let words = match (photos, used) {
        (0, _) => return String::new(),
        (_, _) if !looked => say!("{n} photo." | "{n} photos.", n = photos),
        (1, 0) if held => return say!("This photo can't be used. Add one that can, to go on.").into(),
        (_, 0) if held => return say!("None of these photos can be used. Add one that can, to go on.").into(),
        (_, 0) => return say!("None of these photos is a good one. You can go on all the same.").into(),
        (1, 1) => say!("This photo can be used."),
        (all, some) if all == some => say!("All {all} photos can be used.", all),
        (all, some) => say!("{n} of {all} photos can be used." | "{n} of {all} photos can be used.", n = some, all),
    };
    if used < PLENTY {
        return format!("{words} {}", say!("6 to 12 good ones give the best result."));
    }
    words.into()
}

/// What a script is told of a photo: what to say, and the card to show.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) id: PhotoId,
    thumbnail: String,
    name: String,
    verdict: Option<Verdict>,
    /// The verdict and why, as on the card.
    words: String,
    html: String,
}

#[derive(Template)]
#[template(path = "member/photo-card.html")]
struct CardAlone<'a> {
    card: &'a Card,
}

impl Told {
    fn new(card: &Card) -> Result<Self> {
        let words =
            if card.words.is_empty() { card.title.to_string() } else { format!("{}. {}", card.title, card.words) };
        Ok(Self {
            id: card.id.clone(),
            thumbnail: card.thumbnail.clone(),
            name: card.name.clone(),
            verdict: card.verdict,
            words,
            html: CardAlone { card }.render().map_err(Error::internal)?,
        })
    }
}

/// What a script is told when a photo was added.
#[derive(Serialize)]
pub(super) struct Added {
    #[serde(flatten)]
    photo: Told,
    /// Those that are almost the same: a better one was added, and what is said of them may have changed.
    others: Vec<Told>,
    standing: Said,
}

impl Added {
    pub(super) fn new(album: Album, id: &PhotoId) -> Result<Self> {
        let added = album.card(id)?;
        let others = album.cards.iter().filter(|card| card.moment == added.moment && card.id != added.id);
        Ok(Self {
            photo: Told::new(added)?,
            others: others.map(Told::new).collect::<Result<_>>()?,
            standing: album.standing,
        })
    }
}

/// What a script is told when photos changed that were there.
#[derive(Serialize)]
pub(super) struct Changed {
    /// All that are there now.
    photos: Vec<Told>,
    standing: Said,
}

impl Changed {
    pub(super) fn new(album: Album) -> Result<Self> {
        Ok(Self { photos: album.cards.iter().map(Told::new).collect::<Result<_>>()?, standing: album.standing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_and_says_what_is_missing() {
        let said = |photos, used, held| summary(&Standing { photos, used, ..Standing::default() }, held, true);
        assert_eq!(said(0, 0, true), "");
        assert_eq!(said(7, 5, true), "5 of 7 photos can be used. 6 to 12 good ones give the best result.");
        assert_eq!(said(1, 1, true), "This photo can be used. 6 to 12 good ones give the best result.");
        assert_eq!(said(8, 8, true), "All 8 photos can be used.");
        assert_eq!(said(2, 0, true), "None of these photos can be used. Add one that can, to go on.");
        assert_eq!(said(2, 0, false), "None of these photos is a good one. You can go on all the same.");
        let unseen = summary(&Standing { photos: 7, used: 7, ..Standing::default() }, true, false);
        assert_eq!(unseen, "7 photos.");
    }
}
