"""The memory of the machine, and what of it this process takes."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

PROCESS: Final = Path("/proc/self")
CGROUPS: Final = Path("/sys/fs/cgroup")


def memory_budget(given: int | None) -> int:
    """Bytes that a run may use: what the settings say, else half of `memory`."""
    return given or memory() // 2


def memory() -> int:
    """Bytes of memory that this process can have: the machine's, or what a control group grants."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(machine, *_grants())


def _grants() -> Iterator[int]:
    """Limits (bytes) of the control groups, versions 1 and 2, that the process is in, and of those
    around them. No limit is `max`, or more than any machine has."""
    yield sys.maxsize
    for line in _text(PROCESS / "cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            mount, name = CGROUPS, "memory.max"
        elif "memory" in controllers.split(","):
            mount, name = CGROUPS / "memory", "memory.limit_in_bytes"
        else:
            continue
        own = PurePosixPath(group)
        for path in (own, *own.parents):
            limit = _text(mount / path.relative_to("/") / name).strip()
            if limit.isdecimal():
                yield int(limit)


def peak_memory() -> int:
    """The most resident memory (bytes) of this process, since it began or `restart_peak_memory`."""
    for line in _text(PROCESS / "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def restart_peak_memory() -> None:
    """Let `peak_memory` begin anew, on Linux; elsewhere, or where it is not allowed, nothing.

    What others ask of this process's peak (`getrusage`, `time -v`) begins anew too.
    """
    with suppress(OSError):
        (PROCESS / "clear_refs").write_text("5")


def _text(file: Path) -> str:
    """What a file of the kernel says; nothing where there is none."""
    with suppress(OSError):
        return file.read_text()
    return ""
