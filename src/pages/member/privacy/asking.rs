//! What is asked before something of a person goes for good.

use super::{Asked, PAGE};
use crate::{
    db::View,
    error::{Error, Result},
    i18n::Message,
    members::{Kind, Member},
    offboarding,
    pages::view::Confirm,
    results,
    shoots::{self, Shoot, State},
};

/// What is asked before something goes, if it can go.
pub(super) fn confirm(view: &View, member: &Member, organization: &str, asked: &Asked) -> Result<Option<Confirm>> {
    let shoot = match &asked.shoot {
        Some(id) => shoots::of_member(view, &member.id)?.into_iter().find(|shoot| shoot.id == *id),
        None => None,
    };
    let count = |shoot: &Shoot| Ok::<_, Error>(results::of_shoot(view, &shoot.id)?.len() as u32);
    let question = |title: Message, words: String, action: String, button: Message| Confirm {
        title: title.into(),
        words,
        action,
        button: button.into(),
        cancel: PAGE.to_owned(),
        name_to_type: None,
    };
    Ok(match (asked.delete.as_str(), shoot) {
        ("photos", Some(shoot)) if offboarding::may_delete_photos(view, &shoot)? => Some(question(
            say!("Delete your uploaded photos"),
            format!(
                "{} {}",
                say!("{n} photo will be gone for good." | "{n} photos will be gone for good.", n = shoot.photos),
                if shoot.state == State::Ready {
                    say!("Your headshots stay, with what was cut out for them.")
                } else {
                    say!("No headshots were made of them.")
                }
            ),
            format!("{PAGE}/shoots/{}/photos/delete", shoot.id),
            say!("Delete photos"),
        )),
        ("shoot", Some(shoot)) if shoot.state != State::Deleted => Some(question(
            say!("Delete your photos and headshots"),
            format!(
                "{} {}",
                all_goes(shoot.photos, count(&shoot)?, organization),
                and_then(&shoot, member, organization)
            ),
            format!("{PAGE}/shoots/{}/delete", shoot.id),
            say!("Delete all of it"),
        )),
        ("leave", _) if offboarding::must_be_free_to_leave(view, member).is_ok() => Some(question(
            say!("Delete your account"),
            say!(
                "You leave {organization}. All photos and headshots, your name, your address and what you sign in with will be gone for good, and you are signed out everywhere. To come back you need a new invite.",
                organization
            )
            .into(),
            format!("{PAGE}/leave"),
            say!("Delete my account"),
        )),
        _ => None,
    })
}

/// What goes with a shoot.
fn all_goes(photos: i64, headshots: u32, organization: &str) -> Message {
    match (photos, headshots) {
        (0, 0) => say!("Nothing but what was typed in will be gone for good, for {organization} too.", organization),
        (photos, 0) => say!(
            "{n} photo will be gone for good, for {organization} too."
                | "{n} photos will be gone for good, for {organization} too.",
            n = photos,
            organization
        ),
        (0, headshots) => say!(
            "{n} headshot will be gone for good, for {organization} too."
                | "{n} headshots will be gone for good, for {organization} too.",
            n = headshots,
            organization
        ),
        (photos, headshots) => say!(
            "{photos} and {headshots} will be gone for good, for {organization} too.",
            photos = say!("{n} photo" | "{n} photos", n = photos),
            headshots = say!("{n} headshot" | "{n} headshots", n = headshots),
            organization
        ),
    }
}

/// What follows from deleting a shoot, beside the pictures.
fn and_then(shoot: &Shoot, member: &Member, organization: &str) -> String {
    if member.kind == Kind::Anonymous {
        let closes = say!("This page closes with it; to begin again, ask {organization}.", organization);
        return match shoot.state.waits() && !shoot.gave_up() {
            true => format!("{} {closes}", say!("What is being made stops.")),
            false => closes.into(),
        };
    }
    let credit = match shoot.state {
        State::Onboarding => say!("No credit was taken yet."),
        _ if shoot.gave_up() => say!("The credit was given back already."),
        State::Submitted | State::Training | State::Failed => {
            say!("What is being made stops, and the credit goes back to {organization}.", organization)
        }
        State::Generating => say!("What is being made stops; its credit is spent."),
        State::Ready | State::Deleted => say!("The credit is spent."),
    };
    format!("{credit} {}", say!("For new headshots, ask {organization} for a retry.", organization))
}
