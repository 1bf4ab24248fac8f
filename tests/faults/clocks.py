"""The machine's clock is set while the server runs: forward, back, and far. faketime stands in for whoever sets it."""

import glob
import os
import re
import time

from book import Book, audit, hold, parked, rows
from catchers import Catcher, Hooks, Mails
from server import REVIEW, Directory, Server, until

NAME = "The clock, set forward and back"

HOUR, DAY = 3600, 86_400

# Seconds ahead of the true time, one after the other.
STEPS = [HOUR, DAY + HOUR, HOUR, HOUR - DAY, 0, 21 * DAY]

# More of a processor than this means that something spins; a debug build that reads its clock from a file is meant.
SPIN = 0.5


def library():
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


def missing():
    return None if library() else "faketime is not installed"


class Watch:
    """The clock of a process, in a file."""

    def __init__(self, path):
        self.path = path
        self.set(0)

    def set(self, ahead):
        # At once or not at all: it is read at any moment.
        written = f"{self.path}.new"
        with open(written, "w") as file:
            file.write(f"{ahead:+d}\n")
        os.replace(written, self.path)

    @property
    def environment(self):
        return {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(self.path), "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}


def run(row):
    with Mails() as mails, Hooks() as hooks, Directory(webhook=hooks.url) as directory:
        watch, book = Watch(directory.home / "clock"), Book()
        with Server(directory, {"HEADROOM_SMTP_URL": mails.url, "HEADROOM_DEV_SHOOT": "1h"}, environment=watch.environment) as server:
            client = server.client()
            _, said = client.call("POST", "/links", {})
            door = said["link"]["url"].removeprefix(server.url)

            def mailed(who):
                """The link of a mail that lets somebody join."""
                server.person().submit(door, ("email", who))
                until(lambda: who in mails.texts, f"the mail to {who}")
                return re.search(r"http://\S+/auth/link/\S+", mails.texts[who]).group(0)

            link = mailed("late@acme.test")
            member, guest = server.person(), server.person()
            member.follow(mailed("kim@acme.test"))
            _, said = client.call("POST", "/models", {"email": "guest@lumen.test"})
            guest.enter(said["signedUrl"]).gather()

            highest, before, latest = 0.0, 0, 0
            for number, ahead in enumerate(STEPS):
                what = f"{(ahead - before) / HOUR:+.0f} h"
                # Some mails are held by the other end while the clock is set, so their leases are too.
                mails.be(Catcher.SILENT)
                hung = mails.hung
                for turn in range(8):
                    email = f"p{number}-{turn}@acme.test"
                    book.ask(client, ("invite", email), "/invites", {"email": email})
                until(lambda: mails.hung > hung, "a mail on its way")
                kept = housekept(directory)
                watch.set(ahead)
                time.sleep(3)
                mails.be(Catcher.PROMPT)
                row.expect(server.alive, f"{what}: the server ended")
                email = f"after{number}@acme.test"
                book.ask(client, ("invite", email), "/invites", {"email": email})
                until(lambda: email in mails.of.values(), f"a mail after {what}", 10)
                # The hours that come again have had theirs.
                if ahead - latest >= HOUR:
                    until(lambda: housekept(directory) > kept, f"the housekeeping that is due after {what}", 10)
                row.expect(server.ready() == (200, []), f"{what}: not ready: {server.ready()}")
                used, begun = processor(server.pid), time.monotonic()
                time.sleep(1.5)
                share = (processor(server.pid) - used) / (time.monotonic() - begun)
                highest = max(highest, share)
                row.expect(share < SPIN, f"{what}: {share:.0%} of a processor while idle")
                early = rows(directory, "select payload from jobs where state = 'done' and claimed_at < run_at")
                row.expect(not early, f"{what}: run too early: {early[:3]}")

                # How long each of them may last stands in docs/accounts.md and docs/embedding.md.
                if number == 0:
                    row.expect('name="nonce"' in server.person().go("GET", path(link))[2], "a link of two hours ended after one")
                    row.expect(guest.go("GET", REVIEW)[0] == 200, "a guest was sent away after an hour")
                if number == 1:
                    row.expect('name="nonce"' not in server.person().go("GET", path(link))[2], "a link of two hours lives after a day")
                    row.expect(guest.go("GET", REVIEW)[0] != 200, "a guest's day lasts longer")
                inside = member.go("GET", "/team-member/onboarding/you")[0] == 200
                row.expect(inside == (ahead < 14 * DAY), f"{what}: a member {'is still' if inside else 'is not'} signed in")
                before, latest = ahead, max(latest, ahead)
                row.tries += 1
            invited = {name for kind, name in book.kept if kind == "invite"}
            # What was due when the clock was set back is due again by now.
            until(lambda: invited <= set(mails.of.values()), "a mail for each invite", 40)
            row.findings.duplicated += [f"{count - 1} more mails {ident}" for ident, count in mails.caught.items()
                                        if count > 1 and mails.of[ident].startswith("after")]
            server.stop()
        row.findings.add(hold(book, directory))
        row.findings.corrupt += audit(directory) + parked(directory)
        row.acknowledged = len(book.kept)
        row.note = [f"{highest:.0%} of a processor while idle at most"]


def path(link):
    return "/auth/link/" + link.rsplit("/", 1)[1]


def housekept(directory):
    """When the house was kept last, by the clock of then."""
    return rows(directory, """
        select coalesce(max(claimed_at), 0) from jobs where json_extract(payload, '$.job') = 'housekeeping' and state = 'done'""")[0][0]


def processor(pid):
    """Seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
