"""What can be wrong with the answer to one question, read from a report's row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

FAULTS = {
    "declined": "declined, though an article answers it",
    "missed": "answered without an accepted string",
    "invented": "answered, though no article does",
    "leak": "shows an article that the question rules out",
    "misquoted": "a quote is not the article's words",
}


def find_faults(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What went wrong with a question, by the names of `FAULTS`; () when nothing did."""
    scores = row.get("scores") or {}
    answerable, answered = bool(row.get("answerable")), bool(row.get("answered"))
    contained = to_number(scores.get("containment"))
    valid = to_number(scores.get("quote_validity"))
    found = {
        "declined": answerable and not answered,
        "missed": answerable and answered and contained is not None and contained < 1,
        "invented": answered and not answerable,
        "leak": (to_number(row.get("leaks")) or 0) > 0,
        "misquoted": valid is not None and valid < 1,
    }
    return tuple(name for name, is_so in found.items() if is_so)


def to_number(value: Any) -> float | None:
    """None for what is no finite number."""
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_number else None
