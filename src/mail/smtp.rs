//! The way out: one message to one SMTP server, under a time-out of our own.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{Mailbox, Message as Letter, MultiPart, header},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use url::Url;

use super::{Mail, Message};
use crate::{
    config,
    error::{Error, Result},
};

/// For connecting, greeting and sending together. lettre's own time-out covers connecting only, and a server that goes
/// silent in the middle would hold its worker for good.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the mail server made of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It took it.
    Sent(String),
    /// It can't now; trying again makes sense.
    Deferred(String),
    /// It won't, ever.
    Refused(String),
}

/// Sends mails, or keeps them in the outbox where there is no mail server.
#[derive(Clone)]
pub struct Mailer {
    server: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
}

impl Mailer {
    /// As configured.
    ///
    /// # Errors
    /// A URL that is none of smtp://, smtps:// and smtp+starttls://.
    pub fn new(config: &config::Mail) -> Result<Self> {
        let server = config.smtp.as_ref().map(|url| server(url.reveal())).transpose()?;
        Ok(Self { server, from: config.from.clone() })
    }

    /// Whether mails leave the outbox.
    pub fn sends(&self) -> bool {
        self.server.is_some()
    }

    /// Who mails are from: an address, and what it is called.
    pub fn from(&self) -> (Option<&str>, &str) {
        (self.from.name.as_deref(), self.from.email.as_ref())
    }

    /// Connects, greets and signs in, and sends nothing. Nothing if there is no mail server.
    ///
    /// # Errors
    /// What the mail server or the network said.
    pub async fn reach(&self, patience: Duration) -> Option<Result<(), String>> {
        let server = self.server.as_ref()?;
        Some(match tokio::time::timeout(patience, server.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it answers, but not as a mail server does".to_owned()),
            Ok(Err(cause)) => Err(trail(&cause)),
            Err(_) => Err(format!("it did not answer within {} seconds", patience.as_secs())),
        })
    }

    /// Sends a mail once, and says what came of it. A mail server's failure is an outcome, not an error.
    pub async fn send(&self, mail: &Mail, message: &Message) -> Result<Delivery> {
        let Some(server) = &self.server else {
            return Err(Error::internal("a mail is to be sent without a mail server"));
        };
        let letter = match self.letter(mail, message) {
            Ok(letter) => letter,
            Err(cause) => return Ok(Delivery::Refused(cause)),
        };
        Ok(match tokio::time::timeout(PATIENCE, server.send(letter)).await {
            Err(_) => {
                Delivery::Deferred(format!("the mail server did not answer within {} seconds", PATIENCE.as_secs()))
            }
            Ok(Ok(answer)) => Delivery::Sent(answer.message().collect::<Vec<_>>().join(" ")),
            Ok(Err(cause)) if cause.is_permanent() => Delivery::Refused(trail(&cause)),
            Ok(Err(cause)) => Delivery::Deferred(trail(&cause)),
        })
    }

    /// The letter: text and HTML side by side, with an id that stays the same over all attempts.
    fn letter(&self, mail: &Mail, message: &Message) -> Result<Letter, String> {
        let to = mail.to.as_str().parse().map_err(|_| format!("{} can't be written to", mail.to))?;
        // The address stays the server's: for another one, SPF and DMARC would have no reason to believe it.
        let from = match &message.from {
            // None is ever saved with a line break; the library would panic over one rather than write a header of its own.
            Some(name) => {
                let name = name.chars().filter(|c| !c.is_control()).collect();
                Mailbox::new(Some(name), self.from.email.clone())
            }
            None => self.from.clone(),
        };
        let mut letter = Letter::builder().from(from).to(Mailbox::new(None, to));
        if let Some(address) = &message.reply_to {
            let address = address.as_str().parse().map_err(|_| format!("{address} can't be answered to"))?;
            letter = letter.reply_to(Mailbox::new(None, address));
        }
        letter
            .subject(&message.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(header::MIME_VERSION_1_0)
            .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
            .map_err(|cause| cause.to_string())
    }
}

fn server(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let wrong = || {
        // The URL may hold a password, so it isn't said back.
        Error::invalid(plain!(
            "Setting \"smtp_url\" can't be read; examples that work: smtp://localhost:25, smtps://user:password@mail.example.com."
        ))
    };
    let url = Url::parse(url).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let tls = || TlsParameters::new(host.to_owned()).map_err(Error::internal);
    let (port, tls) = match url.scheme() {
        "smtp" => (25, Tls::None),
        "smtps" => (465, Tls::Wrapper(tls()?)),
        "smtp+starttls" => (587, Tls::Required(tls()?)),
        _ => return Err(wrong()),
    };
    let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(url.port().unwrap_or(port))
        .tls(tls)
        .hello_name(ClientId::default())
        .timeout(Some(PATIENCE));
    if !url.username().is_empty() {
        let plain = |text: &str| percent_decoded(text);
        server = server.credentials(Credentials::new(plain(url.username()), plain(url.password().unwrap_or_default())));
    }
    Ok(server.build())
}

/// User names are often addresses, and passwords anything: both come percent-encoded in a URL.
fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn trail(cause: &lettre::transport::smtp::Error) -> String {
    let mut words = cause.to_string();
    let mut next = std::error::Error::source(cause);
    while let Some(cause) = next {
        let more = cause.to_string();
        // Some layers already say what the one below them says.
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        next = cause.source();
    }
    words.chars().filter(|c| !c.is_control()).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_may_hold_anything() {
        assert_eq!(percent_decoded("kim%40acme.test"), "kim@acme.test");
        assert_eq!(percent_decoded("a+b%2Fc%25"), "a+b/c%");
    }

    #[test]
    fn an_organization_has_a_name_and_an_address_for_answers_and_the_servers_address() {
        let from = "Headroom <headshots@example.com>".parse().unwrap();
        let mailer = Mailer::new(&config::Mail { smtp: None, from }).unwrap();
        let mail = Mail {
            id: crate::ids::MailId::new(),
            organization: None,
            invite: None,
            kind: crate::mail::Kind::Ready,
            to: "kim@acme.test".parse().unwrap(),
            subject: String::new(),
            text: None,
            html: None,
            state: crate::mail::State::Sending,
            answer: None,
            created_at: crate::clock::Timestamp::from_millis(0),
        };
        let letter = |message: &Message| String::from_utf8(mailer.letter(&mail, message).unwrap().formatted()).unwrap();
        let usual = letter(&Message { subject: "Hello".to_owned(), ..Message::default() });
        assert!(usual.contains("From: Headroom <headshots@example.com>") && !usual.contains("Reply-To"), "{usual}");
        let own = letter(&Message {
            // Nothing of the kind is ever saved; were it, it would still be no header.
            from: Some("Acme\r\nBcc: all@acme.test".to_owned()),
            reply_to: Some("people@acme.test".parse().unwrap()),
            subject: "Hello\r\nBcc: all@acme.test".to_owned(),
            ..Message::default()
        });
        assert!(own.contains("<headshots@example.com>") && own.contains("Reply-To: people@acme.test"), "{own}");
        assert!(!own.lines().any(|line| line.starts_with("Bcc")), "{own}");
    }

    #[test]
    fn only_mail_urls_are_taken_and_never_said_back() {
        for wrong in ["mail.test", "http://mail.test", "smtp:hunter2"] {
            let refused = server(wrong).err().unwrap().to_string();
            assert!(refused.contains("smtp_url") && !refused.contains("hunter2"), "{refused}");
        }
        assert!(server("smtp+starttls://me:pw@mail.test").is_ok());
    }
}
