"""The job queue, killed where it hurts: each job has an effect outside, at a mail server and at a receiver of webhooks of our own."""

import signal

from book import Book, audit, hold, parked, rows, states
from catchers import Catcher, Hooks, Mails
from server import Directory, Server, until

NAME = "The queue, killed at every stage of 200 jobs"

MAILS, EVENTS = 120, 80

ROUNDS = 2


def missing():
    return None


def run(row):
    with Mails() as mails, Hooks() as hooks, Directory(webhook=hooks.url) as directory:
        settings = {"HEADROOM_SMTP_URL": mails.url}
        catchers, book = (mails, hooks), Book()

        def be(mode):
            for catcher in catchers:
                catcher.be(mode)

        # The other ends say nothing, so that nothing is done before all is asked for.
        be(Catcher.SILENT)
        with Server(directory, settings) as server:
            client = server.client()
            for number in range(MAILS):
                email = f"p{number}@acme.test"
                book.ask(client, ("invite", email), "/invites", {"email": email})
            models = [client.call("POST", "/models", {"email": f"guest{number}@lumen.test", "isDevelopment": True})[1]["modelId"]
                      for number in range(EVENTS)]
            events = {ident for ident, in rows(directory, "select id from events where kind = 'created'")}
            row.expect(len(events) == EVENTS, f"{EVENTS} models made {len(events)} events")
            claimed(directory)

        for _ in range(ROUNDS):
            for stage in (after_the_claim, in_the_middle, after_the_effect, while_stopping):
                stage(directory, settings, be, catchers)
                row.findings.add(hold(book, directory))
                row.tries += 1

        be(Catcher.PROMPT)
        with Server(directory, settings) as server:
            until(lambda: not left(directory), "the end of all jobs", 90)
            server.stop()
        row.findings.add(hold(book, directory))
        row.findings.corrupt += audit(directory) + parked(directory)
        row.findings.lost += [f"the mail to {to}" for kind, to in book.kept if kind == "invite" and to not in mails.of.values()]
        told = {ident.removeprefix("evt_") for ident in hooks.of} | set(hooks.of)
        row.findings.lost += [f"the webhook of {event}" for event in events if event not in told and event.removeprefix("evt_") not in told]
        row.findings.duplicated += [f"{count} different mails to {to}" for to, count in different(mails).items() if count > 1]
        row.expect(hooks.different() == EVENTS, f"{hooks.different()} webhook-ids for {EVENTS} events")
        row.acknowledged = len(book.kept) + len(models)
        again = sum(catcher.total() - catcher.different() for catcher in catchers)
        row.expect(again, "no effect came twice, so no kill met one between its effect and its acknowledgement")
        row.note = [f"{again} effects came again, each under the id it had"]


def different(mails):
    counts = {}
    for to in mails.of.values():
        counts[to] = counts.get(to, 0) + 1
    return counts


def left(directory):
    """Jobs that are still to be done; the next hour's housekeeping always is."""
    return rows(directory, "select id from jobs where state in ('waiting', 'running') and json_extract(payload, '$.job') != 'housekeeping'")


def claimed(directory):
    until(lambda: states(directory).get("running", 0) > 0, "a claim")


def after_the_claim(directory, settings, be, catchers):
    """The jobs say running, and nobody outside has heard of them."""
    be(Catcher.SILENT)
    with Server(directory, settings):
        claimed(directory)


def in_the_middle(directory, settings, be, catchers):
    """Mails and webhooks are on their way, and the other end has not taken them."""
    be(Catcher.SILENT)
    before = [catcher.hung for catcher in catchers]
    with Server(directory, settings):
        until(lambda: all(catcher.hung > count for catcher, count in zip(catchers, before)), "connections")


def after_the_effect(directory, settings, be, catchers):
    """The other end has taken them, and the server doesn't know."""
    be(Catcher.TAKES_AND_HANGS)
    before = [catcher.total() for catcher in catchers]
    with Server(directory, settings):
        until(lambda: all(catcher.total() > count for catcher, count in zip(catchers, before)), "effects")


def while_stopping(directory, settings, be, catchers):
    """SIGTERM, and SIGKILL while what runs is waited for."""
    be(Catcher.TAKES_AND_HANGS)
    before = [catcher.total() for catcher in catchers]
    with Server(directory, settings) as server:
        until(lambda: all(catcher.total() > count for catcher, count in zip(catchers, before)), "effects")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: not answers(server), "the door to be shut")
        assert server.alive, "it must still wait for what runs"


def answers(server):
    try:
        return server.ready()[0] in (200, 503)
    except OSError:
        return False
