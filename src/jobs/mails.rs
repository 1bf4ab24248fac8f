//! The mails. Each is written down before it is sent, and what the mail server said after; so a job that runs again sends
//! only what was not taken, under the same Message-ID.

use crate::{
    app::App,
    audit::{self, Action},
    auth::{self, Minted},
    branding,
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    events,
    ids::{EndpointId, InviteId, MagicLinkId, OrganizationId, ReceiptId, ShootId},
    invites::Invite,
    mail::{
        self, ACCENT, Access, Deleted, Delivery, EndpointOff, Envelope, Failed, Invitation, Kind, Message, Ready,
        ReadyFor, Shared, Slot, Submitted,
    },
    members::{self, Member},
    organizations,
    queue::Attempt,
    receipts::{self, AskedBy, What},
    results,
    shoots::{self, State},
    webhooks::{self, Why},
};

mod expiring;
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
        let shared = shared(tx, &invite.organization, &host)?;
        let inviter = inviter(tx, &invite, &shared)?;
        let mail = Invitation {
            shared,
            inviter,
            link: urls.sign_in(&token),
            code: spaced(code.reveal()),
            valid_until: clock_time(expires_at),
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
        let Some(Minted { token, code, email, invite, link, expires_at }) = auth::mint_access(tx, &link)? else {
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
            Some(organization) => shared(tx, organization, &host)?,
            None => Shared {
                organization: "Headroom".to_owned(),
                accent: ACCENT.to_owned(),
                logo: None,
                product: true,
                host: host.name(),
            },
        };
        let mail = Access {
            shared,
            joins,
            link: urls.sign_in(&token),
            code: spaced(code.reveal()),
            valid_until: clock_time(expires_at),
        };
        Ok(Some((Envelope { kind: Kind::Access, to: email, organization, invite: None }, mail.message()?)))
    })
    .await
}

/// Tells someone that their photos have arrived.
pub(super) async fn submitted(app: &App, attempt: &Attempt, id: ShootId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    let usual = app.db.read(|view| Ok(app.generator_for(&shoots::get(view, &id)?).usual()))?;
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let shoot = shoots::get(tx, &id)?;
        let Some((member, email)) = reachable(tx, &id)? else { return Ok(None) };
        // Who is looked after has sent no photos; they hear of it when there is something to see.
        if !shoot.state.waits() || member.kind == members::Kind::Managed {
            return Ok(None);
        }
        let estimate = match shoots::estimate(tx, &shoot, usual)? {
            Some(left) => format!("It takes about {}.", in_minutes(left)),
            None => "We'll write as soon as they are ready.".to_owned(),
        };
        let mail = Submitted {
            shared: shared(tx, &shoot.organization, &host)?,
            name: member.called().to_owned(),
            photos: counted(shoot.photos, "photo"),
            estimate,
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
        let (shared, name) = (shared(tx, &shoot.organization, &host)?, member.called().to_owned());
        let count = counted(count, "headshot");
        let expires = match shoot.goes_at() {
            Some(at) => Some(organizations::zone(tx, &shoot.organization)?.day(at)),
            None => None,
        };
        let message = match member.kind {
            members::Kind::Managed => {
                let Some(minted) = auth::mint_return(tx, &email)? else { return Ok(None) };
                let mail = ReadyFor {
                    maker: maker(tx, &member, &shared.organization)?,
                    shared,
                    name,
                    count,
                    expires,
                    link: urls.sign_in(&minted.token),
                    code: spaced(minted.code.reveal()),
                    valid_until: clock_time(minted.expires_at),
                };
                mail.message()?
            }
            _ => {
                let (link, alone) = (urls.page("/team-member"), shoots::is_alone(tx, &member)?);
                Ready { shared, name, count, link, alone, expires }.message()?
            }
        };
        Ok(Some((about(&shoot, Kind::Ready, email), message)))
    })
    .await
}

/// Who had headshots made of someone who may never have heard of us: the lead who handed the photos in, or who added them.
fn maker(view: &View, member: &Member, organization: &str) -> Result<String> {
    let who = match audit::last_by(view, &member.id, Action::SubmittedFor)? {
        Some(who) => Some(who),
        None => audit::last_by(view, &member.id, Action::MemberAdded)?,
    };
    Ok(who.map_or_else(|| organization.to_owned(), |who| format!("{who} at {organization}")))
}

/// Tells each lead that a shoot failed for good.
pub(super) async fn failed(app: &App, attempt: &Attempt, id: ShootId) -> Result<()> {
    let leads = app.db.read(|view| members::leads(view, &shoots::get(view, &id)?.organization))?;
    for (nth, lead) in leads.into_iter().enumerate() {
        let Some(to) = lead.email else { continue };
        let (id, urls, host) = (id.clone(), app.urls.clone(), host(app));
        deliver(app, Slot::new(&attempt.job, nth), move |tx| {
            let shoot = shoots::get(tx, &id)?;
            let organization = organizations::get(tx, &shoot.organization)?;
            let who = members::of_shoot(tx, &id)?;
            let mail = Failed {
                shared: shared(tx, &organization.id, &host)?,
                name: who.as_ref().map_or("Someone", |member| member.called()).to_owned(),
                email: who.and_then(|member| member.email).map(|email| email.to_string()).unwrap_or_default(),
                attempts: counted(events::tries(tx, &id)?, "attempt"),
                reason: shoot.failure.clone().unwrap_or_default(),
                balance: (!organization.unlimited).then(|| counted(organization.credits, "credit")),
                link: urls.page("/app/admin/members"),
            };
            Ok(Some((about(&shoot, Kind::Failed, to), mail.message()?)))
        })
        .await?;
    }
    Ok(())
}

/// Tells each lead that a webhook endpoint was switched off.
pub(super) async fn endpoint(app: &App, attempt: &Attempt, id: EndpointId) -> Result<()> {
    let leads = app.db.read(|view| match webhooks::get(view, &id) {
        Ok(endpoint) => members::leads(view, &endpoint.organization),
        // Removed since.
        Err(Error::NotFound(_)) => Ok(Vec::new()),
        Err(other) => Err(other),
    })?;
    for (nth, lead) in leads.into_iter().enumerate() {
        let Some(to) = lead.email else { continue };
        let (id, urls, host) = (id.clone(), app.urls.clone(), host(app));
        deliver(app, Slot::new(&attempt.job, nth), move |tx| {
            let endpoint = webhooks::get(tx, &id)?;
            let why = match endpoint.disabled {
                Some((_, Why::Gone)) => "It answered 410, which means that it is gone for good.",
                Some((_, Why::Failures)) => "It has failed for five days, and worked not once meanwhile.",
                // On again, or meant to be off: nothing to tell.
                Some((_, Why::Lead)) | None => return Ok(None),
            };
            let shared = shared(tx, &endpoint.organization, &host)?;
            let mail = EndpointOff { shared, url: endpoint.url, why, link: urls.page("/app/admin/webhooks") };
            let envelope =
                Envelope { kind: Kind::Endpoint, to, organization: Some(endpoint.organization), invite: None };
            Ok(Some((envelope, mail.message()?)))
        })
        .await?;
    }
    Ok(())
}

/// Tells someone that the last file of what was deleted is gone. After it their address is needed no more.
pub(super) async fn deleted(app: &App, attempt: &Attempt, id: ReceiptId) -> Result<()> {
    let (host, receipt) = (host(app), id.clone());
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let receipt = receipts::receipt(tx, &receipt)?;
        let (Some(to), Some(gone_at)) = (receipt.email, receipt.purged_at) else { return Ok(None) };
        let what = match (receipt.photos, receipt.headshots) {
            (photos, 0) => counted(photos.into(), "photo"),
            (0, headshots) => counted(headshots.into(), "headshot"),
            (photos, headshots) => {
                format!("{} and {}", counted(photos.into(), "photo"), counted(headshots.into(), "headshot"))
            }
        };
        let shared = shared(tx, &receipt.organization, &host)?;
        let mail = Deleted {
            everything: receipt.what == What::Shoot,
            what,
            asked: match receipt.asked_by {
                AskedBy::Person => "You asked for it".to_owned(),
                AskedBy::Lead | AskedBy::Program => format!("{} asked for it", shared.organization),
                AskedBy::Operator => "The operator of the server asked for it".to_owned(),
                AskedBy::Server => "The time they are kept was over".to_owned(),
            },
            asked_at: day_and_time(receipt.asked_at),
            gone_at: day_and_time(gone_at),
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
    let Some((mail, message)) = begun.filter(|_| !keep) else { return Ok(()) };
    let delivery = app.mailer.send(&mail, &message).await?;
    let said = delivery.clone();
    app.db.write(move |tx| mail::record(tx, &mail.id, &said)).await?;
    match delivery {
        Delivery::Sent(_) | Delivery::Refused(_) => Ok(()),
        Delivery::Deferred(words) => Err(Error::Unavailable(words.into())),
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

pub(super) fn shared(view: &View, organization: &OrganizationId, host: &Host) -> Result<Shared> {
    let organization = organizations::get(view, organization)?;
    let logo = organization.logo.as_ref().map(|version| host.page(&branding::address(&organization.id, version)));
    // Someone on their own has no organization that could speak to them.
    let name = if organization.is_alone() { "Headroom".to_owned() } else { organization.name };
    Ok(Shared {
        organization: name,
        accent: organization.accent.map_or_else(|| ACCENT.to_owned(), |accent| branding::under_white(&accent)),
        logo,
        product: true,
        host: host.name(),
    })
}

/// The server a mail comes from, by its address.
pub(super) struct Host(String);

impl Host {
    /// Without its scheme, as people read it.
    pub(super) fn name(&self) -> String {
        self.0.split_once("://").map_or("", |(_, host)| host).to_owned()
    }

    /// In full, for what is fetched from it.
    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

pub(super) fn host(app: &App) -> Host {
    Host(app.urls.base().to_owned())
}

/// `481502` as people read it out: `481 502`.
pub(super) fn spaced(digits: &str) -> String {
    let (front, back) = digits.split_at(digits.len() / 2);
    format!("{front} {back}")
}

pub(super) fn clock_time(moment: Timestamp) -> String {
    moment.date_time().format("%H:%M UTC").to_string()
}

fn day_and_time(moment: Timestamp) -> String {
    moment.date_time().format("%B %-d, %Y, %H:%M UTC").to_string()
}

pub(super) fn counted(count: i64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn in_minutes(span: std::time::Duration) -> String {
    counted(i64::try_from(span.as_secs().div_ceil(60)).unwrap_or(1).max(1), "minute")
}
