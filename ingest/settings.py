"""Settings of ingestion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from retrieval.settings import PackageSettings


class IngestSettings(PackageSettings):
    """What is accepted as an article."""

    table: ClassVar[str] = "ingest"
    model_config = SettingsConfigDict(
        env_prefix="DATELINE_INGEST__", pyproject_toml_table_header=("ingest",)
    )

    max_article_bytes: int = Field(
        default=10_000_000,
        ge=1_000,
        description="Largest file, or line of a JSONL file, taken as one article.",
    )
