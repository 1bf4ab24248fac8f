//! Mails as pages show them: in the owner's outbox, and in development mode's.

use actix_web::{HttpResponse, http::header};
use serde::Deserialize;

use super::view::When;
use crate::{clock::Timestamp, mail::Mail};

/// A mail is someone else's page: it may look as it likes, show a logo and have its links opened elsewhere, and do nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; \
    sandbox allow-popups allow-popups-to-escape-sandbox";

/// A mail that is read.
pub(super) struct OpenMail {
    pub(super) subject: String,
    pub(super) to: String,
    pub(super) at: When,
    pub(super) body_href: String,
    pub(super) text: String,
}

impl OpenMail {
    /// Whose HTML is found at `body_href`.
    pub(super) fn new(mail: Mail, body_href: String, now: Timestamp) -> Self {
        Self {
            subject: mail.subject,
            to: mail.to.to_string(),
            at: When::ago(mail.created_at, now),
            body_href,
            text: mail.text.unwrap_or_default(),
        }
    }
}

/// A mail in a list.
pub(super) struct MailRow {
    pub(super) href: String,
    pub(super) subject: String,
    pub(super) to: String,
    pub(super) at: When,
}

impl MailRow {
    /// Which is read at `href`.
    pub(super) fn new(mail: Mail, href: String, now: Timestamp) -> Self {
        Self { href, subject: mail.subject, to: mail.to.to_string(), at: When::ago(mail.created_at, now) }
    }
}

/// A mail's HTML alone, for a frame. Sign-in pages refuse frames, so its links open beside.
pub(super) fn framed(mail: Mail) -> HttpResponse {
    framed_html(&mail.html.unwrap_or_default())
}

/// In which light a mail is looked at, whatever the reader's own.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Look {
    /// As the browser has it.
    #[default]
    Auto,
    Light,
    Dark,
}

/// A mail that was not written to anyone, in a light of one's choice.
pub(super) fn framed_in(look: Look, html: &str) -> HttpResponse {
    const DARK: &str = "@media (prefers-color-scheme: dark)";
    const SCHEME: &str = r#"name="color-scheme" content="light dark""#;
    let html = match look {
        Look::Auto => html.to_owned(),
        Look::Light => {
            html.replacen(DARK, "@media not all", 1).replacen(SCHEME, r#"name="color-scheme" content="light""#, 1)
        }
        Look::Dark => html.replacen(DARK, "@media all", 1).replacen(SCHEME, r#"name="color-scheme" content="dark""#, 1),
    };
    framed_html(&html)
}

fn framed_html(html: &str) -> HttpResponse {
    let html = html.replacen("<head>", r#"<head><base target="_blank">"#, 1);
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html)
}
