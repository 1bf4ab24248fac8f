//! Domains of addresses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};
use url::Host;

use super::Email;
use crate::error::{Error, Result};

/// What stands behind the @ of an address: `acme.com`. Kept in lower case and ASCII, so equal means equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct DomainName(String);

impl DomainName {
    /// The domain of an address. None for an address of a form that no link can name, such as a number.
    pub fn of(email: &Email) -> Option<Self> {
        let (_, domain) = email.as_str().rsplit_once('@')?;
        read(domain).map(Self)
    }

    /// The domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DomainName {
    type Err = Error;

    /// Reads it as a person typed it, also as `@acme.com`.
    fn from_str(text: &str) -> Result<Self> {
        let typed = text.trim();
        read(typed.strip_prefix('@').unwrap_or(typed)).map(Self).ok_or_else(|| {
            Error::invalid(say!(
                "\"{typed}\" is not a domain. Write what stands behind the @, as in acme.com.",
                typed = format!("{typed:.100}")
            ))
        })
    }
}

/// One spelling for every way to write a domain. Browsers read hosts with escapes and as numbers, which nobody types here.
fn read(text: &str) -> Option<String> {
    if text.contains('%') {
        return None;
    }
    let Ok(Host::Domain(domain)) = Host::parse(text) else { return None };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let plain = domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label);
    plain.then_some(domain)
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_read_as_people_type_them() {
        for typed in ["acme.com", " @ACME.com ", "Acme.Com"] {
            assert_eq!(typed.parse::<DomainName>().unwrap().as_str(), "acme.com");
        }
        let long = format!("{}.com", "a".repeat(64));
        for wrong in [
            "",
            "@",
            "acme",
            "kim@acme.com",
            "@@acme.com",
            "acme.com.",
            ".acme.com",
            "acme..com",
            "-acme.com",
            "ac me.com",
            "acme.com/x",
            "acme_x.com",
            "*.acme.com",
            "acme%2ecom",
            "127.0.0.1",
            "[::1]",
            long.as_str(),
        ] {
            assert!(wrong.parse::<DomainName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_belongs_to_its_own_domain_only() {
        let of = |email: &str| DomainName::of(&email.parse().unwrap()).unwrap();
        assert_eq!(of("Kim@Acme.com").as_str(), "acme.com");
        assert_eq!(of("kim@bücher.example"), "xn--bcher-kva.example".parse().unwrap());
        for other in ["kim@mail.acme.com", "kim@notacme.com", "kim@acme.com.evil.test"] {
            assert_ne!(of(other).as_str(), "acme.com");
        }
    }
}
