"""The stand-in's Web API, called with slack-sdk's own client: what it takes and refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from tests.slack_server import (
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SlackServer,
    build_trigger,
    delay,
    drop,
    rate_limit,
    read_shown,
    refuse,
    reset,
)

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "An answer [1]."}}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": [SECTION]}
IN_CHANNEL: dict[str, Any] = {
    "channel": "C1",
    "thread_ts": "100.1",
    "recipient_user_id": "U1",
    "recipient_team_id": "T1",
}


def error_of(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def test_messages_have_rising_ts_and_stand_in_their_threads(
    slack: SlackServer, client: WebClient
) -> None:
    posted = [client.chat_postMessage(channel="C1", text=text)["ts"] for text in "ab"]
    client.chat_postMessage(channel="C1", text="c", thread_ts=posted[0])
    assert sorted(posted) == posted
    assert [message.text for message in slack.visible("C1")] == ["a", "b"]
    assert [message.text for message in slack.visible("C1", posted[0])] == ["c"]


def test_an_edit_is_what_is_seen_and_keeps_the_blocks_that_it_does_not_name(
    slack: SlackServer, client: WebClient
) -> None:
    ts = client.chat_postMessage(channel="C1", text="Looking…", blocks=[SECTION])["ts"]
    client.chat_update(channel="C1", ts=ts, text="Done.")
    (message,) = slack.visible("C1")
    assert (message.text, message.blocks, message.edits) == ("Done.", [SECTION], 1)
    client.chat_update(channel="C1", ts=ts, text="Done.", blocks=[])
    assert slack.visible("C1")[0].blocks == []
    client.chat_delete(channel="C1", ts=ts)
    assert slack.visible("C1") == []


def test_a_form_is_read_as_json_is(slack: SlackServer) -> None:
    form = {"channel": "C1", "text": "x", "blocks": '[{"type": "divider"}]', "token": BOT_TOKEN}
    reply = httpx.post(f"{slack.api_url}/chat.postMessage", data=form, trust_env=False).json()
    assert reply["ok"]
    assert slack.visible("C1")[0].blocks == [{"type": "divider"}]
    assert "token" not in slack.calls[0][1]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C1"}, "no_text"),
        ({"channel": "nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C1", "markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"channel": "C1", "markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"channel": "C1", "text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"channel": "C1", "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": "C1", "text": "x", "metadata": {"key": "x"}}, "invalid_metadata_format"),
        ({"channel": "C1", "text": "x", "thread_ts": "now"}, "invalid_arguments"),
        ({"channel": "C1", "text": "x", "invented": "x"}, "invalid_arguments"),
    ],
)
def test_messages_that_slack_refuses_are_refused(
    slack: SlackServer, client: WebClient, arguments: dict[str, Any], error: str
) -> None:
    assert error_of(client.api_call, api_method="chat.postMessage", json=arguments) == error
    assert slack.workspace.messages == []
    assert [call.refused for call in slack.refused] == [error]


def test_what_was_wrong_is_said(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C1", text="x", blocks=[{"type": "header", "text": {}}])
    assert "/blocks/0" in str(refused.value.response["response_metadata"]["messages"])


def test_a_place_that_the_bot_cannot_write_in_refuses(
    slack: SlackServer, client: WebClient
) -> None:
    slack.workspace.channels_without_bot.add("C2")
    slack.workspace.archived_channels.add("C3")
    slack.workspace.delete_thread("C1", "100.1")
    post = client.chat_postMessage
    assert error_of(post, channel="C2", text="x") == "not_in_channel"
    assert error_of(post, channel="C3", text="x") == "is_archived"
    assert error_of(post, channel="C1", text="x", thread_ts="100.1") == "thread_not_found"


def test_a_token_is_known_and_not_revoked(slack: SlackServer, client: WebClient) -> None:
    assert client.auth_test()["team_id"] == "T1"
    stranger = WebClient(token="xoxb-other", base_url=slack.api_url + "/")
    assert error_of(stranger.auth_test) == "invalid_auth"
    slack.workspace.revoked_tokens.add(BOT_TOKEN)
    assert error_of(client.chat_postMessage, channel="C1", text="x") == "token_revoked"


def test_a_method_that_does_not_exist_is_unknown(client: WebClient) -> None:
    assert error_of(client.api_call, api_method="chat.shout") == "unknown_method"


def test_others_messages_are_not_the_bots_to_change(slack: SlackServer, client: WebClient) -> None:
    slack.note(
        {"event": {"type": "message", "user": "U1", "text": "q", "channel": "C1", "ts": "1.1"}}
    )
    update = client.chat_update
    assert error_of(update, channel="C1", ts="1.1", text="x") == "cant_update_message"
    assert error_of(update, channel="C1", ts="9.9", text="x") == "message_not_found"
    assert error_of(client.chat_delete, channel="C1", ts="1.1") == "cant_delete_message"


def test_an_update_takes_a_shorter_text_than_a_post(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C1", text="x" * 4_001)["ts"]
    assert error_of(client.chat_update, channel="C1", ts=ts, text="x" * 4_001) == "msg_too_long"


def test_a_stream_is_seen_as_it_grows_and_ends_with_its_blocks(
    slack: SlackServer, client: WebClient
) -> None:
    ts = client.chat_startStream(**IN_CHANNEL, markdown_text="**One.** ")["ts"]
    client.chat_appendStream(channel="C1", ts=ts, markdown_text="Two.")
    (message,) = slack.visible("C1", "100.1")
    assert (message.streaming, message.markdown) == (True, "**One.** Two.")
    client.chat_stopStream(
        channel="C1",
        ts=ts,
        chunks=[{"type": "markdown_text", "text": " Three."}],
        blocks=[SECTION],
        metadata={"event_type": "dateline_answer", "event_payload": {"key": "k"}},
    )
    (message,) = slack.visible("C1", "100.1")
    assert not message.streaming
    assert read_shown(message) == "One. Two. Three.\nAn answer [1]."
    assert message.metadata is not None


def test_streams_that_slack_refuses_are_refused(client: WebClient) -> None:
    start, append, stop = client.chat_startStream, client.chat_appendStream, client.chat_stopStream
    unaddressed = {"channel": "C1", "thread_ts": "100.1"}
    assert error_of(start, **unaddressed) == "missing_recipient_user_id"
    assert error_of(start, **unaddressed, recipient_user_id="U1") == "missing_recipient_team_id"
    assert error_of(client.api_call, api_method="chat.startStream", json={"channel": "D1"}) == (
        "invalid_arguments"
    )
    ts = start(channel="D1", thread_ts="100.1")["ts"]
    both = {"markdown_text": "x", "chunks": [{"type": "markdown_text", "text": "x"}]}
    place = {"channel": "D1", "ts": ts}
    assert error_of(append, **place, **both) == "cannot_provide_both_markdown_text_and_chunks"
    assert error_of(append, **place, markdown_text="x" * 12_001) == "msg_too_long"
    assert error_of(append, **place, chunks=[{"type": "text", "text": "x"}]) == "invalid_chunks"
    assert error_of(client.chat_update, **place, text="x") == "streaming_state_conflict"
    assert error_of(client.chat_delete, **place) == "cant_delete_message"
    assert error_of(stop, **place, blocks=[{"type": "section"}]) == "invalid_blocks"
    stop(**place)
    assert error_of(append, **place, markdown_text="x") == "message_not_in_streaming_state"
    assert error_of(stop, **place) == "message_not_in_streaming_state"
    client.chat_update(**place, text="x")


def test_a_stream_that_slack_closed_takes_no_more(slack: SlackServer, client: WebClient) -> None:
    ts = client.chat_startStream(**IN_CHANNEL)["ts"]
    slack.workspace.close_streams()
    error = error_of(client.chat_appendStream, channel="C1", ts=ts, markdown_text="x")
    assert error == "message_not_in_streaming_state"


def test_a_status_is_shown_until_the_bot_writes(slack: SlackServer, client: WebClient) -> None:
    client.assistant_threads_setStatus(channel_id="C1", thread_ts="100.1", status="searching…")
    assert slack.workspace.shown_status("C1", "100.1") == "searching…"
    client.chat_postMessage(channel="C1", thread_ts="100.1", text="x")
    assert slack.workspace.shown_status("C1", "100.1") == ""
    assert [status.status for status in slack.workspace.statuses] == ["searching…"]


def test_prompts_are_one_to_four_and_whole(slack: SlackServer, client: WebClient) -> None:
    prompts = [{"title": "A", "message": "What?"}]
    client.assistant_threads_setSuggestedPrompts(channel_id="D1", prompts=prompts)
    assert slack.workspace.prompts["D1", None]["prompts"] == prompts
    for wrong in ([], prompts * 5, [{"title": "A"}]):
        error = error_of(
            client.assistant_threads_setSuggestedPrompts, channel_id="D1", prompts=wrong
        )
        assert error == "invalid_arguments"


def test_a_session_has_one_of_four_states(slack: SlackServer, client: WebClient) -> None:
    set_status = client.agents_sessions_setStatus
    set_status(channel_id="D1", thread_ts="1.1", status="closed")
    assert slack.workspace.sessions["D1", "1.1"] == "closed"
    assert error_of(set_status, channel_id="D1", thread_ts="1.1", status="done") == (
        "invalid_arguments"
    )


def test_replies_tell_metadata_only_when_asked_for_it(
    slack: SlackServer, client: WebClient
) -> None:
    slack.note(
        {"event": {"type": "message", "user": "U1", "text": "q", "channel": "C1", "ts": "1.1"}}
    )
    key = {"event_type": "dateline_answer", "event_payload": {"key": "k"}}
    client.chat_postMessage(channel="C1", thread_ts="1.1", text="a", metadata=key)
    read = client.conversations_replies
    plain = read(channel="C1", ts="1.1")["messages"]
    assert [message["text"] for message in plain] == ["q", "a"]
    assert "metadata" not in plain[1]
    full = read(channel="C1", ts="1.1", oldest="1.1", include_all_metadata=True)["messages"]
    assert full[1]["metadata"] == key
    assert error_of(read, channel="C1", ts="7.7") == "thread_not_found"


def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: SlackServer, client: WebClient
) -> None:
    trigger = build_trigger()
    view = client.views_open(trigger_id=trigger, view=MODAL)["view"]
    assert error_of(client.views_open, trigger_id=trigger, view=MODAL) == "trigger_exchanged"
    assert error_of(client.views_open, trigger_id="t", view=MODAL) == "invalid_trigger_id"
    late = build_trigger()
    slack.workspace.skip(4)
    assert error_of(client.views_open, trigger_id=late, view=MODAL) == "trigger_expired"
    client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    stale = {"view_id": view["id"], "hash": view["hash"], "view": MODAL}
    assert error_of(client.views_update, **stale) == "hash_conflict"


def test_a_response_url_takes_five_posts_within_half_an_hour(slack: SlackServer) -> None:
    url = slack.response_url("C1", "U1")

    def respond(**body: Any) -> int:
        return httpx.post(url, json=body, trust_env=False).status_code

    assert [respond(text=str(i)) for i in range(6)] == [200] * 5 + [404]
    assert slack.visible("C1") == []
    assert len(slack.visible("C1", to="U1")) == 5
    url = slack.response_url("C1", "U1")
    assert respond(text="x", invented="y") == 400
    assert respond(text="for all", response_type="in_channel") == 200
    assert slack.visible("C1")[0].text == "for all"
    slack.workspace.skip(31 * 60)
    assert respond(text="x") == 404


def test_a_code_gives_a_token_once(slack: SlackServer) -> None:
    slack.workspace.oauth_codes["c0de"] = "T2"
    anyone = WebClient(base_url=slack.api_url + "/")
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    wrong = client | {"client_secret": "no"}
    assert error_of(anyone.oauth_v2_access, **wrong, code="c0de") == "bad_client_secret"
    granted = anyone.oauth_v2_access(**client, code="c0de")
    assert granted["team"]["id"] == "T2"
    token = str(granted["access_token"])
    installed = WebClient(token=token, base_url=slack.api_url + "/")
    assert installed.auth_test()["team_id"] == "T2"
    assert error_of(anyone.oauth_v2_access, **client, code="c0de") == "invalid_code"


def test_faults_come_as_planned_and_then_are_over(slack: SlackServer, client: WebClient) -> None:
    def post(text: str) -> str:
        try:
            client.chat_postMessage(channel="C1", text=text)
        except SlackApiError as error:
            return f"{error.response.status_code} {error.response['error']}"
        except OSError as error:
            return type(error).__name__
        return "ok"

    slack.faults.plan(
        "chat.postMessage",
        rate_limit(7),
        None,
        refuse("internal_error"),
        reset(),
        reset(takes_effect=True),
    )
    first = [post(text) for text in ("limited", "let through", "refused", "before", "after")]
    assert first[:3] == ["429 ratelimited", "ok", "200 internal_error"]
    assert "ok" not in first[3:]
    assert post("over") == "ok"
    assert [one.text for one in slack.visible("C1")] == ["let through", "after", "over"]
    assert slack.refused == []


def test_an_answer_comes_late_or_never(slack: SlackServer) -> None:
    hasty = WebClient(token=BOT_TOKEN, base_url=slack.api_url + "/", timeout=1, retry_handlers=[])
    slack.faults.plan("auth.test", delay(0.3), drop())
    started = time.monotonic()
    hasty.auth_test()
    assert time.monotonic() - started >= 0.3
    with pytest.raises(TimeoutError):
        hasty.auth_test()


def test_chance_is_the_same_each_time(slack: SlackServer) -> None:
    def draw() -> list[bool]:
        plan = type(slack.faults)(seed=4)
        plan.chance(0.2, rate_limit(1))
        return [plan.next("chat.update") is not None for _ in range(1000)]

    drawn = draw()
    assert drawn == draw()
    assert 150 < sum(drawn) < 250


def test_limits_by_tier_hold_when_enforced(slack: SlackServer, client: WebClient) -> None:
    def stop_streams() -> list[str]:
        return [error_of(client.chat_stopStream, channel="C1", ts="1.1") for _ in range(21)]

    assert "ratelimited" not in stop_streams()
    slack.rates.enforced = True
    assert stop_streams() == ["message_not_found"] * 20 + ["ratelimited"]
    slack.workspace.skip(61)
    assert error_of(client.chat_stopStream, channel="C1", ts="1.1") == "message_not_found"
