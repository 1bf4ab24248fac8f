//! Tells of each attempt to come in, to the log and to the meters: by what, by whom if that is known, and what became of it.
//!
//! No address is told, known or typed: the account's id finds one in `headroom member list`, and the request's id joins the lines.

use crate::{
    app::App,
    auth::{Entered, Proof},
    error::Error,
    ids::AccountId,
    meters::{Entrance, Met},
};

/// What the lines of attempts are filtered by.
const SIGN_IN: &str = "headroom::sign_in";

/// Somebody came in, or is halfway in where a second factor is due.
pub fn accepted(app: &App, by: Entrance, entered: &Entered) {
    let met = if entered.second_due { Met::Half } else { Met::Accepted };
    tell(app, by, Some(&entered.account), met);
}

/// Somebody was refused; of an account, if that much is known.
pub fn refused(app: &App, by: Entrance, account: Option<&AccountId>) {
    tell(app, by, account, Met::Refused);
}

/// How an attempt ended. A failure of ours is none: it is told of elsewhere.
pub fn ended(app: &App, by: Entrance, account: Option<&AccountId>, outcome: Result<&Entered, &Error>) {
    match outcome {
        Ok(entered) => accepted(app, by, entered),
        Err(error) if error.status().is_client_error() => refused(app, by, account),
        Err(_) => {}
    }
}

/// What a second factor comes in by.
pub fn by_factor(proof: &Proof) -> Entrance {
    match proof {
        Proof::Digits(_) => Entrance::Authenticator,
        Proof::Recovery(_) => Entrance::RecoveryCode,
        Proof::Passkey(_) => Entrance::SecondPasskey,
    }
}

fn tell(app: &App, by: Entrance, account: Option<&AccountId>, met: Met) {
    app.meters.tried(by, met);
    let account = account.map_or("unknown", AccountId::as_str);
    tracing::info!(target: SIGN_IN, by = by.word(), account, "{}", met.word());
}
