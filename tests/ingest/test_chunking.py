"""Sentences and chunks, with offsets into the text as it is stored."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunking import chunk_article, split_sentences
from ingest.cleaning import clean_characters
from retrieval.schema import Chunk

SAMPLE = (
    "NATO troops said Gen. Smith of the U.S. agreed on 3.5 percent, Zażółć gęślą jaźń. Yes! “No?” "
    "No… и мир 東京 e.g. 👩\u200d🚀 -- Dr. x a b c é ... ( ) \n \n\n"
)
WORDS = SAMPLE.split(" ")
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
LONG_WORDS = st.text("abcдß", min_size=20, max_size=200)
PROSE = st.lists(st.sampled_from(WORDS) | LONG_WORDS, max_size=80).map(" ".join)


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_syllables(texts: Sequence[str]) -> list[int]:
    """As a model's tokenizer does: a long word costs more than a short one."""
    return [sum(1 + len(word) // 4 for word in text.split()) for text in texts]


def chunk(text: str, size: int = 10) -> list[str]:
    return [text[c.start : c.end] for c in chunk_article(text, size, count_words)]


def sentences(text: str) -> list[str]:
    return [text[start:end] for _, (start, end) in split_sentences(text)]


@settings(max_examples=200, deadline=None, database=None)
@given((ANYTHING | PROSE).map(clean_characters), st.integers(min_value=3, max_value=60))
def test_chunks_cover_the_text_in_order_with_exact_offsets(text: str, size: int) -> None:
    chunks = chunk_article(text, size, count_syllables)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    covered, end_before = "", 0
    for each in chunks:
        assert each.start == each.sentences[0][0]
        assert each.end == each.sentences[-1][1]
        for start, end in each.sentences:
            assert end_before <= start < end <= len(text)
            sentence = text[start:end]
            assert sentence == sentence.strip()
            assert "\n" not in sentence
            covered += sentence
            end_before = end
    # Nothing but white space stands outside the sentences.
    assert "".join(covered.split()) == "".join(text.split())


@settings(max_examples=200, deadline=None, database=None)
@given((ANYTHING | PROSE).map(clean_characters), st.integers(min_value=3, max_value=60))
def test_no_chunk_costs_more_than_its_size(text: str, size: int) -> None:
    def cost(chunk: Chunk) -> int:
        return sum(count_syllables([text[start:end] for start, end in chunk.sentences]))

    assert all(cost(each) <= size for each in chunk_article(text, size, count_syllables))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One came. Two left.", ["One came.", "Two left."]),
        ("Who? He! Yes.", ["Who?", "He!", "Yes."]),
        ("“We will act.” He left.", ["“We will act.”", "He left."]),
        ("It rose by 3.5 percent. It fell.", ["It rose by 3.5 percent.", "It fell."]),
        ("A headline\n\nThe text.", ["A headline", "The text."]),
        ("One line\nand the next.", ["One line", "and the next."]),
        ("No full stop", ["No full stop"]),
        ("", []),
        (" \n \n", []),
    ],
)
def test_sentences_end_where_readers_see_them_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "The order came from Gen. Smith in Brussels.",
        "About 900 U.S. troops took part.",
        "Mr. Rutte met Dr. Vance and Sen. Hart.",
        "It was signed on Jan. 5 in the capital.",
        "Adm. J. Stavridis spoke of No. 10 Downing Street.",
        "Ships, e.g. ferries, were told to wait.",
        "Lt. Col. Ann Ekholm vs. the board of St. Olaf.",
    ],
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} The next came.") == [sentence, "The next came."]


def test_whole_paragraphs_are_packed_up_to_the_size() -> None:
    five = "One two three four five."
    assert chunk("\n\n".join([five] * 5), size=10) == [f"{five}\n\n{five}"] * 2 + [five]


def test_a_paragraph_that_would_overfill_a_chunk_begins_the_next() -> None:
    text = "One two three.\n\nOne two three. Four five six. Seven eight."
    assert chunk(text) == ["One two three.", "One two three. Four five six. Seven eight."]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentence = "One two three four."
    assert chunk(" ".join([sentence] * 5)) == [f"{sentence} {sentence}"] * 2 + [sentence]


def test_a_long_sentence_is_cut_between_words() -> None:
    words = [f"word{number:02}" for number in range(25)]
    pieces = chunk(" ".join(words))
    assert len(pieces) >= 3
    assert " ".join(pieces).split() == words


def test_a_word_longer_than_a_chunk_is_cut_within_it() -> None:
    word = "x" * 100
    chunks = chunk_article(word, 5, count_syllables)
    assert "".join(word[c.start : c.end] for c in chunks) == word
    assert len(chunks) > 1


def test_a_text_without_words_has_no_chunks() -> None:
    assert chunk_article("", 10, count_words) == ()
    assert chunk_article("\n\n", 10, count_words) == ()


def test_sentences_end_where_scripts_without_spaces_end_them() -> None:
    text = "議会は計画を承認した。「賛成だ。」と市長。工事は春に始まる！"
    assert sentences(text) == [
        "議会は計画を承認した。",
        "「賛成だ。」",
        "と市長。",
        "工事は春に始まる！",
    ]
