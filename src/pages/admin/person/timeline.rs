//! What happened to a person, newest first: from the invite to the favourite.

use crate::{
    clock::Timestamp,
    db::View,
    error::Result,
    events::{self, Activity, Kind as Event},
    i18n::Message,
    invites, mail,
    members::{self, Kind, Member},
    pages::view::When,
    photos,
    shoots::{Shoot, State},
};

/// Steps of shoots that are looked at.
const STEPS: u32 = 200;

/// A line of the timeline.
pub(super) struct Happening {
    pub(super) words: Message,
    pub(super) when: When,
}

/// All of it.
pub(super) fn of(view: &View, member: &Member, shoots: &[Shoot]) -> Result<Vec<Happening>> {
    let mut happened = Vec::new();
    arrival(view, member, &mut happened)?;
    for shoot in shoots {
        let photos = photos::of_shoot(view, &shoot.id)?;
        if let Some(first) = photos.first() {
            happened.push((first.created_at, say!("{n} photo added" | "{n} photos added", n = photos.len())));
        }
    }
    for (_, activity) in events::of_member(view, &member.id, STEPS)? {
        if let Some(words) = step(&activity) {
            happened.push((activity.created_at, words));
        }
    }
    happened.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(happened.into_iter().map(|(at, words)| Happening { words, when: When::ago(at, view.now) }).collect())
}

/// Invited, mailed to, and joined.
fn arrival(view: &View, member: &Member, happened: &mut Vec<(Timestamp, Message)>) -> Result<()> {
    let joined = match member.kind {
        Kind::Personal => say!("Joined"),
        Kind::Managed => say!("Added on their behalf"),
        Kind::Anonymous => say!("Came from another product"),
    };
    happened.push((member.created_at, joined));
    let Some((invite, _)) = invites::of_member(view, &member.id)? else { return Ok(()) };
    let invited = match &invite.invited_by {
        Some(lead) => say!("Invited by {name}", name = members::get(view, lead)?.called()),
        None => say!("Invited"),
    };
    happened.push((invite.created_at, invited));
    for (mail, sent_at) in mail::of_invite(view, &invite.id)? {
        let subject = &mail.subject;
        happened.push(match mail.state {
            mail::State::Sent => {
                (sent_at.unwrap_or(mail.created_at), say!("Mail delivered: {subject}", subject = subject))
            }
            mail::State::Refused | mail::State::Deferred => {
                (mail.created_at, say!("Mail not delivered: {subject}", subject = subject))
            }
            mail::State::Kept => (mail.created_at, say!("Mail put into the outbox: {subject}", subject = subject)),
            mail::State::Sending => continue,
        });
    }
    Ok(())
}

/// What leads care for of a shoot's steps.
fn step(activity: &Activity) -> Option<Message> {
    match activity.kind {
        Event::PhotosReady => Some(say!("Headshots ready")),
        Event::FavoriteSelected => Some(say!("Favourite chosen")),
        Event::Deleted => Some(say!("Headshots deleted")),
        Event::Created => None,
        Event::Moved => match activity.state.parse() {
            Ok(State::Submitted) if activity.again => Some(say!("Started again")),
            Ok(State::Submitted) => Some(say!("Photos submitted")),
            Ok(State::Failed) => Some(say!("A try failed")),
            _ => None,
        },
    }
}
