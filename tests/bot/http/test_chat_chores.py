"""What chat pages ask for themselves: titles, tags, next questions, completions, queries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openai.types.chat import ChatCompletion

from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.opening import Library
from tests.bot.http.test_chat_completions import (
    ASKED,
    FILES,
    TEMPLATE,
    Unreachable,
    chunks_of,
    said,
    text_of,
)

ANSWER = "Mark Rutte chaired the talks [1]."
HISTORY = f"USER: {ASKED}\nASSISTANT: {ANSWER}\n\n**Sources**"
OPEN_WEBUI = (
    "### Task:\n{task}\n### Guidelines:\n- Use the chat's primary language.\n### Output:\n"
    "JSON format: {shape}\n### Chat History:\n<chat_history>\n" + HISTORY + "\n</chat_history>"
)
GERMAN = (
    "### Aufgabe:\n{task}\n### Ausgabe:\nJSON: {shape}\n### Verlauf:\n<chat_history>\n"
    + HISTORY
    + "\n</chat_history>"
)
TITLE_AS_JSON = json.dumps({"title": ASKED})


@pytest.fixture
def client(library: Library) -> TestClient:
    """Answers no question."""
    return TestClient(build_app(library, Unreachable(), BotSettings()))


def instruct(system: str, text: str) -> list[dict[str, Any]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def check_done(client: TestClient, messages: Any, done: str) -> None:
    body = {"model": "dateline", "messages": messages}
    whole = client.post("/v1/chat/completions", json=body)
    assert whole.status_code == 200, whole.text
    completion = ChatCompletion.model_validate(whole.json(), strict=True)
    assert completion.choices[0].message.content == done
    streamed = client.post("/v1/chat/completions", json={**body, "stream": True})
    assert text_of(chunks_of(streamed.text.removesuffix("\n\n").split("\n\n"))) == done


@pytest.mark.parametrize(
    ("prompt", "done"),
    [
        (
            OPEN_WEBUI.format(
                task="Generate a concise, 3-5 word title with an emoji summarizing the chat.",
                shape='{ "title": "your concise title here" }',
            ),
            TITLE_AS_JSON,
        ),
        (
            OPEN_WEBUI.format(
                task="Generate 1-3 broad tags categorizing the main themes.",
                shape='{ "tags": ["tag1", "tag2", "tag3"] }',
            ),
            '{"tags": []}',
        ),
        (
            OPEN_WEBUI.format(
                task="Suggest 3-5 relevant follow-up questions.",
                shape='{ "follow_ups": ["Question 1?", "Question 2?", "Question 3?"] }',
            ),
            '{"follow_ups": []}',
        ),
        (
            OPEN_WEBUI.format(
                task="Determine the necessity of search queries.",
                shape='{\n  "queries": ["query1", "query2"]\n}',
            ),
            '{"queries": []}',
        ),
        (
            GERMAN.format(
                task="Erstelle einen knappen Titel mit 3-5 Wörtern.",
                shape='{ "title": "Titel" }',
            ),
            TITLE_AS_JSON,
        ),
        (
            GERMAN.format(
                task="Schlage drei bis fünf Fragen vor, die als Nächstes kommen könnten.",
                shape='{ "follow_ups": ["Frage 1?", "Frage 2?"] }',
            ),
            '{"follow_ups": []}',
        ),
        (
            'タスク: 短いタイトルを作成してください。\n出力: { "title": "…" }\n'
            f"<chat_history>\nUSER: {ASKED}\n</chat_history>",
            TITLE_AS_JSON,
        ),
        (
            "### Task:\nContinue the text in `<text>`.\n- Respond only in JSON format: "
            '{ "text": "<your_completion>" }\n<text>Who</text>',
            '{"text": ""}',
        ),
        (
            'Führe den Text fort.\nAntworte nur mit JSON: `{ "text": "" }`\n<text>Wer</text>',
            '{"text": ""}',
        ),
    ],
)
def test_a_form_to_fill_in_is_given_back_empty_but_for_the_title(
    client: TestClient, prompt: str, done: str
) -> None:
    check_done(client, said(prompt), done)


@pytest.mark.parametrize(
    "prompt",
    [
        "### Task:\nGenerate a concise title with an emoji.\n### Chat History:\n"
        f"<chat_history>\n{HISTORY}\n</chat_history>",
        "Provide a concise, 5-word-or-less title for the conversation, using title case "
        "conventions. Only return the title itself.\n\nConversation:\n"
        f"User: {ASKED}\nAI: Mark Rutte.",
        "Please generate a concise, 5-word-or-less title for the conversation, using its same "
        f'language, with no punctuation.\n\n||>User:\n"{ASKED}"\n||>Response:\n"Mark Rutte."',
        "Name this chat in at most ten letters, without quotes.\n\n```\n"
        f"user: {ASKED}\n\n---------\n\nassistant: {ANSWER}\n```\n\nOnly give the name.",
        f"Resume esta conversación.\n\n**User**: {ASKED}\n\n**Assistant**: {ANSWER}",
        f"为下面的对话起一个简短的标题：\n\n- you: {ASKED}\n- assistant: {ANSWER}\n",
        f"Titre, s'il vous plaît :\n<user>{ASKED}</user>\n<assistant>{ANSWER}</assistant>",
        f"### Task:\nA title.\n<chat_history>\nUSER: {FILES}{ASKED}\nASSISTANT: {ANSWER}"
        "\n</chat_history>",
    ],
)
def test_a_chat_written_out_below_instructions_gets_a_title(
    client: TestClient, prompt: str
) -> None:
    check_done(client, said(prompt), ASKED)


@pytest.mark.parametrize(
    "text",
    [
        f"user: {ASKED}\nassistant: {ANSWER}",
        f"User: {ASKED}\n\nAssistant: {ANSWER}\n\nUser: And when?\n\nAssistant: In 2025 [1].",
        json.dumps([{"role": "user", "mainText": ASKED}, {"role": "assistant", "mainText": "M."}]),
    ],
)
@pytest.mark.parametrize(
    "system",
    [
        "Sum up the user's conversation as a title of ten words or fewer, without punctuation.",
        "Fasse das Gespräch in höchstens zehn Wörtern zusammen.",
    ],
)
def test_a_chat_given_as_the_user_s_message_gets_a_title(
    client: TestClient, system: str, text: str
) -> None:
    check_done(client, instruct(system, text), ASKED)


def test_a_choice_of_tools_by_prompt_is_none(client: TestClient) -> None:
    system = 'Available Tools: […]\nReturn {"tool_calls": [{"name": "toolName"}]} and nothing else.'
    check_done(
        client, instruct(system, f"Query: History:\n{HISTORY}\nQuery: Who?"), '{"tool_calls": []}'
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "Please write a title of four or five words that sums up our conversation. No quotation "
        "marks, nothing else.",
        "Generate a concise 3-7 word title for this conversation, omitting punctuation.",
        "Schreibe einen Titel mit vier Wörtern für unser Gespräch, ohne Anführungszeichen.",
        "Écris un titre de cinq mots pour cette conversation.",
        "Escribe un título breve para esta conversación.",
        "请用四到五个字为我们的对话写一个标题，不要标点。",
        "Придумай короткий заголовок для этой беседы.",
        "Nadaj tej konwersacji krótki tytuł, bez cudzysłowów.",
        "Придумай коротку назву-заголовок для нашої розмови.",
        "Dai un titolo di tre parole a questa conversazione.",
        "Give this chat a short title. Reply with the title only.",
        "Dê um título curto a esta conversa.",
    ],
)
def test_a_title_asked_for_at_the_end_of_a_chat_is_its_first_question(
    client: TestClient, prompt: str
) -> None:
    check_done(client, said(FILES + ASKED, ANSWER, prompt), ASKED)


def test_a_long_question_is_cut_between_words(client: TestClient) -> None:
    prompt = f"A title, please:\nUser: {'What about Ankara and ' * 9}\nAI: No."
    check_done(client, said(prompt), "What about Ankara and What about Ankara and What about…")


@pytest.mark.parametrize(
    "messages",
    [
        said("Which title did the summit's task force win?"),
        said(ASKED, ANSWER, "Which title does the chat of the ministers have?"),
        said(ASKED, ANSWER, "Give me the title of the article."),
        said(ASKED, ANSWER, "Tell me more about the conversation of the two ministers."),
        said("Write a title for this conversation."),
        said(f'### Task:\nRespond by the context.\n<context>{{ "a": [] }}</context>\n{ASKED}'),
        said(f"{TEMPLATE}</context>\n\n{ASKED}"),
        said(f"User: {ASKED}"),
        said(f"User: {ASKED}\nAssistant: {ANSWER}\nUser: And when?"),
        said(
            f"Go on.\nHuman: {ASKED}\n\nAssistant: {ANSWER}\n\nHuman: When was that?\n\nAssistant:"
        ),
        instruct('Answer as JSON: { "title": "…" }', ASKED),
        instruct("Give every conversation a title.", ASKED),
    ],
)
def test_a_question_that_looks_like_a_chore_is_a_question(
    client: TestClient, messages: Any
) -> None:
    body = {"model": "dateline", "messages": messages}
    assert client.post("/v1/chat/completions", json=body).status_code == 503
