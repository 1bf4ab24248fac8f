//! How public pictures stand to the look there is: those about to be brought up to date, and those that keep an older one.

use actix_web::{
    HttpResponse,
    web::{self, Data, ServiceConfig},
};

use super::Part;
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::OrganizationId,
    pages::{
        to,
        view::{When, saying},
    },
    profile_pictures::{self, Round},
    web::{browser::Lead, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/settings/profile-pictures/update", "POST").route(web::post().to(update)));
}

/// How public pictures stand to their look.
pub(super) struct Standing {
    /// `12 of 40 brought up to date`, while a round goes on.
    pub(super) round: Option<Going>,
    /// What the last round did.
    pub(super) over: Option<Message>,
    /// `28 public pictures keep an older look.`
    pub(super) outdated: Option<Message>,
}

pub(super) struct Going {
    pub(super) words: Message,
    pub(super) done: u32,
    pub(super) pictures: u32,
}

impl Standing {
    pub(super) fn of(view: &View, organization: &OrganizationId) -> Result<Self> {
        let round = profile_pictures::round(view, organization)?;
        let outdated = profile_pictures::outdated(view, organization)?;
        let (going, over) = match round {
            Some(Round { pictures, done, finished_at: None }) => {
                let words = say!(
                    "{done} of {n} public picture brought up to date"
                        | "{done} of {n} public pictures brought up to date",
                    n = pictures,
                    done
                );
                (Some(Going { words, done, pictures }), None)
            }
            Some(Round { done, finished_at: Some(at), .. }) => {
                let words = say!(
                    "Brought {n} public picture up to date. {when}."
                        | "Brought {n} public pictures up to date. {when}.",
                    n = done,
                    when = When::ago(at, view.now).words
                );
                (None, Some(words))
            }
            None => (None, None),
        };
        Ok(Self {
            round: going,
            over,
            outdated: (outdated > 0).then(|| {
                say!(
                    "{n} public picture keeps an older look." | "{n} public pictures keep an older look.",
                    n = outdated
                )
            }),
        })
    }
}

/// `POST /app/admin/settings/profile-pictures/update`: all public pictures that keep an older look.
async fn update(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let by = lead.actor();
    let words = match app.db.write(move |tx| profile_pictures::bring_up_to_date(tx, &by)).await {
        Ok(pictures) => say!(
            "{n} public picture will have the new look in a moment."
                | "{n} public pictures will have the new look in a moment.",
            n = pictures
        ),
        Err(Error::Invalid(why)) => why,
        Err(other) => return Err(other),
    };
    saying(&app, to(Part::ProfilePictures.href()), words)
}
