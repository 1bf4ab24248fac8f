//! Who will see a refusal. People whom another product lets in never read our name, on a page that refuses no more than on
//! any other.

use actix_web::{HttpRequest, dev::ServiceRequest, http::header};

use super::{
    browser::{self, is_member_page},
    frames::Frames,
};
use crate::{
    app::App,
    auth,
    organizations::{self, Organization},
};

/// To whom a refusal is shown.
#[derive(Debug)]
pub enum Audience {
    /// Someone of ours.
    Own,
    /// Someone whom another product lets in, through this organization if it is still known, and whose pages may be around ours.
    Embedded(Option<(Box<Organization>, Frames)>),
}

/// What is kept of a request to tell that once the request itself is gone.
#[derive(Debug)]
pub struct Traces {
    embedded: bool,
    /// The cookie of a session inside another product, if it has come along; also of one that is over.
    cookie: Option<String>,
}

impl Traces {
    /// Of a request that may have to be refused.
    pub fn of(request: &ServiceRequest, app: &App) -> Self {
        let request = request.request();
        let cookie = browser::embedded_cookie_of(request, app)
            .filter(|_| is_member_page(request.path()) || browser::cookie_of(request, app).is_none());
        Self { embedded: cookie.is_some() || on_neutral_host(request, app), cookie }
    }

    /// Who will see the refusal, and who may show it in a frame.
    pub fn audience(&self, app: &App) -> (Audience, Option<Frames>) {
        if !self.embedded {
            return (Audience::Own, None);
        }
        // A refusal is shown also when the database can't be read.
        let known = self.cookie.as_ref().and_then(|cookie| {
            let found = app.db.read(|view| match auth::organization_of_embedded(view, cookie)? {
                Some(id) => organizations::get(view, &id).map(Some),
                None => Ok(None),
            });
            found.ok().flatten()
        });
        let development = app.dev.is_some();
        let frames = (known.is_some() || development).then(|| Frames::of(known.as_ref(), development));
        (Audience::Embedded(known.map(Box::new).zip(frames.clone())), frames)
    }
}

/// Whether a request came to the brand-neutral host.
pub fn on_neutral_host(request: &HttpRequest, app: &App) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| app.urls.is_neutral(host))
}
