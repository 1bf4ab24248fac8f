//! What leads do to endpoints.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};

use super::{
    Fresh, Section, Showing, delivery,
    endpoints::{EndpointForm, Posted},
    screen,
};
use crate::{
    app::App,
    error::{Error, Result},
    events::Kind,
    i18n::Message,
    ids::EndpointId,
    pages::{to, undoing::leave, view::saying},
    undo::{As, Thing},
    web::browser::Lead,
    webhooks::{self, Made, Target},
    wire::events::{EndpointEvent, TEST},
};

type Fields = Form<Vec<(String, String)>>;

/// `POST /app/admin/webhooks`: answers with the secret, because it can be read this once only.
pub(super) async fn add(app: Data<App>, request: HttpRequest, lead: Lead, form: Fields) -> Result<HttpResponse> {
    let posted = Posted::read(form.into_inner());
    let made = match allowed(&app, &posted).await {
        Ok((target, kinds)) => {
            let (by, key) = (lead.actor(), app.key.clone());
            app.db.write(move |tx| webhooks::create(tx, &by, &key, &target, &kinds)).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => {
            let words = say!("Copy it now, it won't be shown again. Your receiver needs it to know what is ours.");
            secret(&app, &request, &lead, made, words).await
        }
        Err(error @ Error::Invalid(_)) => {
            again(&app, &request, &lead, EndpointForm::new().again(posted, &error), error.status()).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/webhooks/{id}`
pub(super) async fn change(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<EndpointId>,
    form: Fields,
) -> Result<HttpResponse> {
    let posted = Posted::read(form.into_inner());
    let endpoint = app.db.read(|view| webhooks::of_organization(view, &lead.member.organization, &id))?;
    let changed = match allowed(&app, &posted).await {
        Ok((target, kinds)) => {
            let by = lead.actor();
            app.db.write(move |tx| webhooks::change(tx, &by, &id, &target, &kinds)).await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(_) => {
            saying(&app, to(Section::Webhooks.href()), say!("Saved. What waits goes to where the endpoint is now."))
        }
        Err(error @ Error::Invalid(_)) => {
            again(&app, &request, &lead, EndpointForm::of(&endpoint).again(posted, &error), error.status()).await
        }
        Err(error) => Err(error),
    }
}

/// Where to and what for, once the address has been found to be one that may be posted to.
async fn allowed(app: &App, posted: &Posted) -> Result<(Target, Vec<Kind>)> {
    let (kinds, target) = (posted.kinds()?, Target::parse(&posted.url)?);
    app.outbound.must_be_allowed(target.url()).await?;
    Ok((target, kinds))
}

async fn again(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    form: EndpointForm,
    status: StatusCode,
) -> Result<HttpResponse> {
    screen(app, request, lead, Showing { form: Some(form), ..Showing::default() }, status).await
}

async fn secret(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    made: Made,
    words: Message,
) -> Result<HttpResponse> {
    let fresh = Fresh { title: say!("The secret of {url}", url = made.endpoint.url), words, secret: made.secret };
    screen(app, request, lead, Showing { fresh: Some(fresh), ..Showing::default() }, StatusCode::OK).await
}

/// `POST /app/admin/webhooks/{id}/rotate`: answers with the new secret.
pub(super) async fn rotate(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<EndpointId>,
) -> Result<HttpResponse> {
    let (by, key) = (lead.actor(), app.key.clone());
    let made = app.db.write(move |tx| webhooks::rotate(tx, &by, &key, &id)).await?;
    let words = say!(
        "Copy it now, it won't be shown again. The old one works for 24 more hours: until then both sign each delivery."
    );
    secret(&app, &request, &lead, made, words).await
}

/// `POST /app/admin/webhooks/{id}/remove`
pub(super) async fn remove(app: Data<App>, lead: Lead, id: Path<EndpointId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let endpoint = app.db.read(|view| webhooks::of_organization(view, &lead.member.organization, &id))?;
    let what = say!("the endpoint {url} and its log", url = endpoint.url);
    let back = Section::Webhooks.href().to_owned();
    leave(&app, &lead.member, As::Lead, Thing::Endpoint(id), what, back).await
}

/// `POST /app/admin/webhooks/{id}/off`
pub(super) async fn switch_off(app: Data<App>, lead: Lead, id: Path<EndpointId>) -> Result<HttpResponse> {
    let by = lead.actor();
    app.db.write(move |tx| webhooks::switch_off(tx, &by, &id)).await?;
    saying(&app, to(Section::Webhooks.href()), say!("Switched the endpoint off."))
}

/// `POST /app/admin/webhooks/{id}/on`
pub(super) async fn switch_on(app: Data<App>, lead: Lead, id: Path<EndpointId>) -> Result<HttpResponse> {
    let by = lead.actor();
    app.db.write(move |tx| webhooks::enable(tx, &by, &id)).await?;
    let words = say!("Switched the endpoint on. Replay what it missed, if it should still hear of it.");
    saying(&app, to(Section::Webhooks.href()), words)
}

/// `POST /app/admin/webhooks/{id}/test`: leads to the delivery, where what comes back is seen.
pub(super) async fn test(app: Data<App>, lead: Lead, id: Path<EndpointId>) -> Result<HttpResponse> {
    let endpoint = app.db.read(|view| webhooks::of_organization(view, &lead.member.organization, &id))?;
    // Its address may be allowed no more, and better said now than in the log.
    if let Ok(target) = Target::parse(&endpoint.url) {
        app.outbound.must_be_allowed(target.url()).await?;
    }
    let by = lead.actor();
    let sent = app
        .db
        .write(move |tx| {
            let endpoint = webhooks::of_organization(tx, &by.organization, &id)?;
            webhooks::try_out(tx, &by, &endpoint, &EndpointEvent::message(TEST, &endpoint, tx.now)?)
        })
        .await?;
    Ok(to(delivery::address(&sent.id)))
}
