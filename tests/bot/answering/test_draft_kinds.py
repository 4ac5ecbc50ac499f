"""Drafts as models of every make write them, over articles: what reaches the reader of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.answering.schema import Answer, Question
from tests.bot.factories import ASKED_AT, Shelf, open_shelf
from tests.factories import make_article
from tests.fakes import ScriptedLLM

FIRST = "NATO is starting Baltic Sentry to protect cables and pipelines in the Baltic Sea."
SECOND = "Frigates, patrol aircraft and a small fleet of naval drones are to keep watch."
OTHER = "Denmark is sending two F-16 fighters and a frigate equipped for air defence."
KFOR = "NATO's peacekeeping force in Kosovo, KFOR, has about 4,500 soldiers. Italy leads KFOR."
ASKED = "What is NATO's operation Baltic Sentry for?"
WOMEN = "How many women serve in NATO's peacekeeping force in Kosovo?"
# {n} is the number of the passage on Baltic Sentry, {m} that of the one on Eastern Sentry.
BAD = OTHER[:-1] + " [{m}]. That is Eastern Sentry, another operation."
GOOD = FIRST[:-1] + " [{n}]."


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    articles = (
        make_article(title="Baltic Sentry begins", text=f"{FIRST} {SECOND}", url="https://e.org/1"),
        make_article(title="Eastern Sentry begins", text=OTHER, url="https://e.org/2"),
        make_article(title="KFOR in Kosovo", text=KFOR, url="https://e.org/3"),
    )
    with open_shelf(tmp_path_factory.mktemp("news"), *articles) as shelf:
        yield shelf


def ask(news: Shelf, draft: str, asked: str = ASKED) -> Answer:
    question = Question(asked, asked_at=ASKED_AT)
    found = news.retriever.retrieve(asked, asked_at=ASKED_AT)
    ranks = {passage.article.title.split()[0]: str(passage.rank) for passage in found}
    written = draft.replace("{n}", ranks["Baltic"]).replace("{m}", ranks["Eastern"])
    llm = ScriptedLLM([written.replace("{k}", ranks["KFOR"])])
    return news.build_answerer(llm, abstain_below=0.02).answer(question)


THOUGHTS = (
    f"<|channel|>analysis<|message|>{BAD}<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}"
    "<|return|>",
    f"analysisThe user asks. {BAD}assistantfinal{GOOD}",
    f"◁think▷{BAD}◁/think▷{GOOD}",
    f"<analysis>\n{BAD}\n</analysis>\n\n{GOOD}",
    f"[THINK]{BAD}[/THINK]{GOOD}",
    "<|channel|>analysis<|message|>If nothing fits:\nNO_ANSWER\nbut one fits.<|end|><|start|>"
    f"assistant<|channel|>final<|message|>{GOOD}<|return|>",
    # Five more.
    f"<reflection>{BAD}\nNO_ANSWER</reflection>\n<output>{GOOD}</output>",
    f"<|start_of_thinking|>{BAD}<|end_of_thinking|>{GOOD}<|endoftext|>",
    f"<details><summary>Thinking…</summary>\n\n{BAD}\n\n</details>\n\n{GOOD}",
    f"[REASONING]\n{BAD}\n[/REASONING]\n\n{GOOD}</s>",
    f"<thinking>\n{BAD}\n</thinking>\n```json\n" + '{"answer": "' + GOOD + '"}\n```',
)


@pytest.mark.parametrize("draft", THOUGHTS)
def test_only_the_answer_is_told_and_nothing_of_the_thoughts(news: Shelf, draft: str) -> None:
    assert ask(news, draft).text == f"{FIRST[:-1]} [1]."


MARKERS = (
    *("\\[{n}\\]", "[cite: {n}]", "[citation:{n}]", "[passage: {n}]", "[P{n}]", "[ref {n}]"),
    *("<sup>{n}</sup>", "[source={n}]", "(Source: Passage {n})", "{{n}}"),
    # Five more.
    *("[doc {n}]", "〔{n}〕", "[[{n}]]", "[^{n}^]", "⟦{n}⟧"),
)


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_of_any_style_cites_the_passage(news: Shelf, marker: str) -> None:
    answer = ask(news, f"{FIRST[:-1]} {marker}. {SECOND[:-1]} {marker}.")
    assert [each.quote for each in answer.citations] == [FIRST, SECOND]
    assert answer.text == f"{FIRST[:-1]} [1]. {SECOND[:-1]} [2]."


RUBBLE = (
    *("{f} ([{n}]).", "{f} (source: [{n}]).", "{f} (see [{n}]).", "{f} — [{n}].", "In [{n}], {F}."),
    *("[{n}] states that {F}.", "[{n}]: {F}.", "As stated in passage [{n}], {F}."),
    # Five more.
    *("{f} (cf. [{n}]).", "{f} (passage [{n}]).", "{f}; see [{n}].", "From [{n}]: {F}."),
    "Passage [{n}] notes that {F}.",
)


@pytest.mark.parametrize("frame", RUBBLE)
def test_what_frames_a_marker_is_not_told(news: Shelf, frame: str) -> None:
    draft = frame.replace("{f}", FIRST[:-1]).replace("{F}", FIRST[:-1])
    assert ask(news, draft).text == f"{FIRST[:-1]} [1]."


BEHIND = (
    *("{f} {s} [{n}]", "{f}\n\n{s}\n\n[{n}]"),
    # Five more.
    *("{f} {s} ({n})", "{f}\n{s}\n(Source: passage {n})", "- {f}\n- {s}\n\n[{n}]"),
    *("{f} {s}[{n}].", "{f} {s}\n\nSources: [{n}]"),
)


@pytest.mark.parametrize("shape", BEHIND)
def test_markers_behind_a_paragraph_serve_its_sentences(news: Shelf, shape: str) -> None:
    answer = ask(news, shape.replace("{f}", FIRST).replace("{s}", SECOND))
    assert [each.quote for each in answer.citations] == [FIRST, SECOND]


REFUSALS = (
    *("NO\\_ANSWER", "NO ANSWER", "No answer.", "Die Artikel nennen keine Zahl."),
    "The passages do not say how many women serve in KFOR.",
    # More, in seven languages, with markers too.
    "no-answer",
    "NO_ANSWER [{k}]",
    '{"answer": "NO_ANSWER"}',
    '{"answer": null}',
    "The passages do not say how many women serve in KFOR [{k}].",
    "There is nothing about women in what I was given [{k}].",
    "I could not find this in the sources [{k}][{n}].",
    "Unfortunately the material is silent on this point [{k}].",
    "It is unclear from the text how many women serve [{k}].",
    "Die Artikel nennen keine Zahl [{k}].",
    "Dazu steht in den Texten nichts, auch nicht über Frauen in der KFOR [{k}].",
    "Les articles ne disent pas combien de femmes servent au Kosovo [{k}].",
    "Aucune information à ce sujet [{k}].",
    "Los artículos no indican cuántas mujeres sirven en la misión [{k}].",
    "Żaden z artykułów nie podaje liczby kobiet w KFOR [{k}].",
    "У статтях не сказано, скільки жінок служить у Косові [{k}].",
    "文章中没有提到有多少女性在科索沃服役[{k}]。",
    "没有相关信息。",
)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_no_quote_overrules_a_refusal_in_any_words(news: Shelf, refusal: str) -> None:
    assert "4,500" in ask(news, "", WOMEN).text, "where the model fails"
    answer = ask(news, refusal, WOMEN)
    assert answer.abstention is not None
    assert answer.abstention.reason == "model_declined"


@pytest.mark.parametrize(
    "draft",
    [
        "KFOR has about 5,000 soldiers, of whom Italy sends most [{k}].",
        "Italy's soldiers are the women who serve [{k}].",
        "About 4,500 women serve [{k}].",
    ],
)
def test_an_answer_that_is_not_supported_is_no_refusal(news: Shelf, draft: str) -> None:
    answer = ask(news, draft, WOMEN)
    assert answer.mode == "extractive"
    assert answer.answered
