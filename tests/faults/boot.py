"""Ten thousand jobs that are due when the server starts: it answers meanwhile, and does each of them once."""

import json
import secrets
import sqlite3
import time

from book import audit, parked, read, rows, whole
from queue_kills import left
from server import Directory, Server, until

NAME = "10,000 jobs due at boot"

JOBS = 10_000

# Nobody who asks meanwhile may wait longer; a debug build on a busy machine is meant.
SLOWEST = 2.0


def missing():
    return None


def run(row):
    # Without a mail server, a mail is a row: one for each job, however often it was run.
    with Directory() as directory:
        pile(directory)
        begun = time.monotonic()
        with Server(directory) as server:
            started, waits = time.monotonic() - begun, []
            client = server.client()

            def asked():
                before = time.monotonic()
                status, _ = client.call("POST", "/teams", {"name": f"Team {len(waits)}"})
                waits.append(time.monotonic() - before)
                row.expect(status == 200, f"a request meanwhile was answered {status}")
                return not left(directory)

            until(asked, "the end of all jobs", 120)
            took = time.monotonic() - begun
            server.stop()
        mails, jobs, again = rows(directory, """
            select (select count(*) from mails), (select count(distinct job_id) from mails),
                   (select count(*) from jobs where attempts > 1)""")[0]
        row.findings.lost += [f"{JOBS - jobs} mails"] if jobs < JOBS else []
        row.findings.duplicated += [f"{mails - jobs} mails"] if mails > jobs else []
        row.findings.duplicated += [f"{again} jobs begun more than once"] if again else []
        waits.sort()
        p99 = waits[len(waits) * 99 // 100]
        row.expect(p99 < SLOWEST, f"p99 of requests meanwhile is {p99:.2f} s")
        connection = read(directory)
        row.findings.corrupt += whole(connection) + audit(directory) + parked(directory)
        connection.close()
        row.tries, row.acknowledged = 1, JOBS
        row.note = [f"ready after {started:.1f} s, done after {took:.0f} s, p99 of {len(waits)} requests meanwhile {p99 * 1000:.0f} ms"]


def pile(directory):
    """Invites whose mails are due, written while no server runs."""
    connection = sqlite3.connect(directory.database)
    organization, = connection.execute("select id from organizations").fetchone()
    now = int(time.time() * 1000)
    with connection:
        for number in range(JOBS):
            invite = secrets.token_hex(12)
            connection.execute("insert into invites (id, organization_id, email, created_at, expires_at) values (?, ?, ?, ?, ?)",
                               (invite, organization, f"p{number}@acme.test", now, now + 30 * 86_400_000))
            connection.execute("insert into jobs (id, queue, payload, max_attempts, run_at, created_at) values (?, 'mail', ?, 10, ?, ?)",
                               (f"boot-{number:05}", json.dumps({"job": "invite_mail", "id": invite}), now, now))
    connection.close()
