//! Privacy as leads see it: the consent in force, and the receipts of what was deleted.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Part, consent::Standing};
use crate::{
    app::App,
    db,
    error::Result,
    ids::ReceiptId,
    organizations,
    pages::{
        admin::{Nav, ROWS, Section, Tab, frame, pager, said},
        filters,
        receipts::{ReceiptView, as_text},
        shown,
        view::{Page, Pager},
    },
    receipts::{self, Receipt},
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/privacy", "GET").route(get(list)))
        .service(resource("/settings/privacy/receipts/{id}.txt", "GET").route(get(receipt)));
}

#[derive(Template)]
#[template(path = "admin/privacy.html")]
struct Privacy {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    consent: Standing,
    receipts: Vec<ReceiptView>,
    pager: Pager,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chosen {
    after: Option<String>,
    before: Option<String>,
}

/// `GET /app/admin/settings/privacy`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let part = db::Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
        let slice = receipts::page(view, &lead.member.organization, &part, ROWS)?;
        let pager = pager(Part::Privacy.href(), &slice, |receipt: &Receipt| receipt.id.clone());
        let receipts = slice.rows.into_iter().map(|receipt| ReceiptView::new(receipt, view.now)).collect();
        let consent = Standing::of(view, &lead.member.organization)?;
        Ok(Privacy { page, tabs: Part::Privacy.tabs(&nav), nav, consent, receipts, pager })
    })?;
    shown(&request, &view)
}

/// `GET /app/admin/settings/privacy/receipts/{id}.txt`
async fn receipt(app: Data<App>, lead: Lead, id: Path<ReceiptId>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let receipt = receipts::of_organization(view, &lead.member.organization, &id)?;
        Ok(as_text(&receipt, &organizations::get(view, &receipt.organization)?.name))
    })
}
