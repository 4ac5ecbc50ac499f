"""What is said to small talk: a short word, or what this bot does and what it may be asked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.small_talk import SmallTalk
from bot.rendering import printable
from retrieval.archive import Archive
from retrieval.holdings import Holdings
from retrieval.schema import Filters

_MOST_HEADLINES, _MOST_SOURCES = 3, 5
_MOST_CHARACTERS = 120
_SHORT: dict[SmallTalk, str] = {
    "thanks": "You’re welcome.",
    "assent": "All right. Ask whenever you like.",
    "farewell": "Goodbye!",
}
_WHAT_IT_DOES = (
    "I answer questions about the news articles that I hold. Every sentence of an answer points at "
    "the exact words of a dated article, and where no article answers, I say so."
)
_EMPTY = "I hold no articles yet. Whoever runs me can add some with “dateline ingest”."
_NONE_ALLOWED = "I hold no articles from these dates and publishers."
# A headline is set in quotation marks of ours.
_INNER_MARKS = str.maketrans({"“": "‘", "”": "’", '"': "'"})


def reply_to_small_talk(kind: SmallTalk, archive: Archive, filters: Filters) -> str:
    """Nothing that the filters leave out is counted or named."""
    if kind in _SHORT:
        return _SHORT[kind]
    held = archive.survey(filters)
    begin = f"Hello! {_WHAT_IT_DOES}" if kind == "greeting" else _WHAT_IT_DOES
    if not held.articles:
        return f"{begin} {_EMPTY if filters.is_open else _NONE_ALLOWED}"
    newest = archive.carriers.newest(filters, _MOST_HEADLINES)
    return " ".join((begin, _describe(held), _suggest([story.title for story in newest])))


def _describe(held: Holdings) -> str:
    count = "one article" if held.articles == 1 else f"{held.articles:,} articles"
    return f"I hold {count}{_name_days(held)}{_name_sources(held.sources)}."


def _name_days(held: Holdings) -> str:
    if held.oldest is None or held.newest is None:
        return ", undated" if held.articles == 1 else ", all undated"
    first, last = (f"{day.day} {day:%B %Y}" for day in (held.oldest, held.newest))
    span = f" of {first}" if first == last else f" from {first} to {last}"
    return f"{span} ({held.undated:,} undated)" if held.undated else span


def _name_sources(sources: Sequence[str]) -> str:
    if not sources:
        return ""
    named = [printable(source) for source in sources[:_MOST_SOURCES]]
    if more := len(sources) - len(named):
        named.append(f"{more:,} more")
    return f", published by {_enumerate(named, 'and')}"


def _suggest(headlines: Sequence[str]) -> str:
    named = [f"“{_shorten(printable(title).translate(_INNER_MARKS))}”" for title in headlines]
    return f"Ask me, for example, about {_enumerate(named, 'or')}."


def _enumerate(names: Sequence[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _shorten(title: str) -> str:
    if len(title) <= _MOST_CHARACTERS:
        return title
    return f"{title[: _MOST_CHARACTERS - 1].rpartition(' ')[0]}…"
