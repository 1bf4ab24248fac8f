//! The mails: what each tells. Its words are an organization's own or ours, and one way leads from both to the message.

use askama::Template;

use super::{
    Letter, Moment, Shared,
    render::filled,
    sheet::Sheet,
    words::{self, Words},
};
use crate::{
    error::{Error, Result},
    i18n::{self, Language, speaking},
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
    /// The same as a test that somebody sends to themselves, in the language of the mail.
    pub fn as_test(self, language: Language) -> Self {
        Self { subject: words::test(&self.subject).in_language(language), ..self }
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

    /// The line in the list, in the language of its reader.
    fn subject(&self) -> String {
        speaking(self.shared().language, || filled(&self.words().subject, &|name| self.value(name)))
    }

    /// The words it is told in: the organization's own, where it has some.
    fn words(&self) -> Words {
        self.shared().words(self.letter())
    }

    /// What stands in a place, in any mail or in this one.
    fn value(&self, name: &str) -> Option<String> {
        match name {
            "organization" => Some(self.shared().organization.clone()),
            "choices" => Some(self.shared().choices.clone()),
            _ => self.told(name),
        }
    }

    /// The whole mail, in the language of its reader.
    ///
    /// # Errors
    /// None that a caller could do something about.
    fn message(&self) -> Result<Message> {
        let (words, ours, shared) = (self.words(), words::ours(self.letter()), self.shared());
        let value = |name: &str| self.value(name);
        speaking(shared.language, || {
            let sheet = Sheet::of(&words, &ours, shared, &value);
            Ok(Message {
                subject: sheet.subject.clone(),
                text: sheet.text(),
                html: sheet.render().map_err(Error::internal)?,
                from: shared.own.sender.name.clone(),
                reply_to: shared.own.sender.reply_to.clone(),
            })
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

impl<T: Told> Told for Option<T> {
    fn told(&self) -> Option<String> {
        self.as_ref().and_then(Told::told)
    }
}

/// In the language of the reader.
impl Told for i18n::Message {
    fn told(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A line each.
impl Told for Vec<i18n::Message> {
    fn told(&self) -> Option<String> {
        Some(self.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }
}

impl Told for Moment {
    fn told(&self) -> Option<String> {
        Some(self.to_string())
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
    valid_until: Moment,
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
    valid_until: Moment,
    /// The last day of the invite: `March 2, 2027`
    open_until: Moment,
}

telling! {
    /// Reminds a member to hand in their photos.
    Nudge, |mail| if mail.photos.is_some() { Letter::NudgeStarted } else { Letter::Nudge };
    /// Who they are.
    name: String,
    /// `3 photos`, which they have added and not submitted.
    photos: Option<i18n::Message>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: Moment,
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
    valid_until: Moment,
}

telling! {
    /// Photos have arrived.
    Submitted, |_| Letter::Submitted;
    /// Who submitted them.
    name: String,
    /// `8 photos`
    photos: i18n::Message,
    /// `20 minutes`, if it can be told.
    time: Option<i18n::Message>,
    /// Where to follow it.
    link: String,
}

telling! {
    /// Headshots can be seen.
    Ready, |_| Letter::Ready;
    /// Whose they are.
    name: String,
    /// `40 headshots`
    count: i18n::Message,
    /// Where they are.
    link: String,
    /// Who uses the favourite; nobody, where they are for nobody else.
    company: Option<String>,
    /// `March 2, 2027`
    expires: Option<Moment>,
}

telling! {
    /// Headshots can be seen by someone who never signed up: leads did all of it. [001]
    ReadyFor, |_| Letter::ReadyFor;
    /// Whose they are.
    name: String,
    /// Who had them made: `Ada at Acme`.
    maker: i18n::Message,
    /// `40 headshots`
    count: i18n::Message,
    /// `March 2, 2027`
    expires: Option<Moment>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: Moment,
}

telling! {
    /// Headshots are deleted soon, because their time is over.
    Expiring, |mail| if mail.own { Letter::Expiring } else { Letter::ExpiringFor };
    /// Whose they are.
    name: String,
    /// It is they who read it, and not a lead who looks after them.
    own: bool,
    /// `12 headshots`
    count: i18n::Message,
    /// Until when they can be downloaded: `March 2, 2027`.
    date: Moment,
    /// Where they are.
    link: String,
}

telling! {
    /// Someone may make headshots once more.
    Retry, |_| Letter::Retry;
    /// Who.
    name: String,
    /// `12 headshots` they had made before that are still there.
    kept: Option<i18n::Message>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: Moment,
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
    attempts: i18n::Message,
    /// Why the last one failed.
    reason: i18n::Message,
    /// `12 credits`; none where they are unlimited.
    balance: Option<i18n::Message>,
    /// Where to look.
    link: String,
}

telling! {
    /// To the leads: a webhook endpoint was switched off.
    EndpointOff, |_| Letter::Endpoint;
    /// Its address.
    url: String,
    /// A sentence on why.
    why: i18n::Message,
    /// Where to switch it on again.
    link: String,
}

telling! {
    /// To the leads: few credits are left.
    LowCredits, |_| Letter::Credits;
    /// `4 credits`
    balance: i18n::Message,
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
    count: i18n::Message,
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
    list: Vec<i18n::Message>,
    /// Where to look.
    link: String,
}

telling! {
    /// Photos, or photos and headshots, are gone: the receipt.
    Deleted, |mail| if mail.everything { Letter::Deleted } else { Letter::DeletedPhotos };
    /// Also the headshots.
    everything: bool,
    /// `8 photos and 12 headshots`
    what: i18n::Message,
    /// Who wished it.
    asked: i18n::Message,
    /// `March 2, 2027, 14:05 UTC`
    asked_at: Moment,
    /// `March 2, 2027, 14:05 UTC`
    gone_at: Moment,
    /// The receipt's number.
    receipt: String,
}

telling! {
    /// Something happened to someone's account.
    Security, |_| Letter::Security;
    /// What, in a few words.
    title: i18n::Message,
    /// What, in a sentence.
    sentence: i18n::Message,
    /// What else there is to know.
    detail: Option<i18n::Message>,
    /// `Nov 21, 2026, 14:05 UTC`
    at: Moment,
    /// Where to see and undo it.
    link: String,
}
