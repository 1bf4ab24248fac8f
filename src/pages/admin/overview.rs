//! The overview: how far everyone is, what needs a hand, and what happened last.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Nav, Section, Tone,
    add_member::{AddMember, Typed, Way},
    address, frame, settings,
    webhooks::because,
};
use crate::{
    app::App,
    audit,
    db::{Part, View},
    error::Result,
    events::{self, Kind},
    generator::Destination,
    invites::{self, Counts},
    mail::{self, Undelivered},
    members::{self, Email, Filter, Listed, Member, Role, Stage},
    organizations::{self, Organization, Zone},
    pages::{
        shown_with, to,
        view::{Link, Page, When, counted, grouped},
    },
    queue::{self, Load},
    shoots::{self, Going},
    web::{browser::Lead, get, resource},
    webhooks::{self, Endpoint, Why},
};

/// Lines of one kind that need attention; the rest is counted.
const OF_A_KIND: u32 = 3;

/// Lines of activity, and events to choose them from: a shoot tells of more steps than leads care for.
const ACTIVITY: usize = 8;
const EVENTS: u32 = 40;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("", "GET").route(get(show)));
}

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Overview {
    page: Page,
    nav: Nav,
    add: AddMember,
    /// Mail, credits, invite; empty once all are done.
    first_steps: Vec<FirstStep>,
    /// Something nobody notices by itself: programs hear of nothing any more.
    deaf: Option<Attention>,
    credits: String,
    people: String,
    finished: String,
    funnel: Vec<Step>,
    attention: Vec<Attention>,
    activity: Vec<Activity>,
}

struct FirstStep {
    title: &'static str,
    words: &'static str,
    done: bool,
    next: Link,
}

/// Invited, joined, uploading, generating, finished.
struct Step {
    words: &'static str,
    count: String,
    /// 0 to 100: of the widest.
    width: u32,
    href: String,
}

struct Attention {
    tone: Tone,
    title: String,
    words: String,
    next: Option<Link>,
}

struct Activity {
    words: String,
    at: When,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    add: Option<String>,
    emails: Option<String>,
    made: Option<String>,
}

/// `GET /app/admin`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let typed = Typed::named(asked.add.as_deref(), asked.emails.as_deref(), asked.made.as_deref());
    screen(&app, &request, &lead, &typed, StatusCode::OK).await
}

/// What the page is made of.
struct Facts {
    organization: Organization,
    counts: Counts,
    stages: Vec<(Stage, i64)>,
    undelivered: Vec<Undelivered>,
    failed: Vec<Listed>,
    going: Going,
    zone: Zone,
    activity: Vec<Activity>,
    loads: Vec<Load>,
    /// Jobs of this organization that gave up.
    parked: u32,
    /// What is wrong with the audit log, if the last look at it found something.
    tampered: Option<String>,
    endpoints: Vec<Endpoint>,
    sends: bool,
    /// Where photos would go, while nobody has agreed to it.
    not_agreed: Option<Destination>,
}

impl Facts {
    fn gather(view: &View, member: &Member, sends: bool, destination: Option<Destination>) -> Result<Self> {
        let organization = &member.organization;
        let agreed = organizations::agreed(view, organization)?;
        let failed = Filter { stage: Some(Stage::Failed), ..Filter::default() };
        Ok(Self {
            organization: organizations::get(view, organization)?,
            counts: invites::counts(view, organization)?,
            stages: members::funnel(view, organization)?,
            undelivered: mail::undelivered(view, organization, OF_A_KIND)?,
            failed: members::page(view, organization, &failed, &Part::Newest, OF_A_KIND)?.rows,
            going: shoots::going_soon(view, organization)?,
            zone: organizations::zone(view, organization)?,
            activity: activity(view, member)?,
            parked: queue::parked_count(view, organization)?,
            tampered: audit::last_check(view, organization)?.and_then(|last| last.trouble),
            // The queues are everyone's on this server, so only the owner hears how they are.
            loads: if member.role == Role::Owner { queue::loads(view)? } else { Vec::new() },
            endpoints: webhooks::endpoints(view, organization)?,
            sends,
            not_agreed: destination.filter(|to| agreed != Some(to.to_string())),
        })
    }

    fn at(&self, stage: Stage) -> u32 {
        let found = self.stages.iter().find(|(one, _)| *one == stage);
        found.map_or(0, |(_, people)| u32::try_from(*people).unwrap_or(u32::MAX))
    }

    fn people(&self) -> u64 {
        self.stages.iter().map(|(_, people)| people.unsigned_abs()).sum()
    }

    fn credits(&self) -> String {
        match self.organization.unlimited {
            true => "Unlimited".to_owned(),
            false => grouped(self.organization.credits.unsigned_abs()),
        }
    }
}

pub(super) async fn screen(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    typed: &Typed,
    status: StatusCode,
) -> Result<HttpResponse> {
    let (member, sends, destination) = (lead.member.clone(), app.mailer.sends(), app.generator.destination().cloned());
    let facts = app.db.scan(move |view| Facts::gather(view, &member, sends, destination)).await?;
    let (page, nav, add) = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Overview)?;
        Ok((page, nav, AddMember::on(view, app, &lead.member.organization, Section::Overview.href(), typed)?))
    })?;
    if let Some(credits) = add.leads_to_credits(typed) {
        return Ok(to(credits));
    }
    let first_steps = first_steps(&facts, lead.member.role);
    let view = Overview {
        page,
        nav,
        add,
        credits: facts.credits(),
        people: grouped(facts.people()),
        finished: grouped(facts.at(Stage::Finished).into()),
        funnel: funnel(&facts),
        deaf: facts.endpoints.iter().find_map(switched_off),
        attention: attention(&facts, &first_steps, lead.member.role),
        first_steps,
        activity: facts.activity,
    };
    shown_with(request, status, &view)
}

/// What a new organization does first. Gone once all are done, or once somebody has joined.
fn first_steps(facts: &Facts, role: Role) -> Vec<FirstStep> {
    let (credits, invited) = (facts.organization.shown_credits() > 0, facts.organization.all_invites > 0);
    if (facts.sends && credits && invited) || facts.counts.accepted > 0 {
        return Vec::new();
    }
    let outbox = match role {
        Role::Owner => Link::new(Section::Outbox.href(), "Open outbox"),
        _ => Link::new(Section::Invites.href(), "See invites"),
    };
    vec![
        FirstStep {
            title: "Set up mail",
            words: "Set HEADROOM_SMTP_URL on the server and restart it. Until then, mails stay in the owner's outbox.",
            done: facts.sends,
            next: outbox,
        },
        FirstStep {
            title: "Get credits",
            words: "One credit is one person's headshots. Whoever runs the server grants them.",
            done: credits,
            next: Link::new(Section::Credits.href(), "See how"),
        },
        FirstStep {
            title: "Invite the first person",
            words: "They get a link that signs them in, and add their photos.",
            done: invited,
            next: Link::new(
                if credits {
                    address(Section::Overview.href(), &[("add", "invite")])
                } else {
                    Way::Invite.wants_credit()
                },
                "Add member",
            ),
        },
    ]
}

fn funnel(facts: &Facts) -> Vec<Step> {
    let members = |stage: Stage| address(Section::Members.href(), &[("state", stage.as_str())]);
    let steps = [
        ("Invited", facts.counts.pending, Section::Invites.href().to_owned()),
        ("Joined", facts.at(Stage::Joined), members(Stage::Joined)),
        ("Uploading", facts.at(Stage::Uploading), members(Stage::Uploading)),
        ("Generating", facts.at(Stage::Generating), members(Stage::Generating)),
        ("Finished", facts.at(Stage::Finished), members(Stage::Finished)),
    ];
    let widest = steps.iter().map(|(_, count, _)| *count).max().unwrap_or(0).max(1);
    steps
        .into_iter()
        .map(|(words, count, href)| Step { words, count: grouped(count.into()), width: count * 100 / widest, href })
        .collect()
}

fn attention(facts: &Facts, first_steps: &[FirstStep], role: Role) -> Vec<Attention> {
    let mut items = Vec::new();
    items.extend(facts.not_agreed.as_ref().map(photos_stay));
    items.extend(credits_running_out(facts, first_steps));
    items.extend(facts.failed.iter().map(shoot_failed));
    items.extend(and_more(
        facts.at(Stage::Failed),
        facts.failed.len(),
        "failed shoot",
        &address(Section::Members.href(), &[("state", "failed")]),
    ));
    items.extend(going_soon(facts));
    items.extend(facts.undelivered.iter().map(not_delivered));
    let undelivered = address(Section::Invites.href(), &[("tab", "not-delivered")]);
    items.extend(and_more(facts.counts.not_delivered, facts.undelivered.len(), "invite not delivered", &undelivered));
    if !facts.sends && first_steps.is_empty() {
        items.push(no_mail_server(role));
    }
    items.extend(facts.endpoints.iter().filter_map(|endpoint| switched_off(endpoint).or_else(|| failing(endpoint))));
    items.extend(parked_jobs(facts.parked));
    items.extend(parked_elsewhere(&facts.loads, facts.parked));
    items.extend(facts.tampered.as_deref().map(log_changed));
    items
}

fn credits_running_out(facts: &Facts, first_steps: &[FirstStep]) -> Option<Attention> {
    let left = facts.organization.shown_credits();
    let to_come = facts.counts.pending + facts.at(Stage::Joined) + facts.at(Stage::Uploading);
    let (tone, title) = match left {
        0 if first_steps.is_empty() => (Tone::Bad, "No credits left".to_owned()),
        1.. if left < i64::from(to_come) => (Tone::Warn, format!("{} left", counted(left.unsigned_abs(), "credit"))),
        _ => return None,
    };
    let words = match to_come {
        0 => "Nobody can be invited until there are more.".to_owned(),
        1 => "1 person has yet to submit their photos.".to_owned(),
        people => format!("{} people have yet to submit their photos.", grouped(people.into())),
    };
    Some(Attention { tone, title, words, next: Some(Link::new(Section::Credits.href(), "Get more")) })
}

fn photos_stay(to: &Destination) -> Attention {
    Attention {
        tone: Tone::Bad,
        title: "Nobody can submit photos".to_owned(),
        words: format!("Headshots are made on {}, and nobody has agreed yet that photos are sent there.", to.host),
        next: Some(Link::new(settings::GENERATOR, "Decide")),
    }
}

fn shoot_failed(listed: &Listed) -> Attention {
    let email = listed.email.as_ref().map(Email::to_string).unwrap_or_default();
    let who = listed.name.clone().unwrap_or_else(|| email.clone());
    Attention {
        tone: Tone::Bad,
        title: format!("{who}'s shoot failed"),
        words: listed.failure.clone().unwrap_or_else(|| "The headshots could not be made.".to_owned()),
        next: Some(Link::new(address(Section::Members.href(), &[("q", &email), ("state", "failed")]), "Show")),
    }
}

fn going_soon(facts: &Facts) -> Option<Attention> {
    let Going { headshots, people, first, .. } = facts.going;
    let whose = if people == 1 { "1 person".to_owned() } else { format!("{} people", grouped(people.into())) };
    first.map(|first| Attention {
        tone: Tone::Warn,
        title: format!("Headshots of {whose} are deleted soon"),
        words: format!(
            "{}, from {} on. Those who have an e-mail address are told; download what is to be kept.",
            counted(headshots, "headshot"),
            facts.zone.day(first),
        ),
        next: Some(Link::new(address(Section::Members.href(), &[("state", "finished")]), "Show members")),
    })
}

fn not_delivered(mail: &Undelivered) -> Attention {
    Attention {
        tone: Tone::Bad,
        title: format!("No mail reached {}", mail.to),
        words: match mail.answer.is_empty() {
            true => "The mail server gave no reason.".to_owned(),
            false => format!("The mail server said: {}", mail.answer),
        },
        next: Some(Link::new(
            address(Section::Invites.href(), &[("tab", "not-delivered"), ("q", mail.to.as_str())]),
            "Show",
        )),
    }
}

fn and_more(all: u32, named: usize, what: &str, href: &str) -> Option<Attention> {
    let more = (all as usize).saturating_sub(named);
    (more > 0 && named > 0).then(|| Attention {
        tone: Tone::Bad,
        title: format!("{} more", grouped(more as u64)),
        words: format!("Each a {what}."),
        next: Some(Link::new(href, "Show all")),
    })
}

fn no_mail_server(role: Role) -> Attention {
    let next = match role {
        Role::Owner => Link::new(Section::Outbox.href(), "Open outbox"),
        _ => Link::new(Section::Invites.href(), "See invites"),
    };
    Attention {
        tone: Tone::Warn,
        title: "No mail server is set up".to_owned(),
        words: "Mails stay in the owner's outbox. You can copy invite links and pass them on.".to_owned(),
        next: Some(next),
    }
}

/// An endpoint that no lead has switched off.
fn switched_off(endpoint: &Endpoint) -> Option<Attention> {
    let (_, why) = endpoint.disabled.filter(|(_, why)| *why != Why::Lead)?;
    Some(Attention {
        tone: Tone::Bad,
        title: format!("Webhooks to {} are switched off", endpoint.host()),
        words: format!("{} Events of models are not sent there any more.", because(why)),
        next: Some(Link::new(Section::Webhooks.href(), "Show")),
    })
}

fn failing(endpoint: &Endpoint) -> Option<Attention> {
    let since = endpoint.failing_since.filter(|_| endpoint.disabled.is_none())?;
    let log = address(Section::Webhooks.href(), &[("endpoint", endpoint.id.as_str())]);
    Some(Attention {
        tone: Tone::Warn,
        title: format!("Webhooks to {} fail", endpoint.host()),
        words: format!("None has arrived since {}. After five days they are switched off.", When::exact(since).words),
        next: Some(Link::new(log, "Show")),
    })
}

fn parked_jobs(parked: u32) -> Option<Attention> {
    (parked > 0).then(|| Attention {
        tone: Tone::Warn,
        title: format!("{} gave up", counted(parked, "job")),
        words: "Work for your organization failed after its last try. See why, and run it again.".to_owned(),
        next: Some(Link::new(settings::JOBS, "Show jobs")),
    })
}

fn log_changed(trouble: &str) -> Attention {
    Attention {
        tone: Tone::Bad,
        title: "The audit log is not as it was written".to_owned(),
        words: trouble.to_owned(),
        next: Some(Link::new(settings::AUDIT, "Show")),
    }
}

/// Those of others on this server, and those that are nobody's own.
fn parked_elsewhere(loads: &[Load], own: u32) -> Option<Attention> {
    let all: u32 = loads.iter().map(|load| load.parked).sum();
    let parked = all.saturating_sub(own);
    (parked > 0).then(|| Attention {
        tone: Tone::Warn,
        title: format!("{} on the server gave up", counted(parked, "job")),
        words: "It is not your organization's own work. Whoever runs the server sees why by: headroom jobs list."
            .to_owned(),
        next: None,
    })
}

/// What happened last, as far as leads care.
fn activity(view: &View, member: &Member) -> Result<Vec<Activity>> {
    let events = events::latest(view, &member.organization, EVENTS)?;
    Ok(events
        .into_iter()
        .filter_map(|event| {
            let who = event.who.as_deref().unwrap_or("Someone who has left");
            let words = match (event.kind, event.state.as_str()) {
                (Kind::Created, _) => format!("{who} joined"),
                (Kind::Moved, "submitted") if event.again => format!("{who}'s headshots started again"),
                (Kind::Moved, "submitted") => format!("{who} submitted photos"),
                (Kind::Moved, "failed") => format!("A try at {who}'s headshots failed"),
                (Kind::PhotosReady, _) => format!("{who}'s headshots are ready"),
                (Kind::FavoriteSelected, _) => format!("{who} chose a favourite"),
                (Kind::Deleted, _) => format!("{who}'s photos and headshots were deleted"),
                (Kind::Moved, _) => return None,
            };
            Some(Activity { words, at: When::ago(event.created_at, view.now) })
        })
        .take(ACTIVITY)
        .collect())
}
