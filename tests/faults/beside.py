"""Commands that write beside a server that writes: nobody waits in vain for the other, and nobody hears of a lock."""

import threading
import time

from book import Book, Crowd, audit, hold, parked, rows
from server import Directory, Server, command

NAME = "64 programs, and commands beside the server"

PROGRAMS, SECONDS = 64, 10


def missing():
    return None


def run(row):
    with Directory() as directory, Server(directory) as server:
        book = Book()
        crowd = Crowd(book, server, programs=PROGRAMS, grants=True)
        inviting = threading.Thread(target=invite, args=(book, directory, crowd.stopping))
        inviting.start()
        time.sleep(SECONDS)
        asked = crowd.stop()
        inviting.join()
        row.expect(not book.refused, f"{len(book.refused)} were refused, such as {next(iter(book.refused), None)}")
        row.expect(server.ready() == (200, []), "not ready in the end")
        row.findings.add(hold(book, directory))
        granted = sum(kind == "grant" for kind, _ in book.kept)
        total = rows(directory, "select sum(amount) from ledger where kind = 'grant'")[0][0]
        row.expect(total == 100_000 + 2 * granted, f"{granted} grants of 2 make {total - 100_000}")
        row.expect(granted, "no command granted anything")
        server.stop()
        log = directory.log.read_text()
        row.expect("busy" not in log and "locked" not in log, "the server's log tells of a lock")
        row.findings.corrupt += audit(directory) + parked(directory)
        row.tries, row.acknowledged = 1, len(book.kept)
        row.note = [f"{asked} requests and {granted} grants in {SECONDS} s"]


def invite(book, directory, stopping):
    """The operator's other window."""
    turn = 0
    while not stopping.is_set():
        turn += 1
        email = f"operator{turn}@acme.test"
        try:
            command(directory.data, "invite", "send", "--org", "Acme", email)
            book.note(("invite", email), 200, {})
        except RuntimeError as refused:
            book.note(("invite", email), 500, str(refused))
