"""What a run is told: defaults, under `claim-audit.toml`, under the environment, under the caller.

Environment variables begin with ``CLAIM_AUDIT_``, such as ``CLAIM_AUDIT_FAIL_ON=warning``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from claim_audit import errors

CONFIG_FILE = Path("claim-audit.toml")

FailOn = Literal["error", "warning", "info", "never"]
Format = Literal["parquet", "csv"]


def _today() -> date:
    return datetime.now(UTC).date()


class AuditConfig(BaseSettings):
    """The settings of one audit.

    Attributes:
        layout: name of a built-in layout or path of a layout file; none: by the header.
        delimiter, quote, encoding: declared dialect of delimited files; none: detected.
        out: folder in which run folders are made.
        run_id: name of the run folder; none: from date, time and input.
        as_of: the day the audit takes for today (dates after it lie in the future).
        select, ignore: rule ids, id prefixes or dotted names.
        formats: what the tables are written as.
        fail_on: exit code 1 when an exception of this severity or worse is found.
        policy: policy files laid over the built-in ones.
        reference: folder of reference tables that take the place of the built-in ones.
        bare_medicare: line of business of a payer that is just called "Medicare".
        mask_members: write member numbers as hashes.
        params: per rule id, parameters that take the place of the rule's defaults.
    """

    model_config = SettingsConfigDict(
        env_prefix="CLAIM_AUDIT_", extra="forbid", frozen=True, toml_file=CONFIG_FILE
    )

    layout: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None
    out: Path = Path("reports")
    run_id: str | None = Field(default=None, pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")
    as_of: date = Field(default_factory=_today)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ("parquet", "csv")
    fail_on: FailOn = "error"
    policy: tuple[Path, ...] = ()
    reference: Path | None = None
    bare_medicare: Literal["medicare_ffs", "medicare_advantage"] = "medicare_ffs"
    mask_members: bool = False
    params: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("select", "ignore", "formats", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return (
            tuple(w for w in value.replace(",", " ").split()) if isinstance(value, str) else value
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Caller over environment over file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, file: Path | None = None, **given: Any) -> AuditConfig:
        """The settings from all sources; `given` values that are None count as not given.

        Raises:
            ClaimAuditError: a file that is not there, an unknown setting or a value of the
                wrong kind.
        """
        if file is not None and not file.is_file():
            raise errors.config_missing(file)
        named = {key: value for key, value in given.items() if value is not None}
        reader = cls if file is None else _reading(file)
        try:
            return reader(**named)
        except ValidationError as found:
            wrong = [(".".join(map(str, e["loc"])), e["msg"]) for e in found.errors()]
            raise errors.config_wrong(wrong, cls.model_fields) from None
        except ValueError as found:
            raise errors.config_unreadable(file or CONFIG_FILE, str(found)) from None


def _reading(file: Path) -> type[AuditConfig]:
    class FromFile(AuditConfig):
        model_config = SettingsConfigDict(toml_file=file)

    return FromFile
