//! English.

use super::{Ours, Phrases};
use crate::mail::Letter;

pub(super) const PHRASES: Phrases = Phrases {
    code: "On another device? This code is valid for 10 minutes",
    code_in_text: "On another device? Type this code within 10 minutes: {code}",
    address: "If the button does nothing, open this address:",
    sent_by: "Sent by Headroom at {host}.",
    photo: ("{n} photo", "{n} photos"),
    headshot: ("{n} headshot", "{n} headshots"),
    attempt: ("{n} attempt", "{n} attempts"),
    credit: ("{n} credit", "{n} credits"),
    minute: ("{n} minute", "{n} minutes"),
    both: "{a} and {b}",
    asked_person: "You asked for it",
    asked_organization: "{organization} asked for it",
    asked_operator: "The operator of the server asked for it",
    asked_server: "The time they are kept was over",
    endpoint_gone: "It answered 410, which means that it is gone for good.",
    endpoint_failing: "It has failed for five days, and worked not once meanwhile.",
    someone: "Someone",
    made_by: "{who} at {organization}",
    ready: ("1 person's headshots are ready", "{n} people's headshots are ready"),
    favorite: ("1 favourite was chosen", "{n} favourites were chosen"),
    failed: ("1 shoot failed", "{n} shoots failed"),
    bounced: ("1 mail could not be delivered", "{n} mails could not be delivered"),
    endpoint: ("1 webhook endpoint was switched off", "{n} webhook endpoints were switched off"),
    low: "{balance} are left",
    test: "Test: {subject}",
};

const ENTERED: &str =
    "You get this mail because {inviter} entered your address. If you don't want headshots, do nothing.";
const CHOSEN: &str = "You get this mail because you lead {organization}, and by your choice at {choices}";

pub(super) fn letter(letter: Letter) -> Ours {
    match letter {
        Letter::Invite => Ours {
            subject: "Your headshots at {organization}",
            glimpse: "{inviter} invites you. The link is valid until {valid_until}.",
            heading: "Your headshots at {organization}",
            body: "{inviter} invites you to professional headshots. You upload a few photos of yourself; the rest is done for you. \
                It takes about five minutes.\n\n\
                {button}\n\n\
                The link signs you in once and is valid until {valid_until}. After that, open it to get a fresh one.\n\n\
                {code}",
            button: "Start",
            foot: ENTERED,
        },
        Letter::Reminder => Ours {
            subject: "Still open: your headshots at {organization}",
            glimpse: "{inviter} invited you. The invite is open until {open_until}.",
            heading: "Your headshots at {organization}",
            body: "{inviter} invited you to professional headshots, and your place is still free. A few photos of yourself are all \
                it takes; phone pictures are fine. It is done in about five minutes.\n\n\
                {button}\n\n\
                The link signs you in once and is valid until {valid_until}. After that, open it to get a fresh one. The invite \
                itself is open until {open_until}.\n\n\
                {code}",
            button: "Start",
            foot: ENTERED,
        },
        Letter::Join => Ours {
            subject: "Your headshots at {organization}",
            glimpse: "Your link to join, valid until {valid_until}.",
            heading: "Your headshots at {organization}",
            body: "You asked to join {organization}. You upload a few photos of yourself; the rest is done for you. It takes about \
                five minutes.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}.\n\n\
                {code}",
            button: "Join and start",
            foot: "If you didn't ask for this, ignore this mail: nobody gets in without the link.",
        },
        Letter::Access => Ours {
            subject: "Sign in to {organization}",
            glimpse: "Your sign-in link, valid until {valid_until}.",
            heading: "Sign in to {organization}",
            body: "{button}\n\nThe link works once and is valid until {valid_until}.\n\n{code}",
            button: "Sign in",
            foot: "If you didn't ask for this, ignore this mail: nobody gets in without the link.",
        },
        Letter::Nudge => Ours {
            subject: "Your photos for {organization} are still missing",
            glimpse: "A few photos are all that is missing.",
            heading: "Your photos are still missing",
            body: "Hello {name},\n\n\
                you have joined {organization} for your headshots, and there is no photo of you yet. A few from your phone are \
                enough; it takes about five minutes.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}. After that, open it to get a fresh one.\n\n\
                {code}",
            button: "Add photos",
            foot: "You get this mail because a lead of {organization} asked us to remind you.",
        },
        Letter::NudgeStarted => Ours {
            subject: "Your photos for {organization} are still missing",
            glimpse: "Your {photos} are kept and wait to be submitted.",
            heading: "Your photos are not submitted yet",
            body: "Hello {name},\n\n\
                you have added {photos} for your headshots at {organization} and not submitted them yet. They are kept: go on \
                where you left off.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}. After that, open it to get a fresh one.\n\n\
                {code}",
            button: "Go on",
            foot: "You get this mail because a lead of {organization} asked us to remind you.",
        },
        Letter::Submitted => Ours {
            subject: "We have your photos",
            glimpse: "We have your {photos}. Your headshots are being made.",
            heading: "We have your photos",
            body: "{name}, your {photos} arrived and your headshots are being made. We'll write when they are ready.\n\n\
                It takes about {time}.\n\n\
                {button}",
            button: "See the progress",
            foot: "Your photos are used for your headshots only, and deleted 30 days after they are ready.",
        },
        Letter::Ready => Ours {
            subject: "Your headshots are ready",
            glimpse: "{count} to look through, like and download.",
            heading: "Your headshots are ready",
            body: "{name}, there are {count}. Look through them, choose your favourite, and download what you like.\n\n\
                The favourite is the one {company} uses.\n\n\
                {button}\n\n\
                They are deleted on {expires}.",
            button: "See your headshots",
            foot: "The page may ask for your e-mail to sign you in.",
        },
        Letter::ReadyFor => Ours {
            subject: "Your headshots at {organization} are ready",
            glimpse: "{maker} had {count} made of you. The link is valid until {valid_until}.",
            heading: "Your headshots are ready",
            body: "{name}, {maker} had professional headshots made of you, from photos that were added on your behalf. There are \
                {count}. Look through them, choose your favourite, and download what you like. The favourite is the one \
                {organization} uses.\n\n\
                {button}\n\n\
                They are deleted on {expires}.\n\n\
                You need no password. The link signs you in once and is valid until {valid_until}. After that, open it to get a \
                fresh one.\n\n\
                {code}",
            button: "See your headshots",
            foot: "You get this mail because {maker} entered your address. If you don't want these headshots, ask them to delete them.",
        },
        Letter::Retry => Ours {
            subject: "You can make new headshots",
            glimpse: "Add photos once more. Your link is valid until {valid_until}.",
            heading: "You can make new headshots",
            body: "{name}, {organization} lets you make headshots once more. You add photos and choose backdrops anew.\n\n\
                The {kept} you have stay where they are.\n\n\
                {button}\n\n\
                The link works once and is valid until {valid_until}. After that, get a fresh one at {again}\n\n\
                {code}",
            button: "Add photos",
            foot: "If you don't want new headshots, there is nothing for you to do.",
        },
        Letter::Expiring => Ours {
            subject: "Your headshots are deleted on {date}",
            glimpse: "{count} of you at {organization}. Download what you want to keep.",
            heading: "Your headshots are deleted soon",
            body: "{organization} keeps headshots for a limited time. {name}, your {count} can be seen and downloaded until {date}. \
                Then the files are deleted for good, here and for {organization}.\n\n\
                {button}",
            button: "Download headshots",
            foot: "The page may ask for your e-mail to sign you in.",
        },
        Letter::DeletedPhotos => Ours {
            subject: "Your uploaded photos are deleted",
            glimpse: "{what}: every file is gone.",
            heading: "Your uploaded photos are deleted",
            body: "{what} at {organization}: every file was removed, and looked for after that. None is left, and they can't be \
                brought back. Your headshots stay.\n\n\
                {asked} on {asked_at}.\nThe last file was gone on {gone_at}.\n\n\
                The receipt has the number {receipt}. Keep this mail if you may need to show it; {organization} keeps the receipt \
                too.",
            button: "",
            foot: "You get this mail because the pictures were of you.",
        },
        Letter::Deleted => Ours {
            subject: "Your photos and headshots are deleted",
            glimpse: "{what}: every file is gone.",
            heading: "Your photos and headshots are deleted",
            body: "{what} at {organization}: every file was removed, and looked for after that. None is left, and they can't be \
                brought back.\n\n\
                {asked} on {asked_at}.\nThe last file was gone on {gone_at}.\n\n\
                The receipt has the number {receipt}. Keep this mail if you may need to show it; {organization} keeps the receipt \
                too.",
            button: "",
            foot: "You get this mail because the pictures were of you.",
        },
        Letter::Security => Ours {
            subject: "{title}: {organization}",
            glimpse: "{sentence}",
            heading: "{title}",
            body: "{sentence}\n\n\
                {at}\n\n\
                {detail}\n\n\
                If that was you, there is nothing to do. If not, open your account, sign other browsers out, and change how you \
                sign in.\n\n\
                {button}",
            button: "Open your account",
            foot: "You get this mail because it is about your account.",
        },
        Letter::Failed => Ours {
            subject: "{name}'s headshots failed",
            glimpse: "The credit was given back.",
            heading: "{name}'s headshots failed",
            body: "The headshots of {name} could not be made, after {attempts}. The credit was given back.\n\n\
                Their address: {email}\n\n\
                {organization} has {balance} now.\n\n\
                The reason: {reason}\n\n\
                {name} sees that it takes longer. Grant a retry when the cause is gone; it costs no credit.\n\n\
                {button}",
            button: "Open the member",
            foot: CHOSEN,
        },
        Letter::Endpoint => Ours {
            subject: "A webhook endpoint was switched off",
            glimpse: "Events wait until you switch it on again.",
            heading: "A webhook endpoint was switched off",
            body: "{organization} no longer sends events to {url}\n\n\
                {why}\n\n\
                Mend the receiver, then switch the endpoint on again. What could not be delivered is kept for 30 days, and you can \
                send all of it once more.\n\n\
                {button}",
            button: "Open webhooks",
            foot: CHOSEN,
        },
        Letter::Credits => Ours {
            subject: "{organization} has {balance} left",
            glimpse: "Each submission takes one.",
            heading: "{balance} left",
            body: "{organization} has {balance} left. Each person who submits photos takes one; with none left, nobody can submit, \
                and what they have added is kept until there are credits again.\n\n\
                {button}",
            button: "Open credits",
            foot: CHOSEN,
        },
        Letter::MemberReady => Ours {
            subject: "{name}'s headshots are ready",
            glimpse: "{count} of {name}.",
            heading: "{name}'s headshots are ready",
            body: "There are {count} of {name}.\n\n{button}",
            button: "See them",
            foot: CHOSEN,
        },
        Letter::Favorite => Ours {
            subject: "{name} chose a favourite",
            glimpse: "It is the headshot {organization} uses from now on.",
            heading: "{name} chose a favourite",
            body: "Out of {count}, {name} has chosen the one {organization} uses.\n\n{button}",
            button: "See it",
            foot: CHOSEN,
        },
        Letter::Bounced => Ours {
            subject: "A mail to {address} could not be delivered",
            glimpse: "{reason}",
            heading: "A mail could not be delivered",
            body: "The mail “{subject}” to {address} was refused by the mail server. It said:\n\n\
                {reason}\n\n\
                Look whether the address is right. {address} does not know of this yet.\n\n\
                {button}",
            button: "Open invites",
            foot: CHOSEN,
        },
        Letter::Digest => Ours {
            subject: "Today at {organization}",
            glimpse: "What happened since the last mail.",
            heading: "Since the last mail",
            body: "{list}\n\n{button}",
            button: "Open the overview",
            foot: "You get this mail once a day because you lead {organization}, and by your choice at {choices}",
        },
        Letter::ExpiringFor => Ours {
            subject: "{name}'s headshots are deleted on {date}",
            glimpse: "{count} of {name} at {organization}. Download what is to be kept.",
            heading: "Headshots are deleted soon",
            body: "{organization} keeps headshots for a limited time. The {count} of {name} can be seen and downloaded until \
                {date}. Then the files are deleted for good, here and for {organization}.\n\n\
                {button}",
            button: "Download headshots",
            foot: "You get this mail because {name} has no e-mail address here, and you lead {organization}.",
        },
        Letter::Owner => Ours {
            subject: "You own {organization} now",
            glimpse: "The organization was handed over to you.",
            heading: "You own {organization} now",
            body: "{organization} was handed over to you. As its owner you decide who else leads it. You were signed out \
                everywhere; sign in to go on.\n\n\
                {button}",
            button: "People with access",
            foot: HANDED,
        },
        Letter::Owned => Ours {
            subject: "{organization} has a new owner",
            glimpse: "{owner} owns the organization now.",
            heading: "{organization} has a new owner",
            body: "{owner} owns {organization} now. You are an admin: you go on managing people, and no longer decide who leads. \
                On your other devices you were signed out.\n\n\
                {button}",
            button: "People with access",
            foot: HANDED,
        },
    }
}

const HANDED: &str = "If this was a mistake, write to the other side now: only the owner can hand {organization} over.";
