"""How a method of Slack's says no."""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):
    """The error's code, and what was wrong in words."""

    def __init__(self, error: str, messages: Sequence[str] = ()) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = list(messages)
