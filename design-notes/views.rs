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

// ---------------------------------------------------------------- member pages

/// One step of the onboarding.
#[derive(Clone)]
pub struct Step {
    pub words: String,
    /// Where it can be opened again; none for the present and the later ones.
    pub href: Option<String>,
    pub at: StepAt,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StepAt {
    Done,
    Now,
    Later,
}

impl Step {
    pub fn now(&self) -> bool {
        self.at == StepAt::Now
    }

    pub fn class(&self) -> &'static str {
        match self.at {
            StepAt::Done => "done",
            StepAt::Now => "now",
            StepAt::Later => "later",
        }
    }
}

#[derive(Template)]
#[template(path = "member/onboarding-you.html")]
pub struct OnboardingYou {
    pub page: Page,
    pub steps: Vec<Step>,
    pub email: String,
    pub name: Field,
    pub genders: Vec<Choice>,
    pub gender_error: Option<String>,
}

#[derive(Clone)]
pub struct Photo {
    pub id: String,
    pub thumbnail: String,
    pub name: String,
}

#[derive(Template)]
#[template(path = "member/onboarding-photos.html")]
pub struct OnboardingPhotos {
    pub page: Page,
    pub steps: Vec<Step>,
    pub photos: Vec<Photo>,
    /// `7 photos`
    pub count_words: String,
    /// Thirty are there.
    pub full: bool,
    /// Why the last upload without script was not taken.
    pub refused: Option<String>,
}

#[derive(Template)]
#[template(path = "member/onboarding-style.html")]
pub struct OnboardingStyle {
    pub page: Page,
    pub steps: Vec<Step>,
    /// Values: `grey`, `charcoal`, `white`, `navy`, `office`, `garden`.
    pub backdrops: Vec<Choice>,
    pub error: Option<String>,
}

#[derive(Template)]
#[template(path = "member/onboarding-review.html")]
pub struct OnboardingReview {
    pub page: Page,
    pub steps: Vec<Step>,
    pub name: String,
    pub photos: Vec<Photo>,
    pub count_words: String,
    pub backdrops: Vec<Choice>,
    pub what_happens: String,
    pub consent: String,
    pub consent_version: String,
    pub consent_error: Option<String>,
    pub no_credit: bool,
}

#[derive(Template)]
#[template(path = "member/waiting.html")]
pub struct Waiting {
    pub page: Page,
    /// The event stream: messages of `{state, percent, position, estimate, words, next?}`.
    pub live: String,
    pub state: String,
    pub percent: u8,
    pub words: String,
    pub position: String,
    pub estimate: String,
    pub email: String,
}

impl Waiting {
    /// How far a tone of the picture has come up; it is full at `full_at` percent.
    pub fn tone(&self, full_at: f64) -> String {
        format!("{:.2}", (f64::from(self.percent) / full_at).min(1.0))
    }
}

#[derive(Template)]
#[template(path = "member/dashboard.html")]
pub struct Dashboard {
    pub page: Page,
    pub shown: Shown,
}

/// One shoot shows its results, several show as cards.
pub enum Shown {
    Results(Results),
    Shoots(Vec<ShootCard>),
}

pub struct Results {
    pub words: String,
    pub zip: String,
    pub expires: Option<When>,
    pub headshots: Vec<HeadshotTile>,
}

#[derive(Clone)]
pub struct HeadshotTile {
    pub id: String,
    pub thumbnail: String,
    /// `Headshot 3, navy backdrop`
    pub alt: String,
    pub favourite: bool,
}

pub struct ShootCard {
    pub title: String,
    pub words: String,
    /// Three at most.
    pub pictures: Vec<String>,
    pub href: String,
    pub expires: Option<When>,
}

#[derive(Template)]
#[template(path = "member/headshot.html")]
pub struct Headshot {
    pub page: Page,
    pub id: String,
    pub picture: String,
    pub alt: String,
    pub width: u32,
    pub height: u32,
    pub backdrop: String,
    /// `3 of 40`
    pub place: String,
    pub liked: bool,
    pub favourite: bool,
    pub downloads: Vec<Link>,
    pub previous: Option<Neighbour>,
    pub next: Option<Neighbour>,
    pub back: String,
}

pub struct Neighbour {
    pub href: String,
    pub picture: String,
}

#[derive(Template)]
#[template(path = "member/deleted.html")]
pub struct Deleted {
    pub page: Page,
    pub expired: bool,
    pub at: When,
    /// Whom to ask: a name or `your organization`.
    pub ask: String,
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
