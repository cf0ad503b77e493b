"""A Python in which claim-audit is installed as its users install it.

What tests and rivals need is not there: pandera imports whatever of that it finds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^[a-z0-9._-]+==[^\s\\]+", re.MULTILINE | re.IGNORECASE)

ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once, as in any installed program."""

_FOLDER = tempfile.TemporaryDirectory(prefix="claim-audit-user-")


@cache
def python() -> str:
    """The interpreter, installed when it is first asked for; gone with this process."""
    folder = Path(_FOLDER.name)
    pins = folder / "pins.txt"
    pins.write_text("\n".join(PIN.findall((ROOT / "constraints.txt").read_text())))
    venv.create(folder / "env", with_pip=True)
    wheels = folder / "wheels"
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT)
    (wheel,) = wheels.glob("*.whl")
    interpreter = folder / "env" / "bin" / "python"
    pip = (interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--constraint", pins, wheel)
    return str(interpreter)


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
