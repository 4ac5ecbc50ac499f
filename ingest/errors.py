"""What can be wrong with one input."""

from __future__ import annotations

from retrieval.errors import DatelineError

_LONGEST = 400


class UnreadableInput(DatelineError):
    """One input cannot become an article; the others go on."""

    exit_code = 3

    def __init__(self, reason: str) -> None:
        """The reason may quote the input: it is kept to one short line."""
        line = " ".join(reason.split())
        super().__init__(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")
