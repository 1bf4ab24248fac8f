//! Every mail with something to tell, to be looked at and to be sent as a test. Nothing in one opens anything.

use super::{
    Access, Bounced, Deleted, Digest, EndpointOff, Expiring, Failed, Invitation, Letter, LowCredits, MemberHeadshots,
    Moment, Nudge, Ownership, Ready, ReadyFor, Reminder, Retry, Security, Shared, Submitted, Telling,
    words::{self, Tally},
};
use crate::{clock::Timestamp, receipts::AskedBy};

/// Somebody to write to.
const NAME: &str = "Kim Lee";

/// When it all happens: March 2, 2027, 14:05 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_803_996_300_000);

/// So much passes until a picture is gone, in milliseconds.
const MINUTE: i64 = 60_000;

/// Until an invite ends, in milliseconds.
const OPEN: i64 = 19 * 24 * 60 * MINUTE;

const fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + millis)
}

/// A mail as it might be, from `who`. What is on its button leads to `link`.
pub fn sample(letter: Letter, shared: Shared, who: &str, link: &str) -> Box<dyn Telling> {
    let (name, link, inviter) = (NAME.to_owned(), link.to_owned(), who.to_owned());
    let zone = shared.zone;
    let (code, valid_until) = ("481 502".to_owned(), Moment::time(zone, NOW));
    let (count, date) = (words::headshots(12), Moment::day(zone, NOW));
    let maker = words::made_by(who, &shared.organization);
    let browser = say!("{browser} on {system}", browser = "Firefox", system = "Windows");
    match letter {
        Letter::Invite => Box::new(Invitation { shared, inviter, link, code, valid_until }),
        Letter::Reminder => {
            Box::new(Reminder { shared, inviter, link, code, valid_until, open_until: Moment::day(zone, later(OPEN)) })
        }
        Letter::Join => Box::new(Access { shared, joins: true, link, code, valid_until }),
        Letter::Access => Box::new(Access { shared, joins: false, link, code, valid_until }),
        Letter::Nudge => Box::new(Nudge { shared, name, photos: None, link, code, valid_until }),
        Letter::NudgeStarted => {
            Box::new(Nudge { shared, name, photos: Some(words::photos(3)), link, code, valid_until })
        }
        Letter::Submitted => Box::new(Submitted {
            shared,
            name,
            photos: words::photos(8),
            time: Some(words::minutes(std::time::Duration::from_secs(1200))),
            link,
        }),
        Letter::Ready => {
            let company = Some(shared.organization.clone());
            Box::new(Ready { shared, name, count, link, company, expires: Some(date) })
        }
        Letter::ReadyFor => {
            Box::new(ReadyFor { shared, name, maker, count, expires: Some(date), link, code, valid_until })
        }
        Letter::Retry => {
            let again = format!("https://{}/team-access", shared.host);
            Box::new(Retry { shared, name, kept: Some(count), link, code, valid_until, again })
        }
        Letter::Expiring => Box::new(Expiring { shared, name, own: true, count, date, link }),
        Letter::ExpiringFor => Box::new(Expiring { shared, name, own: false, count, date, link }),
        Letter::DeletedPhotos => Box::new(deleted(shared, false)),
        Letter::Deleted => Box::new(deleted(shared, true)),
        Letter::Security => Box::new(Security {
            shared,
            title: say!("New sign-in"),
            sentence: say!("Someone signed in to your account on a browser it was not seen on before."),
            detail: Some(say!("{browser}, {how}", browser, how = say!("by a mailed link"))),
            at: Moment::shortly(zone, NOW),
            link,
        }),
        Letter::Failed => Box::new(Failed {
            shared,
            name,
            email: Some("kim@example.com".to_owned()),
            attempts: words::attempts(4),
            reason: say!("The generator did not answer within 10 minutes."),
            balance: Some(words::credits(12)),
            link,
        }),
        Letter::Endpoint => Box::new(EndpointOff {
            shared,
            url: "https://hooks.example.com/headshots".to_owned(),
            why: words::failing(),
            link,
        }),
        Letter::Credits => Box::new(LowCredits { shared, balance: words::credits(4), link }),
        Letter::MemberReady => Box::new(MemberHeadshots { shared, chosen: false, name, count, link }),
        Letter::Favorite => Box::new(MemberHeadshots { shared, chosen: true, name, count, link }),
        Letter::Bounced => Box::new(Bounced {
            subject: format!("Your headshots at {}", shared.organization),
            shared,
            address: "kim@example.com".to_owned(),
            reason: "550 5.1.1 There is no such mailbox here".to_owned(),
            link,
        }),
        Letter::Digest => {
            let tally = Tally {
                ready: vec![name, "Bo Adams".to_owned()],
                favorite: vec!["Bo Adams".to_owned()],
                bounced: vec!["ann@example.com".to_owned()],
                low: Some(4),
                ..Tally::default()
            };
            Box::new(Digest { shared, list: tally.lines(), link })
        }
        Letter::Owner => Box::new(Ownership { shared, owns: true, owner: inviter, link }),
        Letter::Owned => Box::new(Ownership { shared, owns: false, owner: name, link }),
    }
}

fn deleted(shared: Shared, everything: bool) -> Deleted {
    Deleted {
        everything,
        what: words::pictures(8, if everything { 12 } else { 0 }),
        asked: words::asked(AskedBy::Person, &shared.organization),
        asked_at: Moment::exactly(shared.zone, NOW),
        gone_at: Moment::exactly(shared.zone, later(MINUTE)),
        receipt: "rec_019a2b3c4d5e6f7a8b9c0d1e".to_owned(),
        shared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        i18n::Language,
        mail::{ACCENT, Own, Words},
        organizations::Zone,
    };

    fn shared(organization: &str) -> Shared {
        Shared {
            organization: organization.to_owned(),
            accent: ACCENT.to_owned(),
            logo: None,
            product: true,
            host: "headshots.acme.test".to_owned(),
            choices: "https://headshots.acme.test/choices".to_owned(),
            own: Own::default(),
            language: Language::English,
            zone: Zone::UTC,
        }
    }

    fn written(letter: Letter, shared: Shared) -> crate::mail::Message {
        sample(letter, shared, "Ada", "https://headshots.acme.test/x").message().unwrap()
    }

    #[test]
    fn every_mail_tells_all_it_can_and_leaves_no_brace() {
        for letter in Letter::ALL.iter().copied() {
            let mail = sample(letter, shared("Acme"), "Ada", "https://headshots.acme.test/x");
            assert_eq!(mail.letter(), letter);
            for place in letter.places().iter().filter(|place| place.name != "button") {
                assert!(mail.value(place.name).is_some_and(|told| !told.is_empty()), "{letter}: {}", place.name);
            }
            assert_eq!(mail.told("link").is_some(), letter.has_button(), "{letter}");
            let message = mail.message().unwrap();
            for part in [&message.subject, &message.text] {
                assert!(!part.contains(['{', '}']) && !part.is_empty(), "{letter}: {part}");
            }
            assert!(message.html.contains("</html>") && message.html.contains("<h1"), "{letter}");
            assert_eq!(message.text.contains("https://headshots.acme.test/x"), letter.has_button(), "{letter}");
            assert_eq!(
                message.html.contains("href=\"https://headshots.acme.test/x\""),
                letter.has_button(),
                "{letter}"
            );
            let code = letter.places().iter().any(|place| place.name == "code");
            assert_eq!(message.text.contains("481 502") && message.html.contains("481 502"), code, "{letter}");
            assert!(!message.subject.contains("481"), "{letter}: no code is in a subject");
        }
    }

    #[test]
    fn every_mail_is_written_in_the_language_of_its_reader() {
        for letter in Letter::ALL.iter().copied() {
            let told: Vec<_> = Language::ALL
                .into_iter()
                .map(|language| {
                    let message = written(letter, Shared { language, ..shared("Acme") });
                    assert!(message.html.contains(&format!("<html lang=\"{}\">", language.tag())), "{letter}");
                    assert!(!message.text.contains(['{', '}']), "{letter}: {}", message.text);
                    message.text
                })
                .collect();
            for (nth, text) in told.iter().enumerate() {
                assert!(!told[..nth].contains(text), "{letter} is not translated: {text}");
            }
        }
    }

    #[test]
    fn a_name_with_a_line_break_makes_no_header() {
        let message = written(Letter::Access, shared("Acme\r\nBcc: everyone@acme.test"));
        assert!(!message.subject.contains(['\r', '\n']));
    }

    #[test]
    fn what_an_organization_writes_is_words_and_nothing_else() {
        let own = Words {
            subject: "Photos for {organization}".to_owned(),
            heading: "Hi".to_owned(),
            body: "<script>alert(1)</script> & {inviter} <a href=\"https://evil.test\">here</a>\n\n{button}\n\n{code}"
                .to_owned(),
            button: "Go <b>on</b>".to_owned(),
        };
        let mut shared = shared("<i>Acme</i>");
        shared.own = Own::default().with(Letter::Invite, own);
        shared.own.sender.signature = "Yours\n<Acme>".to_owned();
        let message = written(Letter::Invite, shared);
        assert_eq!(message.subject, "Photos for <i>Acme</i>");
        for tag in ["<script", "<a href=\"https://evil", "<b>", "<i>", "<Acme>"] {
            assert!(!message.html.contains(tag), "{tag}: {}", message.html);
        }
        assert!(message.text.contains("<script>alert(1)</script> & Ada") && message.text.contains("Yours\n<Acme>"));
        assert!(message.html.contains("max-height:0;overflow:hidden;\">&#60;script&#62;"), "{}", message.html);
    }

    #[test]
    fn what_there_is_nothing_to_tell_of_is_left_out() {
        let mail = Ready {
            shared: shared("Acme"),
            name: "Kim".to_owned(),
            count: words::headshots(1),
            link: "https://x".to_owned(),
            company: None,
            expires: None,
        };
        let text = mail.message().unwrap().text;
        assert!(
            text.contains("there are 1 headshot.") && !text.contains("favourite is") && !text.contains("deleted"),
            "{text}"
        );
        let test = mail.message().unwrap().as_test(Language::English);
        assert_eq!(test.subject, "Test: Your headshots are ready");
    }
}
