//! Requests that change something have to come from our own pages: browsers say where a request comes from, and other sites
//! can't make them say otherwise.

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};

use crate::{app::App, config::Urls, error::Error};

/// Its page, which has a token in its address, forbids referrers, and then browsers say `Origin: null`. It doesn't need them:
/// the form has to carry what a cookie of this site's own page holds.
const PROVES_ITSELF: &str = "/auth/link";

/// Refuses a change that another site's page asked for. Programs, which send no such headers and no cookies, pass. So do
/// scripts on other sites that call the API: it takes no cookie, only a key, which no browser sends by itself.
pub async fn own_pages_only<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let by_key = request.path().starts_with("/api/");
    if by_key || request.method().is_safe() || request.path() == PROVES_ITSELF || from_own_page(&request) {
        return next.call(request).await;
    }
    Err(Error::forbidden(say!(
        "This request came from another site, so nothing was changed. Open the page again and repeat it."
    ))
    .into())
}

fn from_own_page(request: &ServiceRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let urls = request.app_data::<Data<App>>().map(|app| &app.urls);
            let ours = urls.map(|urls: &Urls| [urls.origin(), urls.whitelabel_origin()]);
            // Behind no proxy the address bar and the Host header agree, whatever the base URL says. Behind one with TLS, a page
            // that came without it may be anybody's.
            let plain = urls.is_some_and(|urls| !urls.secure());
            let host = text(header::HOST.as_str()).filter(|_| plain).map(|host| format!("http://{host}"));
            ours.is_some_and(|ours| ours.iter().any(|one| one == origin)) || Some(origin) == host.as_deref()
        }
        (None, None) => true,
    }
}
