"""What a sentence states to the digit and to the name stands in its evidence, or is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answering.exact import Told, find_unstated, read_numbers

PUBLISHED = datetime(2026, 2, 13, 9, tzinfo=UTC)  # a Friday


def unstated(claim: str, evidence: str, context: str = "") -> tuple[str, ...]:
    return find_unstated(claim, [Told(evidence, PUBLISHED)], f"{evidence} {context}")


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Allies pledged 5% of output.", "Allies pledged five per cent of output."),
        ("Allies pledged 5 percent.", "Allies pledged 5 % of output."),
        ("It costs 1.2 million euros.", "The price is €1,200,000."),
        ("It costs $3bn.", "They will pay three billion dollars."),
        ("The force has 4,500 soldiers.", "The force has four thousand five hundred soldiers."),
        ("About 4,500 soldiers serve there.", "The force has 4,462 soldiers."),
        ("Finland became the 31st member.", "Finland became its thirty-first member."),
        ("Half a million people fled.", "Some 500,000 people fled."),
        ("Four countries signed.", "Poland, France, Germany and Sweden signed."),
        ("She led it for ten years.", "She led it from 2014 to 2024."),
        ("They met on 12 February 2026.", "They met in Brussels on Thursday."),
        ("They met on Thursday, 12 February 2026.", "They met on February 12."),
        ("They meet on 14 February 2026.", "They are to meet tomorrow."),
        ("The exercise starts in March 2026.", "The exercise starts in March."),
        ("The plant opens in 2027.", "The plant is to open next year."),
        ("They met in 2025.", "They met last year."),
        ("Talks ended in January 2026.", "Talks ended last month."),
        ("They met in February 2026.", "They met on 12 February 2026."),
        ("It was reported on 13 February 2026.", "Nothing is said of a day."),
        ("Polish troops took part.", "Poland sent troops."),
        ("Dutch ships took part.", "The Netherlands sent ships."),
        ("The EU agreed.", "The European Union agreed."),
        ("The European Union agreed.", "The EU agreed."),
        ("The US agreed.", "The U.S. agreed."),
        ("American officials agreed.", "US officials agreed."),
        ("Kosiniak-Kamysz said so.", "Minister Władysław Kosiniak-Kamysz said so."),
        ("Wladyslaw Kosiniak-Kamysz said so.", "Władysław Kosiniak-Kamysz said so."),
        ("Ministers may meet in May.", "In May ministers may meet."),
        ("Rutte's visit was short.", "Mark Rutte paid a short visit."),
    ],
)
def test_what_is_written_in_another_way_is_stated(claim: str, evidence: str) -> None:
    assert unstated(claim, evidence) == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("Allies pledged 3% of output.", "Allies pledged five per cent of output.", "3%"),
        ("Allies pledged 5% of output.", "Five allies pledged more.", "5%"),
        ("It costs 1.2 billion euros.", "The price is €1,200,000.", "1.2e+09€"),
        ("It costs 40 dollars.", "It costs 40 euros.", "40$"),
        ("The force has 4,500 soldiers.", "The force has 4,462 soldiers.", "4500"),
        ("Five countries signed.", "Poland, France, Germany and Sweden signed.", "5"),
        ("She led it for nine years.", "She led it from 2014 to 2024.", "9"),
        ("Finland became the 32nd member.", "Finland became its thirty-first member.", "32"),
        ("German troops took part.", "Poland sent troops.", "German"),
        ("Austrian troops took part.", "Australia sent troops.", "Austrian"),
        ("The UN agreed.", "The European Union agreed.", "UN"),
        ("Officials met Angela Merkel.", "Officials met Olaf Scholz.", "Angela"),
    ],
)
def test_what_stands_nowhere_is_named(claim: str, evidence: str, missing: str) -> None:
    assert missing in unstated(claim, evidence)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("They met on 11 February 2026.", "They met in Brussels on Thursday."),
        ("They met on 12 March 2026.", "They met on 12 February."),
        ("The plant opens in 2028.", "The plant is to open next year."),
        ("They met in 2024.", "They met last year."),
        ("They met on 12 February 2025.", "They met on 12 February 2026."),
    ],
)
def test_another_day_is_not_stated(claim: str, evidence: str) -> None:
    assert unstated(claim, evidence)


def test_a_name_may_stand_in_the_headline_or_be_the_publishers() -> None:
    claim = "According to Northern Ledger, Norway leads Cold Response."
    assert (
        unstated(claim, "The country leads it.", "Norway's Cold Response — Northern Ledger") == ()
    )


def test_what_several_articles_say_bears_a_claim_out_together() -> None:
    before = Told("The group met for the first time in April.", datetime(2022, 4, 26, tzinfo=UTC))
    claim = "The group first met in April 2022 and met again on Thursday, 12 February 2026."
    after = Told("The group met on Thursday.", PUBLISHED)
    assert find_unstated(claim, [before, after], "") == ()
    assert find_unstated(claim, [after], "")


def test_numbers_are_read_with_their_scale_and_unit() -> None:
    found = read_numbers("Some 1.2 million people paid £3m, or twelve per cent, in a dozen towns.")
    assert [(each.value, each.unit) for each in found] == [
        (1_200_000.0, ""),
        (3_000_000.0, "£"),
        (12.0, "%"),
        (12.0, ""),
    ]
    assert found[0].is_about
