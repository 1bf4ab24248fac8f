//! The demo organization of development mode, with someone at every step. Everything is done by the functions that people
//! and programs call, so what is shown is true: each credit was taken, each event told.

use bytes::Bytes;

use crate::{
    app::{App, uploads::Place},
    auth::{self, Lifetime, NewKey, Scopes},
    config::{PhotoChecks, Priority},
    credits,
    db::Tx,
    error::{Error, Result},
    generator::{Backdrop, Destination, Handle, Made, Scene, sample},
    ids::{OrganizationId, ShootId, TeamId},
    images::{self, Area, Size},
    invites::{self, NewInvite},
    members::{self, Actor, Email, PersonName},
    offboarding,
    organizations::{self, NewOrganization, OrganizationName},
    profile_pictures::{self, Design, Shape, TemplateName, Then},
    results::{self, Liked, Stored},
    secrets::{ServerKey, Token},
    shoots::{self, Gender, Whereabouts},
    teams::{self, TeamName},
    webhooks::{self, Target},
    whitelabel::{self, NewModel, Opened},
};

/// The one photo there is: everybody uploads parts of it.
const PHOTO: &[u8] = include_bytes!("../../tests/pictures/astronaut.jpg");

/// What is left in the end. Two people have submitted for good, and each took one.
const CREDITS: i64 = 25;
const SUBMITTED: i64 = 2;

const OWNER: &str = "nora@northlight.example";
const EMBEDDED: &str = "guest@lumen.example";
const ACCENT: &str = "#8a4b2f";
const BACKDROPS: [Backdrop; 4] = [Backdrop::Grey, Backdrop::Navy, Backdrop::Office, Backdrop::Garden];

const DESIGN: usize = 0;
const SALES: usize = 1;

/// What whoever started the server needs to look around.
pub struct Demo {
    /// The organization.
    pub organization: OrganizationId,
    /// A key to its API.
    pub api_key: String,
    /// Signs its owner in, once.
    pub sign_in: String,
    /// Opens the pages of someone from another product, for a day.
    pub signed_url: String,
}

/// How far somebody is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Invited,
    Revoked,
    Joined,
    Uploading,
    Generating,
    Finished,
    Failed,
    Deleted,
}

struct Person {
    name: &'static str,
    email: &'static str,
    gender: Gender,
    team: Option<usize>,
    step: Step,
}

const fn person(name: &'static str, email: &'static str, gender: Gender, team: Option<usize>, step: Step) -> Person {
    Person { name, email, gender, team, step }
}

/// In the order they were invited.
const PEOPLE: [Person; 10] = {
    use Gender::{Female, Male, Person as Neither};
    [
        person("Carla Reyes", "carla@northlight.example", Female, Some(DESIGN), Step::Finished),
        person("Jonas Weber", "jonas@northlight.example", Male, Some(SALES), Step::Deleted),
        person("Priya Raman", "priya@northlight.example", Female, Some(SALES), Step::Failed),
        person("Sam Okafor", "sam@northlight.example", Neither, Some(DESIGN), Step::Generating),
        person("Mei Tanaka", "mei@northlight.example", Female, Some(DESIGN), Step::Uploading),
        person("Luca Moretti", "luca@northlight.example", Male, None, Step::Joined),
        person("Hanna Berg", "hanna@northlight.example", Female, Some(SALES), Step::Revoked),
        person("Tomás Silva", "tomas@northlight.example", Male, Some(SALES), Step::Invited),
        person("Aisha Khan", "aisha@northlight.example", Female, Some(DESIGN), Step::Invited),
        person("Ben Carter", "ben@northlight.example", Male, None, Step::Invited),
    ]
};

/// Makes the organization and everyone in it.
pub async fn make(app: &App) -> Result<Demo> {
    let (catcher, sealed_with) = (Target::parse(&app.urls.page("/dev/webhooks"))?, app.key.clone());
    let to = app.generator.destination().cloned();
    let studio = app.db.write(move |tx| found(tx, &sealed_with, &catcher, to.as_ref())).await?;
    let files = tokio::task::spawn_blocking(files).await.map_err(Error::internal)??;
    for person in &PEOPLE {
        let (by, team) = (studio.actor.clone(), person.team.map(|nth| studio.teams[nth].clone()));
        let Some(shoot) = app.db.write(move |tx| join(tx, &by, person, team)).await? else { continue };
        if person.step != Step::Joined {
            upload(app, &shoot, &files).await?;
        }
        go_on(app, person.step, shoot).await?;
    }
    let by = studio.actor.clone();
    let opened = app.db.write(move |tx| embed(tx, &by)).await?;
    Ok(Demo {
        signed_url: app.urls.signed(&opened.token),
        organization: studio.actor.organization,
        api_key: studio.api_key,
        sign_in: app.urls.sign_in(&studio.sign_in),
    })
}

struct Studio {
    actor: Actor,
    teams: Vec<TeamId>,
    api_key: String,
    sign_in: Token,
}

/// The webhook URL leads to our own catcher before anything happens, so that all of it is told.
fn found(tx: &Tx, key: &ServerKey, catcher: &Target, to: Option<&Destination>) -> Result<Studio> {
    let new = NewOrganization {
        name: OrganizationName::parse("Northlight Studio")?,
        website: organizations::website("https://northlight.example")?,
        unlimited: false,
        whitelabel: true,
    };
    let id = organizations::create(tx, &new)?.id;
    organizations::set(tx, &id, "accent", ACCENT)?;
    // The photos of the demo are nobody's who could mind, and whoever starts it chose the generator.
    if let Some(to) = to {
        organizations::agree(tx, &id, to)?;
    }
    credits::grant(tx, &id, CREDITS + SUBMITTED, "To try it out")?;
    let email: Email = OWNER.parse()?;
    let owner = members::add_owner(tx, &id, &email)?;
    members::rename(tx, &owner.account, &PersonName::parse("Nora Lindqvist")?)?;
    let actor = owner.actor();
    webhooks::set_url(tx, &actor, key, catcher)?;
    let look = Design { shape: Shape::Circle, border: 12, border_colour: ACCENT.parse()?, ..Design::plain(512) };
    profile_pictures::add(tx, &actor, &TemplateName::parse("Directory")?, &look, Then::All)?;
    organizations::set_avatars(tx, &id, true)?;
    let teams = ["Design", "Sales"].into_iter().map(|name| Ok(teams::create(tx, &actor, &TeamName::parse(name)?)?.id));
    let teams = teams.collect::<Result<_>>()?;
    let key = NewKey { name: "Demo".to_owned(), scopes: Scopes::all(), lifetime: Lifetime::Unlimited };
    let api_key = auth::make_key(tx, &actor, &key)?.text;
    let minted = auth::mint_return(tx, &email)?.ok_or_else(|| Error::internal("the owner has no account"))?;
    Ok(Studio { actor, teams, api_key, sign_in: minted.token })
}

/// Makes a model for someone from another product.
fn embed(tx: &Tx, by: &Actor) -> Result<Opened> {
    let new = NewModel { email: EMBEDDED.parse()?, team: None, development: true };
    whitelabel::create(tx, by, &new)
}

/// Invites someone and, if they are that far, lets them accept.
fn join(tx: &Tx, by: &Actor, person: &Person, team: Option<TeamId>) -> Result<Option<ShootId>> {
    let email: Email = person.email.parse()?;
    let invite = invites::invite(tx, by, &NewInvite { email: email.clone(), team })?;
    match person.step {
        Step::Invited => return Ok(None),
        Step::Revoked => {
            offboarding::revoke(tx, by, &email)?;
            return Ok(None);
        }
        _ => {}
    }
    let (account, member) = invites::accept(tx, &invite.id)?;
    members::rename(tx, &account.id, &PersonName::parse(person.name)?)?;
    let shoot = shoots::latest(tx, &member.id)?;
    if let Some(shoot) = shoot.as_ref().filter(|_| person.step != Step::Joined) {
        shoots::choose_gender(tx, shoot, person.gender)?;
    }
    Ok(shoot.map(|shoot| shoot.id))
}

/// Takes a shoot as far as its person is.
async fn go_on(app: &App, step: Step, id: ShootId) -> Result<()> {
    let at = app.whereabouts();
    match step {
        Step::Generating => app.db.write(move |tx| submit(tx, &id, &at)).await, // the worker goes on from here
        Step::Finished => finish(app, id).await,
        Step::Failed => {
            app.db
                .write(move |tx| {
                    submit(tx, &id, &at)?;
                    let words = say!("The photos show two different people. Use photos of one person.").to_string();
                    shoots::fail(tx, &id, &words, true).map(drop)
                })
                .await
        }
        Step::Deleted => {
            app.db
                .write(move |tx| {
                    let shoot = shoots::get(tx, &id)?;
                    let operator = Actor::operator(shoot.organization.clone());
                    offboarding::delete_shoot(tx, &operator, shoot).map(drop)
                })
                .await
        }
        Step::Invited | Step::Revoked | Step::Joined | Step::Uploading => Ok(()),
    }
}

fn submit(tx: &Tx, id: &ShootId, at: &Whereabouts) -> Result<()> {
    let shoot = shoots::get(tx, id)?;
    let member = shoot.member.clone().ok_or(Error::NotFound("Member"))?;
    shoots::choose_backdrops(tx, &shoot, &scenes())?;
    // The photos of nobody in particular: made to be shown, whatever a check says of them.
    shoots::submit(tx, id, &member, PhotoChecks::Advise, at).map(drop)
}

/// Does at once what the worker takes a while for.
async fn finish(app: &App, id: ShootId) -> Result<()> {
    let made = headshots(app).await?;
    let at = app.whereabouts();
    app.db
        .write(move |tx| {
            submit(tx, &id, &at)?;
            // Nobody is ever asked about it.
            shoots::begin_training(tx, &id, &Handle::new("demo"))?;
            results::deliver(tx, &id, &made)?;
            if let [first, second, ..] = made.headshots.as_slice() {
                results::choose(tx, &first.id)?;
                results::like(tx, &second.id, Liked::Liked)?;
            }
            Ok(())
        })
        .await
}

fn scenes() -> Vec<Scene> {
    BACKDROPS.map(Scene::Drawn).to_vec()
}

async fn headshots(app: &App) -> Result<Stored> {
    let made = tokio::task::spawn_blocking(|| sample::headshots(Bytes::from_static(PHOTO), &scenes()));
    let images = made.await.map_err(Error::internal)?.map_err(Error::internal)?;
    let mut stored = Stored::default();
    let made = Made { images, cutouts: Vec::new() };
    results::store_all(&app.storage, made, Priority::Normal, &mut stored).await?;
    Ok(stored)
}

/// Three photos out of one, as files: as it is, closer, and closer still.
fn files() -> Result<Vec<Bytes>> {
    let photo = images::decode(PHOTO)?;
    let Size { width, height } = photo.size();
    let closer = |percent: u32| {
        let size = Size { width: width * percent / 100, height: height * percent / 100 };
        images::crop(&photo, Area { left: (width - size.width) / 3, top: 0, size })
    };
    [100, 85, 70].into_iter().map(|percent| Ok(images::encode_jpeg(&closer(percent), 90)?.into())).collect()
}

/// Uploads the files as a browser would.
async fn upload(app: &App, shoot: &ShootId, files: &[Bytes]) -> Result<()> {
    for (nth, file) in files.iter().enumerate() {
        let mut incoming = app.uploads.open()?;
        incoming.add(file).await?;
        let received = incoming.finish(format!("IMG_{}.jpg", 2041 + nth)).await?;
        let place = Place { shoot: shoot.clone(), behalf: None, upload: None };
        app.uploads.keep(&app.db, &app.storage, &place, received).await?;
    }
    Ok(())
}
