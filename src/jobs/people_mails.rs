//! The mails about what leads decide for people: a retry, another owner.

use super::mails::{deliver, host, reachable, shared, spaced};
use crate::{
    app::App,
    auth::{self, Minted},
    error::{Error, Result},
    ids::{MemberId, ShootId},
    mail::{Envelope, Kind, Moment, Ownership, Retry, Slot, Telling, words},
    members::{self, Member, Role},
    queue::Attempt,
    results,
    shoots::{self, State},
};

/// Tells someone that they may make headshots once more, with a link that signs them in; nothing if they have gone on already.
pub(super) async fn retry(app: &App, attempt: &Attempt, id: ShootId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let shoot = shoots::get(tx, &id)?;
        let Some((member, email)) = reachable(tx, &id)? else { return Ok(None) };
        if shoot.state != State::Onboarding {
            return Ok(None);
        }
        let Some(Minted { token, code, expires_at, .. }) = auth::mint_return(tx, &email)? else {
            return Ok(None);
        };
        let mut kept = 0;
        for shoot in shoots::of_member(tx, &member.id)?.iter().filter(|shoot| shoot.state == State::Ready) {
            kept += results::of_shoot(tx, &shoot.id)?.len();
        }
        let kept = i64::try_from(kept).map_err(Error::internal)?;
        let shared = shared(tx, &shoot.organization, &host, &email)?;
        let mail = Retry {
            name: member.called().to_owned(),
            kept: (kept > 0).then(|| words::headshots(kept)),
            link: urls.sign_in(&token),
            code: spaced(code.reveal()),
            valid_until: Moment::time(shared.zone, expires_at),
            again: urls.page("/team-access"),
            shared,
        };
        let envelope = Envelope { kind: Kind::Retry, to: email, organization: Some(shoot.organization), invite: None };
        Ok(Some((envelope, mail.message()?)))
    })
    .await
}

/// Tells one side of a handing over who owns the organization now. Both are told what is true when the mail is written.
pub(super) async fn ownership(app: &App, attempt: &Attempt, id: MemberId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let member = match members::get(tx, &id) {
            Ok(member) => member,
            // Removed since.
            Err(Error::NotFound(_)) => return Ok(None),
            Err(other) => return Err(other),
        };
        let leads = members::leads(tx, &member.organization)?;
        let Some(to) = member.email.clone() else { return Ok(None) };
        let shared = shared(tx, &member.organization, &host, &to)?;
        let owner = leads.first().filter(|lead| lead.role == Role::Owner).map(Member::called);
        let mail = Ownership {
            owns: member.role == Role::Owner,
            owner: owner.map_or_else(|| words::someone().in_language(shared.language), str::to_owned),
            shared,
            link: urls.page("/app/admin/settings/access"),
        };
        let envelope = Envelope { kind: Kind::Security, to, organization: Some(member.organization), invite: None };
        Ok(Some((envelope, mail.message()?)))
    })
    .await
}
