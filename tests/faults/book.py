"""What the server has promised, written down by those it promised it to, and held against what is on its disk."""

import json
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field

from server import GONE, command


@dataclass
class Book:
    """Each deed by its kind and name. A deed is `kept` once the answer was 2xx, `refused` once it was an error that says so."""

    kept: set = field(default_factory=set)
    refused: set = field(default_factory=set)
    # Deeds whose answer never came, with what it takes to ask for them again.
    open: dict = field(default_factory=dict)
    lies: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, deed, status, said, ask=None):
        """Writes down how a deed was answered. Anything but a promise or an honest refusal is a lie."""
        with self.lock:
            self.open.pop(deed, None)
            if status in (200, 303):
                self.kept.add(deed)
                self.refused.discard(deed)
            elif status == 503 and honest(said):
                self.refused.add(deed)
            else:
                self.lies.append(f"{deed}: {status} {said}")

    def unanswered(self, deed, ask):
        with self.lock:
            self.open[deed] = ask

    def ask(self, client, deed, path, body):
        """Asks for a deed at the API, repeatably."""
        ask = (path, body, f"{deed[0]}-{deed[1]}".replace(" ", "-"))
        try:
            status, said = client.call("POST", path, body, ask[2])
        except GONE:
            self.unanswered(deed, ask)
            raise
        self.note(deed, status, said)
        return status

    def ask_again(self, client):
        """Repeats what was never answered: it has to be done once, whether or not it was before."""
        for deed, (path, body, key) in list(self.open.items()):
            self.note(deed, *client.call("POST", path, body, key))


def honest(said):
    """The one shape of a refusal, or a page."""
    if isinstance(said, dict):
        return set(said) == {"success", "error", "code"} and said["success"] is False and said["error"].endswith(".")
    return isinstance(said, str)


@dataclass
class Findings:
    lost: list = field(default_factory=list)
    duplicated: list = field(default_factory=list)
    corrupt: list = field(default_factory=list)

    def add(self, other):
        self.lost += [one for one in other.lost if one not in self.lost]
        self.duplicated += [one for one in other.duplicated if one not in self.duplicated]
        self.corrupt += [one for one in other.corrupt if one not in self.corrupt]

    def __bool__(self):
        return bool(self.lost or self.duplicated or self.corrupt)


def read(directory):
    """The database as another process reads it."""
    connection = sqlite3.connect(f"file:{directory.database}?mode=ro", uri=True, timeout=10)
    connection.execute("pragma query_only = on")
    return connection


def rows(directory, sql, *values):
    connection = read(directory)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


# Where each kind of deed is found. Whatever is there twice is there twice.
FOUND = {
    "invite": "select email from invites",
    "team": "select name from teams",
    "grant": "select reason from ledger where kind = 'grant'",
    "model": "select email from members where email is not null union all "
             "select accounts.email from members join accounts on accounts.id = members.account_id",
    "submission": "select shoot_id from ledger where kind = 'consume'",
}


def hold(book, directory):
    """Holds the book against the disk."""
    findings = Findings()
    connection = read(directory)
    try:
        found = {kind: Counter(name for name, in connection.execute(sql)) for kind, sql in FOUND.items() if kind != "model"}
        for kind, name in book.kept:
            if kind in found and not found[kind][name]:
                findings.lost.append(f"{kind} {name}")
        for kind, name in book.kept | book.refused | set(book.open):
            if kind in found and found[kind][name] > 1:
                findings.duplicated.append(f"{kind} {name}, {found[kind][name]} times")
        for kind, name in book.refused:
            if kind in found and found[kind][name]:
                findings.corrupt.append(f"{kind} {name} was refused, and is there")
        findings.lost += [f"the mail of the invite to {email}" for email, in connection.execute(
            """select email from invites
               where not exists (select 1 from mails where invite_id = invites.id)
                 and not exists (select 1 from jobs where json_extract(payload, '$.job') = 'invite_mail'
                                 and json_extract(payload, '$.id') = invites.id)""")]
        findings.corrupt += whole(connection)
    finally:
        connection.close()
    findings.corrupt += book.lies
    book.lies = []
    return findings


def whole(connection):
    """What is wrong with a database by its own rules, and by those of its ledger."""
    wrong = [line for line, in connection.execute("pragma integrity_check") if line != "ok"]
    wrong += [f"a row of {table} points nowhere" for table, *_ in connection.execute("pragma foreign_key_check")]
    wrong += [f"ledger: {name} has {credits}, its ledger sums to {total} and ends at {last}" for name, credits, total, last in connection.execute(
        """select name, credits, total, last from (
               select organizations.name, credits, (select sum(amount) from ledger where organization_id = organizations.id) as total,
                   (select balance from ledger where organization_id = organizations.id order by id desc limit 1) as last
               from organizations)
           where total != credits or last != credits""")]
    wrong += [f"{name} counts {counted} pending invites and has {there}" for name, counted, there in connection.execute(
        """select name, counted, there from (
               select name, pending_invites as counted,
                   (select count(*) from invites where organization_id = organizations.id and state = 'pending') as there
               from organizations)
           where counted != there""")]
    return wrong


def audit(directory):
    """What is wrong with the audit log, whose rows hold digests of each other."""
    try:
        command(directory.data, "audit", "verify")
    except RuntimeError as broken:
        return [str(broken)]
    return []


class Crowd:
    """Programs that ask for one thing after the other, each on a thread of its own, until they are told to stop or nobody answers."""

    def __init__(self, book, server, programs=8, name="", grants=False, hand_in=(), persistent=False):
        self.book, self.server, self.name, self.persistent = book, server, name, persistent
        self.stopping = threading.Event()
        self.asked = 0
        self.threads = [threading.Thread(target=self.program, args=(number,)) for number in range(programs)]
        if grants:
            self.threads.append(threading.Thread(target=self.operator))
        if hand_in:
            self.threads.append(threading.Thread(target=self.people, args=(list(hand_in),)))
        for thread in self.threads:
            thread.start()

    def program(self, number):
        client = self.server.client()
        turn = 0
        while not self.stopping.is_set():
            turn += 1
            name = f"{self.name}-{number}-{turn}"
            try:
                if turn % 4:
                    self.book.ask(client, ("invite", f"p{name}@acme.test"), "/invites", {"email": f"p{name}@acme.test"})
                else:
                    self.book.ask(client, ("team", f"Team {name}"), "/teams", {"name": f"Team {name}"})
                self.asked += 1
            except GONE:
                if not self.persistent:
                    return

    def operator(self):
        turn = 0
        while not self.stopping.is_set():
            turn += 1
            reason = f"gift {self.name}-{turn}"
            try:
                command(self.server.directory.data, "credits", "grant", "--org", "Acme", "2", "--reason", reason)
                self.book.note(("grant", reason), 200, {})
            except RuntimeError as refused:
                self.book.note(("grant", reason), 500, str(refused))
            if not self.server.alive:
                return

    def people(self, people):
        for model, person in people:
            if self.stopping.is_set():
                return
            person.address = self.server.address
            try:
                status, _, text = person.hand_in()
                self.book.note(("submission", model), status, text)
            except GONE:
                # Whether it was taken is seen on the disk; they press the button again in the next round.
                return

    def stop(self):
        self.stopping.set()
        return self.join()

    def join(self, patience=None):
        for thread in self.threads:
            thread.join(patience)
        return self.asked


def gathered(server, how_many):
    """People with everything up to the review behind them: their models, and their browsers."""
    people = []
    client = server.client()
    for number in range(how_many):
        status, said = client.call("POST", "/models", {"email": f"guest{number}@lumen.test"})
        if status != 200:
            raise RuntimeError(f"a model: {said}")
        people.append((said["modelId"], server.person().enter(said["signedUrl"]).gather()))
    return people


def states(directory):
    """How many jobs are in which state."""
    return dict(rows(directory, "select state, count(*) from jobs group by state"))


def parked(directory):
    return [f"{payload}: {why}" for payload, why in rows(directory, "select payload, last_error from jobs where state = 'parked'")]


def shown(findings):
    return json.dumps(findings.__dict__, indent=1)
