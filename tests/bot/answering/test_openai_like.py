"""What servers of OpenAI's shape send and refuse, against a real one on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.answering.llm import Call, LLMError, build_llm
from tests.llm_server import ScriptedServer, connect, run_server, settings_for

SAID = "Mark Rutte chaired the talks [1]."


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with run_server() as running:
        yield running


THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "Hmm."}]}


@pytest.mark.parametrize(
    "deltas",
    [
        [{"content": ""}, {"content": [THOUGHT]}, {"content": SAID}],
        [{"content": [THOUGHT, {"type": "text", "text": SAID}]}],
        [{"content": [{"type": "text", "text": "Mark Rutte"}]}, {"content": SAID[10:]}],
        [{"content": {"type": "text", "text": SAID}}],
        [{"content": [{"type": "reasoning", "text": "Hmm."}, SAID]}],
        [None, {"content": None}, {"content": SAID}, None, {}],
        [{"content": None, "reasoning_content": "Hmm."}, {"content": SAID}],
        [{"content": [{"type": "text"}, {"text": None}, 7, None]}, {"content": SAID}],
    ],
)
def test_the_text_of_a_draft_may_come_in_parts(
    server: ScriptedServer, deltas: list[object]
) -> None:
    server.deltas = deltas
    assert connect(server.url).complete("…") == SAID


NO_MAX_TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
NO_TEMPERATURE = "Unsupported value: 'temperature' does not support 0.0 with this model."


@pytest.mark.parametrize(
    ("refused", "sent"),
    [
        (
            {"max_tokens": NO_MAX_TOKENS, "temperature": NO_TEMPERATURE},
            {"max_completion_tokens": 400},
        ),
        ({"temperature": NO_TEMPERATURE}, {"max_tokens": 400}),
        (
            {"max_tokens": "max_tokens?", "max_completion_tokens": "no max_completion_tokens"},
            {"temperature": 0.0},
        ),
        (
            {"stream_options": '{"detail": [{"loc": ["body", "stream_options"]}]}'},
            {"max_tokens": 400, "temperature": 0.0},
        ),
    ],
)
def test_what_a_server_refuses_is_left_out_and_not_sent_again(
    server: ScriptedServer, refused: dict[str, str], sent: dict[str, object]
) -> None:
    server.refused = refused
    heard: list[Call] = []
    llm = build_llm(settings_for(server.url).model_copy(update={"llm": "openai/x"}), heard.append)
    assert llm is not None
    assert llm.complete("…") == SAID
    asked = len(server.requests)
    assert asked == len(refused) + 1
    assert llm.complete("…") == SAID
    assert len(server.requests) == asked + 1
    options = dict(server.requests[-1][2])
    for name in ("model", "messages", "stream"):
        del options[name]
    if "stream_options" not in refused:
        del options["stream_options"]
    assert options == sent
    assert [call.outcome for call in heard] == ["drafted", "drafted"]


@pytest.mark.parametrize(
    "said",
    [
        (400, '{"error": {"message": "System role not supported"}}'),
        (500, '{"error": {"code": 500, "message": "jinja: System role not supported"}}'),
        (400, '{"message": "Conversation roles must alternate user/assistant/user/assistant/..."}'),
        (400, "Developer instruction is not enabled: system_instruction, system"),
        (422, '{"detail": [{"loc": ["messages", 0, "role"], "msg": "\'system\' is no role"}]}'),
    ],
)
def test_a_server_without_a_system_role_is_told_the_rules_by_the_user(
    server: ScriptedServer, said: tuple[int, str]
) -> None:
    server.refused_system = said
    server.refused = {"temperature": NO_TEMPERATURE}
    llm = connect(server.url)
    assert llm.complete("Passages: …", "Rules.") == SAID
    assert llm.complete("Passages: …", "Rules.") == SAID
    assert len(server.requests) == 4
    assert server.requests[-1][2]["messages"] == [
        {"role": "user", "content": "Rules.\n\nPassages: …"}
    ]


def test_a_server_that_refuses_for_other_reasons_is_sent_everything_the_next_time(
    server: ScriptedServer,
) -> None:
    server.refused = {"temperature": "temperature", "messages": "messages are too long"}
    llm = connect(server.url)
    with pytest.raises(LLMError, match="status 400"):
        llm.complete("…")
    server.refused = {}
    assert llm.complete("…") == SAID
    assert server.requests[-1][2]["temperature"] == 0.0
