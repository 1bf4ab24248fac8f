//! Invites. [002]

use actix_web::{
    HttpResponse,
    http::header::{self, ContentType},
    web::{Data, Path, Query},
};
use bytes::Bytes;
use serde::Deserialize;

use crate::{
    app::{App, replies::Reply},
    clock::Timestamp,
    db::View,
    error::{Error, Result},
    ids::{InviteId, OrganizationId},
    invites::{self, Listed, Page},
    members::Email,
    offboarding, organizations,
    web::{
        json::Json,
        key::{ApiKey, InvitesRead, InvitesWrite},
    },
    wire::{
        Pagination, Success,
        v2::{CreateInvite, Invited, Invites, ListedInvite, OneInvite, RevokeInvite, Revoked},
    },
};

/// Rows in a page when nothing is said.
const USUAL: u32 = 50;

/// Most rows in a page.
const MOST: i64 = 200;

/// How to page, as a query string has it.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    limit: Option<String>,
    offset: Option<String>,
    cursor: Option<String>,
}

impl Paging {
    /// Nothing said: the whole list. [002]
    fn parse(&self) -> Result<Option<Page>> {
        let number = |name: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => text
                .trim()
                .parse::<i64>()
                .map(Some)
                .map_err(|_| Error::invalid(format!("\"{name}\" has to be a whole number."))),
        };
        let after = match &self.cursor {
            None => None,
            Some(text) => Some(
                text.parse::<InviteId>()
                    .map_err(|_| Error::invalid("\"cursor\" has to be the nextCursor of an earlier page."))?,
            ),
        };
        let (limit, offset) = (number("limit", &self.limit)?, number("offset", &self.offset)?);
        if limit.is_none() && offset.is_none() && after.is_none() {
            return Ok(None);
        }
        let limit = limit.map_or(USUAL, |limit| u32::try_from(limit.clamp(1, MOST)).unwrap_or(USUAL));
        let offset = u32::try_from(offset.unwrap_or(0).max(0)).unwrap_or(u32::MAX);
        Ok(Some(Page { limit, offset, after }))
    }
}

/// `GET /api/v2/organization/invites`
pub(super) async fn list(app: Data<App>, key: ApiKey<InvitesRead>, query: Query<Paging>) -> Result<HttpResponse> {
    let organization = key.key.organization;
    let body = match query.parse()? {
        Some(page) => paged(&app, &organization, &page)?,
        None => app.db.scan(move |view| everything(view, &organization)).await?,
    };
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(body))
}

fn everything(view: &View, organization: &OrganizationId) -> Result<Bytes> {
    let invites = invites::list(view, organization)?.into_iter().map(|one| ListedInvite::new(one, view.now)).collect();
    written(Invites { invites, pagination: None })
}

/// One page; the same bytes again for as long as nothing in the organization's lists has changed.
fn paged(app: &App, organization: &OrganizationId, page: &Page) -> Result<Bytes> {
    let query = format!("{page:?}");
    app.db.read(|view| {
        let changes = organizations::changes(view, organization)?;
        if let Some(body) = app.replies.find(organization, &query, changes, view.now) {
            return Ok(body);
        }
        let (body, until) = one_page(view, organization, page)?;
        app.replies.keep(organization, &query, Reply { changes, until, body: body.clone() });
        Ok(body)
    })
}

fn one_page(view: &View, organization: &OrganizationId, page: &Page) -> Result<(Bytes, Option<Timestamp>)> {
    let wanted = page.limit as usize;
    let mut rows = invites::page(view, organization, &Page { limit: page.limit + 1, ..page.clone() })?;
    let has_more = rows.len() > wanted;
    rows.truncate(wanted);
    let until = next_expiry(&rows, view.now);
    let pagination = Pagination {
        total: organizations::get(view, organization)?.all_invites,
        limit: page.limit,
        offset: page.offset,
        has_more,
        next_cursor: rows.last().filter(|_| has_more).map(|row| row.id.to_string()),
    };
    let invites = rows.into_iter().map(|one| ListedInvite::new(one, view.now)).collect();
    Ok((written(Invites { invites, pagination: Some(pagination) })?, until))
}

/// When the first of these invites expires: from then on the page reads differently.
fn next_expiry(rows: &[Listed], now: Timestamp) -> Option<Timestamp> {
    rows.iter()
        .filter(|row| row.state == invites::State::Pending && row.expires_at > now)
        .map(|row| row.expires_at)
        .min()
}

fn written(invites: Invites) -> Result<Bytes> {
    Ok(serde_json::to_vec(&Success::from(invites))?.into())
}

/// `POST /api/v2/organization/invites`
pub(super) async fn create(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    Json(body): Json<CreateInvite>,
) -> Result<Json<Invited>> {
    let (by, new) = (key.key.actor(), body.parse()?);
    let invite = app.db.write(move |tx| invites::invite(tx, &by, &new)).await?;
    let link = app.urls.invite(&invite.id);
    Ok(Json(Invited::new(invite, link)))
}

/// `GET /api/v2/organization/invites/{email}`
pub(super) async fn show(app: Data<App>, key: ApiKey<InvitesRead>, email: Path<String>) -> Result<Json<OneInvite>> {
    let email: Email = email.parse().map_err(|_| Error::NotFound("Invite"))?;
    app.db.read(|view| {
        let invite = invites::live(view, &key.key.organization, &email)?.ok_or(Error::NotFound("Invite"))?;
        let progress = invites::progress(view, &invite)?;
        Ok(Json(OneInvite::new(invite, progress, view.now)))
    })
}

/// `POST /api/v2/organization/invites/revoke`
pub(super) async fn revoke(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    Json(body): Json<RevokeInvite>,
) -> Result<Json<Revoked>> {
    let (by, email) = (key.key.actor(), body.parse()?);
    let sent_back = email.clone();
    app.db.write(move |tx| offboarding::revoke(tx, &by, &email)).await?;
    Ok(Json(Revoked::new(sent_back)))
}
