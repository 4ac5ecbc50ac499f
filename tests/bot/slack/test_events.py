"""Claims: one of all processes answers a question, and one that dies is stood in for."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web import WebClient
from sqlalchemy import select

from bot.settings import BotSettings
from bot.slack.app import SlackBot
from bot.slack.blocks import build_messages
from bot.slack.events import Claim, EventLog
from bot.slack.listening import Asked
from retrieval.database import Database
from retrieval.opening import Library
from retrieval.settings import RetrievalSettings
from retrieval.tables import slack_events
from tests.bot.factories import make_answer, make_citation
from tests.bot.slack.bots import (
    ANSWERED,
    ASKED,
    Held,
    ScriptedService,
    read_thread,
    serve,
    wait_for_reply,
)
from tests.slack_server import (
    BOT_TOKEN,
    SlackServer,
    build_event,
    build_mention,
    build_request,
    build_session_stopped,
    refuse,
    reset,
)

QUESTION = Asked("T1", "C1", "U1", "100.1", "100.1", ASKED)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(settings: RetrievalSettings) -> Iterator[Database]:
    opened = Database.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def first(database: Database, clock: Clock) -> EventLog:
    return EventLog(database, 2, clock=clock)


@pytest.fixture
def second(database: Database, clock: Clock) -> EventLog:
    """Another process's."""
    return EventLog(database, 2, clock=clock)


def read_rows(database: Database) -> list[dict[str, object]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(select(slack_events)).mappings()]


def test_an_event_is_claimed_once_by_all_processes(first: EventLog, second: EventLog) -> None:
    assert first.claim("Ev1", QUESTION) == Claim("Ev1", QUESTION)
    assert second.claim("Ev1", QUESTION) is None
    assert second.claim("Ev1", replace(QUESTION, ts="100.2")) is None


def test_a_message_is_claimed_once_whatever_event_brings_it(
    first: EventLog, second: EventLog
) -> None:
    assert first.claim("Ev1", QUESTION)
    assert second.claim("Ev2", QUESTION) is None
    assert second.claim("Ev3", replace(QUESTION, team="T2"))
    assert second.claim("Ev4", replace(QUESTION, channel="C2"))


def test_of_many_who_claim_at_once_one_does(settings: RetrievalSettings) -> None:
    databases = [Database.open(settings) for _ in range(4)]
    logs = [EventLog(database) for database in databases for _ in range(4)]
    ready = threading.Barrier(len(logs))

    def claim(position: int) -> Claim | None:
        ready.wait()
        return logs[position].claim(f"Ev{position % 2}", QUESTION)

    with ThreadPoolExecutor(len(logs)) as threads:
        claimed = list(threads.map(claim, range(len(logs))))
    for database in databases:
        database.close()
    assert len([claim for claim in claimed if claim is not None]) == 1


def test_of_many_who_take_over_at_once_one_does(
    settings: RetrievalSettings, first: EventLog, clock: Clock
) -> None:
    first.claim("Ev1", QUESTION)
    clock.now += 60
    databases = [Database.open(settings) for _ in range(4)]
    logs = [EventLog(database, clock=clock) for database in databases for _ in range(2)]
    ready = threading.Barrier(len(logs))

    def take_over(log: EventLog) -> tuple[Claim, ...]:
        ready.wait()
        return log.take_over()

    with ThreadPoolExecutor(len(logs)) as threads:
        taken = [claim for claims in threads.map(take_over, logs) for claim in claims]
    for database in databases:
        database.close()
    assert taken == [Claim("Ev1", QUESTION, attempt=2)]


def test_a_claim_is_taken_over_when_its_lease_has_run_out_with_what_was_posted(
    first: EventLog, second: EventLog, clock: Clock
) -> None:
    first.claim("Ev1", QUESTION)
    assert first.record("Ev1", ["200.1", "200.2"])
    clock.now += 29
    assert second.take_over() == ()
    clock.now += 3
    assert second.take_over() == (Claim("Ev1", QUESTION, attempt=2, posted=("200.1", "200.2")),)
    assert not first.is_ours("Ev1")
    assert not first.record("Ev1", ["200.3"])
    first.finish("Ev1")
    assert second.is_ours("Ev1")
    assert second.renew(["Ev1"]) == {"Ev1"}
    assert first.renew(["Ev1"]) == set()


def test_a_lease_that_is_renewed_does_not_run_out(
    first: EventLog, second: EventLog, clock: Clock
) -> None:
    first.claim("Ev1", QUESTION)
    for _ in range(5):
        clock.now += 20
        assert first.renew(["Ev1"]) == {"Ev1"}
        assert second.take_over() == ()


def test_a_process_that_was_held_up_does_not_stand_in_for_itself(
    first: EventLog, second: EventLog, clock: Clock
) -> None:
    first.claim("Ev1", QUESTION)
    clock.now += 60
    assert first.take_over(but=["Ev1"]) == ()
    assert [claim.event_id for claim in second.take_over(but=["Ev2"])] == ["Ev1"]


def test_what_a_process_leaves_is_taken_over_at_once(first: EventLog, second: EventLog) -> None:
    first.claim("Ev1", QUESTION)
    first.release(["Ev1"])
    assert [claim.event_id for claim in second.take_over()] == ["Ev1"]


def test_when_it_is_answered_what_was_asked_is_forgotten_and_nobody_takes_it_over(
    database: Database, first: EventLog, second: EventLog, clock: Clock
) -> None:
    first.claim("Ev1", replace(QUESTION, text="A secret question?"))
    assert "A secret question?" in json.dumps(read_rows(database))
    first.finish("Ev1")
    assert "A secret question?" not in json.dumps(read_rows(database))
    clock.now += 3_600
    assert second.take_over() == ()
    assert second.claim("Ev1", QUESTION) is None


def test_old_claims_are_forgotten(database: Database, first: EventLog, clock: Clock) -> None:
    first.claim("Ev1", QUESTION)
    clock.now += 8 * 86_400
    first.claim("Ev2", replace(QUESTION, ts="100.2"))
    first.forget_old()
    assert [row["event_id"] for row in read_rows(database)] == ["Ev2"]


def test_who_asks_more_than_so_often_waits_until_the_first_is_a_minute_old(
    first: EventLog, second: EventLog, clock: Clock
) -> None:
    def ask(log: EventLog, number: int, user: str = "U1") -> int:
        claim = log.claim(f"Ev{number}", replace(QUESTION, ts=f"{number}.1", user=user))
        assert claim is not None
        return claim.wait_s

    assert ask(first, 1) == 0
    clock.now += 20
    assert ask(second, 2) == 0
    assert ask(first, 3) == 40
    assert ask(first, 4, user="U2") == 0
    clock.now += 39
    assert ask(second, 5) == 1
    clock.now += 1
    assert ask(first, 6) == 0


def test_events_of_the_version_before_stay_claimed(database: Database, first: EventLog) -> None:
    with database.write() as connection:
        connection.execute(slack_events.insert().values(event_id="Ev1", received_at=999_999))
    assert first.claim("Ev1", QUESTION) is None
    assert first.take_over() == ()


def test_an_event_id_that_is_too_long_is_cut(first: EventLog) -> None:
    assert first.claim("E" * 500, QUESTION)
    assert first.claim("E" * 500, replace(QUESTION, ts="1.2")) is None


def die_after_claiming(library: Library, *posted: str) -> None:
    """What a process leaves that was killed two minutes ago."""
    dead = EventLog(library.database, clock=lambda: time.time() - 120)
    assert dead.claim("Ev1", QUESTION)
    assert dead.record("Ev1", posted)


def test_what_a_killed_process_left_is_answered_at_the_next_start(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    die_after_claiming(library)
    service = ScriptedService()
    with serve(library, service, slack_settings, slack):
        wait_for_reply(slack)
    assert service.texts == [ASKED]
    assert ANSWERED in read_thread(slack)[0]
    assert read_rows(library.database)[0]["payload"] is None


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "not noted"])
@pytest.mark.parametrize("begun", ["placeholder", "stream"])
def test_a_reply_that_a_killed_process_had_begun_is_edited_and_not_posted_again(
    library: Library, slack: SlackServer, slack_settings: BotSettings, begun: str, noted: bool
) -> None:
    slack.note(build_event(build_mention(ASKED)))
    client = WebClient(token=BOT_TOKEN, base_url=f"{slack.api_url}/")
    place: dict[str, Any] = {"channel": "C1", "thread_ts": "100.1"}
    if begun == "placeholder":
        key = {"key": f"{QUESTION.key}#0"}
        metadata = {"event_type": "dateline_answer", "event_payload": key}
        posted = client.chat_postMessage(text="Searching…", metadata=metadata, **place)
    else:
        posted = client.chat_startStream(
            markdown_text="Mark", recipient_team_id="T1", recipient_user_id="U1", **place
        )
    die_after_claiming(library, *([posted["ts"]] if noted else []))
    with serve(library, ScriptedService(), slack_settings, slack):
        slack.wait_until(lambda: "Allies meet" in read_thread(slack)[0])
    (shown,) = read_thread(slack)
    assert shown.count("Mark Rutte chaired the talks [1].") == 1
    assert slack.visible("C1", "100.1")[0].ts == posted["ts"]


def test_a_reply_of_several_messages_is_completed_and_none_is_posted_again(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    """Its first was noted, its second posted and not noted, its third never sent."""
    slack.note(build_event(build_mention(ASKED)))
    client = WebClient(token=BOT_TOKEN, base_url=f"{slack.api_url}/")
    citations = [make_citation(i, title=f"Title {i} " + "w" * 290) for i in range(1, 91)]
    answer = make_answer("Sentence [1]. " * 900, citations=citations)
    for number in range(2):
        payload = {"key": f"{QUESTION.key}#{number}"}
        metadata = {"event_type": "dateline_answer", "event_payload": payload}
        client.chat_postMessage(
            channel="C1", thread_ts="100.1", text=f"Part {number}", metadata=metadata
        )
    die_after_claiming(library, slack.visible("C1", "100.1")[0].ts)
    with serve(library, ScriptedService(lambda *_: answer), slack_settings, slack):
        wait_for_reply(slack, count=3)
    shown = read_thread(slack)
    assert len(shown) == len(build_messages(answer)) >= 3
    assert not any(part.startswith("Part") for part in shown)
    assert sum(part.count("Sentence [1].") for part in shown) == 900
    # Whether the first is a stream that is still open is not known.
    assert [call.method for call in slack.refused] == ["chat.stopStream"]


def test_a_slack_that_is_away_for_long_costs_no_question(
    first: EventLog, second: EventLog, clock: Clock
) -> None:
    first.claim("Ev1", QUESTION)
    for _ in range(10):
        first.postpone("Ev1")
        assert second.take_over() == ()
        clock.now += 32
        (claim,) = second.take_over()
        assert claim.attempt == 2
        first, second = second, first


def test_what_is_pressed_while_a_bot_stops_is_answered_by_the_next(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    slack.note(build_event(build_mention(ASKED)))
    stopping = SlackBot(slack_settings, ScriptedService(), library)
    stopping.close()
    asyncio.run(stopping.ask(QUESTION))
    assert read_thread(slack) == []
    with serve(library, ScriptedService(), slack_settings, slack):
        wait_for_reply(slack)
    assert ANSWERED in read_thread(slack)[0]


def test_a_claim_that_cannot_be_read_holds_nobody_up(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    die_after_claiming(library)
    with library.database.write() as connection:
        connection.execute(slack_events.update().values(payload='{"new": "field"}'))
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_mention("Who lost?", ts="200.1"), "Ev2")
        wait_for_reply(slack, "C1", "200.1")
    assert {row["payload"] for row in read_rows(library.database)} == {None}


def test_a_question_that_kills_every_process_is_given_up_with_a_word(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    die_after_claiming(library)
    with library.database.write() as connection:
        connection.execute(slack_events.update().values(attempt=3))
    service = ScriptedService()
    with serve(library, service, slack_settings, slack):
        wait_for_reply(slack)
    assert "ask again later (error " in read_thread(slack)[0]
    assert service.questions == []


def test_what_cannot_be_said_now_is_left_and_said_later(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    """Slack cannot be reached for longer than anybody waits."""
    slack.faults.always("chat.startStream", refuse("missing_scope"))
    slack.faults.always("chat.postMessage", reset())
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(lambda: len(slack.messages) == 4)
    assert read_rows(library.database)[0]["payload"] is not None
    slack.faults.always("chat.postMessage", None)
    with library.database.write() as connection:
        connection.execute(slack_events.update().values(lease_until=0))
    with serve(library, ScriptedService(), slack_settings, slack):
        wait_for_reply(slack)
    assert len(read_thread(slack)) == 1


def test_what_was_posted_before_slack_went_away_is_found_when_it_is_back(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    slack.faults.always("chat.startStream", refuse("missing_scope"))
    slack.faults.plan("chat.postMessage", reset(takes_effect=True))
    slack.faults.always("conversations.replies", reset())
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(lambda: len(slack.sent("conversations.replies")) == 4)
    assert read_rows(library.database)[0]["payload"] is not None
    slack.faults.always("conversations.replies", None)
    with library.database.write() as connection:
        connection.execute(slack_events.update().values(lease_until=0))
    with serve(library, ScriptedService(), slack_settings, slack):
        slack.wait_until(lambda: bool(slack.sent("chat.update")))
    assert len(read_thread(slack)) == 1
    assert len(slack.messages) == 1


def test_a_process_whose_claim_was_taken_over_says_nothing_more(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held()
    with serve(library, ScriptedService(held), slack_settings, slack) as front:
        front.tell(build_mention(ASKED))
        slack.wait_until(held.begun.is_set)
        with library.database.write() as connection:
            connection.execute(slack_events.update().values(holder="another"))
        held.released.set()
    assert read_thread(slack) == []


def test_a_stop_reaches_the_process_that_answers(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    held = Held(drafting=True)
    other = ScriptedService()
    with (
        serve(library, ScriptedService(held), slack_settings, slack) as one,
        serve(library, other, slack_settings, slack) as another,
    ):
        one.tell(build_mention(ASKED))
        slack.wait_until(held.begun.is_set)
        another.tell(build_session_stopped(channel="C1"), "Ev2")
        slack.wait_until(lambda: read_thread(slack) == ["Stopped."])
    assert other.questions == []


def test_two_servers_of_one_archive_give_one_reply(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    services = [ScriptedService(), ScriptedService()]
    with (
        serve(library, services[0], slack_settings, slack) as one,
        serve(library, services[1], slack_settings, slack) as another,
    ):
        for i in range(10):
            event = build_mention(ASKED, ts=f"{i + 1}.5")
            one.tell(event, f"Ev{i}")
            another.tell(event, f"Ev{i}")
    assert sum(len(service.questions) for service in services) == 10
    assert all(len(read_thread(slack, "C1", f"{i + 1}.5")) == 1 for i in range(10))


def test_an_event_that_cannot_be_claimed_is_not_acknowledged(
    library: Library, slack: SlackServer, slack_settings: BotSettings
) -> None:
    """The database is away: Slack delivers it again when it is back."""
    body, headers = build_request(build_event(build_mention(ASKED)))
    slack.note(build_event(build_mention(ASKED)))
    with serve(library, ScriptedService(), slack_settings, slack) as front:
        with library.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE slack_events RENAME TO away")
        assert front.client.post("/slack/events", content=body, headers=headers).is_error
        with library.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO slack_events")
        assert front.client.post("/slack/events", content=body, headers=headers).is_success
        wait_for_reply(slack)
    assert len(read_thread(slack)) == 1
