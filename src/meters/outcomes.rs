//! The words of labels: what was tried, and what became of it.

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailed {
    /// The mail server took it.
    Sent,
    /// It can't now, and is asked again.
    Deferred,
    /// It never will.
    Refused,
    /// There is no mail server; it stays in the outbox.
    Kept,
}

/// What became of an attempt to deliver a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The endpoint took it.
    Done,
    /// It did not, and is tried again.
    Later,
    /// It did not, and that was the last attempt.
    GivenUp,
    /// The same, and the endpoint was switched off.
    SwitchedOff,
    /// Nobody waited for the outcome any more.
    TooLate,
}

/// How a try at a shoot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shot {
    /// The headshots can be seen.
    Ready,
    /// It failed, and restarts by itself.
    Restarts,
    /// It failed for good.
    Failed,
}

/// What somebody tried to come in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// The link that sets an empty instance up.
    Setup,
    /// A link that was mailed.
    Link,
    /// The code in that mail.
    Code,
    /// A password.
    Password,
    /// A passkey alone.
    Passkey,
    /// An identity provider.
    SingleSignOn,
    /// A signed URL.
    SignedUrl,
    /// The code that brings a session to a phone.
    Handoff,
    /// An authenticator app, as the second factor.
    Authenticator,
    /// A recovery code, as the second factor.
    RecoveryCode,
    /// A passkey, as the second factor.
    SecondPasskey,
}

/// What became of an attempt to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// They are in.
    Accepted,
    /// They are in once they show a second factor.
    Half,
    /// They are not.
    Refused,
}

impl Mailed {
    pub(super) const ALL: [Self; 4] = [Self::Sent, Self::Deferred, Self::Refused, Self::Kept];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Refused => "refused",
            Self::Kept => "kept",
        }
    }
}

impl Delivered {
    pub(super) const ALL: [Self; 5] = [Self::Done, Self::Later, Self::GivenUp, Self::SwitchedOff, Self::TooLate];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Done => "delivered",
            Self::Later => "retry",
            Self::GivenUp => "given_up",
            Self::SwitchedOff => "switched_off",
            Self::TooLate => "too_late",
        }
    }
}

impl Shot {
    pub(super) const ALL: [Self; 3] = [Self::Ready, Self::Restarts, Self::Failed];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Restarts => "restarts",
            Self::Failed => "failed",
        }
    }
}

impl Entrance {
    pub(super) const ALL: [Self; 11] = [
        Self::Setup,
        Self::Link,
        Self::Code,
        Self::Password,
        Self::Passkey,
        Self::SingleSignOn,
        Self::SignedUrl,
        Self::Handoff,
        Self::Authenticator,
        Self::RecoveryCode,
        Self::SecondPasskey,
    ];

    /// As it stands in the log and in labels.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Link => "link",
            Self::Code => "code",
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::SingleSignOn => "sso",
            Self::SignedUrl => "signed_url",
            Self::Handoff => "handoff",
            Self::Authenticator => "authenticator",
            Self::RecoveryCode => "recovery_code",
            Self::SecondPasskey => "second_passkey",
        }
    }
}

impl Met {
    pub(super) const ALL: [Self; 3] = [Self::Accepted, Self::Half, Self::Refused];

    /// As it stands in the log and in labels.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Half => "half",
            Self::Refused => "refused",
        }
    }
}
