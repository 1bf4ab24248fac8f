//! What came back from a test: who the provider says it is, and what would follow from that.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{HREF, Part};
use crate::{
    app::App,
    auth::{self, Refusal, Rule},
    connections::{self, Connection},
    error::Result,
    i18n::Message,
    members::{Email, Member},
    oidc::Claims,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown,
        view::Page,
    },
};

#[derive(Template)]
#[template(path = "admin/sign-on-tested.html")]
struct Tested {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    works: bool,
    claims: Claims,
    /// The address's domain is proven for this organization.
    proven: bool,
    /// What would follow.
    rule: Message,
    settings: &'static str,
}

/// The page that tells a lead what came back.
pub(in crate::pages) fn tested(
    app: &App,
    request: &HttpRequest,
    lead: &Member,
    connection: &Connection,
    claims: &Claims,
    outcome: &Result<Rule, Refusal>,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, lead, Section::Settings)?;
        let email: Option<Email> = claims.email.as_deref().and_then(|email| email.parse().ok());
        let proven = match &email {
            Some(email) => connections::owns(view, &connection.organization, email)?,
            None => false,
        };
        let (works, rule, claims) = (auth::shows_that_it_works(outcome), followed(outcome), claims.clone());
        Ok(Tested { page, tabs: Part::SingleSignOn.tabs(&nav), nav, works, claims, proven, rule, settings: HREF })
    })?;
    shown(request, &view)
}

fn followed(outcome: &Result<Rule, Refusal>) -> Message {
    match outcome {
        Ok(Rule::Known) => say!("Signs in: this person has come by this provider before."),
        Ok(Rule::Links) => say!("Signs in: a member has this address, and is known by the subject from then on."),
        Ok(Rule::Invited(_)) => say!("Joins: this address has a pending invite."),
        Ok(Rule::JoinsBy(_)) => say!("Joins by an open link."),
        Ok(Rule::Provisioned) => {
            say!("Joins without an invite: the domain is proven, and joining without an invite is on.")
        }
        Err(Refusal::NoAddress) => {
            say!("Refused: the provider sent no e-mail address. Have it release the email claim to this server.")
        }
        Err(Refusal::Unverified(_)) => {
            say!(
                "Refused: the provider didn't say that it has verified the address. A missing email_verified counts as no."
            )
        }
        Err(Refusal::NotProven(domain)) => {
            say!(
                "Refused: {domain} isn't proven for your organization. Add and prove it first.",
                domain = domain.to_string()
            )
        }
        Err(Refusal::NotMember(_)) => {
            say!(
                "Refused: this person is no member and has no invite, and joining without an invite is off. The connection itself works."
            )
        }
        Err(Refusal::Elsewhere { .. }) => {
            say!("Refused: this address belongs to another organization on this server.")
        }
        Err(Refusal::OwnHeadshots(_)) => {
            say!("Refused: this person has headshots of their own, without any organization, which have to go first.")
        }
        Err(Refusal::OtherPerson(_)) => {
            say!(
                "Refused: the member with this address is known by another subject. The address may have been given to someone new."
            )
        }
        Err(Refusal::Over | Refusal::OtherBrowser | Refusal::Removed) => {
            say!("Refused: the connection was changed meanwhile.")
        }
    }
}
