"""The form of a kind of error: where it can stand, what it changes, which rules it must raise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from claim_audit.sample.draws import Array
from claim_audit.sample.errors.hosts import Hosts
from claim_audit.sample.errors.planting import Planting, Which

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Raised:
    """A rule that must fire: how severely in Original Medicare and elsewhere, on which lines.

    A rule `on` the batch speaks of a file or a name, and names no line.
    """

    rule: str
    severity: Severity
    elsewhere: Severity | None = None
    on: Which = "host"


@dataclass(frozen=True)
class Kind:
    """A kind of error.

    Attributes:
        raises: the rules it must raise.
        where: the lines that can hold it.
        change: what is done to the chosen ones.
        needs: fields without which the error cannot be seen; a layout that lacks one has no
            such error.
        text: the error is text where a number or date should be, so only CSV holds it.
        alike: the error is that records are alike in every cell, which damage may undo.
    """

    name: str
    raises: tuple[Raised, ...]
    where: Callable[[Hosts], Array]
    change: Callable[[Planting], None]
    needs: tuple[str, ...] = ()
    text: bool = False
    alike: bool = False


REGISTERED: list[Kind] = []


def kind(
    name: str,
    *raises: str,
    where: Callable[[Hosts], Array],
    needs: tuple[str, ...] = (),
    text: bool = False,
    alike: bool = False,
) -> Callable[[Callable[[Planting], None]], Callable[[Planting], None]]:
    """Register a kind. Rules read ``XL-01 error``, ``XL-01 error/warning`` where other payers
    than Original Medicare get the second, and ``DU-01 error @both`` for other lines than the host.
    """

    def register(change: Callable[[Planting], None]) -> Callable[[Planting], None]:
        REGISTERED.append(
            Kind(name, tuple(map(_raised, raises)), where, change, needs, text, alike)
        )
        return change

    return register


def _raised(text: str) -> Raised:
    rule, severity, *rest = text.split()
    first, _, second = severity.partition("/")
    on = rest[0].removeprefix("@") if rest else "host"
    return Raised(rule, first, second or None, on)  # type: ignore[arg-type]
