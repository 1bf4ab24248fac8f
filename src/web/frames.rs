//! Who may show a page in a frame: nobody, except for the pages of an anonymous member, which belong into the product that
//! their organization names.

use actix_web::{HttpMessage, HttpRequest};

use crate::{
    app::App,
    db::View,
    error::Result,
    ids::OrganizationId,
    organizations::{self, Organization, Origins},
};

/// Development mode's own, as long as an organization names none: the page of a first try is on some port of the same machine.
const FIRST_TRY: [&str; 2] = ["http://localhost:*", "http://127.0.0.1:*"];

/// The sites that may show an answer in a frame. Goes along with the request until it is answered; without it, none may.
#[derive(Clone, Debug)]
pub struct Frames(String);

impl Frames {
    /// Those an organization has named, and we ourselves; none are named where the organization isn't known.
    pub fn of(organization: Option<&Organization>, development: bool) -> Self {
        let named = organization.map(|organization| &organization.embed_origins);
        let named: Vec<&str> = named.into_iter().flat_map(Origins::iter).collect();
        let first_try: &[&str] = if named.is_empty() && development { &FIRST_TRY } else { &[] };
        Self([&["'self'"], &named[..], first_try].concat().join(" "))
    }

    /// The sites beside our own.
    pub fn others(&self) -> String {
        self.0.trim_start_matches("'self'").trim_start().to_owned()
    }

    /// As `frame-ancestors` takes them.
    pub fn sources(&self) -> &str {
        &self.0
    }
}

/// Lets the sites of an organization show the answer to this request in a frame.
pub fn allow(request: &HttpRequest, app: &App, view: &View, organization: &OrganizationId) -> Result<()> {
    let organization = organizations::get(view, organization)?;
    request.extensions_mut().insert(Frames::of(Some(&organization), app.dev.is_some()));
    Ok(())
}
