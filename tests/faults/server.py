"""The real server as a process, and those who speak to it: the command line, programs at the API, and people in a browser."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TESTED_BINARY", str(ROOT / "target" / "debug" / "headroom"))
PORTRAIT = (ROOT / "tests" / "pictures" / "astronaut.jpg").read_bytes()

# Those that were started and have not ended: nothing is left behind, also by a case that could not go on.
RUNNING = set()

# What a connection says when the other side is gone.
GONE = (OSError, http.client.HTTPException)

SETTINGS = {
    "HEADROOM_RATE_LIMIT": "0",
    "HEADROOM_GENERATOR": "sample",
    "HEADROOM_DEV_SHOOT": "1s",
    "HEADROOM_PHOTO_CHECKS": "off",
    "HEADROOM_STUDIO_PRIORITY": "normal",
    "HEADROOM_WEBHOOK_ALLOW": "127.0.0.0/8",
    "HEADROOM_WEBHOOK_SCHEDULE": "0s" + ",1s" * 12,
    "HEADROOM_LOG": "warn",
    "RUST_BACKTRACE": "1",
}


def command(data, *args):
    """Runs a command beside the server, and returns what it says as JSON. Raises what it said if it was refused."""
    done = subprocess.run(
        [BINARY, "--data", str(data), "--json", *args],
        cwd=data.parent, env={"PATH": os.environ["PATH"], **SETTINGS}, capture_output=True, text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"headroom {' '.join(args)}: {done.stderr.strip() or done.returncode}")
    return json.loads(done.stdout)


class Directory:
    """A data directory with an organization that has an owner, credits and a key; gone with its `with`."""

    def __init__(self, credits=100_000, webhook=None, where=None):
        self.home = Path(tempfile.mkdtemp(prefix="headroom-faults-", dir=where))
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        command(self.data, "org", "create", "--name", "Acme", "--owner", "ada@acme.test", "--credits", str(credits), "--whitelabel")
        if webhook:
            command(self.data, "webhook", "set", "--org", "Acme", webhook)
        self.key = command(self.data, "key", "create", "--org", "Acme")["apiKey"]

    @property
    def database(self):
        return self.data / "headroom.db"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None or "KEEP" not in os.environ:
            shutil.rmtree(self.home, ignore_errors=True)


class Server:
    """A server on a data directory. `under` is what it is run by, such as strace; it is killed with its `with`."""

    def __init__(self, directory, settings=None, under=(), environment=None, patience=60):
        self.directory = directory
        self.log = open(directory.log, "ab")
        self.process = subprocess.Popen(
            [*under, BINARY, "--data", str(directory.data), "serve", "--listen", "127.0.0.1:0", "--json"],
            cwd=directory.home, stdout=subprocess.PIPE, stderr=self.log,
            env={"PATH": os.environ["PATH"], **SETTINGS, **(settings or {}), **(environment or {})},
        )
        self.pid = self.process.pid
        RUNNING.add(self)
        self.url = None
        # A server that hangs before it is ready must not hang the suite.
        watchdog = threading.Timer(patience, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        if line:
            self.url = json.loads(line)["url"]
            self.address = urllib.parse.urlsplit(self.url).netloc

    @property
    def alive(self):
        return self.url is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL: nothing in the process gets a last word."""
        self._end(signal.SIGKILL)

    def stop(self, patience=20):
        """SIGTERM, and how many seconds it took."""
        begun = time.monotonic()
        self._end(signal.SIGTERM, patience)
        return time.monotonic() - begun

    def _end(self, how, patience=20):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(patience)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
            self.log.close()
            RUNNING.discard(self)

    def client(self):
        return Client(self.address, self.directory.key)

    def person(self):
        return Person(self.address)

    def ready(self):
        """What `/readyz` says: its status, and what fails."""
        status, said = self.client().call("GET", "/readyz")
        return status, said.get("failing", [])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.log.closed:
            self.kill()


class Client:
    """A program at the API, on a connection that is kept."""

    def __init__(self, address, key):
        self.address, self.key, self.connection, self.used = address, key, None, 0.0

    def call(self, method, path, body=None, repeatable=None):
        """The status and the JSON of an answer. Raises one of `GONE` if there is none."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if repeatable:
            headers["Idempotency-Key"] = repeatable
        if path.startswith("/") and not path.startswith(("/api", "/readyz", "/livez")):
            path = "/api/v2/organization" + path
        # The server closes what is idle for some seconds, perhaps just as it is used again.
        if self.connection and time.monotonic() - self.used > 2:
            self.connection.close()
            self.connection = None
        self.used = time.monotonic()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except GONE:
            self.connection.close()
            self.connection = None
            raise


class Person:
    """Somebody in a browser of their own: keeps cookies, sends forms, follows nothing by itself."""

    def __init__(self, address):
        self.address, self.cookies = address, {}

    def go(self, method, path, body=None, kind=None, accept="text/html"):
        """The status, where it leads to, and the text of an answer."""
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Accept": accept, "Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if kind:
            headers["Content-Type"] = kind
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("set-cookie") or []:
                name, _, value = line.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers.get("location"), answer.read().decode(errors="replace")
        finally:
            connection.close()

    def submit(self, path, *fields):
        return self.go("POST", path, urllib.parse.urlencode(fields), "application/x-www-form-urlencoded")

    def must(self, expected, answer, what):
        if answer[0] != expected:
            raise RuntimeError(f"{what}: {answer[0]} instead of {expected}: {words(answer[2])}")
        return answer

    def enter(self, url):
        """By a signed URL."""
        parts = urllib.parse.urlsplit(url)
        self.must(303, self.go("GET", f"{parts.path}?{parts.query}"), "a signed URL")
        return self

    def follow(self, link):
        """By the link of a mail: opens it and presses its button."""
        path = urllib.parse.urlsplit(link).path
        page = self.must(200, self.go("GET", path), "a sign-in link")[2]
        nonce = value_of(page, "nonce")
        return self.must(303, self.submit("/auth/link", ("token", path.rsplit("/", 1)[1]), ("nonce", nonce)), "its button")

    def upload(self, number=0):
        """A portrait as the page's script sends it. What follows the end of a JPEG is of no account, so each is a file of its own."""
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="me.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        body = head.encode() + PORTRAIT + number.to_bytes(4) + f"\r\n--{boundary}--\r\n".encode()
        return self.go("POST", "/team-member/photos", body, f"multipart/form-data; boundary={boundary}", "application/json")

    def gather(self, photos=1):
        """Everything up to the review."""
        self.must(303, self.submit("/team-member/onboarding/you", ("name", "Kim Lee"), ("gender", "person")), "the first form")
        for number in range(photos):
            self.must(200, self.upload(number), "an upload")
        self.must(303, self.submit("/team-member/onboarding/style", ("backdrop", "navy")), "the backdrops")
        review = self.must(200, self.go("GET", REVIEW), "the review")[2]
        self.words = value_of(review, "words")
        return self

    def hand_in(self):
        """Submits what was gathered, with the words the review showed."""
        fields = [("consent", "yes")] + ([("words", self.words)] if self.words else [])
        return self.submit(REVIEW, *fields)


REVIEW = "/team-member/onboarding/review"


def value_of(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found and found.group(1)


def words(page):
    """What a page says, short enough for a line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).strip()[:300]


def until(look, what, patience=30):
    """Waits until `look` returns something true."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise RuntimeError(f"waited {patience} s in vain for {what}")
        time.sleep(0.05)
