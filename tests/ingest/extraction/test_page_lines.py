"""Lines of a layout, put together to paragraphs."""

from __future__ import annotations

import pytest

from ingest.extraction.page_lines import Line, find_largest, join_lines

FULL = "The ministers signed the accord on Monday after two years"


def page(*lines: str, size: float = 10.0, leading: float = 12.0) -> list[Line]:
    return [Line(text, size, 800 - leading * number) for number, text in enumerate(lines)]


def test_lines_that_go_on_are_one_paragraph() -> None:
    assert join_lines([page(FULL, "of talks, and both", "sides were glad.")]) == [
        f"{FULL} of talks, and both sides were glad."
    ]


def test_a_short_line_that_ends_a_sentence_ends_a_paragraph() -> None:
    assert join_lines([page(FULL, "of talks.", "Ships of both countries may use the strait now.")])[
        0
    ] == (f"{FULL} of talks.")


def test_a_gap_wider_than_usual_ends_a_paragraph() -> None:
    lines = [*page(FULL, FULL, FULL), Line("Both sides were glad.", 10, 740)]
    assert join_lines([lines]) == [f"{FULL} {FULL} {FULL}", "Both sides were glad."]


def test_letters_of_another_size_begin_a_paragraph() -> None:
    lines = [*page(FULL, FULL), *page("a caption in small letters", size=7)]
    assert join_lines([lines])[1:] == ["a caption in small letters"]


def test_a_date_stands_alone() -> None:
    assert join_lines([page("Accord signed", "12 February 2026", FULL)])[1] == "12 February 2026"


def test_a_paragraph_goes_on_over_the_page() -> None:
    pages = [
        page("Gazette", "Words of a length that makes a line a full line.", FULL, "Page 1"),
        page("Gazette", "of talks in both capitals.", "Ships may pass.", "Page 2"),
    ]
    assert join_lines(pages)[0].endswith(f"{FULL} of talks in both capitals.")


@pytest.mark.parametrize("number", ["2", "- 2 -", "Page 2", "2 / 12", "Page 2 of 12", "Seite 2"])
def test_page_numbers_are_left_out(number: str) -> None:
    assert join_lines([page(FULL, number)]) == [FULL]


def test_a_number_within_the_text_stays() -> None:
    assert "1997" in join_lines([page(FULL, FULL, "1997", FULL, FULL)])[0]


def test_running_heads_are_left_out_whatever_their_number() -> None:
    texts = ["Ships came in.", "Crews went ashore.", "Fish was landed."]
    pages = [page(f"Gazette {n}", text, "www.example.org") for n, text in enumerate(texts)]
    assert join_lines(pages) == texts


def test_a_title_page_keeps_in_large_letters_what_runs_over_the_pages() -> None:
    title = Line("Harbour Gazette", 24, 700)
    pages = [[title], *(page("Harbour Gazette", f"{FULL} {n}.") for n in range(3))]
    assert join_lines(pages)[0] == "Harbour Gazette"


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("an inter-", "national accord", "an international accord"),
        ("an inter\u2010", "national accord", "an international accord"),
        ("the long-", "term plan, long and each term", "the long-term plan, long and each term"),
        ("from 2024-", "25 on", "from 2024- 25 on"),
        ("Franco-", "German talks", "Franco- German talks"),
        ("so be it -", "or not", "so be it - or not"),
    ],
)
def test_a_word_hyphenated_at_a_line_s_end_is_whole_again(
    above: str, below: str, joined: str
) -> None:
    assert join_lines([page(above, below)]) == [joined]


def test_the_headline_is_what_is_set_largest() -> None:
    headline = [Line("Ministers sign accord", 20, 820), Line("on the strait", 20, 800)]
    assert find_largest([[*headline, *page(FULL, FULL)]]) == "Ministers sign accord on the strait"
    assert find_largest([page(FULL, FULL)]) is None
    assert find_largest([[], []]) is None


def test_a_drop_cap_is_no_headline() -> None:
    assert find_largest([[Line("T", 40, 800), *page(FULL, FULL)]]) is None
