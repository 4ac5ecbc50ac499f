"""Plain numbers from plain ids. Each function scores one question; means are over questions."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

_ARTICLES = frozenset({"a", "an", "the"})


def score_ranking(ranked: Sequence[str], relevant: Collection[str]) -> dict[str, float]:
    """Retrieval metrics of one ranking of article ids, by ir-measures (trec_eval's figures)."""
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    named = {
        "hit_rate@1": Success @ 1,
        "hit_rate@4": Success @ 4,
        "hit_rate@10": Success @ 10,
        "recall@10": R @ 10,
        "mrr@10": RR @ 10,
        "ndcg@10": nDCG @ 10,
    }
    if not ranked:
        return dict.fromkeys(named, 0.0)
    qrels = {"q": dict.fromkeys(relevant, 1)}
    run = {"q": {article: float(-rank) for rank, article in enumerate(ranked)}}
    found = ir_measures.calc_aggregate(list(named.values()), qrels, run)
    return {name: float(found[measure]) for name, measure in named.items()}


def first_relevant_rank(ranked: Sequence[str], relevant: Collection[str]) -> int | None:
    return next((rank for rank, article in enumerate(ranked, 1) if article in relevant), None)


def containment(text: str, accepted: Collection[str]) -> float:
    """1 if the text holds any accepted string; case and Unicode composition do not count."""
    folded = _fold(text)
    return float(any(_fold(string) in folded for string in accepted))


def token_f1(answer: str, expected: str) -> float:
    """SQuAD's overlap of words, articles left out: the harmonic mean of precision and recall."""
    ours, theirs = Counter(_words(answer)), Counter(_words(expected))
    shared = sum((ours & theirs).values())
    if not shared:
        return 0.0
    precision, recall = shared / ours.total(), shared / theirs.total()
    return 2 * precision * recall / (precision + recall)


def choice_accuracy(text: str, choices: Collection[str], accepted: Collection[str]) -> float:
    """1 if, of the choices, exactly the right one is named."""
    named = {_fold(choice) for choice in choices if containment(text, [choice])}
    return float(bool(named) and named == {_fold(string) for string in accepted} & named)


def share(matching: int, of: int) -> float:
    return matching / of if of else 0.0


def mean_scores(scored: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each metric over questions that all have it."""
    return {
        metric: sum(scores[metric] for scores in scored) / len(scored)
        for metric in (scored[0] if scored else ())
    }


def unique(articles: Sequence[str]) -> tuple[str, ...]:
    """Qrels judge articles: several chunks of one count once, at the best rank."""
    return tuple(dict.fromkeys(articles))


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", _fold(text)) if word not in _ARTICLES]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
