"""Socket Mode, and how both ways of listening start and stop, in processes of their own too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.answering.schema import Answer
from bot.remote import find_server
from bot.settings import BotSettings
from bot.slack.app import SlackBot
from ingest.indexer import Indexer
from retrieval.errors import StorageError
from retrieval.indexes import hold_indexes
from retrieval.opening import Library, open_library
from tests.bot.factories import make_answer
from tests.bot.slack.bots import (
    ANSWERED,
    ASKED,
    Held,
    ScriptedService,
    listen,
    read_thread,
    wait_for_reply,
)
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder
from tests.llm_server import KEY, ScriptedServer, run_server
from tests.slack_server import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    SlackServer,
    build_direct_message,
    build_event,
    build_mention,
    build_message,
    build_slash_command,
    read_shown,
)
from tests.stores import build_environment, make_settings

AWAY = "the archive cannot be used: check that it is reachable"
ROOT = Path(__file__).resolve().parents[3]
# What `dateline slack` and `dateline serve` do, with the keyword embedder.
OPEN = """
import sys
from bot.settings import BotSettings
from bot.stopping import until_stopped
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings
from tests.fakes import KeywordEmbedder

with until_stopped(), open_library(RetrievalSettings.load(), KeywordEmbedder()) as library:
"""
LISTEN = f"""{OPEN}
    from bot.slack import socket_mode
    socket_mode.listen(library, BotSettings.load())
"""
SERVE = f"""{OPEN}
    from bot import serving
    serving.serve(library, BotSettings.load(), "127.0.0.1", 0)
"""


@pytest.fixture
def socket_settings(slack_settings: BotSettings) -> BotSettings:
    """Socket Mode needs no signing secret."""
    return slack_settings.model_copy(update={"slack_signing_secret": None})


def test_an_event_is_acknowledged_and_answered(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    with listen(SlackBot(socket_settings, ScriptedService(), library)):
        assert slack.deliver(build_event(build_mention(ASKED)))
        wait_for_reply(slack)
    assert slack.acknowledged == ["env-Ev1"]
    assert ANSWERED in read_thread(slack)[0]


def test_what_is_redelivered_to_another_connection_is_answered_once(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    bots = [SlackBot(socket_settings, ScriptedService(), library) for _ in range(2)]
    with listen(bots[0]), listen(bots[1]):
        slack.wait_until(lambda: slack.connections == 2)
        slack.send(build_event(build_mention(ASKED)))
        assert slack.deliver(build_event(build_mention(ASKED)), retry_num=1)
        wait_for_reply(slack)
    assert len(read_thread(slack)) == 1


def test_the_command_is_answered_over_the_websocket_too(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    with listen(SlackBot(socket_settings, ScriptedService(), library)):
        told = slack.deliver(build_slash_command(ASKED, slack.response_url()))
        slack.wait_until(lambda: bool(slack.visible("C1", to="U1")))
    assert told is not None
    assert "Searching" in str(told["payload"])
    assert ANSWERED in read_shown(slack.visible("C1", to="U1")[0])


def test_a_websocket_that_slack_closes_is_opened_again(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    with listen(SlackBot(socket_settings, ScriptedService(), library)):
        slack.wait_until(lambda: slack.connections == 1)
        slack.close_sockets()
        slack.wait_until(lambda: len(slack.sent("apps.connections.open")) >= 2, 20)
        slack.wait_until(lambda: slack.connections == 1, 20)
        assert slack.deliver(build_event(build_mention(ASKED)), redeliver=True)
        wait_for_reply(slack)
    assert ANSWERED in read_thread(slack)[0]


def test_a_bot_that_is_stopped_takes_no_new_events_and_finishes_its_answers(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    held = Held()
    service = ScriptedService(held)
    with listen(SlackBot(socket_settings, service, library)) as listener:
        slack.deliver(build_event(build_mention(ASKED)))
        slack.wait_until(held.begun.is_set)
        listener.stop(wait=False)
        slack.wait_until(lambda: slack.connections == 0)
        assert read_thread(slack) == []
        held.released.set()
        listener.join()
    assert ANSWERED in read_thread(slack)[0]
    assert service.texts == [ASKED]


def test_an_event_that_comes_while_a_bot_stops_is_left_to_another(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    services = [ScriptedService(), ScriptedService()]
    stopping, running = (SlackBot(socket_settings, service, library) for service in services)
    with listen(stopping):
        slack.wait_until(lambda: slack.connections == 1)
        stopping.close()
        assert slack.deliver(build_event(build_mention(ASKED))) is None
        with listen(running):
            slack.wait_until(lambda: slack.connections == 2)
            assert slack.deliver(build_event(build_mention(ASKED)), to=1, retry_num=1)
            wait_for_reply(slack)
    assert [service.texts for service in services] == [[], [ASKED]]


def test_what_cannot_be_finished_in_time_is_left_to_another_process(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    held = Held()
    impatient = socket_settings.model_copy(update={"llm_timeout_s": 0.1})
    bot = SlackBot(impatient, ScriptedService(held), library, last_words_s=0.1)
    with listen(bot) as listener:
        slack.deliver(build_event(build_mention(ASKED)))
        slack.wait_until(held.begun.is_set)
        listener.stop(wait=False)
        slack.wait_until(lambda: slack.connections == 0)
        with listen(SlackBot(socket_settings, ScriptedService(), library)):
            wait_for_reply(slack)
        held.released.set()
    assert len(read_thread(slack)) == 1
    assert ANSWERED in read_thread(slack)[0]


@pytest.fixture
def home(own_home: Path) -> Path:
    """Holds an article, indexed."""
    with (
        open_library(make_settings(own_home), KeywordEmbedder()) as library,
        hold_indexes(library.settings, library.generations) as indexes,
    ):
        put_article(library.archive, make_article())
        Indexer(library).catch_up(indexes)
    return own_home


@contextmanager
def run(
    script: str, home: Path, slack: SlackServer, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        **build_environment(home),
        "DATELINE_BOT__SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env={name: value for name, value in environment.items() if value},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def with_model(model: ScriptedServer) -> dict[str, str]:
    return {
        "DATELINE_BOT__LLM": "compatible/scripted",
        "DATELINE_BOT__LLM_BASE_URL": model.url,
        "DATELINE_BOT__LLM_API_KEY": KEY,
    }


def stop_while_it_answers(
    process: subprocess.Popen[str], model: ScriptedServer, how: signal.Signals
) -> None:
    deadline = time.monotonic() + 20
    while not model.requests:
        assert time.monotonic() < deadline, "the model was never asked"
        time.sleep(0.02)
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_dateline_slack_finishes_its_answers_when_it_is_told_to_stop(
    home: Path, slack: SlackServer, how: signal.Signals
) -> None:
    with run_server() as model, run(LISTEN, home, slack, **with_model(model)) as process:
        model.pause_s = 1.5
        slack.wait_until(lambda: slack.connections == 1, 30)
        assert slack.deliver(build_event(build_mention(ASKED)))
        stop_while_it_answers(process, model, how)
    assert "Mark Rutte chaired the talks" in read_thread(slack)[0]
    assert len(read_thread(slack)) == 1


def test_dateline_serve_finishes_its_answers_when_it_is_told_to_stop(
    home: Path, slack: SlackServer
) -> None:
    settings = {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
    with run_server() as model, run(SERVE, home, slack, **with_model(model), **settings) as server:
        model.pause_s = 1.5
        url = wait_for_server(home, server)
        assert slack.post(f"{url}/slack/events", build_event(build_mention(ASKED))).is_success
        stop_while_it_answers(server, model, signal.SIGTERM)
    assert "Mark Rutte chaired the talks" in read_thread(slack)[0]


def wait_for_server(home: Path, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + 40
    while (server := find_server(home)) is None:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.1)
    return server.url


def test_what_a_process_was_answering_when_it_was_killed_is_answered_by_the_next(
    home: Path, slack: SlackServer
) -> None:
    with run_server() as model, run(LISTEN, home, slack, **with_model(model)) as process:
        model.pause_s = 30
        slack.wait_until(lambda: slack.connections == 1, 30)
        assert slack.deliver(build_event(build_mention(ASKED)))
        slack.wait_until(lambda: bool(model.requests))
        process.kill()
        process.communicate()
        slack.wait_until(lambda: slack.connections == 0)
    expire_leases(home)
    with run(LISTEN, home, slack):
        slack.wait_until(lambda: bool(read_thread(slack)), 30)
        wait_for_reply(slack)
    assert "Mark Rutte chaired the talks" in read_thread(slack)[0]
    assert len(read_thread(slack)) == 1


def expire_leases(home: Path) -> None:
    with (
        open_library(make_settings(home), KeywordEmbedder()) as library,
        library.database.write() as connection,
    ):
        connection.exec_driver_sql("UPDATE slack_events SET lease_until = 0")


def test_threads_follow_ups_and_owners_work_beside_a_server_that_holds_the_indexes(
    home: Path, slack: SlackServer
) -> None:
    """The server forgets whose conversation it is; `dateline slack` keeps it."""
    with run(SERVE, home, slack, SLACK_BOT_TOKEN="", SLACK_APP_TOKEN="") as server:
        wait_for_server(home, server)
        with run(LISTEN, home, slack):
            ask_and_follow_up(slack)
    assert_kept(home)


def test_threads_follow_ups_and_owners_work_where_dateline_slack_holds_the_indexes(
    home: Path, slack: SlackServer
) -> None:
    with run(LISTEN, home, slack):
        ask_and_follow_up(slack)
    assert_kept(home)


def ask_and_follow_up(slack: SlackServer) -> None:
    slack.wait_until(lambda: slack.connections == 1, 30)
    assert slack.deliver(build_event(build_mention("Who chaired the talks in The Hague?")))
    wait_for_reply(slack)
    later = build_message("and when was that?", ts="101.1", thread_ts="100.1", user="U2")
    assert slack.deliver(build_event(later, "Ev2"))
    wait_for_reply(slack, count=2)
    assert "Understood as: " in read_thread(slack)[1]
    # Of another conversation nothing is known.
    assert slack.deliver(build_event(build_direct_message("and when was that?"), "Ev3"))
    (alone,) = wait_for_reply(slack, "D1")
    assert "Understood as: " not in read_shown(alone)


def assert_kept(home: Path) -> None:
    with (
        open_library(make_settings(home), KeywordEmbedder()) as library,
        library.database.read() as connection,
    ):
        rows = connection.exec_driver_sql(
            "SELECT conversation_id, question FROM conversation_turns"
            " WHERE owner = 'slack:T1:C1' OR conversation_id = 'T1:C1:100.1' ORDER BY turn_id"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("T1:C1:100.1", "Who chaired the talks in The Hague?"),
        ("T1:C1:100.1", "and when was that?"),
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SLACK_APP_TOKEN": ""}, "set SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN (invalid_auth)"),
        ({"SLACK_BOT_TOKEN": ""}, "set SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "bot token (invalid_auth): check SLACK_BOT_TOKEN"),
        ({"DATELINE_BOT__SLACK_API_URL": "http://127.0.0.1:1/api"}, "Slack cannot be reached"),
    ],
)
def test_what_is_wrong_with_the_tokens_is_said_at_the_start(
    home: Path, slack: SlackServer, settings: dict[str, str], said: str
) -> None:
    script = "import sys, dateline; sys.argv = ['dateline', 'slack']; dateline.main()"
    with run(script, home, slack, **settings) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    (line,) = [line for line in errors.splitlines() if "slack_sdk" not in line and line.strip()]
    assert said in line
    assert "wrong" not in line


def test_a_storage_that_was_away_for_a_moment_makes_the_answer_late_and_not_an_error(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    asked: list[int] = []

    def answer(*_: object) -> Answer:
        asked.append(1)
        if len(asked) == 1:
            raise StorageError(AWAY)
        return make_answer()

    with listen(SlackBot(socket_settings, ScriptedService(answer), library, lease_s=1)):
        slack.deliver(build_event(build_mention(ASKED)))
        (message,) = wait_for_reply(slack)
    assert len(asked) == 2
    assert AWAY not in read_shown(message)


def test_a_storage_that_stays_away_is_told(
    library: Library, slack: SlackServer, socket_settings: BotSettings
) -> None:
    def fail(*_: object) -> Answer:
        raise StorageError(AWAY)

    with listen(SlackBot(socket_settings, ScriptedService(fail), library, lease_s=1)):
        slack.deliver(build_event(build_mention(ASKED)))
        slack.wait_until(lambda: bool(read_thread(slack)), 20)
    (shown,) = read_thread(slack)
    assert shown.startswith(f"I could not answer: {AWAY}")
