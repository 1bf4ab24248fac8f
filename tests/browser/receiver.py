"""A receiver made of the documentation's function: answers 200 to what it believes, 400 to anything else.
What it believes, the Standard Webhooks library has to believe as well. The secret is in a file, so it can be changed."""

import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks.webhooks import Webhook

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "assets", "snippets"))
from verify import verify


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open(sys.argv[1]) as file:
            secret = file.read()
        try:
            words = verify(self.headers, body, secret)["event"]
            Webhook(secret).verify(body.decode(), {name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
            self.send_response(400)
        self.end_headers()
        self.wfile.write(words.encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
