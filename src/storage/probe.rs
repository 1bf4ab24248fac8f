//! A round trip to a bucket, for whoever wants to know whether it can be used, and what to do if it can't.

use std::time::{Duration, Instant};

use object_store::{
    ObjectStore, ObjectStoreExt,
    client::HttpError,
    path::Path,
    prefix::PrefixStore,
    signer::{SignedUrlOptions, Signer},
};
use reqwest::{Method, StatusCode};

use super::{
    bucket::{Bucket, READING, tagged},
    told_once,
};
use crate::error::{Error, Result, causes};

/// What a bucket does with what is deleted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// It is gone.
    Gone,
    /// It is kept for so many days.
    Expire(u32),
    /// It is kept.
    Kept,
    /// We may not ask.
    Unknown,
}

/// A bucket that works.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// How long a file took to be put, read, listed and deleted.
    pub took: Duration,
    /// What becomes of what is deleted.
    pub versions: Versions,
}

/// Puts a small file into a bucket, reads, lists and deletes it.
///
/// # Errors
/// `Invalid` with what is wrong, and what to do about it.
pub async fn probe(name: &str, prefix: &str) -> Result<Reached> {
    round_trip(&Bucket::open(name)?, name, prefix).await
}

async fn round_trip(bucket: &Bucket, name: &str, prefix: &str) -> Result<Reached> {
    let begun = Instant::now();
    let files = PrefixStore::new(bucket.files.clone(), prefix);
    let path = Path::from_iter(["probe".to_owned(), uuid::Uuid::new_v4().to_string()]);
    let wrong = |right: &'static str| move |cause: object_store::Error| remedy(bucket, name, right, &cause);
    const WORDS: &str = "headroom doctor was here";
    files.put(&path, WORDS.into()).await.map_err(wrong("s3:PutObject"))?;
    let read = async { files.get(&path).await?.bytes().await }.await.map_err(wrong("s3:GetObject"))?;
    let listed = files.list_with_delimiter(Some(&Path::from("probe"))).await.map_err(wrong("s3:ListBucket"))?;
    files.delete(&path).await.map_err(wrong("s3:DeleteObject"))?;
    let left = files.get(&path).await.is_ok();
    if read != WORDS || left || !listed.objects.iter().any(|file| file.location == path) {
        return Err(Error::invalid(plain!(
            "The bucket {name} at {} does not keep what it is given, or keeps what was deleted. Use another one.",
            bucket.endpoint
        )));
    }
    Ok(Reached { took: begun.elapsed(), versions: versions(bucket).await })
}

async fn versions(bucket: &Bucket) -> Versions {
    let Some(said) = asked(bucket, "versioning").await else { return Versions::Unknown };
    // Also where it was switched off later: what was kept until then stays.
    if !matches!(tagged(&said, "Status"), Some("Enabled" | "Suspended")) {
        return Versions::Gone;
    }
    let rules = asked(bucket, "lifecycle").await.unwrap_or_default();
    let enabled = rules.split("<Rule>").filter(|rule| tagged(rule, "Status") == Some("Enabled"));
    let days = enabled.filter_map(|rule| tagged(rule, "NoncurrentDays")?.parse().ok()).max();
    days.map_or(Versions::Kept, Versions::Expire)
}

/// What the bucket says of itself; nothing where it says that there is nothing, none where we may not ask.
async fn asked(bucket: &Bucket, what: &str) -> Option<String> {
    let options = SignedUrlOptions::default().with_query([(what, "")]);
    let minute = Duration::from_secs(60);
    let url = bucket.files.signed_url_opts(Method::GET, &Path::default(), minute, &options).await.ok()?;
    let reply = bucket.out.fetch(bucket.out.request(Method::GET, url), READING).await.ok()?;
    match reply.status {
        StatusCode::OK => Some(String::from_utf8_lossy(&reply.body).into_owned()),
        StatusCode::NOT_FOUND => Some(String::new()),
        _ => None,
    }
}

/// What an operator can do about it.
fn remedy(bucket: &Bucket, name: &str, right: &str, cause: &object_store::Error) -> Error {
    let Bucket { endpoint, region, .. } = bucket;
    let words = told_once(cause);
    let code = tagged(&words, "Code");
    let message = tagged(&words, "Message").unwrap_or_default().trim_end_matches('.');
    let unreached = causes(cause).find(|cause| cause.is::<HttpError>());
    Error::invalid(match (code, unreached) {
        // Only where there are no other credentials does it ask the cloud it may be in for some.
        _ if words.contains("/latest/api/token") || words.contains("/latest/meta-data/") => {
            plain!("There are no credentials for the bucket {name}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        }
        (Some("NoSuchBucket"), _) => plain!(
            "There is no bucket {name} at {endpoint}. Make it, or correct the setting storage or AWS_ENDPOINT_URL."
        ),
        (
            Some(
                code @ ("InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "InvalidToken"
                | "TokenRefreshRequired"
                | "InvalidClientTokenId"
                | "Unauthorized"),
            ),
            _,
        ) => plain!(
            "{endpoint} refuses the credentials ({code}). Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if they are lent."
        ),
        (Some("AccessDenied" | "Forbidden" | "AllAccessDisabled"), _) => plain!(
            "These credentials may not use the bucket {name} at {endpoint}: {right} was refused. Allow s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket."
        ),
        (Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"), _) => {
            plain!("The bucket {name} is not in the region {region}. {message}. Set AWS_REGION to its region.")
        }
        (Some("RequestTimeTooSkewed" | "RequestExpired"), _) => plain!(
            "{endpoint} has another time than this machine, and refuses what is signed with ours. Set the clock."
        ),
        (Some(code), _) => plain!("{endpoint} refuses {right} in the bucket {name}: {code}. {message}."),
        (None, Some(unreached)) => {
            let why = causes(unreached).last().map(ToString::to_string).unwrap_or_default();
            plain!("{endpoint} can't be reached. {why} Check AWS_ENDPOINT_URL, the network, and the certificate there.")
        }
        (None, None) => plain!("The bucket {name} at {endpoint} can't be used: {words}."),
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
    };

    use object_store::aws::AmazonS3Builder;

    use super::*;
    use crate::storage::{Folder, Storage};

    /// A bucket that answers everything with this.
    fn answering(answer: &'static str) -> Bucket {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = AmazonS3Builder::new()
            .with_endpoint(format!("http://{}", listener.local_addr().unwrap()))
            .with_allow_http(true)
            .with_access_key_id("AKIATEST")
            .with_secret_access_key("hunter2");
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).unwrap();
                    if let Some((_, value)) = line.to_ascii_lowercase().split_once("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    if line.trim().is_empty() {
                        break;
                    }
                }
                stream.read_exact(&mut vec![0; length]).unwrap();
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        Bucket::built(settings, "faces").unwrap()
    }

    async fn refused(answer: &'static str) -> String {
        round_trip(&answering(answer), "faces", "photos").await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_bucket_of_another_region_is_named_and_not_followed() {
        let said = refused(
            "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: eu-west-1\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        )
        .await;
        assert!(said.contains("not in the region us-east-1") && said.contains("eu-west-1. Set AWS_REGION"), "{said}");
    }

    #[tokio::test]
    async fn what_a_bucket_says_of_signatures_is_told_to_nobody() {
        let said = refused(
            "HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\ncontent-length: 167\r\nconnection: close\r\n\r\n\
             <Error><Code>Strange</Code><Message>It is not so.</Message><StringToSign>AWS4-HMAC-SHA256</StringToSign>\
             <SignatureProvided>0123456789abcdef</SignatureProvided></Error>",
        )
        .await;
        assert!(said.contains("refuses s3:PutObject in the bucket faces: Strange. It is not so."), "{said}");
        assert!(!said.contains("AWS4") && !said.contains("0123456789abcdef"), "{said}");
    }

    #[tokio::test]
    async fn a_bucket_that_fails_is_not_taken_for_empty() {
        let failing = answering(
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 59\r\nconnection: close\r\n\r\n<Error><Code>AccessDenied</Code><Message></Message></Error>",
        );
        let storage = Storage { files: std::sync::Arc::new(failing.files), root: None, host: None };
        let id = crate::ids::PhotoId::new();
        assert!(matches!(storage.holds(Folder::Photo(&id)).await, Err(Error::Unavailable(_))));
        assert!(matches!(storage.delete_all(Folder::Photo(&id)).await, Err(Error::Unavailable(_))));
        assert!(matches!(storage.ids().await, Err(Error::Unavailable(_))));
    }

    #[test]
    fn photos_go_nowhere_unencrypted_unless_that_is_wanted() {
        let settings = AmazonS3Builder::new()
            .with_endpoint("http://10.0.0.7:9000")
            .with_access_key_id("a")
            .with_secret_access_key("b");
        let refused = Bucket::built(settings.clone(), "faces").unwrap_err().to_string();
        assert!(refused.contains("AWS_ALLOW_HTTP=true"), "{refused}");
        assert!(Bucket::built(settings.with_allow_http(true), "faces").is_ok());
        let password = AmazonS3Builder::new().with_endpoint("https://me:hunter2@s3.test");
        let refused = Bucket::built(password, "faces").unwrap_err().to_string();
        assert!(refused.contains("without a password") && !refused.contains("hunter2"), "{refused}");
    }
}
