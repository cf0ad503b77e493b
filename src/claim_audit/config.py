"""What a run is told: defaults, under `claim-audit.toml`, under the environment, under the caller.

Environment variables begin with ``CLAIM_AUDIT_``, such as ``CLAIM_AUDIT_FAIL_ON=warning`` or
``CLAIM_AUDIT_SELECT="UN, DT-02"``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ByteSize,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from claim_audit import errors
from claim_audit.threads import MOST_THREADS

CONFIG_FILE = Path("claim-audit.toml")

FailOn = Literal["error", "warning", "info", "never"]
Format = Literal["parquet", "csv"]
Engine = Literal["local", "gpu", "spark"]

ENVIRONMENT = "CLAIM_AUDIT_"
LEAST_MEMORY = ByteSize(512 << 20)
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


def _today() -> date:
    return datetime.now(UTC).date()


def _split(value: Any) -> Any:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _split_at_commas(value: Any) -> Any:
    return tuple(filter(None, map(str.strip, value.split(",")))) if type(value) is str else value


Words = NoDecode, BeforeValidator(_split)
"""In one text, such as an environment variable: words with commas or blanks between them."""
Files = NoDecode, BeforeValidator(_split_at_commas)
"""In one text: paths or names with commas between them."""


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
        mask_key: file with the key of those hashes, which then agree from run to run; implies
            `mask_members`. None: a key drawn for the run.
        threads: how many threads Polars and pyarrow work in (on Spark those of the driver); none:
            as they would. Polars must not be imported before with another number.
        engine: where lines are judged: on the processors of this machine, on its GPU as far as
            Polars can, or in the tasks of a Spark cluster.
        memory_budget: bytes that the run may use, as a number or a text such as ``4GiB`` or
            ``800MB``; none: half of what the machine or its control group has. Not for Spark,
            where `buckets` decides.
        master: URL of the Spark master; none: the session that is open, or Spark's own settings.
        remote: URL of a Spark Connect server (``sc://``), in place of a master.
        work: folder for working copies that all machines of the cluster share; none: `out`.
        buckets: how many parts Spark judges the lines in; none: by their number.
        record_key: columns that tell records apart; the inputs are then tables that Spark reads.
        params: per rule id, parameters that take the place of the rule's defaults.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT, extra="forbid", frozen=True, toml_file=CONFIG_FILE
    )

    layout: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None
    out: Path = Path("reports")
    run_id: str | None = None
    as_of: date = Field(default_factory=_today)
    select: Annotated[tuple[str, ...], *Words] = ()
    ignore: Annotated[tuple[str, ...], *Words] = ()
    formats: Annotated[tuple[Format, ...], *Words] = ("parquet", "csv")
    fail_on: FailOn = "error"
    policy: Annotated[tuple[Path, ...], *Files] = ()
    reference: Path | None = None
    bare_medicare: Literal["medicare_ffs", "medicare_advantage"] = "medicare_ffs"
    mask_members: bool = False
    mask_key: Path | None = None
    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)] | None = None
    engine: Engine = "local"
    memory_budget: ByteSize | None = None
    master: str | None = None
    remote: str | None = None
    work: Path | None = None
    buckets: Annotated[int, Field(gt=0)] | None = None
    record_key: Annotated[tuple[str, ...], *Files] = ()
    params: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("memory_budget", mode="wrap")
    @classmethod
    def _a_size(
        cls, value: Any, parse: ValidatorFunctionWrapHandler, others: ValidationInfo
    ) -> ByteSize | None:
        try:
            size: ByteSize | None = parse(value)
        except ValidationError:
            raise ValueError(
                "it should be a size such as 4GiB or 800MB, or a number of bytes"
            ) from None
        if size is not None and size < LEAST_MEMORY:
            raise ValueError(f"a run needs {LEAST_MEMORY >> 20}MiB or more")
        if size is not None and others.data.get("engine") == "spark":
            raise ValueError("on Spark the number of buckets decides")
        return size

    @field_validator("master", "remote", "work", "buckets", "record_key")
    @classmethod
    def _of_spark(cls, value: Any, others: ValidationInfo) -> Any:
        if value and others.data.get("engine") != "spark":
            raise ValueError("it is for the engine 'spark' only")
        if value and others.field_name == "remote" and others.data.get("master"):
            raise ValueError("a remote and a master exclude each other")
        return value

    @field_validator("run_id")
    @classmethod
    def _names_a_folder(cls, value: str | None) -> str | None:
        if value is not None and not RUN_ID.fullmatch(value):
            raise ValueError(
                "a run id has up to 100 letters, digits, dots, hyphens and underscores, "
                "and begins with a letter or digit"
            )
        return value

    @property
    def masks(self) -> bool:
        """Whether member numbers are written as hashes."""
        return self.mask_members or self.mask_key is not None

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
    def load(
        cls, file: Path | None = None, *, spelled: Mapping[str, str] | None = None, **given: Any
    ) -> AuditConfig:
        """The settings from all sources.

        Args:
            file: settings file in place of `claim-audit.toml`.
            spelled: by setting, what messages call it where it is given (`--run-id`).
            given: settings; those that are None count as not given.

        Raises:
            ClaimAuditError: a file that is not there, an unknown setting or a value of the
                wrong kind; says where it was set.
        """
        if file is not None and not file.is_file():
            raise errors.config_missing(file)
        named = {key: value for key, value in given.items() if value is not None}
        called = {name: (spelled or {}).get(name, name) for name in named}
        reader = cls if file is None else _reading(file)
        try:
            return reader(**named)
        except ValidationError as found:
            raise _wrong(found.errors()[0], called, file or CONFIG_FILE) from None
        except SettingsError:
            raise errors.config_value_wrong(f"{ENVIRONMENT}PARAMS", "it should be JSON") from None
        except (OSError, ValueError) as found:
            why = found.strerror if isinstance(found, OSError) else str(found)
            raise errors.config_unreadable(file or CONFIG_FILE, str(why)) from None


def _wrong(found: ErrorDetails, called: Mapping[str, str], file: Path) -> errors.ClaimAuditError:
    """What is wrong with a setting, and where it was set: by the caller, else outside, else in
    the file."""
    name, *inside = map(str, found["loc"])
    variable = ENVIRONMENT + name.upper()
    from_outside = variable in map(str.upper, os.environ)
    place = called.get(name) or (variable if from_outside else file.name)
    if found["type"] == "extra_forbidden" and not inside:
        return errors.config_name_unknown(place, name, AuditConfig.model_fields)
    path = ".".join([name, *(key for key in inside if not key.isdecimal())])
    where = f"{place}, {path}" if place == file.name else place
    why = found["msg"].removeprefix("Value error, ").replace("Input", "it")
    return errors.config_value_wrong(where, why)


def _reading(file: Path) -> type[AuditConfig]:
    class FromFile(AuditConfig):
        model_config = SettingsConfigDict(toml_file=file)

    return FromFile
