"""How a command ends: its exit code, and one line on stderr where it failed."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from typer.core import TyperGroup
from typer.exceptions import TyperException

from claim_audit import errors
from claim_audit.cli.outlet import unbreakable_output

EXIT_CODES = (
    "Exit codes: 0 nothing found at or above --fail-on; 1 exceptions at or above it; "
    "2 the audit could not be done; 3 a fault of claim-audit itself."
)
INTERRUPTED = 130
TRACEBACK = "CLAIM_AUDIT_TRACEBACK"

PACKAGE = Path(errors.__file__).parent


class Program(TyperGroup):
    """The commands, run so that each ends with one of the exit codes and no traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Parse the arguments and run a command; in standalone mode leave with its exit code."""

        def command() -> Any:
            return TyperGroup.main(
                self,
                args,
                prog_name or "claim-audit",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )

        with unbreakable_output(), _cleaning_up_when_stopped():
            code = exit_code(command)
        if standalone_mode:
            sys.exit(code)
        return code


def exit_code(command: Callable[[], Any]) -> int:
    """Run a command; what it raises becomes a line on stderr and an exit code."""
    try:
        code = int(command() or 0)
        sys.stdout.flush()
    except SystemExit:
        raise
    except errors.ClaimAuditError as error:
        return _complain(error)
    except TyperException as error:
        return _complain_of_usage(error)
    except BaseException as error:
        return _complain(errors.unexpected(_kind(error), _place(error)))
    if code == INTERRUPTED:
        say("interrupted")
    return code


def say(text: str) -> None:
    """One line on stderr, whatever line ends or control characters the text has."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in _one_line(text))
    with suppress(OSError):
        print(f"claim-audit: {line}", file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _complain(error: errors.ClaimAuditError) -> int:
    say(str(error))
    if isinstance(error, errors.InternalError) and os.environ.get(TRACEBACK):
        traceback.print_exc()
    return error.exit_code


def _complain_of_usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    help_was_printed = type(error).__name__ == "NoArgsIsHelpError"
    if not help_was_printed:
        command = context.command_path if context else "claim-audit"
        why = error.format_message().replace("Value error, ", "").rstrip(".")
        _complain(errors.usage(command, why))
    return 2


def _kind(error: BaseException) -> str:
    """The type of an exception, and of one of the operating system its harmless text."""
    name = type(error).__name__
    return f"{name} ({error.strerror})" if isinstance(error, OSError) and error.strerror else name


def _place(error: BaseException) -> str:
    """Where in this program an exception came from, else where in another."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if PACKAGE in Path(frame.filename).parents]
    last = (own or frames)[-1]
    file = Path(last.filename)
    name = file.relative_to(PACKAGE) if own else Path(file.name)
    return f"{name.as_posix()}, line {last.lineno}"


@contextmanager
def _cleaning_up_when_stopped() -> Iterator[None]:
    """Unwind when the process is told to stop, so that no working copy of claims is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    heeded = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)
