"""Drafts that are JSON are read as prose with markers."""

from __future__ import annotations

import json

import pytest

from bot.answering.drafts import declines, read_draft, shown_so_far

SAID = "Baltic Sentry is to protect cables on the bed of the Baltic Sea."
MORE = "Frigates and naval drones are to keep watch."
MARKED = f"{SAID[:-1]} [2]. {MORE[:-1]} [1]."
OBJECTS: tuple[object, ...] = (
    {"answer": MARKED},
    {"answer": MARKED, "citations": [2, 1], "confidence": 0.9},
    {"reasoning": "Passage 3 says: Whales sing [3].", "answer": MARKED},
    {"Answer": [f"{SAID} [2]", f"{MORE} [1]"]},
    {"sentences": [{"text": SAID, "passages": [2]}, {"text": MORE, "passages": [1]}]},
    {"claims": [{"statement": SAID, "source": 2}, {"statement": MORE, "source": "[1]"}]},
    {"answer": [{"sentence": SAID, "quotes": ["cables"], "passage": 2}, {"x": MORE, "refs": [1]}]},
    [{"text": SAID, "citations": [{"passage": 2}]}, {"text": MORE, "citations": [{"id": "P1"}]}],
)


@pytest.mark.parametrize("value", OBJECTS)
@pytest.mark.parametrize("shape", ["{}", "```json\n{}\n```", "<think>Hm.</think>{}<|im_end|>"])
def test_the_sentences_of_json_are_read_with_the_numbers_beside_them(
    value: object, shape: str
) -> None:
    for indent in (None, 2):
        draft = shape.replace("{}", json.dumps(value, ensure_ascii=False, indent=indent))
        found = [(each.text, each.numbers) for each in read_draft(draft)]
        assert found == [(SAID, (2,)), (MORE, (1,))]
        assert not declines(draft)


def test_numbers_beside_a_text_of_several_sentences_serve_each() -> None:
    first, second = read_draft(json.dumps({"answer": f"{SAID} {MORE}", "passages": [1, 2]}))
    assert (first.served, second.numbers) == ((1, 2), (1, 2))


@pytest.mark.parametrize(
    "value",
    [
        {"answer": None},
        {"answer": ""},
        {"answer": "NO_ANSWER"},
        {"answer": None, "reason": "The passages are about something else."},
        {"answerable": False},
        {"sentences": []},
        {"thoughts": "Whales sing [1]."},
    ],
)
def test_json_without_a_sentence_declines(value: object) -> None:
    assert declines(json.dumps(value))


@pytest.mark.parametrize("cut", [-1, -2, -12])
def test_json_that_was_cut_off_is_read_as_far_as_it_goes(cut: int) -> None:
    draft = json.dumps({"answer": MARKED})[:cut]
    assert (read_draft(draft)[0].text, read_draft(draft)[0].numbers) == (SAID, (2,))


@pytest.mark.parametrize(
    "draft", [MARKED, "{2} " + SAID, "[1] [2] " + SAID, "[Meridian Wire] It rose.", "{'a': 1}."]
)
def test_what_only_begins_like_json_is_prose(draft: str) -> None:
    assert shown_so_far(draft)
    assert not declines(draft)
    assert read_draft(draft)


def test_nothing_of_json_is_told_while_it_is_written() -> None:
    for value in OBJECTS:
        draft = "```json\n" + json.dumps(value)
        assert {shown_so_far(draft[:end]) for end in range(len(draft) + 1)} == {""}
