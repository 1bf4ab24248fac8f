//! The question before members are removed: who, what goes with them, and who can't be.

use super::Chosen;
use crate::{
    db::View,
    error::{Error, Result},
    i18n::{Message, Rich},
    ids::{MemberId, OrganizationId},
    members::{Email, Member},
    offboarding::{self, Bar, Removal},
    undo,
};

/// Names shown before the rest is counted.
const NAMED: usize = 10;

/// Members one question is about at most: a page of the list, and some.
pub(super) const MOST: usize = 200;

pub(super) struct Removing {
    pub(super) title: Message,
    /// What went wrong with the answer.
    pub(super) error: Option<String>,
    /// Who goes, the first of them by name.
    pub(super) going: Vec<String>,
    /// `and 12 more`
    pub(super) more: Option<Message>,
    /// What goes with them, a sentence each.
    pub(super) words: Vec<Message>,
    /// Who stays, and why.
    pub(super) staying: Vec<Staying>,
    pub(super) ids: Vec<String>,
    pub(super) action: String,
    pub(super) cancel: String,
    pub(super) button: Message,
    /// What has to be typed, so that no slip of the finger does it.
    pub(super) to_type: String,
}

/// Someone a lead can't remove.
pub(super) struct Staying {
    /// `<strong>Kim</strong> leads your organization. …`
    pub(super) why: Rich,
    /// What whoever runs the server can do.
    pub(super) command: Option<String>,
}

impl Removing {
    /// About the members whose ids stand in `ids`, separated by commas.
    pub(super) fn of(
        view: &View,
        organization: &OrganizationId,
        ids: &str,
        chosen: &Chosen,
        wrong: Option<&Error>,
    ) -> Result<Self> {
        let (going, staying) = sorted_out(view, organization, &read(ids.split(','))?)?;
        let names = going.iter().take(NAMED).map(full_name).collect();
        let more = going.len().saturating_sub(NAMED);
        Ok(Self {
            title: match going.as_slice() {
                [] => say!("Nobody can be removed"),
                [one] => say!("Remove {name}", name = one.member.called()),
                several => say!("Remove {n} person" | "Remove {n} people", n = several.len()),
            },
            error: wrong.map(ToString::to_string),
            going: if going.len() > 1 { names } else { Vec::new() },
            more: (more > 0).then(|| say!("and {n} more", n = more)),
            words: what_goes(&going),
            staying: staying.into_iter().map(|one| Staying::new(organization, one)).collect(),
            ids: going.iter().map(|one| one.member.id.to_string()).collect(),
            action: chosen.at("/app/admin/members/selected", &chosen.place()),
            cancel: chosen.here(),
            button: if going.len() == 1 { say!("Remove member") } else { say!("Remove members") },
            to_type: to_type(&going),
        })
    }
}

/// Whom of these the lead can remove, and whom not.
fn sorted_out(view: &View, organization: &OrganizationId, ids: &[MemberId]) -> Result<(Vec<Removal>, Vec<Removal>)> {
    let all = ids.iter().map(|id| offboarding::removal(view, organization, id)).collect::<Result<Vec<_>>>()?;
    Ok(all.into_iter().partition(|removal| removal.bar.is_none()))
}

/// What has to be typed before these members are removed.
pub(super) fn wanted(view: &View, organization: &OrganizationId, ids: &[MemberId]) -> Result<String> {
    Ok(to_type(&sorted_out(view, organization, ids)?.0))
}

/// Whom of these to remove; who is going already is not removed once more. And how many stay.
pub(super) fn going(view: &View, organization: &OrganizationId, ids: &[MemberId]) -> Result<(Vec<Member>, usize)> {
    let (going, staying) = sorted_out(view, organization, ids)?;
    let already = undo::going(view, organization, undo::Kind::Member)?;
    let members = going.into_iter().map(|removal| removal.member);
    Ok((members.filter(|member| already.of(member.id.as_str()).is_none()).collect(), staying.len()))
}

fn to_type(going: &[Removal]) -> String {
    match going {
        [one] => one.member.email.as_ref().map_or_else(|| one.member.called().to_owned(), Email::to_string),
        several => say!("remove {count}", count = several.len().to_string()).into(),
    }
}

/// The ids of the selected members, each once.
///
/// # Errors
/// None, too many, or what is no id.
pub(super) fn read<'a>(ids: impl Iterator<Item = &'a str>) -> Result<Vec<MemberId>> {
    let mut read: Vec<MemberId> = Vec::new();
    for id in ids.filter(|id| !id.is_empty()) {
        let id = id.parse().map_err(|_| Error::NotFound("Member"))?;
        if !read.contains(&id) {
            read.push(id);
        }
    }
    match read.len() {
        0 => Err(Error::invalid(say!("Select at least one person first."))),
        1..=MOST => Ok(read),
        _ => Err(Error::invalid(say!("Select at most {most} people at a time.", most = MOST))),
    }
}

fn full_name(removal: &Removal) -> String {
    let member = &removal.member;
    match (&member.name, &member.email) {
        (Some(name), Some(email)) => format!("{name}, {email}"),
        _ => member.called().to_owned(),
    }
}

fn what_goes(going: &[Removal]) -> Vec<Message> {
    if going.is_empty() {
        return Vec::new();
    }
    let sum = |of: fn(&Removal) -> u32| going.iter().map(of).map(u64::from).sum::<u64>();
    let (shoots, headshots, photos) = (sum(|one| one.shoots), sum(|one| one.headshots), sum(|one| one.photos));
    let mut words = vec![say!("Their access ends at once, and sign-in links they have not used stop working.")];
    if shoots > 0 {
        words.push(pictures(shoots, headshots, photos));
    }
    let accounts = going.iter().filter(|one| one.account_goes()).count();
    words.push(match (going.len(), accounts) {
        (1, 0) => say!("Their personal account stays, without a place in your organization."),
        (1, _) => say!("You look after their account, so it is deleted too."),
        (_, 0) => say!("Their personal accounts stay, without a place in your organization."),
        (all, accounts) if all == accounts => say!("You look after their accounts, so they are deleted too."),
        (_, accounts) => say!(
            "Personal accounts stay, without a place in your organization; {n} account that you look after goes too." | "Personal accounts stay, without a place in your organization; {n} accounts that you look after go too.",
            n = accounts
        ),
    });
    words
}

/// That so many shoots go, with all that is in them.
fn pictures(shoots: u64, headshots: u64, photos: u64) -> Message {
    let headshots_are = say!("{n} headshot" | "{n} headshots", n = headshots);
    let photos_are = say!("{n} uploaded photo" | "{n} uploaded photos", n = photos);
    let pictures = match (headshots, photos) {
        (0, 0) => {
            return say!("{n} shoot is deleted for good." | "{n} shoots are deleted for good.", n = shoots);
        }
        (_, 0) => headshots_are,
        (0, _) => photos_are,
        _ => say!("{headshots} and {photos}", headshots = headshots_are, photos = photos_are),
    };
    say!(
        "{n} shoot with {pictures} is deleted for good." | "{n} shoots with {pictures} are deleted for good.",
        n = shoots,
        pictures
    )
}

impl Staying {
    fn new(organization: &OrganizationId, removal: Removal) -> Self {
        let member = &removal.member;
        let name = member.called();
        let (why, command) = match removal.bar {
            Some(Bar::Leads) | None => {
                (say!("<strong>{name}</strong> leads your organization. Change their role first.", name), None)
            }
            Some(Bar::TooManyShoots) => {
                let who = member.email.as_ref().map_or_else(|| member.id.to_string(), Email::to_string);
                (
                    say!(
                        "<strong>{name}</strong> has {shoots} shoots. Ask whoever runs this server; their command is:",
                        name,
                        shoots = removal.shoots
                    ),
                    Some(format!("headroom member remove --org {organization} {who} --force")),
                )
            }
        };
        Self { why: why.rich(), command }
    }
}
