"""The served examples, asked by OpenAI's and MCP's own clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import openai
import pytest
from mcp.client import Client

pytestmark = pytest.mark.integration

QUESTION = "Which command oversees Arctic Sentry?"


def test_a_chat_client_and_an_assistant_get_the_same_cited_answer(
    start_server: Callable[[dict[str, str]], str],
) -> None:
    url = start_server({})
    with openai.OpenAI(
        base_url=f"{url}/v1", api_key="none", http_client=httpx.Client(trust_env=False)
    ) as client:
        completion = client.chat.completions.create(
            model="dateline",
            messages=[{"role": "user", "content": QUESTION}],
            extra_body={"as_of": "2026-03-01"},
        )
    message = completion.choices[0].message
    assert message.content is not None
    assert message.annotations
    for annotation in message.annotations:
        cited = annotation.url_citation
        assert message.content[cited.start_index : cited.end_index].startswith("[")
    assert completion.model_extra is not None
    answer = completion.model_extra["dateline"]

    async def call() -> dict[str, object]:
        async with Client(f"{url}/mcp") as client:
            asked = {"question": QUESTION, "as_of": "2026-03-01"}
            called = await client.call_tool("ask", asked)
        assert isinstance(called.structured_content, dict)
        return called.structured_content

    told = asyncio.run(call())
    own = ("id", "conversation_id", "timings_ms")
    assert {name: told[name] for name in told if name not in own} == {
        name: answer[name] for name in answer if name not in own
    }
