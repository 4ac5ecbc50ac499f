"""The answers that buttons refer to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.answering.turns import KeptAnswer, TurnLog
from bot.feedback import FeedbackLog
from bot.slack.place import Place
from retrieval.archive import Archive
from retrieval.errors import DatelineError


class StaleAnswer(DatelineError):
    """Expired, removed or somebody else's: who presses cannot tell which."""

    def __init__(self) -> None:
        super().__init__(
            "This answer is no longer available: it is too old, an article that it quotes was "
            "removed, or it was given to somebody else. Ask the question again."
        )


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """`language_of` a channel's dates is a Babel locale."""

    turns: TurnLog
    archive: Archive
    feedback: FeedbackLog
    language_of: Callable[[str], str] = lambda _channel: "en"

    def find(self, place: Place, answer_id: str) -> tuple[str, KeptAnswer]:
        """An answer that this user can see here, and whose it is. Raises StaleAnswer."""
        for owner in place.owners:
            if kept := self.turns.find(owner, answer_id):
                return owner, kept
        raise StaleAnswer
