"""What is deployed, read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import yaml

from bot.settings import BotSettings
from ingest.settings import IngestSettings
from retrieval.settings import PackageSettings, RetrievalSettings

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
PACKAGES: tuple[type[PackageSettings], ...] = (RetrievalSettings, IngestSettings, BotSettings)


def read_compose() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return compose


def read_manifests() -> list[dict[str, Any]]:
    """Every object but the kustomization."""
    paths = sorted(KUBERNETES.glob("*.yaml"))
    return [
        manifest
        for path in paths
        if path.name != "kustomization.yaml"
        for manifest in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def find_variables() -> set[str]:
    """The environment variables that a server of ours understands."""
    known = {"DATELINE_HOME", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}
    for package in PACKAGES:
        prefix = f"DATELINE_{package.table.upper()}__"
        known |= {prefix + name.upper() for name in package.model_fields}
    return known


def find_keys(path: Path) -> set[tuple[str, str]]:
    """Tables and keys of a file of settings."""
    content = tomllib.loads(path.read_text("utf-8"))
    return {(table, key) for table, keys in content.items() for key in keys}
