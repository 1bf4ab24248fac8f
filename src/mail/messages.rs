//! What the mails say: each with its subject, as text and as HTML over one base.

use askama::Template;

use crate::error::{Error, Result};

/// A mail's words.
#[derive(Clone, Debug)]
pub struct Message {
    /// The line in the list.
    pub subject: String,
    /// For whoever reads plain text.
    pub text: String,
    /// For everyone else.
    pub html: String,
}

/// What every mail carries.
#[derive(Clone, Debug)]
pub struct Shared {
    /// On whose behalf it is sent.
    pub organization: String,
    /// Where its logo is, in full.
    pub logo: Option<String>,
    /// `#rrggbb`, dark enough for white words.
    pub accent: String,
    /// Whether the product's own name may show.
    pub product: bool,
    /// Which server it comes from.
    pub host: String,
}

/// Declares a mail: its HTML and its text template, and the fields both can use.
macro_rules! mail {
    (
        $(#[$doc:meta])*
        $name:ident($html:literal, $text:literal, $text_name:ident), subject $subject:expr;
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    ) => {
        $(#[$doc])*
        #[derive(Template)]
        #[template(path = $html)]
        pub struct $name {
            /// What every mail carries.
            pub shared: Shared,
            $($(#[$field_doc])* pub $field: $type,)+
        }

        #[derive(Template)]
        #[template(path = $text)]
        struct $text_name<'a> {
            mail: &'a $name,
        }

        impl $name {
            /// The line in the list. No code is ever in it: subjects show on locked screens.
            pub fn subject(&self) -> String {
                let subject: fn(&Self) -> String = $subject;
                subject(self)
            }

            /// The whole mail.
            pub fn message(&self) -> Result<Message> {
                Ok(Message {
                    subject: one_line(&self.subject()),
                    text: $text_name { mail: self }.render().map_err(Error::internal)?,
                    html: self.render().map_err(Error::internal)?,
                })
            }
        }
    };
}

mail! {
    /// Asks someone to join.
    Invitation("mail/invite.html", "mail/invite.txt", InvitationText),
    subject |mail| format!("Your headshots at {}", mail.shared.organization);
    /// Who asks.
    inviter: String,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

mail! {
    /// Reminds someone of an invite.
    Reminder("mail/reminder.html", "mail/reminder.txt", ReminderText),
    subject |mail| format!("Still open: your headshots at {}", mail.shared.organization);
    /// Who invited them.
    inviter: String,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
    /// The last day of the invite: `March 2, 2027`
    open_until: String,
}

mail! {
    /// Reminds a member to hand in their photos.
    Nudge("mail/nudge.html", "mail/nudge.txt", NudgeText),
    subject |mail| format!("Your photos for {} are still missing", mail.shared.organization);
    /// Who they are.
    name: String,
    /// `3 photos`, which they have added and not submitted.
    photos: Option<String>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

mail! {
    /// Lets someone in who asked for it: back, or for the first time by an open invite link.
    Access("mail/access.html", "mail/access.txt", AccessText),
    subject |mail| if mail.joins {
        format!("Your headshots at {}", mail.shared.organization)
    } else {
        format!("Sign in to {}", mail.shared.organization)
    };
    /// They join by it.
    joins: bool,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

mail! {
    /// Photos have arrived.
    Submitted("mail/submitted.html", "mail/submitted.txt", SubmittedText),
    subject |_| "We have your photos".to_owned();
    /// Who submitted them.
    name: String,
    /// `8 photos`
    photos: String,
    /// A sentence, such as: It takes about 20 minutes.
    estimate: String,
    /// Where to follow it.
    link: String,
}

mail! {
    /// Headshots can be seen.
    Ready("mail/ready.html", "mail/ready.txt", ReadyText),
    subject |_| "Your headshots are ready".to_owned();
    /// Whose they are.
    name: String,
    /// `40 headshots`
    count: String,
    /// Where they are.
    link: String,
    /// They are for nobody else.
    alone: bool,
    /// `March 2, 2027`
    expires: Option<String>,
}

mail! {
    /// Headshots can be seen by someone who never signed up: leads did all of it. [001]
    ReadyFor("mail/ready-for.html", "mail/ready-for.txt", ReadyForText),
    subject |mail| format!("Your headshots at {} are ready", mail.shared.organization);
    /// Whose they are.
    name: String,
    /// Who had them made: `Ada at Acme`.
    maker: String,
    /// `40 headshots`
    count: String,
    /// `March 2, 2027`
    expires: Option<String>,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
}

mail! {
    /// Headshots are deleted soon, because their time is over.
    Expiring("mail/expiring.html", "mail/expiring.txt", ExpiringText),
    subject |mail| if mail.own {
        format!("Your headshots are deleted on {}", mail.date)
    } else {
        format!("{}'s headshots are deleted on {}", mail.name, mail.date)
    };
    /// Whose they are.
    name: String,
    /// It is they who read it, and not a lead who looks after them.
    own: bool,
    /// `12 headshots`
    count: String,
    /// Until when they can be downloaded: `March 2, 2027`.
    date: String,
    /// Where they are.
    link: String,
}

mail! {
    /// Someone may make headshots once more.
    Retry("mail/retry.html", "mail/retry.txt", RetryText),
    subject |_| "You can make new headshots".to_owned();
    /// Who.
    name: String,
    /// Headshots they had made before are still there.
    kept: bool,
    /// Signs them in.
    link: String,
    /// `481 502`
    code: String,
    /// `14:05 UTC`
    valid_until: String,
    /// Where a fresh link can be asked for.
    again: String,
}

mail! {
    /// To both sides of a handing over: who owns the organization now.
    Ownership("mail/ownership.html", "mail/ownership.txt", OwnershipText),
    subject |mail| if mail.owns {
        format!("You own {} now", mail.shared.organization)
    } else {
        format!("{} has a new owner", mail.shared.organization)
    };
    /// It is the new owner who reads it.
    owns: bool,
    /// Who owns the organization now.
    owner: String,
    /// Where who leads it is listed.
    link: String,
}

mail! {
    /// To the leads: a shoot failed for good.
    Failed("mail/failed.html", "mail/failed.txt", FailedText),
    subject |mail| format!("{}'s headshots failed", mail.name);
    /// Whose shoot it was.
    name: String,
    /// Their address.
    email: String,
    /// `4 attempts`
    attempts: String,
    /// Why the last one failed.
    reason: String,
    /// `12 credits`; none where they are unlimited.
    balance: Option<String>,
    /// Where to look.
    link: String,
}

mail! {
    /// To the leads: a webhook endpoint was switched off.
    EndpointOff("mail/endpoint.html", "mail/endpoint.txt", EndpointOffText),
    subject |_| "A webhook endpoint was switched off".to_owned();
    /// Its address.
    url: String,
    /// A sentence on why.
    why: &'static str,
    /// Where to switch it on again.
    link: String,
}

mail! {
    /// Photos, or photos and headshots, are gone: the receipt.
    Deleted("mail/deleted.html", "mail/deleted.txt", DeletedText),
    subject |mail| if mail.everything {
        "Your photos and headshots are deleted".to_owned()
    } else {
        "Your uploaded photos are deleted".to_owned()
    };
    /// Also the headshots.
    everything: bool,
    /// `8 photos and 12 headshots`
    what: String,
    /// A sentence on who wished it.
    asked: String,
    /// `March 2, 2027, 14:05 UTC`
    asked_at: String,
    /// `March 2, 2027, 14:05 UTC`
    gone_at: String,
    /// The receipt's number.
    receipt: String,
}

mail! {
    /// Something happened to someone's account.
    Security("mail/security.html", "mail/security.txt", SecurityText),
    subject |mail| format!("{}: {}", mail.title, mail.shared.organization);
    /// What, in a few words.
    title: &'static str,
    /// What, in a sentence.
    sentence: &'static str,
    /// What else there is to know.
    detail: Option<String>,
    /// `Nov 21, 2026, 14:05 UTC`
    at: String,
    /// Where to see and undo it.
    link: String,
}

/// Names come from people; a line break in one would begin a header of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_line_break_makes_no_header() {
        let shared = Shared {
            organization: "Acme\r\nBcc: everyone@acme.test".to_owned(),
            accent: "#2f6f5e".to_owned(),
            logo: None,
            product: true,
            host: "headshots.acme.test".to_owned(),
        };
        let (link, code, valid_until) = ("https://x".into(), "481 502".into(), "14:05 UTC".into());
        let mail = Access { shared, joins: false, link, code, valid_until };
        let message = mail.message().unwrap();
        assert!(!message.subject.contains(['\r', '\n']));
        assert!(message.text.contains("481 502") && message.html.contains("481 502"));
    }
}
