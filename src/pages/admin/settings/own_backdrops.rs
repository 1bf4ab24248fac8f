//! Pictures of an organization's own to stand behind its people: added, renamed and removed on the page of headshots.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, Path, Payload, ServiceConfig},
};
use futures::StreamExt;
use serde::Deserialize;

use super::{
    Part,
    headshots::{Showing, screen},
};
use crate::{
    app::{App, uploads::Received},
    db::View,
    error::{Error, Result},
    generator::Scene,
    i18n::Message,
    ids::{BackdropId, OrganizationId},
    pages::{
        member::{Fields, backdrop_file, broken, name_of},
        to,
        undoing::leave,
        view::{Confirm, Field, saying},
    },
    photos::LARGEST,
    shoots,
    storage::BackdropFile,
    styles::{self, BackdropName, OwnBackdrop, Whose},
    undo::{As, Thing},
    web::{browser::Lead, get, resource},
};

/// Most bytes read of a form with one picture; what is beyond the largest is thrown away, so that the browser hears why.
const MOST_OF_ONE: usize = 4 * LARGEST;

/// Longer than any name that is taken, in bytes.
const MOST_OF_A_NAME: usize = 1024;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/headshots/backdrops", "POST").route(web::post().to(add)))
        .service(resource("/settings/headshots/backdrops/{id}", "POST").route(web::post().to(rename)))
        .service(resource("/settings/headshots/backdrops/{id}/remove", "POST").route(web::post().to(remove)))
        .service(resource("/settings/headshots/backdrops/{id}/thumbnail.jpg", "GET").route(get(thumbnail)));
}

/// What removing it means, for those who have chosen it; nothing to speak of if nobody has.
pub(super) fn consequences(view: &View, organization: &OrganizationId, own: &BackdropId) -> Result<Vec<Message>> {
    let choosers = shoots::choosers(view, organization, own)?;
    let mut words = Vec::new();
    if styles::set_for(view, organization, &Whose::Everyone)? == [Scene::Own(own.clone())] {
        words.push(say!("People choose from it alone at present: without it, they choose from all backdrops."));
    }
    if choosers.open > 0 {
        words.push(say!(
            "One person chose it and has not submitted yet: without another, they choose again."
                | "{n} people chose it and have not submitted yet: without another, they choose again.",
            n = choosers.open
        ));
    }
    if choosers.waiting > 0 {
        words.push(say!(
            "One person's headshots are being made: they get light grey instead."
                | "The headshots of {n} people are being made: they get light grey instead.",
            n = choosers.waiting
        ));
    }
    Ok(words)
}

/// Asked before it is removed, if that has consequences.
pub(super) fn question(view: &View, organization: &OrganizationId, own: &OwnBackdrop) -> Result<Confirm> {
    let consequences = consequences(view, organization, &own.id)?;
    let consequences = consequences.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    Ok(Confirm {
        title: say!("Remove the backdrop {name}", name = own.name).into(),
        words: say!(
            "The picture is deleted. Headshots already made before it stay as they are. {consequences}",
            consequences
        )
        .into(),
        action: format!("{}/backdrops/{}/remove", Part::Headshots.href(), own.id),
        button: say!("Remove backdrop").into(),
        cancel: Part::Headshots.href().to_owned(),
        name_to_type: None,
    })
}

/// `POST /app/admin/settings/headshots/backdrops`: `picture`, and `name` if it is to be called otherwise than its file.
async fn add(app: Data<App>, request: HttpRequest, lead: Lead, body: Payload) -> Result<HttpResponse> {
    let mut form = Fields::new(&request, body, MOST_OF_ONE);
    let mut typed = String::new();
    let added = async {
        let (received, file) = read(&app, &mut form, &mut typed).await?;
        let name = BackdropName::or_of_file(&typed, &file)?;
        app.uploads.keep_backdrop(&app.db, &app.storage, lead.actor(), name, received).await
    };
    match added.await {
        Ok(own) => {
            let everyone = app.db.read(|view| styles::offered_by(view, &own.organization, &Whose::Everyone))?;
            let words = match everyone.contains(&Scene::Own(own.id)) {
                true => say!("Added the backdrop {name}.", name = own.name),
                false => say!(
                    "Added the backdrop {name}. People can't choose it yet: tick it under What people choose from.",
                    name = own.name
                ),
            };
            saying(&app, to(Part::Headshots.href()), words)
        }
        Err(error @ (Error::Invalid(_) | Error::TooLarge(_) | Error::Unsupported(_) | Error::Unavailable(_))) => {
            // Only who has sent all of it hears the answer. The name may come after the picture.
            while let Some(Ok(mut field)) = form.next().await {
                if field.name() == Some("name") {
                    typed = text(&mut field).await.unwrap_or_default();
                }
            }
            let (new_name, refused) = (Field::new(typed), Some(error.to_string()));
            screen(&app, &request, &lead, Showing { new_name, refused, ..Showing::default() }, error.status())
        }
        Err(other) => Err(other),
    }
}

/// The picture and what its file is called; what was typed as its name goes to `typed`, also if something is wrong with the rest.
async fn read(app: &App, form: &mut Fields, typed: &mut String) -> Result<(Received, String)> {
    let mut received = None;
    while let Some(field) = form.next().await {
        let mut field = field?;
        match field.name() {
            Some("name") => *typed = text(&mut field).await?,
            Some("picture") if received.is_none() => {
                let file = name_of(&field);
                let (mut incoming, mut empty) = (app.uploads.open()?, true);
                while let Some(piece) = field.next().await {
                    let piece = piece.map_err(broken)?;
                    empty &= piece.is_empty();
                    incoming.add(&piece).await?;
                }
                if !empty {
                    received = Some((incoming.finish(file.clone()).await?, file));
                }
            }
            _ => {}
        }
    }
    received.ok_or_else(|| Error::invalid(say!("Choose a picture first.")))
}

async fn text(field: &mut actix_multipart::Field) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.next().await {
        bytes.extend_from_slice(&piece.map_err(broken)?);
        if bytes.len() > MOST_OF_A_NAME {
            return Err(Error::invalid(say!(
                "A backdrop needs a name of 1 to {longest} characters.",
                longest = BackdropName::LONGEST
            )));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    rename: String,
}

/// `POST /app/admin/settings/headshots/backdrops/{id}`
async fn rename(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<BackdropId>,
    Form(form): Form<Named>,
) -> Result<HttpResponse> {
    let (by, own) = (lead.actor(), id.clone());
    let renamed = match BackdropName::parse(&form.rename) {
        Ok(name) => app.db.write(move |tx| styles::rename(tx, &by, &own, &name)).await,
        Err(error) => Err(error),
    };
    match renamed {
        Ok(()) => {
            let words = say!("Renamed the backdrop to {name}.", name = form.rename.trim());
            saying(&app, to(Part::Headshots.href()), words)
        }
        Err(error @ Error::Invalid(_)) => {
            let renaming = Some((id.into_inner(), Some(Field::wrong(form.rename, &error))));
            screen(&app, &request, &lead, Showing { renaming, ..Showing::default() }, error.status())
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/settings/headshots/backdrops/{id}/remove`
async fn remove(app: Data<App>, lead: Lead, id: Path<BackdropId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let own = app.db.read(|view| styles::get(view, &lead.member.organization, &id))?;
    let (what, back) = (say!("the backdrop {name}", name = own.name), Part::Headshots.href().to_owned());
    leave(&app, &lead.member, As::Lead, Thing::Backdrop(id), what, back).await
}

/// `GET /app/admin/settings/headshots/backdrops/{id}/thumbnail.jpg`
async fn thumbnail(app: Data<App>, lead: Lead, id: Path<BackdropId>) -> Result<HttpResponse> {
    backdrop_file(&app, &lead.member.organization, &id, BackdropFile::Thumbnail).await
}
