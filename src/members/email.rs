//! Addresses.

use std::{fmt, str::FromStr};

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;

use crate::error::{Error, Result};

/// An e-mail address that can be written to. Kept in lower case, so equal means equal; `user+1@x` and `user@x` differ. [004]
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with all but its first letter and its domain hidden, for pages anyone with a link can see.
    pub fn hinted(&self) -> String {
        let (name, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        format!("{}…@{domain}", name.chars().next().unwrap_or('…'))
    }
}

impl FromStr for Email {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let address = text.trim().to_lowercase();
        let wrong =
            || Error::invalid(say!("\"{text}\" is not an e-mail address.", text = format!("{:.100}", text.trim())));
        let domain = address.rsplit_once('@').map(|(_, domain)| domain).ok_or_else(wrong)?;
        // A domain without a dot, or an address in a form no mail program writes, is a slip of the finger.
        let plain = address.len() <= 254 && domain.contains('.') && !domain.ends_with('.') && !address.contains('"');
        if plain && address.parse::<lettre::Address>().is_ok() { Ok(Self(address)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for Email {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Email {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        String::column_result(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        assert_eq!(" Kim@Acme.TEST ".parse::<Email>().unwrap().as_str(), "kim@acme.test");
        assert_ne!("user+1@x.test".parse::<Email>().unwrap(), "user@x.test".parse::<Email>().unwrap());
        for wrong in [
            "",
            "kim",
            "kim@",
            "@acme.test",
            "kim@acme",
            "kim@acme.",
            "a b@acme.test",
            "kim@acme.test\nbcc: all@acme.test",
            "\"a b\"@acme.test",
            "kim@@acme.test",
            "kim@acme..test",
        ] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hint_shows_the_first_letter_only() {
        assert_eq!("kim@acme.test".parse::<Email>().unwrap().hinted(), "k…@acme.test");
    }
}
