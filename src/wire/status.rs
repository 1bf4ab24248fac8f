//! Where an invited person stands, in the words of each promise (contract, section 7).

use crate::{
    clock::Timestamp,
    invites::{self, Progress},
    shoots,
};

/// Where an invited person stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Asked, and nothing heard yet.
    Invited,
    /// Signed up, no photo yet.
    SignedUp,
    /// Has a photo, not submitted.
    Uploading,
    /// Submitted.
    Submitted,
    /// The generator learns the face.
    Training,
    /// The generator makes the headshots.
    Generating,
    /// The last try failed.
    Failed,
    /// Has headshots.
    Ready,
    /// The headshots are deleted.
    Deleted,
    /// The invite was taken back.
    Revoked,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// In API v2's invites. [002]
    pub v2_invite: &'static str,
    /// As a model's status. [004]
    pub model: Option<&'static str>,
}

impl Standing {
    /// Every row of the table.
    pub const ALL: [Self; 10] = [
        Self::Invited,
        Self::SignedUp,
        Self::Uploading,
        Self::Submitted,
        Self::Training,
        Self::Generating,
        Self::Failed,
        Self::Ready,
        Self::Deleted,
        Self::Revoked,
    ];

    /// The words for it.
    pub const fn words(self) -> Words {
        const fn row(v2_invite: &'static str, model: Option<&'static str>) -> Words {
            Words { v2_invite, model }
        }
        match self {
            Self::Invited => row("pending", None),
            Self::SignedUp => row("accepted", Some("onboarding")),
            Self::Uploading => row("uploading", Some("onboarding")),
            Self::Submitted => row("generating", Some("waiting")),
            Self::Training => row("generating", Some("pending")),
            Self::Generating => row("generating", Some("generatingHeadshots")),
            Self::Failed => row("generating", Some("failed")),
            Self::Ready => row("completed", Some("active")),
            Self::Deleted => row("deleted", Some("deleted")),
            Self::Revoked => row("revoked", None),
        }
    }

    /// Where the person of an invite stands.
    pub fn of_invite(state: invites::State, progress: Option<&Progress>) -> Self {
        match (state, progress) {
            (invites::State::Revoked, _) => Self::Revoked,
            (invites::State::Pending | invites::State::Expired, _) => Self::Invited,
            (invites::State::Accepted, Some(progress)) => Self::of_shoot(progress.state, progress.has_photos),
            (invites::State::Accepted, None) => Self::Deleted,
        }
    }

    /// Where the person of a shoot stands.
    pub const fn of_shoot(state: shoots::State, has_photos: bool) -> Self {
        match state {
            shoots::State::Onboarding if has_photos => Self::Uploading,
            shoots::State::Onboarding => Self::SignedUp,
            shoots::State::Submitted => Self::Submitted,
            shoots::State::Training => Self::Training,
            shoots::State::Generating => Self::Generating,
            shoots::State::Failed => Self::Failed,
            shoots::State::Ready => Self::Ready,
            shoots::State::Deleted => Self::Deleted,
        }
    }
}

/// Whether an invite keeps its `pending` only for the record: nobody accepted it in its 30 days.
pub fn expired(state: invites::State, expires_at: Timestamp, now: Timestamp) -> bool {
    state == invites::State::Expired || (state == invites::State::Pending && expires_at <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract's table, row by row.
    #[test]
    fn the_words_are_the_contracts() {
        let table: Vec<_> =
            Standing::ALL.iter().map(|one| (one.words().v2_invite, one.words().model.unwrap_or("–"))).collect();
        assert_eq!(
            table,
            [
                ("pending", "–"),
                ("accepted", "onboarding"),
                ("uploading", "onboarding"),
                ("generating", "waiting"),
                ("generating", "pending"),
                ("generating", "generatingHeadshots"),
                ("generating", "failed"),
                ("completed", "active"),
                ("deleted", "deleted"),
                ("revoked", "–"),
            ]
        );
    }
}
