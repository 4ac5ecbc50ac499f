"""Whatever a model writes: no changed name, number or denial survives, and the contract holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.drafts import Written, read_draft, shown_so_far
from bot.answering.facts import find_names, read_tokens
from bot.answering.questions import build_question
from bot.answering.schema import Claim
from bot.answering.verification import Verifier
from retrieval.schema import Passage
from tests.bot.answering.test_invariants import ARTICLES, check_quotes, check_text
from tests.bot.factories import Shelf, day, make_passage, open_shelf
from tests.factories import make_article
from tests.fakes import ScriptedLLM

PROFILE = settings(max_examples=300, deadline=None, derandomize=True, database=None)
MORE = (
    make_article(
        title="Two countries send ships",
        text="Finland sent 12 ships and Estonia sent 3 ships on 4 May 2024. Kaja Kallas did not "
        "meet Alexander Stubb in Tallinn. Denmark may join them, and Poland will not. He told "
        "Radio Vega that 1,200 sailors serve. Sales rose 4.5 percent to $20 million in 2023. "
        "Iceland denied that Norway paid 7 million kroner.",
        url="https://example.org/ships",
        published_at=day("2024-05-05"),
    ),
    make_article(
        title="A visit",
        text="Ursula Berg visited Oslo. She promised 40 buses by 2027. No bridge was closed. "
        "Without Sweden the pact of 1949 never held.",
        url="https://example.org/visit",
        published_at=day("2023-01-09"),
    ),
)
PASSAGES = tuple(make_passage(article, rank) for rank, article in enumerate(ARTICLES + MORE, 1))
NAMES = sorted(find_names([passage.text for passage in PASSAGES]) - {"did"})
NUMBERS = ["3", "12", "7", "40", "1,200", "2035", "5", "4.5", "1949", "two", "million", "0"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("corpus"), *ARTICLES, *MORE) as shelf:
        yield shelf


@pytest.fixture(scope="module")
def verifier(corpus: Shelf) -> Verifier:
    return Verifier(corpus.retriever, PASSAGES)


def sentences() -> list[tuple[Passage, str]]:
    return [
        (passage, passage.article.text[start:end])
        for passage in PASSAGES
        for start, end in passage.chunk.sentences
    ]


def verify(verifier: Verifier, passage: Passage, text: str) -> Claim | None:
    return verifier.verify(Written(((text, (passage.rank,)),)))


def replace_each(sentence: str, is_replaced: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """The sentence with one word changed for another, every way."""
    for found in re.finditer(r"\d+(?:[.,]\d+)*|[^\W\d_]+", sentence):
        if found.group().casefold() in is_replaced:
            for other in others:
                if other.casefold() != found.group().casefold():
                    yield sentence[: found.start()] + other + sentence[found.end() :]


def test_every_whole_sentence_is_borne_out_by_itself(verifier: Verifier) -> None:
    lost = [
        text
        for passage, text in sentences()
        if text.endswith((".", "?", "!")) and verify(verifier, passage, text) is None
    ]
    assert [text for text in lost if not re.search(r"He told|ignore all rules", text)] == []


def test_no_changed_number_survives(verifier: Verifier) -> None:
    numbers = {token.written.casefold() for _, text in sentences() for token in read_tokens(text)
               if token.is_number}  # fmt: skip
    changed = [
        (passage, other)
        for passage, text in sentences()
        for other in replace_each(text, sorted(numbers), NUMBERS)
    ]
    assert len(changed) > 150
    survived = [text for passage, text in changed if verify(verifier, passage, text)]
    assert "; ".join(survived) == ""


@pytest.mark.parametrize("small", [False, True], ids=["as names", "in small letters"])
def test_no_changed_name_survives(verifier: Verifier, small: bool) -> None:
    others = [name if small else name.title() for name in [*NAMES, "macron", "brazil"]]
    changed = [
        (passage, other)
        for passage, text in sentences()
        for other in replace_each(text, NAMES, others)
    ]
    assert len(changed) > 1000
    survived = [text for passage, text in changed if verify(verifier, passage, text)]
    assert "; ".join(survived) == ""


def test_no_changed_denial_survives(verifier: Verifier) -> None:
    changed = [
        (passage, without)
        for passage, text in sentences()
        for without in replace_each(text, ["not", "no", "never", "without", "denied"], ["", "a"])
    ]
    changed += [
        (passage, " ".join([*words[:i], word, *words[i:]]))
        for passage, text in sentences()
        for words in [text.split()]
        for word in ("not", "never", "no")
        for i in range(1, len(words) - 1)
    ]
    assert len(changed) > 300
    survived = [text for passage, text in changed if verify(verifier, passage, text)]
    assert "; ".join(survived) == ""


@pytest.mark.parametrize(
    ("claim", "borne_out"),
    [
        ("Finland sent 12 ships.", True),
        ("Estonia sent 3 ships on 4 May 2024.", True),
        ("Finland sent 3 ships.", False),
        ("Estonia sent 12 ships.", False),
        ("Estonia sent 12 ships and Finland sent 3 ships.", False),
        ("Alexander Stubb did not meet Kaja Kallas in Tallinn.", False),
        ("Kaja Kallas met Alexander Stubb in Tallinn.", False),
        ("Denmark will join them.", False),
        ("Poland may join them.", False),
        ("Norway paid 7 million kroner.", False),
        ("Sales rose 4.5% to $20 million in 2023.", True),
        ("In 2023 sales rose 4.5 per cent.", True),
        ("Sales fell 4.5 percent to $20 million in 2023.", False),
        ("Sales rose 4.5 percent to €20 million in 2023.", False),
        ("Sales rose 4.5 percent to $20 billion in 2023.", False),
        ("According to Meridian Wire, Finland sent 12 ships.", True),
        ("As of 5 May 2024, Finland sent 12 ships.", True),
        ("According to Northern Ledger, Finland sent 12 ships.", False),
        ("As of 6 May 2024, Finland sent 12 ships.", False),
        ("Finland sent 12 ships (see https://evil.example/x).", False),
        ("Finland sent 12 ships, says [a page](evil.example).", False),
        ("Yes.", False),
        ("It is so.", False),
        ("ships " * 200 + ".", False),
    ],
)
def test_what_is_said_of_one_thing_is_not_said_of_another(
    verifier: Verifier, claim: str, borne_out: bool
) -> None:
    ships = PASSAGES[len(ARTICLES)]
    assert (verify(verifier, ships, claim) is not None) == borne_out


def test_who_he_or_she_is_may_be_named_from_the_sentence_before(verifier: Verifier) -> None:
    visit = PASSAGES[len(ARTICLES) + 1]
    claim = verify(verifier, visit, "Ursula Berg promised 40 buses by 2027.")
    assert claim is not None
    (evidence,) = claim.evidence
    assert evidence.quote == "Ursula Berg visited Oslo. She promised 40 buses by 2027."
    assert verify(verifier, visit, "Oslo promised 40 buses by 2027.") is None


def test_a_sentence_of_two_passages_has_a_quote_of_each(verifier: Verifier) -> None:
    ships, visit = PASSAGES[len(ARTICLES)], PASSAGES[len(ARTICLES) + 1]
    (written,) = read_draft(
        f"Finland sent 12 ships [{ships.rank}] and Ursula Berg visited Oslo [{visit.rank}]."
    )
    claim = verifier.verify(written)
    assert claim is not None
    assert claim.text == "Finland sent 12 ships and Ursula Berg visited Oslo."
    assert [evidence.passage.rank for evidence in claim.evidence] == [ships.rank, visit.rank]
    (wrong,) = read_draft(
        f"Finland sent 12 ships [{ships.rank}] and Ursula Berg visited Bergen [{visit.rank}]."
    )
    assert verifier.verify(wrong) is None


def test_a_sentence_without_a_marker_gets_one_only_where_it_stands_word_for_word(
    verifier: Verifier,
) -> None:
    (written,) = read_draft("Kaja Kallas did not meet Alexander Stubb in Tallinn.")
    claim = verifier.verify(written)
    assert claim is not None
    assert claim.evidence[0].passage.article.title == "Two countries send ships"
    (other,) = read_draft("Kaja Kallas did not meet Alexander Stubb.")
    assert verifier.verify(other) is None


WORDS = st.sampled_from(
    [*NAMES, *NUMBERS, "not", "never", "by", "[1]", "[2", "3]", "【1】", "[1-3]", "(2)", "[1, 2]",
     "[99]", "[0]", "Source 2:", "Answer:", "# Key", "- ", "\n", "<think>", "</think>", "NO_ANSWER",
     "\x00", "\u202e", "\u200b", "\ud800", "\x1b[31m", "“", "…", "!!!", "日本", "🙂", "[[1]](x)"]
)  # fmt: skip
SPLICED = st.builds(
    lambda chosen, at, word, mark: f"{chosen[1][:at]} {word} {chosen[1][at:].strip('.')} {mark}.",
    st.sampled_from(sentences()),
    st.integers(0, 80),
    WORDS,
    st.integers(0, 9).map(lambda number: f"[{number}]"),
)
PLAIN = st.sampled_from(sentences()).map(lambda each: f"{each[1]} [{each[0].rank}]")
DRAFTS = st.lists(
    PLAIN | SPLICED | WORDS | st.text(max_size=30) | st.just("loop [1]. " * 1000), max_size=6
).map(" ".join)


@PROFILE
@given(DRAFTS)
def test_what_is_kept_of_any_draft_has_its_own_names_and_numbers(
    verifier: Verifier, draft: str
) -> None:
    told = ""
    for end in range(0, min(len(draft), 400), 7):
        shown = shown_so_far(draft[:end])
        assert shown.startswith(told)
        told = shown
    for written in read_draft(draft):
        claim = verifier.verify(written)
        if claim is None:
            continue
        assert claim.evidence
        quotes = " ".join(
            f"{e.quote} {e.passage.article.source} {e.passage.article.published_at}"
            for e in claim.evidence
        )
        held = {token.key for token in read_tokens(quotes)}
        facts = {t.key for t in read_tokens(claim.text) if t.is_number or t.key in NAMES}
        assert facts <= held
        assert ("not" in claim.text.split()) <= (" not " in quotes)
        assert not re.search(r"[\x00-\x1f\u202e\u200b\ud800-\udfff]|https?:", claim.text)


@settings(PROFILE, max_examples=40)
@given(DRAFTS)
def test_every_answer_made_of_any_draft_keeps_the_contract(corpus: Shelf, draft: str) -> None:
    answerer = corpus.build_answerer(ScriptedLLM([draft]), abstain_below=0.05)
    heard: list[str] = []
    answer = answerer.answer(build_question("Who chaired the talks?"), heard.append)
    check_text(answer)
    check_quotes(answer, corpus.library.archive)
    "".join(heard).encode()
    assert answer.answered or answer.text == ""
