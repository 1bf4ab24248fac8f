//! A lead at the pages of someone they look after. Who acts for whom stands in the address, `/team-member/for/{member}/…`, and
//! in no session: two tabs can't mix two people up, and a link that is kept leads to the same person tomorrow.

use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Uri,
    middleware::Next,
};

use super::browser::MEMBER_PAGES;
use crate::{error::Error, ids::MemberId};

/// What such an address says before the member's id.
const FOR: &str = "/team-member/for/";

/// For whom a request acts. Goes along with it; whether its sender may, [`SignedIn`](super::browser::SignedIn) finds out.
#[derive(Clone, Debug)]
pub struct ActsFor(pub MemberId);

/// Where a lead finds the pages of someone they look after.
pub fn pages_for(member: &MemberId) -> String {
    format!("{FOR}{member}")
}

/// Whether a path, as the browser asked for it, is one of a lead who acts for someone.
pub fn is_for_someone(path: &str) -> bool {
    path.starts_with(FOR)
}

/// Sends a request for someone's pages to the routes that their own person has, so that none is written twice.
pub async fn acts_for<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if let Some((member, rest)) = split(request.path()) {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let own = format!("{MEMBER_PAGES}{rest}{query}");
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(own.parse().map_err(Error::internal)?);
        let uri = Uri::from_parts(parts).map_err(Error::internal)?;
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
        request.extensions_mut().insert(ActsFor(member));
    }
    next.call(request).await
}

/// The member, and what follows.
fn split(path: &str) -> Option<(MemberId, &str)> {
    let rest = path.strip_prefix(FOR)?;
    let (id, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // Once is enough: nobody acts for someone who acts for someone.
    if rest.starts_with("/for/") { None } else { Some((id.parse().ok()?, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split_into_whom_and_what() {
        let id = MemberId::new();
        let split = |rest: &str| split(&format!("/team-member/for/{id}{rest}")).map(|(_, rest)| rest.to_owned());
        assert_eq!(split(""), Some(String::new()));
        assert_eq!(split("/onboarding/you").as_deref(), Some("/onboarding/you"));
        assert_eq!(split("x/onboarding"), None);
        assert_eq!(split(&format!("/for/{id}")), None);
    }
}
