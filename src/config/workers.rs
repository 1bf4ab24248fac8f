//! Workers on other machines, and how much of their work this server does itself.

use super::{
    Key, key,
    reader::{Reader, wrong},
    secret,
};
use crate::{
    error::{Error, Result},
    secrets::Secret,
};

/// A shorter token could be guessed.
const SHORTEST_TOKEN: usize = 32;

/// More than any machine does at the same time.
const MOST_SHOOTS: usize = 256;

pub(super) const KEYS: &[Key] = &[
    key(
        "studio_shoots",
        "",
        "Shoots this server makes at the same time. 0: none, workers make them all. Default: one for every two processors.",
    ),
    secret(
        "worker_token",
        "Lets workers on other machines make headshots for this server (docs/scaling.md): 32 characters at least, the same there. Photos go to those machines.",
    ),
];

pub(super) fn shoots(read: &Reader<'_>) -> Result<Option<usize>> {
    let text = read.text("studio_shoots");
    if text.is_empty() {
        return Ok(None);
    }
    let shoots = text.parse().ok().filter(|shoots| *shoots <= MOST_SHOOTS);
    let shoots = shoots.ok_or_else(|| wrong("studio_shoots", text, "2"))?;
    if shoots == 0 && read.text("worker_token").is_empty() {
        return Err(Error::invalid(plain!(
            "studio_shoots = 0 leaves nobody to make headshots. Set worker_token too, and start workers: docs/scaling.md."
        )));
    }
    Ok(Some(shoots))
}

pub(super) fn token(read: &Reader<'_>) -> Result<Option<Secret>> {
    let token = read.text("worker_token");
    if token.is_empty() {
        return Ok(None);
    }
    if token.len() < SHORTEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid(plain!(
            "Setting \"worker_token\" has to be {SHORTEST_TOKEN} letters and digits at least, without blanks. One that can't be guessed: openssl rand -hex 32."
        )));
    }
    if read.text("generator") != "studio" {
        return Err(Error::invalid(plain!(
            "Setting \"worker_token\" needs generator = \"studio\": workers make what the studio makes. Leave one of the two out."
        )));
    }
    Ok(Some(Secret::from(token.to_owned())))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn read(settings: &[(&'static str, &str)]) -> Result<(Option<usize>, bool)> {
        let mut values = BTreeMap::from([("generator", "studio".to_owned())]);
        values.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let read = Reader { values: &values };
        Ok((shoots(&read)?, token(&read)?.is_some()))
    }

    #[test]
    fn a_server_may_leave_all_shoots_to_workers() {
        assert_eq!(read(&[]).unwrap(), (None, false));
        assert_eq!(read(&[("studio_shoots", "3")]).unwrap(), (Some(3), false));
        assert_eq!(read(&[("studio_shoots", "0"), ("worker_token", TOKEN)]).unwrap(), (Some(0), true));
    }

    #[test]
    fn what_can_not_work_is_refused_with_what_to_do() {
        for (settings, words) in [
            (&[("studio_shoots", "0")][..], "start workers"),
            (&[("studio_shoots", "many")], "an example that works"),
            (&[("worker_token", "short")], "openssl rand"),
            (&[("worker_token", "0123456789abcdef 0123456789abcdef")], "without blanks"),
            (&[("worker_token", TOKEN), ("generator", "sample")], "needs generator"),
        ] {
            let refused = read(settings).unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
