//! The mails there are: who reads each, and what can be told in it.

use crate::{db::stored_as_text, i18n::Message};

stored_as_text! {
    /// A mail we write, by its occasion.
    pub enum Letter {
        /// Asks someone to join.
        Invite = "invite",
        /// Reminds someone of an invite.
        Reminder = "reminder",
        /// Lets in who asked for it by an open invite link.
        Join = "join",
        /// Lets in who asked for it.
        Access = "access",
        /// Reminds a member who has added no photo.
        Nudge = "nudge",
        /// Reminds a member who has added photos and not handed them in.
        NudgeStarted = "nudge-started",
        /// Photos have arrived.
        Submitted = "submitted",
        /// Headshots can be seen.
        Ready = "ready",
        /// Headshots can be seen by someone who never signed up.
        ReadyFor = "ready-for",
        /// Someone may make headshots once more.
        Retry = "retry",
        /// Headshots are deleted soon; to whose they are.
        Expiring = "expiring",
        /// Uploaded photos are gone; the receipt.
        DeletedPhotos = "deleted-photos",
        /// Photos and headshots are gone; the receipt.
        Deleted = "deleted",
        /// Something happened to an account.
        Security = "security",
        /// A shoot failed for good; to leads.
        Failed = "failed",
        /// A webhook endpoint was switched off; to leads.
        Endpoint = "endpoint",
        /// Few credits are left; to leads.
        Credits = "credits",
        /// Somebody's headshots are ready; to leads.
        MemberReady = "member-ready",
        /// Somebody has chosen a favourite; to leads.
        Favorite = "favorite",
        /// A mail could not be delivered; to leads.
        Bounced = "bounced",
        /// What happened since the last one; to leads.
        Digest = "digest",
        /// Headshots of someone without an address are deleted soon; to leads.
        ExpiringFor = "expiring-for",
        /// To who owns the organization from now on.
        Owner = "owner",
        /// To who owned it until now.
        Owned = "owned",
    }
}

/// Something that is filled in when a mail is written: `{name}`.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What stands between the braces.
    pub name: &'static str,
    hint: fn() -> Message,
    /// The text is refused without it.
    pub required: bool,
    /// There is not always something to tell: a paragraph with it is left out then. It can't stand in a subject.
    pub optional: bool,
}

impl Place {
    /// What stands in its place, for whoever writes the words.
    pub fn hint(self) -> Message {
        (self.hint)()
    }
}

const fn place(name: &'static str, hint: fn() -> Message) -> Place {
    Place { name, hint, required: false, optional: false }
}

const fn required(name: &'static str, hint: fn() -> Message) -> Place {
    Place { required: true, ..place(name, hint) }
}

const fn optional(name: &'static str, hint: fn() -> Message) -> Place {
    Place { optional: true, ..place(name, hint) }
}

/// The button, on a line of its own.
pub(super) const BUTTON: &str = "button";
/// The box with the code that signs in, on a line of its own.
pub(super) const CODE: &str = "code";
/// Several lines, on a line of its own.
pub(super) const LIST: &str = "list";

const ORGANIZATION: Place = place("organization", || say!("what your organization is called"));
const THE_BUTTON: Place = required(BUTTON, || say!("the button, on a line of its own"));
const THE_CODE: Place = required(CODE, || say!("the code that signs in, on a line of its own"));
const NAME: Place = place("name", || say!("whom the mail is to"));
const WHOSE: Place = place("name", || say!("whom it is about"));
const INVITER: Place = place("inviter", || say!("who invited them"));
const VALID_UNTIL: Place = place("valid_until", || say!("until when the link works, such as 14:05 UTC"));
const COUNT: Place = place("count", || say!("how many, such as 12 headshots"));
const EXPIRES: Place = optional("expires", || say!("the day they are deleted, if there is one"));

impl Letter {
    /// Whether leads read it, and nobody else.
    pub const fn for_leads(self) -> bool {
        matches!(
            self,
            Self::Failed
                | Self::Endpoint
                | Self::Credits
                | Self::MemberReady
                | Self::Favorite
                | Self::Bounced
                | Self::Digest
                | Self::ExpiringFor
                | Self::Owner
                | Self::Owned
        )
    }

    /// When it goes out, for whoever looks through the mails.
    pub const fn occasion(self) -> Message {
        match self {
            Self::Invite => say!("Someone is invited"),
            Self::Reminder => say!("An invite has no answer yet"),
            Self::Join => say!("Someone comes by an open invite link"),
            Self::Access => say!("Someone asks for a sign-in link"),
            Self::Nudge => say!("Someone joined and added no photo"),
            Self::NudgeStarted => say!("Someone added photos and did not submit them"),
            Self::Submitted => say!("Photos were submitted"),
            Self::Ready => say!("Headshots are ready"),
            Self::ReadyFor => say!("Headshots made on someone's behalf are ready"),
            Self::Retry => say!("Someone may make headshots again"),
            Self::Expiring => say!("Headshots are deleted soon"),
            Self::DeletedPhotos => say!("Uploaded photos were deleted"),
            Self::Deleted => say!("Photos and headshots were deleted"),
            Self::Security => say!("Something happened to someone's account"),
            Self::Failed => say!("Headshots could not be made"),
            Self::Endpoint => say!("A webhook endpoint was switched off"),
            Self::Credits => say!("Few credits are left"),
            Self::MemberReady => say!("Someone's headshots are ready"),
            Self::Favorite => say!("Someone chose a favourite"),
            Self::Bounced => say!("A mail could not be delivered"),
            Self::Digest => say!("Once a day, what happened"),
            Self::ExpiringFor => say!("Headshots of someone without an address are deleted soon"),
            Self::Owner => say!("Someone owns the organization now"),
            Self::Owned => say!("The organization has another owner"),
        }
    }

    /// What can be told in it, in the order people would think of.
    pub const fn places(self) -> &'static [Place] {
        const WHAT: Place = required("what", || say!("what was deleted, such as 8 photos"));
        const ASKED: Place = required("asked", || say!("who wished it: You asked for it"));
        const ASKED_AT: Place = required("asked_at", || say!("when they did"));
        const GONE_AT: Place = required("gone_at", || say!("when the last file was gone"));
        const RECEIPT: Place = required("receipt", || say!("the number of the receipt"));
        const LINK_MAIL: &[Place] = &[INVITER, ORGANIZATION, VALID_UNTIL, THE_BUTTON, THE_CODE];
        match self {
            Self::Invite => LINK_MAIL,
            Self::Reminder => {
                const {
                    &[
                        INVITER,
                        ORGANIZATION,
                        VALID_UNTIL,
                        place("open_until", || say!("the last day of the invite")),
                        THE_BUTTON,
                        THE_CODE,
                    ]
                }
            }
            Self::Join | Self::Access => const { &[ORGANIZATION, VALID_UNTIL, THE_BUTTON, THE_CODE] },
            Self::Nudge => const { &[NAME, ORGANIZATION, VALID_UNTIL, THE_BUTTON, THE_CODE] },
            Self::NudgeStarted => {
                const {
                    &[
                        NAME,
                        ORGANIZATION,
                        place("photos", || say!("what they have added, such as 3 photos")),
                        VALID_UNTIL,
                        THE_BUTTON,
                        THE_CODE,
                    ]
                }
            }
            Self::Submitted => {
                const {
                    &[
                        NAME,
                        ORGANIZATION,
                        place("photos", || say!("how many, such as 8 photos")),
                        optional("time", || say!("how long it takes, such as 20 minutes, if that is known")),
                        THE_BUTTON,
                    ]
                }
            }
            Self::Ready => {
                const {
                    &[
                        NAME,
                        ORGANIZATION,
                        COUNT,
                        optional("company", || say!("your organization, for its own people")),
                        EXPIRES,
                        THE_BUTTON,
                    ]
                }
            }
            Self::ReadyFor => {
                const {
                    &[
                        NAME,
                        place("maker", || say!("who had them made")),
                        ORGANIZATION,
                        COUNT,
                        EXPIRES,
                        VALID_UNTIL,
                        THE_BUTTON,
                        THE_CODE,
                    ]
                }
            }
            Self::Retry => {
                const {
                    &[
                        NAME,
                        ORGANIZATION,
                        optional("kept", || say!("the headshots they have, such as 12 headshots, if there are any")),
                        VALID_UNTIL,
                        place("again", || say!("where a fresh link can be asked for")),
                        THE_BUTTON,
                        THE_CODE,
                    ]
                }
            }
            Self::Expiring | Self::ExpiringFor => {
                const { &[WHOSE, ORGANIZATION, COUNT, required("date", || say!("the day they are deleted")), THE_BUTTON] }
            }
            Self::DeletedPhotos | Self::Deleted => const { &[ORGANIZATION, WHAT, ASKED, ASKED_AT, GONE_AT, RECEIPT] },
            Self::Security => {
                const {
                    &[
                        ORGANIZATION,
                        place("title", || say!("what happened, in a few words")),
                        required("sentence", || say!("what happened, in a sentence")),
                        required("at", || say!("when")),
                        optional("detail", || say!("what else is known, such as the browser")),
                        THE_BUTTON,
                    ]
                }
            }
            Self::Failed => {
                const {
                    &[
                        WHOSE,
                        ORGANIZATION,
                        optional("email", || say!("their address")),
                        place("attempts", || say!("how often it was tried")),
                        place("reason", || say!("why the last try failed")),
                        optional("balance", || say!("the credits there are now")),
                        THE_BUTTON,
                    ]
                }
            }
            Self::Endpoint => {
                const {
                    &[
                        ORGANIZATION,
                        place("url", || say!("where it is")),
                        place("why", || say!("why it was switched off")),
                        THE_BUTTON,
                    ]
                }
            }
            Self::Credits => {
                const { &[ORGANIZATION, place("balance", || say!("the credits there are now")), THE_BUTTON] }
            }
            Self::MemberReady | Self::Favorite => const { &[WHOSE, ORGANIZATION, COUNT, THE_BUTTON] },
            Self::Bounced => {
                const {
                    &[
                        place("address", || say!("to whom")),
                        place("subject", || say!("which mail")),
                        place("reason", || say!("what the mail server said")),
                        ORGANIZATION,
                        THE_BUTTON,
                    ]
                }
            }
            Self::Digest => {
                const { &[ORGANIZATION, required(LIST, || say!("what happened, on a line of its own")), THE_BUTTON] }
            }
            Self::Owner | Self::Owned => {
                const { &[ORGANIZATION, place("owner", || say!("who owns it now")), THE_BUTTON] }
            }
        }
    }

    /// Whether something is on the button.
    pub fn has_button(self) -> bool {
        self.places().iter().any(|place| place.name == BUTTON)
    }

    pub(super) fn place(self, name: &str) -> Option<&'static Place> {
        self.places().iter().find(|place| place.name == name)
    }
}
