"""Questions to begin with, one from each of the newest stories; nothing but their headlines."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.rendering import printable
from bot.slack.channels import ChannelPolicy
from ingest.cleaning import clean_name
from retrieval.archive import Archive
from retrieval.schema import Filters

# Slack takes four prompts; of a longer title it shows no more than a line.
_MOST_PROMPTS = 4
_MOST_TITLE = 75
_MOST_HEADLINE = 300
_HEADING = "From the newest stories"
_EMPTY = (
    "There are no articles to ask about yet. Whoever runs me can add some with `dateline ingest`."
)
_NOTHING_THERE = (
    "There are no articles from this channel's sources yet. Whoever runs me can add some with "
    "`dateline ingest`, or change the sources."
)
# Quotation marks would end the headline's own; angle brackets are Slack's to mention people with.
_INERT = str.maketrans({"“": "‘", "”": "’", '"': "'", "<": "‹", ">": "›"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`title` is shown, `message` is asked."""

    title: str
    message: str

    def build(self) -> dict[str, str]:
        return {"title": self.title, "message": self.message}


def build_prompts(archive: Archive, sources: tuple[str, ...] = ()) -> tuple[Prompt, ...]:
    """From the newest articles of different stories; empty where there are none."""
    named = tuple(clean_name(source) or "" for source in sources)
    stories = archive.carriers.newest(Filters(sources=named), _MOST_PROMPTS)
    return tuple(_build_prompt(story.title) for story in stories)


def add_prompts(bolt: AsyncApp, archive: Archive, policy: ChannelPolicy) -> None:
    """Where someone opens the agent's tab, and where a thread with an assistant begins."""

    @bolt.event({"type": "app_home_opened"})
    async def on_opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        if event.get("tab") == "messages" and policy.allows(event["channel"]):
            # An agent's prompts belong to no thread, and Slack drops those that name one.
            await _suggest(client, archive, policy, event["channel"], event["user"])

    @bolt.event("assistant_thread_started")
    async def on_started(event: dict[str, Any], client: AsyncWebClient) -> None:
        thread = event["assistant_thread"]
        channel = thread["channel_id"]
        if policy.allows(channel):
            await _suggest(client, archive, policy, channel, thread["user_id"], thread["thread_ts"])


async def _suggest(
    client: AsyncWebClient,
    archive: Archive,
    policy: ChannelPolicy,
    channel: str,
    user: str,
    thread_ts: str | None = None,
) -> None:
    sources = policy.sources(channel)
    prompts = await asyncio.to_thread(build_prompts, archive, sources)
    try:
        if prompts:
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=channel,
                thread_ts=thread_ts,
                title=_HEADING,
                prompts=[prompt.build() for prompt in prompts],
            )
        else:
            # Seen by who looks, and gone when the archive is filled and they look again.
            await client.chat_postEphemeral(
                channel=channel,
                user=user,
                thread_ts=thread_ts,
                text=_NOTHING_THERE if sources else _EMPTY,
            )
    except SlackApiError as error:
        _log.warning("Slack takes no suggested prompts: %s", error.response["error"])


def _build_prompt(headline: str) -> Prompt:
    asked = _shorten(printable(headline).translate(_INERT), _MOST_HEADLINE)
    return Prompt(_shorten(asked, _MOST_TITLE), f"What is known about “{asked}”?")


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
