"""Markers in any style are read, and nothing of them stays in the text."""

from __future__ import annotations

import pytest

from bot.answering.drafts import read_draft, shown_so_far

SAID = "Baltic Sentry is to protect cables on the bed of the Baltic Sea."
HEAD = SAID.rstrip(".")
MORE = "Frigates and naval drones are to keep watch."


@pytest.mark.parametrize(
    "marker",
    [
        "[2]",
        "\\[2\\]",
        "[cite: 2]",
        "[citation:2]",
        "[passage: 2]",
        "[P2]",
        "[ref 2]",
        "[source=2]",
        "[Quelle 2]",
        "[№2]",
        "^[2]",
        "<sup>2</sup>",
        "<sup>[2]</sup>",
        "<cite>2</cite>",
        '<cite id="2"/>',
        "²",
        "(Source: Passage 2)",
        "(see passage 2)",
        "(ref. 2)",
        "(2)",
        "{2}",
        "{{2}}",
        "\\cite{2}",
        "【2†source】",
        "【2:0†source】",
        "([2])",
        "(source: [2])",
        "(see [2])",
        "(as reported in [2])",
        "(Quelle: [2])",
        "— [2]",
        "- [2]",
        ", [2]",
        ", according to [2]",
        ", source: [2]",
        "[[2]](https://example.org/x)",
        "[2][2]",
    ],
)
def test_a_marker_of_any_style_is_read_and_leaves_nothing_behind(marker: str) -> None:
    space = "" if marker.startswith(",") else " "
    for draft in (f"{HEAD}{space}{marker}.", f"{SAID} {MORE} {HEAD} here{space}{marker}."):
        assert (read_draft(draft)[-1].numbers) == (2,)
    (written,) = read_draft(f"{HEAD}{space}{marker}.")
    assert written.text == SAID


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [
        ("[cite: 1, 3]", (1, 3)),
        ("[P1, P3]", (1, 3)),
        ("[passage: 1; passage: 3]", (1, 3)),
        ("<sup>1,3</sup>", (1, 3)),
        ("¹,³", (1, 3)),
        ("(Sources: passages 1 and 3)", (1, 3)),
        ("[1–3]", (1, 2, 3)),
        ("(see [1] and [3])", (1, 3)),
    ],
)
def test_a_marker_may_name_several_passages(marker: str, numbers: tuple[int, ...]) -> None:
    (written,) = read_draft(f"{HEAD} {marker}.")
    assert (written.text, written.numbers) == (SAID, numbers)


@pytest.mark.parametrize("marker", ["(2)", " ²", "²", "(passage 2)", "[2]", "{2}", "【2】", "[^2]"])
@pytest.mark.parametrize("end", ["in 2029", "about 40,000", "4.48", "on 3 May", "Covid-19", "F-16"])
def test_a_marker_may_stand_behind_a_number(end: str, marker: str) -> None:
    space = "" if "²" in marker else " "
    draft = f"It was reviewed {end}{space}{marker}. It ended {end}{space}{marker}."
    assert [(each.text, each.numbers) for each in read_draft(draft)] == [
        (f"It was reviewed {end}.", (2,)),
        (f"It ended {end}.", (2,)),
    ]


@pytest.mark.parametrize("text", ["It breaks article 5 (2).", "It holds 10⁹.", "It holds 5 m²."])
def test_a_number_behind_a_number_is_no_marker_beside_others_in_brackets(text: str) -> None:
    (written,) = read_draft(f"{text[:-1]} [1].")
    assert (written.text, written.numbers) == (text, (1,))


@pytest.mark.parametrize(
    "lead",
    [
        "In [2], ",
        "[2] states that ",
        "[2]: ",
        "[2] – ",
        "[2] ",
        "Passage [2] says that ",
        "The passage [2] reports that ",
        "Passage 2 states that ",
        "As stated in passage [2], ",
        "According to [2], ",
        "According to passage 2, ",
        "Per source [2], ",
        "As reported by [cite: 2], ",
    ],
)
def test_what_leads_in_a_marker_is_left_out(lead: str) -> None:
    (written,) = read_draft(f"{lead}{SAID}")
    assert (written.text, written.numbers) == (SAID, (2,))
    (small,) = read_draft(f"{lead}frigates keep watch.")
    assert small.text.casefold() == "frigates keep watch."


@pytest.mark.parametrize(
    "text",
    [
        "The lake covers 40 km² of land.",
        "Each m³ of water costs a crown.",
        "In 2023 sales rose, officials said.",
        "The [citation needed] wave came.",
        "It rose 5-7 percent: a record.",
        "He won 3-2 (a record).",
    ],
)
def test_what_is_no_marker_stays(text: str) -> None:
    (written,) = read_draft(text)
    assert (written.text, written.numbers) == (text, ())
    (marked,) = read_draft(f"{text[:-1]} [4].")
    assert (marked.text, marked.numbers) == (text, (4,))


@pytest.mark.parametrize(
    "behind",
    [
        f"{SAID} {MORE} [2]",
        f"{SAID} {MORE} [2].",
        f"{SAID} {MORE} (Passage 2)",
        f"{SAID} {MORE} Source: Passage 2.",
        f"{SAID}\n\n{MORE}\n\n[2]",
        f"- {SAID}\n- {MORE}\n\nSources: [2]",
        f"{SAID} {MORE} [2] One more sentence.",
    ],
)
def test_markers_behind_several_sentences_are_tried_for_each(behind: str) -> None:
    first, second = read_draft(behind)[:2]
    assert (first.text, first.numbers, first.served) == (SAID, (), (2,))
    assert (second.text, second.numbers) == (MORE, (2,))


def test_markers_behind_a_paragraph_serve_no_sentence_with_its_own_or_before_it() -> None:
    written = read_draft(
        f"First came one. {SAID} [1] {MORE} The last went home. [2][3]\nAnd so on."
    )
    assert [(each.numbers, each.served) for each in written] == [
        ((), (1,)),
        ((1,), ()),
        ((), (2, 3)),
        ((2, 3), ()),
        ((), ()),
    ]


def test_a_marker_in_a_tag_is_told_whole() -> None:
    draft = f"{HEAD} <sup>2</sup>."
    told = [shown_so_far(draft[:end]) for end in range(len(draft) + 1)]
    assert not any("<" in each for each in told)
    assert told[-1].endswith("[2].")
