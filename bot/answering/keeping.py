"""An answer as it was, from what is kept of it and the archive as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from bot.answering.citations import quote_article
from bot.answering.schema import Answer, Citation
from bot.answering.turns import KeptAnswer
from bot.answering.wire import read_entries
from retrieval.archive import Archive
from retrieval.retriever import names_of_others
from retrieval.schema import Filters, Window
from retrieval.windows import parse_moment


@dataclass(frozen=True, slots=True)
class Source:
    """One citation of a kept answer. `citation` is None where its article is gone, and `stands`
    says whether the article still says so, to the character."""

    marker: int
    quote: str
    citation: Citation | None
    stands: bool


def rebuild_answer(kept: KeptAnswer, archive: Archive) -> Answer | None:
    """None if an article that it cites is gone, or an abstention: of that too little is kept."""
    sources = find_sources(kept, archive)
    citations = tuple(each.citation for each in sources if each.citation is not None)
    record = kept.record
    if record["abstention"] is not None or len(citations) < len(sources):
        return None
    dates = [citation.published_at for citation in citations if citation.published_at]
    return Answer(
        answer_id=kept.answer_id,
        question=kept.question,
        text=kept.answer,
        abstention=None,
        citations=citations,
        window=window_of(kept),
        newest_evidence_at=max(dates, default=None),
        notes=tuple(record.get("notes", ())),
        confidence=record["confidence"],
        mode=record["mode"],
        model=record["model"],
        conversation_id=kept.conversation_id,
        timings_ms={},
        short_answer=record.get("short_answer"),
        form=record.get("form", "answer"),
        entries=read_entries(record.get("entries")),
    )


def find_sources(kept: KeptAnswer, archive: Archive) -> tuple[Source, ...]:
    """In the order of their markers."""
    return tuple(_find_sources(kept, archive))


def _find_sources(kept: KeptAnswer, archive: Archive) -> Iterator[Source]:
    cited = kept.record["citations"]
    ids = {each["article_id"] for each in cited}
    articles = archive.get_many(ids)
    carriers = archive.carriers.of_stories(ids, Filters(window_of(kept), sources_of(kept)))
    for marker, each in enumerate(cited, 1):
        article_id, quote = each["article_id"], each["quote"]
        article = articles.get(article_id)
        if article is None:
            yield Source(marker, quote, None, stands=False)
            continue
        others = names_of_others(article_id, carriers)
        start = max(article.text.find(quote), 0)
        citation = quote_article(marker, article, start, quote, others)
        yield Source(marker, quote, citation, stands=quote in article.text)


def sources_of(kept: KeptAnswer) -> tuple[str, ...]:
    """The publishers that the question was limited to."""
    return tuple(kept.record["sources"])


def window_of(kept: KeptAnswer) -> Window:
    """With what the question's words said; of turns that an older Dateline kept, without."""
    given = kept.record.get("window", kept.record)
    stated = {field.name: given.get(field.name) for field in fields(Window)}
    return Window(
        **{
            name: parse_moment(text, end_of_day=not name.endswith("since"))
            for name, text in stated.items()
            if text
        }
    )
