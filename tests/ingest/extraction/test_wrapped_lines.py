"""Plain text as agencies send it: in lines of one width, or a line a paragraph."""

from __future__ import annotations

import pytest

from ingest.extraction.wrapped_lines import join_wrapped

INDENTED = """
   (HW) - Rosby, March 3 - Foreign Minister Per Lund of Rosby
has said that the declaration of independence of Skane is
unacceptable.
   "Our faith in the government, which will know how to
guarantee the rights of all citizens, is great", he said.
"""
SHORT_LINES_END = """The harbour council of Palmby approved the ferry pier on Monday evening,
of which the state pays half. The pier will cost 42 million kroner, the
mayor said.
The work begins in May and will last for two years, according to the
plan of the council. Ferries will call at the old quay until then."""
BLANK_LINES = SHORT_LINES_END.replace("said.\n", "said.\n\n")


@pytest.mark.parametrize("text", [SHORT_LINES_END, BLANK_LINES, BLANK_LINES.replace("\n", "\r\n")])
def test_lines_of_one_width_are_joined(text: str) -> None:
    first, second = join_wrapped(text)
    assert first.endswith("The pier will cost 42 million kroner, the mayor said.")
    assert second.startswith("The work begins in May and will last for two years, according to")


def test_an_indented_line_begins_a_paragraph() -> None:
    assert [paragraph[:14] for paragraph in join_wrapped(INDENTED)] == [
        "(HW) - Rosby, ",
        '"Our faith in ',
    ]


def test_a_text_indented_throughout_is_one_of_lines_all_the_same() -> None:
    text = "".join(f"    {line}\n" for line in SHORT_LINES_END.splitlines())
    assert join_wrapped(text) == join_wrapped(SHORT_LINES_END)


@pytest.mark.parametrize(
    "text",
    [
        "Anna Holm\nEditor of the Valley News\n\nOne sentence.\nAnd another one that is longer.",
        "Kallby 3 4 5\nNorrby 12 6 7\nRosby 1 2 2",
        "A story on the bridge of Norrvik, as told by the road office on Monday at noon.\n"
        "A second paragraph on that bridge, which is as long as the one before it, or so.\n"
        "The third one says what the mayor of Norrvik thinks of it, which is rather little.",
        "Results of the race around the lake of Elvby on Sunday\nOla Berg, Norrby\nPer Lund, Rosby",
    ],
    ids=["short", "figures", "a line a paragraph", "a list"],
)
def test_other_lines_are_paragraphs(text: str) -> None:
    assert join_wrapped(text) == [line for line in text.split("\n") if line]


def test_the_rows_of_a_table_stay_apart() -> None:
    rows = [f"{'Harbour of ' + name:<40}{sum(map(ord, name)):>12}" for name in ("Odby", "Rosby")]
    assert join_wrapped("\n".join(rows)) == [" ".join(row.split()) for row in rows]


def test_a_line_without_words_stands_alone() -> None:
    text = SHORT_LINES_END.replace("mayor said.", "mayor said.\n--")
    assert "--" in join_wrapped(text)
