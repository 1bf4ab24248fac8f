"""A disk that is really full: a small one, filled to the last byte while programs and people go on."""

import json
import os
import subprocess
import tempfile
import time

from book import Book, Crowd, audit, gathered, hold, honest, parked
from catchers import Hooks
from disk_errors import works
from server import Directory, Server, until

NAME = "A full disk, and room again"

# More than the server wants free before it says that it is ready.
SIZE = "260m"

# Bytes that are left free when the disk is filled.
LEFT = [0, 20_000, 300_000]

SECONDS = 2.0


class Disk:
    """A disk of its own in memory; gone with its `with`."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="headroom-disk-")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "headroom-faults", self.path], check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        # Lazily: children that read pictures may still be on their way out.
        subprocess.run(["umount", "--lazy", self.path], check=True)
        os.rmdir(self.path)

    @property
    def ballast(self):
        return os.path.join(self.path, "ballast")

    def fill(self, left):
        """All but so many bytes. Others write at the same time, so it is tried what still fits."""
        piece = bytes(1 << 20)
        with open(self.ballast, "wb", buffering=0) as file:
            while len(piece) >= 4096:
                try:
                    file.write(piece)
                except OSError:
                    piece = piece[:len(piece) // 2]
            file.truncate(max(file.tell() - left, 0))

    def free(self):
        os.remove(self.ballast)


def missing():
    if os.geteuid() != 0:
        return "only root can make a small disk"
    try:
        with Disk():
            return None
    except (subprocess.CalledProcessError, FileNotFoundError):
        return "no disk can be mounted here"


def run(row):
    refused, longest = {"writes": 0, "uploads": 0}, 0.0
    with Disk() as disk, Hooks() as hooks, Directory(webhook=hooks.url, where=disk.path) as directory:
        settings = {"HEADROOM_DEV_SHOOT": "1h"}
        book, server = Book(), Server(directory, settings)
        people = gathered(server, 2 * len(LEFT))
        for number, left in enumerate(LEFT):
            with server:
                row.expect(server.ready() == (200, []), "not ready although there is room")
                crowd = Crowd(book, server, name=f"{number}", hand_in=people[number:number + 1], persistent=True)
                uploader = server.person()
                uploader.cookies = people[len(LEFT) + number][1].cookies
                disk.fill(left)
                end, uploads = time.monotonic() + SECONDS, []
                while time.monotonic() < end:
                    status, failing = server.ready()
                    row.expect(status == 503 and "disk" in failing, f"/readyz said {status} {failing} although the disk is full")
                    row.expect(server.client().call("GET", "/livez")[0] == 200, "not alive")
                    uploads.append(uploader.upload(len(uploads) + 100 * number))
                for status, _, text in uploads:
                    row.expect(status == 200 or (status == 503 and honest(json.loads(text))), f"an upload: {status} {text[:200]}")
                    refused["uploads"] += status == 503
                disk.free()
                begun = time.monotonic()
                until(lambda: server.ready() == (200, []), "room again", 15)
                until(lambda: works(server, f"after{number}"), "a write with room again", 10)
                longest = max(longest, time.monotonic() - begun)
                status, _, text = uploader.upload(99 + 100 * number)
                row.expect(status == 200, f"an upload with room again: {status} {text[:200]}")
                crowd.stop()
                row.findings.add(hold(book, directory))
                server.kill()
                server = Server(directory, settings)
                row.findings.add(hold(book, directory))
                row.tries += 1
        with server:
            server.stop()
        row.findings.corrupt += audit(directory) + parked(directory)
        refused["writes"] = len(book.refused)
        for what, count in refused.items():
            row.expect(count, f"a full disk refused no {what}")
        row.acknowledged = len(book.kept)
        row.note = [f"{refused['writes']} writes and {refused['uploads']} uploads refused with 503", f"went on {longest:.1f} s after there was room"]

