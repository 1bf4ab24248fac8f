//! Photos: the headshots of a model, with URLs that open them for a day. [docs]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    config::Urls,
    db::stored_as_text,
    error::{Error, Result},
    ids::{ResultId, ShootId, TeamId},
    members::Email,
    results::{Chosen, Headshot, Liked},
    secrets::{Purpose, ServerKey},
    storage::HeadshotFile,
    wire::Pagination,
};

/// How long the URL of a photo works. [docs]
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// URLs made within the same minute are the same, so that asking again soon costs nobody a second download. Rounded up: none
/// works for less than its day.
const ROUNDED_UP_TO: i64 = 60_000;

stored_as_text! {
    /// Which URLs a photo comes with.
    pub enum Include {
        /// Only the one to show.
        Main = "main",
        /// All of them.
        All = "all",
    }
}

stored_as_text! {
    /// Whether a photo can still be seen.
    pub enum PhotoStatus {
        /// It can.
        Active = "active",
        /// Its files are gone.
        Deleted = "deleted",
    }
}

/// Makes the URLs of photos.
#[derive(Debug)]
pub struct Signer<'a> {
    key: &'a ServerKey,
    urls: &'a Urls,
    expires_at: Timestamp,
}

impl<'a> Signer<'a> {
    /// For URLs that work for a day from now on.
    pub fn new(key: &'a ServerKey, urls: &'a Urls, now: Timestamp) -> Self {
        let minute = now.millis() + (-now.millis()).rem_euclid(ROUNDED_UP_TO);
        Self { key, urls, expires_at: Timestamp::from_millis(minute) + LIFETIME }
    }

    fn url(&self, id: &ResultId, file: HeadshotFile) -> String {
        let (name, expires) = (file.name(), self.expires_at.millis());
        let signature = self.key.sign(Purpose::PhotoUrls, &signed_words(id, name, expires));
        self.urls.page(&format!("/api/photos/{id}/{name}.jpg?expires={expires}&signature={signature}"))
    }

    fn all(&self, headshot: &Headshot, include: Include) -> PhotoUrls {
        let url = |file| Some(self.url(&headshot.id, file));
        if headshot.deleted_at.is_some() {
            return PhotoUrls::default();
        }
        let all = include == Include::All;
        PhotoUrls {
            main: url(HeadshotFile::Portrait),
            thumbnail: url(HeadshotFile::Thumbnail).filter(|_| all),
            square: url(HeadshotFile::Square).filter(|_| all),
            original: url(HeadshotFile::Portrait).filter(|_| all),
        }
    }
}

/// Refuses a URL that this server didn't sign for this file, and one whose day is over.
///
/// # Errors
/// [`Error::Forbidden`] with what to do.
pub fn must_open(
    key: &ServerKey,
    id: &ResultId,
    file: &str,
    expires: i64,
    signature: &str,
    now: Timestamp,
) -> Result<()> {
    if !key.signed(Purpose::PhotoUrls, &signed_words(id, file, expires), signature) {
        return Err(Error::forbidden(say!(
            "This URL is not signed. Use the URLs of photos exactly as the API gives them."
        )));
    }
    if Timestamp::from_millis(expires) <= now {
        return Err(Error::forbidden(plain!(
            "This URL has expired. Fetch the photo from the API again for a new one."
        )));
    }
    Ok(())
}

fn signed_words(id: &ResultId, file: &str, expires: i64) -> String {
    format!("{id}/{file}/{expires}")
}

/// Where a photo's files are. Whoever has such a URL can open it for a day; fetching the photo again makes new ones.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PhotoUrls {
    /// The picture to show, 4:5; absent only for a deleted photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://headshots.acme.com/api/photos/507f1f77bcf86cd799439017/portrait.jpg?expires=1705401000000&signature=SIGNATURE"
    )]
    main: Option<String>,
    /// A small one, for lists. With `include=all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://headshots.acme.com/api/photos/507f1f77bcf86cd799439017/thumbnail.jpg?expires=1705401000000&signature=SIGNATURE"
    )]
    thumbnail: Option<String>,
    /// The head, cut to a square. With `include=all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://headshots.acme.com/api/photos/507f1f77bcf86cd799439017/square.jpg?expires=1705401000000&signature=SIGNATURE"
    )]
    square: Option<String>,
    /// The largest there is. With `include=all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://headshots.acme.com/api/photos/507f1f77bcf86cd799439017/portrait.jpg?expires=1705401000000&signature=SIGNATURE"
    )]
    original: Option<String>,
}

/// A photo.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Photo {
    id: ResultId,
    status: PhotoStatus,
    /// What the member thinks of it.
    liked_status: Liked,
    created_at: Timestamp,
    urls: PhotoUrls,
    /// Until when the URLs work; null for a deleted photo.
    #[schema(required)]
    expires_at: Option<Timestamp>,
}

impl Photo {
    /// With the URLs that were asked for.
    pub fn new(headshot: &Headshot, include: Include, signer: &Signer) -> Self {
        let gone = headshot.deleted_at.is_some();
        Self {
            id: headshot.id.clone(),
            status: if gone { PhotoStatus::Deleted } else { PhotoStatus::Active },
            liked_status: headshot.liked,
            created_at: headshot.created_at,
            urls: signer.all(headshot, include),
            expires_at: (!gone).then_some(signer.expires_at),
        }
    }
}

/// One page of a model's photos, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PhotoPage)]
pub struct Photos {
    /// The photos.
    pub photos: Vec<Photo>,
    /// Where in the list.
    pub pagination: Pagination,
}

/// One photo.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnePhoto {
    /// The photo.
    pub photo: Photo,
}

/// The photo a member chose, if they chose one.
#[derive(Debug, Serialize, ToSchema)]
pub struct FavoritePhoto {
    /// The photo, or null.
    #[schema(required)]
    photo: Option<Photo>,
    /// Says that there is none; absent when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, example = "No favorite photo selected yet")]
    message: Option<&'static str>,
}

impl FavoritePhoto {
    /// This one, or none.
    pub fn new(photo: Option<Photo>) -> Self {
        Self { message: photo.is_none().then_some("No favorite photo selected yet"), photo }
    }
}

/// One page of the photos an organization's members chose, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FavoritePage)]
pub struct Favorites {
    /// The photos.
    pub photos: Vec<MembersPhoto>,
    /// Where in the list.
    pub pagination: Pagination,
}

/// A photo, with whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MembersPhoto {
    #[serde(flatten)]
    photo: Photo,
    model_id: ShootId,
    member: PhotoMember,
}

/// Who is in a photo.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PhotoMember {
    /// Their address, or null.
    #[schema(required)]
    email: Option<Email>,
    /// Their name, or null.
    #[schema(required, example = "Kim Lee")]
    name: Option<String>,
    /// Their team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
    /// What the team is called now, or null.
    #[schema(required, example = "Marketing")]
    team_name: Option<String>,
}

impl MembersPhoto {
    /// With the URLs that were asked for.
    pub fn new(chosen: Chosen, include: Include, signer: &Signer) -> Self {
        let Chosen { headshot, email, name, team } = chosen;
        let (team_id, team_name) = team.unzip();
        Self {
            photo: Photo::new(&headshot, include, signer),
            model_id: headshot.shoot,
            member: PhotoMember { email, name, team_id, team_name },
        }
    }
}

/// Which photos to download.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadPhotos {
    /// Ids of photos of this model; all of them if it is left out.
    #[schema(value_type = Option<Vec<ResultId>>, min_items = 1, max_items = 100)]
    photo_ids: Option<Vec<String>>,
    /// `main` for one URL a photo, `all` for every size.
    include: Option<Include>,
}

/// Photo ids one request may name.
const MOST_NAMED: usize = 100;

impl DownloadPhotos {
    /// The ids, if some are named, and which URLs. A text that can't be a photo's id names a photo that isn't there.
    pub fn parse(self) -> Result<(Option<Vec<ResultId>>, Include)> {
        let include = self.include.unwrap_or(Include::Main);
        let Some(named) = self.photo_ids else { return Ok((None, include)) };
        if named.is_empty() || named.len() > MOST_NAMED {
            return Err(Error::invalid(plain!("\"photoIds\" names 1 to 100 photos. Leave it out for all of them.")));
        }
        let ids = named.iter().map(|id| id.parse().map_err(|_| Error::NotFound("Photo")));
        Ok((Some(ids.collect::<Result<_>>()?), include))
    }
}

/// Where to download photos.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PhotoDownloads)]
pub struct Downloads {
    downloads: Vec<Download>,
    expires_at: Timestamp,
}

/// Where to download a photo.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PhotoDownload)]
pub struct Download {
    photo_id: ResultId,
    urls: PhotoUrls,
}

impl Downloads {
    /// Of these photos.
    pub fn new(headshots: &[Headshot], include: Include, signer: &Signer) -> Self {
        let one = |headshot: &Headshot| Download { photo_id: headshot.id.clone(), urls: signer.all(headshot, include) };
        Self { downloads: headshots.iter().map(one).collect(), expires_at: signer.expires_at }
    }
}
