"""Many questions at once in Slack, on a bad day: is each answered exactly once, and how soon?

    python -m benchmarks.slack_storm --events 1000

Two processes of the real bot share a home and an archive of the sample articles, and a stand-in
for Slack sends them distinct questions at a steady rate, some of them twice and to either process,
while some of their calls are answered with 429 and some of their connections break, half of these
after the call was carried out. Exits 1 unless every question has exactly one finished reply.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from benchmarks.slack_bots import Bot, ingest, run_receivers, run_sockets
from benchmarks.slack_questions import Asked, Delivery, build_questions, plan_deliveries
from benchmarks.slack_replies import Outcome, read_outcomes
from eval.statistics import percentile
from tests.slack_server import SlackServer, rate_limit, reset

_EXAMPLES = Path(__file__).parent.parent / "examples"
_POLL_S = 1.0
_POSTERS = 64


@dataclass(frozen=True, slots=True)
class Storm:
    """Shares are of the events or of the calls; `patience_s` is what the last reply may take."""

    events: int = 1000
    rate: float = 15.0
    redelivered: float = 0.30
    limited: float = 0.05
    broken: float = 0.02
    # Slack's own limits by tier, beside those by chance.
    tiers: bool = False
    patience_s: float = 600.0
    settle_s: float = 10.0
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Aftermath:
    outcomes: tuple[Outcome, ...]
    refused: Counter[str]
    faults: Counter[str]
    calls: int
    unacknowledged: int

    @property
    def wrong(self) -> tuple[int, ...]:
        """The numbers of the questions without exactly one finished reply."""
        return tuple(n for n, outcome in enumerate(self.outcomes) if not outcome.right)


def run_storm(storm: Storm, home: Path, over_http: bool = False) -> Aftermath:
    """`home` holds the articles that are asked about."""
    slack = SlackServer(storm.seed)
    try:
        with (run_receivers if over_http else run_sockets)(home, slack) as bots:
            slack.rates.enforced = storm.tiers
            slack.faults.chance(storm.limited, rate_limit(1))
            slack.faults.chance(storm.broken, reset(), reset(takes_effect=True))
            return _rage(storm, slack, bots)
    finally:
        slack.stop()


def _rage(storm: Storm, slack: SlackServer, bots: Sequence[Bot]) -> Aftermath:
    questions = build_questions(storm.events)
    chance = random.Random(storm.seed)
    plan = plan_deliveries(storm.events, storm.rate, storm.redelivered, len(bots), chance)
    sent, unacknowledged = _deliver(slack, bots, questions, plan)

    def outcomes() -> tuple[Outcome, ...]:
        return read_outcomes(slack, questions, sent)

    _wait(lambda: all(one.replies and one.finished for one in outcomes()), storm.patience_s)
    # What is answered twice shows only when everything has come to rest.
    time.sleep(storm.settle_s)
    return Aftermath(
        outcomes(),
        Counter(f"{call.method}: {call.refused}" for call in slack.refused),
        Counter(call.fault.kind for call in list(slack.log) if call.fault),
        len(slack.log),
        unacknowledged,
    )


def _deliver(
    slack: SlackServer, bots: Sequence[Bot], questions: Sequence[Asked], plan: Sequence[Delivery]
) -> tuple[dict[int, float], int]:
    """When each question was first sent, and how many deliveries nobody acknowledged."""
    sent: dict[int, float] = {}
    lock = threading.Lock()
    missed = 0

    def send(delivery: Delivery) -> None:
        nonlocal missed
        payload = questions[delivery.number].payload
        if not _send(slack, bots[delivery.receiver].address, payload, delivery):
            with lock:
                missed += 1

    started = time.time()
    with ThreadPoolExecutor(_POSTERS) as posters:
        for delivery in plan:
            time.sleep(max(0.0, started + delivery.at_s - time.time()))
            sent.setdefault(delivery.number, time.time())
            posters.submit(send, delivery)
    return sent, missed


def _send(
    slack: SlackServer, address: str | None, payload: dict[str, Any], delivery: Delivery
) -> bool:
    """As Slack does: once more, and again, where nobody acknowledges within three seconds."""
    if address is None:
        how = {"to": delivery.receiver, "retry_num": delivery.retry_num}
        return slack.deliver(payload, **how, redeliver=True) is not None
    for attempt in range(delivery.retry_num, 4):
        try:
            if slack.post(address, payload, attempt).is_success:
                return True
        except httpx.HTTPError:
            continue
    return False


def _wait(condition: Callable[[], bool], patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while time.monotonic() < until and not condition():
        time.sleep(_POLL_S)


def main(
    events: Annotated[int, typer.Option(min=1, help="Distinct questions.")] = 1000,
    rate: Annotated[float, typer.Option(min=0.1, help="Of them in a second.")] = 15.0,
    http: Annotated[bool, typer.Option(help="Events over HTTP, not Socket Mode.")] = False,
    tiers: Annotated[bool, typer.Option(help="With Slack's own rate limits, too.")] = False,
    seed: Annotated[int, typer.Option(help="Of what is chance.")] = 7,
    home: Annotated[
        Path | None, typer.Option(exists=True, help="A home with articles, used as it is.")
    ] = None,
    patience_s: Annotated[float, typer.Option(min=1, help="For the last reply.")] = 600.0,
) -> None:
    """Rage, and print what is left."""
    console = Console(highlight=False, width=120)
    storm = Storm(events=events, rate=rate, tiers=tiers, seed=seed, patience_s=patience_s)
    with tempfile.TemporaryDirectory() as folder:
        if home is None:
            home = Path(folder) / "home"
            ingest(home, _EXAMPLES)
        aftermath = run_storm(storm, home, over_http=http)
    print_aftermath(console, storm, aftermath)
    raise typer.Exit(1 if aftermath.wrong else 0)


def print_aftermath(console: Console, storm: Storm, aftermath: Aftermath) -> None:
    outcomes = aftermath.outcomes
    counts = Counter(outcome.replies for outcome in outcomes)
    console.print(
        f"{storm.events} events at {storm.rate:g}/s, {storm.redelivered:.0%} redelivered; "
        f"{aftermath.calls} calls, of them {dict(aftermath.faults)}"
    )
    console.print(f"replies: {', '.join(f'{n} × {k}' for k, n in sorted(counts.items()))} each")
    console.print(
        f"lost: {counts[0]}; twice: {sum(n for k, n in counts.items() if k > 1)}; "
        f"unfinished: {sum(not one.finished for one in outcomes if one.replies)}; "
        f"error messages: {sum(one.failed for one in outcomes)}; "
        f"deliveries nobody acknowledged: {aftermath.unacknowledged}"
    )
    _print_times(console, "first status", [one.first_status_s for one in outcomes])
    _print_times(console, "reply", [one.reply_s for one in outcomes])
    console.print(f"refused by the rules: {dict(aftermath.refused) or 'nothing'}")
    if aftermath.wrong:
        console.print(f"wrong: {', '.join(map(str, aftermath.wrong[:20]))}")


def _print_times(console: Console, name: str, times: Sequence[float | None]) -> None:
    known = [1000 * seconds for seconds in times if seconds is not None]
    if known:
        shown = (f"p{100 * at:.0f} {percentile(known, at):.0f} ms" for at in (0.5, 0.95, 0.99))
        console.print(f"{name}: {', '.join(shown)} (of {len(known)})")


if __name__ == "__main__":
    typer.run(main)
