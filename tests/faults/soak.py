#!/usr/bin/env python3
"""A working day in minutes: people join and upload, shoots are made, mails and webhooks arrive, leads export, the operator backs up.

    tests/faults/soak.py             three minutes
    tests/faults/soak.py 600         as many seconds
    tests/faults/soak.py --table     writes the tables into docs/reliability.md as well

At the end what the API says must be what everybody was told, nothing may have been answered 5xx, and memory, files and
threads must be what they were after the first minute. All of it on this machine.
"""

import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.dont_write_bytecode = True

import report
from book import Book, audit, hold, parked, rows
from catchers import Hooks, Mails
from queue_kills import left
from server import BINARY, GONE, Directory, Server, command, until, words

SECONDS, WARM = 180, 60

# How far above what they were after the warm-up they may end. Memory in megabytes: a debug build, and an allocator that keeps some.
GROWTH = {"memory": 48, "files": 24, "threads": 12}


class Day:
    """What goes on, what was told to whom, and how long it took."""

    def __init__(self, directory, server, mails, hooks):
        self.directory, self.server, self.mails, self.hooks = directory, server, mails, hooks
        self.book, self.over = Book(), threading.Event()
        self.times, self.wrong = defaultdict(list), []
        self.joined, self.photos, self.submitted, self.models, self.grants = set(), Counter(), [], [], 0
        self.backups, self.lock = [], threading.Lock()

    def timed(self, kind, what, *args):
        """An answer, with its time in the book of times. 5xx is never right, nor is silence."""
        begun = time.monotonic()
        try:
            answer = what(*args)
        except GONE as broken:
            with self.lock:
                self.wrong.append(f"{kind}: {type(broken).__name__} {broken}")
            raise
        with self.lock:
            self.times[kind].append(time.monotonic() - begun)
            if answer[0] >= 500:
                self.wrong.append(f"{kind}: {answer[0]} {words(str(answer[-1]))}")
        return answer

    def again_and_again(self, pause, what):
        """Does something until the day is over, with pauses of about so many seconds."""
        def work():
            turn = 0
            while not self.over.wait(random.uniform(0.5, 1.5) * pause):
                turn += 1
                try:
                    what(turn)
                except Exception as broken:  # noqa: BLE001: a thread that ends says why
                    with self.lock:
                        self.wrong.append(f"{what.__name__}: {type(broken).__name__}: {broken}")
        return threading.Thread(target=work)

    def program(self):
        client = self.server.client()

        def asks(turn):
            email = f"p{turn}@acme.test"
            path, body, key = "/invites", {"email": email}, f"invite-{turn}"
            self.book.note(("invite", email), *self.timed("API: invite", client.call, "POST", path, body, key))
            for path in ("/credits", "/team?limit=50", "/models?limit=50", "/invites?limit=50"):
                self.timed("API: read", client.call, "GET", path)
        return self.again_and_again(0.4, asks)

    def joiner(self, door):
        def joins(turn):
            email = f"joined{turn}@acme.test"
            person = self.server.person()
            self.timed("page: join", person.submit, door, ("email", email))
            until(lambda: email in self.mails.texts, f"the mail to {email}")
            link = re.search(r"http://\S+/auth/link/\S+", self.mails.texts[email]).group(0)
            self.timed("page: sign in", person.follow, link)
            self.joined.add(email)
            person.must(303, person.submit("/team-member/onboarding/you", ("name", "Kim Lee"), ("gender", "person")), "the first form")
            for number in range(2):
                status, _, said = self.timed("page: upload", person.upload, number)
                self.photos[status] += 1
                if status != 200:
                    self.wrong.append(f"an upload: {status} {said[:200]}")
            self.timed("page: read", person.go, "GET", "/team-member/onboarding/style")
        return self.again_and_again(2.5, joins)

    def shooter(self):
        client = self.server.client()

        def shoots(turn):
            status, said = self.timed("API: model", client.call, "POST", "/models", {"email": f"guest{turn}@lumen.test", "isDevelopment": True})
            self.models.append(said["modelId"])
            guest = self.server.person().enter(said["signedUrl"]).gather()
            guest.must(303, self.timed("page: hand in", guest.hand_in), "handing in")
            self.submitted.append(said["modelId"])
        return self.again_and_again(20, shoots)

    def lead(self):
        person = self.server.person()
        person.follow(self.server.url + "/auth/link/" + command(self.directory.data, "signin", "ada@acme.test")["link"].rsplit("/", 1)[1])

        def exports(turn):
            for path in ("/app/admin/members.csv", "/app/admin/credits.csv"):
                person.must(200, self.timed("page: export", person.go, "GET", path), path)
            person.must(200, self.timed("page: overview", person.go, "GET", "/app/admin"), "the overview")
        return self.again_and_again(2, exports)

    def operator(self):
        def looks_after(turn):
            command(self.directory.data, "credits", "grant", "--org", "Acme", "3", "--reason", f"gift {turn}")
            self.book.note(("grant", f"gift {turn}"), 200, {})
        return self.again_and_again(5, looks_after)

    def keeper(self):
        def backs_up(turn):
            begun = time.monotonic()
            file = self.directory.home / f"backup-{turn}"
            command(self.directory.data, "backup", str(file))
            self.backups.append(time.monotonic() - begun)
        return self.again_and_again(20, backs_up)


def can_back_up():
    return subprocess.run([BINARY, "backup", "--help"], capture_output=True).returncode == 0


def measured(pid):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"memory": int(status["VmRSS"].split()[0]) / 1024, "threads": int(status["Threads"]),
            "files": sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())}


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def run(row, seconds):
    warm = min(WARM, seconds / 3)
    with Mails() as mails, Hooks() as hooks, Directory(webhook=hooks.url) as directory:
        with Server(directory, {"HEADROOM_SMTP_URL": mails.url, "HEADROOM_DEV_SHOOT": "2s"}) as server:
            day = Day(directory, server, mails, hooks)
            _, said = server.client().call("POST", "/links", {})
            threads = [day.program(), day.joiner(said["link"]["url"].removeprefix(server.url)),
                       day.shooter(), day.lead(), day.operator()]
            if can_back_up():
                threads.append(day.keeper())
            for thread in threads:
                thread.start()
            begun, samples = time.monotonic(), []
            while (at := time.monotonic() - begun) < seconds:
                samples.append((at, measured(server.pid)))
                time.sleep(0.5)
            day.over.set()
            for thread in threads:
                thread.join()
            until(lambda: not left(directory), "the end of all jobs", 180)
            compare(row, day, server)
            row.expect(server.ready() == (200, []), "not ready in the end")
            server.stop()
        row.findings.add(hold(day.book, directory))
        row.findings.corrupt += audit(directory) + parked(directory) + day.wrong
        flat(row, samples, warm, seconds)
        row.tries = 1
        row.acknowledged = len(day.book.kept) + len(day.joined) + len(day.models) + len(day.submitted) + day.photos[200]
        row.note = [f"{sum(map(len, day.times.values()))} requests in {seconds} s", f"{mails.different()} mails", f"{hooks.different()} webhooks",
                    f"{len(day.backups)} backups" if day.backups else "no backups: this binary has no such command"]
        return day.times


def compare(row, day, server):
    """What the API says, and what everybody was told."""
    client = server.client()

    def total(path):
        status, said = client.call("GET", f"{path}?limit=1")
        return said["pagination"]["total"]

    told = {
        "invites": len([1 for kind, _ in day.book.kept if kind == "invite"]),
        "models": len(day.models) + len(day.joined),
        "grants": len([1 for kind, _ in day.book.kept if kind == "grant"]),
    }
    database = day.directory
    there = {
        "invites": rows(database, "select count(*) from invites where email like 'p%'")[0][0],
        "models": rows(database, "select count(*) from shoots")[0][0],
        "grants": rows(database, "select count(*) from ledger where reason like 'gift%'")[0][0],
    }
    for what, count in told.items():
        row.expect(there[what] == count, f"{there[what]} {what}, and {count} were told")
    row.expect(total("/models") >= len(day.models), f"the API lists {total('/models')} models of {len(day.models)}")
    _, said = client.call("GET", "/credits")
    row.expect(said["credits"] == 100_000 + 3 * told["grants"], f"{said['credits']} credits after {told['grants']} grants of 3")
    kept = rows(database, "select count(*) from photos")[0][0]
    row.expect(kept == day.photos[200] + len(day.submitted), f"{kept} photos of {day.photos[200]} and {len(day.submitted)}")
    unfinished = [model for model in day.submitted if client.call("GET", f"/models/{model}")[1]["model"]["status"] != "active"]
    row.findings.lost += [f"the headshots of {model}" for model in unfinished]
    mailed = set(day.mails.of.values())
    row.findings.lost += [f"the mail to {name}" for kind, name in day.book.kept if kind == "invite" and name not in mailed]
    deliveries, delivered = rows(database, "select count(*), count(*) filter (where state = 'delivered') from deliveries")[0]
    row.expect(deliveries == delivered == day.hooks.different(), f"{deliveries} deliveries, {delivered} delivered, {day.hooks.different()} caught")


def flat(row, samples, warm, seconds):
    """Whether memory, files and threads stayed what they were."""
    row.flat = []
    for what, growth in GROWTH.items():
        first = median([sample[what] for at, sample in samples if warm <= at < warm + seconds / 9])
        last = median([sample[what] for at, sample in samples if at >= seconds * 8 / 9])
        row.flat.append((what, first, last, growth))
        row.expect(last <= first + growth, f"{what}: {first:.0f} after the warm-up, {last:.0f} in the end")


def times_table(times):
    lines = ["| request | number | p50 | p99 |", "| --- | --: | --: | --: |"]
    for kind, taken in sorted(times.items()):
        taken.sort()
        p50, p99 = (taken[len(taken) * part // 100] * 1000 for part in (50, 99))
        lines.append(f"| {kind} | {len(taken)} | {p50:.0f} ms | {p99:.0f} ms |")
    return "\n".join(lines)


def main(args):
    numbers = [int(arg) for arg in args if arg.isdigit()]
    seconds = numbers[0] if numbers else SECONDS
    row, begun, times = report.Row(f"A day in {seconds} seconds"), time.monotonic(), {}
    with report.caught(row):
        times = run(row, seconds)
    report.tell(row, time.monotonic() - begun)
    flat_table = ["| of the server | after the warm-up | at the end | may grow by |", "| --- | --: | --: | --: |"]
    flat_table += [f"| {what}{' (MB)' if what == 'memory' else ''} | {first:.0f} | {last:.0f} | {growth} |" for what, first, last, growth in getattr(row, "flat", [])]
    page = "\n\n".join([report.table([row]), "\n".join(flat_table), times_table(times)])
    print(f"\n{page}")
    if "--table" in args:
        report.write("soak", page)
    return row.bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
