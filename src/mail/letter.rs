//! The mails there are: who reads each, and what can be told in it.

use crate::db::stored_as_text;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What stands between the braces.
    pub name: &'static str,
    /// What stands in its place, for whoever writes the words.
    pub hint: &'static str,
    /// The text is refused without it.
    pub required: bool,
    /// There is not always something to tell: a paragraph with it is left out then. It can't stand in a subject.
    pub optional: bool,
}

const fn place(name: &'static str, hint: &'static str) -> Place {
    Place { name, hint, required: false, optional: false }
}

const fn required(name: &'static str, hint: &'static str) -> Place {
    Place { required: true, ..place(name, hint) }
}

const fn optional(name: &'static str, hint: &'static str) -> Place {
    Place { optional: true, ..place(name, hint) }
}

/// The button, on a line of its own.
pub(super) const BUTTON: &str = "button";
/// The box with the code that signs in, on a line of its own.
pub(super) const CODE: &str = "code";
/// Several lines, on a line of its own.
pub(super) const LIST: &str = "list";

const ORGANIZATION: Place = place("organization", "what your organization is called");
const THE_BUTTON: Place = required(BUTTON, "the button, on a line of its own");
const THE_CODE: Place = required(CODE, "the code that signs in, on a line of its own");
const NAME: Place = place("name", "whom the mail is to");
const WHOSE: Place = place("name", "whom it is about");
const INVITER: Place = place("inviter", "who invited them");
const VALID_UNTIL: Place = place("valid_until", "until when the link works, such as 14:05 UTC");
const COUNT: Place = place("count", "how many, such as 12 headshots");
const EXPIRES: Place = optional("expires", "the day they are deleted, if there is one");

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
    pub const fn occasion(self) -> &'static str {
        match self {
            Self::Invite => "Someone is invited",
            Self::Reminder => "An invite has no answer yet",
            Self::Join => "Someone comes by an open invite link",
            Self::Access => "Someone asks for a sign-in link",
            Self::Nudge => "Someone joined and added no photo",
            Self::NudgeStarted => "Someone added photos and did not submit them",
            Self::Submitted => "Photos were submitted",
            Self::Ready => "Headshots are ready",
            Self::ReadyFor => "Headshots made on someone's behalf are ready",
            Self::Retry => "Someone may make headshots again",
            Self::Expiring => "Headshots are deleted soon",
            Self::DeletedPhotos => "Uploaded photos were deleted",
            Self::Deleted => "Photos and headshots were deleted",
            Self::Security => "Something happened to someone's account",
            Self::Failed => "Headshots could not be made",
            Self::Endpoint => "A webhook endpoint was switched off",
            Self::Credits => "Few credits are left",
            Self::MemberReady => "Someone's headshots are ready",
            Self::Favorite => "Someone chose a favourite",
            Self::Bounced => "A mail could not be delivered",
            Self::Digest => "Once a day, what happened",
            Self::ExpiringFor => "Headshots of someone without an address are deleted soon",
            Self::Owner => "Someone owns the organization now",
            Self::Owned => "The organization has another owner",
        }
    }

    /// What can be told in it, in the order people would think of.
    pub const fn places(self) -> &'static [Place] {
        const WHAT: Place = required("what", "what was deleted, such as 8 photos");
        const ASKED: Place = required("asked", "who wished it: You asked for it");
        const ASKED_AT: Place = required("asked_at", "when they did");
        const GONE_AT: Place = required("gone_at", "when the last file was gone");
        const RECEIPT: Place = required("receipt", "the number of the receipt");
        const LINK_MAIL: &[Place] = &[INVITER, ORGANIZATION, VALID_UNTIL, THE_BUTTON, THE_CODE];
        match self {
            Self::Invite => LINK_MAIL,
            Self::Reminder => {
                const {
                    &[
                        INVITER,
                        ORGANIZATION,
                        VALID_UNTIL,
                        place("open_until", "the last day of the invite"),
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
                        place("photos", "what they have added, such as 3 photos"),
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
                        place("photos", "how many, such as 8 photos"),
                        optional("time", "how long it takes, such as 20 minutes, if that is known"),
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
                        optional("company", "your organization, for its own people"),
                        EXPIRES,
                        THE_BUTTON,
                    ]
                }
            }
            Self::ReadyFor => {
                const {
                    &[
                        NAME,
                        place("maker", "who had them made"),
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
                        optional("kept", "the headshots they have, such as 12 headshots, if there are any"),
                        VALID_UNTIL,
                        place("again", "where a fresh link can be asked for"),
                        THE_BUTTON,
                        THE_CODE,
                    ]
                }
            }
            Self::Expiring | Self::ExpiringFor => {
                const { &[WHOSE, ORGANIZATION, COUNT, required("date", "the day they are deleted"), THE_BUTTON] }
            }
            Self::DeletedPhotos | Self::Deleted => const { &[ORGANIZATION, WHAT, ASKED, ASKED_AT, GONE_AT, RECEIPT] },
            Self::Security => {
                const {
                    &[
                        ORGANIZATION,
                        place("title", "what happened, in a few words"),
                        required("sentence", "what happened, in a sentence"),
                        required("at", "when"),
                        optional("detail", "what else is known, such as the browser"),
                        THE_BUTTON,
                    ]
                }
            }
            Self::Failed => {
                const {
                    &[
                        WHOSE,
                        ORGANIZATION,
                        optional("email", "their address"),
                        place("attempts", "how often it was tried"),
                        place("reason", "why the last try failed"),
                        optional("balance", "the credits there are now"),
                        THE_BUTTON,
                    ]
                }
            }
            Self::Endpoint => {
                const { &[ORGANIZATION, place("url", "where it is"), place("why", "why it was switched off"), THE_BUTTON] }
            }
            Self::Credits => const { &[ORGANIZATION, place("balance", "the credits there are now"), THE_BUTTON] },
            Self::MemberReady | Self::Favorite => const { &[WHOSE, ORGANIZATION, COUNT, THE_BUTTON] },
            Self::Bounced => {
                const {
                    &[
                        place("address", "to whom"),
                        place("subject", "which mail"),
                        place("reason", "what the mail server said"),
                        ORGANIZATION,
                        THE_BUTTON,
                    ]
                }
            }
            Self::Digest => {
                const { &[ORGANIZATION, required(LIST, "what happened, on a line of its own"), THE_BUTTON] }
            }
            Self::Owner | Self::Owned => const { &[ORGANIZATION, place("owner", "who owns it now"), THE_BUTTON] },
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
