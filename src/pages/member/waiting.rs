//! Waiting for headshots: a page, and the events that keep it true.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, ServiceConfig},
};
use askama::Template;
use serde::Serialize;

use super::{Place, frame, whose};
use crate::{
    app::App,
    db::{Topic, View},
    error::{Error, Result},
    i18n::{Message, language, speaking},
    members::Kind,
    pages::{
        filters, live, shown, to,
        view::{Page, about},
    },
    shoots::{self, Shoot, State, told_of_failure},
    web::{browser::SignedIn, get, resource},
    wire::status::Standing,
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/waiting", "GET").route(get(show)))
        .service(resource("/team-member/waiting/events", "GET").route(web::get().to(events)));
}

#[derive(Template)]
#[template(path = "member/waiting.html")]
struct Waiting {
    page: Page,
    live: String,
    told: Told,
    stages: Vec<StageView>,
    name: String,
    /// Where a mail really goes once they are ready.
    writes_to: Option<String>,
    /// Where headshots made before can still be seen.
    earlier: Option<String>,
}

/// A stage, and whether the shoot is there.
struct StageView {
    state: &'static str,
    words: Message,
    here: bool,
}

impl Waiting {
    /// How far a tone of the picture has come up; it is full at `full_at` percent.
    fn tone(&self, full_at: f64) -> String {
        format!("{:.2}", (f64::from(self.told.percent) / full_at).min(1.0))
    }
}

/// `GET /team-member/waiting`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| {
        let shoot = match Place::of(view, &who.member)? {
            Place::Waiting(shoot) => shoot,
            elsewhere => return Ok(to(who.at(elsewhere.address()))),
        };
        let page = Waiting {
            page: frame(
                view,
                &request,
                whose(&who, say!("Your headshots are on their way"), say!("The headshots are on their way")),
                &who,
            )?,
            live: who.at("/waiting/events"),
            told: Told::of(view, &app, &shoot, &who)?,
            stages: stages(&shoot),
            name: who.member.called().to_owned(),
            writes_to: writes_to(&app, &who),
            earlier: earlier(view, &who)?,
        };
        shown(&request, &page)
    })
}

/// The address that is written to when the headshots are ready; none if nobody is, because there is no mail server, no address,
/// or another product that tells them.
fn writes_to(app: &App, who: &SignedIn) -> Option<String> {
    let told = app.mailer.sends() && who.member.kind != Kind::Anonymous;
    who.member.email.as_ref().filter(|_| told).map(ToString::to_string)
}

/// The newest headshots that are ready, if there are any.
fn earlier(view: &View, who: &SignedIn) -> Result<Option<String>> {
    let all = shoots::of_member(view, &who.member.id)?;
    let ready = all.iter().find(|shoot| shoot.state == State::Ready);
    Ok(ready.map(|shoot| who.at(&format!("/shoots/{}", shoot.id))))
}

fn stages(shoot: &Shoot) -> Vec<StageView> {
    let here = stage(shoot);
    [State::Submitted, State::Training, State::Generating]
        .into_iter()
        .zip([say!("stage|In line"), say!("stage|Studying"), say!("stage|Making headshots")])
        .map(|(state, words)| StageView { state: state.as_str(), words, here: state == here })
        .collect()
}

/// Where it is on the way: what waits for its turn at the generator is still in line, and so is what starts again.
fn stage(shoot: &Shoot) -> State {
    match shoot.state {
        State::Training if shoot.waits_for_turn() => State::Submitted,
        State::Failed => State::Submitted,
        state => state,
    }
}

/// What is told of a shoot that someone waits for.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Told {
    state: &'static str,
    /// The same in the API's word.
    status: &'static str,
    /// Which of the stages is marked.
    stage: &'static str,
    percent: u8,
    position: String,
    estimate: String,
    title: String,
    words: String,
    /// It failed for good: there is nothing to wait for, and nowhere to go.
    stopped: bool,
    /// Where to go, once there is nothing to wait for.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Told {
    /// How things stand for a member now.
    fn now(view: &View, app: &App, who: &SignedIn) -> Result<Self> {
        match Place::of(view, &who.member)? {
            Place::Waiting(shoot) => Self::of(view, app, &shoot, who),
            elsewhere => Ok(Self {
                state: State::Ready.as_str(),
                status: Standing::model(State::Ready),
                stage: State::Generating.as_str(),
                percent: 100,
                position: String::new(),
                estimate: String::new(),
                title: whose(who, say!("Your headshots are ready"), say!("The headshots are ready")).into(),
                words: String::new(),
                stopped: false,
                next: Some(who.at(elsewhere.address())),
            }),
        }
    }

    fn of(view: &View, app: &App, shoot: &Shoot, who: &SignedIn) -> Result<Self> {
        let stopped = shoot.gave_up();
        let (position, estimate) = if stopped {
            (String::new(), String::new())
        } else {
            (position(view, shoot, who)?.into(), estimate(view, app, shoot)?.into())
        };
        Ok(Self {
            state: shoot.state.as_str(),
            status: Standing::model(shoot.state),
            stage: stage(shoot).as_str(),
            percent: shoot.progress,
            position,
            estimate,
            title: match stopped {
                true => whose(who, say!("Your headshots could not be made"), say!("The headshots could not be made")),
                false => whose(who, say!("Your headshots are developing"), say!("The headshots are developing")),
            }
            .into(),
            words: words(shoot, who, shoots::is_alone(view, &who.member)?),
            stopped,
            next: None,
        })
    }
}

fn words(shoot: &Shoot, who: &SignedIn, alone: bool) -> String {
    let arrived = || {
        whose(
            who,
            say!("Your photos have arrived and are waiting for their turn."),
            say!("The photos have arrived and are waiting for their turn."),
        )
    };
    let words = match shoot.state {
        State::Submitted => arrived(),
        State::Training if shoot.waits_for_turn() => arrived(),
        State::Training => whose(
            who,
            say!("Your photos are being studied: the face, the light, the angles."),
            say!("The photos are being studied: the face, the light, the angles."),
        ),
        State::Generating => whose(
            who,
            say!("Your headshots are being made, one after another."),
            say!("The headshots are being made, one after another."),
        ),
        State::Failed if shoot.gave_up() => {
            let why = match &shoot.failure {
                Some(stored) => told_of_failure(stored),
                None => say!("Something went wrong each time."),
            };
            return format!("{why} {}", after_failure(who, alone));
        }
        State::Failed => {
            say!("Something went wrong on the way. It starts again by itself; there is nothing for you to do.")
        }
        State::Onboarding | State::Ready | State::Deleted => return String::new(),
    };
    words.into()
}

/// Where it goes on from there. Credits and leads are nothing to someone whom another product sent.
fn after_failure(who: &SignedIn, alone: bool) -> Message {
    match who.member.kind {
        _ if who.for_another() => say!("The credit was given back. You can grant a retry on their page."),
        _ if alone => say!("The credit was given back. Begin again with other photos."),
        Kind::Anonymous => say!("To try again, ask the people you came from."),
        _ => say!(
            "The credit was given back, and the people who lead your organization have been told. Ask them for a retry."
        ),
    }
}

fn position(view: &View, shoot: &Shoot, who: &SignedIn) -> Result<Message> {
    if shoot.state == State::Failed {
        return Ok(say!("Starting again"));
    }
    Ok(match (shoots::before(view, shoot)?, stage(shoot)) {
        (0, State::Submitted) => say!("in line|Next"),
        (0, _) => whose(who, say!("Your turn"), say!("Their turn")),
        (before, _) => whose(
            who,
            say!("{n} shoot is ahead of yours" | "{n} shoots are ahead of yours", n = before),
            say!("{n} shoot is ahead of theirs" | "{n} shoots are ahead of theirs", n = before),
        ),
    })
}

fn estimate(view: &View, app: &App, shoot: &Shoot) -> Result<Message> {
    Ok(match shoots::estimate(view, shoot, app.makers(view, shoot)?)? {
        None => say!("Too early to tell"),
        Some(Duration::ZERO) => say!("Any moment"),
        Some(left) => say!("In {span}", span = about(left)),
    })
}

/// `GET /team-member/waiting/events`: how things stand, now and whenever that changes; over with the waiting.
async fn events(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    let shoot = app.db.read(|view| shoots::latest(view, &who.member.id))?.ok_or(Error::NotFound("Model"))?;
    // What is told later is told to the same reader.
    let (asked, reads) = (app.clone(), language());
    live::stream(app, &request, Topic::Shoot(shoot.id), move |view| {
        let told = speaking(reads, || Told::now(view, &asked, &who))?;
        Ok(live::Told { data: serde_json::to_string(&told)?, over: told.next.is_some() })
    })
}
