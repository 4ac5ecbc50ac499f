"""Settings of ingestion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from retrieval.settings import PackageSettings


class IngestSettings(PackageSettings):
    """What is accepted as an article, and how pages are fetched."""

    table: ClassVar[str] = "ingest"
    model_config = SettingsConfigDict(
        env_prefix="DATELINE_INGEST__", pyproject_toml_table_header=("ingest",)
    )

    max_article_bytes: int = Field(
        default=10_000_000,
        ge=1_000,
        description="Largest file, page or JSONL line that is read as one article.",
    )
    max_container_bytes: int = Field(
        default=1_000_000_000,
        ge=1_000,
        description="Most that one zip archive may unpack to, or standard input may hold.",
    )
    max_pages: int = Field(
        default=1_000,
        ge=1,
        description="Most pages to read from one feed or sitemap.",
    )
    user_agent: str = Field(
        default="dateline/0.1",
        pattern=r"^[\x21-\x7e][\x20-\x7e]*$",
        description="How the fetcher names itself to web servers and in robots.txt.",
    )
    allowed_private_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts that may be fetched from even though their addresses are private.",
    )
    fetch_timeout_s: float = Field(
        default=30.0, gt=0, description="Longest time that fetching one page may take, in all."
    )
    fetch_delay_s: float = Field(
        default=1.0,
        ge=0,
        description="Pause between two requests to one host; robots.txt may ask for more.",
    )
    obey_robots: bool = Field(default=True, description="Skip pages that robots.txt disallows.")
    ray_workers: int | None = Field(
        default=None,
        ge=1,
        description="Most processes that `ingest --ray` uses; if unset, one per core of the "
        "cluster. Each holds the embedding model in memory.",
    )
