//! Headshots of the wall to take along: some or all, as an archive or as a list.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentDisposition, ContentEncoding, DispositionParam, DispositionType},
    web::{Bytes, Data, Form, Query},
};
use futures::Stream;
use serde::Deserialize;
use serde_json::json;

use super::{Chosen, names::Names, sheet};
use crate::{
    app::{App, archive::Archive, packing::Count},
    error::{Error, Result},
    ids::{MemberId, OrganizationId},
    pages::{to, view::saying},
    results::{self, Face, Sieve},
    storage::{HeadshotFile, Key},
    web::browser::Lead,
};

/// People read at a time: so many rows are in memory, and one picture.
const BATCH: u32 = 200;

/// Most people of one choice: as many as the page has shown by then. More than that is all of them.
const MOST_PICKED: usize = 5_000;

/// Everyone a file is of, a few at a time.
pub(super) struct Everyone {
    pub(super) organization: OrganizationId,
    pub(super) sieve: Sieve,
    pub(super) by_team: bool,
}

impl Everyone {
    /// Those behind `after`.
    pub(super) async fn next(&self, app: &App, after: Option<MemberId>) -> Result<Vec<Face>> {
        let (organization, sieve, by_team) = (self.organization.clone(), self.sieve.clone(), self.by_team);
        app.db.scan(move |view| results::wall(view, &organization, &sieve, by_team, after.as_ref(), BATCH)).await
    }
}

/// `POST /app/admin/headshots/take`: `member` for each that is selected, or none for all that are shown; `do` is `zip` or `csv`,
/// `size` is `square`, `portrait` or `original`, `download` is what the page calls it.
pub(super) async fn act(
    app: Data<App>,
    lead: Lead,
    Query(chosen): Query<Chosen>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let one = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let picked = form.iter().filter(|(key, _)| key == "member");
    let picked: Vec<MemberId> =
        picked.map(|(_, value)| value.parse().map_err(|_| Error::NotFound("Member"))).collect::<Result<_>>()?;
    if picked.len() > MOST_PICKED {
        return Err(Error::invalid(say!(
            "Select at most {most} people, or none to take all of them.",
            most = MOST_PICKED.to_string()
        )));
    }
    let sieve = if picked.is_empty() { chosen.sieve() } else { Sieve::of(picked) };
    let everyone = Everyone { organization: lead.member.organization.clone(), sieve, by_team: chosen.by_team() };
    let (organization, sieve) = (everyone.organization.clone(), everyone.sieve.clone());
    let tally = app.db.scan(move |view| results::wall_tally(view, &organization, &sieve)).await?;
    if tally.people == 0 {
        return saying(&app, to(chosen.at("/app/admin/headshots", &[])), say!("There is no headshot to take along."));
    }
    match one("do") {
        "csv" => Ok(attached("headshots.csv", "text/csv; charset=utf-8").streaming(sheet::write(app, everyone))),
        "zip" => {
            let file = size(one("size"))?;
            let now = app.db.read(|view| Ok(view.now))?;
            let count = app.packing.begin(&lead.member.id, one("download"), tally.people, now);
            Ok(attached("headshots.zip", "application/zip").streaming(pack(app, everyone, file, count)))
        }
        _ => Err(Error::invalid(say!("Choose whether to download pictures or a list."))),
    }
}

/// The generator's own picture is the portrait: nothing is cut off or made smaller.
fn size(name: &str) -> Result<HeadshotFile> {
    match name {
        "" | "square" => Ok(HeadshotFile::Square),
        "portrait" | "original" => Ok(HeadshotFile::Portrait),
        _ => Err(Error::invalid(say!("There is no such size. There are square and portrait."))),
    }
}

fn attached(name: &str, media_type: &'static str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(media_type)
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name.to_owned())],
        })
        .insert_header((CACHE_CONTROL, "private, no-store"))
        // What is compressed waits in the encoder, and pictures don't get smaller.
        .insert_header(ContentEncoding::Identity);
    answer
}

/// The archive, made while it is sent: the next picture is read when the last one has gone.
fn pack(
    app: Data<App>,
    everyone: Everyone,
    file: HeadshotFile,
    count: Count,
) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let (mut archive, mut names, mut after) = (Archive::default(), Names::default(), None);
        loop {
            let faces = everyone.next(&app, after).await?;
            for face in &faces {
                // Deleted meanwhile: the rest is still worth having.
                if let Some(bytes) = app.storage.get(Key::Headshot(&face.headshot.id, file)).await? {
                    yield archive.add(names.give(face.called()), face.headshot.created_at, &bytes)?;
                }
                count.one_more();
            }
            after = faces.last().map(|last| last.member.clone());
            if faces.len() < BATCH as usize {
                break;
            }
        }
        yield archive.finish()?;
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    download: String,
}

/// `GET /app/admin/headshots/progress?download=…`: how many pictures of an archive are on their way.
pub(super) async fn progress(app: Data<App>, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let progress = app.packing.progress(&lead.member.id, &asked.download).ok_or(Error::NotFound("Download"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "done": progress.done, "all": progress.all, "over": progress.over })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_asked_for_by_name() {
        assert_eq!(size("square").unwrap(), HeadshotFile::Square);
        assert_eq!(size("portrait").unwrap(), HeadshotFile::Portrait);
        assert_eq!(size("original").unwrap(), HeadshotFile::Portrait);
        assert!(matches!(size("thumbnail"), Err(Error::Invalid(_))));
    }
}
