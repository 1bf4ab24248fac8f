//! Invites. [002]

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};

use crate::{
    app::{
        App,
        replies::{Reply, Written},
    },
    clock::Timestamp,
    db::{View, Window},
    error::{Error, Result},
    ids::{InviteId, OrganizationId},
    invites::{self, Listed},
    members::Email,
    offboarding, organizations,
    web::{
        json::Json,
        key::{ApiKey, InvitesRead, InvitesWrite},
        list::List,
        once::Order,
        paging::Paging,
    },
    wire::{
        Pagination,
        v2::{CreateInvite, Invited, Invites, ListedInvite, OneInvite, RevokeInvite, Revoked},
    },
};

/// List invites
///
/// Newest first: all of them or, with `limit`, `offset` or `cursor`, one page.
#[utoipa::path(
    get, path = "/api/v2/organization/invites", tag = "Invites", operation_id = "listInvites",
    params(Paging),
    responses((status = 200, description = "The invites.", body = Invites)),
    security(("apiKey" = ["invites:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn list(app: Data<App>, key: ApiKey<InvitesRead>, query: Query<Paging>) -> Result<List> {
    let organization = key.key.organization;
    let written = match query.asked()? {
        Some(page) => paged(&app, &organization, &page)?,
        None => app.db.scan(move |view| everything(view, &organization)).await?,
    };
    Ok(List(written))
}

fn everything(view: &View, organization: &OrganizationId) -> Result<Written> {
    let invites = invites::list(view, organization)?.into_iter().map(|one| ListedInvite::new(one, view.now)).collect();
    Written::of(Invites { invites, pagination: None })
}

/// One page; the same bytes again for as long as nothing in the organization's lists has changed.
fn paged(app: &App, organization: &OrganizationId, page: &Window<InviteId>) -> Result<Written> {
    let query = format!("{page:?}");
    app.db.read(|view| {
        let changes = organizations::changes(view, organization)?;
        if let Some(written) = app.replies.find(organization, &query, changes, view.now) {
            return Ok(written);
        }
        let (written, until) = one_page(view, organization, page)?;
        app.replies.keep(organization, &query, Reply { changes, until, written: written.clone() });
        Ok(written)
    })
}

fn one_page(
    view: &View,
    organization: &OrganizationId,
    page: &Window<InviteId>,
) -> Result<(Written, Option<Timestamp>)> {
    let (rows, more) = page.read(|page| invites::page(view, organization, page))?;
    let until = next_expiry(&rows, view.now);
    let total = organizations::get(view, organization)?.all_invites;
    let pagination = Pagination::new(total, page, rows.last().filter(|_| more).map(|row| &row.id));
    let invites = rows.into_iter().map(|one| ListedInvite::new(one, view.now)).collect();
    Ok((Written::of(Invites { invites, pagination: Some(pagination) })?, until))
}

/// When the first of these invites expires: from then on the page reads differently.
fn next_expiry(rows: &[Listed], now: Timestamp) -> Option<Timestamp> {
    rows.iter()
        .filter(|row| row.state == invites::State::Pending && row.expires_at > now)
        .map(|row| row.expires_at)
        .min()
}

/// Invite someone
///
/// They get a mail with a link that signs them in without a password. The invite lives for 30 days. It costs nothing yet: a
/// credit is taken when they submit their photos. At most twice as many invites as you have credits can be pending.
#[utoipa::path(
    post, path = "/api/v2/organization/invites", tag = "Invites", operation_id = "createInvite",
    request_body = CreateInvite,
    responses((status = 200, description = "The invite was made and is being sent.", body = Invited)),
    security(("apiKey" = ["invites:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST INSUFFICIENT_CREDITS NOT_FOUND INVITE_LIMIT_EXCEEDED"))),
)]
pub(crate) async fn create(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    Order { body, once }: Order<CreateInvite>,
) -> Result<HttpResponse> {
    let (by, new, urls) = (key.key.actor(), body.parse()?, app.urls.clone());
    once.answer(&app, &key.key.organization, move |tx| {
        let invite = invites::invite(tx, &by, &new)?;
        let link = urls.invite(&invite.id);
        Ok(Invited::new(invite, link))
    })
    .await
}

/// Get an invite by address
///
/// By the address that was invited, or by the one the person has now. If an address has several invites, the newest live one
/// answers.
#[utoipa::path(
    get, path = "/api/v2/organization/invites/{email}", tag = "Invites", operation_id = "getInvite",
    params(("email" = Email, Path, description = "The address.")),
    responses((status = 200, description = "The invite.", body = OneInvite)),
    security(("apiKey" = ["invites:read"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn show(app: Data<App>, key: ApiKey<InvitesRead>, email: Path<String>) -> Result<Json<OneInvite>> {
    let email: Email = email.parse().map_err(|_| Error::NotFound("Invite"))?;
    app.db.read(|view| {
        let invite = invites::live(view, &key.key.organization, &email)?.ok_or(Error::NotFound("Invite"))?;
        let progress = invites::progress(view, &invite)?;
        Ok(Json(OneInvite::new(invite, progress, view.now)))
    })
}

/// Revoke an invite
///
/// Takes it back for good, with the member and the model it led to. A credit comes back if generating has not begun.
#[utoipa::path(
    post, path = "/api/v2/organization/invites/revoke", tag = "Invites", operation_id = "revokeInvite",
    request_body = RevokeInvite,
    responses((status = 200, description = "The invite was revoked.", body = Revoked)),
    security(("apiKey" = ["invites:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn revoke(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    Order { body, once }: Order<RevokeInvite>,
) -> Result<HttpResponse> {
    let (by, email) = (key.key.actor(), body.parse()?);
    once.answer(&app, &key.key.organization, move |tx| {
        offboarding::revoke(tx, &by, &email)?;
        Ok(Revoked::new(email))
    })
    .await
}
