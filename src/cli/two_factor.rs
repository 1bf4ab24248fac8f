//! `headroom twofactor`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station};
use crate::{auth, error::Result, members::Email};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Remove someone's passkeys, authenticator app and recovery codes, and sign them out everywhere
    Reset {
        /// Whose
        email: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Reset { email } => {
            let email: Email = email.parse()?;
            let of = email.clone();
            station.db.write_and_wait(move |tx| auth::reset_factors_of(tx, &of))?;
            let words = format!(
                "Took the second factors of {email} off and signed every browser out. They sign in by mail, or with: headroom signin {email}"
            );
            Ok(Said::new(json!({ "email": email }), words))
        }
    }
}
