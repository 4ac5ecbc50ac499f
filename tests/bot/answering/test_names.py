"""Names of a sentence that a text has in no form."""

from __future__ import annotations

import pytest

from bot.answering.names import find_unknown_names


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("Which Polish troops took part?", "Poland sent troops."),
        ("Which ships did the Netherlands send?", "Dutch ships took part."),
        ("What did the EU agree?", "The European Union agreed."),
        ("What did the European Union agree?", "The EU agreed."),
        ("What did the US agree?", "The U.S. agreed."),
        ("What did American officials agree?", "US officials agreed."),
        ("What did Wladyslaw Kosiniak-Kamysz say?", "Władysław Kosiniak-Kamysz said so."),
        ("How long was Rutte's visit in May?", "Mark Rutte paid a short visit."),
        ("Iranian ships took part.", "Iran sent ships."),
        ("Officials met.", "They met."),
    ],
)
def test_a_name_in_another_form_is_known(sentence: str, text: str) -> None:
    assert list(find_unknown_names(sentence, text)) == []


@pytest.mark.parametrize(
    ("sentence", "text", "unknown"),
    [
        ("Which German troops took part?", "Poland sent troops.", "German"),
        ("Which Austrian troops took part?", "Australia sent troops.", "Austrian"),
        ("Which Iraqi ships took part?", "Iran sent ships.", "Iraqi"),
        ("What did the UN agree?", "The European Union agreed.", "UN"),
        ("Did officials meet Angela Merkel?", "Officials met Olaf Scholz.", "Angela"),
        ("How many berths did the Garul train sell?", "The Garen train sold 40.", "Garul"),
    ],
)
def test_a_name_of_somebody_else_is_unknown(sentence: str, text: str, unknown: str) -> None:
    assert unknown in find_unknown_names(sentence, text)
