//! The form "Send invite" as it arrives: with a file among its fields, or without one.

use actix_multipart::{Field, Multipart};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header,
    web::{Bytes, Form},
};
use futures::{StreamExt, future::LocalBoxFuture};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    invites,
};

/// Largest file of addresses, in bytes: the most that are taken at once, in a table with many columns.
pub(super) const LARGEST_FILE: usize = 4 * 1024 * 1024;

/// Largest form without its file: the most addresses at once, each as long as can be, as forms write them.
pub(super) const LARGEST_TEXT: usize = 4 * 1024 * 1024;

/// What was typed and chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages::admin) struct Sending {
    pub(super) emails: String,
    pub(super) team: String,
    /// The page the dialog was on.
    pub(super) from: String,
    /// Rows of the file that have no address.
    #[serde(skip)]
    pub(super) without: usize,
    /// Why the file was not taken. What was typed beside it is here all the same.
    #[serde(skip)]
    pub(super) wrong: Option<Error>,
}

impl FromRequest for Sending {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        in_parts_or_not(request, payload, read)
    }
}

/// A form that browsers send in parts because of its file, and programs may send without one: `read` reads the parts.
pub(in crate::pages::admin) fn in_parts_or_not<T, F>(
    request: &HttpRequest,
    payload: &mut Payload,
    read: fn(Multipart) -> F,
) -> LocalBoxFuture<'static, Result<T>>
where
    T: DeserializeOwned + 'static,
    F: Future<Output = Result<T>> + 'static,
{
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/") {
        return Box::pin(read(Multipart::new(request.headers(), payload.take())));
    }
    let form = Form::<T>::from_request(request, payload);
    Box::pin(async move { form.await.map(Form::into_inner).map_err(|_| broken()) })
}

/// The file comes last in the form, so what was typed is known before anything can be wrong with it.
async fn read(mut form: Multipart) -> Result<Sending> {
    let mut sending = Sending::default();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|_| broken())?;
        match field.name().unwrap_or_default().to_owned().as_str() {
            "emails" => sending.emails = text(&mut field).await?,
            "team" => sending.team = text(&mut field).await?,
            "from" => sending.from = text(&mut field).await?,
            "file" => {
                if let Err(error) = sending.take_file(&mut field).await {
                    sending.wrong = Some(error);
                    return Ok(sending);
                }
            }
            _ => while field.next().await.is_some() {},
        }
    }
    Ok(sending)
}

impl Sending {
    /// What stands in the file goes below what was typed.
    async fn take_file(&mut self, field: &mut Field) -> Result<()> {
        let bytes = whole(field, LARGEST_FILE).await?;
        let Some(bytes) = bytes else { return Err(too_large()) };
        if bytes.is_empty() {
            return Ok(());
        }
        let table = invites::read_file(&bytes)?;
        if !self.emails.trim().is_empty() {
            self.emails.push('\n');
        } else {
            self.emails.clear();
        }
        self.emails.push_str(&table.text);
        self.without = table.without;
        Ok(())
    }
}

pub(super) fn too_large() -> Error {
    Error::TooLarge(say!(
        "This file is larger than {most} MB, so it was not read. Keep only the column of addresses, or send it in parts.",
        most = LARGEST_FILE / 1024 / 1024
    ))
}

pub(in crate::pages::admin) fn broken() -> Error {
    Error::invalid(say!("The form broke off before it was complete, or is too large. Go back and try again."))
}

pub(in crate::pages::admin) async fn text(field: &mut Field) -> Result<String> {
    let bytes = whole(field, LARGEST_TEXT).await?.ok_or_else(broken)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// All of a field, unless it is larger than `most`. What is beyond is read and thrown away: a browser that is cut off while it
/// sends doesn't listen to why.
pub(in crate::pages::admin) async fn whole(field: &mut Field, most: usize) -> Result<Option<Vec<u8>>> {
    const PATIENCE: usize = 64 * 1024 * 1024;
    let (mut bytes, mut read) = (Vec::new(), 0);
    while let Some(piece) = field.next().await {
        let piece: Bytes = piece.map_err(|_| broken())?;
        read += piece.len();
        if read > PATIENCE {
            return Err(broken());
        }
        if read <= most {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok((read <= most).then_some(bytes))
}
