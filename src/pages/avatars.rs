//! Pictures for other sites: a member's avatar at an address that stays, and an organization's logo. Anyone may see them who has
//! the address; no cookie is read or set.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, CacheControl, CacheDirective},
    web::{Data, Path, Query, ServiceConfig},
};
use bytes::Bytes;
use serde::Deserialize;

use crate::{
    app::{App, portraits::Order},
    db::View,
    error::{Error, Result},
    ids::OrganizationId,
    members::{self, Avatar, Kind, Member},
    organizations,
    profile_pictures::{self, Design, Format},
    results,
    storage::Key,
    web::{assets, get, list::is_known, resource},
};

/// Seconds a picture may be kept without asking. With [`STALE`] it makes a minute, after which another favourite shows and a deleted
/// headshot is gone.
const FRESH: u32 = 30;

/// Seconds it may then still be shown while the new one is fetched.
const STALE: u32 = 30;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/avatars/{avatar}", "GET").route(get(avatar)))
        .service(resource("/brand/{organization}/logo.png", "GET").route(get(logo)));
}

/// Where a member's avatar is, for anyone: on the brand-neutral host if they came from another product.
pub(super) fn address(app: &App, member: &Member, avatar: &Avatar) -> String {
    match member.kind {
        Kind::Anonymous => format!("{}/avatars/{avatar}", app.urls.whitelabel_origin()),
        Kind::Personal | Kind::Managed => app.urls.page(&format!("/avatars/{avatar}")),
    }
}

/// A member's avatar, made if there is none; nothing while the organization has switched them off.
pub(super) async fn avatar_of(app: &App, member: &Member) -> Result<Option<Avatar>> {
    let known = app.db.read(|view| {
        let on = organizations::get(view, &member.organization)?.avatars;
        Ok((on, members::avatar(view, &member.id)?))
    })?;
    match known {
        (false, _) => Ok(None),
        (true, Some(avatar)) => Ok(Some(avatar)),
        (true, None) => {
            let id = member.id.clone();
            app.db.write(move |tx| members::avatar_for(tx, &id)).await.map(Some)
        }
    }
}

#[derive(Deserialize)]
struct Wish {
    size: Option<String>,
    /// The headshot's square as it is, without the look of the first template.
    plain: Option<String>,
    /// `404`: no silhouette where there is no favourite.
    fallback: Option<String>,
}

/// `GET /avatars/{avatar}?size=256&plain=1&fallback=404`
async fn avatar(app: Data<App>, request: HttpRequest, id: Path<String>, wish: Query<Wish>) -> Result<HttpResponse> {
    let size = profile_pictures::avatar_size(wish.size.as_deref())?;
    let order = app.db.read(|view| order(view, &id, size, &wish))?;
    let tag = order.tag();
    if is_known(request.headers(), &tag) {
        return Ok(for_other_sites(&mut HttpResponse::NotModified(), &tag).finish());
    }
    let bytes = app.portraits.draw(&order).await?;
    Ok(for_other_sites(&mut HttpResponse::Ok(), &tag).content_type(order.format().mime()).body(bytes))
}

fn order(view: &View, id: &str, size: u32, wish: &Wish) -> Result<Order> {
    let gone = || Error::NotFound("Picture");
    let member = members::by_avatar(view, &id.parse()?)?;
    let organization = organizations::get(view, &member.organization)?;
    if !organization.avatars {
        return Err(gone());
    }
    let favourite = results::newest_favorite(view, &member.id)?;
    if favourite.is_none() && wish.fallback.as_deref() == Some("404") {
        return Err(gone());
    }
    let pinned = match &favourite {
        Some(favourite) => profile_pictures::pinned(view, &member.id, &favourite.id)?,
        None => None,
    };
    let look = match (&wish.plain, pinned) {
        (Some(_), _) => None,
        (None, Some(older)) => older,
        (None, None) => profile_pictures::look(view, &organization.id)?,
    };
    let design = look.map_or_else(|| Design::plain(size), |look| look.at(size));
    let format = Format::of(&design);
    Order::new(view, &organization, favourite.as_ref(), design, format)
}

/// What lets another site show it, and keep it a minute.
fn for_other_sites<'a>(answer: &'a mut HttpResponseBuilder, tag: &str) -> &'a mut HttpResponseBuilder {
    answer
        .insert_header((header::ETAG, tag))
        .insert_header(CacheControl(vec![
            CacheDirective::Public,
            CacheDirective::MaxAge(FRESH),
            CacheDirective::Extension("stale-while-revalidate".into(), Some(STALE.to_string())),
        ]))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    harmless(answer)
}

/// Shown anywhere, and nothing but a picture, even opened on its own.
fn harmless(answer: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    answer
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
}

#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    v: String,
}

/// `GET /brand/{organization}/logo.png?v=…`: for good under its version, for a minute otherwise.
async fn logo(app: Data<App>, id: Path<String>, version: Query<Version>) -> Result<HttpResponse> {
    let gone = || Error::NotFound("Picture");
    let id: OrganizationId = id.parse().map_err(|_| gone())?;
    let current = app.db.read(|view| organizations::brand_of(view, &id))?.ok_or_else(gone)?;
    let bytes: Bytes = app.storage.get(Key::Logo(&id)).await?.ok_or_else(gone)?;
    let mut answer = HttpResponse::Ok();
    if version.v == current {
        answer.insert_header(assets::for_good());
    } else {
        answer.insert_header(CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(FRESH)]));
    }
    Ok(harmless(&mut answer).content_type("image/png").body(bytes))
}
