"""API keys: read from the settings, kept as digests alone, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

Role = Literal["read", "write"]

_ROLES = ("read", "write")
_HASHED = "sha256:"
_HEX = re.compile(r"[0-9a-f]{64}")
# What a header carries unchanged; a comma or a quote means that a list was not read as one.
_PLAIN = re.compile(r"[!-~]+")
_NOT_IN_A_KEY = frozenset("\"',;[]{}")
_FORM = "write ROLE:KEY, where ROLE is read or write and KEY is the key or sha256: and its hash"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`digest` is the key's SHA-256 in hexadecimal; the key itself is not kept."""

    role: Role
    digest: str = field(repr=False)

    @property
    def owner(self) -> str:
        """Whose conversations they are: stable, and neither the key nor its digest."""
        return hashlib.sha256(f"dateline owner {self.digest}".encode()).hexdigest()[:32]


def make_key() -> str:
    return secrets.token_urlsafe(32)


def hash_key(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def find_key(presented: bytes, keys: Iterable[ApiKey]) -> ApiKey | None:
    """All are compared, so that the time taken does not tell which one was near."""
    digest = hash_key(presented)
    found = [key for key in keys if hmac.compare_digest(key.digest, digest)]
    return found[0] if found else None


def read_keys(value: Any) -> tuple[ApiKey, ...]:
    """Keys from a list, a table, or a string that holds one. Raises ValueError, which tells the
    number of the entry that is wrong and nothing of what is in it."""
    entries = list(_split(value))
    keys: dict[str, ApiKey] = {}
    for number, entry in enumerate(entries, start=1):
        key = entry if isinstance(entry, ApiKey) else _read_entry(entry)
        if key is None:
            raise ValueError(f"entry {number} of {len(entries)} is not a valid key: {_FORM}")
        if keys.setdefault(key.digest, key).role != key.role:
            raise ValueError(f"entry {number} of {len(entries)} gives the same key another role")
    return tuple(keys.values())


def _split(value: Any) -> Iterator[Any]:
    match value:
        case str() if value.lstrip()[:1] in ("[", "{"):
            yield from _split(_load(value))
        case str():
            yield from (entry.strip() for entry in value.split(",") if entry.strip())
        case dict():
            # A table's key is an API key, so only a table can hold the two as a pair.
            yield from value.items()
        case list() | tuple():
            yield from value
        case _:
            raise ValueError(f"this is neither a list nor a table: {_FORM}")


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # The parser's own message would repeat what it could not read.
        raise ValueError(f"this looks like JSON but is not valid JSON: {_FORM}") from None


def _read_entry(entry: Any) -> ApiKey | None:
    match entry:
        case (str(key), str(role)):
            return _read_pair(key, role) or _read_pair(role, key)
        case str():
            first, separator, rest = entry.partition(":")
            begin, _, last = entry.rpartition(":")
            if not separator or (entry.startswith(_HASHED) and last not in _ROLES):
                return None if entry in _ROLES else _read_pair(entry, "read")
            if first in _ROLES and last in _ROLES:
                return None
            return _read_pair(rest, first) or _read_pair(begin, last)
    return None


def _read_pair(key: str, role: str) -> ApiKey | None:
    if role not in _ROLES or key in _ROLES or not _PLAIN.fullmatch(key):
        return None
    digest = key.removeprefix(_HASHED).lower() if key.startswith(_HASHED) else None
    if digest is None and not _NOT_IN_A_KEY & set(key):
        digest = hash_key(key.encode())
    if digest is None or not _HEX.fullmatch(digest):
        return None
    return ApiKey(cast(Role, role), digest)
