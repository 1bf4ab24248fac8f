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
        view::{Field, saying},
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
        say!("Sent the invite to {email} again.", email = sent.email.as_str())
    } else {
        say!("Wrote the invite to {email} again; it is in the outbox.", email = sent.email.as_str())
    };
    saying(&app, to(chosen.list()), words)
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
        Ok(invite) => say!("Reminded {email}.", email = invite.email.as_str()).to_string(),
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
        0 => say!("Select at least one invite first.").to_string(),
        1..=MOST => {
            let by = lead.actor();
            in_words(&app.db.write(move |tx| invites::remind_all(tx, &by, &ids)).await?)
        }
        _ => say!("Select at most {most} invites at a time.", most = MOST).to_string(),
    };
    saying(&app, to(chosen.list()), &words)
}

fn in_words(reminded: &Reminded) -> String {
    let words = match reminded.sent {
        0 => say!("Reminded nobody."),
        sent => say!("Reminded {n} person." | "Reminded {n} people.", n = sent),
    };
    let lately = say!("{n} reminded within the last day", n = reminded.lately);
    let over = say!("{n} no longer pending" | "{n} no longer pending", n = reminded.over);
    let left_out = [(reminded.lately, lately), (reminded.over, over)];
    let left_out: Vec<String> =
        left_out.iter().filter(|(count, _)| *count > 0).map(|(_, words)| words.to_string()).collect();
    match left_out.is_empty() {
        true => words.to_string(),
        false => format!("{words} {}", say!("Left out {list}.", list = left_out.join(", "))),
    }
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
        Ok(invite) => saying(&app, to(chosen.list()), say!("Invited {email} instead.", email = invite.email.as_str())),
        Err(error @ (Error::Invalid(_) | Error::NoCredits | Error::InviteLimit { .. })) => {
            let chosen = Chosen { correct: Some(id.to_string()), ..chosen };
            let typed = Wrong { correct: Some(Field::wrong(form.email, &error)), ..Wrong::default() };
            shown_again(&app, &request, &lead, &chosen, &Typed::default(), typed, error.status()).await
        }
        Err(other) => Err(other),
    }
}
