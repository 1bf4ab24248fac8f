//! Style sheets, scripts and pictures of the pages: embedded, compressed once, and named by their checksum, so browsers
//! keep them for good.

use std::{collections::BTreeMap, io::Write, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, CacheControl, CacheDirective},
    web::Path,
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    i18n::Language,
};

mod script_words;

#[derive(RustEmbed)]
#[folder = "assets/"]
#[include = "css/*.css"]
#[include = "js/*.mjs"]
#[include = "img/*.svg"]
struct Embedded;

struct Asset {
    content: Bytes,
    /// The same for browsers that take gzip, which is all of them.
    gzipped: Option<Bytes>,
    kind: &'static str,
}

struct Assets {
    /// By the name in its address.
    files: BTreeMap<String, Asset>,
    /// From the plain name to the one with the checksum.
    names: BTreeMap<String, String>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut assets = Assets { files: BTreeMap::new(), names: BTreeMap::new() };
    let (mut style, mut scripts) = (Vec::new(), Vec::new());
    // Sorted by name: tokens before base before layouts before components.
    let mut names: Vec<_> = Embedded::iter().collect();
    names.sort();
    for name in names {
        let Some(file) = Embedded::get(&name) else { continue };
        match name.rsplit_once('.') {
            Some((_, "css")) => style.extend_from_slice(&file.data),
            Some((_, "mjs")) => scripts.push((name.trim_start_matches("js/").to_owned(), file.data.into_owned())),
            _ => assets.add(name.trim_start_matches("img/"), file.data.into_owned(), "image/svg+xml"),
        }
    }
    assets.add("pages.css", style, "text/css; charset=utf-8");
    assets.add_scripts(scripts);
    assets
});

impl Assets {
    fn add(&mut self, name: &str, content: Vec<u8>, kind: &'static str) {
        let sum = Sha256::digest(&content);
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let marked = format!("{stem}.{:02x}{:02x}{:02x}{:02x}{:02x}.{end}", sum[0], sum[1], sum[2], sum[3], sum[4]);
        self.names.insert(name.to_owned(), format!("/assets/{marked}"));
        self.files.insert(marked, Asset { gzipped: gzip(&content), content: content.into(), kind });
    }
}

/// The one script that others import.
const SHARED: &str = "words.mjs";

const SCRIPT: &str = "text/javascript; charset=utf-8";

impl Assets {
    /// The scripts, and what they say in other languages. Who imports the shared one does so by its address.
    fn add_scripts(&mut self, scripts: Vec<(String, Vec<u8>)>) {
        let (shared, others): (Vec<_>, Vec<_>) = scripts.into_iter().partition(|(name, _)| name == SHARED);
        for (name, content) in shared {
            self.add(&name, content, SCRIPT);
        }
        let here = format!("'./{SHARED}'");
        let there = self.names.get(SHARED).map(|address| format!("'{address}'")).unwrap_or_default();
        let mut said = Vec::new();
        for (name, content) in others {
            let text = String::from_utf8_lossy(&content);
            if text.contains(&here) {
                said.extend(script_words::messages(&text));
            }
            self.add(&name, text.replace(&here, &there).into_bytes(), SCRIPT);
        }
        for language in script_words::LANGUAGES {
            let table = script_words::table(language, &said);
            self.add(&table_of(language), table.into_bytes(), "application/json");
        }
    }
}

fn table_of(language: Language) -> String {
    format!("words.{}.json", language.tag())
}

/// Where scripts find their words in a language; English ones have theirs.
pub fn words(language: Language) -> Option<&'static str> {
    ASSETS.names.get(&table_of(language)).map(String::as_str)
}

pub(super) fn gzip(content: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Where the asset called `name` is found.
pub fn address(name: &str) -> &'static str {
    ASSETS.names.get(name).map_or("/assets/missing", String::as_str)
}

/// Browsers may keep it for a year, the longest there is, and need not ask again: another content has another address.
pub fn for_good() -> CacheControl {
    CacheControl(vec![
        CacheDirective::Public,
        CacheDirective::MaxAge(31_536_000),
        CacheDirective::Extension("immutable".into(), None),
    ])
}

/// `GET /assets/{name}`
pub async fn get(request: HttpRequest, name: Path<String>) -> Result<HttpResponse> {
    let asset = ASSETS.files.get(name.as_str()).ok_or(Error::NotFound("Page"))?;
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|encodings| encodings.to_str().ok());
    let mut answer = HttpResponse::Ok();
    let body = match &asset.gzipped {
        Some(gzipped) if accepted.is_some_and(|encodings| encodings.contains("gzip")) => {
            answer.insert_header((header::CONTENT_ENCODING, "gzip"));
            gzipped
        }
        _ => &asset.content,
    };
    Ok(answer
        .content_type(asset.kind)
        .insert_header(for_good())
        .insert_header((header::VARY, "accept-encoding"))
        .body(body.clone()))
}
