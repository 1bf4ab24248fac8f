#!/usr/bin/env python3
"""A complete generator for Headroom in Python's standard library: the smallest server that speaks its protocol, version 1.

It makes no headshots: it gives back the photos it was sent, one before each backdrop in name only. Put your own work into
`make`. Start it with:  python3 server.py --port 9000 --secret s3cret
and Headroom with:      HEADROOM_GENERATOR=http HEADROOM_GENERATOR_URL=http://127.0.0.1:9000 HEADROOM_GENERATOR_SECRET=s3cret
"""
import argparse
import hmac
import json
import re
import threading
import time
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST = 200 * 1024 * 1024  # bytes of a submission: ten photos and four backdrops take far less

lock = threading.Lock()
shoots = {}  # handle -> what is known of a shoot
turn = threading.Semaphore(1)  # one shoot at a time, as on one graphics card


def make(order, files, report):
    """Your work: the headshots of a shoot, as a list of (backdrop, JPEG, PNG or WebP). Call `report` with stage and percent."""
    made = []
    for index in range(order["count"]):
        backdrop = order["backdrops"][index % len(order["backdrops"])]  # backdrop.get("file") names its picture in `files`
        photo = order["photos"][index % len(order["photos"])]
        made.append((backdrop["name"], files[photo]))
        report("generating", 100 * (index + 1) / order["count"])
    return made


def work(shoot):
    with turn:
        def report(stage, percent):
            shoot.update(state="running", stage=stage, percent=min(percent, 99))
        report("training", 0)
        try:
            shoot["pictures"] = make(shoot["order"], shoot["files"], report)
            shoot["state"] = "done"
        except ValueError as refusal:  # these photos will never do: say why, for the person in them
            shoot.update(state="failed", kind="rejected", message=str(refusal))
        except Exception as error:  # anything else may work when it is tried again
            shoot.update(state="failed", kind="unavailable", message=str(error))
        shoot["files"] = None  # what is not needed any more is not kept


def told(handle, shoot):
    state = shoot["state"]
    if state == "queued":
        before = sum(1 for other in shoots.values() if other["state"] in ("queued", "running") and other["since"] < shoot["since"])
        return {"state": state, "position": before, "pollAfter": 2}
    if state == "running":
        return {"state": state, "stage": shoot["stage"], "percent": shoot["percent"], "pollAfter": 1}
    if state == "failed":
        return {"state": state, "kind": shoot["kind"], "message": shoot["message"]}
    images = [{"backdrop": backdrop, "url": f"v1/shoots/{handle}/{index}"} for index, (backdrop, _) in enumerate(shoot["pictures"])]
    return {"state": state, "images": images}


def parts(headers, body):
    """The parts of a form by name."""
    head = f"Content-Type: {headers['Content-Type']}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in message.iter_parts()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, status, body=None, kind="application/json"):
        body = json.dumps(body).encode() if kind == "application/json" else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_known(self):
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {self.server.secret}".encode()):
            return True
        self.close_connection = True
        self.say(401, {"error": {"kind": "unavailable", "message": "The secret is wrong."}})
        return False

    def do_POST(self):
        if not self.is_known():
            return
        length = int(self.headers.get("Content-Length", 0))
        if self.path != "/v1/shoots" or length > LARGEST:
            self.close_connection = True
            return self.say(413 if length > LARGEST else 404, {"error": {"kind": "unavailable", "message": "Not here."}})
        files = parts(self.headers, self.rfile.read(length))
        try:
            order = json.loads(files.pop("request"))
            # The shoot's id is the idempotency key: submitted twice it is made once, unless it failed.
            handle = order["id"]
        except (KeyError, TypeError, ValueError):
            return self.say(400, {"error": {"kind": "unavailable", "message": "There is no request with an id."}})
        with lock:
            known = shoots.get(handle)
            if known is None or known["state"] == "failed":
                shoot = {"state": "queued", "since": time.monotonic(), "order": order, "files": files}
                shoots[handle] = shoot
                threading.Thread(target=work, args=(shoot,), daemon=True).start()
        self.say(202, {"handle": handle})

    def do_GET(self):
        if not self.is_known():
            return
        if self.path == "/v1/health":
            return self.say(200, {"ok": True})
        found = re.fullmatch(r"/v1/shoots/([0-9a-f]+)(?:/(\d+))?", self.path)
        with lock:
            shoot = shoots.get(found[1]) if found else None
            answer = told(found[1], shoot) if shoot else None
        if shoot is None:
            return self.say(404, {"error": {"kind": "lost", "message": "There is no such shoot."}})
        if found[2] is None:
            return self.say(200, answer)
        pictures = shoot.get("pictures", [])
        if int(found[2]) >= len(pictures):
            return self.say(404, {"error": {"kind": "lost", "message": "There is no such picture."}})
        self.say(200, pictures[int(found[2])][1], "application/octet-stream")

    def do_DELETE(self):
        if not self.is_known():
            return
        with lock:
            shoots.pop(self.path.removeprefix("/v1/shoots/"), None)
        self.say(200, {})

    def log_message(self, *_):
        pass  # addresses hold ids of people's shoots


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--port", type=int, default=9000)
    flags.add_argument("--secret", required=True)
    given = flags.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.secret = given.secret
    print(f"The example generator listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
