//! Why nothing is proven.

use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, SignatureVerificationError, StandardErrorResponse,
    core::CoreErrorResponseType,
};

use crate::{error::trail, outbound::Trouble};

/// Why nothing is proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It can't be reached, or says nothing we understand.
    #[error("{0}")]
    Down(String),
    /// What it says of itself names another issuer.
    #[error("{0}")]
    Metadata(String),
    /// It doesn't take the code: it was used, is too old, or ours is the wrong secret.
    #[error("the provider refused the code: {0}")]
    Code(String),
    /// It doesn't take our id and secret.
    #[error("the provider refused our id and secret: {0}")]
    Client(String),
    /// The token, or who brought the answer, is of another issuer.
    #[error("other issuer: {0}")]
    Issuer(String),
    /// The token is for someone else.
    #[error("other audience: {0}")]
    Audience(String),
    /// It is signed in a way that proves nothing, or not at all.
    #[error("algorithm: {0}")]
    Algorithm(String),
    /// Its signature is wrong.
    #[error("signature: {0}")]
    Signature(String),
    /// Its time is over, or has not come.
    #[error("time: {0}")]
    Time(String),
    /// It was made for another sign-in.
    #[error("nonce: {0}")]
    Nonce(String),
    /// There is no token, or one that can't be read.
    #[error("token: {0}")]
    Garbled(String),
}

/// Of asking what it says of itself.
pub(super) fn undiscovered(cause: DiscoveryError<Trouble>) -> Fault {
    match cause {
        DiscoveryError::Request(trouble) => Fault::Down(trouble.0),
        DiscoveryError::Response(status, ..) => Fault::Down(format!("It answered with status {}.", status.as_u16())),
        DiscoveryError::Validation(why) => {
            Fault::Metadata(format!("What it says of itself contradicts itself: {why:.300}."))
        }
        other => Fault::Metadata(format!("What it says of itself can't be read: {}.", trail(&other))),
    }
}

/// Of taking a code to it.
pub(super) fn unredeemed(cause: RequestTokenError<Trouble, StandardErrorResponse<CoreErrorResponseType>>) -> Fault {
    match cause {
        RequestTokenError::ServerResponse(said) => {
            let words: String = said.to_string().chars().take(300).collect();
            match said.error() {
                CoreErrorResponseType::InvalidGrant => Fault::Code(words),
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                    Fault::Client(words)
                }
                _ => Fault::Down(format!("It answered: {words}.")),
            }
        }
        RequestTokenError::Request(trouble) => Fault::Down(trouble.0),
        RequestTokenError::Parse(cause, _) => Fault::Garbled(cause.to_string()),
        RequestTokenError::Other(words) => Fault::Garbled(words),
    }
}

/// Of its token.
pub(super) fn unbelieved(cause: ClaimsVerificationError) -> Fault {
    use SignatureVerificationError::{DisallowedAlg, NoSignature, UnsupportedAlg};
    let words = cause.to_string();
    match cause {
        ClaimsVerificationError::InvalidIssuer(words) => Fault::Issuer(words),
        ClaimsVerificationError::InvalidAudience(words) => Fault::Audience(words),
        ClaimsVerificationError::InvalidNonce(words) => Fault::Nonce(words),
        ClaimsVerificationError::Expired(words) => Fault::Time(words),
        ClaimsVerificationError::SignatureVerification(DisallowedAlg(_) | NoSignature | UnsupportedAlg(_)) => {
            Fault::Algorithm(words)
        }
        ClaimsVerificationError::SignatureVerification(cause) => Fault::Signature(cause.to_string()),
        _ => Fault::Garbled(words),
    }
}
