//! The photos someone has added and not handed in yet: how many of them can be used. Their pictures are not shown here.

use actix_web::{
    HttpResponse,
    web::{self, Data, Form, Path, ServiceConfig},
};
use serde::Deserialize;

use super::href;
use crate::{
    app::App,
    config::PhotoChecks,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::MemberId,
    members::{self, Member},
    pages::{to, view::saying},
    photos::{self, Standing, trouble},
    shoots::{self, Shoot, State},
    web::{browser::Lead, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/members/{id:[0-9a-f]{24}}/photos", "POST").route(web::post().to(allow)));
}

/// How they stand, in words.
pub(super) struct Waiting {
    /// `7 photos, not submitted yet. 5 can be used.`
    pub(super) words: Message,
    /// `2 were turned down: blurred, too dark.` Can be allowed.
    pub(super) turned_down: Option<Message>,
    /// `2 were turned down, and are allowed.` Can be taken back.
    pub(super) allowed: Option<Message>,
}

/// Those of someone's latest shoot; nothing if they have none to hand in, or nobody looked at them.
pub(super) fn waiting(view: &View, latest: Option<&Shoot>, checks: PhotoChecks) -> Result<Option<Waiting>> {
    let Some(shoot) = latest.filter(|shoot| shoot.state == State::Onboarding) else { return Ok(None) };
    let photos = photos::of_shoot(view, &shoot.id)?;
    if !photos.iter().any(|photo| photo.verdict.is_some()) {
        return Ok(None);
    }
    let Standing { photos, used, turned_down, allowed, troubles } = Standing::of(&photos);
    let held = shoots::are_held_to_checks(shoot, checks);
    let why: Vec<String> = troubles.into_iter().map(|finding| trouble(finding).to_string()).collect();
    Ok(Some(Waiting {
        words: match used {
            0 => say!(
                "{n} photo, not submitted yet. None can be used." | "{n} photos, not submitted yet. None can be used.",
                n = photos
            ),
            _ => say!(
                "{n} photo, not submitted yet. {used} can be used."
                    | "{n} photos, not submitted yet. {used} can be used.",
                n = photos,
                used
            ),
        },
        turned_down: (held && turned_down > 0).then(|| {
            say!("{n} was turned down: {why}." | "{n} were turned down: {why}.", n = turned_down, why = why.join(", "))
        }),
        allowed: (held && allowed > 0).then(|| {
            say!(
                "{n} was turned down and may be used all the same."
                    | "{n} were turned down and may be used all the same.",
                n = allowed
            )
        }),
    }))
}

#[derive(Deserialize)]
struct Permission {
    /// Left out: it is taken back.
    allowed: Option<String>,
}

/// `POST /app/admin/members/{id}/photos`
async fn allow(app: Data<App>, lead: Lead, id: Path<MemberId>, Form(form): Form<Permission>) -> Result<HttpResponse> {
    let (by, person, allowed) = (lead.actor(), id.clone(), form.allowed.is_some());
    let alike = app.config.checks.thresholds.alike;
    let changed = app.db.write(move |tx| {
        let member: Member = members::of_organization(tx, &by.organization, &person)?;
        let count = photos::allow_all(tx, &by, &member, allowed, alike)?;
        Ok((member, count))
    });
    match changed.await {
        Ok((member, count)) => {
            let name = member.called();
            let words = match allowed {
                true => say!(
                    "{n} photo of {name} may be used all the same." | "{n} photos of {name} may be used all the same.",
                    n = count,
                    name
                ),
                false => say!(
                    "{n} photo of {name} can't be used any more." | "{n} photos of {name} can't be used any more.",
                    n = count,
                    name
                ),
            };
            saying(&app, to(href(&id)), &words)
        }
        // Removed, submitted or allowed in another window meanwhile: the page says how things stand.
        Err(Error::Invalid(why)) => saying(&app, to(href(&id)), &why),
        Err(error) => Err(error),
    }
}
