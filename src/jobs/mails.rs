//! The mails. Each is written down before it is sent, and what the mail server said after; so a job that runs again sends
//! only what was not taken, under the same Message-ID.

use crate::{
    app::App,
    audit::{self, Action},
    auth::{self, Minted},
    db::{Tx, View},
    error::{Error, Result},
    i18n,
    ids::{InviteId, MagicLinkId, OrganizationId, ReceiptId, ShootId},
    invites::Invite,
    mail::{
        self, Access, Deleted, Delivery, Envelope, Invitation, Kind, Message, Moment, Ready, ReadyFor, Shared, Slot,
        Submitted, Telling, words,
    },
    members::{self, Member},
    meters::Mailed,
    queue::Attempt,
    receipts::{self, What},
    results,
    shoots::{self, State},
};

mod expiring;
pub(super) mod leads;
mod reminders;
pub(super) mod security;

pub(super) use expiring::expiring;
pub(super) use reminders::{nudge, reminder, scheduled_reminder};

/// What goes out: to whom, and which words.
pub(super) type Outgoing = (Envelope, Message);

/// Asks someone to join; nothing if the invite can't be accepted any more.
pub(super) async fn invite(app: &App, attempt: &Attempt, id: InviteId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let Some(Minted { token, code, email, invite: Some(invite), expires_at, .. }) = auth::mint_invite(tx, &id)?
        else {
            return Ok(None);
        };
        let shared = shared(tx, &invite.organization, &host, &email)?;
        let inviter = inviter(tx, &invite, &shared)?;
        let mail = Invitation {
            inviter,
            link: urls.sign_in(&token),
            code: spaced(code.reveal()),
            valid_until: Moment::time(shared.zone, expires_at),
            shared,
        };
        let envelope = Envelope {
            kind: Kind::Invite,
            to: email,
            organization: Some(invite.organization),
            invite: Some(invite.id),
        };
        Ok(Some((envelope, mail.message()?)))
    })
    .await
}

/// Lets someone in who asked for it; nothing if nobody here has that address and no open link admits it.
pub(super) async fn access(app: &App, attempt: &Attempt, link: MagicLinkId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let Some(Minted { token, code, email, invite, link, expires_at, language }) = auth::mint_access(tx, &link)?
        else {
            return Ok(None);
        };
        let joins = link.is_some();
        let into = invite.map(|invite| invite.organization).or(link.map(|link| link.organization));
        let organization = match into {
            Some(organization) => Some(organization),
            None => match members::account_by_email(tx, &email)? {
                Some(account) => members::of_account(tx, &account.id)?.map(|member| member.organization),
                None => None,
            },
        };
        let shared = match &organization {
            Some(organization) => Shared::of(tx, organization, &host.0)?,
            None => Shared::nobodys(&host.0),
        };
        // Who has no account yet reads what the browser does in which they asked.
        let shared = Shared { language: language.unwrap_or(shared.language), ..shared }.to(tx, &email)?;
        let mail = Access {
            joins,
            link: urls.sign_in(&token),
            code: spaced(code.reveal()),
            valid_until: Moment::time(shared.zone, expires_at),
            shared,
        };
        Ok(Some((Envelope { kind: Kind::Access, to: email, organization, invite: None }, mail.message()?)))
    })
    .await
}

/// Tells someone that their photos have arrived.
pub(super) async fn submitted(app: &App, attempt: &Attempt, id: ShootId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    let makers = app.db.read(|view| app.makers(view, &shoots::get(view, &id)?))?;
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let shoot = shoots::get(tx, &id)?;
        let Some((member, email)) = reachable(tx, &id)? else { return Ok(None) };
        // Who is looked after has sent no photos; they hear of it when there is something to see.
        if !shoot.state.waits() || member.kind == members::Kind::Managed {
            return Ok(None);
        }
        let mail = Submitted {
            shared: shared(tx, &shoot.organization, &host, &email)?,
            name: member.called().to_owned(),
            photos: words::photos(shoot.photos),
            time: shoots::estimate(tx, &shoot, makers)?.map(words::minutes),
            link: urls.page("/team-member"),
        };
        Ok(Some((about(&shoot, Kind::Submitted, email), mail.message()?)))
    })
    .await
}

/// Tells someone that their headshots can be seen.
pub(super) async fn ready(app: &App, attempt: &Attempt, id: ShootId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let shoot = shoots::get(tx, &id)?;
        let Some((member, email)) = reachable(tx, &id)? else { return Ok(None) };
        if shoot.state != State::Ready {
            return Ok(None);
        }
        let count = i64::try_from(results::of_shoot(tx, &id)?.len()).unwrap_or(0);
        let (shared, name) = (shared(tx, &shoot.organization, &host, &email)?, member.called().to_owned());
        let count = words::headshots(count);
        let expires = shoot.goes_at().map(|at| Moment::day(shared.zone, at));
        let message = match member.kind {
            members::Kind::Managed => {
                let Some(minted) = auth::mint_return(tx, &email)? else { return Ok(None) };
                let mail = ReadyFor {
                    maker: maker(tx, &member, &shared.organization)?,
                    name,
                    count,
                    expires,
                    link: urls.sign_in(&minted.token),
                    code: spaced(minted.code.reveal()),
                    valid_until: Moment::time(shared.zone, minted.expires_at),
                    shared,
                };
                mail.message()?
            }
            _ => {
                let (link, alone) = (urls.page("/team-member"), shoots::is_alone(tx, &member)?);
                let company = (!alone).then(|| shared.organization.clone());
                Ready { shared, name, count, link, company, expires }.message()?
            }
        };
        Ok(Some((about(&shoot, Kind::Ready, email), message)))
    })
    .await
}

/// Who had headshots made of someone who may never have heard of us: the lead who handed the photos in, or who added them.
fn maker(view: &View, member: &Member, organization: &str) -> Result<i18n::Message> {
    let who = match audit::last_by(view, &member.id, Action::SubmittedFor)? {
        Some(who) => Some(who),
        None => audit::last_by(view, &member.id, Action::MemberAdded)?,
    };
    Ok(who.map_or_else(|| i18n::Message::plain(organization), |who| words::made_by(&who, organization)))
}

/// Tells someone that the last file of what was deleted is gone. After it their address is needed no more.
pub(super) async fn deleted(app: &App, attempt: &Attempt, id: ReceiptId) -> Result<()> {
    let (host, receipt) = (host(app), id.clone());
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let receipt = receipts::receipt(tx, &receipt)?;
        let (Some(to), Some(gone_at)) = (receipt.email, receipt.purged_at) else { return Ok(None) };
        let shared = shared(tx, &receipt.organization, &host, &to)?;
        let mail = Deleted {
            everything: receipt.what == What::Shoot,
            what: words::pictures(receipt.photos.into(), receipt.headshots.into()),
            asked: words::asked(receipt.asked_by, &shared.organization),
            asked_at: Moment::exactly(shared.zone, receipt.asked_at),
            gone_at: Moment::exactly(shared.zone, gone_at),
            receipt: receipt.id.to_string(),
            shared,
        };
        let envelope = Envelope { kind: Kind::Deleted, to, organization: Some(receipt.organization), invite: None };
        Ok(Some((envelope, mail.message()?)))
    })
    .await?;
    app.db.write(move |tx| receipts::told(tx, &id)).await
}

/// Writes the mail down, sends it, and writes down what came of it. Writing happens in the transaction that makes its link,
/// so a link exists if and only if its mail does.
pub(super) async fn deliver(
    app: &App,
    slot: Slot,
    write: impl FnOnce(&Tx) -> Result<Option<Outgoing>> + Send + 'static,
) -> Result<()> {
    let keep = !app.mailer.sends();
    let begun = app
        .db
        .write(move |tx| {
            if mail::settled(tx, &slot)? {
                return Ok(None);
            }
            let Some((envelope, message)) = write(tx)? else { return Ok(None) };
            let mail = mail::begin(tx, &slot, &envelope, &message, keep)?;
            Ok(Some((mail, message)))
        })
        .await?;
    let Some((mail, message)) = begun else { return Ok(()) };
    if keep {
        app.meters.mailed(Mailed::Kept);
        return Ok(());
    }
    let delivery = app.mailer.send(&mail, &message).await?;
    app.meters.mailed(match delivery {
        Delivery::Sent(_) => Mailed::Sent,
        Delivery::Deferred(_) => Mailed::Deferred,
        Delivery::Refused(_) => Mailed::Refused,
    });
    let said = delivery.clone();
    app.db.write(move |tx| mail::record(tx, &mail.id, &said)).await?;
    match delivery {
        Delivery::Sent(_) | Delivery::Refused(_) => Ok(()),
        Delivery::Deferred(words) => Err(Error::Unavailable(plain!("{words}"))),
    }
}

/// Who asked someone to join: a lead, or the organization.
pub(super) fn inviter(view: &View, invite: &Invite, shared: &Shared) -> Result<String> {
    Ok(match &invite.invited_by {
        Some(member) => members::get(view, member)?.called().to_owned(),
        None => shared.organization.clone(),
    })
}

fn about(shoot: &shoots::Shoot, kind: Kind, to: members::Email) -> Envelope {
    Envelope { kind, to, organization: Some(shoot.organization.clone()), invite: None }
}

/// Who can be told about a shoot. Anonymous members are told by the product they came from. [004]
pub(super) fn reachable(view: &View, shoot: &ShootId) -> Result<Option<(Member, members::Email)>> {
    let member = members::of_shoot(view, shoot)?.filter(|member| member.kind != members::Kind::Anonymous);
    Ok(member.and_then(|member| member.email.clone().map(|email| (member, email))))
}

/// What the mails of an organization carry to somebody.
pub(super) fn shared(view: &View, organization: &OrganizationId, host: &Host, to: &members::Email) -> Result<Shared> {
    Shared::of(view, organization, &host.0)?.to(view, to)
}

/// The same where no organization speaks.
pub(super) fn nobodys(view: &View, host: &Host, to: &members::Email) -> Result<Shared> {
    Shared::nobodys(&host.0).to(view, to)
}

/// The server a mail comes from, by its address.
pub(super) struct Host(String);

pub(super) fn host(app: &App) -> Host {
    Host(app.urls.base().to_owned())
}

/// `481502` as people read it out: `481 502`.
pub(super) fn spaced(digits: &str) -> String {
    let (front, back) = digits.split_at(digits.len() / 2);
    format!("{front} {back}")
}
