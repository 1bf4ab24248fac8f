//! Headshots to take along: in which formats they come, what their files are called, and several of them as an archive.

use actix_web::{
    HttpResponse,
    http::header::{
        self, Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue,
    },
    web::{Bytes, Data},
};
use futures::Stream;
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    app::{
        App,
        archive::Archive,
        darkroom::{self, Format},
    },
    error::{Error, Result},
    i18n::Message,
    ids::ResultId,
    results::Headshot,
    storage::HeadshotFile,
    styles::Names,
};

/// What one headshot is asked for as: `?size=square&format=webp`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    size: String,
    format: String,
}

impl Wish {
    fn file(&self) -> Result<HeadshotFile> {
        match self.size.as_str() {
            // The generator's own picture is the portrait: nothing is cut off or made smaller.
            "" | "portrait" | "original" => Ok(HeadshotFile::Portrait),
            "square" => Ok(HeadshotFile::Square),
            _ => Err(Error::invalid(say!("There is no such size. There are portrait and square."))),
        }
    }
}

fn format_named(name: &str) -> Result<Format> {
    match name {
        "" | "jpg" => Ok(Format::Jpeg),
        name => Format::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| Error::invalid(say!("There is no such format. There are jpeg, png and webp."))),
    }
}

/// What several headshots are asked for as: `?pick=ID&pick=ID&format=webp`. None picked: all.
pub(super) struct Picked {
    pub(super) ids: Vec<ResultId>,
    format: Format,
}

impl Picked {
    /// As a form with boxes sends it. An id that is none is nobody's headshot.
    pub(super) fn of(query: &str) -> Result<Self> {
        let (mut ids, mut format) = (Vec::new(), Format::Jpeg);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "pick" => ids.push(value.parse().map_err(|_| Error::NotFound("Photo"))?),
                "format" => format = format_named(&value)?,
                _ => {}
            }
        }
        Ok(Self { ids, format })
    }

    /// Those of a shoot's headshots that are meant, in their own order.
    fn among(&self, mut headshots: Vec<Headshot>) -> Result<Vec<Headshot>> {
        if self.ids.is_empty() {
            return Ok(headshots);
        }
        if self.ids.iter().any(|id| headshots.iter().all(|headshot| headshot.id != *id)) {
            return Err(Error::NotFound("Photo"));
        }
        headshots.retain(|headshot| self.ids.contains(&headshot.id));
        Ok(headshots)
    }
}

/// One headshot as a file. `whose` is what its name begins with, as [`named`] makes it.
pub(super) async fn one(
    app: &App,
    headshot: &Headshot,
    whose: &str,
    names: &Names,
    wish: &Wish,
) -> Result<HttpResponse> {
    let (file, format) = (wish.file()?, format_named(&wish.format)?);
    let bytes = darkroom::developed(app, &headshot.id, file, format).await?.ok_or(Error::NotFound("Photo"))?;
    Ok(HttpResponse::Ok()
        .content_type(format.media_type())
        .insert_header(attachment(&file_name(whose, headshot, names, file, format)))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

/// Headshots of one shoot as an archive.
pub(super) fn several(
    app: &Data<App>,
    headshots: Vec<Headshot>,
    whose: String,
    names: Names,
    picked: &Picked,
) -> Result<HttpResponse> {
    let headshots = picked.among(headshots)?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(attachment(&format!("{whose}headshots.zip")))
        .insert_header(ContentEncoding::Identity)
        .streaming(pack(app.clone(), whose, headshots, names, picked.format)))
}

/// The archive, made while it is sent: one file at a time is in memory, and the next one is read when the last one has gone.
/// Nothing is compressed, because pictures don't get smaller.
fn pack(
    app: Data<App>,
    name: String,
    headshots: Vec<Headshot>,
    names: Names,
    format: Format,
) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let mut archive = Archive::default();
        for headshot in &headshots {
            for (folder, file) in [("", HeadshotFile::Portrait), ("square/", HeadshotFile::Square)] {
                // Deleted meanwhile: the rest is still worth having.
                let Some(bytes) = darkroom::developed(&app, &headshot.id, file, format).await? else { continue };
                let name = format!("{folder}{}", file_name(&name, headshot, &names, file, format));
                yield archive.add(name, headshot.created_at, &bytes)?;
            }
        }
        yield archive.finish()?;
    }
}

/// `kim-lee-`, for the start of a file's name; empty if there is nothing to call them.
pub(super) fn named(name: &str) -> String {
    let name = name.to_lowercase();
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().take(6).map(|word| format!("{}-", word.chars().take(40).collect::<String>())).collect()
}

/// `kim-lee-headshot-03-navy-square.webp`
pub(super) fn file_name(name: &str, headshot: &Headshot, names: &Names, file: HeadshotFile, format: Format) -> String {
    let kind = match file {
        HeadshotFile::Portrait => "",
        HeadshotFile::Square => "-square",
        HeadshotFile::Thumbnail => "-small",
    };
    let (backdrop, ending) = (names.for_file(&headshot.backdrop), format.ending());
    format!("{name}headshot-{:02}-{backdrop}{kind}.{ending}", headshot.position)
}

/// To be saved under this name; for programs that read ASCII only, under what is left of it.
pub(super) fn attachment(name: &str) -> ContentDisposition {
    let ascii: String = name.split('-').filter(|word| word.is_ascii()).collect::<Vec<_>>().join("-");
    let mut parameters = vec![DispositionParam::Filename(ascii)];
    if !name.is_ascii() {
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.as_bytes().to_vec(),
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

/// What is offered of a headshot: each size in each format.
pub(super) struct Offer {
    pub(super) words: Message,
    /// `1024 × 1280, full size`
    pub(super) size: Message,
    /// As most people want it.
    pub(super) jpeg: String,
    /// The others: address and label.
    pub(super) others: Vec<(String, &'static str)>,
}

impl Offer {
    /// Both sizes of a headshot, whose files are below `base`.
    pub(super) fn of(headshot: &Headshot, base: &str) -> Vec<Self> {
        let Headshot { width, height, .. } = headshot;
        let full = say!("{width} × {height}, full size", width = width.to_string(), height = height.to_string());
        let sizes = [("portrait", say!("format|Portrait"), full), ("square", say!("format|Square"), Message::new(""))];
        let offers = sizes.map(|(name, words, size)| {
            let at = |format: Format| format!("{base}/download?size={name}&format={}", format.name());
            let others = [Format::Png, Format::Webp].map(|format| (at(format), format.label()));
            Self { words, size, jpeg: at(Format::Jpeg), others: others.into() }
        });
        offers.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_other_letters_has_a_plain_twin() {
        let said = |name| attachment(name).to_string();
        assert_eq!(said("kim-lee-headshot-03-navy.jpg"), "attachment; filename=\"kim-lee-headshot-03-navy.jpg\"");
        assert_eq!(
            said("łukasz-nowak-headshot-03-navy.jpg"),
            "attachment; filename=\"nowak-headshot-03-navy.jpg\"; filename*=UTF-8''%C5%82ukasz%2Dnowak%2Dheadshot%2D03%2Dnavy.jpg"
        );
    }

    #[test]
    fn sizes_and_formats_are_asked_for_by_name() {
        let wish = |size: &str| Wish { size: size.to_owned(), format: String::new() }.file();
        assert_eq!(wish("").unwrap(), HeadshotFile::Portrait);
        assert_eq!(wish("original").unwrap(), HeadshotFile::Portrait);
        assert_eq!(wish("square").unwrap(), HeadshotFile::Square);
        assert!(matches!(wish("thumbnail"), Err(Error::Invalid(_))));
        assert_eq!(format_named("jpg").unwrap(), Format::Jpeg);
        assert_eq!(format_named("webp").unwrap(), Format::Webp);
        assert!(matches!(format_named("gif"), Err(Error::Invalid(_))));
        assert!(matches!(Picked::of("pick=nonsense"), Err(Error::NotFound(_))));
        assert!(Picked::of("").unwrap().ids.is_empty());
    }
}
