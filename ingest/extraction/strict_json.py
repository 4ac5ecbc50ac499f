"""JSON as every reader of it would understand it."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from ingest.errors import UnreadableInput


def load_json(text: str) -> Any:
    """Raises UnreadableInput for what is no JSON, or could be read in more than one way."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_build_object,
            parse_constant=_refuse_constant,
            parse_float=_read_number,
            parse_int=_read_number,
        )
    except RecursionError as error:
        raise UnreadableInput("is not JSON that can be read: it is nested too deeply") from error
    except ValueError as error:
        raise UnreadableInput(f"is not JSON: {error}") from error


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in built if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:40]!r} appears twice in one object")
    return built


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _read_number(digits: str) -> float:
    """Integers too: no field of ours is a number, and one of a million digits takes hours."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
