//! The tab "Send invite": addresses typed, pasted or out of a file, looked at line by line, and sent at once.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, FormConfig, Json, PayloadConfig, ServiceConfig},
};
use serde::Serialize;

use super::{
    Back, Refused, Typed as Dialog, Way, again, can_be_mended,
    sending::{LARGEST_FILE, LARGEST_TEXT, Sending, too_large},
    team, with,
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::{Message, grouped},
    ids::OrganizationId,
    invites::{self, Asked, Line, MOST_PASTED, Verdict},
    pages::{
        to,
        view::{Field, saying},
    },
    web::{browser::Lead, resource},
};

/// Longest part of an address that lines to be corrected may take; what is more is shown in the answer itself.
const LONGEST_LEFT: usize = 1500;

/// Lines of the report that are shown; the rest is counted.
const SHOWN: usize = 200;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/invites/check", "POST").app_data(PayloadConfig::new(LARGEST_TEXT)).route(web::post().to(check)),
        )
        .service(
            resource("/invites/file", "POST")
                // More than is taken, so that what is too large hears so in our words.
                .app_data(PayloadConfig::new(4 * LARGEST_FILE))
                .route(web::post().to(read)),
        );
}

/// Where forms of this tab are posted to, which takes longer ones than others.
pub(in crate::pages::admin) fn long_form() -> FormConfig {
    FormConfig::default().limit(LARGEST_TEXT)
}

/// The tab's form.
pub(in crate::pages::admin) struct InviteForm {
    pub(in crate::pages::admin) emails: Field,
    /// Lines left out of the last try.
    pub(in crate::pages::admin) report: Vec<ReportLine>,
    /// `And 312 more`; none if all are shown.
    pub(in crate::pages::admin) more: Option<Message>,
    pub(in crate::pages::admin) button: Message,
    /// Most addresses taken at once: for people, and for the module that counts them.
    pub(in crate::pages::admin) most: String,
    pub(in crate::pages::admin) most_number: usize,
}

pub(in crate::pages::admin) struct ReportLine {
    pub(in crate::pages::admin) number: usize,
    pub(in crate::pages::admin) text: String,
    pub(in crate::pages::admin) words: Message,
    verdict: Verdict,
}

/// What was typed.
#[derive(Clone, Default)]
pub(super) struct Typed {
    emails: String,
    error: Option<String>,
}

impl Typed {
    /// Lines that were left to correct.
    pub(super) fn left(emails: &str) -> Self {
        Self { emails: emails.to_owned(), error: None }
    }

    /// The addresses, as they were typed.
    pub(super) fn emails(&self) -> &str {
        &self.emails
    }
}

impl InviteForm {
    pub(super) fn new(view: &View, organization: &OrganizationId, typed: &Typed) -> Result<Self> {
        let lines = match typed.emails.is_empty() {
            true => Vec::new(),
            // What can't be looked at line by line stands in the error.
            false => invites::check(view, organization, &typed.emails).unwrap_or_default(),
        };
        let new = lines.iter().filter(|line| line.verdict == Verdict::New).count();
        let odd: Vec<&Line> = lines.iter().filter(|line| line.verdict != Verdict::New).collect();
        Ok(Self {
            emails: Field { value: typed.emails.clone(), error: typed.error.clone() },
            more: more(odd.len()),
            report: odd.into_iter().take(SHOWN).map(ReportLine::new).collect(),
            button: if new > 0 {
                say!("Invite {n} member" | "Invite {n} members", n = new)
            } else {
                say!("Send invites")
            },
            most: grouped(MOST_PASTED as u64),
            most_number: MOST_PASTED,
        })
    }
}

fn more(odd: usize) -> Option<Message> {
    odd.checked_sub(SHOWN).filter(|more| *more > 0).map(|more| say!("And {n} more", n = more))
}

impl ReportLine {
    fn new(line: &Line) -> Self {
        Self { number: line.number, text: line.text.clone(), words: words(line.verdict), verdict: line.verdict }
    }

    /// What the style sheet and the module call it.
    pub(in crate::pages::admin) fn name(&self) -> &'static str {
        match self.verdict {
            Verdict::New => "new",
            Verdict::Bad => "bad",
            Verdict::Duplicate => "duplicate",
            Verdict::Member => "member",
            Verdict::Invited => "invited",
        }
    }
}

fn words(verdict: Verdict) -> Message {
    match verdict {
        Verdict::New => Message::new(""),
        Verdict::Bad => say!("Not an e-mail address"),
        Verdict::Duplicate => say!("Already in this list"),
        Verdict::Member => say!("Already a member"),
        Verdict::Invited => say!("Already invited"),
    }
}

/// What the live check answers, as `invite-check.mjs` reads it: only what there is to say something about.
#[derive(Serialize)]
struct Checked {
    lines: Vec<CheckedLine>,
    /// How many lines have something said about them.
    odd: usize,
    /// How many can be invited.
    new: usize,
}

#[derive(Serialize)]
struct CheckedLine {
    number: usize,
    text: String,
    verdict: Verdict,
    words: String,
}

/// `POST /app/admin/invites/check`, with the text as it stands.
async fn check(app: Data<App>, lead: Lead, text: String) -> Result<Json<Checked>> {
    let lines = app.db.scan(move |view| invites::check(view, &lead.member.organization, &text)).await?;
    let all = lines.len();
    let odd: Vec<Line> = lines.into_iter().filter(|line| line.verdict != Verdict::New).collect();
    let (count, new) = (odd.len(), all - odd.len());
    let lines = odd
        .into_iter()
        .take(SHOWN)
        .map(|line| CheckedLine {
            number: line.number,
            text: line.text,
            verdict: line.verdict,
            words: words(line.verdict).into(),
        })
        .collect();
    Ok(Json(Checked { lines, odd: count, new }))
}

/// What a file holds, as `invite-check.mjs` puts it below what was typed.
#[derive(Serialize)]
struct InFile {
    text: String,
    /// What else there is to say of it.
    words: String,
}

/// `POST /app/admin/invites/file`, with the bytes of a file.
async fn read(_: Lead, body: Bytes) -> Result<Json<InFile>> {
    if body.len() > LARGEST_FILE {
        return Err(too_large());
    }
    let table = invites::read_file(&body)?;
    Ok(Json(InFile { words: without(table.without).map(Into::into).unwrap_or_default(), text: table.text }))
}

fn without(rows: usize) -> Option<Message> {
    (rows > 0).then(|| say!("{n} row of the file has no address." | "{n} rows of the file have no address.", n = rows))
}

/// `POST /app/admin/invites`
pub(in crate::pages::admin) async fn send(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    form: Sending,
) -> Result<HttpResponse> {
    let Sending { emails, team: chosen, from, without, wrong } = form;
    let back = Back::parse(&from);
    let typed = Dialog {
        way: Some(Way::Invite),
        team: chosen.clone(),
        invite: Typed { emails: emails.clone(), error: None },
        ..Dialog::default()
    };
    if let Some(error) = wrong {
        return wrong_again(&app, &request, &lead, &back, typed, &error).await;
    }
    let by = lead.actor();
    let asked = match team(&chosen) {
        Ok(team) => app.db.write(move |tx| invites::invite_all(tx, &by, &emails, team.as_ref())).await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(asked) if !asked.invited.is_empty() => {
            let told = match self::without(without) {
                Some(without) => told(&asked).then(without),
                None => told(&asked),
            };
            let left = left(&asked);
            if left.len() <= LONGEST_LEFT {
                let href = match left.is_empty() {
                    true => back.href,
                    false => with(&back.href, &[("add", Way::Invite.as_str()), ("emails", &left)]),
                };
                return saying(&app, to(href), told);
            }
            // Too much for an address, and nothing of it may be lost.
            let typed = Dialog { note: Some(told), invite: Typed::left(&left), ..typed };
            again(&app, &request, &lead, &back, &typed, StatusCode::OK).await
        }
        Ok(asked) => {
            let why = match asked.left_out.is_empty() {
                true => say!("Type at least one address, or choose a file."),
                false => say!("Nobody was invited: there is no new address among these."),
            };
            wrong_again(&app, &request, &lead, &back, typed, &Error::invalid(why)).await
        }
        Err(error) if can_be_mended(&error) => wrong_again(&app, &request, &lead, &back, typed, &error).await,
        Err(error) => Err(error),
    }
}

/// The dialog once more: what is wrong with the addresses stands below them, anything else above.
async fn wrong_again(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    back: &Back,
    typed: Dialog,
    error: &Error,
) -> Result<HttpResponse> {
    let typed = match error {
        Error::InviteLimit { .. } => Dialog {
            refused: Some(Refused::new(say!("Nothing was sent.").then(error.to_string().into()), None)),
            ..typed
        },
        Error::NoCredits | Error::NotFound(_) => typed.refused_by(error),
        other => Dialog { invite: Typed { error: Some(other.to_string()), ..typed.invite }, ..typed },
    };
    again(app, request, lead, back, &typed, error.status()).await
}

/// What is left to correct, line by line.
fn left(asked: &Asked) -> String {
    let bad = asked.left_out.iter().filter(|line| line.verdict == Verdict::Bad);
    bad.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn told(asked: &Asked) -> Message {
    let bad = asked.left_out.iter().filter(|line| line.verdict == Verdict::Bad).count();
    let known = asked.left_out.len() - bad;
    let mut told = say!("Invited {n} person." | "Invited {n} people.", n = asked.invited.len());
    if known > 0 {
        told = told.then(say!("Left out {n} already invited, listed or here.", n = known));
    }
    if bad > 0 {
        told = told.then(say!("{n} line left to correct." | "{n} lines left to correct.", n = bad));
    }
    told
}
