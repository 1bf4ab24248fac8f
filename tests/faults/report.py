"""What a case found, and the table of it."""

import os
import re
import sys
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field

from book import Findings
from server import ROOT, RUNNING

PAGE = ROOT / "docs" / "reliability.md"
COLUMNS = "case | tries | acknowledged | lost | duplicated | corrupt"


@dataclass
class Row:
    """One line of the table. `note` says what else was measured; it is told and not kept, because it differs from run to run."""

    case: str
    tries: int = 0
    acknowledged: int = 0
    findings: Findings = field(default_factory=Findings)
    note: list = field(default_factory=list)
    skipped: str = ""

    def expect(self, true, otherwise):
        """Whatever else is promised and not kept counts as corrupt."""
        if not true and otherwise not in self.findings.corrupt:
            self.findings.corrupt.append(otherwise)

    @property
    def bad(self):
        return bool(self.findings)

    def cells(self):
        if self.skipped:
            return [self.case, f"skipped: {self.skipped}", "", "", "", ""]
        found = self.findings
        return [self.case, *(str(one) for one in (
            self.tries, self.acknowledged, len(found.lost), len(found.duplicated), len(found.corrupt)))]


def tell(row, seconds):
    """Says at once how a case went."""
    print(f"{'BAD ' if row.bad else 'ok  '} {row.case}: {row.skipped or ', '.join(row.note)} ({seconds:.0f} s)", flush=True)
    for what, found in row.findings.__dict__.items():
        for one in found[:10]:
            print(f"     {what}: {str(one)[:400]}", flush=True)
        if len(found) > 10:
            print(f"     {what}: and {len(found) - 10} more", flush=True)


@contextmanager
def caught(row):
    """Whatever can't go on has found something too, and leaves no server behind."""
    try:
        yield
    except Exception as broken:  # noqa: BLE001: whatever it is, the others go on
        row.findings.corrupt.append(f"the case could not go on: {type(broken).__name__}: {broken}")
        if "KEEP" in os.environ:
            traceback.print_exc()
    finally:
        for server in list(RUNNING):
            server.kill()


def run(case):
    """Runs a case, and tells how it went."""
    begun = time.monotonic()
    row = Row(case.NAME, skipped=case.missing() or "")
    if not row.skipped:
        with caught(row):
            case.run(row)
    tell(row, time.monotonic() - begun)
    return row


def table(rows, columns=COLUMNS):
    columns = columns.split(" | ")
    lines = [columns, ["---"] + ["--:"] * (len(columns) - 1), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(name, words):
    """Puts words between the markers of this name in the page."""
    page = PAGE.read_text()
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    if begin not in page or end not in page:
        sys.exit(f"{PAGE} has no place for {name}")
    PAGE.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{words}\n{end}", page, flags=re.DOTALL))
