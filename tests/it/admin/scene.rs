//! People in every state, put there as the server itself would have.

use headroom::{
    auth,
    config::PhotoChecks,
    db::Tx,
    error::Result,
    generator::{Backdrop, Handle, Stage},
    ids::{InviteId, JobId, MemberId, OrganizationId, PhotoId, TeamId},
    invites::{self, Invite, NewInvite},
    mail::{self, Delivery, Envelope, Kind, Message, Slot},
    members::{self, Actor, Email, Member, PersonName, Role},
    photos::{self, NewPhoto},
    secrets::Digest,
    shoots::{self, Gender, Shoot, Whereabouts},
    teams::{self, TeamName},
};

use crate::app::{Caller, TestApp};

/// How far someone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Invited,
    Joined,
    Uploading,
    Generating,
    Finished,
    Failed,
}

pub(super) const STUCK: &str = "The generator found no face in the photos.";

/// Invites an address and takes its owner as far as `at`. Jobs of shoots are dropped, so that nobody moves on alone.
pub(super) fn person(
    tx: &Tx,
    by: &Actor,
    email: &str,
    name: Option<&str>,
    team: Option<&TeamId>,
    at: At,
) -> Result<Invite> {
    let invite = invites::invite(tx, by, &NewInvite { email: email.parse()?, team: team.cloned() })?;
    if at == At::Invited {
        return Ok(invite);
    }
    let (account, member) = invites::accept(tx, &invite.id)?;
    if let Some(name) = name {
        members::rename(tx, &account.id, &PersonName::parse(name)?)?;
    }
    let shoot = shoots::latest(tx, &member.id)?.unwrap();
    advance(tx, &shoot, at)?;
    tx.execute("delete from jobs where queue = 'shoots'", [])?;
    Ok(invite)
}

fn advance(tx: &Tx, shoot: &Shoot, at: At) -> Result<()> {
    if at == At::Joined {
        return Ok(());
    }
    let photo = NewPhoto {
        id: PhotoId::new(),
        name: "me.jpg".to_owned(),
        width: 800,
        height: 800,
        bytes: 1000,
        digest: Digest::of(shoot.id.as_str()),
        looked: None,
    };
    photos::add(tx, &shoot.id, &photo, 8)?;
    if at == At::Uploading {
        return Ok(());
    }
    shoots::choose_gender(tx, shoot, Gender::Person)?;
    shoots::choose_backdrops(tx, shoot, &[Backdrop::ALL[0].into()])?;
    shoots::submit(tx, &shoot.id, shoot.member.as_ref().unwrap(), PhotoChecks::On, &Whereabouts::default())?;
    if at == At::Failed {
        shoots::fail(tx, &shoot.id, STUCK, true)?;
        return Ok(());
    }
    shoots::begin_training(tx, &shoot.id, &Handle::new("test"))?;
    shoots::report(tx, &shoots::get(tx, &shoot.id)?, Stage::Generating, 40)?;
    if at == At::Finished {
        shoots::ready(tx, &shoot.id)?;
    }
    Ok(())
}

/// Has the mail server refuse the latest mail of an invite.
pub(super) fn bounce(tx: &Tx, invite: &Invite, delivery: &Delivery) -> Result<()> {
    let envelope = Envelope {
        kind: Kind::Invite,
        to: invite.email.clone(),
        organization: Some(invite.organization.clone()),
        invite: Some(invite.id.clone()),
    };
    let message = Message { subject: "Your headshots".to_owned(), ..Message::default() };
    let mail = mail::begin(tx, &Slot::new(&JobId::new(), 0), &envelope, &message, false)?;
    mail::record(tx, &mail.id, delivery)
}

impl TestApp {
    /// Takes a member's shoot to its end, as if photos had been added and submitted for them.
    pub(super) async fn finish(&self, member: &Member) {
        let id = member.id.clone();
        let finished = self.db.write(move |tx| {
            let shoot = shoots::latest(tx, &id)?.unwrap();
            advance(tx, &shoot, At::Finished)?;
            tx.execute("delete from jobs where queue = 'shoots'", [])
        });
        finished.await.unwrap();
    }

    /// Acme's operator.
    pub(super) fn by(&self) -> Actor {
        Actor::operator(self.organization.clone())
    }

    /// Brings Acme's balance to this.
    pub(super) async fn set_credits(&self, wanted: i64) {
        let organization = self.organization.clone();
        self.db
            .write(move |tx| {
                tx.execute(
                    "insert into ledger (organization_id, kind, amount, balance, reason, created_at)
                     select id, 'adjust', ?2 - credits, ?2, 'Test', 0 from organizations where id = ?1",
                    (&organization, wanted),
                )
            })
            .await
            .unwrap();
    }

    /// Someone of Acme who has come as far as `at`.
    pub(super) async fn person(&self, email: &str, name: Option<&str>, at: At) -> Invite {
        let (by, email, name) = (self.by(), email.to_owned(), name.map(str::to_owned));
        self.db.write(move |tx| person(tx, &by, &email, name.as_deref(), None, at)).await.unwrap()
    }

    pub(super) async fn team(&self, organization: &OrganizationId, name: &str) -> TeamId {
        let (by, name) = (Actor::operator(organization.clone()), TeamName::parse(name).unwrap());
        self.db.write(move |tx| teams::create(tx, &by, &name)).await.unwrap().id
    }

    /// An invite of an organization, pending.
    pub(super) async fn invite_into(&self, organization: &OrganizationId, email: &str) -> InviteId {
        let (by, email) = (Actor::operator(organization.clone()), email.to_owned());
        self.db.write(move |tx| person(tx, &by, &email, None, None, At::Invited)).await.unwrap().id
    }

    /// The browser of someone who takes this role in an organization.
    pub(crate) async fn browser(&self, organization: &OrganizationId, email: &str, role: Role) -> Caller {
        let (organization, email) = (organization.clone(), email.parse::<Email>().unwrap());
        let session = self
            .db
            .write(move |tx| {
                let account = members::account_for(tx, &email)?;
                if members::of_account(tx, &account.id)?.is_none() {
                    members::join(tx, &organization, &account.id, None, role)?;
                }
                Ok(auth::begin_session(tx, &account, auth::Method::Link, &auth::Device::default())?
                    .session
                    .reveal()
                    .to_owned())
            })
            .await
            .unwrap();
        Caller::Browser(session)
    }

    pub(super) async fn refuse_mail(&self, invite: Invite, delivery: Delivery) {
        self.db.write(move |tx| bounce(tx, &invite, &delivery)).await.unwrap();
    }

    /// The page, which has to be there.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> impl Future<Output = String> {
        self.page_of(&self.owner, path)
    }

    pub(super) fn page_of(&self, caller: &Caller, path: &str) -> impl Future<Output = String> {
        let request = self.request(caller, reqwest::Method::GET, path);
        let path = path.to_owned();
        async move {
            let answer = crate::app::Answer::of(request).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            answer.text()
        }
    }

    /// What the flash cookie of an answer says.
    pub(crate) fn flash(answer: &crate::app::Answer) -> String {
        let cookie =
            answer.headers.get_all("set-cookie").iter().find_map(|value| value.to_str().unwrap().strip_prefix("said="));
        let value = cookie.expect("a flash").split(';').next().unwrap();
        url::form_urlencoded::parse(format!("x={value}").as_bytes()).next().unwrap().1.into_owned()
    }

    pub(super) fn member_ids(&self) -> Vec<MemberId> {
        let all = members::Filter::default();
        let slice =
            self.db.read(|view| members::page(view, &self.organization, &all, &headroom::db::Part::Newest, 200));
        slice.unwrap().rows.into_iter().map(|row| row.id).collect()
    }
}
