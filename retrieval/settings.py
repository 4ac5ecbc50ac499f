"""Settings: one frozen class a package, read from `dateline.toml` and the environment.

The environment wins: `DATELINE_RETRIEVAL__TOP_K=8` over `top_k = 6` in `[retrieval]`.
This is the only place that reads `os.environ`.
"""

from __future__ import annotations

import json
import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self, get_origin

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
)

from retrieval.errors import SettingsError

CONFIG_FILE = Path("dateline.toml")
PACKAGES = ("retrieval", "ingest", "bot", "eval")


class PackageSettings(BaseSettings):
    """Base of the four packages' settings; a subclass names its table in `model_config`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        allow_inf_nan=False,
        # `_read_several` does, and takes more than JSON.
        enable_decoding=False,
    )
    table: ClassVar[str]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        toml = PyprojectTomlConfigSettingsSource(settings_cls, CONFIG_FILE)
        return init_settings, env_settings, toml

    @field_validator("*", mode="before")
    @classmethod
    def _read_several(cls, value: Any, info: ValidationInfo) -> Any:
        """What the environment holds of a list, `a,b` or JSON, and of a table, JSON."""
        kind = get_origin(cls.model_fields[info.field_name or ""].annotation)
        if not isinstance(value, str) or kind not in (tuple, dict):
            return value
        if kind is tuple and not value.lstrip().startswith("["):
            return [part.strip() for part in value.split(",") if part.strip()]
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            # The parser's own message would repeat what it could not read.
            wanted = 'a,b or ["a", "b"]' if kind is tuple else 'a table as JSON, like {"a": {}}'
            raise ValueError(f"is not valid JSON: write {wanted}") from None

    @classmethod
    def load(cls) -> Self:
        """Read the file and the environment. Raises SettingsError naming the wrong setting."""
        try:
            _reject_unknown(cls)
            return cls()
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{CONFIG_FILE} is not valid TOML: {error}") from error
        except ValidationError as error:
            raise SettingsError(_describe(cls, error)) from error


class RetrievalSettings(PackageSettings):
    """Where the archive and the indexes are, and how many passages a query gets."""

    table: ClassVar[str] = "retrieval"
    model_config = SettingsConfigDict(
        env_prefix="DATELINE_RETRIEVAL__", pyproject_toml_table_header=("retrieval",)
    )

    home: Path = Field(
        default=Path(".dateline"),
        validation_alias="DATELINE_HOME",
        description="Directory that holds all embedded data.",
    )
    archive_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL of the archive; if unset, SQLite in the home."
    )
    chroma_url: str | None = Field(
        default=None,
        description="URL of a Chroma server; if unset, Chroma is embedded in the home.",
    )
    chroma_tenant: str = Field(default="default_tenant", description="Tenant on the Chroma server.")
    chroma_database: str = Field(
        default="default_database",
        description="Database on the Chroma server; each archive needs its own.",
    )
    chroma_token: SecretStr | None = Field(
        default=None, description="Token sent to the Chroma server, for a proxy or Chroma Cloud."
    )
    embedding_model: str = Field(
        default="all-MiniLM-L6-v2",
        description="The bundled model, or any sentence-transformers model name or folder.",
    )
    chunk_size_tokens: int = Field(
        default=200, ge=32, le=2000, description="Target length of a chunk, in tokens."
    )
    reranker: str | None = Field(
        default=None,
        description="A sentence-transformers cross-encoder, by name or folder, whose scores decide "
        "half of the order of the top passages; slow on a CPU.",
    )
    top_k: int = Field(default=8, ge=1, le=100, description="How many passages a query returns.")
    lock_timeout_s: float = Field(
        default=30.0, ge=0, description="How long to wait while another process uses the indexes."
    )

    @cached_property
    def sqlalchemy_url(self) -> str:
        if self.archive_url is not None:
            return self.archive_url.get_secret_value()
        return f"sqlite:///{self.home / 'archive.db'}"


def _reject_unknown(cls: type[PackageSettings]) -> None:
    """A misspelt key is an error, in the file (table or key) and in the environment."""
    prefix = f"DATELINE_{cls.table.upper()}__"
    known = {f"{prefix}{name.upper()}" for name in cls.model_fields if name != "home"}
    for variable in map(str.upper, os.environ):
        if not variable.startswith("DATELINE_") or variable == "DATELINE_HOME":
            continue
        package, separator, _ = variable.removeprefix("DATELINE_").partition("__")
        unknown_package = not separator or package.lower() not in PACKAGES
        if unknown_package or (variable.startswith(prefix) and variable not in known):
            raise SettingsError(f"unknown setting {variable}: docs/settings.md lists them all")
    if CONFIG_FILE.is_file():
        for name, table in tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8")).items():
            if name not in PACKAGES or not isinstance(table, dict):
                raise SettingsError(
                    f"[{name}] in {CONFIG_FILE} is not a table of settings: "
                    f"use [{'], ['.join(PACKAGES)}]"
                )


def _describe(cls: type[PackageSettings], error: ValidationError) -> str:
    """Which setting is wrong and why, without the value: it may be a secret."""
    problems: list[dict[str, Any]] = [dict(problem) for problem in error.errors()]
    named = (
        f"{cls.table}.{'.'.join(map(str, p['loc']))}: {p['msg'].removeprefix('Value error, ')}"
        for p in problems
    )
    return "; ".join(named) + " (docs/settings.md lists every setting)"
