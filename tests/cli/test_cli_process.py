"""The program as a process: pipes, signals, colours, what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from cli_claims import CLEAN, csv, left_behind

Start = Callable[..., "subprocess.Popen[str]"]

HEAVY = {"polars", "pyarrow", "pandera", "numpy", "jinja2", "pydantic"}


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


def test_version(process: Start) -> None:
    assert finished(process("--version")) == (0, f"claim-audit {version('claim-audit')}\n", "")


def test_exit_codes_reach_the_shell(process: Start, faulty: Path) -> None:
    assert finished(process("run", faulty, "-q")) == (1, "", "")
    code, stdout, stderr = finished(process("run", "nowhere.csv"))
    assert (code, stdout) == (2, "")
    assert stderr.startswith("claim-audit: nowhere.csv: ")


@pytest.mark.parametrize(
    "args", [["rules"], ["code", "A4231"], ["--help"], ["layouts", "canonical"]], ids=" ".join
)
def test_a_closed_pipe_is_no_failure(process: Start, args: list[str]) -> None:
    started = process(*args)
    assert started.stdout is not None
    started.stdout.close()
    started.wait(timeout=120)
    assert started.stderr is not None
    assert (started.returncode, started.stderr.read()) == (0, "")


def test_a_closed_pipe_does_not_change_what_was_found(process: Start, faulty: Path) -> None:
    started = process("run", faulty)
    assert started.stdout is not None
    started.stdout.close()
    started.wait(timeout=120)
    assert started.stderr is not None
    assert (started.returncode, started.stderr.read()) == (1, "")


def test_a_closed_stderr_does_not_change_the_exit_code(process: Start) -> None:
    started = process("run", "nowhere.csv")
    assert started.stderr is not None
    started.stderr.close()
    assert started.wait(timeout=120) == 2


@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-", "2>/dev/full"])
def test_output_that_goes_nowhere_does_not_change_what_was_found(
    place: Path, faulty: Path, redirection: str
) -> None:
    command = f"{sys.executable} -m claim_audit run faulty.csv --json {redirection}"

    assert subprocess.run(command, shell=True, check=False, cwd=place).returncode == 1


def test_an_error_that_cannot_be_said_keeps_its_exit_code(place: Path) -> None:
    command = f"{sys.executable} -m claim_audit run nowhere.csv 2>/dev/full"

    assert subprocess.run(command, shell=True, check=False, cwd=place).returncode == 2


def test_a_full_disk_under_stdout_is_no_success(place: Path) -> None:
    command = f"{sys.executable} -m claim_audit layouts > /dev/full"
    done = subprocess.run(
        command, shell=True, check=False, cwd=place, capture_output=True, text=True
    )

    assert done.returncode == 3
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "kill"]
)
def test_a_stopped_run_leaves_nothing(
    process: Start, place: Path, number: signal.Signals, code: int
) -> None:
    (place / "claims.csv").write_text(csv(*[CLEAN] * 200_000))
    before = left_behind(place)
    temporary = Path(str(tempfile.tempdir))
    started = process("run", "claims.csv", "--run-id", "r")
    deadline = time.monotonic() + 60
    while not list(temporary.glob("*/*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    started.send_signal(number)

    assert finished(started)[0] == code
    assert left_behind(place) == before


def test_text_that_stdout_cannot_write_is_no_failure(process: Start) -> None:
    code, stdout, stderr = finished(process("rule", "UN-05", PYTHONIOENCODING="ascii"))

    assert (code, stderr) == (0, "")
    assert "Billed units ? 50 insulin units" in stdout


def on_a_terminal(place: Path, *args: str, **environment: str) -> str:
    """What a run writes where stdout and stderr are a terminal."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "claim_audit", *args],
        cwd=place,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
        stdout=slave,
        stderr=slave,
        stdin=slave,
    )
    os.close(slave)
    written = b""
    while True:
        try:
            block = os.read(master, 65536)
        except OSError:
            break
        if not block:
            break
        written += block
    os.close(master)
    process.wait(timeout=120)
    return written.decode()


def test_progress_is_shown_on_a_terminal_only(process: Start, claims: Path, place: Path) -> None:
    assert "judging the lines" in on_a_terminal(place, "run", "claims.csv")
    assert "judging" not in on_a_terminal(place, "run", "claims.csv", "--quiet")
    assert "judging" not in "".join(map(str, finished(process("run", claims))))


def test_verbose_is_told_above_the_progress(claims: Path, place: Path) -> None:
    shown = on_a_terminal(place, "run", "claims.csv", "--verbose")
    assert "claim-audit: lines: " in shown
    assert "judging the lines" in shown


@pytest.mark.parametrize(
    ("args", "environment"),
    [(("--threads", "3"), {}), ((), {"CLAIM_AUDIT_THREADS": "3"})],
    ids=["option", "environment"],
)
def test_threads_are_settled_before_polars_is_imported(
    process: Start, claims: Path, place: Path, args: tuple[str, ...], environment: dict[str, str]
) -> None:
    started = process(
        "run", claims, "-q", "--run-id", "r", *args, POLARS_MAX_THREADS="1", **environment
    )
    assert finished(started) == (0, "", "")
    manifest = json.loads((place / "reports" / "r" / "manifest.json").read_text())
    assert manifest["cost"]["threads"] == manifest["settings"]["threads"] == 3


def test_colours_are_shown_on_a_terminal_and_go_with_no_color(place: Path) -> None:
    assert "\x1b[1" in on_a_terminal(place, "rules", "--category", "units")
    assert "\x1b[3" not in on_a_terminal(place, "code", "A4231", NO_COLOR="1")


def heavy_imports(place: Path, *args: str) -> set[str]:
    """Which of the modules that take long to import a command imports."""
    code = (
        "import sys\n"
        "from claim_audit.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, cwd=place
    )
    return HEAVY.intersection(done.stderr.split())


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_nothing_heavy(place: Path, args: list[str]) -> None:
    assert heavy_imports(place, *args) == set()


def test_the_list_of_rules_imports_nothing_that_only_an_audit_needs(place: Path) -> None:
    assert heavy_imports(place, "rules") <= {"polars"}


def test_completion_of_the_shell_knows_the_commands(process: Start) -> None:
    code, stdout, _ = finished(
        process(
            _CLAIM_AUDIT_COMPLETE="complete_bash",
            COMP_WORDS="claim-audit ru",
            COMP_CWORD="1",
            _TYPER_COMPLETE_ARGS="claim-audit ru",
        )
    )
    assert code == 0
    assert set(stdout.split()) == {"run", "rules", "rule"}
