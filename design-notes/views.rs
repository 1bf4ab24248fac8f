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

/// `GET /setup`
#[derive(Template)]
#[template(path = "bare/setup.html")]
pub struct Setup {
    pub page: Page,
    pub token: String,
    pub organization: Field,
    pub website: Field,
    pub email: Field,
    pub password_error: Option<String>,
}

#[derive(Template)]
#[template(path = "bare/setup-gone.html")]
pub struct SetupGone {
    pub page: Page,
}

/// The same for every address.
#[derive(Template)]
#[template(path = "bare/check-mail.html")]
pub struct CheckMail {
    pub page: Page,
    pub email: String,
    pub code_error: Option<String>,
    /// The page the address was asked on.
    pub again: String,
}

#[derive(Template)]
#[template(path = "bare/link-confirm.html")]
pub struct LinkConfirm {
    pub page: Page,
    /// `k…@acme.test`
    pub masked_email: String,
    /// Where the button posts; the token waits in a cookie, not in the page.
    pub action: String,
}

#[derive(Template)]
#[template(path = "bare/link-expired.html")]
pub struct LinkExpired {
    pub page: Page,
    pub used: bool,
    pub email: Field,
}

#[derive(Template)]
#[template(path = "bare/link-other.html")]
pub struct LinkOther {
    pub page: Page,
    pub present_email: String,
    pub masked_email: String,
    pub action: String,
    pub stay: String,
}

/// `GET /auth/signup?invite=ID`
#[derive(Template)]
#[template(path = "bare/invite-address.html")]
pub struct InviteAddress {
    pub page: Page,
    pub invite: String,
    pub email: Field,
    pub wrong: bool,
}

#[derive(Template)]
#[template(path = "bare/invite-revoked.html")]
pub struct InviteRevoked {
    pub page: Page,
}

#[derive(Template)]
#[template(path = "bare/team-access.html")]
pub struct TeamAccess {
    pub page: Page,
    pub email: Field,
}

/// Any error a person meets: what happened, what it means, what to do.
#[derive(Template)]
#[template(path = "bare/error.html")]
pub struct Problem {
    pub page: Page,
    pub what_happened: String,
    pub what_it_means: String,
    pub what_to_do: String,
    pub next: Link,
    pub request_id: String,
}

#[derive(Clone)]
pub struct Link {
    pub href: String,
    pub words: String,
}

// ---------------------------------------------------------------- administration

/// How a state looks: the class of its dot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Waiting,
    Working,
    Good,
    Warn,
    Bad,
    Ended,
}

impl Tone {
    pub fn class(self) -> &'static str {
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

/// Where a member stands, as leads read it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    Joined,
    Uploading,
    Generating,
    Finished,
    Failed,
    Deleted,
}

impl MemberState {
    pub fn words(self) -> &'static str {
        match self {
            Self::Joined => "Joined",
            Self::Uploading => "Uploading",
            Self::Generating => "Generating",
            Self::Finished => "Finished",
            Self::Failed => "Failed",
            Self::Deleted => "Deleted",
        }
    }

    pub fn tone(self) -> &'static str {
        match self {
            Self::Joined => Tone::Waiting,
            Self::Uploading | Self::Generating => Tone::Working,
            Self::Finished => Tone::Good,
            Self::Failed => Tone::Bad,
            Self::Deleted => Tone::Ended,
        }
        .class()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum InviteState {
    Pending,
    Accepted,
    Expired,
    NotDelivered,
    Revoked,
}

impl InviteState {
    pub fn words(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Accepted => "Accepted",
            Self::Expired => "Expired",
            Self::NotDelivered => "Not delivered",
            Self::Revoked => "Revoked",
        }
    }

    pub fn tone(self) -> &'static str {
        match self {
            Self::Pending => Tone::Waiting,
            Self::Accepted => Tone::Good,
            Self::Expired => Tone::Warn,
            Self::NotDelivered => Tone::Bad,
            Self::Revoked => Tone::Ended,
        }
        .class()
    }
}

/// The dialog "Add member", on the overview, the members and the invites.
pub struct AddMember {
    /// The address says `?add=invite`.
    pub open: bool,
    /// Balance of at least 1, or unlimited.
    pub has_credit: bool,
    /// Where the button leads: the page with `?add=invite`, or `/app/admin/credits?why=invite`.
    pub opener: String,
    /// The page without the dialog.
    pub close: String,
    /// Only the ways that work; a single one shows no tabs.
    pub tabs: Vec<Tab>,
    pub emails: Field,
    /// Lines left out of the last try.
    pub report: Vec<ReportLine>,
    /// Empty when the organization has no teams.
    pub teams: Vec<Choice>,
    /// `Send invites` or `Invite 3 members`.
    pub button: String,
}

pub struct ReportLine {
    pub text: String,
    pub words: String,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Bad,
    Duplicate,
    Member,
    Invited,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Duplicate => "duplicate",
            Self::Member => "member",
            Self::Invited => "invited",
        }
    }
}

pub struct Tab {
    pub words: String,
    pub href: String,
    pub count: String,
    pub here: bool,
}

#[derive(Template)]
#[template(path = "admin/overview.html")]
pub struct Overview {
    pub page: Page,
    pub nav: Nav,
    pub add: AddMember,
    /// Mail, credits, invite; empty once all are done.
    pub first_steps: Vec<FirstStep>,
    pub credits: String,
    pub people: String,
    pub finished: String,
    pub funnel: Vec<Stage>,
    pub attention: Vec<Attention>,
    pub activity: Vec<Activity>,
}

pub struct FirstStep {
    pub title: String,
    pub words: String,
    pub done: bool,
    pub next: Link,
}

/// Invited, joined, uploading, generating, finished.
pub struct Stage {
    pub words: String,
    pub count: String,
    /// 0 to 100: of the widest.
    pub width: u8,
    pub href: String,
}

pub struct Attention {
    pub tone: Tone,
    pub title: String,
    pub words: String,
    pub next: Link,
}

pub struct Activity {
    pub words: String,
    pub at: When,
}

#[derive(Template)]
#[template(path = "admin/members.html")]
pub struct Members {
    pub page: Page,
    pub nav: Nav,
    pub add: AddMember,
    /// The organization has no member yet, whatever the filter.
    pub none_at_all: bool,
    pub search: String,
    /// The first choice has an empty value: `All teams`.
    pub teams: Vec<Choice>,
    pub states: Vec<Choice>,
    pub filtered: bool,
    pub rows: Vec<MemberRow>,
    pub count_words: String,
    pub pager: Pager,
}

pub struct MemberRow {
    pub name: String,
    pub email: String,
    pub initials: String,
    pub photo: Option<String>,
    pub team: Option<String>,
    pub state: MemberState,
    pub joined: When,
}

#[derive(Template)]
#[template(path = "admin/invites.html")]
pub struct Invites {
    pub page: Page,
    pub nav: Nav,
    pub add: AddMember,
    pub tabs: Vec<Tab>,
    /// The value of the tab shown: `pending`, `accepted`, `expired`, `not-delivered`, `revoked`.
    pub tab: String,
    pub search: String,
    pub rows: Vec<InviteRow>,
    pub empty_title: String,
    pub empty_words: String,
    pub count_words: String,
    pub pager: Pager,
    /// `?revoke=ID`
    pub confirm: Option<Confirm>,
}

pub struct InviteRow {
    pub id: String,
    pub email: String,
    pub state: InviteState,
    /// The mail server's words, where a mail was not delivered.
    pub trouble: Option<String>,
    pub team: Option<String>,
    pub sent: When,
    /// `{base}/auth/signup?invite=ID`, while it can be accepted.
    pub link: Option<String>,
    pub can_resend: bool,
    pub can_revoke: bool,
    /// This page with `revoke=ID` added.
    pub revoke_href: String,
}

#[derive(Template)]
#[template(path = "admin/credits.html")]
pub struct Credits {
    pub page: Page,
    pub nav: Nav,
    /// `Unlimited` where it is.
    pub balance: String,
    pub used: String,
    pub returned: String,
    /// What could not be done for want of a credit.
    pub stopped: Option<String>,
    pub grant_command: String,
    pub rows: Vec<LedgerRow>,
    pub count_words: String,
    pub pager: Pager,
}

pub struct LedgerRow {
    pub reason: String,
    pub at: When,
    /// `+25`, `−1` with a real minus.
    pub change: String,
    pub balance: String,
}

/// What a form that needs a credit answers when there is none.
#[derive(Template)]
#[template(path = "admin/no-credits.html")]
pub struct NoCredits {
    pub page: Page,
    pub nav: Nav,
    pub why: String,
}

#[derive(Template)]
#[template(path = "admin/api-keys.html")]
pub struct ApiKeys {
    pub page: Page,
    pub nav: Nav,
    /// Shown once, on the page that answers the form.
    pub fresh: Option<FreshKey>,
    pub keys: Vec<KeyRow>,
    pub name: Field,
    pub scopes: Vec<Scope>,
    pub scopes_error: Option<String>,
    pub expiries: Vec<Choice>,
    pub base_url: String,
    pub samples: Vec<Sample>,
    /// `?delete=ID`
    pub confirm: Option<Confirm>,
}

pub struct FreshKey {
    pub name: String,
    pub secret: String,
}

pub struct KeyRow {
    pub id: String,
    pub name: String,
    /// `hr_8c1f…`
    pub start: String,
    pub scopes: String,
    pub last_used: Option<When>,
    pub expires: Option<When>,
    pub expired: bool,
}

pub struct Scope {
    pub name: String,
    pub words: String,
    pub read: bool,
    pub write: bool,
}

/// A first request in one language.
pub struct Sample {
    pub language: String,
    pub code: String,
}

impl Sample {
    pub fn all(base_url: &str) -> Vec<Self> {
        let sample = |language: &str, code: String| Self { language: language.into(), code };
        vec![
            sample(
                "curl",
                format!("curl {base_url}/organization \\\n  -H \"Authorization: Bearer $HEADROOM_KEY\""),
            ),
            sample(
                "JavaScript",
                format!(
                    "const answer = await fetch(\"{base_url}/organization\", {{\n  headers: {{ Authorization: `Bearer ${{process.env.HEADROOM_KEY}}` }},\n}});\nconst {{ organization }} = await answer.json();\nconsole.log(organization.name);"
                ),
            ),
            sample(
                "Python",
                format!(
                    "import json, os, urllib.request\n\nrequest = urllib.request.Request(\n    \"{base_url}/organization\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HEADROOM_KEY']}}\"}},\n)\nwith urllib.request.urlopen(request) as answer:\n    print(json.load(answer)[\"organization\"][\"name\"])"
                ),
            ),
        ]
    }
}

#[derive(Template)]
#[template(path = "admin/teams.html")]
pub struct Teams {
    pub page: Page,
    pub nav: Nav,
    pub name: Field,
    pub rows: Vec<TeamRow>,
    /// `?delete=ID`
    pub confirm: Option<Confirm>,
}

pub struct TeamRow {
    pub id: String,
    pub name: String,
    pub members: String,
    /// `?rename=ID`: the row is a form.
    pub renaming: Option<Field>,
}

/// For the owner, while no mail server is set up.
#[derive(Template)]
#[template(path = "admin/outbox.html")]
pub struct Outbox {
    pub page: Page,
    pub nav: Nav,
    pub open: Option<OpenMail>,
    /// The list this mail was opened from.
    pub back: String,
    pub rows: Vec<MailRow>,
    pub count_words: String,
    pub pager: Pager,
}

pub struct OpenMail {
    pub subject: String,
    pub to: String,
    pub at: When,
    /// Served with a policy of its own: `default-src 'none'; style-src 'unsafe-inline'; sandbox`.
    pub body_href: String,
    pub text: String,
}

pub struct MailRow {
    pub href: String,
    pub subject: String,
    pub to: String,
    pub at: When,
}

// ---------------------------------------------------------------- development mode

#[derive(Template)]
#[template(path = "dev/dev-outbox.html")]
pub struct DevOutbox {
    pub page: Page,
    pub open: Option<OpenMail>,
    pub back: String,
    pub rows: Vec<MailRow>,
    pub count_words: String,
    pub pager: Pager,
}

#[derive(Template)]
#[template(path = "dev/dev-webhooks.html")]
pub struct DevWebhooks {
    pub page: Page,
    pub rows: Vec<Caught>,
}

pub struct Caught {
    pub event: String,
    pub at: When,
    pub headers: String,
    pub body: String,
}

// ---------------------------------------------------------------- mails

/// What every mail carries.
#[derive(Clone)]
pub struct MailShared {
    pub organization: String,
    /// `#rrggbb`, dark enough for white words.
    pub accent: String,
    /// Whether the product's own name may show.
    pub product: bool,
    pub host: String,
}

#[derive(Template)]
#[template(path = "mail/invite.html")]
pub struct InviteMail {
    pub shared: MailShared,
    pub inviter: String,
    pub link: String,
    /// `481 502`
    pub code: String,
    /// `14:05 UTC`
    pub valid_until: String,
}

impl InviteMail {
    pub fn subject(&self) -> String {
        format!("Your headshots at {}", self.shared.organization)
    }
}

#[derive(Template)]
#[template(path = "mail/invite.txt")]
pub struct InviteMailText<'a> {
    pub mail: &'a InviteMail,
}

#[derive(Template)]
#[template(path = "mail/access.html")]
pub struct AccessMail {
    pub shared: MailShared,
    pub link: String,
    pub code: String,
    pub valid_until: String,
}

impl AccessMail {
    /// The code stays out of it: subjects show on locked screens.
    pub fn subject(&self) -> String {
        format!("Sign in to {}", self.shared.organization)
    }
}

#[derive(Template)]
#[template(path = "mail/access.txt")]
pub struct AccessMailText<'a> {
    pub mail: &'a AccessMail,
}

#[derive(Template)]
#[template(path = "mail/submitted.html")]
pub struct SubmittedMail {
    pub shared: MailShared,
    pub name: String,
    /// `8 photos`
    pub photos: String,
    /// A sentence: `It takes about 20 minutes.`
    pub estimate: String,
    pub link: String,
}

impl SubmittedMail {
    pub fn subject(&self) -> String {
        "We have your photos".into()
    }
}

#[derive(Template)]
#[template(path = "mail/submitted.txt")]
pub struct SubmittedMailText<'a> {
    pub mail: &'a SubmittedMail,
}

#[derive(Template)]
#[template(path = "mail/ready.html")]
pub struct ReadyMail {
    pub shared: MailShared,
    pub name: String,
    /// `40 headshots`
    pub count: String,
    pub link: String,
    /// `March 2, 2027`
    pub expires: Option<String>,
}

impl ReadyMail {
    pub fn subject(&self) -> String {
        "Your headshots are ready".into()
    }
}

#[derive(Template)]
#[template(path = "mail/ready.txt")]
pub struct ReadyMailText<'a> {
    pub mail: &'a ReadyMail,
}

/// To the leads: a shoot failed for good.
#[derive(Template)]
#[template(path = "mail/failed.html")]
pub struct FailedMail {
    pub shared: MailShared,
    pub name: String,
    pub email: String,
    /// `4 attempts`
    pub attempts: String,
    pub reason: String,
    /// `12 credits`; none where they are unlimited.
    pub balance: Option<String>,
    pub link: String,
}

impl FailedMail {
    pub fn subject(&self) -> String {
        format!("{}'s headshots failed", self.name)
    }
}

#[derive(Template)]
#[template(path = "mail/failed.txt")]
pub struct FailedMailText<'a> {
    pub mail: &'a FailedMail,
}
