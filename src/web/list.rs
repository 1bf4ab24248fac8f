//! Lists as they go out: with a tag, so that a program that has one already is told so in place of being sent it again.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::header::{self, ContentType, HeaderMap},
};
use serde::Serialize;

use crate::{app::replies::Written, error::Result};

/// A reply that is a list. It may be kept by whoever asked, and is asked about again each time.
#[derive(Debug)]
pub struct List(pub Written);

impl List {
    /// Of this reply: its keys beside `"success": true`.
    ///
    /// # Errors
    /// A reply that can't be said in JSON, which is our mistake.
    pub fn of(reply: impl Serialize) -> Result<Self> {
        Written::of(reply).map(Self)
    }
}

impl Responder for List {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Written { body, tag } = self.0;
        let known = tag.to_str().is_ok_and(|tag| is_known(request.headers(), tag));
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
        if known { answer.finish() } else { answer.content_type(ContentType::json()).body(body) }
    }
}

/// Whether the sender has what `tag` names. A proxy that compressed it has called it weak since: the list is the same.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let named = headers.get_all(header::IF_NONE_MATCH).filter_map(|tags| tags.to_str().ok());
    // Another server's tag may have a comma in it; its pieces are none of ours.
    let mut tags = named.flat_map(|tags| tags.split(',')).map(str::trim);
    tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use actix_web::{http::StatusCode, test::TestRequest};
    use serde_json::json;

    use super::*;

    fn asked(tags: &[&str]) -> HttpResponse {
        let mut request = TestRequest::default();
        for tag in tags {
            request = request.append_header((header::IF_NONE_MATCH, *tag));
        }
        List::of(json!({ "teams": [] })).unwrap().respond_to(&request.to_http_request())
    }

    #[test]
    fn whoever_has_it_is_told_so() {
        let tag = asked(&[]).headers().get(header::ETAG).unwrap().to_str().unwrap().to_owned();
        let weak = format!("W/{tag}");
        let among = format!("\"a, b\",{weak} ,\"c\"");
        for known in [vec![tag.as_str()], vec![&weak], vec![&among], vec!["\"a\"", &tag], vec!["*"]] {
            assert_eq!(asked(&known).status(), StatusCode::NOT_MODIFIED, "{known:?}");
        }
        let bare = tag.trim_matches('"').to_owned();
        for unknown in [vec![], vec![""], vec!["\"a\""], vec!["W/"], vec![bare.as_str()], vec!["\"*\""]] {
            assert_eq!(asked(&unknown).status(), StatusCode::OK, "{unknown:?}");
        }
    }
}
