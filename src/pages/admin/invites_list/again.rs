//! Writing to invited people once more: the same invite again, a reminder of it, or a new one to the right address.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Form, Path, Query},
};
use serde::Deserialize;

use super::{Chosen, Wrong, shown_again};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    ids::{InviteId, OrganizationId},
    invites::{self, Reminded},
    members::Email,
    offboarding,
    pages::{
        admin::add_member::Typed,
        to,
        view::{Field, grouped, saying},
    },
    teams,
    web::browser::Lead,
};

/// Invites reminded of at once at most: a page of the list, and some.
const MOST: usize = 200;

/// `POST /app/admin/invites/{id}/resend`
pub(super) async fn resend(
    app: Data<App>,
    lead: Lead,
    id: Path<InviteId>,
    Query(chosen): Query<Chosen>,
) -> Result<HttpResponse> {
    let by = lead.actor();
    let sent = app.db.write(move |tx| invites::resend(tx, &by, &id)).await?;
    let words = if app.mailer.sends() {
        format!("Sent the invite to {} again.", sent.email)
    } else {
        format!("Wrote the invite to {} again; it is in the outbox.", sent.email)
    };
    saying(&app, to(chosen.list()), &words)
}

/// `POST /app/admin/invites/{id}/remind`
pub(super) async fn remind(
    app: Data<App>,
    lead: Lead,
    id: Path<InviteId>,
    Query(chosen): Query<Chosen>,
) -> Result<HttpResponse> {
    let by = lead.actor();
    let words = match app.db.write(move |tx| invites::remind(tx, &by, &id)).await {
        Ok(invite) => format!("Reminded {}.", invite.email),
        Err(refused @ Error::Invalid(_)) => refused.to_string(),
        Err(other) => return Err(other),
    };
    saying(&app, to(chosen.list()), &words)
}

/// `POST /app/admin/invites/selected`: reminds of all that are selected.
pub(super) async fn remind_selected(
    app: Data<App>,
    lead: Lead,
    Query(chosen): Query<Chosen>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let ids = form.iter().filter(|(key, _)| key == "invite").map(|(_, value)| value.parse());
    let ids: Vec<InviteId> = ids.collect::<Result<_, _>>().map_err(|_| Error::NotFound("Invite"))?;
    let words = match ids.len() {
        0 => "Select at least one invite first.".to_owned(),
        1..=MOST => {
            let by = lead.actor();
            in_words(&app.db.write(move |tx| invites::remind_all(tx, &by, &ids)).await?)
        }
        _ => format!("Select at most {MOST} invites at a time."),
    };
    saying(&app, to(chosen.list()), &words)
}

fn in_words(reminded: &Reminded) -> String {
    let mut words = match reminded.sent {
        0 => "Reminded nobody.".to_owned(),
        1 => "Reminded 1 person.".to_owned(),
        sent => format!("Reminded {} people.", grouped(sent as u64)),
    };
    let left_out = [(reminded.lately, "reminded within the last day"), (reminded.over, "no longer pending")];
    let left_out: Vec<String> =
        left_out.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if !left_out.is_empty() {
        words.push_str(&format!(" Left out {}.", left_out.join(", ")));
    }
    words
}

/// The question for the right address of an invite.
pub(super) struct Correcting {
    pub(super) wrong: String,
    pub(super) team: Option<String>,
    pub(super) email: Field,
    pub(super) action: String,
    pub(super) cancel: String,
}

impl Correcting {
    pub(super) fn of(
        view: &View,
        organization: &OrganizationId,
        id: &InviteId,
        chosen: &Chosen,
        typed: Option<Field>,
    ) -> Result<Self> {
        let invite = invites::of_organization(view, organization, id)?;
        let team = invite.team.map(|team| teams::get(view, organization, &team)).transpose()?;
        Ok(Self {
            email: typed.unwrap_or_else(|| Field::new(invite.email.as_str())),
            wrong: invite.email.to_string(),
            team: team.map(|team| team.name),
            action: chosen.action(id, "correct"),
            cancel: chosen.list(),
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Corrected {
    #[serde(default)]
    email: String,
}

/// `POST /app/admin/invites/{id}/correct`
pub(super) async fn correct(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<InviteId>,
    Query(chosen): Query<Chosen>,
    Form(form): Form<Corrected>,
) -> Result<HttpResponse> {
    let (by, wrong) = (lead.actor(), id.clone());
    let corrected = match form.email.parse::<Email>() {
        Ok(email) => app.db.write(move |tx| offboarding::correct_invite(tx, &by, &wrong, &email)).await,
        Err(error) => Err(error),
    };
    match corrected {
        Ok(invite) => saying(&app, to(chosen.list()), &format!("Invited {} instead.", invite.email)),
        Err(error @ (Error::Invalid(_) | Error::NoCredits | Error::InviteLimit { .. })) => {
            let chosen = Chosen { correct: Some(id.to_string()), ..chosen };
            let typed = Wrong { correct: Some(Field::wrong(form.email, &error)), ..Wrong::default() };
            shown_again(&app, &request, &lead, &chosen, &Typed::default(), typed, error.status()).await
        }
        Err(other) => Err(other),
    }
}
