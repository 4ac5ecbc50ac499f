"""One fault: people ask and articles come in before it, while it lasts and until all is well."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx

from benchmarks.faults.articles import KnownArticle, take
from benchmarks.faults.asking import Asked, Crowd, ask
from benchmarks.faults.asking_slack import SlackCrowd
from benchmarks.faults.cluster import INGEST, Cluster
from benchmarks.faults.intake import Editor, Ingest
from benchmarks.faults.invariants import find_faults, find_lost, find_wrong
from benchmarks.faults.measuring import (
    Moments,
    Seen,
    SlackSeen,
    is_normal,
    measure,
    measure_slack,
)
from benchmarks.faults.plan import Scenario
from retrieval.errors import DatelineError

_POLL_S = 1.0
_PATIENCE_S = 480.0


@dataclass(frozen=True, slots=True)
class Load:
    """How many ask, how often; one thinks and one Slack question comes every so many seconds.

    `head_start_s` is how long an ingest runs before the fault, and `calm_answers` how many in a row
    have to be as usual after it.
    """

    askers: int = 3
    think_s: float = 1.5
    slack_pause_s: float = 2.0
    editor_pause_s: float = 4.0
    head_start_s: float = 5.0
    calm_answers: int = 20


@dataclass(frozen=True, slots=True)
class Run:
    """Of one fault. `recovered` is whether all was well again in time, with no hand on it."""

    name: str
    moments: Moments
    seen: Seen
    slack: SlackSeen
    ingest_runs: int
    ingest_s: float
    problems: tuple[str, ...]
    recovered: bool


@dataclass(slots=True)
class Newsroom:
    """A cluster at work, and what it acknowledged and answered so far."""

    cluster: Cluster
    made: Iterator[KnownArticle]
    load: Load
    known: Sequence[KnownArticle] = ()
    acknowledged: list[KnownArticle] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    slack_crowds: list[SlackCrowd] = field(default_factory=list)

    def fill(self, count: int) -> None:
        """Take in the first articles, and keep those to ask about that are found in calm."""
        ingest = self._prepare(count, "first")
        ingest.start()
        assert ingest.acknowledged.wait(_PATIENCE_S * 2), ingest.problems
        self.acknowledged.extend(ingest.articles)
        self._wait(lambda: not self._find_faults(), _PATIENCE_S)
        with httpx.Client(timeout=60.0, trust_env=False) as client:
            addresses = self.cluster.addresses
            answers = [
                ask(client, addresses, turn, article, "known")
                for turn, article in enumerate(self.acknowledged[:40])
            ]
        self.known = [answer.article for answer in answers if answer.has_fact]
        assert len(self.known) > len(answers) // 2, "the calm cluster does not answer"

    def run(self, scenario: Scenario, count: int) -> Run:
        """With an ingest of so many articles under way."""
        load, cluster = self.load, self.cluster
        # First: what makes the articles serves one thread at a time.
        ingest = self._prepare(count, scenario.name)
        crowd = Crowd(cluster.addresses, self.known, load.askers, load.think_s)
        slack = SlackCrowd(cluster.slack, self.known, load.slack_pause_s)
        editor = Editor(cluster.addresses, self.made, load.editor_pause_s)
        with ExitStack() as working:
            for each in (crowd.asking(), slack.asking(), editor.posting()):
                working.enter_context(each)
            ingest.start()
            time.sleep(load.head_start_s)
            began = time.time()
            scenario.strike(cluster, ingest)
            lifted = time.time()
            whole, indexed = self._watch(self._is_whole, ingest.acknowledged.is_set)
            calm = self._wait(lambda: self._is_calm(crowd, slack, lifted), _PATIENCE_S)
        answered = self._wait(lambda: all(one.right for one in slack.read()), _PATIENCE_S)
        complete = self._wait(lambda: not self._find_faults(), _PATIENCE_S)
        self.acknowledged.extend(editor.acknowledged)
        if indexed is not None:
            self.acknowledged.extend(ingest.articles)
        self.asked.extend(crowd.asked)
        self.slack_crowds.append(slack)
        moments = Moments(began, lifted, whole, indexed, complete)
        return Run(
            scenario.name,
            moments,
            measure(crowd.asked, moments),
            measure_slack(slack.read()),
            ingest.runs,
            ingest.seconds,
            tuple(ingest.problems),
            None not in (whole, calm, indexed, answered, complete),
        )

    def _prepare(self, count: int, name: str) -> Ingest:
        file = self.cluster.folder / f"{''.join(filter(str.isalnum, name))}.jsonl"
        return Ingest.of(take(self.made, count), file, self.cluster.environments[INGEST])

    def _is_whole(self) -> bool:
        return all(process.program.is_ready() for process in self.cluster.processes.values())

    def _is_calm(self, crowd: Crowd, slack: SlackCrowd, lifted: float) -> bool:
        """Everything that was asked since then is answered as usual, for long enough to tell."""
        since = [each for each in crowd.asked if each.at > lifted][-self.load.calm_answers :]
        normal = len(since) == self.load.calm_answers and all(map(is_normal, since))
        return normal and all(one.finished for one in slack.read()[:-2])

    def _wait(self, condition: Callable[[], bool], patience_s: float) -> float | None:
        """When it came true; None where it did not."""
        (moment,) = self._watch(condition, patience_s=patience_s)
        return moment

    def _watch(
        self, *conditions: Callable[[], bool], patience_s: float = _PATIENCE_S
    ) -> list[float | None]:
        """When each first was true; None for one that never was."""
        moments: list[float | None] = [None] * len(conditions)
        until = time.time() + patience_s
        while None in moments and time.time() < until:
            for number, condition in enumerate(conditions):
                if moments[number] is None and condition():
                    moments[number] = time.time()
            time.sleep(_POLL_S)
        return moments

    def _find_faults(self) -> tuple[str, ...]:
        try:
            return find_faults(self.cluster)
        except (DatelineError, httpx.HTTPError) as error:
            return (str(error),)


def judge(newsroom: Newsroom) -> dict[str, tuple[str, ...]]:
    """What is wrong at the end, by kind; a cluster that bore it all has nothing of any."""
    outcomes = [one for crowd in newsroom.slack_crowds for one in crowd.read()]
    replies = Counter(one.replies for one in outcomes)
    return {
        "acknowledged articles lost": find_lost(newsroom.cluster, newsroom.acknowledged),
        "wrong answers": find_wrong(newsroom.cluster, newsroom.asked),
        "invariants broken": find_faults(newsroom.cluster, thorough=True),
        "Slack questions without exactly one reply": tuple(
            f"{n} with {k} replies" for k, n in replies.items() if k != 1
        ),
    }
