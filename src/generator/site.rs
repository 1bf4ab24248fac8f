//! A generator elsewhere as its drivers reach it: requests under limits, and what its answers mean as failures.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, StatusCode, header::RETRY_AFTER, multipart::Part};
use serde::de::DeserializeOwned;
use url::Url;

use super::{Answer, Backdrop, Capabilities, Destination, Failure, Health, Scene, pairs::MOST_PHOTOS};
use crate::{
    config::Elsewhere,
    error::{Error, Result},
    i18n::Message,
    ids::PhotoId,
    images::{self, Area, Size},
    outbound::{Means, NoReply, Outbound, Reply, Terms},
    secrets::Secret,
    storage::{BackdropFile, Key, PhotoFile, Storage},
};

/// The most that is read of a picture, in bytes: what is allowed for uploads too.
const PICTURE: usize = 25 << 20;

/// The most that is read of an answer that only says how things are.
const WORDS: usize = 4 << 20;

/// How often a question is asked that changes nothing, and how long the pause between is if nobody says.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(400);

/// The same when it isn't answered in time: twice four minutes for a picture fit into the ten of the job that asks, three don't.
const TRIES_IN_TIME: u32 = 2;

/// A longer wait than this is left to the queue.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Width and height of a headshot.
const SHAPE: (u32, u32) = (4, 5);

/// One generator elsewhere.
pub(super) struct Site {
    way: Outbound,
    base: Url,
    secret: Option<Secret>,
    destination: Option<Destination>,
    pub(super) storage: Storage,
}

impl Site {
    pub(super) fn new(name: &'static str, config: &Elsewhere, storage: Storage, means: Means) -> Result<Self> {
        let destination = (!config.is_here()).then(|| Destination { generator: name, host: config.host().to_owned() });
        let way = Outbound::to_one(config.url.clone(), means)?;
        Ok(Self { way, base: config.url.clone(), secret: config.secret.clone(), destination, storage })
    }

    pub(super) fn destination(&self) -> Option<&Destination> {
        self.destination.as_ref()
    }

    /// What all that are reached like this can do; `prompts` says whether this one takes words.
    pub(super) fn capabilities(&self, prompts: bool) -> Capabilities {
        Capabilities {
            remote: self.destination.is_some(),
            outfits: false,
            prompts,
            progress: true,
            cancel: true,
            most_inputs: MOST_PHOTOS,
            backdrops: Backdrop::ALL,
            own_backdrops: true,
            cutouts: false,
        }
    }

    /// For what is answered at once.
    pub(super) fn quick(&self) -> Terms {
        let whole = self.way.limits().whole;
        Terms { headers: whole, whole, most: WORDS }
    }

    /// For photos on their way there, and pictures that are waited for.
    pub(super) fn heavy(&self, most: usize) -> Terms {
        let whole = self.way.limits().whole * 24;
        Terms { headers: whole, whole, most }
    }

    /// A request to an address below the configured one.
    pub(super) fn request(&self, method: Method, path: &str) -> Answer<RequestBuilder> {
        Ok(self.to(method, self.below(path)?))
    }

    fn below(&self, path: &str) -> Answer<Url> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| unavailable(format!("{path} is no address.")))
    }

    fn to(&self, method: Method, url: Url) -> RequestBuilder {
        // The secret is for nobody but the one it was made for.
        let secret = self.secret.as_ref().filter(|_| url.origin() == self.base.origin());
        let request = self.way.request(method, url);
        match secret {
            Some(secret) => request.bearer_auth(secret.reveal()),
            None => request,
        }
    }

    /// Sends a request; whatever is answered is an answer.
    pub(super) async fn send(&self, request: RequestBuilder, terms: Terms) -> Answer<Reply> {
        self.fetch(request, terms).await.map_err(|none| self.without(none))
    }

    /// The same for who asks again in their own way if there is none.
    pub(super) async fn fetch(&self, request: RequestBuilder, terms: Terms) -> Result<Reply, NoReply> {
        self.way.fetch(request, terms).await
    }

    /// What it means that there was no answer.
    pub(super) fn without(&self, none: NoReply) -> Failure {
        match none {
            NoReply::TooSlow(words) => {
                tracing::warn!(host = self.base.host_str(), words, "the generator takes too long");
                Failure::TimedOut
            }
            NoReply::TooLarge(words) | NoReply::Broken(words) => unavailable(words),
        }
    }

    /// Asks something that changes nothing, more than once if it doesn't answer: a headshot under way is not given up because
    /// a network hiccups.
    pub(super) async fn ask(&self, path: &str, terms: Terms) -> Answer<Reply> {
        self.ask_at(&self.below(path)?, terms).await
    }

    async fn ask_at(&self, url: &Url, terms: Terms) -> Answer<Reply> {
        let mut tried = 1;
        loop {
            let answered = self.send(self.to(Method::GET, url.clone()), terms).await;
            let (tries, wait) = match &answered {
                Ok(reply) if reply.status == StatusCode::TOO_MANY_REQUESTS || reply.status.is_server_error() => {
                    (TRIES, retry_after(reply).unwrap_or(PAUSE * tried))
                }
                Err(Failure::Unavailable(_)) => (TRIES, PAUSE * tried),
                Err(Failure::TimedOut) => (TRIES_IN_TIME, PAUSE * tried),
                _ => return answered,
            };
            if tried >= tries || wait > LONGEST_PAUSE {
                return answered;
            }
            tokio::time::sleep(wait).await;
            tried += 1;
        }
    }

    /// A picture by its address, which may be relative to the generator's, and must be on its host.
    pub(super) async fn picture(&self, link: &str) -> Answer<Bytes> {
        let mut base = self.base.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let url = base
            .join(link)
            .map_err(|_| unavailable(format!("The generator names a picture \"{link}\", which is no address.")))?;
        if url.origin() != self.base.origin() {
            return Err(unavailable(format!(
                "The generator names a picture on another host, {url}: it is not fetched."
            )));
        }
        // It may have cost something to make.
        let reply = self.ask_at(&url, self.heavy(PICTURE)).await?;
        must_be_fine(&reply)?;
        Ok(reply.body.into())
    }

    /// A photo's master. One may have been deleted since it was submitted.
    pub(super) async fn photo(&self, id: &PhotoId) -> Answer<Option<Bytes>> {
        self.storage.get(Key::Photo(id, PhotoFile::Master)).await.map_err(Failure::unavailable)
    }

    /// The picture of an own backdrop; nothing for one that is drawn, or was removed since.
    pub(super) async fn backdrop(&self, scene: &Scene) -> Answer<Option<Bytes>> {
        let Scene::Own(id) = scene else { return Ok(None) };
        self.storage.get(Key::Backdrop(id, BackdropFile::Picture)).await.map_err(Failure::unavailable)
    }

    /// Whether an address answers well. What it says is no business of ours here.
    pub(super) async fn answers(&self, path: &str) -> Health {
        let request = match self.request(Method::GET, path) {
            Ok(request) => request,
            Err(failure) => return down(&failure),
        };
        match self.send(request, self.quick()).await.and_then(|reply| must_be_fine(&reply)) {
            Ok(()) => Health::Ready,
            Err(failure) => down(&failure),
        }
    }
}

/// Why it couldn't start, as a sentence.
pub(super) fn down(failure: &Failure) -> Health {
    match failure {
        Failure::Unavailable(cause) if matches!(**cause, Error::Invalid(_)) => Health::Misconfigured(cause.to_string()),
        Failure::Unavailable(cause) => Health::Down(cause.to_string()),
        Failure::TimedOut => Health::Down(say!("It does not answer in time.").into()),
        other => Health::Down(other.to_string()),
    }
}

/// Not now, for this reason.
pub(super) fn unavailable(words: impl Into<String>) -> Failure {
    Failure::unavailable(Error::Unavailable(Message::english(words.into())))
}

/// None of the photos can be read any more.
pub(super) fn no_photos() -> Failure {
    Failure::Rejected(say!("None of the photos is there any more. Upload them again.").into())
}

/// A photo as part of a form.
pub(super) fn jpeg(bytes: Bytes, name: String) -> Answer<Part> {
    let length = bytes.len() as u64;
    let part = Part::stream_with_length(bytes, length).file_name(name).mime_str("image/jpeg");
    part.map_err(|cause| Failure::unavailable(Error::internal(cause)))
}

/// Refuses all statuses but those of success, by what they mean for what is asked again. Those that follow from how it is
/// configured are [`Error::Invalid`], and say what to change.
pub(super) fn must_be_fine(reply: &Reply) -> Answer<()> {
    let status = reply.status;
    if status.is_success() {
        return Ok(());
    }
    Err(Failure::unavailable(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::invalid(say!(
            "The generator refused the request ({status}). Check generator_secret.",
            status = status.to_string()
        )),
        _ if status.is_redirection() => Error::invalid(say!(
            "The generator redirects ({status}), which is not followed. Set generator_url to where it leads.",
            status = status.to_string()
        )),
        StatusCode::NOT_FOUND => Error::invalid(say!("There is nothing at this address (404). Check generator_url.")),
        _ => Error::Unavailable(say!(
            "The generator answered {status}: {body}",
            status = status.to_string(),
            body = start_of(&reply.body)
        )),
    }))
}

/// The beginning of what was said, on one line, for the log.
pub(super) fn start_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(300).collect()
}

/// What a refused photo is told of in words from elsewhere: one line, not too long.
pub(super) fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(400).collect()
}

/// What was answered, as it should be built.
pub(super) fn parsed<T: DeserializeOwned>(body: &[u8]) -> Answer<T> {
    serde_json::from_slice(body)
        .map_err(|cause| unavailable(format!("The generator's answer can't be read ({cause}): {}", start_of(body))))
}

/// How long it asks us to wait; seconds only, as everyone says it.
pub(super) fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds: u64 = reply.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)))
}

/// Longer than this nobody is waited for, whatever a header says, in seconds.
const LONGEST_RETRY_AFTER: u64 = 300;

/// A file larger than this is made anew: of forty, all are in memory at once.
const HEAVY: usize = 4 * 1024 * 1024;

/// The longer side of what such a file is made into.
const HEAVY_SIDE: u32 = 2_560;

/// The most pixels of a picture that is taken. It is read by the server itself, where forty times this much at once is too much.
const MOST_PIXELS: u64 = 25_000_000;

/// A picture in the shape headshots have: what is too wide loses its sides, what is too tall most of its lower edge. One that
/// can't be read is left as it is, and refused where it is stored.
pub(super) async fn shaped(bytes: Bytes) -> Answer<Bytes> {
    let cut = tokio::task::spawn_blocking(move || {
        let Ok(size) = images::measure(&bytes) else { return Ok(bytes) };
        let Size { width, height } = size;
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(unavailable(format!(
                "The generator made a picture of {width} × {height} pixels. At most 25 megapixels are taken."
            )));
        }
        let heavy = bytes.len() > HEAVY;
        if area(size).is_none() && !heavy {
            return Ok(bytes);
        }
        // Measured again: decoding may turn it.
        let side = if heavy { HEAVY_SIDE } else { images::MASTER_SIDE };
        let Ok(picture) = images::decode_within(&bytes, side) else { return Ok(bytes) };
        let picture = match area(picture.size()) {
            Some(area) => images::crop(&picture, area),
            None if heavy => picture,
            None => return Ok(bytes),
        };
        images::encode_jpeg(&picture, images::FINE).map(Bytes::from).map_err(Failure::unavailable)
    });
    cut.await.map_err(|cause| Failure::unavailable(Error::internal(cause)))?
}

/// What of it is kept; nothing if it is fine as it is.
fn area(size: Size) -> Option<Area> {
    let (across, down) = SHAPE;
    let width = size.width.min(size.height * across / down).max(1);
    let height = size.height.min(size.width * down / across).max(1);
    // A percent is nothing anyone sees.
    if width * 101 >= size.width * 100 && height * 101 >= size.height * 100 {
        return None;
    }
    let kept = Size { width, height };
    Some(Area { left: (size.width - width) / 2, top: (size.height - height) / 5, size: kept })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_four_by_five_is_cut() {
        let kept = |width, height| {
            area(Size { width, height }).map(|area| (area.left, area.top, area.size.width, area.size.height))
        };
        assert_eq!(kept(1024, 1280), None);
        assert_eq!(kept(1024, 1275), None);
        assert_eq!(kept(1024, 1536), Some((0, 51, 1024, 1280)));
        assert_eq!(kept(1024, 1024), Some((102, 0, 819, 1024)));
    }

    #[tokio::test]
    async fn a_picture_is_refused_by_its_header_if_it_would_fill_the_memory() {
        let mut bomb = Vec::new();
        let picture = image::GrayImage::new(5_001, 5_000);
        picture.write_to(&mut std::io::Cursor::new(&mut bomb), image::ImageFormat::Png).unwrap();
        assert!(bomb.len() < 1_000_000, "a small file");
        let refused = shaped(bomb.into()).await.unwrap_err();
        assert!(matches!(refused, Failure::Unavailable(_)), "{refused}");
    }

    #[tokio::test]
    async fn a_picture_that_can_not_be_read_is_left_as_it_is() {
        let mut square = Vec::new();
        let picture = image::GrayImage::from_fn(512, 512, |x, y| image::Luma([(x * y) as u8]));
        picture.write_to(&mut std::io::Cursor::new(&mut square), image::ImageFormat::Png).unwrap();
        square.truncate(square.len() / 2);
        assert!(images::measure(&square).is_ok(), "it says what it would be");
        for torn in [Bytes::from(square), Bytes::from_static(b"<html>Sorry</html>")] {
            assert_eq!(shaped(torn.clone()).await.unwrap(), torn);
        }
    }

    #[test]
    fn what_others_say_is_one_short_line() {
        assert_eq!(said("No\n face \u{7}here."), "No face here.");
        assert_eq!(said(&"x".repeat(999)).len(), 400);
    }
}
