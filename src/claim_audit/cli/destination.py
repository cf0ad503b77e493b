"""Whether files can be written somewhere, found out before the work and without a trace."""

from __future__ import annotations

import os
from pathlib import Path

from claim_audit import errors


def settle(out: Path, run_id: str) -> str:
    """The run id, once it is sure that its folder can be made in `out`.

    Raises:
        ClaimAuditError: a run of this name is there, or `out` cannot be written.
    """
    if (out / run_id).exists():
        raise errors.run_exists(out / run_id)
    check_writable(out)
    return run_id


def check_writable(folder: Path) -> None:
    """Find out whether files can be made in a folder that may not be there yet.

    Raises:
        ClaimAuditError: they cannot.
    """
    here = folder.absolute()
    nearest = next(path for path in (here, *here.parents) if path.exists())
    if not nearest.is_dir():
        raise errors.out_not_writable(folder, f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise errors.out_not_writable(folder, f"no permission to write in {nearest}")
