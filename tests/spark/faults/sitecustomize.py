"""Faults inside Spark workers: put on PYTHONPATH, it breaks the kernel as FAULT says.

`FAULT` is a kind, and how often it fires (`worker:1`); each time leaves a file in `FAULT_FOLDER`.
Without a number it fires for ever, in the bucket with the claim line `FAULT_LINE`.
"""

import importlib.abc
import importlib.util
import os
import signal
import sys
from pathlib import Path

KIND, _, TIMES = os.environ.get("FAULT", "").partition(":")
FOLDER = os.environ.get("FAULT_FOLDER", "")
KERNEL = "claim_audit.engine.kernel"


def fires():
    """Whether it is this process's turn to break; no two processes take the same turn."""
    for turn in range(int(TIMES or 1000)):
        try:
            os.close(os.open(f"{FOLDER}/{KIND}-{turn}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        return True
    return False


def executor():
    """The JVM that this worker works for: the parent of the daemon that forked it."""
    stat = Path(f"/proc/{os.getppid()}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def breaking(audit_lines):
    def broken(stretches, *others):
        (lines,) = stretches
        line_ids = lines(True).select("line_id").collect()["line_id"]
        aimed = int(os.environ.get("FAULT_LINE", "0"))
        if (not aimed or aimed in line_ids) and fires():
            if KIND == "exception":
                raise RuntimeError("a cell value")
            os.kill(executor() if KIND == "executor" else os.getpid(), signal.SIGKILL)
            signal.pause()
        return audit_lines(stretches, *others)

    return broken


class Finder(importlib.abc.MetaPathFinder):
    """Breaks the kernel when it is first imported."""

    def find_spec(self, name, path, target=None):
        if name != KERNEL:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            module.audit_lines = breaking(module.audit_lines)

        spec.loader.exec_module = exec_module
        return spec


if KIND:
    sys.meta_path.insert(0, Finder())
