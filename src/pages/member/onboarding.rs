//! The four steps of the onboarding. What was entered is in the database, so it goes on after a reload and on another device.

use actix_web::{
    HttpResponse,
    web::{Data, ServiceConfig},
};

use super::{Place, backdrops};
use crate::{
    app::App,
    db::View,
    error::Result,
    fields::{self, Answered},
    generator::Scene,
    i18n::Message,
    members::Member,
    pages::to,
    shoots::{self, Shoot},
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/onboarding", "GET").route(get(go_on)));
}

/// `GET /team-member/onboarding`: goes on where one left off.
async fn go_on(app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| {
        Ok(to(who.at(match Place::of(view, &who.member)? {
            Place::Onboarding(shoot) => Draft::new(view, &app, &who, shoot)?.next(&who.member).address(),
            elsewhere => elsewhere.address(),
        })))
    })
}

/// A step, in the order they are taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Step {
    You,
    Photos,
    Style,
    Review,
}

impl Step {
    const ALL: [Self; 4] = [Self::You, Self::Photos, Self::Style, Self::Review];

    /// As [`SignedIn::at`] takes it.
    pub(super) const fn address(self) -> &'static str {
        match self {
            Self::You => "/onboarding/you",
            Self::Photos => "/onboarding/photos",
            Self::Style => "/onboarding/style",
            Self::Review => "/onboarding/review",
        }
    }

    const fn words(self) -> Message {
        match self {
            Self::You => say!("You"),
            Self::Photos => say!("Photos"),
            Self::Style => say!("Style"),
            Self::Review => say!("step|Review"),
        }
    }
}

/// What a member has entered so far.
pub(super) struct Draft {
    /// None until the first form of someone who was not invited.
    pub(super) shoot: Option<Shoot>,
    /// Its photos can be handed in.
    enough: bool,
    /// All that has to be answered is.
    answered: bool,
    /// What was chosen of what is not offered any more.
    pub(super) gone: Vec<Scene>,
}

impl Draft {
    fn new(view: &View, app: &App, who: &SignedIn, shoot: Option<Shoot>) -> Result<Self> {
        let (enough, gone) = match &shoot {
            Some(shoot) => (
                shoots::has_enough_photos(view, shoot, app.config.checks.mode)?,
                no_longer_offered(view, app, who, shoot)?,
            ),
            None => (false, Vec::new()),
        };
        let answered = fields::of_member(view, &who.member)?.iter().all(Answered::is_enough);
        Ok(Self { shoot, enough, answered, gone })
    }

    /// Whether a member has to choose backdrops again before they can hand anything in.
    pub(super) fn must_choose_again(view: &View, app: &App, who: &SignedIn) -> Result<bool> {
        Ok(match Place::of(view, &who.member)? {
            Place::Onboarding(Some(shoot)) => !no_longer_offered(view, app, who, &shoot)?.is_empty(),
            _ => false,
        })
    }

    /// The draft of a member who may be at this step, or where else they should be: a step opens once all before it are done.
    pub(super) fn at(view: &View, app: &App, who: &SignedIn, step: Step) -> Result<Result<Self, String>> {
        Ok(match Place::of(view, &who.member)? {
            Place::Onboarding(shoot) => {
                let draft = Self::new(view, app, who, shoot)?;
                let next = draft.next(&who.member);
                if step <= next { Ok(draft) } else { Err(who.at(next.address())) }
            }
            elsewhere => Err(who.at(elsewhere.address())),
        })
    }

    /// The first step that isn't done.
    fn next(&self, member: &Member) -> Step {
        Step::ALL.into_iter().find(|step| !self.done(*step, member)).unwrap_or(Step::Review)
    }

    fn done(&self, step: Step, member: &Member) -> bool {
        self.shoot.as_ref().is_some_and(|shoot| match step {
            Step::You => member.name.is_some() && shoot.gender.is_some() && self.answered,
            Step::Photos => self.enough,
            Step::Style => !shoot.backdrops.is_empty() && self.gone.is_empty(),
            Step::Review => false,
        })
    }

    /// The line of steps as the page of one of them shows it.
    pub(super) fn line(&self, here: Step, who: &SignedIn) -> Vec<StepView> {
        let next = self.next(&who.member);
        let view = |step: Step| {
            let at = match step {
                _ if step == here => StepAt::Now,
                _ if step <= next && step != Step::Review => StepAt::Done,
                _ => StepAt::Later,
            };
            let href = (at == StepAt::Done).then(|| who.at(step.address()));
            StepView { words: step.words().to_string(), href, at }
        };
        Step::ALL.into_iter().map(view).collect()
    }
}

/// What was chosen of what is not offered any more, by the organization or because the generator can't show it.
fn no_longer_offered(view: &View, app: &App, who: &SignedIn, shoot: &Shoot) -> Result<Vec<Scene>> {
    let (can, offered) = (app.generator.capabilities(), backdrops::offered(view, app, who)?);
    let mut gone = shoots::no_longer_offered(view, shoot)?;
    let hidden = |scene: &&Scene| !can.shows(scene) && !offered.contains(scene) && !gone.contains(scene);
    let hidden: Vec<Scene> = shoot.backdrops.iter().filter(hidden).cloned().collect();
    gone.extend(hidden);
    Ok(gone)
}

/// One step in the line.
pub(super) struct StepView {
    pub(super) words: String,
    /// Where it can be opened again; none for the present and the later ones.
    pub(super) href: Option<String>,
    at: StepAt,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StepAt {
    Done,
    Now,
    Later,
}

impl StepView {
    pub(super) fn now(&self) -> bool {
        self.at == StepAt::Now
    }

    pub(super) fn class(&self) -> &'static str {
        match self.at {
            StepAt::Done => "done",
            StepAt::Now => "now",
            StepAt::Later => "later",
        }
    }
}
