"""How well copies of one story are told from stories that look alike, beside plain MinHash.

    python -m benchmarks.duplicates ../shared/data/realtimeqa

duplicate_pairs.jsonl holds ids and kinds, labelled by hand from what differs between the two; no
text.

copy          republished or syndicated: opens alike; captions, credits, boilerplate, a paragraph
              or single words were added, dropped or restyled, and no fact was changed
update        revised later: a new opening, news added throughout, or changed figures. Not one
              story, or a reader would get yesterday's figure with today's carrier
same-event    told by two writers, or in two rewritten versions of one agency story
look-alike    one template or one long appendix around different stories
changed-fact  a copy in which one number or one name was changed

Natural pairs are articles as they are. Derived pairs are an article beside itself after the named
edit, made here. Thresholds were chosen on the tune half; the report half is what counts. It is not
wholly unseen: after its first run (natural F1 0.944) two general rules were mended, what counts as
a name and which words of a headline count; a threshold moved later without a change in it.
"""

from __future__ import annotations

import gzip
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Annotated, Literal
from zlib import crc32

import typer
from rich.console import Console
from rich.table import Table

from ingest.deduplication import band_hashes, find_story
from retrieval.archive import Archive
from retrieval.opening import open_library
from retrieval.schema import Article
from retrieval.settings import RetrievalSettings

_PAIRS = Path(__file__).with_name("duplicate_pairs.jsonl")

Half = Literal["tune", "report"]
Decide = Callable[[Article, Article], bool]


@dataclass(frozen=True, slots=True)
class Pair:
    first: Article
    second: Article
    kind: str
    edit: str
    half: Half

    @property
    def is_copy(self) -> bool:
        return self.kind == "copy"


def main(
    corpus: Annotated[Path, typer.Argument(help="Folder with corpus.jsonl.gz (realtimeqa).")],
    wrong: Annotated[bool, typer.Option(help="List the pairs that Dateline gets wrong.")] = False,
) -> None:
    pairs = load_pairs(_PAIRS, corpus / "corpus.jsonl.gz")
    with tempfile.TemporaryDirectory() as home:
        settings = RetrievalSettings.load().model_copy(update={"home": Path(home)})
        with open_library(settings) as library:
            deciders: dict[str, Decide] = {
                "Dateline": lambda first, second: carry_one_story(library.archive, first, second),
                "MinHash ≥ 0.5": lambda first, second: _minhash_jaccard(first, second) >= 0.5,
                "MinHash ≥ 0.75": lambda first, second: _minhash_jaccard(first, second) >= 0.75,
            }
            found = {
                name: [decide(pair.first, pair.second) for pair in pairs]
                for name, decide in deciders.items()
            }
    console = Console()
    console.print(_scores(pairs, found), _kinds(pairs, found), _speed(pairs))
    if wrong:
        for pair, one in zip(pairs, found["Dateline"], strict=True):
            if one != pair.is_copy:
                console.print(pair.half, pair.kind, pair.edit, pair.first.path, pair.second.path)


def load_pairs(labels: Path, corpus: Path) -> list[Pair]:
    lines = [json.loads(line) for line in labels.read_text().splitlines()]
    halves = _halves([line["ids"] for line in lines])
    articles = _read_articles(corpus, set(halves))
    pairs: list[Pair] = []
    for line in lines:
        ids, edit = line["ids"], line.get("edit", "")
        both = _EDITS[edit](articles[ids[0]]) if edit else (articles[ids[0]], articles[ids[1]])
        pairs.append(Pair(*both, line["kind"], edit, halves[ids[0]]))
    return pairs


def carry_one_story(archive: Archive, first: Article, second: Article) -> bool:
    """Archive both as the pipeline does, see, and leave the archive empty."""
    for article in (first, second):
        bands = band_hashes(article)
        archive.put(article, find_story(article, bands, archive), bands)
    stories = {archive.get(article.article_id).story_id for article in (first, second)}
    for article in (first, second):
        archive.remove(article.article_id)
    return len(stories) == 1


def _halves(groups: Iterable[Sequence[str]]) -> dict[str, Half]:
    """The half of every article; those that a chain of pairs connects share one."""
    connected: dict[str, frozenset[str]] = {}
    for ids in groups:
        together = frozenset(ids).union(*(connected.get(i, frozenset()) for i in ids))
        connected |= dict.fromkeys(together, together)
    return {
        article_id: "tune" if crc32(min(together).encode()) % 2 else "report"
        for article_id, together in connected.items()
    }


def _read_articles(corpus: Path, ids: set[str]) -> dict[str, Article]:
    with gzip.open(corpus, "rt") as lines:
        entries = (json.loads(line) for line in lines)
        return {
            entry["_id"]: Article(
                title=entry["title"],
                text=entry["text"],
                path=entry["_id"],
                published_at=datetime.fromisoformat(f"{entry['metadata']['published_at']}T00:00Z"),
            )
            for entry in entries
            if entry["_id"] in ids
        }


def _minhash_jaccard(first: Article, second: Article) -> float:
    from datasketch import MinHash

    hashes: list[MinHash] = []
    for article in (first, second):
        words = re.findall(r"\w+", article.text.casefold())
        shingles = (" ".join(words[i : i + 5]) for i in range(max(len(words) - 4, 1)))
        hashes.append(MinHash(128, scheme="affine32"))
        hashes[-1].update_batch([shingle.encode() for shingle in shingles])
    return float(hashes[0].jaccard(hashes[1]))


_Edited = tuple[Article, Article]


def _edited(article: Article, text: str) -> _Edited:
    return article, replace(article, text=text, path=f"{article.path}-edited")


def _new_headline(article: Article) -> _Edited:
    first, second = _edited(article, article.text)
    return first, replace(second, title=" ".join(_prose(article.text)[-1].split()[:9]))


def _drop_last_paragraph(article: Article) -> _Edited:
    return _edited(article, article.text.rstrip().rpartition("\n\n")[0])


def _truncate_60(article: Article) -> _Edited:
    paragraphs = article.text.split("\n\n")
    return _edited(article, "\n\n".join(paragraphs[: max(len(paragraphs) * 6 // 10, 2)]))


def _append_newsletter(article: Article) -> _Edited:
    offer = (
        "Sign up for our morning newsletter and get the 10 best stories in your inbox.\n\n"
        "By signing up you agree to our terms of use, which were last changed on 3 May 2021. "
        "You can leave the list at any time with one click. Our Editor-in-Chief picks them daily."
    )
    return _edited(article, f"{article.text}\n\n{offer}")


def _agency_credits(article: Article) -> _Edited:
    above = (
        "Jane Roe\n\nThe Associated Press\n\nPublished 3:04 p.m. ET Nov. 8, 2021\n\nRENO (AP) — "
    )
    return _edited(article, f"{above}{article.text}\n\nContributing: John Doe, The Gazette.")


def _respell(article: Article) -> _Edited:
    """Straight quotes, no thousands separators, "%", "U.S." and short months."""
    text = article.text.replace("“", '"').replace("”", '"').replace("’", "'")
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace(" percent", "%")
    text = re.sub(r"\bUnited States\b", "U.S.", re.sub(r"\bUS\b", "U.S.", text))
    return _edited(article, re.sub(r"\b(Nov|Dec)ember (?=\d)", r"\1. ", text))


def _change_one_number(article: Article) -> _Edited:
    return _edited(article, _change(article, r"(?<![\d.,])\d+(?![\d.,]*\d)", _one_more))


def _change_one_name(article: Article) -> _Edited:
    return _edited(article, _change(article, r"(?<=[a-z] )[A-Z][a-z]{3,}", lambda _: "Halloran"))


def _truncate_60_change_number(article: Article) -> _Edited:
    return article, _change_one_number(_truncate_60(article)[1])[1]


def _brief_change_name(article: Article) -> _Edited:
    """Both texts cut to the first sentences, so that one name is much of what they say."""
    return _change_one_name(replace(article, text=" ".join(_prose(article.text)[:3])))


def _one_more(number: str) -> str:
    return str(int(number) + 1)


def _prose(text: str) -> list[str]:
    return [line for line in text.split("\n") if len(line) > 80 and line.endswith(".")]


def _change(article: Article, pattern: str, change: Callable[[str], str]) -> str:
    """Change one place in the prose, chosen by the article's id."""
    found = [(line, place) for line in _prose(article.text) for place in re.finditer(pattern, line)]
    line, place = found[crc32(str(article.path).encode()) % len(found)]
    changed = line[: place.start()] + change(place[0]) + line[place.end() :]
    return article.text.replace(line, changed, 1)


_EDITS: dict[str, Callable[[Article], _Edited]] = {
    "new-headline": _new_headline,
    "drop-last-paragraph": _drop_last_paragraph,
    "truncate-60": _truncate_60,
    "append-newsletter": _append_newsletter,
    "agency-credits": _agency_credits,
    "respell": _respell,
    "change-one-number": _change_one_number,
    "change-one-name": _change_one_name,
    "truncate-60-change-number": _truncate_60_change_number,
    "brief-change-name": _brief_change_name,
}


def _scores(pairs: Sequence[Pair], found: dict[str, list[bool]]) -> Table:
    table = _table("half", "pairs", "copies", "others", "", "precision", "recall", "F1")
    for half, edited in product(("tune", "report"), (False, True)):
        chosen = [i for i, p in enumerate(pairs) if p.half == half and bool(p.edit) == edited]
        copies = sum(pairs[i].is_copy for i in chosen)
        for name, said in found.items():
            true = sum(said[i] and pairs[i].is_copy for i in chosen)
            precision = true / max(sum(said[i] for i in chosen), 1)
            recall = true / max(copies, 1)
            f1 = 2 * precision * recall / max(precision + recall, 1e-9)
            origin = "derived" if edited else "natural"
            counts = (str(copies), str(len(chosen) - copies))
            figures = (f"{figure:.3f}" for figure in (precision, recall, f1))
            table.add_row(half, origin, *counts, name, *figures)
    return table


def _kinds(pairs: Sequence[Pair], found: dict[str, list[bool]]) -> Table:
    table = _table("pairs told right, both halves", *found)
    for kind in dict.fromkeys(f"{p.kind} {p.edit}" for p in pairs):
        chosen = [i for i, p in enumerate(pairs) if f"{p.kind} {p.edit}" == kind]
        right = (sum(said[i] == pairs[i].is_copy for i in chosen) for said in found.values())
        table.add_row(kind, *(f"{count} / {len(chosen)}" for count in right))
    return table


def _speed(pairs: Sequence[Pair]) -> str:
    articles = [pair.first for pair in pairs]
    words = sum(len(article.text.split()) for article in articles)
    started = time.perf_counter()
    for article in articles:
        band_hashes(article)
    ms = 1000 * (time.perf_counter() - started) / len(articles)
    return f"bands: {ms:.1f} ms an article of {words / len(articles):.0f} words"


def _table(*headings: str) -> Table:
    table = Table(box=None)
    for heading in headings:
        table.add_column(heading)
    return table


if __name__ == "__main__":
    typer.run(main)
