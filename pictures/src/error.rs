//! What can go wrong with a picture, by meaning.

use std::borrow::Cow;

/// The result of everything here that can be refused or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a failure. The sentences of a refusal are meant for the person whose picture it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This is no kind of picture we read. Says which are.
    #[error("{0}")]
    Unsupported(Cow<'static, str>),
    /// It is of a kind we read, but damaged, or too large, or too small. Says what to do.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// A mistake of ours. The cause is for the log.
    #[error("a picture could not be worked on: {0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn unsupported(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported(sentence.into())
    }

    pub(crate) fn invalid(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(sentence.into())
    }

    pub(crate) fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(cause.into())
    }
}
