//! What the audit log says, in words: what is stored is English and the names of things.

use crate::{
    audit::{Action, Entry, Group, Via},
    i18n::{Message, Rich},
    links,
};

/// By which door something was done.
pub(super) const fn door(via: Via) -> Message {
    match via {
        Via::Session => say!("On these pages"),
        Via::Key => say!("API key"),
        Via::Operator => say!("Command line"),
        Via::Server => say!("Automatic"),
    }
}

/// What actions have in common.
pub(super) const fn group(group: Group) -> Message {
    match group {
        Group::People => say!("People and teams"),
        Group::Invites => say!("Invites"),
        Group::Headshots => say!("Photos and headshots"),
        Group::Privacy => say!("Deleting and exporting"),
        Group::Access => say!("Access and sign-in"),
        Group::Webhooks => say!("Webhooks"),
        Group::Settings => say!("Settings and credits"),
        Group::Jobs => say!("Jobs"),
    }
}

/// What was done, and to whom or what.
pub(super) fn told(entry: &Entry) -> Rich {
    let Some(subject) = &entry.subject else { return of_nobody(entry.action).rich() };
    let subject = match entry.action {
        Action::SettingsChanged => setting(subject),
        Action::JobRunAgain => Message::english(subject.clone()),
        Action::LinkMade | Action::LinkRevoked => links::told(subject),
        _ => Message::plain(subject.clone()),
    };
    match entry.action {
        Action::MemberAdded => say!("Began to look after <strong>{subject}</strong>", subject),
        Action::MemberRemoved => say!("Removed <strong>{subject}</strong>", subject),
        Action::MemberMoved => say!("Changed the team of <strong>{subject}</strong>", subject),
        Action::AddressGiven => say!("Gave an address to <strong>{subject}</strong>", subject),
        Action::MemberChanged => say!("Changed the details of <strong>{subject}</strong>", subject),
        Action::RoleChanged => say!("Changed the role of <strong>{subject}</strong>", subject),
        Action::HandedOver => say!("Handed the organization over to <strong>{subject}</strong>", subject),
        Action::PhotosFor => say!("Changed the photos of <strong>{subject}</strong>", subject),
        Action::PhotosAllowed => {
            say!("Let photos be used that were turned down, of <strong>{subject}</strong>", subject)
        }
        Action::PhotosBarred => say!("Took back the permission for photos of <strong>{subject}</strong>", subject),
        Action::SubmittedFor => say!("Submitted the photos of <strong>{subject}</strong>", subject),
        Action::ChoseFor => say!("Chose among the headshots of <strong>{subject}</strong>", subject),
        Action::EditedFor => say!("Edited headshots of <strong>{subject}</strong>", subject),
        Action::SharedFor => say!("Changed who sees the headshots of <strong>{subject}</strong>", subject),
        Action::RetryGranted => say!("Granted a retry to <strong>{subject}</strong>", subject),
        Action::Reminded => say!("Sent a reminder to <strong>{subject}</strong>", subject),
        Action::InviteRevoked => say!("Revoked the invite of <strong>{subject}</strong>", subject),
        Action::LinkMade => say!("Made an invite link <strong>{subject}</strong>", subject),
        Action::LinkRevoked => say!("Revoked an invite link <strong>{subject}</strong>", subject),
        Action::SignOnChanged => say!("Changed single sign-on <strong>{subject}</strong>", subject),
        Action::DomainChanged => say!("Changed the domain <strong>{subject}</strong>", subject),
        Action::TwoFactorRequired | Action::CreditsGranted => of_nobody(entry.action),
        Action::TwoFactorReset => say!("Reset two-factor of <strong>{subject}</strong>", subject),
        Action::SettingsChanged => say!("Changed settings <strong>{subject}</strong>", subject),
        Action::PhotosDeleted => say!("Deleted photos of <strong>{subject}</strong>", subject),
        Action::DataExported => say!("Exported the data of <strong>{subject}</strong>", subject),
        Action::OrganizationMade => say!("Made the organization <strong>{subject}</strong>", subject),
        Action::InviteSent => say!("Invited <strong>{subject}</strong>", subject),
        Action::PeopleImported => say!("Imported the people in <strong>{subject}</strong>", subject),
        Action::TeamMade => say!("Made the team <strong>{subject}</strong>", subject),
        Action::TeamRenamed => say!("Renamed the team <strong>{subject}</strong>", subject),
        Action::TeamDeleted => say!("Deleted the team <strong>{subject}</strong>", subject),
        Action::ModelMade => say!("Made a model for <strong>{subject}</strong>", subject),
        Action::KeyMade => say!("Made the API key <strong>{subject}</strong>", subject),
        Action::KeyRevoked => say!("Deleted the API key <strong>{subject}</strong>", subject),
        Action::SignInLinkMade => say!("Made a sign-in link for <strong>{subject}</strong>", subject),
        Action::EndpointMade => say!("Added the webhook endpoint at <strong>{subject}</strong>", subject),
        Action::EndpointChanged => say!("Changed the webhook endpoint at <strong>{subject}</strong>", subject),
        Action::EndpointRemoved => say!("Removed the webhook endpoint at <strong>{subject}</strong>", subject),
        Action::SecretRenewed => say!("Renewed the webhook secret for <strong>{subject}</strong>", subject),
        Action::EndpointTested => say!("Sent a test event to <strong>{subject}</strong>", subject),
        Action::DeliveryReplayed => say!("Sent webhook deliveries again to <strong>{subject}</strong>", subject),
        Action::JobRunAgain => say!("Ran a job again: <strong>{subject}</strong>", subject),
    }
    .rich()
}

/// Of those that can be about nobody in particular, or about someone who is not known any more.
fn of_nobody(action: Action) -> Message {
    match action {
        Action::TwoFactorRequired => say!("Changed two-factor for leads"),
        Action::CreditsGranted => say!("Granted credits"),
        Action::PhotosDeleted => say!("Deleted photos"),
        Action::PhotosFor => say!("Changed photos"),
        _ => say!("Changed something"),
    }
}

/// A setting, by what it is called where it was written down.
fn setting(stored: &str) -> Message {
    if let Some(occasion) = stored.strip_prefix("Mail: ") {
        return say!("Mail: {occasion}", occasion = Message::english(occasion.to_owned()));
    }
    Message::recognised(
        stored,
        [
            say!("Logo"),
            say!("Backdrops"),
            say!("Headshots"),
            say!("Edits"),
            say!("Reminders"),
            say!("Generator"),
            say!("Profile pictures"),
            say!("Public pictures"),
            say!("Sender of mails"),
            say!("Low credits"),
            say!("Consent text"),
            say!("Questions"),
            say!("Embedding"),
            say!("Sites that may embed"),
            say!("Sites that may call the API"),
            say!("Notifications of {name}"),
        ],
    )
}

/// What else was written down of a deed.
pub(super) fn detail(stored: &str) -> Message {
    counted(stored).unwrap_or_else(|| {
        Message::recognised(
            stored,
            [
                say!("audit|once more"),
                say!("audit|stopped"),
                say!("audit|by schedule"),
                say!("audit|by themselves"),
                say!("audit|their time was over"),
                say!("audit|uploaded photos"),
                say!("audit|photos and headshots"),
                say!("audit|photos and headshots, their time was over"),
                say!("audit|added"),
                say!("audit|removed"),
                say!("audit|another secret"),
                say!("audit|a test went well"),
                say!("audit|another public address"),
                say!("audit|another address at the same host"),
                say!("audit|of test data"),
                say!("audit|the one before is void"),
                say!("audit|the one before signs for one more day"),
                say!("audit|people of proven domains join without an invite"),
                say!("audit|joining needs an invite again"),
                say!("audit|the only way in for proven domains"),
                say!("audit|other ways in are open again"),
                say!("audit|proven by its DNS"),
                say!("audit|proven by the operator"),
                say!("into {team}"),
                say!("answers to {questions}"),
            ],
        )
    })
}

/// `12 rows`, as it was written down.
fn counted(stored: &str) -> Option<Message> {
    let (count, what) = stored.split_once(' ')?;
    let count: u64 = count.parse().ok()?;
    match what {
        "row" | "rows" => Some(say!("{n} row" | "{n} rows", n = count)),
        "delivery" | "deliveries" => Some(say!("{n} delivery" | "{n} deliveries", n = count)),
        _ => None,
    }
}

/// What was so before a deed, or is so since.
pub(super) fn value(stored: &str) -> Message {
    Message::recognised(
        stored,
        [
            say!("audit|on"),
            say!("audit|off"),
            say!("audit|none"),
            say!("audit|needed"),
            say!("audit|not needed"),
            say!("audit|a picture"),
            say!("audit|brought up to date"),
            say!("audit|all events"),
            say!("audit|owner"),
            say!("audit|admin"),
            say!("audit|member"),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn what_is_stored_reads_the_same_in_english() {
        for stored in ["once more", "into Sales", "answers to Desk", "1 row", "12 deliveries", "Something else"] {
            assert_eq!(detail(stored).to_string(), stored);
            assert_eq!(value(stored).to_string(), stored);
            assert_eq!(setting(stored).to_string(), stored);
        }
        for stored in ["Logo", "Mail: invite", "Notifications of Kim"] {
            assert_eq!(setting(stored).to_string(), stored);
        }
        assert_ne!(detail("into Sales").in_language(Language::Pseudo), "into Sales");
    }
}
