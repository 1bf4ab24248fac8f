//! An invite is taken back: at once if nobody has accepted it, and after a question if a person or pictures go with it.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Form, Path, Query},
};
use serde::Deserialize;

use super::{Chosen, Typed, Wrong, shown_again};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::{InviteId, OrganizationId},
    invites::{self, Invite},
    pages::{undoing::leave, view::Confirm},
    shoots,
    undo::{As, Thing},
    web::browser::Lead,
};

/// Asked before an invite is taken back: says what goes with it, and for a person wants the address typed.
pub(super) fn question(
    view: &View,
    organization: &OrganizationId,
    id: &InviteId,
    chosen: &Chosen,
    wrong: Option<&Error>,
) -> Result<Confirm> {
    let invite = invites::of_organization(view, organization, id)?;
    let goes = what_goes(view, &invite)?;
    Ok(Confirm {
        title: say!("Revoke the invite of {email}", email = invite.email.as_str()).to_string(),
        words: match wrong {
            Some(error) => format!("{error} {goes}"),
            None => goes.to_string(),
        },
        action: chosen.action(id, "revoke"),
        button: say!("Revoke invite").to_string(),
        cancel: chosen.list(),
        name_to_type: invite.member.is_some().then(|| invite.email.to_string()),
    })
}

fn what_goes(view: &View, invite: &Invite) -> Result<Message> {
    if invite.member.is_none() && invite.shoot.is_some() {
        return Ok(say!("They have left your organization. What is left of their pictures here is deleted for good."));
    }
    if invite.member.is_none() {
        return Ok(say!("Their link stops working. They can be invited again later."));
    }
    use shoots::State::{Failed, Generating, Onboarding, Ready, Submitted, Training};
    let state = invites::progress(view, invite)?.map(|progress| progress.state);
    Ok(match state {
        Some(Onboarding) => say!(
            "They have joined. Their access ends at once, and their account, the photos they added and all personal data are deleted for good."
        ),
        Some(Submitted | Training) => say!(
            "They have joined. Their access ends at once, and their account, their photos and all personal data are deleted for good. Their credit comes back, because generating has not begun."
        ),
        Some(Generating) => say!(
            "They have joined. Their access ends at once, and their account, their photos and headshots and all personal data are deleted for good. Their credit does not come back, because generating has begun."
        ),
        Some(Ready) => say!(
            "They have joined. Their access ends at once, and their account, their photos and headshots and all personal data are deleted for good. Their credit does not come back."
        ),
        Some(Failed) => say!(
            "They have joined. Their access ends at once, and their account, their photos and all personal data are deleted for good."
        ),
        Some(shoots::State::Deleted) | None => say!(
            "They have joined. Their access ends at once, and their account, all that is left of their pictures and all personal data are deleted for good."
        ),
    })
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    confirm: String,
}

/// `POST /app/admin/invites/{id}/revoke`
pub(super) async fn revoke(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<InviteId>,
    Query(chosen): Query<Chosen>,
    Form(form): Form<Confirmed>,
) -> Result<HttpResponse> {
    let invite = app.db.read(|view| invites::of_organization(view, &lead.member.organization, &id))?;
    if invite.member.is_some() && form.confirm.trim().to_lowercase() != invite.email.as_str() {
        let wrong = Error::invalid(say!("What you typed is not the address, so nothing was revoked."));
        let chosen = Chosen { revoke: Some(id.to_string()), ..chosen };
        let typed = Typed::default();
        return shown_again(
            &app,
            &request,
            &lead,
            &chosen,
            &typed,
            Wrong { revoking: Some(&wrong), ..Wrong::default() },
            wrong.status(),
        )
        .await;
    }
    let id = id.into_inner();
    let thing = match invite.member.is_some() || invite.shoot.is_some() {
        true => Thing::Accepted(id),
        false => Thing::Invite(id),
    };
    let what = say!("the invite of {email}", email = invite.email.as_str());
    leave(&app, &lead.member, As::Lead, thing, what, chosen.list()).await
}
