"""What can be wrong with one input."""

from __future__ import annotations

from retrieval.errors import DatelineError
from retrieval.schema import Edition

_LONGEST = 400


class UnreadableInput(DatelineError):
    """One input cannot become an article; the others go on."""

    exit_code = 3

    def __init__(self, reason: str) -> None:
        """The reason may quote the input: it is kept to one short line."""
        line = " ".join(reason.split())
        super().__init__(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")


class NotForUse(UnreadableInput):
    """Its publisher has withdrawn it, or has not yet released it; `edition` says which."""

    def __init__(self, reason: str, article_id: str, edition: Edition) -> None:
        super().__init__(reason)
        self.article_id = article_id
        self.edition = edition
