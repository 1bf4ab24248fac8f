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
    generator::Destination,
    i18n::{Message, grouped},
    invites::{self, Counts},
    mail::{self, Undelivered},
    members::{self, Email, Filter, Listed, Member, Role, Stage},
    organizations::{self, Organization, Zone},
    pages::{
        filters, shown_with, to,
        view::{Link, Page, When},
    },
    queue::{self, Load},
    shoots::{self, Going},
    web::{browser::Lead, get, resource},
    webhooks::{self, Endpoint, Why},
};

/// Lines of one kind that need attention; the rest is counted.
const OF_A_KIND: u32 = 3;

mod activity;

use activity::{Activity, activity};

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
    title: Message,
    words: Message,
    done: bool,
    next: Link,
}

/// Invited, joined, uploading, generating, finished.
struct Step {
    words: Message,
    count: String,
    /// 0 to 100: of the widest.
    width: u32,
    href: String,
}

struct Attention {
    tone: Tone,
    title: Message,
    words: Message,
    next: Option<Link>,
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
    tampered: Option<Message>,
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
            tampered: audit::last_check(view, organization)?
                .and_then(|last| last.trouble)
                .map(|trouble| audit::told(&trouble)),
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
            true => say!("Unlimited").into(),
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
        finished: grouped(facts.at(Stage::Finished)),
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
        Role::Owner => Link::new(Section::Outbox.href(), say!("Open outbox")),
        _ => Link::new(Section::Invites.href(), say!("See invites")),
    };
    vec![
        FirstStep {
            title: say!("Set up mail"),
            words: say!(
                "Set HEADROOM_SMTP_URL on the server and restart it. Until then, mails stay in the owner's outbox."
            ),
            done: facts.sends,
            next: outbox,
        },
        FirstStep {
            title: say!("Get credits"),
            words: say!("One credit is one person's headshots. Whoever runs the server grants them."),
            done: credits,
            next: Link::new(Section::Credits.href(), say!("See how")),
        },
        FirstStep {
            title: say!("Invite the first person"),
            words: say!("They get a link that signs them in, and add their photos."),
            done: invited,
            next: Link::new(
                if credits {
                    address(Section::Overview.href(), &[("add", "invite")])
                } else {
                    Way::Invite.wants_credit()
                },
                say!("Add member"),
            ),
        },
    ]
}

fn funnel(facts: &Facts) -> Vec<Step> {
    let members = |stage: Stage| address(Section::Members.href(), &[("state", stage.as_str())]);
    let steps = [
        (say!("Invited"), facts.counts.pending, Section::Invites.href().to_owned()),
        (say!("Joined"), facts.at(Stage::Joined), members(Stage::Joined)),
        (say!("Uploading"), facts.at(Stage::Uploading), members(Stage::Uploading)),
        (say!("Generating"), facts.at(Stage::Generating), members(Stage::Generating)),
        (say!("Finished"), facts.at(Stage::Finished), members(Stage::Finished)),
    ];
    let widest = steps.iter().map(|(_, count, _)| *count).max().unwrap_or(0).max(1);
    steps
        .into_iter()
        .map(|(words, count, href)| Step { words, count: grouped(count), width: count * 100 / widest, href })
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
        say!("Each a failed shoot."),
        &address(Section::Members.href(), &[("state", "failed")]),
    ));
    items.extend(going_soon(facts));
    items.extend(facts.undelivered.iter().map(not_delivered));
    let undelivered = address(Section::Invites.href(), &[("tab", "not-delivered")]);
    items.extend(and_more(
        facts.counts.not_delivered,
        facts.undelivered.len(),
        say!("Each an invite not delivered."),
        &undelivered,
    ));
    if !facts.sends && first_steps.is_empty() {
        items.push(no_mail_server(role));
    }
    items.extend(facts.endpoints.iter().filter_map(|endpoint| switched_off(endpoint).or_else(|| failing(endpoint))));
    items.extend(parked_jobs(facts.parked));
    items.extend(parked_elsewhere(&facts.loads, facts.parked));
    items.extend(facts.tampered.clone().map(log_changed));
    items
}

fn credits_running_out(facts: &Facts, first_steps: &[FirstStep]) -> Option<Attention> {
    let left = facts.organization.shown_credits();
    let to_come = facts.counts.pending + facts.at(Stage::Joined) + facts.at(Stage::Uploading);
    let (tone, title) = match left {
        0 if first_steps.is_empty() => (Tone::Bad, say!("No credits left")),
        1.. if left < i64::from(to_come) => (Tone::Warn, say!("{n} credit left" | "{n} credits left", n = left)),
        _ => return None,
    };
    let words = match to_come {
        0 => say!("Nobody can be invited until there are more."),
        people => say!(
            "{n} person has yet to submit their photos." | "{n} people have yet to submit their photos.",
            n = people
        ),
    };
    Some(Attention { tone, title, words, next: Some(Link::new(Section::Credits.href(), say!("Get more"))) })
}

fn photos_stay(to: &Destination) -> Attention {
    Attention {
        tone: Tone::Bad,
        title: say!("Nobody can submit photos"),
        words: say!(
            "Headshots are made on {host}, and nobody has agreed yet that photos are sent there.",
            host = to.host.to_string()
        ),
        next: Some(Link::new(settings::GENERATOR, say!("Decide"))),
    }
}

fn shoot_failed(listed: &Listed) -> Attention {
    let email = listed.email.as_ref().map(Email::to_string).unwrap_or_default();
    let who = listed.name.clone().unwrap_or_else(|| email.clone());
    Attention {
        tone: Tone::Bad,
        title: say!("{name}'s shoot failed", name = who),
        words: listed
            .failure
            .as_deref()
            .map_or_else(|| say!("The headshots could not be made."), shoots::told_of_failure),
        next: Some(Link::new(address(Section::Members.href(), &[("q", &email), ("state", "failed")]), say!("Show"))),
    }
}

fn going_soon(facts: &Facts) -> Option<Attention> {
    let Going { headshots, people, first, .. } = facts.going;
    first.map(|first| Attention {
        tone: Tone::Warn,
        title: say!(
            "Headshots of {n} person are deleted soon" | "Headshots of {n} people are deleted soon",
            n = people
        ),
        words: say!(
            "{n} headshot, from {day} on. Those who have an e-mail address are told; download what is to be kept." | "{n} headshots, from {day} on. Those who have an e-mail address are told; download what is to be kept.",
            n = headshots,
            day = facts.zone.day(first)
        ),
        next: Some(Link::new(address(Section::Members.href(), &[("state", "finished")]), say!("Show members"))),
    })
}

fn not_delivered(mail: &Undelivered) -> Attention {
    Attention {
        tone: Tone::Bad,
        title: say!("No mail reached {address}", address = mail.to.to_string()),
        words: match mail.answer.is_empty() {
            true => say!("The mail server gave no reason."),
            false => say!("The mail server said: {answer}", answer = mail.answer),
        },
        next: Some(Link::new(
            address(Section::Invites.href(), &[("tab", "not-delivered"), ("q", mail.to.as_str())]),
            say!("Show"),
        )),
    }
}

fn and_more(all: u32, named: usize, words: Message, href: &str) -> Option<Attention> {
    let more = (all as usize).saturating_sub(named);
    (more > 0 && named > 0).then(|| Attention {
        tone: Tone::Bad,
        title: say!("{n} more", n = more),
        words,
        next: Some(Link::new(href, say!("Show all"))),
    })
}

fn no_mail_server(role: Role) -> Attention {
    let next = match role {
        Role::Owner => Link::new(Section::Outbox.href(), say!("Open outbox")),
        _ => Link::new(Section::Invites.href(), say!("See invites")),
    };
    Attention {
        tone: Tone::Warn,
        title: say!("No mail server is set up"),
        words: say!("Mails stay in the owner's outbox. You can copy invite links and pass them on."),
        next: Some(next),
    }
}

/// An endpoint that no lead has switched off.
fn switched_off(endpoint: &Endpoint) -> Option<Attention> {
    let (_, why) = endpoint.disabled.filter(|(_, why)| *why != Why::Lead)?;
    Some(Attention {
        tone: Tone::Bad,
        title: say!("Webhooks to {host} are switched off", host = endpoint.host().to_string()),
        words: because(why).then(say!("Events of models are not sent there any more.")),
        next: Some(Link::new(Section::Webhooks.href(), say!("Show"))),
    })
}

fn failing(endpoint: &Endpoint) -> Option<Attention> {
    let since = endpoint.failing_since.filter(|_| endpoint.disabled.is_none())?;
    let log = address(Section::Webhooks.href(), &[("endpoint", endpoint.id.as_str())]);
    Some(Attention {
        tone: Tone::Warn,
        title: say!("Webhooks to {host} fail", host = endpoint.host().to_string()),
        words: say!(
            "None has arrived since {moment}. After five days they are switched off.",
            moment = When::exact(since).words
        ),
        next: Some(Link::new(log, say!("Show"))),
    })
}

fn parked_jobs(parked: u32) -> Option<Attention> {
    (parked > 0).then(|| Attention {
        tone: Tone::Warn,
        title: say!("{n} job gave up" | "{n} jobs gave up", n = parked),
        words: say!("Work for your organization failed after its last try. See why, and run it again."),
        next: Some(Link::new(settings::JOBS, say!("Show jobs"))),
    })
}

fn log_changed(words: Message) -> Attention {
    Attention {
        tone: Tone::Bad,
        title: say!("The audit log is not as it was written"),
        words,
        next: Some(Link::new(settings::AUDIT, say!("Show"))),
    }
}

/// Those of others on this server, and those that are nobody's own.
fn parked_elsewhere(loads: &[Load], own: u32) -> Option<Attention> {
    let all: u32 = loads.iter().map(|load| load.parked).sum();
    let parked = all.saturating_sub(own);
    (parked > 0).then(|| Attention {
        tone: Tone::Warn,
        title: say!("{n} job on the server gave up" | "{n} jobs on the server gave up", n = parked),
        words: say!("It is not your organization's own work. Whoever runs the server sees why by: headroom jobs list."),
        next: None,
    })
}
