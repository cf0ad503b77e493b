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


def resident_memory() -> int:
    """The memory (bytes) that this process holds now; where the system does not tell (anywhere but
    on Linux), `peak_memory`."""
    pages = _text(PROCESS / "statm").split()[1:2]
    return int(pages[0]) * os.sysconf("SC_PAGE_SIZE") if pages else peak_memory()


def peak_memory() -> int:
    """The most memory (bytes) that this process held at any time."""
    for line in _text(PROCESS / "status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _text(file: Path) -> str:
    """What a file of the kernel says; nothing where there is none."""
    with suppress(OSError):
        return file.read_text()
    return ""
