//! Pages that are the same for everyone for as long as the server runs: made once, compressed once, and not sent again to
//! a browser that has them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{assets::gzip, list::is_known};

/// Such a page.
#[derive(Debug)]
pub struct Kept {
    html: Bytes,
    gzipped: Option<Bytes>,
    tag: String,
}

impl Kept {
    /// Of this HTML.
    pub fn new(html: String) -> Self {
        let sum = Sha256::digest(html.as_bytes());
        let tag = sum[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Self { gzipped: gzip(html.as_bytes()), html: html.into(), tag: format!("\"{tag}\"") }
    }

    /// The page, or 304 for whoever has it.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = is_known(request.headers(), &self.tag);
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        // Weak: the page is the same compressed or not, its bytes aren't.
        if let Ok(tag) = HeaderValue::from_str(&format!("W/{}", self.tag)) {
            answer.insert_header((header::ETAG, tag));
        }
        answer.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header((header::VARY, "accept-encoding"));
        if known {
            return answer.finish();
        }
        answer.content_type("text/html; charset=utf-8");
        let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|encodings| encodings.to_str().ok());
        match &self.gzipped {
            Some(gzipped) if accepted.is_some_and(|encodings| encodings.contains("gzip")) => {
                answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzipped.clone())
            }
            _ => answer.body(self.html.clone()),
        }
    }
}
