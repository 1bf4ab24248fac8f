//! What happened last, in a line each.

use crate::{
    db::View,
    error::Result,
    events::{self, Kind},
    i18n::Message,
    members::Member,
    pages::view::When,
};

/// Lines of activity, and events to choose them from: a shoot tells of more steps than leads care for.
const ACTIVITY: usize = 8;
const EVENTS: u32 = 40;

pub(super) struct Activity {
    pub(super) words: Message,
    pub(super) at: When,
}

/// What happened last, as far as leads care.
pub(super) fn activity(view: &View, member: &Member) -> Result<Vec<Activity>> {
    let events = events::latest(view, &member.organization, EVENTS)?;
    Ok(events
        .into_iter()
        .filter_map(|event| {
            let name = event.who.map_or_else(|| say!("Someone who has left"), Message::plain);
            let words = match (event.kind, event.state.as_str()) {
                (Kind::Created, _) => say!("{name} joined", name),
                (Kind::Moved, "submitted") if event.again => say!("{name}'s headshots started again", name),
                (Kind::Moved, "submitted") => say!("{name} submitted photos", name),
                (Kind::Moved, "failed") => say!("A try at {name}'s headshots failed", name),
                (Kind::PhotosReady, _) => say!("{name}'s headshots are ready", name),
                (Kind::FavoriteSelected, _) => say!("{name} chose a favourite", name),
                (Kind::Deleted, _) => say!("{name}'s photos and headshots were deleted", name),
                (Kind::Moved, _) => return None,
            };
            Some(Activity { words, at: When::ago(event.created_at, view.now) })
        })
        .take(ACTIVITY)
        .collect())
}
