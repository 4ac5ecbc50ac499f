"""Gold questions: what is asked, what must be answered, and where it stands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from retrieval.errors import DatelineError

GOLD = Path(__file__).parent / "gold" / "questions.jsonl"
EXAMPLES = Path(__file__).parent.parent / "examples"


class GoldError(DatelineError):
    """A gold set is missing or malformed."""

    exit_code = 2


class GoldEvidence(BaseModel):
    """A whole sentence of an article; `article` is its URL, or its path below the corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str
    quote: str


class GoldItem(BaseModel):
    """One question. Any of `accepted`, found in a quote of the answer, makes it right."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: str
    question: str
    answerable: bool
    answer: str
    accepted: tuple[str, ...]
    evidence: tuple[GoldEvidence, ...]
    asked_at: str
    as_of: str | None = None
    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSet:
    items: tuple[GoldItem, ...]
    digest: str


def load_gold(path: Path) -> GoldSet:
    """Read JSON Lines. Raises GoldError naming the line that is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GoldError(f"cannot read the gold set {path}: {error.strerror}") from error
    items: list[GoldItem] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            items.append(GoldItem.model_validate_json(line))
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(map(str, problem["loc"])) or "the line"
            raise GoldError(f"{path}:{number}: {field}: {problem['msg']}") from error
    if len({item.id for item in items}) != len(items):
        raise GoldError(f"{path}: two questions have the same id")
    if not items:
        raise GoldError(f"{path}: holds no questions")
    return GoldSet(tuple(items), hashlib.sha256(content).hexdigest())
