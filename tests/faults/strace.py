"""strace, which kills a process at a system call of our choice, or has its system calls fail for a while."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

WRITES, SYNCS = ("pwrite64",), ("fdatasync", "fsync")


def missing():
    return None if shutil.which("strace") else "strace is not installed"


def killing(calls, nth):
    """What a server is run under to be killed at the beginning of the nth of these calls of one thread."""
    # As a grandchild (-D), so that the process that was started is the server.
    return ["strace", "-D", "-f", "-qqq", "-o", "/dev/null", "-e", f"trace={','.join(calls)}",
            "-e", f"inject={','.join(calls)}:signal=KILL:when={nth}"]


class Failing:
    """While in its `with`, these calls of a process fail, or some of them (`when`, as in strace's manual)."""

    def __init__(self, pid, calls, error, when="1+"):
        self.args = ["strace", "-f", "-qqq", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={','.join(calls)}",
                     "-e", f"inject={','.join(calls)}:error={error}:when={when}"]
        self.pid = pid

    def __enter__(self):
        self.strace = subprocess.Popen(self.args)
        while set(tracers(self.pid)) != {self.strace.pid}:
            if self.strace.poll() is not None:
                raise RuntimeError("strace could not attach")
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.strace.send_signal(signal.SIGINT)
        self.strace.wait(20)


def tracers(pid):
    """Who traces each thread of a process."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            lines = (thread / "status").read_text().splitlines()
        except FileNotFoundError:
            # It ended meanwhile.
            continue
        yield next(int(line.split()[1]) for line in lines if line.startswith("TracerPid"))
