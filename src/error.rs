//! What can go wrong, by meaning. The doors decide how it looks: JSON under `/api`, a page elsewhere, a sentence on the command line.

use std::{any::Any, time::Duration};

use crate::i18n::Message;

/// The result of everything in this crate that can be refused or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a failure. Each sentence is meant for the person who asked, in
/// the language of whoever reads it; causes go to the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is wrong: a missing field, a bad format, a taken name. Says what to change.
    #[error("{0}")]
    Invalid(Message),
    /// A whitelabel call names no address that can be written to. [004]
    #[error("{0}")]
    InvalidEmail(Message),
    /// A whitelabel call names an address that somebody here has. [004]
    #[error("{0}")]
    AlreadyExists(Message),
    /// A whitelabel call deletes what is deleted. [004]
    #[error("{}", say!("Model is already deleted."))]
    AlreadyDeleted,
    /// Nobody, or nobody we know, is asking.
    #[error("{0}")]
    Unauthorized(Message),
    /// Known, but not allowed to do this.
    #[error("{0}")]
    Forbidden(Message),
    /// Known, but the organization asks for a second factor, which has to be added first.
    #[error("{}", say!("Your organization asks its leads for a second factor. Add one under Account, then go on."))]
    SecondFactorMissing,
    /// There is no such thing, or it belongs to another organization: the two look the same.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The balance is zero where a credit is needed. [002]
    #[error("{}", say!("Not enough credits. Add credits to your organization and try again."))]
    NoCredits,
    /// The same where the oldest clients look for it: as a bad request. [004]
    #[error("{}", say!("Not enough credits. Add credits to your organization and try again."))]
    NoCreditsForModel,
    /// A request with this `Idempotency-Key` is being worked on.
    #[error("A request with this Idempotency-Key is still being answered. Repeat it in a moment.")]
    KeyInFlight,
    /// This `Idempotency-Key` belongs to another request.
    #[error(
        "This Idempotency-Key was used for another request. Use a new key for each request, and the same one only to repeat it."
    )]
    KeyReused,
    /// Too many invites are waiting for an answer. [002]
    #[error(
        "{}", say!("Too many pending invites: {used} of at most {cap} (twice your credits). Wait until some are accepted, revoke some, or add credits.", used, cap)
    )]
    InviteLimit {
        /// Invites that wait for an answer now.
        used: i64,
        /// How many may wait.
        cap: i64,
    },
    /// Asked too often.
    #[error("{}", say!("Too many requests. Try again in {n} second." | "Too many requests. Try again in {n} seconds.", n = retry_after.as_secs().max(1)))]
    TooMany {
        /// When asking again makes sense.
        retry_after: Duration,
    },
    /// There is such a thing, but it can't be used in this way.
    #[error("{}", say!("This address takes {allowed} only.", allowed))]
    WrongMethod {
        /// The methods it takes, separated by commas.
        allowed: String,
    },
    /// The body is larger than we take.
    #[error("{0}")]
    TooLarge(Message),
    /// The body is of a kind we don't read.
    #[error("{0}")]
    Unsupported(Message),
    /// The body is fine as far as we know, and more work than is done for one.
    #[error("{0}")]
    TooHard(Message),
    /// Busy or stopping; the same request can work in a moment.
    #[error("{0}")]
    Unavailable(Message),
    /// Our fault. The cause is for the log.
    #[error("{}", say!("Something went wrong on our side."))]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A request that has to be changed before it can work.
    pub fn invalid(sentence: Message) -> Self {
        Self::Invalid(sentence)
    }

    /// Someone known asks for something that is not theirs to do.
    pub fn forbidden(sentence: Message) -> Self {
        Self::Forbidden(sentence)
    }

    /// A failure on our side, with its cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The cause and its causes on one line, for the log.
    pub fn trail(&self) -> String {
        trail(self)
    }
}

/// An error and what it came from, outermost first.
pub fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn std::error::Error + 'static)| (*error).source())
}

/// An error and its causes on one line, for the log.
pub fn trail(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What a panic said, if it said anything.
pub fn panic_words(panic: &(dyn Any + Send)) -> &str {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    words.unwrap_or("without words")
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        Self::internal(cause)
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Self::internal(cause)
    }
}
