//! The dialog "Add member" on the overview, the members and the invites: three ways in, each a tab with an address of its
//! own. [001]

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, ServiceConfig},
};
use url::Url;

use super::{Section, Tab, address, credits, invites_list, members_list, overview, said};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::{OrganizationId, TeamId},
    organizations,
    pages::view::{self, Choice},
    secrets::Token,
    teams,
    web::browser::Lead,
};

mod invite;
mod link;
mod managed;
pub(super) mod sending;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.configure(invite::routes).configure(link::routes).configure(managed::routes);
}

pub(super) use invite::{long_form, send};

/// A way to add someone: a tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// By mail.
    #[default]
    Invite,
    /// By a link that goes round.
    Link,
    /// On their behalf.
    Managed,
}

impl Way {
    const ALL: [Self; 3] = [Self::Invite, Self::Link, Self::Managed];

    /// As addresses name it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Link => "link",
            Self::Managed => "managed",
        }
    }

    /// The one that an address names, if it names one.
    pub(super) fn said(text: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|way| text == Some(way.as_str()))
    }

    fn words(self) -> Message {
        match self {
            Self::Invite => say!("Send invite"),
            Self::Link => say!("Open invite"),
            Self::Managed => say!("On their behalf"),
        }
    }

    /// The form on the page of invites, with these addresses in it.
    pub(super) fn again_with(emails: &str) -> String {
        address(Section::Invites.href(), &[("add", Self::Invite.as_str()), ("emails", emails)])
    }

    /// The credits page, which says what could not be done there.
    pub(super) fn wants_credit(self) -> String {
        address(Section::Credits.href(), &[("why", self.as_str())])
    }
}

/// The dialog, as a page holds it.
pub(super) struct AddMember {
    pub(super) open: bool,
    /// Balance of at least 1, or unlimited.
    pub(super) has_credit: bool,
    /// Where the button leads: the page with `?add=invite`, or the credits.
    pub(super) opener: String,
    /// The page without the dialog.
    pub(super) close: String,
    pub(super) tabs: Vec<Tab>,
    /// What came of the last try.
    pub(super) note: Option<Message>,
    /// Why nothing was done, where it isn't the fault of one field, and what to do instead.
    pub(super) refused: Option<Refused>,
    /// Empty when the organization has no teams.
    pub(super) teams: Vec<Choice>,
    /// Marks this form, so that a second press makes nothing more.
    pub(super) once: String,
    pub(super) form: TabForm,
}

/// The tab that is shown.
pub(super) enum TabForm {
    Invite(invite::InviteForm),
    Link(Box<link::LinkForm>),
    Managed(managed::ManagedForm),
}

/// Why nothing was done.
#[derive(Clone)]
pub(super) struct Refused {
    pub(super) words: Message,
    pub(super) next: Option<view::Link>,
    /// The next step is beside this form, which is filled in and can be sent after it.
    pub(super) aside: bool,
}

impl Refused {
    fn new(words: impl Into<Message>, next: Option<view::Link>) -> Self {
        Self { words: words.into(), next, aside: false }
    }
}

/// What stands in the dialog.
#[derive(Clone, Default)]
pub(super) struct Typed {
    /// None while it is closed.
    way: Option<Way>,
    note: Option<Message>,
    refused: Option<Refused>,
    team: String,
    /// The link that was made just now.
    made: Option<String>,
    invite: invite::Typed,
    link: link::Typed,
    managed: managed::Typed,
}

impl Typed {
    /// As an address says it: `?add=invite` with what was left to correct, or `?add=link` with the link that was made.
    pub(super) fn named(add: Option<&str>, emails: Option<&str>, made: Option<&str>) -> Self {
        Self {
            // Any other name counts as the first one.
            way: add.map(|add| Way::said(Some(add)).unwrap_or_default()),
            invite: invite::Typed::left(emails.unwrap_or_default()),
            made: made.map(str::to_owned),
            ..Self::default()
        }
    }

    /// With what is wrong about it as a whole, in words for people.
    fn refused_by(self, error: &Error) -> Self {
        let way = self.way.unwrap_or_default();
        let refused = match error {
            Error::NoCredits => Refused {
                words: say!("Your organization has no credits left.").then(credits::stopped(way)),
                next: Some(view::Link::new(way.wants_credit(), say!("Get credits"))),
                aside: true,
            },
            Error::NotFound(_) => {
                Refused::new(say!("This team is not there any more. Choose another, then try again."), None)
            }
            other => Refused::new(other.to_string(), None),
        };
        Self { refused: Some(refused), ..self }
    }
}

impl AddMember {
    /// The dialog on the page at `close`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the link that was made isn't one of this organization.
    pub(super) fn on(
        view: &View,
        app: &App,
        organization: &OrganizationId,
        close: &str,
        typed: &Typed,
    ) -> Result<Self> {
        let has_credit = organizations::get(view, organization)?.shown_credits() > 0;
        let shown = typed.way.unwrap_or_default();
        let opened = |way: Way| with(close, &[("add", way.as_str())]);
        let form = match shown {
            Way::Invite => TabForm::Invite(invite::InviteForm::new(view, organization, &typed.invite)?),
            // Nobody sees its list before the page is asked for it.
            Way::Link => {
                let form = link::LinkForm::new(view, app, organization, &typed.link, typed.made.as_deref())?;
                TabForm::Link(Box::new(form))
            }
            Way::Managed => TabForm::Managed(managed::ManagedForm::new(&typed.managed)),
        };
        Ok(Self {
            // Who was refused for want of a credit reads why, with everything typed before them.
            open: typed.way.is_some() && (has_credit || typed.refused.is_some()),
            has_credit,
            opener: if has_credit { opened(Way::Invite) } else { Way::Invite.wants_credit() },
            close: close.to_owned(),
            tabs: Way::ALL
                .into_iter()
                .map(|way| Tab {
                    words: way.words().into(),
                    href: opened(way),
                    count: String::new(),
                    here: way == shown,
                })
                .collect(),
            note: typed.note.clone(),
            refused: typed.refused.clone(),
            teams: choices(view, organization, &typed.team)?,
            once: Token::new().reveal().to_owned(),
            form,
        })
    }

    /// Whether the button can open it without a round trip: it opens with the first tab, and takes nobody to the credits.
    pub(super) fn opens_here(&self) -> bool {
        self.has_credit && matches!(self.form, TabForm::Invite(_))
    }

    pub(super) fn invite(&self) -> Option<&invite::InviteForm> {
        if let TabForm::Invite(form) = &self.form { Some(form) } else { None }
    }

    pub(super) fn link(&self) -> Option<&link::LinkForm> {
        if let TabForm::Link(form) = &self.form { Some(form) } else { None }
    }

    pub(super) fn managed(&self) -> Option<&managed::ManagedForm> {
        if let TabForm::Managed(form) = &self.form { Some(form) } else { None }
    }

    /// Where to go instead: the dialog was asked for where it can't be used.
    pub(super) fn leads_to_credits(&self, typed: &Typed) -> Option<String> {
        let credits = typed.way.filter(|_| !self.has_credit && !self.open)?.wants_credit();
        // What the address has of the form goes along, and comes back once there is a credit.
        Some(match typed.invite.emails() {
            "" => credits,
            emails => with(&credits, &[("emails", emails)]),
        })
    }
}

pub(super) fn choices(view: &View, organization: &OrganizationId, chosen: &str) -> Result<Vec<Choice>> {
    let teams = teams::list(view, organization)?;
    if teams.is_empty() {
        return Ok(Vec::new());
    }
    let none = Choice { value: String::new(), words: say!("No team").into(), chosen: chosen.is_empty() };
    let each = teams.into_iter().map(|team| Choice {
        chosen: team.id.as_str() == chosen,
        value: team.id.to_string(),
        words: team.name,
    });
    Ok(std::iter::once(none).chain(each).collect())
}

/// The team a form names, if it names one.
pub(super) fn team(text: &str) -> Result<Option<TeamId>> {
    match (text.is_empty(), said::<TeamId>(Some(text))) {
        (true, _) => Ok(None),
        (false, Some(team)) => Ok(Some(team)),
        (false, None) => Err(Error::NotFound("Team")),
    }
}

/// A page with more chosen on it.
fn with(page: &str, chosen: &[(&str, &str)]) -> String {
    let more = address("", chosen);
    if page.contains('?') { format!("{page}&{}", more.trim_start_matches('?')) } else { format!("{page}{more}") }
}

/// What can be corrected in the dialog; anything else is no matter of the form.
fn can_be_mended(error: &Error) -> bool {
    matches!(
        error,
        Error::Invalid(_)
            | Error::AlreadyExists(_)
            | Error::NotFound(_)
            | Error::NoCredits
            | Error::InviteLimit { .. }
            | Error::TooLarge(_)
            | Error::Unsupported(_)
            | Error::TooHard(_)
    )
}

/// The page once more, with everything typed and what there is to say about it.
async fn again(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    back: &Back,
    typed: &Typed,
    status: actix_web::http::StatusCode,
) -> Result<HttpResponse> {
    match back.section {
        Section::Overview => overview::screen(app, request, lead, typed, status).await,
        Section::Members => members_list::screen(app, request, lead, &back.query(), typed, status).await,
        _ => invites_list::screen(app, request, lead, &back.query(), typed, status).await,
    }
}

/// The page the dialog was on, which is one of three.
struct Back {
    section: Section,
    href: String,
}

impl Back {
    /// Anything else, such as another site's address, counts as the invites.
    fn parse(text: &str) -> Self {
        let fallback = Self { section: Section::Invites, href: Section::Invites.href().to_owned() };
        let Ok(base) = Url::parse("http://here.invalid/") else { return fallback };
        let Ok(url) = base.join(text) else { return fallback };
        let sections = [Section::Overview, Section::Members, Section::Invites];
        match sections.into_iter().find(|section| section.href() == url.path()) {
            Some(section) if url.origin() == base.origin() => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                Self { section, href: format!("{}{query}", section.href()) }
            }
            _ => fallback,
        }
    }

    /// What was chosen on it; what can't be read is left away.
    fn query<T: serde::de::DeserializeOwned + Default>(&self) -> T {
        let query = self.href.split_once('?').map_or("", |(_, query)| query);
        web::Query::<T>::from_query(query).map(web::Query::into_inner).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_one_of_our_three_pages() {
        assert_eq!(Back::parse("/app/admin").href, "/app/admin");
        assert_eq!(Back::parse("/app/admin/members?q=kim").href, "/app/admin/members?q=kim");
        for foreign in
            ["//evil.test/app/admin", "https://evil.test/app/admin", "/app/admin/../../signout", "", "javascript:1"]
        {
            assert_eq!(Back::parse(foreign).href, "/app/admin/invites", "{foreign}");
        }
    }

    #[test]
    fn each_tab_is_an_address() {
        for way in Way::ALL {
            assert_eq!(Way::said(Some(way.as_str())), Some(way));
        }
        assert_eq!(with("/app/admin/members?q=kim", &[("add", "link")]), "/app/admin/members?q=kim&add=link");
        assert_eq!(with("/app/admin", &[("add", "link")]), "/app/admin?add=link");
    }
}
