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
    ids::MemberId,
    members::{self, Member},
    pages::{
        to,
        view::{counted, saying},
    },
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
    pub(super) words: String,
    /// `2 were turned down: blurred, too dark.` Can be allowed.
    pub(super) turned_down: Option<String>,
    /// `2 were turned down, and are allowed.` Can be taken back.
    pub(super) allowed: Option<String>,
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
    let were = |count: usize| if count == 1 { "1 was".to_owned() } else { format!("{count} were") };
    let troubles: Vec<String> = troubles.into_iter().map(trouble).collect();
    Ok(Some(Waiting {
        words: match used {
            0 => format!("{}, not submitted yet. None can be used.", counted(photos as u64, "photo")),
            _ => format!("{}, not submitted yet. {used} can be used.", counted(photos as u64, "photo")),
        },
        turned_down: (held && turned_down > 0)
            .then(|| format!("{} turned down: {}.", were(turned_down), troubles.join(", "))),
        allowed: (held && allowed > 0).then(|| format!("{} turned down and may be used all the same.", were(allowed))),
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
    let changed = app.db.write(move |tx| {
        let member: Member = members::of_organization(tx, &by.organization, &person)?;
        let count = photos::allow_all(tx, &by, &member, allowed)?;
        Ok((member, count))
    });
    match changed.await {
        Ok((member, count)) => {
            let count = counted(count as u64, "photo");
            let words = match allowed {
                true => format!("{count} of {} may be used all the same.", member.called()),
                false => format!("{count} of {} can't be used any more.", member.called()),
            };
            saying(&app, to(href(&id)), &words)
        }
        // Removed, submitted or allowed in another window meanwhile: the page says how things stand.
        Err(Error::Invalid(why)) => saying(&app, to(href(&id)), &why),
        Err(error) => Err(error),
    }
}
