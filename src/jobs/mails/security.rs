//! Tells someone what happened to their account.

use super::{deliver, host, nobodys, shared};
use crate::{
    app::App,
    auth,
    error::Result,
    ids::NoticeId,
    mail::{Envelope, Kind, Moment, Security, Slot, Telling},
    members,
    queue::Attempt,
};

/// Nothing if the account is gone, or has no address.
pub(in crate::jobs) async fn send(app: &App, attempt: &Attempt, id: NoticeId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let Some(given) = auth::notice(tx, &id)? else { return Ok(None) };
        let Some(to) = members::account(tx, &given.account)?.email else { return Ok(None) };
        let organization = members::of_account(tx, &given.account)?.map(|member| member.organization);
        let shared = match &organization {
            Some(organization) => shared(tx, organization, &host, &to)?,
            None => nobodys(tx, &host, &to)?,
        };
        let mail = Security {
            title: given.notice.title(),
            sentence: given.notice.sentence(),
            detail: given.detail_in_words(),
            at: Moment::shortly(shared.zone, given.created_at),
            link: urls.page("/account"),
            shared,
        };
        Ok(Some((Envelope { kind: Kind::Security, to, organization, invite: None }, mail.message()?)))
    })
    .await
}
