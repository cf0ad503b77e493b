"""Standard output that outlives its reader: `claim-audit rules | head` is no failure."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast


class Outlet:
    """A text stream that lets what nobody reads any more go to waste."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text, to nowhere once the reader has gone."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._waste()
            return len(text)

    def flush(self) -> None:
        """Pass on what was written."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._waste()

    def _waste(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


@contextmanager
def unbreakable_stdout() -> Iterator[None]:
    """Within, stdout neither breaks with its reader nor on a character it cannot write."""
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        stdout.reconfigure(errors="replace")
    sys.stdout = cast(TextIO, Outlet(stdout))
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout = stdout
