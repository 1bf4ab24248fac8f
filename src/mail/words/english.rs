//! The words of each mail, in English: the messages that the catalogue translates.

use super::Ours;
use crate::{i18n::Message, mail::Letter};

const ENTERED: Message =
    say!("You get this mail because {inviter} entered your address. If you don't want headshots, do nothing.");
const CHOSEN: Message = say!("You get this mail because you lead {organization}, and by your choice at {choices}");

pub(super) fn letter(letter: Letter) -> Ours {
    match letter {
        Letter::Invite => Ours {
            subject: say!("Your headshots at {organization}"),
            glimpse: say!("{inviter} invites you. The link is valid until {valid_until}."),
            heading: say!("Your headshots at {organization}"),
            body: say!(
                "{inviter} invites you to professional headshots. You upload a few photos of yourself; the rest is done for you. \
                It takes about five minutes.\n\n\
                {button}\n\n\
                The link signs you in once and is valid until {valid_until}. After that, open it to get a fresh one.\n\n\
                {code}"
            ),
            button: say!("Start"),
            foot: ENTERED,
        },
        Letter::Reminder => Ours {
            subject: say!("Still open: your headshots at {organization}"),
            glimpse: say!("{inviter} invited you. The invite is open until {open_until}."),
            heading: say!("Your headshots at {organization}"),
            body: say!(
                "{inviter} invited you to professional headshots, and your place is still free. A few photos of yourself are all \
                it takes; phone pictures are fine. It is done in about five minutes.\n\n\
                {button}\n\n\
                The link signs you in once and is valid until {valid_until}. After that, open it to get a fresh one. The invite \
                itself is open until {open_until}.\n\n\
                {code}"
            ),
            button: say!("Start"),
            foot: ENTERED,
        },
        Letter::Join => Ours {
            subject: say!("Your headshots at {organization}"),
            glimpse: say!("Your link to join, valid until {valid_until}."),
            heading: say!("Your headshots at {organization}"),
            body: say!(
                "You asked to join {organization}. You upload a few photos of yourself; the rest is done for you. It takes about \
                five minutes.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}.\n\n\
                {code}"
            ),
            button: say!("Join and start"),
            foot: say!("If you didn't ask for this, ignore this mail: nobody gets in without the link."),
        },
        Letter::Access => Ours {
            subject: say!("Sign in to {organization}"),
            glimpse: say!("Your sign-in link, valid until {valid_until}."),
            heading: say!("Sign in to {organization}"),
            body: say!("{button}\n\nThe link works once and is valid until {valid_until}.\n\n{code}"),
            button: say!("Sign in"),
            foot: say!("If you didn't ask for this, ignore this mail: nobody gets in without the link."),
        },
        Letter::Nudge => Ours {
            subject: say!("Your photos for {organization} are still missing"),
            glimpse: say!("A few photos are all that is missing."),
            heading: say!("Your photos are still missing"),
            body: say!(
                "Hello {name},\n\n\
                you have joined {organization} for your headshots, and there is no photo of you yet. A few from your phone are \
                enough; it takes about five minutes.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}. After that, open it to get a fresh one.\n\n\
                {code}"
            ),
            button: say!("Add photos"),
            foot: say!("You get this mail because a lead of {organization} asked us to remind you."),
        },
        Letter::NudgeStarted => Ours {
            subject: say!("Your photos for {organization} are still missing"),
            glimpse: say!("Your {photos} are kept and wait to be submitted."),
            heading: say!("Your photos are not submitted yet"),
            body: say!(
                "Hello {name},\n\n\
                you have added {photos} for your headshots at {organization} and not submitted them yet. They are kept: go on \
                where you left off.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}. After that, open it to get a fresh one.\n\n\
                {code}"
            ),
            button: say!("Go on"),
            foot: say!("You get this mail because a lead of {organization} asked us to remind you."),
        },
        Letter::Submitted => Ours {
            subject: say!("We have your photos"),
            glimpse: say!("We have your {photos}. Your headshots are being made."),
            heading: say!("We have your photos"),
            body: say!(
                "{name}, your {photos} arrived and your headshots are being made. We'll write when they are ready.\n\n\
                It takes about {time}.\n\n\
                {button}"
            ),
            button: say!("See the progress"),
            foot: say!("Your photos are used for your headshots only, and deleted 30 days after they are ready."),
        },
        Letter::Ready => Ours {
            subject: say!("Your headshots are ready"),
            glimpse: say!("{count} to look through, like and download."),
            heading: say!("Your headshots are ready"),
            body: say!(
                "{name}, there are {count}. Look through them, choose your favourite, and download what you like.\n\n\
                The favourite is the one {company} uses.\n\n\
                {button}\n\n\
                They are deleted on {expires}."
            ),
            button: say!("See your headshots"),
            foot: say!("The page may ask for your e-mail to sign you in."),
        },
        Letter::ReadyFor => Ours {
            subject: say!("Your headshots at {organization} are ready"),
            glimpse: say!("{maker} had {count} made of you. The link is valid until {valid_until}."),
            heading: say!("Your headshots are ready"),
            body: say!(
                "{name}, {maker} had professional headshots made of you, from photos that were added on your behalf. There are \
                {count}. Look through them, choose your favourite, and download what you like. The favourite is the one \
                {organization} uses.\n\n\
                {button}\n\n\
                They are deleted on {expires}.\n\n\
                You need no password. The link signs you in once and is valid until {valid_until}. After that, open it to get a \
                fresh one.\n\n\
                {code}"
            ),
            button: say!("See your headshots"),
            foot: say!(
                "You get this mail because {maker} entered your address. If you don't want these headshots, ask them to delete them."
            ),
        },
        Letter::Retry => Ours {
            subject: say!("You can make new headshots"),
            glimpse: say!("Add photos once more. Your link is valid until {valid_until}."),
            heading: say!("You can make new headshots"),
            body: say!(
                "{name}, {organization} lets you make headshots once more. You add photos and choose backdrops anew.\n\n\
                The {kept} you have stay where they are.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}. After that, get a fresh one at {again}\n\n\
                {code}"
            ),
            button: say!("Add photos"),
            foot: say!("If you don't want new headshots, there is nothing for you to do."),
        },
        Letter::Expiring => Ours {
            subject: say!("Your headshots are deleted on {date}"),
            glimpse: say!("{count} of you at {organization}. Download what you want to keep."),
            heading: say!("Your headshots are deleted soon"),
            body: say!(
                "{organization} keeps headshots for a limited time. {name}, your {count} can be seen and downloaded until {date}. \
                Then the files are deleted for good, here and for {organization}.\n\n\
                {button}"
            ),
            button: say!("Download headshots"),
            foot: say!("The page may ask for your e-mail to sign you in."),
        },
        Letter::DeletedPhotos => Ours {
            subject: say!("Your uploaded photos are deleted"),
            glimpse: say!("{what}: every file is gone."),
            heading: say!("Your uploaded photos are deleted"),
            body: say!(
                "{what} at {organization}: every file was removed, and looked for after that. None is left, and they can't be \
                brought back. Your headshots stay.\n\n\
                {asked} on {asked_at}.\nThe last file was gone on {gone_at}.\n\n\
                The receipt has the number {receipt}. Keep this mail if you may need to show it; {organization} keeps the receipt \
                too."
            ),
            button: Message::new(""),
            foot: say!("You get this mail because the pictures were of you."),
        },
        Letter::Deleted => Ours {
            subject: say!("Your photos and headshots are deleted"),
            glimpse: say!("{what}: every file is gone."),
            heading: say!("Your photos and headshots are deleted"),
            body: say!(
                "{what} at {organization}: every file was removed, and looked for after that. None is left, and they can't be \
                brought back.\n\n\
                {asked} on {asked_at}.\nThe last file was gone on {gone_at}.\n\n\
                The receipt has the number {receipt}. Keep this mail if you may need to show it; {organization} keeps the receipt \
                too."
            ),
            button: Message::new(""),
            foot: say!("You get this mail because the pictures were of you."),
        },
        Letter::Security => Ours {
            subject: say!("{title}: {organization}"),
            glimpse: Message::new("{sentence}"),
            heading: Message::new("{title}"),
            body: say!(
                "{sentence}\n\n\
                {at}\n\n\
                {detail}\n\n\
                If that was you, there is nothing to do. If not, open your account, sign other browsers out, and change how you \
                sign in.\n\n\
                {button}"
            ),
            button: say!("Open your account"),
            foot: say!("You get this mail because it is about your account."),
        },
        Letter::Failed => Ours {
            subject: say!("{name}'s headshots failed"),
            glimpse: say!("The credit was given back."),
            heading: say!("{name}'s headshots failed"),
            body: say!(
                "The headshots of {name} could not be made, after {attempts}. The credit was given back.\n\n\
                Their address: {email}\n\n\
                {organization} has {balance} now.\n\n\
                The reason: {reason}\n\n\
                {name} sees that it takes longer. Grant a retry when the cause is gone; it costs no credit.\n\n\
                {button}"
            ),
            button: say!("Open the member"),
            foot: CHOSEN,
        },
        Letter::Endpoint => Ours {
            subject: say!("A webhook endpoint was switched off"),
            glimpse: say!("Events wait until you switch it on again."),
            heading: say!("A webhook endpoint was switched off"),
            body: say!(
                "{organization} no longer sends events to {url}\n\n\
                {why}\n\n\
                Mend the receiver, then switch the endpoint on again. What could not be delivered is kept for 30 days, and you can \
                send all of it once more.\n\n\
                {button}"
            ),
            button: say!("Open webhooks"),
            foot: CHOSEN,
        },
        Letter::Credits => Ours {
            subject: say!("{organization} has {balance} left"),
            glimpse: say!("Each submission takes one."),
            heading: say!("{balance} left"),
            body: say!(
                "{organization} has {balance} left. Each person who submits photos takes one; with none left, nobody can submit, \
                and what they have added is kept until there are credits again.\n\n\
                {button}"
            ),
            button: say!("Open credits"),
            foot: CHOSEN,
        },
        Letter::MemberReady => Ours {
            subject: say!("{name}'s headshots are ready"),
            glimpse: say!("{count} of {name}."),
            heading: say!("{name}'s headshots are ready"),
            body: say!("There are {count} of {name}.\n\n{button}"),
            button: say!("See them"),
            foot: CHOSEN,
        },
        Letter::Favorite => Ours {
            subject: say!("{name} chose a favourite"),
            glimpse: say!("It is the headshot {organization} uses from now on."),
            heading: say!("{name} chose a favourite"),
            body: say!("Out of {count}, {name} has chosen the one {organization} uses.\n\n{button}"),
            button: say!("See it"),
            foot: CHOSEN,
        },
        Letter::Bounced => Ours {
            subject: say!("A mail to {address} could not be delivered"),
            glimpse: Message::new("{reason}"),
            heading: say!("A mail could not be delivered"),
            body: say!(
                "The mail “{subject}” to {address} was refused by the mail server. It said:\n\n\
                {reason}\n\n\
                Look whether the address is right. {address} does not know of this yet.\n\n\
                {button}"
            ),
            button: say!("Open invites"),
            foot: CHOSEN,
        },
        Letter::Digest => Ours {
            subject: say!("Today at {organization}"),
            glimpse: say!("What happened since the last mail."),
            heading: say!("Since the last mail"),
            body: Message::new("{list}\n\n{button}"),
            button: say!("Open the overview"),
            foot: say!("You get this mail once a day because you lead {organization}, and by your choice at {choices}"),
        },
        Letter::ExpiringFor => Ours {
            subject: say!("{name}'s headshots are deleted on {date}"),
            glimpse: say!("{count} of {name} at {organization}. Download what is to be kept."),
            heading: say!("Headshots are deleted soon"),
            body: say!(
                "{organization} keeps headshots for a limited time. The {count} of {name} can be seen and downloaded until \
                {date}. Then the files are deleted for good, here and for {organization}.\n\n\
                {button}"
            ),
            button: say!("Download headshots"),
            foot: say!("You get this mail because {name} has no e-mail address here, and you lead {organization}."),
        },
        Letter::Owner => Ours {
            subject: say!("You own {organization} now"),
            glimpse: say!("The organization was handed over to you."),
            heading: say!("You own {organization} now"),
            body: say!(
                "{organization} was handed over to you. As its owner you decide who else leads it. You were signed out \
                everywhere; sign in to go on.\n\n\
                {button}"
            ),
            button: say!("People with access"),
            foot: HANDED,
        },
        Letter::Owned => Ours {
            subject: say!("{organization} has a new owner"),
            glimpse: say!("{owner} owns the organization now."),
            heading: say!("{organization} has a new owner"),
            body: say!(
                "{owner} owns {organization} now. You are an admin: you go on managing people, and no longer decide who leads. \
                On your other devices you were signed out.\n\n\
                {button}"
            ),
            button: say!("People with access"),
            foot: HANDED,
        },
    }
}

const HANDED: Message =
    say!("If this was a mistake, write to the other side now: only the owner can hand {organization} over.");
