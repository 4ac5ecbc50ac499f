"""The answers that people look at are such as Slack takes, and are all that they are said to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.slack.gallery import Exhibit, build_gallery, build_modals, write_gallery
from tests.bot.slack.preview import Shown, render_message
from tests.slack_server import Message, check_blocks, check_view, find_links, find_mentions


@pytest.fixture(scope="module")
def exhibits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exhibit]:
    shown = build_gallery(tmp_path_factory.mktemp("gallery"))
    return {exhibit.name: exhibit for exhibit in shown}


def as_message(shown: Shown) -> Message:
    blocks = list(shown.blocks)
    return Message("C1", "1.1", "UBOT", 0.0, blocks=blocks, markdown=shown.markdown)


def test_slack_takes_all_of_it_and_nothing_of_it_acts(exhibits: dict[str, Exhibit]) -> None:
    assert len(exhibits) >= 20
    for exhibit in exhibits.values():
        addresses = {each.url for each in exhibit.answer.citations}
        for shown in (*exhibit.streamed, *exhibit.posted):
            check_blocks(list(shown.blocks))
            mentions = find_mentions(as_message(shown))
            assert set(mentions) <= {f"<@{exhibit.view.asked_by}>"}, exhibit.name
            if exhibit.answer.answered:
                found = {link.url.replace("&amp;", "&") for link in find_links(as_message(shown))}
                assert found <= addresses, exhibit.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plain", "Mark Rutte chaired the talks"),
        ("old-evidence", "8 months old"),
        ("as-of", "As of 3 May 2023"),
        ("disagreement", "On 3 October 2025 Meridian Wire said 3,100 soldiers"),
        ("syndicated", "Also reported by Harbour Courier"),
        ("polish", "20 sty 2026"),
        ("arabic", "21 يناير 2026"),
        ("code", "parse_orbit()"),
        ("injection", "&lt;!channel&gt;"),
        ("undated", "Coast Post, undated"),
        ("byline", "1 Feb 2020 (by its byline)"),
        ("no-address", "Minutes of the harbour board — 15 Jan 2026 (by its address)"),
        ("emoji", "🎉🌉 Bridge day"),
        ("long-title", "quays and nig…"),
        ("private", "Share with channel"),
        ("refusal", "Closest articles"),
        ("refusal-window", "No article was published within the dates and sources asked for."),
        ("no-articles", "dateline ingest"),
        ("model_declined", "The language model found no answer"),
        ("unsupported", "No article supports an answer"),
        ("other_language", "The built-in models read English only."),
        ("generative", "Written by ollama/llama3.2, checked against the articles"),
        ("forty-sources", "[40] "),
        ("long", "The answer continues in the next message."),
    ],
)
def test_each_shows_what_it_is_there_for(
    exhibits: dict[str, Exhibit], name: str, words: str
) -> None:
    shown = "".join(map(render_message, exhibits[name].streamed))
    assert words in shown


def test_it_is_written_as_json_and_as_pages(exhibits: dict[str, Exhibit], tmp_path: Path) -> None:
    pages = write_gallery(tmp_path, tuple(exhibits.values()))
    assert len(pages) == 2 * len(exhibits) + 1
    (first,) = json.loads((tmp_path / "plain-posted.json").read_text(encoding="utf-8"))
    assert first["blocks"][0]["type"] == "section"
    page = (tmp_path / "injection-streamed.html").read_text(encoding="utf-8")
    assert "<!channel>" not in page
    assert 'href="https://evil' not in page


def test_slack_takes_the_windows(exhibits: dict[str, Exhibit]) -> None:
    for view in build_modals(exhibits["injection"].answer).values():
        check_view(view, "modal")
