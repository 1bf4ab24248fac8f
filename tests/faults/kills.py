"""kill -9 at one system call after the other, while programs, people and the operator ask for things."""

import time

import strace
from book import Book, Crowd, audit, gathered, hold, parked
from catchers import Hooks, Mails
from server import Directory, Server, until

NAME = "`kill -9` at the k-th write or sync"

# Every call of the beginning and of the first commits, then further and further apart, past checkpoints of the log.
WRITES = [*range(1, 11), 12, 14, 17, 20, 24, 29, 35, 42, 50, 60, 72, 86, 104, 125, 150, 180, 220, 260, 320, 450, 700, 1000, 1500]
SYNCS = [*range(1, 9), 10, 12, 15, 19, 24]

# A shoot that is never drawn: what is looked at here is what was promised when it was handed in.
SETTINGS = {"HEADROOM_DEV_SHOOT": "1h"}

LONGEST = 10


def missing():
    return strace.missing()


def run(row):
    with Mails() as mails, Hooks() as hooks, Directory(webhook=hooks.url) as directory:
        settings = {**SETTINGS, "HEADROOM_SMTP_URL": mails.url}
        with Server(directory, settings) as server:
            people = gathered(server, 24)
        book, reached = Book(), 0
        sweep = [(strace.WRITES, nth) for nth in WRITES] + [(strace.SYNCS, nth) for nth in SYNCS]
        for number, (calls, nth) in enumerate(sweep):
            waiting = [(model, person) for model, person in people if ("submission", model) not in book.kept]
            with Server(directory, settings, under=strace.killing(calls, nth)) as server:
                if server.url:
                    crowd = Crowd(book, server, name=f"{number}", grants=number % 3 == 0, hand_in=waiting[:1])
                    end = time.monotonic() + LONGEST
                    while server.alive and time.monotonic() < end:
                        time.sleep(0.01)
                    reached += not server.alive
                    server.kill()
                    crowd.stop()
                else:
                    reached += 1
            # The one after it finds what was left, and is asked again for what was never answered.
            with Server(directory, settings) as server:
                book.ask_again(server.client())
            row.findings.add(hold(book, directory))
            row.tries += 1
        with Server(directory, settings) as server:
            invited = {name for kind, name in book.kept if kind == "invite"}
            until(lambda: invited <= set(mails.of.values()), "a mail for each invite", 60)
            row.expect(server.ready() == (200, []), "not ready in the end")
            server.stop()
        row.findings.add(hold(book, directory))
        row.findings.corrupt += audit(directory) + parked(directory)
        each = {}
        for ident, to in mails.of.items():
            if to in each:
                row.findings.duplicated.append(f"two mails to {to}: {each[to]} and {ident}")
            each[to] = ident
        row.acknowledged = len(book.kept)
        row.note = [f"killed at the call {reached} of {row.tries} times", f"{mails.total() - mails.different()} mails came twice under their Message-ID"]
