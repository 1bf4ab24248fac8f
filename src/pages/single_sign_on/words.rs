//! What each refusal means, and what to do about it.

use actix_web::http::StatusCode;

use super::Trouble;
use crate::{auth::Refusal, i18n::Message, oidc::Fault};

/// A refusal in words.
pub(super) struct Words {
    pub(super) title: Message,
    pub(super) means: Message,
    pub(super) todo: Message,
    /// On the way on.
    pub(super) again: Message,
    /// A mailed link may help.
    pub(super) mail: bool,
    pub(super) status: StatusCode,
}

const ADMIN: Message = say!("Try again. If it happens again, tell the person who leads your organization.");
const AGAIN: Message = say!("Sign in again");

impl Trouble {
    /// The cause, for the log and for the owner who tests.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::Rule(refusal) => refusal.to_string(),
            Self::Provider(fault) => fault.to_string(),
            Self::Said(words) => format!("the provider answered {words}"),
            Self::Foreign(domain) => format!("{domain} signs in at another organization's provider only"),
            Self::NotTheirs => "another person's test".to_owned(),
        }
    }
}

impl Words {
    /// Those of a refusal.
    pub(super) fn of(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Rule(refusal) => Self::of_rule(refusal),
            Trouble::Provider(fault) => Self::of_fault(fault),
            Trouble::Said(code) => Self::of_error(code.split(':').next().unwrap_or_default()),
            Trouble::Foreign(domain) => Self::new(
                say!("This invite can't be accepted with this address"),
                say!(
                    "Addresses of {domain} sign in by their own organization's provider only, and this invite is another organization's.",
                    domain
                ),
                say!("Ask whoever invited you to invite another address of yours."),
            ),
            Trouble::NotTheirs => Self::new(
                say!("This test was somebody else's"),
                say!("It was begun by another person, or you are not signed in here any more."),
                say!("Sign in, then start the test again in the settings."),
            ),
        }
    }

    fn new(title: Message, means: Message, todo: Message) -> Self {
        Self { title, means, todo, again: AGAIN, mail: false, status: StatusCode::FORBIDDEN }
    }

    fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn or_by_mail(self) -> Self {
        Self { mail: true, ..self }
    }

    fn of_rule(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Over => Self::new(
                say!("This sign-in is over"),
                say!("It was finished before, took longer than 10 minutes, or didn't begin here."),
                say!("Begin again with your work address. Nothing is lost."),
            )
            .with(StatusCode::BAD_REQUEST),
            Refusal::OtherBrowser => Self::new(
                say!("This sign-in began in another browser"),
                say!("It can only end in the browser it began in, with cookies allowed."),
                say!("Begin again here with your work address."),
            )
            .with(StatusCode::BAD_REQUEST),
            Refusal::Removed => Self::new(
                say!("Single sign-on was changed meanwhile"),
                say!("Your organization removed or changed its provider while you were signing in."),
                say!("Begin again with your work address."),
            ),
            Refusal::NoAddress => Self::new(
                say!("Your provider told us no address"),
                say!("To know you the first time, we need your work e-mail address from it."),
                say!("Ask the people who run your provider to release the e-mail claim to this server."),
            )
            .or_by_mail(),
            Refusal::Unverified(email) => Self::new(
                say!("Your provider hasn't verified your address"),
                say!("It says you are {email}, but not that it has checked that.", email = email.to_string()),
                say!("Ask the people who run your provider to verify the address and to send email_verified."),
            )
            .or_by_mail(),
            Refusal::NotProven(domain) => Self::new(
                say!("This address is not your organization's"),
                say!("Your provider vouched for an address of {domain}, a domain that isn't proven for this organization.", domain),
                say!("Sign in at your provider with your work account, or ask the person who leads your organization to add the domain."),
            ),
            Refusal::NotMember(email) => Self::new(
                say!("You have not been invited yet"),
                say!("Your provider knows you as {email}, but joining needs an invite.", email = email.to_string()),
                say!("Ask the person who leads your organization to invite this address, then sign in again."),
            ),
            Refusal::Elsewhere { email, organization, owner } => Self::new(
                say!("You belong to another organization"),
                say!("On this server, {email} belongs to {organization}. One address belongs to one organization.", email = email.to_string(), organization),
                if *owner {
                    say!("You own that one: sign in with a mailed link and hand it over to someone else first.")
                } else {
                    say!("Ask a lead of that organization to remove you there, then sign in again.")
                },
            )
            .or_by_mail(),
            Refusal::OwnHeadshots(email) => Self::new(
                say!("You have headshots of your own here"),
                say!("{email} made headshots without any organization. They have to go before this address joins one.", email = email.to_string()),
                say!("Sign in with a mailed link, download what you want to keep and delete the rest under Your data. Then sign in here again."),
            )
            .or_by_mail(),
            Refusal::OtherPerson(email) => Self::new(
                say!("This address was someone else's"),
                say!("Someone else at your provider has signed in here as {email}, and what is theirs isn't shown to anyone else.", email = email.to_string()),
                say!("Ask the person who leads your organization to remove that member and to invite you."),
            ),
        }
    }

    fn of_fault(fault: &Fault) -> Self {
        let refused = |means| Self::new(say!("Your provider's answer can't be trusted"), means, ADMIN);
        match fault {
            Fault::Down(_) => Self::new(
                say!("Your provider can't be reached"),
                say!("Your organization's sign-in server gave us no answer, or none we understand. It may be down for a moment."),
                say!("Wait a little and try again."),
            )
            .or_by_mail()
            .with(StatusCode::BAD_GATEWAY),
            Fault::Metadata(_) => Self::new(
                say!("Your provider is set up differently"),
                say!("What your organization's sign-in server says of itself doesn't fit what was entered here."),
                say!("Tell the person who leads your organization to test single sign-on in the settings."),
            )
            .or_by_mail()
            .with(StatusCode::BAD_GATEWAY),
            Fault::Code(_) => Self::new(
                say!("Your provider didn't take its own code"),
                say!("A sign-in works once and for a short time. This one was used or is too old."),
                say!("Begin again with your work address."),
            ),
            Fault::Client(_) => Self::new(
                say!("Your provider doesn't know this server"),
                say!("It refused the client id or the secret that your organization entered here."),
                say!("Tell the person who leads your organization to enter them again in the settings."),
            )
            .or_by_mail(),
            Fault::Issuer(_) => refused(say!("It names another issuer than the one your organization has set up.")),
            Fault::Audience(_) => refused(say!("It was made for another application.")),
            Fault::Algorithm(_) => refused(say!("It isn't signed, or in a way that proves nothing.")),
            Fault::Signature(_) => refused(say!("Its signature doesn't fit the provider's keys.")),
            Fault::Time(_) => refused(say!("It is too old, or made in the future: a clock may be wrong.")),
            Fault::Nonce(_) => refused(say!("It belongs to another sign-in.")),
            Fault::Garbled(_) => refused(say!("It can't be read.")),
        }
    }

    /// The error codes of OAuth 2.0 and OpenID Connect.
    fn of_error(code: &str) -> Self {
        match code {
            "access_denied" => Self::new(
                say!("Your provider said no"),
                say!("The sign-in was cancelled, or your account there may not use this application."),
                say!("Try again. If you didn't cancel it, ask the people who run your provider for access."),
            ),
            "server_error" | "temporarily_unavailable" => Self::new(
                say!("Your provider had a problem"),
                say!("Your organization's sign-in server couldn't finish. It may be down for a moment."),
                say!("Wait a little and try again."),
            )
            .or_by_mail()
            .with(StatusCode::BAD_GATEWAY),
            _ => Self::new(
                say!("Your provider refused the sign-in"),
                say!("Your organization's sign-in server didn't accept how it was asked."),
                ADMIN,
            )
            .or_by_mail(),
        }
    }
}
