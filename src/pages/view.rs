//! What pages have in common: their frame, whose pages they are, and the small things several of them show.

use std::{fmt::Display, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration as CookieTime,
    http::header::{HeaderValue, SET_COOKIE},
    web::Data,
};
use url::form_urlencoded;

use super::{host::Host, undoing::Notices};
use crate::{
    app::App,
    branding,
    clock::Timestamp,
    db::View,
    error::{Error, Result},
    i18n::{Message, language, short_day, short_second},
    ids::OrganizationId,
    invites,
    members::{Email, Kind, Member},
    organizations::{self, Ground, Organization, Zone},
    web::{assets, audience::on_neutral_host, browser},
};

/// What the product calls itself where no organization speaks.
const PRODUCT: &str = "Headroom";

/// The colour of pages whose organization has none.
const UNCOLOURED: &str = "1a6b75";

/// What every page carries, whoever looks at it.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) assets: Assets,
    /// One sentence on what the last action did, shown once.
    pub(super) flash: Option<String>,
    /// What the reader asked for and can undo, or was refused.
    pub(super) notices: Notices,
    pub(super) brand: Brand,
    /// The person signed in.
    pub(super) me: Option<Me>,
    /// It is for someone who makes headshots for themselves: no organization speaks, and nobody leads.
    pub(super) alone: bool,
    /// The organization that has invited them meanwhile.
    pub(super) invited: Option<String>,
    /// Where the member's pages are, for whoever looks: `/team-member`, and something else for a lead who acts for someone.
    pub(super) base: String,
    /// Whom a lead acts for, and the way back to them.
    pub(super) behalf: Option<Link>,
    /// The page of another product that this one may be in.
    pub(super) host: Option<Host>,
}

impl Page {
    /// For whoever comes along.
    pub(super) fn open(request: &HttpRequest, title: impl Into<String>) -> Self {
        let brand = if neutral(request) { Brand::nobodys() } else { Brand::ours() };
        Self { flash: flash(request), ..Self::plain(title, brand) }
    }

    /// Without anything that a request would tell.
    pub(super) fn plain(title: impl Into<String>, brand: Brand) -> Self {
        let (title, base) = (title.into(), browser::MEMBER_PAGES.to_owned());
        let (assets, alone) = (Assets::find(), false);
        let (flash, notices) = (None, Notices::default());
        Self { title, assets, flash, notices, brand, me: None, alone, invited: None, base, behalf: None, host: None }
    }

    /// What its words are in.
    pub(super) fn language(&self) -> &'static str {
        language().tag()
    }

    /// Where its scripts find their words, if those are other than English.
    pub(super) fn script_words(&self) -> Option<&'static str> {
        assets::words(language())
    }

    /// For someone an organization is about to let in.
    pub(super) fn branded(
        view: &View,
        request: &HttpRequest,
        title: impl Into<String>,
        organization: &OrganizationId,
    ) -> Result<Self> {
        let organization = organizations::get(view, organization)?;
        if organization.is_alone() {
            return Ok(Self { alone: true, ..Self::open(request, title) });
        }
        let brand = Brand { product: !neutral(request), ..Brand::of(organization) };
        Ok(Self { brand, ..Self::open(request, title) })
    }

    /// For someone who belongs to an organization. Who came from another product has no account here to speak of.
    pub(super) fn of(view: &View, request: &HttpRequest, title: impl Into<String>, member: &Member) -> Result<Self> {
        let mut page = Self::branded(view, request, title, &member.organization)?;
        page.notices = Notices::of(view, member)?;
        if member.kind == Kind::Anonymous {
            page.brand.product = false;
            page.host = Host::of(view, request, &organizations::get(view, &member.organization)?, member)?;
            return Ok(page);
        }
        page.me = Some(Me {
            name: member.called().to_owned(),
            email: member.email.as_ref().map(Email::to_string).unwrap_or_default(),
            initials: initials(member.called()),
            photo: None,
            leads: member.leads(),
        });
        if page.alone
            && let Some(email) = &member.email
            && let Some(invite) = invites::waiting_for(view, email)?
        {
            page.invited = Some(organizations::get(view, &invite.organization)?.name);
        }
        Ok(page)
    }
}

/// Whether the page is looked at under a name that isn't ours.
fn neutral(request: &HttpRequest) -> bool {
    request.app_data::<Data<App>>().is_some_and(|app| on_neutral_host(request, app))
}

/// Where the embedded files are.
pub(super) struct Assets {
    pub(super) css: &'static str,
}

impl Assets {
    fn find() -> Self {
        Self { css: assets::address("pages.css") }
    }

    /// Where a module is, by its name.
    pub(super) fn js(&self, name: &str) -> &'static str {
        assets::address(&format!("{name}.mjs"))
    }
}

/// Whose pages these are.
pub(super) struct Brand {
    pub(super) name: String,
    /// Where the organization's logo is.
    pub(super) logo: Option<String>,
    /// On which ground alone it can be seen, as a class: elsewhere it gets one of its own.
    pub(super) logo_class: &'static str,
    /// A style sheet that sets the organization's colours and nothing else: pages carry no inline style.
    pub(super) stylesheet: Option<String>,
    /// The browser's picture for the page.
    pub(super) icon: String,
    /// Whether the product's own name and mark may show.
    pub(super) product: bool,
}

impl Brand {
    /// The product's.
    pub(super) fn ours() -> Self {
        let icon = assets::address("favicon.svg").to_owned();
        Self { name: PRODUCT.to_owned(), logo: None, logo_class: "", stylesheet: None, icon, product: true }
    }

    /// An organization's, and nobody else's.
    pub(super) fn of(organization: Organization) -> Self {
        let Organization { id, name, accent, logo, logo_ground, .. } = organization;
        let logo_class = logo_class(logo_ground);
        let logo = logo.map(|version| branding::address(&id, &version));
        let colour = accent.as_deref().map(|accent| accent.trim_start_matches('#'));
        let stylesheet = colour.map(|colour| format!("/brand/{colour}.css"));
        let icon = format!("/brand/{}.svg", colour.unwrap_or(UNCOLOURED));
        Self { name, logo, logo_class, stylesheet, icon, product: false }
    }

    /// Of an organization that isn't known.
    pub(super) fn nobodys() -> Self {
        let icon = format!("/brand/{UNCOLOURED}.svg");
        Self { name: say!("Headshots").to_string(), logo: None, logo_class: "", stylesheet: None, icon, product: false }
    }

    /// Where its name leads from a page outside of any other.
    pub(super) fn home(&self) -> &'static str {
        if self.product { "/" } else { browser::MEMBER_PAGES }
    }

    /// What stands for it where there is no logo.
    pub(super) fn initial(&self) -> String {
        initials(&self.name).chars().take(1).collect()
    }
}

/// The class of a logo that is seen on this ground alone.
pub(super) fn logo_class(ground: Option<Ground>) -> &'static str {
    match ground {
        Some(Ground::Light) => "on-light",
        Some(Ground::Dark) => "on-dark",
        None => "",
    }
}

/// The person signed in.
pub(super) struct Me {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) initials: String,
    pub(super) photo: Option<String>,
    /// Sees the way to the administration.
    pub(super) leads: bool,
}

/// A moment: for machines and for people.
#[derive(Clone)]
pub(super) struct When {
    pub(super) iso: String,
    pub(super) words: String,
}

impl When {
    /// By its day.
    pub(super) fn day(moment: Timestamp) -> Self {
        Self { iso: moment.to_string(), words: short_day(moment.date_time().naive_utc()) }
    }

    /// By its day on an organization's wall.
    pub(super) fn day_in(zone: Zone, moment: Timestamp) -> Self {
        Self { iso: moment.to_string(), words: zone.short_day(moment) }
    }

    /// As people say it: minutes, hours or days ago, further back by its day.
    pub(super) fn ago(moment: Timestamp, now: Timestamp) -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        let words = match now.since(moment).as_secs() {
            0..MINUTE => say!("Just now"),
            seconds @ MINUTE..HOUR => say!("{minutes} min ago", minutes = seconds / MINUTE),
            seconds @ HOUR..DAY => say!("{n} hour ago" | "{n} hours ago", n = seconds / HOUR),
            seconds if seconds < 7 * DAY => say!("{n} day ago" | "{n} days ago", n = seconds / DAY),
            _ => return Self::day(moment),
        };
        Self { iso: moment.to_string(), words: words.to_string() }
    }

    /// To the second, for logs.
    pub(super) fn exact(moment: Timestamp) -> Self {
        Self { iso: moment.to_string(), words: format!("{} UTC", short_second(moment.date_time().naive_utc())) }
    }

    /// Of something that is to come: in minutes, hours or days, rounded up.
    pub(super) fn to_come(moment: Timestamp, now: Timestamp) -> Self {
        let words = match moment.since(now).as_secs() {
            0 => say!("Now"),
            seconds @ 1..60 => say!("In {seconds} s", seconds),
            seconds @ 60..3600 => say!("In {minutes} min", minutes = seconds.div_ceil(60)),
            seconds if seconds < 48 * 3600 => say!("In {n} hour" | "In {n} hours", n = seconds.div_ceil(3600)),
            seconds => say!("In {n} day" | "In {n} days", n = seconds.div_ceil(24 * 3600)),
        };
        Self { iso: moment.to_string(), words: words.to_string() }
    }
}

/// What was typed and, if it can't stay, why.
#[derive(Clone, Default)]
pub(super) struct Field {
    pub(super) value: String,
    pub(super) error: Option<String>,
}

impl Field {
    /// As it was typed.
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// As it was typed, with what is wrong with it.
    pub(super) fn wrong(value: impl Into<String>, error: &Error) -> Self {
        Self { value: value.into(), error: Some(error.to_string()) }
    }
}

/// One line of a select, or one of several to pick.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

/// Asked before something goes for good.
pub(super) struct Confirm {
    pub(super) title: String,
    /// What will go.
    pub(super) words: String,
    /// Where the answer is posted.
    pub(super) action: String,
    pub(super) button: String,
    /// The page without the question.
    pub(super) cancel: String,
    pub(super) name_to_type: Option<String>,
}

/// Where the neighbouring parts of a list are.
#[derive(Default)]
pub(super) struct Pager {
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

/// A way on.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) words: String,
}

impl Link {
    pub(super) fn new(href: impl Into<String>, words: impl Into<String>) -> Self {
        Self { href: href.into(), words: words.into() }
    }
}

/// A span as people say it, rounded up.
pub(super) fn about(span: Duration) -> Message {
    match span.as_secs() {
        0..60 => say!("less than a minute"),
        seconds @ 60..5400 => say!("about {n} minute" | "about {n} minutes", n = seconds.div_ceil(60)),
        seconds => say!("about {n} hour" | "about {n} hours", n = seconds.div_ceil(3600)),
    }
}

/// The first letters of the first and the last name, or of an address.
pub(super) fn initials(name: &str) -> String {
    let words: Vec<&str> =
        name.split([' ', '-']).filter(|word| word.chars().next().is_some_and(char::is_alphanumeric)).collect();
    let first = |word: &&str| word.chars().next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    match words.as_slice() {
        [] => String::new(),
        [one] => first(one),
        [front, .., back] => first(front) + &first(back),
    }
}

const FLASH: &str = "said";

/// What the last action had to say.
fn flash(request: &HttpRequest) -> Option<String> {
    let pair = format!("x={}", request.cookie(FLASH)?.value());
    let (_, words) = form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(words.chars().take(600).collect()).filter(|words: &String| !words.is_empty())
}

/// Has the next page say what was done.
pub(super) fn saying(app: &App, mut response: HttpResponse, words: impl Display) -> Result<HttpResponse> {
    let value: String = form_urlencoded::byte_serialize(words.to_string().as_bytes()).collect();
    let cookie = browser::passing(app, FLASH, value, CookieTime::minutes(1));
    response.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
    Ok(response)
}

/// What was said is not said again. A script that reads a page shows nobody what it says: the words wait for the next one.
pub(super) fn said(request: &HttpRequest, response: &mut HttpResponse) {
    if request.headers().get("sec-fetch-dest").is_some_and(|to| to == "empty") {
        return;
    }
    let Some(app) = request.app_data::<Data<App>>().filter(|_| request.cookie(FLASH).is_some()) else { return };
    // A cookie that can't be written stays a minute.
    if let Ok(gone) = HeaderValue::try_from(browser::passing(app, FLASH, String::new(), CookieTime::ZERO)) {
        response.headers_mut().append(SET_COOKIE, gone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_say_them() {
        assert_eq!(about(Duration::from_secs(59)).to_string(), "less than a minute");
        assert_eq!(about(Duration::from_secs(61)).to_string(), "about 2 minutes");
        assert_eq!(about(Duration::from_secs(5400)).to_string(), "about 2 hours");
    }

    #[test]
    fn initials_come_from_the_first_and_the_last_name() {
        assert_eq!(initials("Ana María de la Cruz"), "AC");
        assert_eq!(initials("kim@acme.test"), "K");
        assert_eq!(initials("Łukasz"), "Ł");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn moments_are_told_from_now() {
        let now = Timestamp::from_millis(1_705_314_600_000);
        let ago = |seconds| When::ago(now - Duration::from_secs(seconds), now).words;
        assert_eq!(ago(5), "Just now");
        assert_eq!(ago(90), "1 min ago");
        assert_eq!(ago(2 * 3600), "2 hours ago");
        assert_eq!(ago(26 * 3600), "1 day ago");
        assert_eq!(ago(8 * 24 * 3600), "Jan 7, 2024");
        let to_come = |seconds| When::to_come(now + Duration::from_secs(seconds), now).words;
        assert_eq!(to_come(0), "Now");
        assert_eq!(to_come(5), "In 5 s");
        assert_eq!(to_come(290), "In 5 min");
        assert_eq!(to_come(24 * 3600), "In 24 hours");
        assert_eq!(When::exact(now).words, "Jan 15, 2024, 10:30:00 UTC");
    }
}
