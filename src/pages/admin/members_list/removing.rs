//! The question before members are removed: who, what goes with them, and who can't be.

use super::Chosen;
use crate::{
    db::View,
    error::{Error, Result},
    ids::{MemberId, OrganizationId},
    members::{Email, Member},
    offboarding::{self, Bar, Removal},
    pages::view::{counted, grouped},
    undo,
};

/// Names shown before the rest is counted.
const NAMED: usize = 10;

/// Members one question is about at most: a page of the list, and some.
pub(super) const MOST: usize = 200;

pub(super) struct Removing {
    pub(super) title: String,
    /// What went wrong with the answer.
    pub(super) error: Option<String>,
    /// Who goes, the first of them by name.
    pub(super) going: Vec<String>,
    /// `and 12 more`
    pub(super) more: Option<String>,
    /// What goes with them, a sentence each.
    pub(super) words: Vec<String>,
    /// Who stays, and why.
    pub(super) staying: Vec<Staying>,
    pub(super) ids: Vec<String>,
    pub(super) action: String,
    pub(super) cancel: String,
    pub(super) button: String,
    /// What has to be typed, so that no slip of the finger does it.
    pub(super) to_type: String,
}

/// Someone a lead can't remove.
pub(super) struct Staying {
    pub(super) name: String,
    pub(super) why: String,
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
                [] => "Nobody can be removed".to_owned(),
                [one] => format!("Remove {}", one.member.called()),
                several => format!("Remove {} people", grouped(several.len() as u64)),
            },
            error: wrong.map(ToString::to_string),
            going: if going.len() > 1 { names } else { Vec::new() },
            more: (more > 0).then(|| format!("and {} more", grouped(more as u64))),
            words: what_goes(&going),
            staying: staying.into_iter().map(|one| Staying::new(organization, one)).collect(),
            ids: going.iter().map(|one| one.member.id.to_string()).collect(),
            action: chosen.at("/app/admin/members/selected", &chosen.place()),
            cancel: chosen.here(),
            button: if going.len() == 1 { "Remove member".to_owned() } else { "Remove members".to_owned() },
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
        several => format!("remove {}", several.len()),
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
        0 => Err(Error::invalid("Select at least one person first.")),
        1..=MOST => Ok(read),
        _ => Err(Error::invalid(format!("Select at most {MOST} people at a time."))),
    }
}

fn full_name(removal: &Removal) -> String {
    let member = &removal.member;
    match (&member.name, &member.email) {
        (Some(name), Some(email)) => format!("{name}, {email}"),
        _ => member.called().to_owned(),
    }
}

fn what_goes(going: &[Removal]) -> Vec<String> {
    if going.is_empty() {
        return Vec::new();
    }
    let sum = |of: fn(&Removal) -> u32| going.iter().map(of).map(u64::from).sum::<u64>();
    let (shoots, headshots, photos) = (sum(|one| one.shoots), sum(|one| one.headshots), sum(|one| one.photos));
    let mut words = vec!["Their access ends at once, and sign-in links they have not used stop working.".to_owned()];
    if shoots > 0 {
        let mut pictures = Vec::new();
        for (count, what) in [(headshots, "headshot"), (photos, "uploaded photo")] {
            if count > 0 {
                pictures.push(counted(count, what));
            }
        }
        let what = match pictures.is_empty() {
            true => counted(shoots, "shoot"),
            false => format!("{} with {}", counted(shoots, "shoot"), pictures.join(" and ")),
        };
        let are = if shoots == 1 { "is" } else { "are" };
        words.push(format!("{what} {are} deleted for good."));
    }
    let accounts = going.iter().filter(|one| one.account_goes()).count();
    words.push(match (going.len(), accounts) {
        (1, 0) => "Their personal account stays, without a place in your organization.".to_owned(),
        (1, _) => "You look after their account, so it is deleted too.".to_owned(),
        (_, 0) => "Their personal accounts stay, without a place in your organization.".to_owned(),
        (all, accounts) if all == accounts => "You look after their accounts, so they are deleted too.".to_owned(),
        (_, accounts) => {
            let goes = if accounts == 1 { "goes" } else { "go" };
            format!(
                "Personal accounts stay, without a place in your organization; {} that you look after {goes} too.",
                counted(accounts as u64, "account")
            )
        }
    });
    words
}

impl Staying {
    fn new(organization: &OrganizationId, removal: Removal) -> Self {
        let member = &removal.member;
        let (why, command) = match removal.bar {
            Some(Bar::Leads) | None => ("leads your organization. Change their role first.".to_owned(), None),
            Some(Bar::TooManyShoots) => {
                let who = member.email.as_ref().map_or_else(|| member.id.to_string(), Email::to_string);
                (
                    format!("has {} shoots. Ask whoever runs this server; their command is:", removal.shoots),
                    Some(format!("headroom member remove --org {organization} {who} --force")),
                )
            }
        };
        Self { name: member.called().to_owned(), why, command }
    }
}
