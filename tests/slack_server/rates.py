"""Slack's rate limits by tier: calls a minute of a method, and one post a second a channel."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

TIERS: Mapping[str, int] = {
    "agents.sessions.rename": 50,
    "agents.sessions.setStatus": 50,
    "chat.appendStream": 100,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.update": 50,
    "conversations.info": 50,
    "conversations.replies": 50,
    "views.open": 100,
    "views.publish": 100,
    "views.update": 100,
}
_POSTS_A_SECOND_AND_CHANNEL = 1


class RateLimits:
    """Off until `enforced`; a burst of a few posts to a channel is let through, as Slack does."""

    def __init__(self, burst: int = 3) -> None:
        self.enforced = False
        self._burst = burst
        self._taken: dict[str, deque[float]] = defaultdict(deque)

    def find_wait(self, method: str, channel: str, now: float) -> float:
        """0 where the call is let through, else the Retry-After."""
        if not self.enforced:
            return 0.0
        if method == "chat.postMessage":
            most = _POSTS_A_SECOND_AND_CHANNEL * self._burst
            return self._take(f"{method} {channel}", most, float(self._burst), now)
        if method in TIERS:
            return self._take(method, TIERS[method], 60.0, now)
        return 0.0

    def _take(self, key: str, most: int, within_s: float, now: float) -> float:
        taken = self._taken[key]
        while taken and taken[0] <= now - within_s:
            taken.popleft()
        if len(taken) >= most:
            return max(1.0, taken[0] + within_s - now)
        taken.append(now)
        return 0.0
