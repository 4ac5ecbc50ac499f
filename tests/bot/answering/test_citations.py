"""Markers and citations: one each, and the quote to the character."""

from __future__ import annotations

import re

import pytest

from bot.answering.citations import build_citation, cite
from bot.answering.schema import Claim
from tests.bot.factories import QUOTE, make_evidence, make_passage
from tests.factories import SUMMIT, make_article

SPENDING = "They agreed to spend 5 percent of GDP on defence by 2035."


@pytest.mark.parametrize(
    ("sentence", "marked"),
    [
        ("It rose.", "It rose [1]."),
        ("Did it rise?", "Did it rise [1]?"),
        ("It rose!", "It rose [1]!"),
        ("It rose…", "It rose [1]…"),
        ("“It rose.”", "“It rose [1].”"),
        ('He said "it rose."', 'He said "it rose [1]."'),
        ("(It rose.)", "(It rose [1].)"),
        ("It rose to 5.5 percent.", "It rose to 5.5 percent [1]."),
        ("It rose", "It rose [1]."),
    ],
)
def test_the_marker_stands_before_the_punctuation_that_ends_the_sentence(
    sentence: str, marked: str
) -> None:
    text, _ = cite([Claim(sentence, (make_evidence(QUOTE),))])
    assert text == marked


def test_each_quote_has_one_marker_and_one_citation() -> None:
    text, citations = cite(
        [
            Claim(SPENDING, (make_evidence(SPENDING),)),
            Claim(QUOTE, (make_evidence(QUOTE),)),
        ]
    )
    assert text == f"{SPENDING[:-1]} [1]. {QUOTE[:-1]} [2]."
    assert [citation.marker for citation in citations] == [1, 2]
    assert [citation.quote for citation in citations] == [SPENDING, QUOTE]


def test_a_quote_that_two_sentences_rest_on_shares_its_marker() -> None:
    text, citations = cite(
        [
            Claim("Rutte was in the chair.", (make_evidence(QUOTE),)),
            Claim("He chaired.", (make_evidence(QUOTE), make_evidence(SPENDING))),
        ]
    )
    assert text == "Rutte was in the chair [1]. He chaired [1][2]."
    assert len(citations) == 2


def test_one_sentence_that_names_a_quote_twice_has_its_marker_once() -> None:
    text, citations = cite([Claim(QUOTE, (make_evidence(QUOTE), make_evidence(QUOTE)))])
    assert text == "Mark Rutte chaired the talks [1]."
    assert len(citations) == 1


def test_the_same_words_in_two_articles_are_two_citations() -> None:
    other = make_passage(make_article(url="https://example.org/other"))
    _, citations = cite([Claim(QUOTE, (make_evidence(QUOTE), make_evidence(QUOTE, other)))])
    assert [citation.url for citation in citations] == [
        "https://example.org/summit",
        "https://example.org/other",
    ]


def test_nothing_claimed_is_nothing_cited() -> None:
    assert cite([]) == ("", ())


def test_a_citation_says_who_published_the_quote_when_and_where_it_stands() -> None:
    passage = make_passage(also_reported_by=("Northern Ledger",))
    citation = build_citation(make_evidence(QUOTE, passage), 3)
    assert citation.marker == 3
    assert citation.article_id == passage.article.article_id
    assert citation.title == "Allies meet in The Hague"
    assert citation.source == "Meridian Wire"
    assert citation.published_at == passage.article.published_at
    assert citation.date_provenance == "structured"
    assert SUMMIT[citation.start : citation.end] == citation.quote == QUOTE
    assert citation.also_reported_by == ("Northern Ledger",)


def test_brackets_in_an_article_s_own_words_cannot_pass_for_a_marker() -> None:
    sentence = "The rate rose to 5 percent [9]."
    passage = make_passage(make_article(text=sentence))
    text, citations = cite([Claim(sentence, (make_evidence(sentence, passage),))])
    assert set(re.findall(r"\[(\d+)\]", text)) == {"1"}
    assert citations[0].quote == sentence
