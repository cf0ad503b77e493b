"""The sum that proves no record of a file was lost on the way to the claim lines."""

from __future__ import annotations

from dataclasses import dataclass

from claim_audit import errors


@dataclass(frozen=True, slots=True)
class Accounting:
    """What one source file was counted to hold.

    ``physical_lines`` comes from the bytes alone, ``blank_lines``, ``embedded_newlines``,
    ``records`` and ``rejects`` from the structure pass, ``claim_records`` from the rows that came
    out at the far end. A Parquet file has no lines: there ``physical_lines`` and ``records`` are
    the rows its footer declares.
    """

    physical_lines: int
    header_lines: int
    blank_lines: int
    embedded_newlines: int
    records: int
    claim_records: int
    rejects: int

    def check(self, name: str = "") -> None:
        """Raise :class:`~claim_audit.errors.InternalError` when a record is unaccounted for."""
        explained = self.header_lines + self.blank_lines + self.embedded_newlines + self.records
        if self.physical_lines != explained:
            raise errors.identity_broken(
                name,
                f"{self.physical_lines} physical lines",
                f"{self.header_lines} header lines + {self.blank_lines} blank lines "
                f"+ {self.embedded_newlines} embedded newlines + {self.records} records "
                f"= {explained}",
            )
        if self.records != self.claim_records + self.rejects:
            raise errors.identity_broken(
                name,
                f"{self.records} records",
                f"{self.claim_records} claim records + {self.rejects} rejects "
                f"= {self.claim_records + self.rejects}",
            )
