//! The person's profile picture, as the world sees it.

use crate::{
    app::App,
    db::View,
    error::Result,
    members::{Avatar, Member},
    pages::avatars,
    results,
};

/// How large it is drawn here, in pixels a side: twice as many as it is shown in.
const DRAWN: u32 = 256;

/// The picture at its public address.
pub(super) struct Picture {
    /// For other sites.
    pub(super) address: String,
    /// The same from this host, which is all that these pages may show.
    pub(super) src: String,
    /// There is no favourite, so it is a silhouette.
    pub(super) silhouette: bool,
}

impl Picture {
    pub(super) fn new(view: &View, app: &App, member: &Member, avatar: &Avatar) -> Result<Self> {
        Ok(Self {
            address: avatars::address(app, member, avatar),
            src: format!("/avatars/{avatar}?size={DRAWN}"),
            silhouette: results::newest_favorite(view, &member.id)?.is_none(),
        })
    }
}
