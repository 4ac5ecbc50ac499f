"""Where somebody pressed something, and how to tell that person alone what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.listening import Asked, build_owner
from bot.slack.mrkdwn import escape_own


@dataclass(frozen=True, slots=True)
class Place:
    """`thread_ts` is None where there is no thread."""

    team: str
    channel: str
    user: str
    thread_ts: str | None
    response_url: str | None

    @property
    def owners(self) -> tuple[str, str]:
        """Whose answers can be seen here: everybody's, and this user's own."""
        shared = build_owner(self.team, self.channel)
        return shared, build_owner(self.team, self.channel, self.user)

    def ask(self, text: str, click: str, as_of: str | None = None, private: bool = False) -> Asked:
        """`click` tells this one from every other, however often Slack delivers it."""
        return Asked(
            team=self.team,
            channel=self.channel,
            user=self.user,
            ts=click,
            thread_ts=self.thread_ts,
            text=text,
            as_of=as_of,
            private=private,
            response_url=self.response_url if private else None,
        )


def read_place(body: Mapping[str, Any]) -> Place:
    """Of a click or a shortcut on a message."""
    message, container = body.get("message") or {}, body.get("container") or {}
    # Of an ephemeral message Slack tells the thread at most: its own ts begins none.
    thread_ts = message.get("thread_ts") or container.get("thread_ts") or message.get("ts")
    team = body.get("team") or {}
    return Place(
        team=str(team.get("id") or body["user"].get("team_id")),
        channel=str(body["channel"]["id"]),
        user=str(body["user"]["id"]),
        thread_ts=thread_ts,
        response_url=body.get("response_url"),
    )


def write_place(place: Place, **more: str) -> str:
    """For a modal, which Slack tells nothing of where it was opened."""
    return json.dumps(asdict(place) | {"more": more})


def read_submitted(body: Mapping[str, Any]) -> tuple[Place, dict[str, str]]:
    """The place that `write_place` wrote, and what it wrote more."""
    written = json.loads(body["view"]["private_metadata"])
    more = written.pop("more")
    return Place(**written | {"user": str(body["user"]["id"])}), more


async def tell(client: AsyncWebClient, place: Place, text: str) -> None:
    """In the thread; where the app is not in the channel, by the click's own address."""
    shown = escape_own(text)
    try:
        await client.chat_postEphemeral(
            channel=place.channel, user=place.user, thread_ts=place.thread_ts, text=shown
        )
    except SlackApiError:
        respond = AsyncRespond(response_url=place.response_url)
        await respond(text=shown, response_type="ephemeral", replace_original=False)
