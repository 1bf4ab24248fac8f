//! What happened to a person, newest first: from the invite to the favourite.

use crate::{
    clock::Timestamp,
    db::View,
    error::Result,
    events::{self, Activity, Kind as Event},
    invites, mail,
    members::{self, Kind, Member},
    pages::view::{When, counted},
    photos,
    shoots::{Shoot, State},
};

/// Steps of shoots that are looked at.
const STEPS: u32 = 200;

/// A line of the timeline.
pub(super) struct Happening {
    pub(super) words: String,
    pub(super) when: When,
}

/// All of it.
pub(super) fn of(view: &View, member: &Member, shoots: &[Shoot]) -> Result<Vec<Happening>> {
    let mut happened = Vec::new();
    arrival(view, member, &mut happened)?;
    for shoot in shoots {
        let photos = photos::of_shoot(view, &shoot.id)?;
        if let Some(first) = photos.first() {
            happened.push((first.created_at, format!("{} added", counted(photos.len() as u64, "photo"))));
        }
    }
    for (_, activity) in events::of_member(view, &member.id, STEPS)? {
        if let Some(words) = step(&activity) {
            happened.push((activity.created_at, words.to_owned()));
        }
    }
    happened.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(happened.into_iter().map(|(at, words)| Happening { words, when: When::ago(at, view.now) }).collect())
}

/// Invited, mailed to, and joined.
fn arrival(view: &View, member: &Member, happened: &mut Vec<(Timestamp, String)>) -> Result<()> {
    let joined = match member.kind {
        Kind::Personal => "Joined",
        Kind::Managed => "Added on their behalf",
        Kind::Anonymous => "Came from another product",
    };
    happened.push((member.created_at, joined.to_owned()));
    let Some((invite, _)) = invites::of_member(view, &member.id)? else { return Ok(()) };
    let by = match &invite.invited_by {
        Some(lead) => format!(" by {}", members::get(view, lead)?.called()),
        None => String::new(),
    };
    happened.push((invite.created_at, format!("Invited{by}")));
    for (mail, sent_at) in mail::of_invite(view, &invite.id)? {
        let (at, words) = match mail.state {
            mail::State::Sent => (sent_at.unwrap_or(mail.created_at), "Mail delivered"),
            mail::State::Refused | mail::State::Deferred => (mail.created_at, "Mail not delivered"),
            mail::State::Kept => (mail.created_at, "Mail put into the outbox"),
            mail::State::Sending => continue,
        };
        happened.push((at, format!("{words}: {}", mail.subject)));
    }
    Ok(())
}

/// What leads care for of a shoot's steps.
fn step(activity: &Activity) -> Option<&'static str> {
    match activity.kind {
        Event::PhotosReady => Some("Headshots ready"),
        Event::FavoriteSelected => Some("Favourite chosen"),
        Event::Deleted => Some("Headshots deleted"),
        Event::Created => None,
        Event::Moved => match activity.state.parse() {
            Ok(State::Submitted) if activity.again => Some("Started again"),
            Ok(State::Submitted) => Some("Photos submitted"),
            Ok(State::Failed) => Some("A try failed"),
            _ => None,
        },
    }
}
