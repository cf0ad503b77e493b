"""A Spark source named `delta` over delta-rs, where the jar of Delta Lake cannot be had.

Spark finds it by itself where this folder is in PYTHONPATH: it looks for modules whose names begin
with `pyspark_` and takes their `DefaultSource`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType


class DefaultSource(DataSource):
    """The table as of its newest version."""

    @classmethod
    def name(cls) -> str:
        return "delta"

    def schema(self) -> StructType:
        return from_arrow_schema(pa.schema(self._table().schema().to_arrow()))

    def reader(self, schema: StructType) -> DataSourceReader:
        return ActiveFiles(self.options["path"], self._table().version())

    def _table(self) -> DeltaTable:
        return DeltaTable(self.options["path"])


class ActiveFiles(DataSourceReader):
    """A partition for each file of one version."""

    def __init__(self, path: str, version: int) -> None:
        self.path = path
        self.version = version

    def partitions(self) -> list[InputPartition]:
        return [InputPartition(number) for number in range(len(self._fragments()[1]))]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        schema, fragments = self._fragments()
        yield from fragments[partition.value].to_batches(schema=schema)

    def _fragments(self) -> tuple[pa.Schema, list[Any]]:
        dataset = DeltaTable(self.path, version=self.version).to_pyarrow_dataset()
        return dataset.schema, sorted(dataset.get_fragments(), key=lambda fragment: fragment.path)
