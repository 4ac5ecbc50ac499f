"""Answers as people see them in Slack: `python -m tests.bot.slack.gallery FOLDER [--pictures]`.

Writes what is sent as JSON, what it looks like as HTML, and pictures of that in two widths. Most
answers come out of a real archive; those that it gives too rarely are made up.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.answering.answerer import MESSAGES
from bot.answering.keeping import Source
from bot.answering.questions import build_question
from bot.answering.schema import Abstention, Answer, Citation
from bot.slack.blocks import View, build_ending, build_messages, build_rest, build_stream
from bot.slack.modals import build_about, build_as_of, build_comment, build_quotes
from retrieval.schema import Window
from tests.bot.factories import Shelf, day, make_answer, make_citation, open_shelf
from tests.bot.slack.gallery_articles import ARTICLES
from tests.bot.slack.preview import Shown, render_message, render_modal, render_page
from tests.fakes import ScriptedLLM
from tests.programs import CHROMIUM

_WIDTHS = {"wide": 760, "narrow": 375}


@dataclass(frozen=True, slots=True)
class Exhibit:
    name: str
    answer: Answer
    view: View = field(default_factory=View)

    @property
    def streamed(self) -> tuple[Shown, ...]:
        """As most people see it: streamed, with what stands below."""
        first = Shown(build_ending(self.answer, self.view), "".join(self.parts))
        rest = build_rest(self.answer, self.view)
        return (first, *(Shown(message.blocks) for message in rest))

    @property
    def posted(self) -> tuple[Shown, ...]:
        """As it is where Slack allows no stream."""
        return tuple(Shown(message.blocks) for message in build_messages(self.answer, self.view))

    @property
    def parts(self) -> tuple[str, ...]:
        return build_stream(self.answer, self.view)


def build_gallery(home: Path) -> tuple[Exhibit, ...]:
    with open_shelf(home, *ARTICLES) as shelf:
        return (*_ask(shelf), *_make_up())


def _ask(shelf: Shelf) -> Iterator[Exhibit]:
    def ask(text: str, asked_at: str = "2026-03-01", as_of: str | None = None) -> Answer:
        return shelf.service.answer(build_question(text, asked_at=asked_at, as_of=as_of))

    yield Exhibit("plain", ask("Who chaired the talks in The Hague?", "2025-06-27"))
    yield Exhibit("old-evidence", ask("Who chaired the talks in The Hague?"))
    yield Exhibit("as-of", ask("Who leads the border agency?", as_of="2023-05-03"))
    yield Exhibit("disagreement", ask("How many soldiers does the Lindholm mission have?"))
    yield Exhibit("syndicated", ask("Who rescued the people aboard the ferry?"))
    polish = "Budowa mostu w Gdańsku kosztowała 640 milionów złotych."
    yield Exhibit("polish", ask(f"Which article says “{polish}”?"), View(dates="pl"))
    arabic = "بلغت تكلفة الجسر الجديد 640 مليون جنيه."
    yield Exhibit("arabic", ask(f"Which article says “{arabic}”?"), View(dates="ar"))
    yield Exhibit("code", ask("What does the function parse_orbit() of the orbit library take?"))
    erupted = "The volcano Krafla erupted in the north"
    yield Exhibit("injection", ask(f"Which article says “{erupted}”?"))
    yield Exhibit("undated", ask("Who keeps the old lighthouse of Skagen?"))
    yield Exhibit("byline", ask("Who moved into the post in 2019?"))
    yield Exhibit("no-address", ask("Who chairs the harbour board of Veldmark?"))
    yield Exhibit("emoji", ask("Who opened the harbour bridge of Tallinn?"))
    yield Exhibit("long-title", ask("How many boats did the winter study count?"))
    shareable = View(shareable=True, sources=("Meridian Wire", "Northern Ledger"))
    yield Exhibit("private", ask("Who rescued the people aboard the ferry?"), shareable)
    yield Exhibit("refusal", ask("Who won the chess championship in Reykjavik?"))
    yield Exhibit("refusal-window", ask("Who chaired the talks?", as_of="2001-01-01"))
    yield Exhibit("generative", _write(shelf))


def _write(shelf: Shelf) -> Answer:
    """What a model makes of the article about the ferry, whichever passage it is."""
    question = build_question("Who rescued the people aboard the ferry?", asked_at="2026-03-01")
    for number in range(1, 9):
        draft = (
            f"The coast guard rescued all 48 people aboard the ferry [{number}]. "
            f"The ferry had left Veldmark at dawn in heavy fog [{number}]."
        )
        answer = shelf.build_answerer(ScriptedLLM([draft])).answer(question)
        if answer.mode == "generative":
            return replace(answer, model="ollama/llama3.2")
    raise AssertionError("no draft was kept")


def _make_up() -> Iterator[Exhibit]:
    yield Exhibit(
        "no-articles", make_answer(abstention=Abstention("no_articles", MESSAGES["no_articles"]))
    )
    for reason in ("model_declined", "unsupported", "other_language"):
        close = (make_citation(1), make_citation(2, title="Another article", url=None))
        yield Exhibit(reason, make_answer(abstention=Abstention(reason, MESSAGES[reason], close)))
    yield Exhibit("forty-sources", make_long(40))
    yield Exhibit("long", make_long(12, "which says in many words what it has to say " * 20))
    window = Window(since=day("2025-06-01"), until=day("2025-06-30"))
    shared = make_answer(window=window, notes=["Understood as: Who chaired the talks in June?"])
    yield Exhibit("shared", shared, View(asked_by="U0DATE", sources=("Meridian Wire",)))


def make_long(count: int, words: str = "") -> Answer:
    """A sentence, and an article, for each citation."""
    citations = [_make_numbered(number) for number in range(1, count + 1)]
    said = [f"Harbour number {n} reported {n * 7} ships {words}[{n}]." for n in range(1, count + 1)]
    return make_answer(text=" ".join(said), citations=citations)


def _make_numbered(number: int) -> Citation:
    citation = make_citation(
        number,
        title=f"Ships counted in harbour number {number}",
        url=f"https://example.org/harbours/{number}",
        source=("Meridian Wire", "Northern Ledger", "Harbour Courier")[number % 3],
    )
    published_at = day(f"2025-06-{number % 28 + 1:02}")
    return replace(citation, article_id=str(number), published_at=published_at)


def build_modals(answer: Answer) -> dict[str, dict[str, Any]]:
    sources = [Source(each.marker, each.quote, each, stands=True) for each in answer.citations]
    gone = Source(len(sources) + 1, "", None, stands=False)
    cited = replace(answer.citations[0], marker=len(sources) + 2)
    changed = Source(cited.marker, cited.quote, cited, stands=False)
    return {
        "quotes": build_quotes([*sources, gone, changed], "en"),
        "as-of": build_as_of(answer.question, date(2026, 2, 1), "{}"),
        "comment": build_comment("{}"),
        "about": build_about("Is it true that <everybody> was rescued?", "{}"),
    }


def write_gallery(folder: Path, exhibits: Sequence[Exhibit]) -> list[Path]:
    """Returns the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page for each in exhibits for page in _write_exhibit(folder, each)]
    injected = next(each for each in exhibits if each.name == "injection")
    modals = build_modals(injected.answer)
    (folder / "modals.json").write_text(_dump(modals), encoding="utf-8")
    body = "".join(map(render_modal, modals.values()))
    pages.append(_write_page(folder, "modals", body))
    return pages


def _write_exhibit(folder: Path, exhibit: Exhibit) -> Iterator[Path]:
    for form, shown in (("streamed", exhibit.streamed), ("posted", exhibit.posted)):
        name = f"{exhibit.name}-{form}"
        sent = [asdict(message) for message in shown]
        (folder / f"{name}.json").write_text(_dump(sent), encoding="utf-8")
        yield _write_page(folder, name, "".join(map(render_message, shown)))


def _write_page(folder: Path, name: str, body: str) -> Path:
    path = folder / f"{name}.html"
    path.write_text(render_page(name, body), encoding="utf-8")
    return path


def _dump(sent: Any) -> str:
    return json.dumps(sent, ensure_ascii=False, indent=1)


def take_pictures(pages: list[Path]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM.find(), args=["--no-sandbox"])
        for label, width in _WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 200})
            for path in pages:
                page.goto(path.as_uri())
                page.screenshot(path=path.with_name(f"{path.stem}-{label}.png"), full_page=True)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        written = write_gallery(Path(sys.argv[1]).resolve(), build_gallery(Path(home)))
    if "--pictures" in sys.argv:
        take_pictures(written)
    sys.stdout.write(f"{len(written)} pages are in {sys.argv[1]}\n")
