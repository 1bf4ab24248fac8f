"""A disk that refuses for a while: calls that write, sync or read fail with EIO or ENOSPC, all of them or some."""

import time

import strace
from book import Book, Crowd, audit, gathered, hold, parked
from catchers import Hooks, Mails
from server import GONE, Directory, Server, until

NAME = "EIO and ENOSPC for a while"

SIZES, READS = ("ftruncate", "fallocate"), ("pread64",)

# What fails, with what, and which of the calls: strace counts those of each thread.
FAILURES = [
    (strace.WRITES + strace.SYNCS + SIZES, "EIO", "1+"),
    (strace.WRITES + strace.SYNCS + SIZES, "ENOSPC", "1+"),
    (strace.SYNCS, "EIO", "1+"),
    (strace.WRITES, "ENOSPC", "30+"),
    (strace.WRITES, "EIO", "7+7"),
    (strace.WRITES, "ENOSPC", "50+50"),
    (strace.SYNCS, "EIO", "2+2"),
    (READS, "EIO", "1+"),
    (READS, "EIO", "3+3"),
]

SECONDS = 2.0


def missing():
    return strace.missing()


def run(row):
    longest = 0.0
    with Mails() as mails, Hooks() as hooks, Directory(webhook=hooks.url) as directory:
        settings = {"HEADROOM_SMTP_URL": mails.url, "HEADROOM_DEV_SHOOT": "1h"}
        book, server = Book(), Server(directory, settings)
        people = gathered(server, len(FAILURES))
        for number, (calls, error, when) in enumerate(FAILURES):
            with server:
                what = f"{error} of {'/'.join(calls)} ({when})"
                crowd = Crowd(book, server, name=f"{number}", grants=number % 3 == 0, hand_in=people[number:number + 1], persistent=True)
                with strace.Failing(server.pid, calls, error, when):
                    end, lies = time.monotonic() + SECONDS, 0
                    while time.monotonic() < end:
                        status, failing = server.ready()
                        if when == "1+" and calls != READS:
                            # All that writes fails: it can't be ready, and says what isn't.
                            lies += status != 503 or "database" not in failing
                        else:
                            lies += (status == 200) == bool(failing)
                        row.expect(server.client().call("GET", "/livez")[0] == 200, f"{what}: not alive")
                        time.sleep(0.05)
                    row.expect(not lies, f"{what}: /readyz was wrong {lies} times")
                begun = time.monotonic()
                until(lambda: server.ready() == (200, []), f"the recovery from {what}", 15)
                longest = max(longest, time.monotonic() - begun)
                until(lambda: works(server, f"after{number}"), f"a write after {what}", 10)
                crowd.stop()
                row.expect(server.alive, f"{what}: the server ended")
                row.findings.add(hold(book, directory))
                server.kill()
                server = Server(directory, settings)
                row.findings.add(hold(book, directory))
                row.tries += 1
        with server:
            server.stop()
        row.findings.corrupt += audit(directory) + parked(directory)
        row.acknowledged = len(book.kept)
        row.note = [f"{len(book.refused)} refused with 503", f"ready again after {longest:.1f} s at most"]


def works(server, name):
    try:
        return server.client().call("POST", "/teams", {"name": name})[0] == 200
    except GONE:
        return False
