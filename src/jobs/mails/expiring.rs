//! Headshots that go soon: whose they are is told a week and a day before.

use super::{about, deliver, host, shared};
use crate::{
    app::App,
    db::{Tx, View},
    error::{Error, Result},
    i18n::Message,
    ids::ShootId,
    mail::{self, Expiring, Kind, Moment, Slot, Telling, words},
    members::{self, Email, Kind as Whose, Member},
    organizations,
    queue::{Attempt, Next},
    results, shoots,
};

/// Warns whoever the headshots are of; the leads, if they look after someone without an address. Whom another product sent hears
/// nothing of it from us, but has their time all the same. Waits until the quiet hours are over.
pub(in crate::jobs) async fn expiring(app: &App, attempt: &Attempt, id: ShootId) -> Result<Next> {
    let (wait, readers) = app.db.read(|view| {
        let shoot = shoots::get(view, &id)?;
        let quiet = organizations::get(view, &shoot.organization)?.reminders.quiet;
        Ok((quiet.end(view.now), readers(view, &id)?))
    })?;
    if wait > app.db.clock().now() {
        return Ok(Next::Again(wait));
    }
    if readers.is_empty() {
        return app.db.write(move |tx| shoots::warn(tx, &id)).await.map(|_| Next::Done);
    }
    for (nth, to) in readers.into_iter().enumerate() {
        let (id, slot, urls, host) = (id.clone(), Slot::new(&attempt.job, nth), app.urls.clone(), host(app));
        let counted_before = (nth > 0).then_some(true);
        deliver(app, slot.clone(), move |tx| {
            let again = match counted_before {
                Some(again) => again,
                // An earlier run has written it, and not sent it.
                None => mail::begun(tx, &slot)?,
            };
            let until = if again { shoots::warn_again(tx, &id)? } else { shoots::warn(tx, &id)? };
            let (Some(until), Some(member)) = (until, members::of_shoot(tx, &id)?) else { return Ok(None) };
            let shoot = shoots::get(tx, &id)?;
            let own = member.email.as_ref() == Some(&to);
            let page = match own {
                true => "/team-member".to_owned(),
                false => format!("/app/admin/members/{}", member.id),
            };
            let shared = shared(tx, &shoot.organization, &host, &to)?;
            let mail = Expiring {
                name: member.called().to_owned(),
                own,
                count: headshots(tx, &id)?,
                date: Moment::day(shared.zone, until),
                link: urls.page(&page),
                shared,
            };
            Ok(Some((about(&shoot, Kind::Expiring, to), mail.message()?)))
        })
        .await?;
    }
    Ok(Next::Done)
}

/// To whom it is written.
fn readers(view: &View, id: &ShootId) -> Result<Vec<Email>> {
    let Some(member) = members::of_shoot(view, id)? else { return Ok(Vec::new()) };
    Ok(match member {
        Member { kind: Whose::Anonymous, .. } => Vec::new(),
        Member { email: Some(email), .. } => vec![email],
        _ => members::leads(view, &member.organization)?.into_iter().filter_map(|lead| lead.email).collect(),
    })
}

fn headshots(tx: &Tx, id: &ShootId) -> Result<Message> {
    let count = results::of_shoot(tx, id)?.len();
    Ok(words::headshots(i64::try_from(count).map_err(Error::internal)?))
}
