//! The mails: what each tells. Its words are an organization's own or ours, and one way leads from both to the message.

use askama::Template;

use super::{
    Letter, Shared,
    render::filled,
    sheet::Sheet,
    words::{self, Words},
};
use crate::{
    error::{Error, Result},
    members::Email,
};

/// A mail's words, as they are sent.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The line in the list.
    pub subject: String,
    /// For whoever reads plain text.
    pub text: String,
    /// For everyone else.
    pub html: String,
    /// What its sender is called, if not as the server is.
    pub from: Option<String>,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Email>,
}

impl Message {
    /// The same as a test that somebody sends to themselves.
    pub fn as_test(self) -> Self {
        Self { subject: words::test(&self.subject), ..self }
    }
}

/// What a mail tells.
pub trait Telling {
    /// Which mail it is.
    fn letter(&self) -> Letter;
    /// What every mail carries.
    fn shared(&self) -> &Shared;
    /// What stands in a place, if there is something to tell.
    fn told(&self, place: &str) -> Option<String>;

    /// The line in the list.
    fn subject(&self) -> String {
        filled(&self.words().subject, &|name| self.value(name))
    }

    /// The words it is told in: the organization's own, where it has some.
    fn words(&self) -> Words {
        self.shared().own.text(self.letter()).cloned().unwrap_or_else(|| words::ours(self.letter()).words())
    }

    /// What stands in a place, in any mail or in this one.
    fn value(&self, name: &str) -> Option<String> {
        match name {
            "organization" => Some(self.shared().organization.clone()),
            "choices" => Some(self.shared().choices.clone()),
            _ => self.told(name),
        }
    }

    /// The whole mail.
    ///
    /// # Errors
    /// None that a caller could do something about.
    fn message(&self) -> Result<Message> {
        let (words, ours, shared) = (self.words(), words::ours(self.letter()), self.shared());
        let value = |name: &str| self.value(name);
        let sheet = Sheet::of(&words, &ours, shared, &value);
        Ok(Message {
            subject: sheet.subject.clone(),
            text: sheet.text(),
            html: sheet.render().map_err(Error::internal)?,
            from: shared.own.sender.name.clone(),
            reply_to: shared.own.sender.reply_to.clone(),
        })
    }
}

/// What a place is told by.
trait Told {
    fn told(&self) -> Option<String>;
}

impl Told for String {
    fn told(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Told for Option<String> {
    fn told(&self) -> Option<String> {
        self.clone()
    }
}

impl Told for &'static str {
    fn told(&self) -> Option<String> {
        Some((*self).to_owned())
    }
}

/// Chooses between words, and is told in none.
impl Told for bool {
    fn told(&self) -> Option<String> {
        None
    }
}

/// Declares what a mail tells: each field is the place of its name. `link` is what the button leads to.
macro_rules! telling {
    (
        $(#[$doc:meta])*
        $name:ident, $letter:expr;
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// What every mail carries.
            pub shared: Shared,
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl Telling for $name {
            fn letter(&self) -> Letter {
                let letter: fn(&Self) -> Letter = $letter;
                letter(self)
            }

            fn shared(&self) -> &Shared {
                &self.shared
            }

            fn told(&self, place: &str) -> Option<String> {
                $(if place == stringify!($field) {
                    return Told::told(&self.$field);
                })+
                None
            }
        }
    };
}

telling! {
    /// Asks someone to join.
    Invitation, |_| Letter::Invite;
    /// Who asks.
    inviter: String,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

telling! {
    /// Reminds someone of an invite.
    Reminder, |_| Letter::Reminder;
    /// Who invited them.
    inviter: String,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
    /// The last day of the invite: `March 2, 2027`
    open_until: String,
}

telling! {
    /// Reminds a member to hand in their photos.
    Nudge, |mail| if mail.photos.is_some() { Letter::NudgeStarted } else { Letter::Nudge };
    /// Who they are.
    name: String,
    /// `3 photos`, which they have added and not submitted.
    photos: Option<String>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

telling! {
    /// Lets someone in who asked for it: back, or for the first time by an open invite link.
    Access, |mail| if mail.joins { Letter::Join } else { Letter::Access };
    /// They join by it.
    joins: bool,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

telling! {
    /// Photos have arrived.
    Submitted, |_| Letter::Submitted;
    /// Who submitted them.
    name: String,
    /// `8 photos`
    photos: String,
    /// `20 minutes`, if it can be told.
    time: Option<String>,
    /// Where to follow it.
    link: String,
}

telling! {
    /// Headshots can be seen.
    Ready, |_| Letter::Ready;
    /// Whose they are.
    name: String,
    /// `40 headshots`
    count: String,
    /// Where they are.
    link: String,
    /// Who uses the favourite; nobody, where they are for nobody else.
    company: Option<String>,
    /// `March 2, 2027`
    expires: Option<String>,
}

telling! {
    /// Headshots can be seen by someone who never signed up: leads did all of it. [001]
    ReadyFor, |_| Letter::ReadyFor;
    /// Whose they are.
    name: String,
    /// Who had them made: `Ada at Acme`.
    maker: String,
    /// `40 headshots`
    count: String,
    /// `March 2, 2027`
    expires: Option<String>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

telling! {
    /// Headshots are deleted soon, because their time is over.
    Expiring, |mail| if mail.own { Letter::Expiring } else { Letter::ExpiringFor };
    /// Whose they are.
    name: String,
    /// It is they who read it, and not a lead who looks after them.
    own: bool,
    /// `12 headshots`
    count: String,
    /// Until when they can be downloaded: `March 2, 2027`.
    date: String,
    /// Where they are.
    link: String,
}

telling! {
    /// Someone may make headshots once more.
    Retry, |_| Letter::Retry;
    /// Who.
    name: String,
    /// `12 headshots` they had made before that are still there.
    kept: Option<String>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
    /// Where a fresh link can be asked for.
    again: String,
}

telling! {
    /// To both sides of a handing over: who owns the organization now.
    Ownership, |mail| if mail.owns { Letter::Owner } else { Letter::Owned };
    /// It is the new owner who reads it.
    owns: bool,
    /// Who owns the organization now.
    owner: String,
    /// Where who leads it is listed.
    link: String,
}

telling! {
    /// To the leads: a shoot failed for good.
    Failed, |_| Letter::Failed;
    /// Whose shoot it was.
    name: String,
    /// Their address.
    email: Option<String>,
    /// `4 attempts`
    attempts: String,
    /// Why the last one failed.
    reason: String,
    /// `12 credits`; none where they are unlimited.
    balance: Option<String>,
    /// Where to look.
    link: String,
}

telling! {
    /// To the leads: a webhook endpoint was switched off.
    EndpointOff, |_| Letter::Endpoint;
    /// Its address.
    url: String,
    /// A sentence on why.
    why: &'static str,
    /// Where to switch it on again.
    link: String,
}

telling! {
    /// To the leads: few credits are left.
    LowCredits, |_| Letter::Credits;
    /// `4 credits`
    balance: String,
    /// Where they are.
    link: String,
}

telling! {
    /// To the leads: somebody's headshots are ready, or they have chosen one.
    MemberHeadshots, |mail| if mail.chosen { Letter::Favorite } else { Letter::MemberReady };
    /// A favourite was chosen.
    chosen: bool,
    /// Whose they are.
    name: String,
    /// `12 headshots`
    count: String,
    /// Where they are.
    link: String,
}

telling! {
    /// To the leads: a mail could not be delivered.
    Bounced, |_| Letter::Bounced;
    /// To whom.
    address: String,
    /// Which.
    subject: String,
    /// What the mail server said.
    reason: String,
    /// Where to look.
    link: String,
}

telling! {
    /// To a lead, once a day: what happened.
    Digest, |_| Letter::Digest;
    /// Line by line.
    list: String,
    /// Where to look.
    link: String,
}

telling! {
    /// Photos, or photos and headshots, are gone: the receipt.
    Deleted, |mail| if mail.everything { Letter::Deleted } else { Letter::DeletedPhotos };
    /// Also the headshots.
    everything: bool,
    /// `8 photos and 12 headshots`
    what: String,
    /// Who wished it.
    asked: String,
    /// `March 2, 2027, 14:05 UTC`
    asked_at: String,
    /// `March 2, 2027, 14:05 UTC`
    gone_at: String,
    /// The receipt's number.
    receipt: String,
}

telling! {
    /// Something happened to someone's account.
    Security, |_| Letter::Security;
    /// What, in a few words.
    title: &'static str,
    /// What, in a sentence.
    sentence: &'static str,
    /// What else there is to know.
    detail: Option<String>,
    /// `Nov 21, 2026, 14:05 UTC`
    at: String,
    /// Where to see and undo it.
    link: String,
}
