//! The mails that remind: of an invite nobody has answered, and of photos that are missing.

use super::{Host, Outgoing, deliver, host, inviter, shared, spaced};
use crate::{
    app::App,
    auth::{self, Minted},
    config::Urls,
    db::Tx,
    error::{Error, Result},
    ids::{InviteId, MemberId},
    invites::{self, Wanted},
    mail::{Envelope, Kind, Moment, Nudge, Reminder, Slot, Telling, words},
    members,
    queue::{Attempt, Next},
    shoots,
};

/// Reminds someone of an invite; nothing if it can't be accepted any more.
pub(in crate::jobs) async fn reminder(app: &App, attempt: &Attempt, id: InviteId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| written(tx, &id, &urls, &host)).await
}

/// The same because its day has come. A run that was held up, by a mail server or by a server that stood still, looks again:
/// nobody is reminded of what is over, and nobody at night.
pub(in crate::jobs) async fn scheduled_reminder(app: &App, attempt: &Attempt, id: InviteId) -> Result<Next> {
    match app.db.read(|view| invites::still_wanted(view, &id))? {
        Wanted::No => Ok(Next::Done),
        Wanted::Later(end) => Ok(Next::Again(end)),
        Wanted::Now => reminder(app, attempt, id).await.map(Next::from),
    }
}

fn written(tx: &Tx, id: &InviteId, urls: &Urls, host: &Host) -> Result<Option<Outgoing>> {
    let Some(Minted { token, code, email, invite: Some(invite), expires_at, .. }) = auth::mint_invite(tx, id)? else {
        return Ok(None);
    };
    invites::mark_reminded(tx, id)?;
    let shared = shared(tx, &invite.organization, host, &email)?;
    let mail = Reminder {
        inviter: inviter(tx, &invite, &shared)?,
        link: urls.sign_in(&token),
        code: spaced(code.reveal()),
        valid_until: Moment::time(shared.zone, expires_at),
        open_until: Moment::day(shared.zone, invite.expires_at),
        shared,
    };
    let envelope =
        Envelope { kind: Kind::Reminder, to: email, organization: Some(invite.organization), invite: Some(invite.id) };
    Ok(Some((envelope, mail.message()?)))
}

/// Reminds a member that their photos are missing; nothing if they left or have handed them in.
pub(in crate::jobs) async fn nudge(app: &App, attempt: &Attempt, id: MemberId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let member = match members::get(tx, &id) {
            Ok(member) => member,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(other) => return Err(other),
        };
        let Ok((email, shoot)) = shoots::waits_for_photos(tx, &member)? else { return Ok(None) };
        let Some(Minted { token, code, expires_at, .. }) = auth::mint_return(tx, &email)? else { return Ok(None) };
        let shared = shared(tx, &member.organization, &host, &email)?;
        let mail = Nudge {
            name: member.called().to_owned(),
            photos: (shoot.photos > 0).then(|| words::photos(shoot.photos)),
            link: urls.sign_in(&token),
            code: spaced(code.reveal()),
            valid_until: Moment::time(shared.zone, expires_at),
            shared,
        };
        let envelope = Envelope { kind: Kind::Nudge, to: email, organization: Some(member.organization), invite: None };
        Ok(Some((envelope, mail.message()?)))
    })
    .await
}
