//! Invites, for clients of v1. [004]

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use crate::{
    api::v2,
    app::App,
    error::{Error, Result},
    ids::InviteId,
    invites, members,
    web::{
        json::Json,
        key::{ApiKey, InvitesRead, InvitesWrite},
        list::List,
        once::Order,
    },
    wire::{
        v1::{Invites, ListedInvite, OneInvite},
        v2::{CreateInvite, Invited, RevokeInvite, Revoked},
    },
};

/// Invite someone
///
/// The same as creating an invite in v2.
#[utoipa::path(
    post, path = "/api/v1/organization/invite", tag = "API v1", operation_id = "v1CreateInvite",
    request_body = CreateInvite,
    responses((status = 200, description = "The invite was made and is being sent.", body = Invited)),
    security(("apiKey" = ["invites:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST INSUFFICIENT_CREDITS NOT_FOUND INVITE_LIMIT_EXCEEDED"))),
)]
pub(crate) async fn create(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    order: Order<CreateInvite>,
) -> Result<HttpResponse> {
    v2::invites::create(app, key, order).await
}

/// Revoke an invite
///
/// The same as in v2.
#[utoipa::path(
    post, path = "/api/v1/organization/invite/revoke", tag = "API v1", operation_id = "v1RevokeInvite",
    request_body = RevokeInvite,
    responses((status = 200, description = "The invite was revoked.", body = Revoked)),
    security(("apiKey" = ["invites:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn revoke(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    order: Order<RevokeInvite>,
) -> Result<HttpResponse> {
    v2::invites::revoke(app, key, order).await
}

/// List all invites
///
/// Newest first, each with whether it can still be accepted and whether it was.
#[utoipa::path(
    get, path = "/api/v1/organization/invites", tag = "API v1", operation_id = "v1ListInvites",
    responses((status = 200, description = "All invites.", body = Invites)),
    security(("apiKey" = ["invites:read"])),
)]
pub(crate) async fn list(app: Data<App>, key: ApiKey<InvitesRead>) -> Result<List> {
    let (organization, urls) = (key.key.organization, app.urls.clone());
    let invites = app
        .db
        .scan(move |view| {
            let all = invites::list(view, &organization)?.into_iter();
            Ok(all
                .map(|one| {
                    let link = urls.invite(&one.id);
                    ListedInvite::new(one, link, view.now)
                })
                .collect())
        })
        .await?;
    List::of(Invites { invites })
}

/// Get an invite by id
///
/// Where the invited person stands. Once the invite is used, the address is the one they have now.
#[utoipa::path(
    get, path = "/api/v1/organization/invite/id/{id}", tag = "API v1", operation_id = "v1GetInvite",
    params(("id" = InviteId, Path, description = "The invite.")),
    responses((status = 200, description = "The invite.", body = OneInvite)),
    security(("apiKey" = ["invites:read"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn show(app: Data<App>, key: ApiKey<InvitesRead>, id: Path<String>) -> Result<Json<OneInvite>> {
    let id: InviteId = id.parse().map_err(|_| Error::NotFound("Invite"))?;
    app.db.read(|view| {
        let invite = invites::of_organization(view, &key.key.organization, &id)?;
        let progress = invites::progress(view, &invite)?;
        let present = match &invite.member {
            Some(member) => members::get(view, member)?.email,
            None => None,
        };
        Ok(Json(OneInvite::new(invite, progress.as_ref(), present)))
    })
}
