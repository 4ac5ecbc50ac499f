"""`dateline doctor`: each part looked at, each fault with its cure. No secret is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from bot.answering.llm import build_llm
from bot.remote import find_server
from bot.settings import BotSettings
from ingest.settings import IngestSettings
from retrieval.database import Database
from retrieval.errors import DatelineError, IndexBusy
from retrieval.indexes import hold_indexes
from retrieval.opening import Library, open_library
from retrieval.settings import RetrievalSettings

_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, and what was found or is to be done."""

    part: str
    healthy: bool
    message: str

    def build(self) -> dict[str, Any]:
        return {"part": self.part, "healthy": self.healthy, "message": self.message}


def examine() -> tuple[Finding, ...]:
    """Look at every part; one that cannot be looked at is a finding, not a failure."""
    return tuple(_examine())


def render_findings(findings: tuple[Finding, ...], console: Console) -> None:
    for finding in findings:
        mark = ("ok  ", "green") if finding.healthy else ("FIX ", "bold red")
        console.print(Text.assemble(mark, f"{finding.part}: {finding.message}"))


def _examine() -> Iterator[Finding]:
    try:
        retrieval, bot = RetrievalSettings.load(), BotSettings.load()
        IngestSettings.load()
    except DatelineError as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, f"home {retrieval.home}, model {retrieval.embedding_model}")
    try:
        with open_library(retrieval) as library:
            count = library.archive.count()
            yield Finding(
                "archive", True, f"{count} articles, {library.archive.count_undated()} undated"
            )
            yield _look("embedding model", lambda: _examine_embedder(library))
            yield _look("indexes", lambda: _examine_indexes(library))
    except DatelineError as error:
        yield Finding("archive", False, str(error))
    yield _look("language model", lambda: _examine_llm(bot))
    yield Finding("HTTP", True, _describe_keys(bot))
    yield _look("Slack", lambda: examine_slack(bot))


def _look(part: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, probe())
    except DatelineError as error:
        return Finding(part, False, str(error))


def _examine_embedder(library: Library) -> str:
    return f"loaded, {len(library.embedder.embed_question('Is it working?'))} dimensions"


def _examine_indexes(library: Library) -> str:
    server = find_server(library.settings.home)
    try:
        with hold_indexes(library.settings, library.generations, timeout_s=0) as indexes:
            opened = indexes.open_active()
            if opened is None:
                return "nothing is indexed yet: `dateline ingest PATH`"
            behind = library.archive.latest_revision() - opened.generation.checkpoint
            if behind:
                raise DatelineError(
                    f"{behind} changes are not indexed: run `dateline ingest` again"
                )
            return f"{opened.vectors.count()} chunks"
    except IndexBusy:
        return f"held by {server.url}" if server else "held by another process"


def _examine_llm(settings: BotSettings) -> str:
    llm = build_llm(settings)
    if llm is None:
        return "none configured: answers are made of quotes"
    address, url = llm.adapter.address, llm.adapter.url
    if url is None:
        return f"{settings.llm}, in this process"
    try:
        httpx.get(f"{url.rstrip('/')}/models", timeout=_TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DatelineError(
            f"{address} does not answer ({type(error).__name__}): start it, or check "
            "bot.llm_base_url"
        ) from error
    return f"{settings.llm} at {address}"


def _describe_keys(settings: BotSettings) -> str:
    if not settings.api_keys:
        return "no API keys: the server accepts requests only from this machine"
    writing = sum(key.role == "write" for key in settings.api_keys)
    return f"API keys: {len(settings.api_keys) - writing} read, {writing} write"


def examine_slack(settings: BotSettings) -> str:
    """Raises DatelineError where something is wrong."""
    if settings.slack_workspaces == "none":
        return "not configured"
    from bot.slack.channels import ChannelPolicy
    from bot.slack.token import examine_token

    ChannelPolicy.of(settings)
    if settings.slack_workspaces == "many":
        return _examine_installations(settings)
    finding = examine_token(settings)
    if finding.problem:
        raise DatelineError(finding.problem)
    return finding.describe()


def _examine_installations(settings: BotSettings) -> str:
    from bot.slack.oauth import open_oauth
    from bot.slack.token import find_installation_problems

    database = Database.open(RetrievalSettings.load())
    try:
        oauth = open_oauth(settings, database)
        bots = () if oauth is None else tuple(oauth.installations)
    finally:
        database.close()
    if problems := find_installation_problems(settings, bots):
        raise DatelineError("; ".join(problems))
    if not bots:
        return "not installed in any workspace yet: open /slack/install"
    return f"installed in {len(bots)} workspaces, every token is valid"
