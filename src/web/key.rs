//! Programs: the API key of a request, its scopes, and how often its organization has asked.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Data};
use futures::future::{Ready, ready};

use super::{cors, sender::Sender};
use crate::{
    app::App,
    auth::{self, Access, Area, Key},
    error::{Error, Result},
};

/// The key of a request, which has at least the scope `S`.
#[derive(Debug)]
pub struct ApiKey<S> {
    /// The key.
    pub key: Key,
    scope: PhantomData<S>,
}

/// What a route asks of a key.
pub trait Scope: 'static {
    /// About what.
    const AREA: Area;
    /// How far.
    const ACCESS: Access;
}

macro_rules! scopes {
    ($($name:ident: $area:ident, $access:ident;)+) => {
        $(
            #[doc = concat!("Asks for [`Area::", stringify!($area), "`] with [`Access::", stringify!($access), "`].")]
            #[derive(Debug)]
            pub struct $name;
            impl Scope for $name {
                const AREA: Area = Area::$area;
                const ACCESS: Access = Access::$access;
            }
        )+
    };
}

scopes! {
    OrganizationRead: Organization, Read;
    OrganizationWrite: Organization, Write;
    TeamsRead: Teams, Read;
    TeamsWrite: Teams, Write;
    InvitesRead: Invites, Read;
    InvitesWrite: Invites, Write;
    ModelsRead: Models, Read;
    ModelsWrite: Models, Write;
    PhotosRead: Photos, Read;
}

impl<S: Scope> FromRequest for ApiKey<S> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|key| {
            key.must_reach(S::AREA, S::ACCESS)?;
            Ok(Self { key, scope: PhantomData })
        }))
    }
}

/// Who is asking, and whether they may ask again so soon.
pub fn authenticate(request: &HttpRequest) -> Result<Key> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("a route without its app"))?;
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(text) = header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")))
    else {
        app.limits.address(request)?;
        return Err(Error::Unauthorized(say!("The API key is missing. Send it as: Authorization: Bearer API_KEY.")));
    };
    let found = app.db.read(|view| {
        let Some(key) = auth::program(view, text.trim())? else { return Ok(None) };
        let site = cors::listed(view, &key.organization, request)?;
        Ok(Some((key, site, view.now)))
    })?;
    let Some((key, site, now)) = found else {
        // Guessing keys is slow.
        app.limits.address(request)?;
        return Err(Error::Unauthorized(say!(
            "This API key is unknown, expired or deleted. Make a new one under API."
        )));
    };
    let (sender, allowance) = (Sender::of(request), app.limits.organization(&key.organization));
    sender.counted(allowance.clone());
    if let Some(site) = site {
        sender.is_on(site);
    }
    allowance.must_be_left()?;
    if key.stale(now) {
        let (db, id) = (app.db.clone(), key.id.clone());
        actix_web::rt::spawn(async move {
            if let Err(error) = db.write(move |tx| auth::mark_used(tx, &id)).await {
                tracing::warn!(error = error.trail(), "could not write down that a key was used");
            }
        });
    }
    Ok(key)
}
