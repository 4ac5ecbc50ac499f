"""What can be wrong with one input."""

from __future__ import annotations

from retrieval.errors import DatelineError


class UnreadableInput(DatelineError):
    """One input cannot become an article; the others go on."""

    exit_code = 3
