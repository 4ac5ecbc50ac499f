"""Whether words that are quoted find the article they stand in, and are named by an answer.

    python -m benchmarks.quotations HOME [--sentences 200]

Sentences of at least eight words are drawn from the articles of the home. An article counts as
found if it holds the sentence word for word: a syndicated copy does too. The same sentences are
asked for with two of their words exchanged for others; and with the words of two sentences put
together, which stand in no article.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.answers import Bench, open_bench
from bot.answering.parts import search
from bot.answering.questions import build_question
from bot.answering.schema import Answer
from bot.answering.sentences import is_sentence
from ingest.chunking import split_sentences
from retrieval.quotations import find_words
from retrieval.schema import Article

_FEWEST_WORDS = 8
_SEED = 20


def main(
    home: Annotated[Path, typer.Argument(help="A home that has taken in the corpus.")],
    sentences: Annotated[int, typer.Option(min=1, help="How many to draw.")] = 200,
) -> None:
    """Look up sentences, ask for them, and print how often their article is found."""
    console = Console(highlight=False)
    with open_bench(home) as bench:
        drawn = draw_sentences(bench.articles.values(), sentences)
        table = Table("", "share", "n", title=f"{len(drawn)} sentences of {home.name}")
        for name, failed in _measure(bench, drawn):
            table.add_row(name, f"{1 - len(failed) / len(drawn):.3f}", str(len(drawn)))
            for sentence in failed:
                console.print(f"[dim]{name}:[/] {sentence}", soft_wrap=True)
    console.print(table)


def draw_sentences(articles: Iterable[Article], count: int) -> tuple[str, ...]:
    """Whole sentences, one an article, always the same ones."""
    generator = random.Random(_SEED)
    ordered = sorted(articles, key=lambda article: article.article_id)
    drawn: list[str] = []
    for article in generator.sample(ordered, len(ordered)):
        whole = [article.text[start:end] for _, (start, end) in split_sentences(article.text)]
        fit = [each for each in whole if is_sentence(each) and _is_long(each)]
        if fit:
            drawn.append(generator.choice(fit))
        if len(drawn) == count:
            break
    return tuple(drawn)


def change_words(sentence: str, other: str) -> str:
    """Two words, a third and two thirds of the way, exchanged for two of the other sentence."""
    words, others = sentence.split(), sorted(other.split(), key=len)[-2:]
    for part, new in enumerate(others, 1):
        words[part * len(words) // 3] = new.strip('“”".,')
    return " ".join(words)


def make_up(sentence: str, other: str) -> str:
    """Every second word of two sentences, as one."""
    pairs = zip(sentence.split()[::2], other.split()[1::2], strict=False)
    return " ".join(word.strip('“”"') for pair in pairs for word in pair)


def _measure(bench: Bench, sentences: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """What is measured, and the sentences that fail it."""
    yield "search: pasted, first", [s for s in sentences if not _is_first(bench, s, s)]
    yield "search: quoted, first", [s for s in sentences if not _is_first(bench, f"“{s}”", s)]
    asked = {s: _ask(bench, f"Which article says: “{s}”?") for s in sentences}
    yield "ask: article named", [s for s, answer in asked.items() if not _names(bench, answer, s)]
    yield "ask: sentence quoted", [s for s, answer in asked.items() if not _quotes(answer, s)]
    pasted = {s: _ask(bench, s) for s in sentences}
    yield "ask: pasted, quoted", [s for s, answer in pasted.items() if not _quotes(answer, s)]
    others = dict(zip(sentences, [*sentences[1:], sentences[0]], strict=True))
    changed = {
        s: _ask(bench, f"Which article says: “{change_words(s, others[s])}”?") for s in sentences
    }
    yield "ask: two words changed", [s for s in sentences if not _names(bench, changed[s], s)]
    made_up = [s for s in sentences if _ask(bench, f"Who said “{make_up(s, others[s])}”?").answered]
    yield "ask: made up, declined", made_up


def _is_first(bench: Bench, query: str, sentence: str) -> bool:
    passages = search(bench.retriever, build_question(query)).passages
    return bool(passages) and _holds(passages[0].article, sentence)


def _ask(bench: Bench, question: str) -> Answer:
    return bench.bot.answer(build_question(question))


def _names(bench: Bench, answer: Answer, sentence: str) -> bool:
    cited = bench.archive.get_many({citation.article_id for citation in answer.citations})
    return any(_holds(article, sentence) for article in cited.values())


def _quotes(answer: Answer, sentence: str) -> bool:
    return any(sentence in citation.quote for citation in answer.citations)


def _holds(article: Article, sentence: str) -> bool:
    return find_words(sentence, article.text) is not None


def _is_long(sentence: str) -> bool:
    return len(sentence.split()) >= _FEWEST_WORDS


if __name__ == "__main__":
    typer.run(main)
