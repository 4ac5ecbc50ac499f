"""What the robots.txt of each site lets us fetch, and how fast (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from protego import Protego

from ingest.addresses import Unreachable
from ingest.errors import UnreadableInput
from ingest.web import Reply

MOST_BYTES = 500 * 1024
_LONGEST_DELAY_S = 30.0
_CLOSED = "may not be fetched"


class Robots:
    """Asks every site once, and keeps its answer for the run."""

    def __init__(self, user_agent: str, get: Callable[[httpx.URL], Reply]) -> None:
        self._product = user_agent.partition("/")[0]
        self._get = get
        self._answers: dict[httpx.URL, Protego | str] = {}

    def admit(self, url: httpx.URL) -> None:
        """Raises UnreadableInput for a page that is closed to us."""
        rules = self._rules(url)
        if isinstance(rules, str):
            raise UnreadableInput(rules)
        if not rules.can_fetch(str(url), self._product):
            raise UnreadableInput(
                f"{_CLOSED}: its robots.txt forbids it; ask the publisher to allow it"
            )

    def delay_s(self, url: httpx.URL) -> float:
        """The pause that a site asked for between two requests, as far as it is known yet."""
        rules = self._answers.get(_robots_of(url))
        delay_s = rules.crawl_delay(self._product) if isinstance(rules, Protego) else None
        return min(delay_s or 0.0, _LONGEST_DELAY_S)

    def _rules(self, url: httpx.URL) -> Protego | str:
        """Or why the site is closed as a whole."""
        address = _robots_of(url)
        if address not in self._answers:
            self._answers[address] = self._read(address)
        return self._answers[address]

    def _read(self, address: httpx.URL) -> Protego | str:
        try:
            reply = self._get(address)
        except Unreachable as error:
            return str(error)
        except UnreadableInput as error:
            return f"{_CLOSED}, because its robots.txt {error}"
        if reply.status >= 500 or reply.status == 429:
            return f"{_CLOSED}, because its robots.txt answers {reply.status}: try again later"
        # What is there in part is read in part; what is not there closes nothing.
        return Protego.parse(reply.content[:MOST_BYTES].decode("utf-8", "replace"))


def _robots_of(url: httpx.URL) -> httpx.URL:
    return url.copy_with(raw_path=b"/robots.txt")
