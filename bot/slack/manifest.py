"""The app's manifest: as Slack takes it for Socket Mode, or with a server's addresses for HTTP."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import yaml

from retrieval.errors import DatelineError

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

_FILE = Path(__file__).with_name("manifest.yaml")
_EXAMPLE = "https://dateline.example.org"
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


class UnusableAddress(DatelineError):
    """An address at which Slack could not reach the server."""

    exit_code = 2


def render_manifest(url: str | None = None) -> str:
    """YAML: for Socket Mode, or for the server at `url`. Raises UnusableAddress."""
    if url is None:
        return _FILE.read_text(encoding="utf-8")
    manifest = _address(load_manifest(), _read_base(url))
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)


def load_manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return manifest


def read_scopes() -> tuple[str, ...]:
    """What a bot token has to be granted."""
    return tuple(load_manifest()["oauth_config"]["scopes"]["bot"])


def _address(manifest: dict[str, Any], base: str) -> dict[str, Any]:
    """The manifest with request URLs; Slack then sends everything to one of them."""
    events = base + EVENTS_PATH
    features, settings = manifest["features"], manifest["settings"]
    return {
        **manifest,
        "features": {
            **features,
            "slash_commands": [each | {"url": events} for each in features["slash_commands"]],
        },
        "oauth_config": {"redirect_urls": [base + REDIRECT_PATH], **manifest["oauth_config"]},
        "settings": {
            **settings,
            "event_subscriptions": {"request_url": events, **settings["event_subscriptions"]},
            "interactivity": settings["interactivity"] | {"request_url": events},
            "socket_mode_enabled": False,
        },
    }


def _read_base(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise UnusableAddress(f"{url!r} is not an address: write it like {_EXAMPLE}") from None
    if parts.scheme != "https" or not host:
        raise UnusableAddress(f"Slack sends only to https://: write the address like {_EXAMPLE}")
    if not _is_public(host):
        raise UnusableAddress(
            f"Slack cannot reach {host}: give the server's public name, or use Socket Mode "
            "(leave --url out)"
        )
    if not _is_base(parts):
        raise UnusableAddress(
            "give the address of `dateline serve` itself, not of one of its pages: "
            f"{_EXAMPLE}, or {_EXAMPLE}/PREFIX behind a proxy that removes the prefix"
        )
    return f"https://{parts.netloc}{parts.path.rstrip('/')}"


def _is_base(parts: SplitResult) -> bool:
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    steps = parts.path.split("/")
    return plain and bool(_PREFIX.fullmatch(parts.path)) and not {"slack", ".", ".."} & set(steps)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".local", ".localhost"))
