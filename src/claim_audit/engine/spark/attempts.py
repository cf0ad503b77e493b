"""Which tasks were begun and not ended: a note in the work folder for each try.

Spark tells that a task failed again and again, and not what it was working on; a process that was
killed tells nothing at all. The notes do: each names its task and process, and what broke where
that is known, without the text of an exception, which may hold a cell.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from claim_audit import errors
from claim_audit.engine.compile import BREAKS, described

FOLDER = "attempts"


class TaskBrokeError(Exception):
    """A task ended with an exception; says which one, and where, and nothing that it said."""


@dataclass(frozen=True)
class Failing:
    """A task that was begun and not ended: how often, and what broke it where that is known."""

    task: str
    tries: int
    broken: str


@contextmanager
def noted(work: Path, task: str) -> Iterator[None]:
    """Note a try of a task while it lasts.

    Raises:
        TaskBrokeError: in place of any exception but a `ClaimAuditError`.
    """
    if not (work / FOLDER).is_dir():
        raise errors.work_not_shared(work)
    note = work / FOLDER / f"{uuid.uuid4().hex}.json"
    said = {"task": task, "host": socket.gethostname(), "pid": os.getpid(), "broken": ""}
    note.write_text(json.dumps(said))
    try:
        yield
    except errors.ClaimAuditError:
        note.unlink()
        raise
    except BREAKS as error:
        broken = described(error)
        note.write_text(json.dumps({**said, "broken": broken}))
        raise TaskBrokeError(f"{task}: {broken}") from None
    note.unlink()


def failing(work: Path) -> Failing | None:
    """The task that was tried most often and never ended."""
    notes = [json.loads(path.read_text()) for path in sorted((work / FOLDER).glob("*.json"))]
    if not notes:
        return None
    tries = Counter(note["task"] for note in notes)
    task = max(sorted(tries), key=lambda name: tries[name])
    broken = sorted({note["broken"] for note in notes if note["task"] == task} - {""})
    return Failing(task, tries[task], "; ".join(broken))
