"""Which form a question asks for: those that do, and those that must stay ordinary."""

from __future__ import annotations

import pytest

from bot.answering.forms.reading import read_form
from eval.dataset import GOLD, load_gold

ASKED = {
    "timeline": """
Timeline of Sweden's accession to NATO
timeline of the talks between Serbia and Kosovo
Give me a timeline of the Twitter takeover, please.
Can you show me the chronology of the strike at Verizon?
A chronology of the Kosovo crisis
What happened when in the talks between Poland and Ukraine?
What happened, and when, in Kosovo?
what happened when with the Estlink cable
How did the Twitter deal unfold?
How has the war in Ukraine unfolded?
How did the PURL scheme come about?
How did the summit play out?
Key dates in the Heard trial
The sequence of events in Zvečan
Sweden's accession: a timeline
NATO enlargement timeline
""",
    "latest": """
What is the latest on KFOR?
what's the latest on arctic sentry
What is the latest news about the cable in the Baltic Sea?
Latest on Ukraine's membership
latest news from Pristina
Any news on the long-range missiles?
Any updates about the strike?
What's new with DIANA?
What's new in Kosovo?
Where does Poland stand on Arctic Sentry?
Where do the talks now stand?
Where does Sweden's application stand at present?
What are the most recent developments in Kosovo?
Is there any news on the Ankara summit?
Give me the latest on Kallas
""",
    "changed": """
What changed since the Vilnius summit?
What has changed since April 2024 about the sums planned for military aid to Ukraine?
What changed in Kosovo between May and November 2023?
What's changed in NATO's spending goal since 2024?
How did the strength of KFOR change between spring and late 2023?
How has Hungary's position on Sweden changed?
How did the target evolve from 2024 to 2025?
What is different about Arctic Sentry since January?
""",
    "compare": """
Which is larger, Cold Response or Nordic Response?
Who spends more on defence, Poland or Estonia?
Which package was worth more, the Dutch one or the Nordic one?
Did Estonia or the United States spend the larger share of GDP on defence in 2024?
Did Cold Response 2022 involve more soldiers than Nordic Response 2024?
How do Poland and Spain differ on defence spending?
How does Poland differ from Spain on the five per cent goal?
How does Cold Response compare with Nordic Response?
What is the difference between Baltic Sentry and Eastern Sentry?
Compare Finland with Sweden on accession
Baltic Sentry vs Arctic Sentry
Stoltenberg versus Rutte
""",
    "list": """
Which countries joined NATO since 2022?
Which ministers signed the trilateral memorandum in Madrid?
Which companies laid off workers in 2022?
What countries pay for American arms?
Which people have led NATO?
List all the countries that bought the weapons
Name the players who won in Wimbledon
Who all attended the Antalya meeting?
Which NATO operations carry the name Sentry?
Which other countries took part?
""",
    "summary": """
What is going on with KFOR?
What's going on in Kosovo?
What is happening in the Baltic Sea?
what's happening with Twitter
Tell me about Arctic Sentry
Summarise the Vilnius summit
Give me a summary of the talks in Oslo.
An overview of the spending debate
Brief me on Kosovo
Catch me up on Ukraine
Kosovo
Kosovo?
cables
Arctic Sentry
NATO Ankara summit
drones over Poland
undersea cables Baltic
Elon Musk and Twitter
What do you know about DIANA?
Nordic Response 2024
""",
    "publishers": """
What did PAP report on the defence ministers?
What do the Polish ministry and RksNews each say about Kosovo?
What did Northern Ledger write about Sweden?
What has the BBC reported on the strike?
How did CNN cover the layoffs in October?
""",
}
ORDINARY = """
Who is the secretary general of NATO?
When did Finland join NATO?
How many soldiers does KFOR have?
What is Arctic Sentry?
What is the latest count of allies expected to reach two per cent?
Who chaired the latest meeting of the contact group?
What was the most recent exercise in Norway called?
When is the next summit?
Where is the headquarters of Joint Force Command Norfolk?
Did Sweden join NATO?
Is Serbia a member of NATO?
Has Hungary ratified Sweden's accession?
Why did Türkiye block Sweden?
What did Rutte announce in Helsinki?
What happened in Zvečan on 29 May 2023?
What happened to the Estlink cable?
How did Moscow respond to the invitation?
How did Turkey vote on Finland's protocol?
Which country was the first to ratify?
Which command oversees Arctic Sentry?
Which center organizes Locked Shields?
What kinds of help did allies promise?
What is the purpose of the fund?
How much is Sweden paying?
How large is the fund for Ukraine?
What is the timeline that Rutte proposed for the five per cent goal?
What stands in the letter of July 2024?
What news agency reported the drones first?
Who said that the mood had changed?
Whose position changed in February?
Why has the target been changed?
What does each ally pay for the exercise?
Which article says “an irreversible path”?
What is the name of Poland's new programme, according to The Harbour Courier?
What do leaders expect?
Who told reporters about the attack?
How old is Mark Rutte?
Is it more than in 2022?
Was Locked Shields called off in 2024?
What percentage of GDP does Lithuania devote to defence?
What else did he say?
And when was that?
"""


@pytest.mark.parametrize(
    ("question", "kind"),
    [(question, kind) for kind, asked in ASKED.items() for question in asked.strip().split("\n")],
)
def test_a_form_is_read_from_how_a_question_opens(question: str, kind: str) -> None:
    asked = read_form(question)
    assert asked is not None
    assert asked.kind == kind


@pytest.mark.parametrize("question", ORDINARY.strip().split("\n"))
def test_a_question_about_one_thing_stays_ordinary(question: str) -> None:
    assert read_form(question) is None


# These do ask for two things side by side, or for several; all the others ask for one.
GOLD_FORMS = {
    "g034": "list",
    "g035": "list",
    "g037": "compare",
    "g044": "changed",
    "g096": "list",
    "g120": "list",
    "g121": "changed",
    "g129": "compare",
    "g131": "compare",
    "g143": "changed",
    "g168": "list",
    # Somebody who is no publisher said something: no lines are made of it.
    "g079": "publishers",
}


def test_no_gold_question_about_one_thing_is_taken_for_a_form() -> None:
    items = [item for item in load_gold(GOLD).items if item.kind not in KINDS]
    read = {item.id: asked.kind for item in items if (asked := read_form(item.question))}
    assert read == GOLD_FORMS


KINDS = {"timeline", "latest", "changed", "compare", "list", "summary"}


def test_what_is_asked_about_is_the_question_without_its_opening() -> None:
    asked = read_form("What happened when in the talks between Poland and Ukraine?")
    assert asked is not None
    assert asked.topic == "the talks between Poland and Ukraine"


def test_a_comparison_has_two_sides_each_with_a_question_of_its_own() -> None:
    asked = read_form("Which is larger, Cold Response or Nordic Response?")
    assert asked is not None
    assert [(side.label, side.question) for side in asked.sides] == [
        ("Cold Response", "How large is Cold Response?"),
        ("Nordic Response", "How large is Nordic Response?"),
    ]
