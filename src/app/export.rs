//! Everything that is kept about a person, as an archive they can take along: `data.json` to read, and their pictures as
//! they are stored. Nothing in it lets anybody in, and nothing in it is about anybody else.

use bytes::Bytes;
use futures::Stream;
use serde_json::{Value, json};

use super::archive::Archive;
use crate::{
    audit::{self, Via},
    auth,
    clock::Timestamp,
    db::{Part, View},
    error::{Error, Result},
    fields::{self, Answered},
    ids::{CutoutId, PhotoId, ResultId},
    mail,
    members::{self, Kind, Member},
    organizations,
    photos::{self, Photo},
    receipts::{self, Receipt},
    results::{self, Headshot, KeptCutout},
    shares::{self, Share},
    shoots::{self, Consent, Shoot, State},
    storage::{HeadshotFile, Key, PhotoFile, Storage},
    styles::Names,
};

/// Deeds that are told of at most, the latest ones.
const DEEDS: u32 = 1000;

/// What is kept about a person.
pub struct Export {
    /// When it was taken out.
    at: Timestamp,
    data: Value,
    files: Vec<File>,
}

struct File {
    name: String,
    of: Picture,
    made: Timestamp,
}

enum Picture {
    Photo(PhotoId),
    Headshot(ResultId, HeadshotFile),
    Cutout(CutoutId),
}

impl Picture {
    fn key(&self) -> Key<'_> {
        match self {
            Self::Photo(id) => Key::Photo(id, PhotoFile::Master),
            Self::Headshot(id, file) => Key::Headshot(id, *file),
            Self::Cutout(id) => Key::Cutout(id),
        }
    }
}

impl Export {
    /// Gathers it: for [`crate::db::Db::scan`].
    pub fn of(view: &View, member: &Member) -> Result<Self> {
        let organization = organizations::get(view, &member.organization)?;
        let mut files = Vec::new();
        let mut all = shoots::of_member(view, &member.id)?;
        all.reverse();
        let shoots =
            (1..).zip(&all).map(|(number, one)| shoot(view, number, one, &mut files)).collect::<Result<Vec<_>>>()?;
        let team = members::listed(view, &member.id)?.team;
        let known_by = if member.kind == Kind::Anonymous { "contact" } else { "email" };
        let data = json!({
            "exportedAt": view.now,
            "organization": { "name": organization.name, "website": organization.website },
            "person": {
                "name": member.name, known_by: member.email, "jobTitle": member.title, "team": team, "role": member.role,
                "memberSince": member.created_at,
            },
            "answers": fields::of_member(view, member)?.iter().map(answer).collect::<Vec<_>>(),
            "signIn": sign_in(view, member)?,
            "shoots": shoots,
            "consents": shoots::consents_of(view, &member.account)?.iter().map(consent).collect::<Vec<_>>(),
            "mails": mails(view, member)?,
            "deletions": receipts::of_account(view, &member.account)?.iter().map(receipt).collect::<Vec<_>>(),
            "log": log(view, member)?,
        });
        Ok(Self { at: view.now, data, files })
    }

    /// The archive, made while it is read. A picture that was deleted meanwhile is left out.
    pub fn pack(self, storage: Storage) -> impl Stream<Item = Result<Bytes, Error>> {
        async_stream::try_stream! {
            let mut archive = Archive::default();
            let data = serde_json::to_vec_pretty(&self.data)?;
            yield archive.add("data.json".to_owned(), self.at, &data)?;
            for file in self.files {
                let Some(bytes) = storage.get(file.of.key()).await? else { continue };
                yield archive.add(file.name, file.made, &bytes)?;
            }
            yield archive.finish()?;
        }
    }
}

/// What the organization asked, and what they answered: null if they didn't.
fn answer(answered: &Answered) -> Value {
    json!({ "question": answered.question.label, "answer": answered.words() })
}

fn sign_in(view: &View, member: &Member) -> Result<Value> {
    let kept = auth::signs_in(view, &member.account)?;
    let (language, browser_language) = members::languages(view, &member.account)?;
    let sessions = kept.sessions.iter().map(|one| {
        json!({
            "browser": one.agent, "address": one.address, "by": one.method, "begun": one.created_at, "lastUsed": one.seen_at,
        })
    });
    Ok(json!({
        "sessions": sessions.collect::<Vec<_>>(), "hasPassword": kept.password, "hasOneTimeCodes": kept.one_time_codes,
        "passkeys": kept.passkeys, "identityProviders": kept.providers,
        "language": language, "browserLanguage": browser_language,
    }))
}

fn shoot(view: &View, number: usize, shoot: &Shoot, files: &mut Vec<File>) -> Result<Value> {
    let gone = shoot.state == State::Deleted;
    let mut photos = Vec::new();
    if !gone && !photos::are_going(view, &shoot.id)? {
        for (place, photo) in (1..).zip(photos::of_shoot(view, &shoot.id)?) {
            let name = format!("photos/shoot-{number}/{place:02}-{}.jpg", plain(&photo.name));
            photos.push(json!({
                "file": name, "originalName": photo.name, "width": photo.width, "height": photo.height,
                "uploadedBytes": photo.bytes, "uploadedAt": photo.created_at, "check": check(&photo),
            }));
            files.push(File { name, of: Picture::Photo(photo.id), made: photo.created_at });
        }
    }
    let (made, cutouts) = match gone {
        true => Default::default(),
        false => (results::of_shoot(view, &shoot.id)?, results::cutouts_of(view, &shoot.id)?),
    };
    let names = Names::of(view, &shoot.organization)?;
    let headshots: Vec<Value> = made.into_iter().map(|made| headshot(number, made, &names, files)).collect();
    let cutouts: Vec<Value> = (1..).zip(cutouts).map(|(place, kept)| cutout(number, place, kept, files)).collect();
    let chosen = shoot.backdrops.iter().map(|scene| names.label(scene)).collect::<Vec<_>>();
    let links = shares::of_shoot(view, &shoot.id)?.iter().map(|one| share(one, &headshots)).collect::<Vec<_>>();
    Ok(json!({
        "id": shoot.id, "number": number, "state": shoot.state, "portrayedAs": shoot.gender, "backdrops": chosen,
        "begunAt": shoot.created_at, "submittedAt": shoot.submitted_at, "readyAt": shoot.finished_at,
        "deletedAt": shoot.deleted_at, "failure": shoot.failure, "photos": photos, "headshots": headshots,
        "cutouts": cutouts, "links": links,
    }))
}

/// What came of looking at a photo; null if nobody did.
fn check(photo: &Photo) -> Value {
    let Some(verdict) = photo.verdict else { return Value::Null };
    let findings = photo.findings.iter().map(|finding| json!({ "name": finding.name(), "words": finding.words() }));
    json!({
        "verdict": verdict, "findings": findings.collect::<Vec<_>>(), "almostTheSameAsAnother": photo.twin.is_some(),
        "allowedByALead": photo.allowed,
    })
}

fn headshot(number: usize, headshot: Headshot, names: &Names, files: &mut Vec<File>) -> Value {
    let Headshot { id, position, backdrop, liked, favorite, created_at, width, height, .. } = headshot;
    let before = names.for_file(&backdrop);
    let name = |kind: &str| format!("headshots/shoot-{number}/{position:02}-{before}{kind}.jpg");
    let (portrait, square) = (name(""), name("-square"));
    for (name, file) in [(&portrait, HeadshotFile::Portrait), (&square, HeadshotFile::Square)] {
        files.push(File { name: name.clone(), of: Picture::Headshot(id.clone(), file), made: created_at });
    }
    json!({
        "id": id, "file": portrait, "square": square, "width": width, "height": height, "backdrop": names.label(&backdrop), "liked": liked,
        "favourite": favorite, "madeAt": created_at,
    })
}

/// A link that shows headshots to whoever has it. What opens it isn't kept here, so it isn't in here either.
fn share(share: &Share, headshots: &[Value]) -> Value {
    let shown = share.headshot.as_ref().map(|one| headshots.iter().find(|told| told["id"] == json!(one)));
    json!({
        "shows": shown.map_or(json!("all"), |told| told.map_or(Value::Null, |told| told["file"].clone())),
        "madeAt": share.created_at, "until": share.expires_at, "revokedAt": share.revoked_at, "opened": share.opened,
        "lastOpenedAt": share.opened_at,
    })
}

/// The person cut out of a photo, which their headshots were laid from.
fn cutout(number: usize, place: usize, kept: KeptCutout, files: &mut Vec<File>) -> Value {
    let name = format!("cut-outs/shoot-{number}/{place:02}.png");
    let (x, y) = kept.head;
    files.push(File { name: name.clone(), of: Picture::Cutout(kept.id), made: kept.created_at });
    json!({ "file": name, "faceX": x, "faceY": y, "madeAt": kept.created_at })
}

fn consent(consent: &Consent) -> Value {
    json!({
        "shoot": consent.shoot, "text": consent.text, "version": consent.version, "number": consent.number,
        "givenBy": consent.given_by,
        "givenAt": consent.created_at,
    })
}

fn mails(view: &View, member: &Member) -> Result<Vec<Value>> {
    let Some(email) = member.email.as_ref().filter(|_| member.kind != Kind::Anonymous) else { return Ok(Vec::new()) };
    let mails = mail::sent_to(view, email)?;
    let told = mails.iter().map(|mail| {
        json!({ "subject": mail.subject, "about": mail.kind, "state": mail.state, "writtenAt": mail.created_at })
    });
    Ok(told.collect())
}

/// A receipt, for programs.
pub fn receipt(receipt: &Receipt) -> Value {
    json!({
        "receipt": receipt.id, "shoot": receipt.shoot, "what": receipt.what, "askedBy": receipt.asked_by,
        "photos": receipt.photos, "headshots": receipt.headshots, "askedAt": receipt.asked_at, "goneAt": receipt.purged_at,
    })
}

/// What was done about them. Who did it, if it wasn't they, is told by their part only.
fn log(view: &View, member: &Member) -> Result<Vec<Value>> {
    let deeds = audit::page(view, &member.organization, Some(&member.id), &Part::Newest, DEEDS)?;
    let told = deeds.rows.iter().map(|deed| {
        let by = match deed.via {
            _ if deed.member.as_ref() == Some(&member.id) => "you",
            Via::Session => "lead",
            Via::Key => "program",
            Via::Operator => "operator",
            Via::Server => "server",
        };
        json!({ "what": deed.action, "by": by, "at": deed.created_at })
    });
    Ok(told.collect())
}

/// A file's name without its ending and without anything a file system might mind.
fn plain(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain: String = stem
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "-_".contains(letter) { letter } else { '-' })
        .take(60)
        .collect();
    if plain.is_empty() { "photo".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_harmless() {
        assert_eq!(plain("IMG_2041.jpeg"), "IMG_2041");
        assert_eq!(plain("a/b\\c:d.png"), "a-b-c-d");
        assert_eq!(plain("Łódź am Abend.heic"), "Łódź-am-Abend");
        assert_eq!(plain(".jpg"), "photo");
    }
}
