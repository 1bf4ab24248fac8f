"""Those at the other end: a mail server and a receiver of webhooks, which take, refuse to go on, or take and say nothing."""

import re
import socketserver
import threading
from collections import defaultdict
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Catcher:
    """What has arrived, by the id that says whether two are the same, and how the catcher treats what comes."""

    # Takes and says so; says nothing from the beginning on; takes, and doesn't say so.
    PROMPT, SILENT, TAKES_AND_HANGS = "prompt", "silent", "takes and hangs"

    def __init__(self):
        self.mode = self.PROMPT
        self.caught = defaultdict(int)
        self.of = {}
        self.moved = threading.Condition()
        # How many have been kept waiting so far.
        self.hung = 0

    def take(self, ident, about):
        with self.moved:
            self.caught[ident] += 1
            self.of[ident] = about
            self.moved.notify_all()

    def hang(self):
        """Until the catcher is prompt again; whoever was kept waiting is hung up on."""
        with self.moved:
            self.hung += 1
            self.moved.notify_all()
            self.moved.wait_for(lambda: self.mode == self.PROMPT)

    def be(self, mode):
        with self.moved:
            self.mode = mode
            self.moved.notify_all()

    def wait_for(self, look, patience=30):
        with self.moved:
            return self.moved.wait_for(look, patience)

    def total(self):
        with self.moved:
            return sum(self.caught.values())

    def different(self):
        with self.moved:
            return len(self.caught)

    def serve(self, server):
        server.daemon_threads = True
        self.server, self.port = server, server.server_address[1]
        # A hundred connections may come at once.
        server.socket.listen(512)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.be(self.PROMPT)
        self.server.shutdown()
        self.server.server_close()


class Mails(Catcher):
    """A mail server. `of` says whom each Message-ID was for; `texts` keeps the newest words to each address."""

    def __init__(self):
        super().__init__()
        self.texts = {}
        catcher = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    self.talk()
                except OSError:
                    # The server was killed in the middle: what the suite is for.
                    pass

            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def talk(self):
                if catcher.mode == catcher.SILENT:
                    return catcher.hang()
                self.say("220 catcher")
                to = None
                while line := self.rfile.readline():
                    verb = line[:4].upper()
                    if verb == b"RCPT":
                        to = re.search(rb"<([^>]*)>", line).group(1).decode()
                    if verb == b"DATA":
                        self.say("354 go on")
                        if not self.data(to):
                            return catcher.hang()
                        continue
                    self.say("250 ok" if verb != b"QUIT" else "221 bye")
                    if verb == b"QUIT":
                        return

            def data(self, to):
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    if not line:
                        return False
                    lines.append(line[1:] if line.startswith(b"..") else line)
                mail = message_from_bytes(b"".join(lines), policy=policy.default)
                catcher.texts[to] = mail.get_body(("plain",)).get_content()
                catcher.take(mail["Message-ID"], to)
                if catcher.mode == catcher.TAKES_AND_HANGS:
                    return False
                self.say("250 taken")
                return True

        class Threads(socketserver.ThreadingTCPServer):
            allow_reuse_address = True

        self.serve(Threads(("127.0.0.1", 0), Handler))

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"


class Hooks(Catcher):
    """A receiver of webhooks. `of` says what each webhook-id told."""

    def __init__(self):
        super().__init__()
        catcher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                try:
                    body = self.rfile.read(int(self.headers["content-length"]))
                    if catcher.mode == catcher.SILENT:
                        return catcher.hang()
                    catcher.take(self.headers["webhook-id"], body)
                    if catcher.mode == catcher.TAKES_AND_HANGS:
                        return catcher.hang()
                    self.send_response(204)
                    self.end_headers()
                except OSError:
                    # The server was killed in the middle: what the suite is for.
                    pass

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass

        self.serve(ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hooks"
