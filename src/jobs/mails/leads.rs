//! What leads hear of: each at once, once a day or never, as they chose; and the tests they send themselves.

use super::{Host, Outgoing, about, deliver, host, shared};
use crate::{
    app::App,
    config::Urls,
    db::{Tx, View},
    error::{Error, Result},
    events,
    i18n::Language,
    ids::{EndpointId, HappeningId, MemberId, OrganizationId, ShootId},
    mail::{
        self, Bounced, Digest, EndpointOff, Envelope, Failed, Kind, Letter, LowCredits, MemberHeadshots, Message,
        Shared, Slot, Telling,
        words::{self, Tally},
    },
    members::{self, Email, Member},
    notifications::{self, About, Pace, Topic},
    organizations,
    queue::Attempt,
    results, shoots, webhooks,
};

/// Has each lead who wants to hear of a topic at once get one mail.
async fn each(
    app: &App,
    attempt: &Attempt,
    organization: &OrganizationId,
    topic: Topic,
    write: impl Fn(&Tx, &Urls, &Host, Email) -> Result<Option<Outgoing>> + Clone + Send + 'static,
) -> Result<()> {
    let leads = app.db.read(|view| notifications::listeners(view, organization, topic, Pace::AtOnce))?;
    for (nth, lead) in leads.into_iter().enumerate() {
        let Some(to) = lead.email else { continue };
        let (urls, host, write) = (app.urls.clone(), host(app), write.clone());
        deliver(app, Slot::new(&attempt.job, nth), move |tx| write(tx, &urls, &host, to)).await?;
    }
    Ok(())
}

/// Tells that a shoot failed for good.
pub(in crate::jobs) async fn failed(app: &App, attempt: &Attempt, id: ShootId) -> Result<()> {
    let organization = app.db.read(|view| Ok(shoots::get(view, &id)?.organization))?;
    each(app, attempt, &organization, Topic::Failed, move |tx, urls, host, to| {
        let shoot = shoots::get(tx, &id)?;
        let organization = organizations::get(tx, &shoot.organization)?;
        let who = members::of_shoot(tx, &id)?;
        let shared = shared(tx, &organization.id, host, &to)?;
        let mail = Failed {
            name: called(who.as_ref(), shared.language),
            email: who.and_then(|member| member.email).map(|email| email.to_string()),
            attempts: words::attempts(events::tries(tx, &id)?),
            reason: shoots::told_of_failure(shoot.failure.as_deref().unwrap_or_default()),
            balance: (!organization.unlimited).then(|| words::credits(organization.credits)),
            link: urls.page("/app/admin/members"),
            shared,
        };
        Ok(Some((about(&shoot, Kind::Failed, to), mail.message()?)))
    })
    .await
}

fn called(member: Option<&Member>, language: Language) -> String {
    member.map_or_else(|| words::someone().in_language(language), |member| member.called().to_owned())
}

/// Tells that a webhook endpoint was switched off.
pub(in crate::jobs) async fn endpoint(app: &App, attempt: &Attempt, id: EndpointId) -> Result<()> {
    let organization = match app.db.read(|view| webhooks::get(view, &id)) {
        Ok(endpoint) => endpoint.organization,
        // Removed since.
        Err(Error::NotFound(_)) => return Ok(()),
        Err(other) => return Err(other),
    };
    each(app, attempt, &organization, Topic::Endpoint, move |tx, urls, host, to| {
        let endpoint = webhooks::get(tx, &id)?;
        // On again, or meant to be off: nothing to tell.
        let Some(why) = endpoint.disabled.and_then(|(_, why)| words::switched_off(why)) else { return Ok(None) };
        let shared = shared(tx, &endpoint.organization, host, &to)?;
        let mail = EndpointOff { shared, url: endpoint.url, why, link: urls.page("/app/admin/webhooks") };
        let organization = Some(endpoint.organization);
        Ok(Some((Envelope { kind: Kind::Endpoint, to, organization, invite: None }, mail.message()?)))
    })
    .await
}

/// Tells of anything else, as it is when the mail is written.
pub(in crate::jobs) async fn happening(app: &App, attempt: &Attempt, id: HappeningId) -> Result<()> {
    let Some((organization, what)) = app.db.read(|view| notifications::happening(view, &id))? else { return Ok(()) };
    let whose = organization.clone();
    each(app, attempt, &organization, what.topic(), move |tx, urls, host, to| {
        let shared = shared(tx, &whose, host, &to)?;
        let Some((kind, message)) = told(tx, shared, &what, urls)? else { return Ok(None) };
        Ok(Some((Envelope { kind, to, organization: Some(whose.clone()), invite: None }, message)))
    })
    .await
}

fn told(tx: &Tx, shared: Shared, what: &About, urls: &Urls) -> Result<Option<(Kind, Message)>> {
    Ok(match what {
        About::Credits(balance) => {
            let link = urls.page("/app/admin/credits");
            let mail = LowCredits { shared, balance: words::credits(*balance), link };
            Some((Kind::Credits, mail.message()?))
        }
        About::Bounced(mail) => match mail::get(tx, mail) {
            Ok(mail) => {
                let (address, reason) = (mail.to.to_string(), mail.answer.unwrap_or_default());
                let link = urls.page("/app/admin/invites");
                Some((Kind::Bounced, Bounced { shared, address, subject: mail.subject, reason, link }.message()?))
            }
            Err(Error::NotFound(_)) => None,
            Err(other) => return Err(other),
        },
        About::Ready(shoot) | About::Favorite(shoot) => {
            let Some(member) = members::of_shoot(tx, shoot)? else { return Ok(None) };
            let count = results::of_shoot(tx, shoot)?.len();
            let chosen = matches!(what, About::Favorite(_));
            // Deleted since, or not chosen any more.
            if count == 0 || chosen && results::favorite(tx, shoot)?.is_none() {
                return Ok(None);
            }
            let mail = MemberHeadshots {
                shared,
                chosen,
                name: member.called().to_owned(),
                count: words::headshots(i64::try_from(count).map_err(Error::internal)?),
                link: urls.page(&format!("/app/admin/members/{}", member.id)),
            };
            Some((if chosen { Kind::Favorite } else { Kind::Ready }, mail.message()?))
        }
        // They have mails of their own.
        About::Failed(_) | About::Endpoint(_) => None,
    })
}

/// Tells a lead once a day what happened.
pub(in crate::jobs) async fn digest(app: &App, attempt: &Attempt, id: MemberId) -> Result<()> {
    let (urls, host) = (app.urls.clone(), host(app));
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let Some((lead, to)) = lead(tx, &id)? else { return Ok(None) };
        let shared = shared(tx, &lead.organization, &host, &to)?;
        let list = tally(tx, &notifications::latest(tx, &lead.organization, &id)?, shared.language)?.lines();
        if list.is_empty() {
            return Ok(None);
        }
        let mail = Digest { shared, list, link: urls.page("/app/admin") };
        let envelope = Envelope { kind: Kind::Digest, to, organization: Some(lead.organization), invite: None };
        Ok(Some((envelope, mail.message()?)))
    })
    .await
}

/// The lead with this id and their address; nothing if they lead no more.
fn lead(view: &View, id: &MemberId) -> Result<Option<(Member, Email)>> {
    match members::get(view, id) {
        Ok(member) if member.leads() => Ok(member.email.clone().map(|email| (member, email))),
        Ok(_) | Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What happened, by names: nobody twice.
fn tally(view: &View, happened: &[About], language: Language) -> Result<Tally> {
    let whose = |shoot: &ShootId| -> Result<String> { Ok(called(members::of_shoot(view, shoot)?.as_ref(), language)) };
    let mut tally = Tally::default();
    for what in happened {
        let (names, name) = match what {
            About::Credits(balance) => {
                tally.low = Some(*balance);
                continue;
            }
            About::Bounced(mail) => (&mut tally.bounced, mail::get(view, mail)?.to.to_string()),
            About::Endpoint(endpoint) => (&mut tally.endpoint, webhooks::get(view, endpoint)?.host()),
            About::Failed(shoot) => (&mut tally.failed, whose(shoot)?),
            About::Ready(shoot) => (&mut tally.ready, whose(shoot)?),
            About::Favorite(shoot) => (&mut tally.favorite, whose(shoot)?),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(tally)
}

/// Shows a lead how a mail looks, with the words that are saved.
pub(in crate::jobs) async fn test(app: &App, attempt: &Attempt, id: MemberId, letter: &str) -> Result<()> {
    let (urls, host, letter): (_, _, Letter) = (app.urls.clone(), host(app), letter.parse()?);
    deliver(app, Slot::new(&attempt.job, 0), move |tx| {
        let Some((lead, to)) = lead(tx, &id)? else { return Ok(None) };
        // As the page shows it: in the language that people hear of it in who aren't known yet.
        let shared = Shared::of(tx, &lead.organization, &host.0)?;
        let (link, language) = (urls.page(&format!("/app/admin/settings/mail/{letter}")), shared.language);
        let message = mail::sample(letter, shared, lead.called(), &link).message()?.as_test(language);
        let envelope = Envelope { kind: Kind::Test, to, organization: Some(lead.organization), invite: None };
        Ok(Some((envelope, message)))
    })
    .await
}
