"""Gold questions: what is asked, what must be answered, and where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from retrieval.archive import Archive
from retrieval.errors import DatelineError
from retrieval.schema import Article

GOLD = Path(__file__).parent / "gold" / "questions.jsonl"
EXAMPLES = Path(__file__).parent.parent / "examples"


class GoldError(DatelineError):
    """A gold set is missing or malformed."""

    exit_code = 2


class GoldEvidence(BaseModel):
    """Where the answer stands. `article` is a URL, or a path below the corpus; `quote` a whole
    sentence of it, empty where a set judges articles only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str
    quote: str


class GoldEntry(BaseModel):
    """A line that fits an answer in lines: any of `quotes`, each a piece of a sentence of the
    article. Without one of the required lines something is missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: str
    quotes: tuple[str, ...]
    required: bool = True


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
    entries: tuple[GoldEntry, ...] = ()
    asked_at: str
    as_of: str | None = None
    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSet:
    """`digest` is the SHA-256 of the questions' file; `corpus` is what to ingest for them."""

    name: str
    items: tuple[GoldItem, ...]
    digest: str
    corpus: Path


def load_gold(path: Path, corpus: Path = EXAMPLES) -> GoldSet:
    """Read JSON Lines. Raises GoldError naming the line that is wrong."""
    content = read_bytes(path)
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
    check_ids(path, items)
    return GoldSet(path.stem, tuple(items), hashlib.sha256(content).hexdigest(), corpus)


def read_bytes(path: Path) -> bytes:
    """Raises GoldError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise GoldError(f"cannot read the gold set {path}: {error.strerror}") from error


def check_ids(path: Path, items: Sequence[GoldItem]) -> None:
    if len({item.id for item in items}) != len(items):
        raise GoldError(f"{path}: two questions have the same id")
    if not items:
        raise GoldError(f"{path}: holds no questions")


def index_articles(archive: Archive) -> dict[str, Article]:
    """Articles by what gold evidence calls them."""
    return {article.url or article.path or "": article for article in archive}


def find_faults(items: Sequence[GoldItem], articles: dict[str, Article]) -> Iterator[str]:
    """What is wrong with gold questions as the corpus stands, a line each."""
    for item in items:
        if item.answerable != bool(item.evidence):
            yield f"{item.id}: answerable questions need evidence, others must have none"
        quotes = " ".join(evidence.quote for evidence in item.evidence)
        if item.answerable and not item.accepted:
            yield f"{item.id}: has no accepted string"
        for string in item.accepted:
            if string.casefold() not in quotes.casefold():
                yield f"{item.id}: accepted {string!r} is in none of its quotes"
        named = [(each.article, each.quote) for each in item.evidence]
        named += [(each.article, quote) for each in item.entries for quote in each.quotes]
        for name, quote in named:
            article = articles.get(name)
            if article is None:
                yield f"{item.id}: there is no article {name}"
            elif quote not in article.text:
                yield f"{item.id}: {name} does not say {quote!r}"
