"""Answers as messages that Slack takes, in which no citation is lost and no text acts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.schema import Abstention, Answer, Citation
from bot.slack import blocks
from bot.slack.blocks import View, build_ending, build_messages, build_rest, build_stream
from retrieval.schema import DateProvenance, Window
from tests.bot.factories import day, make_answer, make_citation
from tests.slack_server import Message, check_blocks, find_links, find_mentions, read_shown

JOINER = "\u2060"


def shown(parts: Sequence[blocks.Message]) -> list[Message]:
    return [Message("C1", "1.1", "UBOT", 0.0, text=each.text, blocks=each.blocks) for each in parts]


def streamed(answer: Answer, view: View = View()) -> list[Message]:
    """The message that was streamed, and those below it."""
    markdown, ending = "".join(build_stream(answer, view)), build_ending(answer, view)
    first = Message("C1", "1.0", "UBOT", 0.0, markdown=markdown, blocks=ending)
    return [first, *shown(build_rest(answer, view))]


def test_a_reply_to_small_talk_is_plain_and_its_headlines_format_nothing() -> None:
    message = "Ask me about “*Cable* <@U1> cut”."
    answer = make_answer(abstention=Abstention("small_talk", message))
    (sent,) = build_messages(answer)
    assert len(sent.blocks) == 1
    assert "∗Cable∗ <@U1> cut" in read(answer)
    assert build_ending(answer) == []
    check([*shown([sent]), *streamed(answer)])


def read(answer: Answer, view: View = View()) -> str:
    return "\n".join(map(read_shown, shown(build_messages(answer, view))))


def check(messages: Iterable[Message]) -> None:
    """What Slack takes: counted by it, and with the margin that we mean to leave."""
    for message in messages:
        check_blocks(message.blocks)
        assert len(message.blocks) <= 48
        assert len(message.text) <= 4_000
        assert len(message.markdown) <= 12_000
        assert sum(len(text) for text in _texts(message.blocks)) + len(message.markdown) <= 12_500
        for text in _texts(message.blocks):
            assert len(text.encode("utf-16-le")) // 2 <= 3_000
            assert re.search(r"&(?!(?:amp|lt|gt);)", re.sub(r"<[^>]*>", "", text)) is None


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for one in part for text in _texts(one)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) and part["type"] == "mrkdwn" else []
    return own + [text for one in part.values() for text in _texts(one)]


def kinds(parts: list[dict[str, Any]]) -> list[str]:
    return [part["type"] for part in parts]


def test_an_answer_is_text_notes_limits_sources_and_buttons_in_this_order() -> None:
    answer = make_answer(
        citations=[make_citation(also_reported_by=["Northern Ledger", "B & C"])],
        notes=["An <old> note.", "Another."],
        window=Window(as_of=day("2025-07-01")),
    )
    (message,) = build_messages(answer)
    check(shown([message]))
    assert kinds(message.blocks) == [
        "section", "context", "context", "section", "actions", "context_actions",
    ]  # fmt: skip
    assert read_shown(shown([message])[0]).split("\n") == [
        "Mark Rutte chaired the talks [1].",
        "An <old> note.",
        "Another.",
        "As of 1 Jul 2025",
        "*Source*",
        "[1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025",
        "\u2003Also reported by Northern Ledger, B & C",
        "Quotes",
        "Ask again as of…",
        "Good answer",
        "Bad answer",
    ]


def test_markers_and_titles_link_to_their_articles() -> None:
    answer = make_answer(
        text="One thing rose [1][2]. Another fell [3].",
        citations=[
            make_citation(1, url="https://example.org/a?b=1&c=2"),
            make_citation(2, url=None, title="From a file"),
            make_citation(3, url="https://example.org/b"),
        ],
    )
    markers = [("https://example.org/a?b=1&amp;c=2", "[1]"), ("https://example.org/b", "[3]")]
    (message,) = shown(build_messages(answer))
    assert [(each.url, each.label) for each in find_links(message)][:2] == markers
    stream = streamed(answer)[0]
    assert [each.label for each in find_links(stream)][:2] == ["[1]", "[3]"]
    assert find_links(stream)[0].url == "https://example.org/a?b=1&c=2"
    assert read_shown(stream).startswith("One thing rose [1][2]. Another fell [3].")


def test_an_article_that_is_cited_twice_is_one_source_of_two_markers() -> None:
    citations = [replace(make_citation(n), article_id="ab"[n % 2]) for n in (1, 2, 3)]
    answer = make_answer(text="A [1]. B [2]. C [3].", citations=citations)
    lines = [line for line in read(answer).split("\n") if line.startswith("[")]
    assert [line.split()[0] for line in lines] == ["[1][3]", "[2]"]


@pytest.mark.parametrize(
    ("provenance", "language", "said"),
    [
        ("structured", "en", "25 Jun 2025"),
        ("feed", "en", "25 Jun 2025"),
        ("byline", "en", "25 Jun 2025 (by its byline)"),
        ("url", "en", "25 Jun 2025 (by its address)"),
        ("structured", "pl", "25 cze 2025"),
        ("structured", "de", "25. Juni 2025"),
        ("structured", "ar", "25 يونيو 2025"),
        ("structured", "pt-BR", "25 de jun. de 2025"),
    ],
)
def test_a_date_is_said_in_the_language_wanted_and_where_it_is_from(
    provenance: DateProvenance, language: str, said: str
) -> None:
    citation = replace(make_citation(), date_provenance=provenance)
    answer = make_answer(citations=[citation])
    assert f"— Meridian Wire, {said}\n" in read(answer, View(dates=language))


def test_an_undated_article_is_said_to_be() -> None:
    citation = replace(make_citation(), published_at=None, date_provenance="unknown")
    answer = replace(make_answer(citations=[citation]), newest_evidence_at=None)
    lines = read(answer).split("\n")
    assert "[1] Allies meet in The Hague — Meridian Wire, undated" in lines


def test_sources_of_which_only_some_are_dated_are_said_to_be() -> None:
    undated = replace(make_citation(2), published_at=None, article_id="b")
    some = make_answer(text="A [1]. B [2].", citations=[make_citation(1), undated])
    assert "Not all sources are dated" in read(some).split("\n")
    assert "Not all sources are dated" not in read(make_answer())


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (Window(as_of=day("2025-07-01")), "As of 1 Jul 2025"),
        (Window(since=day("2025-07-01")), "Published since 1 Jul 2025"),
        (Window(until=day("2025-07-01")), "Published until 1 Jul 2025"),
        (
            Window(since=day("2025-07-01"), until=day("2025-07-31")),
            "Published 1 Jul 2025 – 31 Jul 2025",
        ),
        (
            Window(prefer_since=day("2025-07-01"), prefer_until=day("2025-07-31")),
            "About 1 Jul 2025 – 31 Jul 2025",
        ),
        (
            Window(prefer_since=day("2025-07-01"), prefer_until=day("2025-07-01")),
            "About 1 Jul 2025",
        ),
    ],
)
def test_the_dates_that_an_answer_is_limited_to_are_said(window: Window, said: str) -> None:
    assert said in read(make_answer(window=window)).split("\n")


def test_the_sources_in_force_and_the_model_are_said() -> None:
    answer = replace(make_answer(), mode="generative", model="ollama/llama3.2")
    lines = read(answer, View(sources=("Meridian Wire", "A & B"))).split("\n")
    assert "Only from Meridian Wire, A & B" in lines
    assert "Written by ollama/llama3.2, checked against the articles" in lines


def test_an_answer_without_limits_has_no_line_about_them() -> None:
    assert "context" not in kinds(build_messages(make_answer())[0].blocks)


def test_a_refusal_is_its_message_and_the_closest_articles_with_what_they_say() -> None:
    declined = Abstention("no_evidence", "No article here answers this.", (make_citation(),))
    answer = make_answer(abstention=declined)
    check(shown(build_messages(answer)))
    assert read(answer).split("\n") == [
        "No article here answers this.",
        "*Closest article*",
        "Allies meet in The Hague — Meridian Wire, 25 Jun 2025",
        "Mark Rutte chaired the talks.",
        "Ask again as of…",
        "Good answer",
        "Bad answer",
    ]
    assert read_shown(streamed(answer)[0]).split("\n")[0] == "No article here answers this."


def test_a_refusal_for_want_of_articles_offers_nothing_to_press() -> None:
    declined = Abstention("no_articles", "There are no articles yet: add some with `dateline`.")
    (message,) = build_messages(make_answer(abstention=declined))
    assert kinds(message.blocks) == ["section"]
    assert read_shown(shown([message])[0]) == "There are no articles yet: add some with `dateline`."


def test_only_an_answer_that_one_person_sees_can_be_shared() -> None:
    assert "Share with channel" not in read(make_answer())
    assert "Share with channel" in read(make_answer(), View(shareable=True))
    declined = Abstention("no_evidence", "No article here answers this.")
    assert "Share" not in read(make_answer(abstention=declined), View(shareable=True))


def test_every_button_names_the_answer() -> None:
    actions, rating = build_messages(make_answer(), View(shareable=True))[0].blocks[-2:]
    assert [button["value"] for button in actions["elements"]] == ["a1"] * 3
    (buttons,) = rating["elements"]
    assert buttons["positive_button"]["value"] == "up:a1"
    assert buttons["negative_button"]["value"] == "down:a1"


def test_a_shared_answer_says_who_asked_what() -> None:
    answer = replace(make_answer(), question="Who <!channel> *chaired*?")
    (message,) = shown(build_messages(answer, View(asked_by="U7")))
    assert find_mentions(message) == ("<@U7>",)
    assert read_shown(message).startswith("@U7 asked: Who <!channel> ∗chaired∗?")


def test_notifications_say_what_is_answered_and_who_published_it() -> None:
    (message,) = build_messages(make_answer(notes=["A note."]))
    assert message.text == (
        "Mark Rutte chaired the talks [1].\nA note.\n"
        "[1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025"
    )


def test_a_long_answer_is_split_between_sentences() -> None:
    sentences = [f"Sentence {n} says what it has to say at some length [1]." for n in range(200)]
    answer = make_answer(text=" ".join(sentences))
    messages = build_messages(answer)
    check(shown(messages))
    leads = [each["text"]["text"] for page in messages for each in page.blocks if "text" in each]
    leads = [text for text in leads if text.startswith("Sentence")]
    assert len(leads) > 3
    assert all(text.endswith("[1]>.") for text in leads)
    assert len(re.findall(r"Sentence \d+", " ".join(leads))) == 200


def test_a_stream_takes_whole_sentences_and_what_is_left_goes_below_it() -> None:
    sentences = [f"Sentence {n} says what it has to say at some length [1]." for n in range(200)]
    answer = make_answer(text=" ".join(sentences))
    parts = build_stream(answer)
    assert all(re.search(r"\)\. ?$", part) for part in parts)
    assert len(parts) < 20
    messages = streamed(answer)
    check(messages)
    assert read_shown(messages[0]).endswith("The answer continues in the next message.")
    told = " ".join(map(read_shown, messages))
    assert re.findall(r"Sentence (\d+)", told) == [str(n) for n in range(200)]


def test_a_short_answer_is_streamed_and_ended_in_one_message() -> None:
    answer = make_answer(notes=["A note."])
    assert build_rest(answer) == ()
    assert build_ending(answer) == build_messages(answer)[0].blocks[1:]


def make_many(count: int, title: str, url: str, text: str) -> Answer:
    """Each sentence cites an article of its own."""
    citations = [
        replace(make_citation(n, title=title, url=f"{url}{n}"), article_id=str(n))
        for n in range(1, count + 1)
    ]
    said = " ".join(f"{text} [{n}]." for n in range(1, count + 1))
    return make_answer(text=said, citations=citations)


def check_complete(answer: Answer, messages: Sequence[Message]) -> None:
    """Every marker stands in the text and in a source's line, and every source is linked."""
    check(messages)
    told = "\n".join(map(read_shown, messages))
    listed = re.findall(r"^((?:\[\d+\])+) .* — ", told, re.M)
    markers = {int(n) for group in listed for n in re.findall(r"\d+", group)}
    assert markers == {citation.marker for citation in answer.citations}
    for citation in answer.citations:
        assert f"[{citation.marker}]" in told
    assert all(find_mentions(message) == () for message in messages)


@pytest.mark.parametrize("title", ["long " * 100, "&" * 700, "🙂" * 700, "<" * 300, "قمة " * 200])
@pytest.mark.parametrize("count", [1, 40, 60])
def test_many_sources_with_long_titles_go_on_in_further_messages(title: str, count: int) -> None:
    answer = make_many(count, title, "https://example.org/" + "a" * 300, "It rose & fell")
    check_complete(answer, shown(build_messages(answer)))
    check_complete(answer, streamed(answer))


@pytest.mark.parametrize("letter", ["a", "&", "<", "é", "🙂", "*", "م"])
def test_a_text_without_a_space_is_cut_where_it_must_be(letter: str) -> None:
    answer = make_answer(text=f"{letter * 9_000} [1].")
    for messages in (shown(build_messages(answer)), streamed(answer)):
        check_complete(answer, messages)
        told = "".join(map(read_shown, messages))
        assert len(re.findall(f"[{letter}∗]", told)) >= 9_000


def test_a_sentence_of_sixty_markers_loses_none() -> None:
    citations = [
        replace(make_citation(n, url=f"https://example.org/{'a' * 900}{n}"), article_id=str(n))
        for n in range(1, 61)
    ]
    markers = "".join(f"[{n}]" for n in range(1, 61))
    answer = make_answer(text=f"All of them say so {markers}.", citations=citations)
    check_complete(answer, shown(build_messages(answer)))
    check_complete(answer, streamed(answer))


TEXT = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="&<>*_~`|[]()@#:/ .a🙂م\n", max_size=300),
    st.integers(0, 150).map(lambda n: "ab & " * n),
)


@st.composite
def citations(draw: st.DrawFn) -> list[Citation]:
    titles, others = draw(st.lists(TEXT, min_size=1, max_size=3)), draw(st.lists(TEXT, max_size=3))
    quote = draw(TEXT)
    dated = datetime(2025, 6, 25, tzinfo=UTC) if draw(st.booleans()) else None
    return [
        replace(
            make_citation(
                marker,
                quote=quote,
                title=titles[marker % len(titles)],
                url=f"https://example.org/{marker}{titles[-1]}",
                source=titles[0],
                also_reported_by=others,
            ),
            article_id=str(marker // draw(st.integers(1, 3))),
            published_at=dated,
        )
        for marker in range(1, draw(st.integers(1, 60)) + 1)
    ]


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(citations(), st.lists(TEXT, min_size=1, max_size=6), st.lists(TEXT, max_size=3), st.data())
def test_no_answer_whatever_breaks_a_limit_or_loses_a_citation(
    cited: list[Citation], said: list[str], notes: list[str], data: st.DataObject
) -> None:
    text = " ".join(f"{said[each.marker % len(said)]} [{each.marker}]." for each in cited)
    answer = make_answer(text=text, citations=cited, notes=notes)
    view = View(dates=data.draw(st.sampled_from(["en", "pl", "ar"])), shareable=True)
    for messages in (shown(build_messages(answer, view)), streamed(answer, view)):
        check_complete(answer, messages)
        web = [link for message in messages for link in find_links(message)]
        assert all(link.url.startswith("https://example.org/") for link in web)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(TEXT, max_size=3), TEXT)
def test_no_refusal_whatever_breaks_a_limit(quotes: list[str], title: str) -> None:
    closest = tuple(make_citation(1, quote=quote, title=title) for quote in quotes)
    answer = make_answer(abstention=Abstention("no_evidence", "No article answers.", closest))
    check(shown(build_messages(answer)))
    check(streamed(answer))
