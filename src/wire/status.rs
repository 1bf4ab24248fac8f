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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// In API v2's invites. [002]
    pub v2_invite: &'static str,
    /// In API v1's invites. [004]
    pub v1_invite: &'static str,
    /// In the lists of members; nothing for who is none.
    pub member: Option<&'static str>,
    /// As a model's status; nothing while there is no model. [004]
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
        const fn row(
            v2_invite: &'static str,
            v1_invite: &'static str,
            member: Option<&'static str>,
            model: Option<&'static str>,
        ) -> Words {
            Words { v2_invite, v1_invite, member, model }
        }
        const MAKING: &str = "generating-headshots";
        match self {
            Self::Invited => row("pending", "pending-invite", None, None),
            Self::SignedUp => row("accepted", "waiting-for-upload", Some("accepted"), Some("onboarding")),
            Self::Uploading => row("uploading", "waiting-for-upload", Some("pending"), Some("onboarding")),
            Self::Submitted => row("generating", MAKING, Some("pending"), Some("waiting")),
            Self::Training => row("generating", MAKING, Some("pending"), Some("pending")),
            Self::Generating => row("generating", MAKING, Some("pending"), Some("generatingHeadshots")),
            Self::Failed => row("generating", MAKING, Some("pending"), Some("failed")),
            Self::Ready => row("completed", "active", Some("finished"), Some("active")),
            Self::Deleted => row("deleted", "deleted", None, Some("deleted")),
            Self::Revoked => row("revoked", "revoked", None, None),
        }
    }

    /// The words for a shoot as a model's status. [004]
    pub fn model(state: shoots::State) -> &'static str {
        Self::of_shoot(state, false).words().model.unwrap_or_default()
    }

    /// The state a shoot is in that has this status as a model.
    pub fn state_of_model(status: &str) -> Option<shoots::State> {
        shoots::State::ALL.iter().copied().find(|state| Self::model(*state) == status)
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

    /// The contract's table, row by row: v2 invite, v1 invite, member, model.
    #[test]
    fn the_words_are_the_contracts() {
        let row = |standing: Standing| {
            let Words { v2_invite, v1_invite, member, model } = standing.words();
            (v2_invite, v1_invite, member.unwrap_or("–"), model.unwrap_or("–"))
        };
        let table = [
            (Standing::Invited, ("pending", "pending-invite", "–", "–")),
            (Standing::SignedUp, ("accepted", "waiting-for-upload", "accepted", "onboarding")),
            (Standing::Uploading, ("uploading", "waiting-for-upload", "pending", "onboarding")),
            (Standing::Submitted, ("generating", "generating-headshots", "pending", "waiting")),
            (Standing::Training, ("generating", "generating-headshots", "pending", "pending")),
            (Standing::Generating, ("generating", "generating-headshots", "pending", "generatingHeadshots")),
            (Standing::Failed, ("generating", "generating-headshots", "pending", "failed")),
            (Standing::Ready, ("completed", "active", "finished", "active")),
            (Standing::Deleted, ("deleted", "deleted", "–", "deleted")),
            (Standing::Revoked, ("revoked", "revoked", "–", "–")),
        ];
        assert_eq!(table.map(|(standing, _)| standing), Standing::ALL);
        for (standing, words) in table {
            assert_eq!(row(standing), words, "{standing:?}");
        }
    }

    #[test]
    fn a_models_status_names_one_state() {
        for state in shoots::State::ALL {
            assert_eq!(Standing::state_of_model(Standing::model(*state)), Some(*state));
        }
        assert_eq!(Standing::state_of_model("accepted"), None);
    }
}
