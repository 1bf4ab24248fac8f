//! What each page shows: plain values, ready for display. One struct a template;
//! it moves beside the page's handler. Rules, clocks and SQL have no place here.

use askama::Template;

// ---------------------------------------------------------------- shared

/// What every page carries, whoever looks at it.
pub struct Page {
    pub title: String,
    pub assets: Assets,
    /// One sentence on what the last action did, shown once.
    pub flash: Option<String>,
    pub brand: Brand,
    /// The person signed in.
    pub me: Option<Me>,
}

/// Where the embedded files live; each name holds a checksum.
#[derive(Clone)]
pub struct Assets {
    pub css: String,
    pub icon: String,
    /// The address of a module by its name: `js("upload")`.
    pub module: fn(&str) -> String,
}

impl Assets {
    pub fn js(&self, name: &str) -> String {
        (self.module)(name)
    }
}

/// Whose pages these are.
#[derive(Clone)]
pub struct Brand {
    pub name: String,
    /// The address of the organization's logo.
    pub logo: Option<String>,
    /// A style sheet that sets `--brand` and nothing else: pages carry no inline style.
    pub stylesheet: Option<String>,
    /// Whether the product's own name may show; not on whitelabel pages.
    pub product: bool,
}

#[derive(Clone)]
pub struct Me {
    pub name: String,
    pub email: String,
    pub initials: String,
    pub photo: Option<String>,
    /// Owner or lead: sees the way to the administration.
    pub leads: bool,
}

/// The side navigation.
pub struct Nav {
    pub here: Section,
    pub items: Vec<NavItem>,
}

pub struct NavItem {
    pub section: Section,
    pub count: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Overview,
    Members,
    Invites,
    Teams,
    Credits,
    Api,
    Outbox,
}

impl Section {
    pub fn href(self) -> &'static str {
        match self {
            Self::Overview => "/app/admin",
            Self::Members => "/app/admin/members",
            Self::Invites => "/app/admin/invites",
            Self::Teams => "/app/admin/teams",
            Self::Credits => "/app/admin/credits",
            Self::Api => "/app/admin/api",
            Self::Outbox => "/app/admin/outbox",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Members => "Members",
            Self::Invites => "Invites",
            Self::Teams => "Teams",
            Self::Credits => "Credits",
            Self::Api => "API",
            Self::Outbox => "Outbox",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Members => "members",
            Self::Invites => "invites",
            Self::Teams => "teams",
            Self::Credits => "credits",
            Self::Api => "api",
            Self::Outbox => "outbox",
        }
    }
}

/// A moment: for machines and for people.
#[derive(Clone)]
pub struct When {
    pub iso: String,
    pub words: String,
}

/// What was typed and, if it can't stay, why.
#[derive(Clone, Default)]
pub struct Field {
    pub value: String,
    pub error: Option<String>,
}

/// One line of a select.
#[derive(Clone)]
pub struct Choice {
    pub value: String,
    pub words: String,
    pub chosen: bool,
}

/// Asked before something goes for good.
pub struct Confirm {
    pub title: String,
    /// What will go, in words.
    pub words: String,
    /// Where the answer is posted.
    pub action: String,
    pub button: String,
    /// The page without the question.
    pub cancel: String,
    pub name_to_type: Option<String>,
}

/// Keyset paging: addresses of the neighbours.
#[derive(Default)]
pub struct Pager {
    pub newer: Option<String>,
    pub older: Option<String>,
}

// ---------------------------------------------------------------- bare pages

#[derive(Template)]
#[template(path = "bare/signin.html")]
pub struct SignIn {
    pub page: Page,
    pub with_password: bool,
    pub email: Field,
    pub password_error: Option<String>,
}
