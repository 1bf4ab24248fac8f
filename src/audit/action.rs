//! What can be done, and which part of the work it belongs to.

use crate::db::stored_as_text;

stored_as_text! {
    /// What was done.
    pub enum Action {
        /// Someone was added on their behalf.
        MemberAdded = "member.added",
        /// Someone was taken out of the organization.
        MemberRemoved = "member.removed",
        /// Someone was put into a team or out of it.
        MemberMoved = "member.moved",
        /// Someone who is looked after has an address from now on.
        AddressGiven = "member.address",
        /// What is known of someone was changed: name or job title.
        MemberChanged = "member.changed",
        /// Someone's role changed.
        RoleChanged = "member.role",
        /// The organization has another owner.
        HandedOver = "organization.handed_over",
        /// A lead added or removed a photo for someone they look after.
        PhotosFor = "behalf.photos",
        /// Photos of someone that were turned down may be used all the same.
        PhotosAllowed = "photos.allowed",
        /// That was taken back.
        PhotosBarred = "photos.barred",
        /// A lead handed in the photos of someone they look after.
        SubmittedFor = "behalf.submitted",
        /// A lead chose among the headshots of someone they look after.
        ChoseFor = "behalf.chose",
        /// A lead made or undid an edit of a headshot of someone they look after.
        EditedFor = "behalf.edited",
        /// A lead made or took back a link to the headshots of someone they look after.
        SharedFor = "behalf.shared",
        /// Someone may make headshots once more, for no credit.
        RetryGranted = "member.retry",
        /// Someone was written to once more.
        Reminded = "member.reminded",
        /// An invite was taken back.
        InviteRevoked = "invite.revoked",
        /// An open link was made.
        LinkMade = "link.made",
        /// An open link was taken back.
        LinkRevoked = "link.revoked",
        /// Single sign-on was set up, changed, tried or switched off.
        SignOnChanged = "sso.changed",
        /// A domain was added, proven or given up.
        DomainChanged = "sso.domain",
        /// Leads need a second factor from now on, or no longer.
        TwoFactorRequired = "security.two_factor",
        /// Someone's second factor was taken off.
        TwoFactorReset = "security.reset",
        /// Settings were changed.
        SettingsChanged = "organization.settings",
        /// Someone's photos or headshots were deleted.
        PhotosDeleted = "privacy.deleted",
        /// Someone took out what is kept about them.
        DataExported = "privacy.exported",
        /// An organization was made.
        OrganizationMade = "organization.made",
        /// Someone was asked to join.
        InviteSent = "invite.sent",
        /// People out of a table were invited, or it was stopped or taken up again.
        PeopleImported = "invite.imported",
        /// A team was made.
        TeamMade = "team.made",
        /// A team has another name.
        TeamRenamed = "team.renamed",
        /// A team was deleted; its members are in no team since.
        TeamDeleted = "team.deleted",
        /// A model was made for someone whom another product looks after.
        ModelMade = "model.made",
        /// An API key was made.
        KeyMade = "key.made",
        /// An API key was deleted.
        KeyRevoked = "key.revoked",
        /// A link that signs someone in was made for the operator to pass on.
        SignInLinkMade = "access.link",
        /// A webhook endpoint was added.
        EndpointMade = "webhook.made",
        /// A webhook endpoint was moved, hears of other events, or was switched on or off.
        EndpointChanged = "webhook.changed",
        /// A webhook endpoint was removed.
        EndpointRemoved = "webhook.removed",
        /// A webhook endpoint has a new secret.
        SecretRenewed = "webhook.secret",
        /// A webhook endpoint was sent a test.
        EndpointTested = "webhook.tested",
        /// Deliveries were sent once more.
        DeliveryReplayed = "webhook.replayed",
        /// Credits were given.
        CreditsGranted = "credits.granted",
        /// A job that had given up runs again.
        JobRunAgain = "job.again",
    }
}

stored_as_text! {
    /// A part of the work, to look up what was done there.
    pub enum Group {
        /// Who is in the organization, and in which team.
        People = "people",
        /// Who was asked to join.
        Invites = "invites",
        /// Photos and headshots, and what was done on someone's behalf.
        Headshots = "headshots",
        /// What was deleted, and what was taken out.
        Privacy = "privacy",
        /// Who may do what, and how one signs in.
        Access = "access",
        /// Webhooks.
        Webhooks = "webhooks",
        /// The settings and the credits.
        Settings = "settings",
        /// Work on the server.
        Jobs = "jobs",
    }
}

impl Action {
    /// The part of the work it belongs to.
    pub const fn group(self) -> Group {
        match self {
            Self::MemberAdded
            | Self::MemberRemoved
            | Self::MemberMoved
            | Self::AddressGiven
            | Self::MemberChanged
            | Self::TeamMade
            | Self::TeamRenamed
            | Self::TeamDeleted => Group::People,
            Self::InviteSent
            | Self::PeopleImported
            | Self::InviteRevoked
            | Self::LinkMade
            | Self::LinkRevoked
            | Self::Reminded => Group::Invites,
            Self::PhotosFor
            | Self::PhotosAllowed
            | Self::PhotosBarred
            | Self::SubmittedFor
            | Self::ChoseFor
            | Self::EditedFor
            | Self::SharedFor
            | Self::RetryGranted
            | Self::ModelMade => Group::Headshots,
            Self::PhotosDeleted | Self::DataExported => Group::Privacy,
            Self::RoleChanged
            | Self::HandedOver
            | Self::SignOnChanged
            | Self::DomainChanged
            | Self::TwoFactorRequired
            | Self::TwoFactorReset
            | Self::KeyMade
            | Self::KeyRevoked
            | Self::SignInLinkMade => Group::Access,
            Self::EndpointMade
            | Self::EndpointChanged
            | Self::EndpointRemoved
            | Self::SecretRenewed
            | Self::EndpointTested
            | Self::DeliveryReplayed => Group::Webhooks,
            Self::SettingsChanged | Self::CreditsGranted | Self::OrganizationMade => Group::Settings,
            Self::JobRunAgain => Group::Jobs,
        }
    }
}

impl Group {
    /// What can be done there.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |action| action.group() == self)
    }
}
