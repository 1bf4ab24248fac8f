//! What can stand behind people, as the onboarding shows it: everyone's backdrops are drawn, an organization's own are pictures.

use actix_web::{
    HttpResponse,
    web::{Data, Path, ServiceConfig},
};

use super::picture;
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    generator::Scene,
    ids::{BackdropId, OrganizationId},
    storage::{BackdropFile, Key},
    styles::{self, Names},
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/backdrops/{id}/thumbnail.jpg", "GET").route(get(thumbnail)))
        .service(resource("/team-member/backdrops/{id}/picture.jpg", "GET").route(get(whole)));
}

/// One of them, to pick or picked.
pub(super) struct SceneView {
    pub(super) value: String,
    pub(super) words: String,
    pub(super) chosen: bool,
    /// Where it is seen, if it is a picture that is still there.
    pub(super) picture: Option<String>,
    /// Their team doesn't choose from it: it is there for the lead alone.
    pub(super) beyond: bool,
}

impl SceneView {
    pub(super) fn new(who: &SignedIn, names: &Names, scene: &Scene, chosen: bool) -> Self {
        let picture = match scene {
            Scene::Own(id) => Some(who.at(&format!("/backdrops/{id}/thumbnail.jpg"))),
            Scene::Drawn(_) => None,
        };
        Self { value: scene.to_string(), words: names.shown(scene).to_string(), chosen, picture, beyond: false }
    }
}

/// What is chosen from on these pages, of what the generator can show: by the member themselves, or by a lead for them, who has all
/// that the organization allows. If it can show none of it, it is all of it: nobody could go on otherwise.
pub(super) fn offered(view: &View, app: &App, who: &SignedIn) -> Result<Vec<Scene>> {
    let can = app.generator.capabilities();
    let all = match who.for_another() {
        true => styles::offered_to_leads(view, &who.member)?,
        false => styles::offered(view, &who.member)?,
    };
    let (shown, hidden): (Vec<Scene>, Vec<Scene>) = all.into_iter().partition(|scene| can.shows(scene));
    Ok(if shown.is_empty() { hidden } else { shown })
}

/// `GET /team-member/backdrops/{id}/thumbnail.jpg`
async fn thumbnail(app: Data<App>, who: SignedIn, id: Path<BackdropId>) -> Result<HttpResponse> {
    file(&app, &who.member.organization, &id, BackdropFile::Thumbnail).await
}

/// `GET /team-member/backdrops/{id}/picture.jpg`
async fn whole(app: Data<App>, who: SignedIn, id: Path<BackdropId>) -> Result<HttpResponse> {
    file(&app, &who.member.organization, &id, BackdropFile::Picture).await
}

/// A file of an organization's own backdrop. Whoever belongs to another one learns as little as if it never was.
pub(in crate::pages) async fn file(
    app: &App,
    organization: &OrganizationId,
    id: &BackdropId,
    file: BackdropFile,
) -> Result<HttpResponse> {
    app.db.read(|view| styles::get(view, organization, id))?;
    let bytes = app.storage.get(Key::Backdrop(id, file)).await?;
    Ok(picture(bytes.ok_or(Error::NotFound("Backdrop"))?))
}
