//! What a lead can go to and do, and which of it is meant by what somebody types.

use std::cmp::Reverse;

use super::How;
use crate::{
    i18n::{Language, Message},
    members::Role,
    pages::admin::{Section, settings},
};

/// A page, or something to do.
pub(super) struct Command {
    pub(super) kind: Kind,
    pub(super) words: Message,
    /// What else people call it.
    also: Message,
    /// Of what it is a part.
    pub(super) within: Message,
    pub(super) icon: &'static str,
    pub(super) href: String,
    pub(super) how: How,
    /// The keys that lead there.
    pub(super) keys: &'static str,
    /// Only found by its name: with all of them, the list would be one to read.
    pub(super) deep: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Deed,
    Page,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Deed, Self::Page];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Deed => "deeds",
            Self::Page => "pages",
        }
    }

    pub(super) fn words(self) -> Message {
        match self {
            Self::Deed => say!("Do"),
            Self::Page => say!("Go to"),
        }
    }
}

/// All that someone in this role may do. `sends`: mails go out, so none wait in the outbox. `runs`: they run the server.
pub(super) fn of(role: Role, sends: bool, runs: bool) -> Vec<Command> {
    let deed = |words: Message, also: Message, icon, href: &str| Command {
        kind: Kind::Deed,
        words,
        also,
        within: Message::new(""),
        icon,
        href: href.to_owned(),
        how: How::Open,
        keys: "",
        deep: false,
    };
    let mut all = vec![
        Command {
            keys: "a",
            ..deed(say!("Invite people"), say!("add member send mail"), "mail", "/app/admin/members?add=invite")
        },
        deed(
            say!("Add a managed member"),
            say!("on their behalf upload photos"),
            "members",
            "/app/admin/members?add=managed",
        ),
        deed(say!("New open link"), say!("create invite link qr code"), "link", "/app/admin/members?add=link"),
        deed(say!("New team"), say!("create add"), "teams", "/app/admin/teams#name"),
        Command {
            how: How::Download,
            ..deed(
                say!("Export members as CSV"),
                say!("download table spreadsheet"),
                "download",
                "/app/admin/members.csv",
            )
        },
        deed(say!("New API key"), say!("make create token secret"), "key", "/app/admin/api#new-key"),
        Command {
            deep: true,
            ..deed(say!("New webhook endpoint"), say!("add url"), "webhooks", "/app/admin/webhooks?add=endpoint")
        },
        Command {
            deep: true,
            ..deed(
                say!("Give someone access"),
                say!("make admin owner role lead"),
                "members",
                settings::Part::Access.href(),
            )
        },
        Command {
            deep: true,
            ..deed(say!("People to remind"), say!("nudge joined no photos"), "clock", "/app/admin/members?state=joined")
        },
        Command {
            deep: true,
            ..deed(say!("Failed shoots"), say!("errors retry trouble"), "alert", "/app/admin/members?state=failed")
        },
        Command { how: How::Post, ..deed(say!("Sign out"), say!("log out leave"), "leave", "/signout") },
    ];
    let page = |words, also, icon, href: &str| Command { kind: Kind::Page, ..deed(words, also, icon, href) };
    for section in Section::of(role, sends) {
        let (words, icon, href) = (section.words(), section.icon(), section.href());
        all.push(Command { keys: section.keys(), ..page(words, Message::new(""), icon, href) });
    }
    for part in settings::Part::of(runs) {
        let also = say!("configuration preferences");
        all.push(Command {
            within: say!("Settings"),
            deep: true,
            ..page(part.called(), also, "settings", part.href())
        });
    }
    all.extend([
        Command { deep: true, ..page(say!("My headshots"), say!("photos member"), "photo", "/team-member") },
        Command {
            deep: true,
            ..page(say!("Account"), say!("password passkey sessions devices two-factor"), "key", "/account")
        },
        Command { deep: true, ..page(say!("API reference"), say!("documentation docs openapi"), "api", "/api/docs") },
    ]);
    all
}

/// Those that are meant, the likeliest first, and how sure that one is.
pub(super) fn fitting<'c>(commands: &'c [Command], asked: &str) -> (u32, Vec<&'c Command>) {
    let mut found: Vec<(u32, usize, &Command)> = commands
        .iter()
        .filter_map(|command| {
            let words = command.words.to_string();
            // Who reads another language may have learnt the English words.
            let english = [&command.words, &command.also].map(|also| also.in_language(Language::English)).join(" ");
            let also = format!("{} {} {english}", command.within, command.also);
            fits(&words, &also, asked).map(|fit| (fit, words.len(), command))
        })
        .collect();
    // Of those that fit alike, the one of which more was typed.
    found.sort_by_key(|(fit, length, _)| (Reverse(*fit), *length));
    (found.first().map_or(0, |(fit, ..)| *fit), found.into_iter().map(|(.., command)| command).collect())
}

/// How well a name fits what was typed, up to 100; `also` is what else it goes by. None if it doesn't.
pub(super) fn fits(name: &str, also: &str, asked: &str) -> Option<u32> {
    let (words, typed) = (words_of(name), words_of(asked));
    let (whole, letters) = (words.join(" "), typed.concat());
    if letters.is_empty() {
        return None;
    }
    let asked = typed.join(" ");
    let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
    let begins = |words: &[String]| typed.iter().all(|part| words.iter().any(|word| word.starts_with(part.as_str())));
    let all: Vec<String> = words.iter().cloned().chain(words_of(also)).collect();
    if whole == asked {
        Some(100)
    } else if whole.starts_with(&asked) {
        Some(90)
    } else if begins(&words) {
        Some(80)
    } else if letters.chars().count() > 1 && initials.starts_with(&letters) {
        Some(70)
    } else if begins(&all) {
        Some(60)
    } else if whole.contains(&asked) {
        Some(50)
    } else if letters.chars().count() > 2 && in_order(&words.concat(), &letters) {
        Some(30)
    } else {
        None
    }
}

fn words_of(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// Whether the letters come in this order, from the first one on, however many others are between.
fn in_order(text: &str, letters: &str) -> bool {
    let mut text = text.chars();
    let mut letters = letters.chars();
    text.next() == letters.next() && letters.all(|letter| text.any(|other| other == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(asked: &str) -> Vec<String> {
        let all = of(Role::Owner, false, false);
        fitting(&all, asked).1.into_iter().map(|command| command.words.to_string()).collect()
    }

    #[test]
    fn beginnings_initials_and_other_names_find_what_is_meant() {
        for (asked, first) in [
            ("inv", "Invites"),
            ("invite p", "Invite people"),
            ("nt", "New team"),
            ("new k", "New API key"),
            ("csv", "Export members as CSV"),
            ("log out", "Sign out"),
            ("settings jobs", "Jobs"),
            ("audit", "Audit log"),
            ("qr", "New open link"),
            ("webh", "Webhooks"),
            ("mbrs", "Members"),
            ("OVERVIEW", "Overview"),
        ] {
            assert_eq!(found(asked).first().map(String::as_str), Some(first), "{asked}: {:?}", found(asked));
        }
        assert!(found("inv").iter().any(|words| words == "Invite people"));
        for nothing in ["", "  ", "kim@acme.test", "xyz", "-"] {
            assert!(found(nothing).is_empty(), "{nothing}: {:?}", found(nothing));
        }
    }

    #[test]
    fn only_the_owner_is_led_to_the_outbox() {
        let has = |role, sends| of(role, sends, false).iter().any(|command| command.words == say!("Outbox"));
        assert!(has(Role::Owner, false));
        assert!(!has(Role::Admin, false) && !has(Role::Owner, true));
    }

    #[test]
    fn no_two_lead_to_the_same_place() {
        let all = of(Role::Owner, false, false);
        let mut hrefs: Vec<_> = all.iter().map(|command| (command.kind as u8, command.href.as_str())).collect();
        hrefs.sort_unstable();
        hrefs.dedup();
        assert_eq!(hrefs.len(), all.len());
    }
}
