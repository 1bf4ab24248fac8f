//! Where a provider is.

use url::{Host, Url};

use crate::{
    error::{Error, Result},
    i18n::Message,
};

/// Where a provider is: the address its tokens name. `https`, or `http` on this very machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Reads it as a person typed it. A slash at the end is kept, because it has to be as the provider says it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is wrong with it.
    pub fn parse(text: &str) -> Result<Self> {
        let typed = text.trim();
        // People copy the address they find in a browser.
        let typed = typed.strip_suffix("/.well-known/openid-configuration").unwrap_or(typed);
        let wrong = |why: Message| {
            Error::invalid(say!("\"{typed}\" can't be an issuer. {why}", typed = format!("{typed:.200}"), why))
        };
        let url =
            Url::parse(typed).map_err(|_| wrong(say!("Enter its whole address, as in https://login.example.com.")))?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(say!("It has no user, query or fragment.")));
        }
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if here => {}
            _ => return Err(wrong(say!("It begins with https://."))),
        }
        if typed.len() > 500 {
            return Err(wrong(say!("It is too long.")));
        }
        Ok(Self(typed.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_over_tls_or_is_this_machine() {
        for fine in [
            "https://login.example.com",
            " https://id.example.com/realms/acme ",
            "http://127.0.0.1:9000",
            "http://localhost",
        ] {
            assert_eq!(Issuer::parse(fine).unwrap().as_str(), fine.trim());
        }
        let copied = Issuer::parse("https://id.example.com/acme/.well-known/openid-configuration").unwrap();
        assert_eq!(copied.as_str(), "https://id.example.com/acme");
        for wrong in [
            "",
            "login.example.com",
            "http://login.example.com",
            "https://a:b@x.test",
            "https://x.test?a=b",
            "ftp://x.test",
        ] {
            assert!(Issuer::parse(wrong).is_err(), "{wrong}");
        }
    }
}
