"""Passages that are shown are those that answers are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from bot.answering.answerer import Answerer
from bot.answering.questions import build_question
from bot.answering.schema import Draft, Question
from bot.service import LocalService
from eval.dataset import EXAMPLES
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.schema import Passage
from tests.bot.factories import Shelf, open_shelf

QUESTIONS = """
What did the Northern Ledger and Meridian Wire each report on KFOR?
What do The Harbour Courier and Northern Ledger say about Ukraine?
According to Meridian Wire, who was injured in Zvečan, and what did the Northern Ledger report?
What did Meridian Wire report on the letter of intent in February 2026?
Which articles by the Harbour Courier mention Gotland?
Did the Harbour Courier's report on Vilnius differ from the Northern Ledger's report on Oslo?
What did the Northern Ledger publish about DIANA?
Did Cold Response 2022 involve more soldiers than Nordic Response 2024?
Did Finland join NATO before Sweden?
How did defence spending change between 2024 and 2025?
How did KFOR grow from May 2023 to November 2023?
Who hosted the summit in Vilnius, and who hosted the talks in Oslo?
Who signed for Finland, and who signed for Sweden?
Which country spends more on defence, Poland or Estonia?
What did Finland and Sweden each promise Türkiye?
What are Denmark's and Germany's contributions to Eastern Sentry?
How many allies met the target in 2022, 2023 and 2024?
Who won Locked Shields, and how many experts took part?
When was DIANA's first round, and how many firms applied?
Does Poland spend more than Lithuania on defence in 2025?
How many soldiers did Finnland send to Nordic Responce?
Who is Volodimir Zelensky?
What did Stoltenburg propose in Prague?
Which firms did Dianna choose?
What did Hegsett tell allies in Brussels?
Who chaired the talks at Ramstien?
What did Kosiniak-Kamisz say about drones?
Where did Kalas spend her first day?
What happened in Zvecan and in Banjskaa?
Who replaced Oleksi Reznikov?
What happened in June 2025?
What was decided last month?
What did ministers discuss in February 2026?
What did allies promise between June and August 2024?
Who met in Brussels yesterday?
What was known about Rutte as of 1 July 2024?
What did NATO do since September 2025?
Which exercises took place in early 2024?
What was reported on 12 February 2026?
Who was secretary general in 2022?
And Sweden?
When was that?
Who signed it?
How many?
What about France and Germany?
the year before?
Hague summit five per cent
Which article says: “The exercise was not cancelled, and comments of this sort are deleted”?
NATO sends 700 more troops to Kosovo after Zvečan clashes
?
""".strip().splitlines()


class Recorder:
    """Drafts nothing, and keeps what it was to draft from."""

    def __init__(self) -> None:
        self.passages: Sequence[Passage] = ()

    def draft(self, _question: Question, passages: Sequence[Passage], _on_delta: object) -> Draft:
        self.passages = passages
        return Draft((), 0.0, "extractive")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("examples")) as shelf:
        archive_articles([str(EXAMPLES)], shelf.library, IngestSettings.load(), lambda _: None)
        shelf.indexer.catch_up(shelf.indexes)
        yield shelf


@pytest.mark.parametrize("text", QUESTIONS)
def test_search_and_ask_find_the_same_passages(examples: Shelf, text: str) -> None:
    recorder = Recorder()
    answerer = Answerer(examples.retriever, recorder, 0.25)
    question = build_question(text, asked_at="2026-03-01")
    found = LocalService(examples.retriever, answerer, answerer).search(question, None)
    answer = answerer.answer(question)
    used = [(each.article.article_id, each.chunk.start) for each in recorder.passages]
    shown = [(each["article_id"], each["start"]) for each in found["passages"]]
    if answer.answered:  # A quotation needs no draft.
        assert answer.citations[0].article_id == shown[0][0]
    else:
        assert shown == used


def test_names_are_corrected_for_search_too(examples: Shelf) -> None:
    answerer = Answerer(examples.retriever, Recorder(), 0.25)
    service = LocalService(examples.retriever, answerer, answerer)
    wrong = build_question("What did Stoltenburg propose in Prague?", asked_at="2026-03-01")
    right = build_question("What did Stoltenberg propose in Prague?", asked_at="2026-03-01")
    assert service.search(wrong, 5)["passages"] == service.search(right, 5)["passages"]
