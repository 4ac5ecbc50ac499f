"""Characters put in order."""

from __future__ import annotations

import pytest

from ingest.cleaning import clean_characters, count_words, join_paragraphs
from ingest.errors import UnreadableInput


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("  two \t words  \n  more ", "two words\nmore"),
        ("non\u00a0breaking\u2003spaces\u2028here", "non breaking spaces here"),
        ("Zu\u0308rich Wl\u0301", "Zürich Wĺ"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("right\u202eot tfel\u202c", "rightot tfel"),
        ("null\x00 bell\x07", "null bell"),
        ("end of page.\x0cNext page", "end of page.\nNext page"),
        ("👩\u200d🚀 flies", "👩\u200d🚀 flies"),
        ("half a pair \ud83d of surrogates", "half a pair of surrogates"),
        ("", ""),
    ],
)
def test_characters_are_put_in_order(raw: str, cleaned: str) -> None:
    assert clean_characters(raw) == cleaned
    assert clean_characters(cleaned) == cleaned


def test_paragraphs_are_joined_by_a_blank_line_without_empty_ones() -> None:
    words = "one two three four five six seven eight"
    assert join_paragraphs([words, "", words]) == f"{words}\n\n{words}"


def test_fewer_than_fifteen_words_are_no_article() -> None:
    assert join_paragraphs(["word " * 14 + "word"]).count("word") == 15
    with pytest.raises(UnreadableInput, match="14 words"):
        join_paragraphs(["word " * 13 + "word"])


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("湊市議会は水曜日の夜、新しいフェリー桟橋の建設計画を承認した。", 13, 17),
        ("林德马克港口理事会周二批准了新渡轮码头的建设计划。", 11, 14),
        ("สภาท่าเรืออนุมัติแผนก่อสร้างท่าเรือข้ามฟากแห่งใหม่เมื่อวันพุธ", 10, 15),
        ("항만 위원회는 새 부두 건설 계획을 승인했다", 7, 7),
        ("The council – of Isby – approved 42 million", 7, 7),
    ],
    ids=["Japanese", "Chinese", "Thai", "Korean", "English"],
)
def test_words_are_counted_where_no_spaces_part_them(text: str, least: int, most: int) -> None:
    assert least <= count_words(text) <= most
