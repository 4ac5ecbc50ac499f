"""What a question quotes, and where a text holds it."""

from __future__ import annotations

import pytest

from retrieval.quotations import (
    asks_who_said,
    blank_quotations,
    find_quotations,
    find_words,
)

SAID = "we shall keep the pier open all winter"


@pytest.mark.parametrize("marks", ["“”", '""', "«»", "»«", "„“", "„”", "‹›", "‘’", "''"])
def test_words_are_quoted_in_any_marks(marks: str) -> None:
    question = f"Who said {marks[0]}{SAID}{marks[1]} on Monday?"
    assert any(quotation.words == SAID for (quotation, *_) in find_quotations(question))
    assert asks_who_said(question)


def test_marks_within_marks_belong_to_the_words() -> None:
    inner = 'She said "no" twice, and then she left the hall'
    (first, *_), *_ = find_quotations(f"Which article says: “{inner}”?")
    assert first.words == inner


def test_two_quotations_are_looked_up_by_themselves() -> None:
    groups = find_quotations("Who said “one two three four” and “five six seven eight”?")
    assert [each.words for each in groups[1]] == ["one two three four", "five six seven eight"]


@pytest.mark.parametrize(
    "question",
    ["Who sang “Blue Pier”?", "Who leads the alliance?", "It's the dog's bone, isn't it?", ""],
)
def test_a_name_in_marks_and_a_short_question_quote_nothing(question: str) -> None:
    assert find_quotations(question) == ()
    assert not asks_who_said(question)


def test_a_sentence_is_looked_up_without_marks() -> None:
    sentence = f"On Monday the mayor promised that {SAID}."
    assert [group[0].words for group in find_quotations(sentence)] == [sentence]
    told = f"Which article says that {SAID}?"
    assert find_quotations(told)[0][0].words == f"{SAID}?"
    assert not asks_who_said(told)


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        (f"Who said “{SAID}”?", True),
        (f"Which article says: “{SAID}”?", True),
        (f"Where was it reported that “{SAID}”?", True),
        (f"What is known of “{SAID}”?", False),
        (f"What was said about “{SAID}”?", False),
        ("Who directed “The Long Winter at the Pier”?", False),
    ],
)
def test_a_question_about_the_words_themselves_is_told_from_one_about_a_thing(
    question: str, asks: bool
) -> None:
    assert asks_who_said(question) is asks


@pytest.mark.parametrize(
    "text",
    [
        "“We shall keep the pier open, all winter”, she said.",
        "We shall  keep the\nPIER open – all winter.",
    ],
)
def test_words_are_found_whatever_stands_between_them(text: str) -> None:
    place = find_words(SAID, text)
    assert place is not None
    assert text[slice(*place)].lower().startswith("we shall")
    assert text[slice(*place)].lower().endswith("winter")


@pytest.mark.parametrize(
    "text",
    [
        "We shall not keep the pier open all winter.",
        "All winter we shall keep the pier open.",
        "We shall keep the pier open all winters.",
    ],
)
def test_other_words_or_another_order_are_not_the_quotation(text: str) -> None:
    assert find_words(SAID, text) is None


def test_quoted_words_are_blanked_and_names_in_marks_are_not() -> None:
    question = "Who said “as of 3 May we close” at “Pier One”?"
    blank = blank_quotations(question)
    assert len(blank) == len(question)
    assert "3 May" not in blank
    assert "“Pier One”" in blank
