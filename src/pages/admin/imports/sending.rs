//! The form of a table as it arrives: a file, or something pasted.

use actix_multipart::Multipart;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures::{StreamExt, future::LocalBoxFuture};
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    pages::admin::add_member::sending::{broken, in_parts_or_not, text, whole},
};

/// Largest file, in bytes: the most people, in a table with many columns.
const LARGEST_FILE: usize = 16 * 1024 * 1024;

/// What was pasted and chosen, and the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Uploaded {
    pub(super) table: String,
    pub(super) team: String,
    /// What the file is called; empty if there is none.
    #[serde(skip)]
    pub(super) name: String,
    #[serde(skip)]
    pub(super) bytes: Option<Vec<u8>>,
    /// Why the file was not taken.
    #[serde(skip)]
    pub(super) wrong: Option<Error>,
}

impl FromRequest for Uploaded {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        in_parts_or_not(request, payload, read)
    }
}

/// Read to its end whatever is wrong with the file, so that nothing of what was pasted is lost.
async fn read(mut form: Multipart) -> Result<Uploaded> {
    let mut uploaded = Uploaded::default();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|_| broken())?;
        match field.name().unwrap_or_default().to_owned().as_str() {
            "table" => uploaded.table = text(&mut field).await?,
            "team" => uploaded.team = text(&mut field).await?,
            "file" => {
                let called = field.content_disposition().and_then(|said| said.get_filename()).map(str::to_owned);
                match whole(&mut field, LARGEST_FILE).await? {
                    Some(bytes) if bytes.is_empty() => {}
                    bytes => {
                        uploaded.name = called.filter(|name| !name.is_empty()).unwrap_or_else(|| say!("A file").into());
                        uploaded.wrong = bytes.is_none().then(too_large);
                        uploaded.bytes = bytes;
                    }
                }
            }
            _ => while field.next().await.is_some() {},
        }
    }
    Ok(uploaded)
}

fn too_large() -> Error {
    Error::TooLarge(say!(
        "This file is larger than {most} MB, so it was not read. Keep only the columns that are needed, or split it.",
        most = LARGEST_FILE / 1024 / 1024
    ))
}
