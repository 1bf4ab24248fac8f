//! Where photos are kept: in a directory, or in a bucket of S3 or of something that speaks like it.

use std::{fmt, path::PathBuf};

use object_store::path::Path;

use super::reader::{Reader, wrong};
use crate::error::{Error, Result};

const EXAMPLE: &str = "s3://headshots/photos, or a directory that begins with /";

/// Where photos are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In a directory on this machine.
    Directory(PathBuf),
    /// In a bucket. How it is reached and by which credentials, the usual `AWS_…` variables say.
    Bucket {
        /// Its name.
        name: String,
        /// What all names in it begin with, without a slash at either end; empty: nothing.
        prefix: String,
    },
}

impl Location {
    pub(super) fn read(read: &Reader) -> Result<Self> {
        match read.text("storage") {
            "" => Ok(Self::Directory(PathBuf::from(read.text("data")).join("photos"))),
            given => Self::parse(given)?
                .filter(|it| !matches!(it, Self::Directory(path) if path.is_relative()))
                .ok_or_else(|| wrong("storage", given, EXAMPLE)),
        }
    }

    /// The bucket or the directory that a text names; none if it is neither.
    ///
    /// # Errors
    /// `Invalid`, when there is a password in it.
    pub fn parse(text: &str) -> Result<Option<Self>> {
        let Some((scheme, rest)) = text.split_once("://") else {
            // What was to be a bucket and has a slash too few would else be made as a directory.
            let meant = text.is_empty() || text.starts_with("s3:");
            return Ok((!meant).then(|| Self::Directory(text.into())));
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.contains('@') {
            return Err(Error::invalid(plain!(
                "Where photos are kept can't hold a password. Put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )));
        }
        let prefix = prefix.trim_end_matches('/');
        let good = scheme == "s3"
            && (3..=63).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
            && Path::parse(prefix).is_ok_and(|path| path.as_ref() == prefix);
        Ok(good.then(|| Self::Bucket { name: name.to_owned(), prefix: prefix.to_owned() }))
    }

    /// The directory, if it is one.
    pub fn directory(&self) -> Option<&std::path::Path> {
        match self {
            Self::Directory(path) => Some(path),
            Self::Bucket { .. } => None,
        }
    }

    /// Whether files of the one would lie among those of the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(one), Self::Directory(other)) => {
                let (one, other) = (whole(one), whole(other));
                one.starts_with(&other) || other.starts_with(&one)
            }
            (Self::Bucket { name: one, prefix: a }, Self::Bucket { name: other, prefix: b }) => {
                let (a, b) = (Path::from(a.as_str()), Path::from(b.as_str()));
                one == other && (a.prefix_matches(&b) || b.prefix_matches(&a))
            }
            _ => false,
        }
    }
}

/// The path without links and dots, as far as it is there.
fn whole(path: &std::path::Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    match there {
        Some((part, real)) => path.strip_prefix(part).map_or(real.clone(), |rest| real.join(rest)),
        None => path,
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Bucket { name, prefix } if prefix.is_empty() => write!(f, "s3://{name}"),
            Self::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Location {
        Location::parse(text).unwrap().unwrap()
    }

    #[test]
    fn buckets_and_directories_are_told_apart() {
        for (given, shown) in [
            ("s3://headshots", "s3://headshots"),
            ("s3://headshots/", "s3://headshots"),
            ("s3://my.head-shots/acme/photos/", "s3://my.head-shots/acme/photos"),
            ("/srv/photos", "/srv/photos"),
        ] {
            assert_eq!(at(given).to_string(), shown);
            assert_eq!(given.starts_with('/'), at(given).directory().is_some());
        }
        for wrong in
            ["", "s3:/headshots", "s3://", "s3://ab", "s3://a b c", "s3://abc//x", "s3://abc/../x", "gs://headshots/x"]
        {
            assert_eq!(Location::parse(wrong).unwrap(), None, "{wrong}");
        }
        let refused = Location::parse("s3://AKIA:hunter2@headshots/photos").unwrap_err().to_string();
        assert!(refused.contains("AWS_SECRET_ACCESS_KEY") && !refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn places_within_each_other_are_seen() {
        let directory = tempfile::tempdir().unwrap();
        let here = directory.path().join("photos");
        std::fs::create_dir(&here).unwrap();
        std::os::unix::fs::symlink(&here, directory.path().join("linked")).unwrap();
        let in_it = |name: &str| Location::Directory(directory.path().join(name));
        assert!(in_it("photos").overlaps(&in_it("linked/new")));
        assert!(in_it("photos/more").overlaps(&in_it("photos")));
        assert!(!in_it("photos").overlaps(&in_it("photos-2")));
        assert!(at("s3://headshots").overlaps(&at("s3://headshots/photos")));
        assert!(!at("s3://headshots/photos").overlaps(&at("s3://headshots/photos-2")));
        assert!(!at("s3://headshots/photos").overlaps(&at("s3://elsewhere/photos")));
        assert!(!at("s3://headshots").overlaps(&in_it("photos")));
    }
}
