//! The lead's pages under `/app/admin`: what they have in common. Each takes a [`Lead`](crate::web::browser::Lead), so
//! nobody else gets past the door.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::Method,
    web::{self, Data},
};

use crate::{
    app::App,
    db::{Slice, View},
    error::Result,
    i18n::Message,
    invites,
    members::{Member, Role},
    pages::{
        live,
        view::{Page, Pager},
    },
    web::{
        browser::{AsOf, Lead},
        resource,
    },
};

mod add_member;
mod api_keys;
mod credits;
mod embedding;
mod imports;
mod invites_list;
mod members_list;
mod open_links;
mod outbox;
mod overview;
mod person;
mod picks;
mod search;
mod settings;
mod teams;
mod wall;
mod webhooks;

pub(super) use settings::tested;

/// Largest form, in bytes; the one that takes addresses by the thousand has a limit of its own.
const LARGEST_FORM: usize = 512 * 1024;

/// Rows of a page.
const ROWS: u32 = 50;

/// From here on the navigation only says that there are more.
const UNCOUNTED: u32 = 1000;

/// All of them.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/app/admin")
            .app_data(web::FormConfig::default().limit(LARGEST_FORM))
            .app_data(web::PayloadConfig::new(LARGEST_FORM))
            .service(resource("/changes", "GET").route(web::get().to(changes)))
            .configure(overview::routes)
            .configure(search::routes)
            .configure(members_list::routes)
            .configure(person::routes)
            .configure(wall::routes)
            .configure(invites_list::routes)
            .configure(add_member::routes)
            .configure(imports::routes)
            .configure(open_links::routes)
            .configure(teams::routes)
            .configure(credits::routes)
            .configure(api_keys::routes)
            .configure(embedding::routes)
            .configure(webhooks::routes)
            .configure(settings::routes)
            .configure(outbox::routes),
    );
}

/// The page's frame, and the way around.
fn frame(view: &View, request: &HttpRequest, app: &App, member: &Member, here: Section) -> Result<(Page, Nav)> {
    Ok((Page::of(view, request, here.words(), member)?, Nav::of(view, request, app, member, here)?))
}

/// `GET /app/admin/changes`: says so whenever something of the organization changes, for pages that are open.
async fn changes(request: HttpRequest, app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    live::changes(app, &request, &lead.member)
}

/// The side navigation.
struct Nav {
    here: Section,
    items: Vec<NavItem>,
    /// As of which change the page is, if it follows what comes after. The answer to a form doesn't: it shows what was typed.
    as_of: Option<u64>,
    /// The page that an answer to a form stands for.
    stands_for: Option<&'static str>,
    /// Whether whoever looks runs the server, and finds how it is among the settings.
    runs_server: bool,
}

struct NavItem {
    section: Section,
    count: Option<String>,
}

impl Nav {
    fn of(view: &View, request: &HttpRequest, app: &App, member: &Member, here: Section) -> Result<Self> {
        let waiting = invites::open(view, &member.organization, UNCOUNTED)?;
        let items = Section::of(member.role, app.mailer.sends()).into_iter().map(|section| NavItem {
            section,
            count: match waiting {
                _ if section != Section::Invites => None,
                0 => None,
                UNCOUNTED.. => Some(format!("{}+", UNCOUNTED - 1)),
                waiting => Some(waiting.to_string()),
            },
        });
        let as_of = request.extensions().get::<AsOf>().filter(|_| request.method() == Method::GET).map(|AsOf(of)| *of);
        let runs_server = settings::system::is_for(view, member)?;
        Ok(Self { here, items: items.collect(), as_of, stands_for: None, runs_server })
    }

    /// Has the answer to a form follow changes, as the page that it stands for.
    fn standing_for(self, section: Section) -> Self {
        Self { as_of: Some(self.as_of.unwrap_or_default()), stands_for: Some(section.href()), ..self }
    }

    /// Those that a phone's bar has no room for.
    fn more(&self) -> impl Iterator<Item = &NavItem> {
        self.items.iter().filter(|item| !item.section.is_in_bar())
    }

    /// Whether the page is one of [`Self::more`].
    fn is_in_more(&self) -> bool {
        self.more().any(|item| item.section == self.here)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Overview,
    Members,
    Headshots,
    Invites,
    Teams,
    Credits,
    Api,
    Webhooks,
    Settings,
    Outbox,
    Search,
}

impl Section {
    /// Those that someone in this role finds in the navigation. `sends`: mails go out.
    fn of(role: Role, sends: bool) -> Vec<Self> {
        use Section::{Api, Credits, Headshots, Invites, Members, Outbox, Overview, Settings, Teams, Webhooks};
        let mut all = vec![Overview, Members, Headshots, Invites, Teams, Credits, Api, Webhooks, Settings];
        // A way that leads nowhere for the others, and nowhere once mails go out.
        if role == Role::Owner && !sends {
            all.push(Outbox);
        }
        all
    }

    /// Whether a phone's bar has it; the others are under "More".
    fn is_in_bar(self) -> bool {
        matches!(self, Self::Overview | Self::Members | Self::Headshots | Self::Invites)
    }

    /// The keys that lead there, one after the other.
    fn keys(self) -> &'static str {
        match self {
            Self::Overview => "g o",
            Self::Members => "g m",
            Self::Headshots => "g h",
            Self::Invites => "g i",
            Self::Teams => "g t",
            Self::Credits => "g c",
            Self::Api => "g a",
            Self::Webhooks => "g w",
            Self::Settings => "g s",
            Self::Outbox => "g b",
            Self::Search => "",
        }
    }

    fn href(self) -> &'static str {
        match self {
            Self::Overview => "/app/admin",
            Self::Members => "/app/admin/members",
            Self::Headshots => "/app/admin/headshots",
            Self::Invites => "/app/admin/invites",
            Self::Teams => "/app/admin/teams",
            Self::Credits => "/app/admin/credits",
            Self::Api => "/app/admin/api",
            Self::Webhooks => "/app/admin/webhooks",
            Self::Settings => "/app/admin/settings",
            Self::Outbox => "/app/admin/outbox",
            Self::Search => "/app/admin/search",
        }
    }

    fn words(self) -> Message {
        match self {
            Self::Overview => say!("Overview"),
            Self::Members => say!("Members"),
            Self::Headshots => say!("Headshots"),
            Self::Invites => say!("Invites"),
            Self::Teams => say!("Teams"),
            Self::Credits => say!("Credits"),
            Self::Api => say!("API"),
            Self::Webhooks => say!("Webhooks"),
            Self::Settings => say!("Settings"),
            Self::Outbox => say!("Outbox"),
            Self::Search => say!("Search"),
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Members => "members",
            Self::Headshots => "photo",
            Self::Invites => "invites",
            Self::Teams => "teams",
            Self::Credits => "credits",
            Self::Api => "api",
            Self::Webhooks => "webhooks",
            Self::Settings => "settings",
            Self::Outbox => "outbox",
            Self::Search => "search",
        }
    }
}

/// How a state looks: the class of its dot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Waiting,
    Working,
    Good,
    Warn,
    Bad,
    Ended,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Ended => "ended",
        }
    }
}

/// One of several lists in the same place.
pub(super) struct Tab {
    pub(super) words: String,
    pub(super) href: String,
    pub(super) count: String,
    pub(super) here: bool,
}

/// An address of ours with what is chosen on it: empty values are left away.
fn address(path: &str, chosen: &[(&str, &str)]) -> String {
    let chosen = chosen.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(chosen).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The ways to the neighbouring parts of a list whose own address is `list`.
fn pager<T, K: ToString>(list: &str, slice: &Slice<T>, key: impl Fn(&T) -> K) -> Pager {
    let to = |name: &str, row: Option<&T>| {
        let joint = if list.contains('?') { '&' } else { '?' };
        row.map(|row| format!("{list}{joint}{name}={}", key(row).to_string()))
    };
    Pager {
        newer: if slice.newer { to("before", slice.rows.first()) } else { None },
        older: if slice.older { to("after", slice.rows.last()) } else { None },
    }
}

/// What an address says, if it is one of ours; anything else counts as not said.
fn said<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text.filter(|text| !text.is_empty()).and_then(|text| text.parse().ok())
}
