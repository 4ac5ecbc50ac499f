"""The page docs/settings.md, from the settings classes: `python -m bot.settings_table`."""

from __future__ import annotations

import sys
from typing import Any

from pydantic import AliasChoices

from bot.settings import BotSettings
from ingest.settings import IngestSettings
from retrieval.settings import PackageSettings, RetrievalSettings

_HEAD = """\
# Settings

<!-- Generated: `make docs` writes it, a test checks it. -->

Settings are read from `dateline.toml`, with one table per package, and from environment variables,
which win. In a variable, a list is written `a,b` or as JSON, and a table as JSON. An unknown table,
key or variable is an error at start. `dateline doctor` shows what is in force."""


def render_settings() -> str:
    """Every setting of every package, as Markdown."""
    parts = [_HEAD]
    for package in (RetrievalSettings, IngestSettings, BotSettings):
        parts.append(f"\n## [{package.table}]\n\n{package.__doc__}\n")
        parts.append("| key | environment | default | what it is |\n|---|---|---|---|")
        parts += [_row(package, name) for name in package.model_fields]
    return "\n".join(parts) + "\n"


def _row(package: type[PackageSettings], name: str) -> str:
    field = package.model_fields[name]
    variable = f"DATELINE_{package.table.upper()}__{name.upper()}"
    match field.validation_alias:
        case AliasChoices(choices=choices):
            variables = [str(choice) for choice in choices if str(choice).isupper()]
        case str(alias):
            variables = [alias]
        case _:
            variables = [variable]
    key = "–" if name == "home" else f"`{name}`"
    shown = ", ".join(f"`{each}`" for each in variables)
    return f"| {key} | {shown} | {_default(field.default)} | {field.description} |"


def _default(value: Any) -> str:
    return "–" if value is None else f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(render_settings())
