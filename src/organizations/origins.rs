//! Sites as browsers name them: scheme, host and port.

use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, Result};

/// Sites in one list at most.
const MOST: usize = 20;

/// One site, written as browsers write it in `Origin`: in lower case, without a port that goes without saying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Origin(String);

impl FromStr for Origin {
    type Err = Error;

    /// Reads it as a person typed it. One host each: a pattern would let in whoever gets hold of a name that fits.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid(say!("\"{text}\" is not an origin, such as https://app.acme.com.", text));
        let url = Url::parse(text).map_err(|_| wrong())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let web = matches!(url.scheme(), "http" | "https") && text.contains("://");
        let origin = url.origin().ascii_serialization();
        // A host may hold a semicolon, a quote or an asterisk, also as letters of other scripts that stand for them; in the
        // headers that name the site they would mean something.
        let plain = origin.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:/[]".contains(&byte));
        if bare && nobody && web && plain && !text.contains(['@', '\\']) { Ok(Self(origin)) } else { Err(wrong()) }
    }
}

/// A list of sites, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// Each of them, as browsers write it.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|origin| origin.0.as_str())
    }
}

impl FromStr for Origins {
    type Err = Error;

    /// Reads them as a person typed them, separated by commas or blanks. An empty text is an empty list.
    fn from_str(text: &str) -> Result<Self> {
        let mut origins = Vec::new();
        for one in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|one| !one.is_empty()) {
            let origin: Origin = one.parse()?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        if origins.len() > MOST {
            return Err(Error::invalid(say!("At most {most} origins can be listed.", most = MOST)));
        }
        Ok(Self(origins))
    }
}

impl ToSql for Origins {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json =
            serde_json::to_string(self).map_err(|cause| rusqlite::Error::ToSqlConversionFailure(cause.into()))?;
        Ok(json.into())
    }
}

impl FromSql for Origins {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map_err(FromSqlError::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (typed, written) in [
            ("https://app.acme.com", "https://app.acme.com"),
            ("https://App.ACME.com:443/", "https://app.acme.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:80", "http://[::1]"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(typed.parse::<Origin>().unwrap().0, written);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for wrong in [
            "*",
            "null",
            "app.acme.com",
            "https:app.acme.com",
            "https://",
            "https://*.acme.com",
            "https://acme.com/app",
            "https://acme.com?a",
            "https://acme.com#a",
            "https://ada@acme.com",
            "https://@acme.com",
            "https:\\\\acme.com",
            "ftp://acme.com",
            "javascript://acme.com",
            "https://acme.com:99999",
            "https://acme.com;script-src",
            "https://acme.com；script-src",
            "https://acme.com'",
        ] {
            let refused = wrong.parse::<Origin>().unwrap_err().to_string();
            assert!(refused.contains("is not an origin"), "{wrong}: {refused}");
        }
    }

    #[test]
    fn a_list_is_separated_somehow_and_has_an_end() {
        let list: Origins = " https://a.test,https://b.test\nhttps://A.test/ ,, http://c.test ".parse().unwrap();
        assert_eq!(list.iter().collect::<Vec<_>>(), ["https://a.test", "https://b.test", "http://c.test"]);
        assert_eq!("".parse::<Origins>().unwrap(), Origins::default());
        let many = |count: usize| (0..count).map(|nth| format!("https://{nth}.test ")).collect::<String>();
        assert_eq!(many(20).parse::<Origins>().unwrap().iter().count(), 20);
        assert!(many(21).parse::<Origins>().is_err());
    }
}
