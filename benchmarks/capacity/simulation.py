"""Questions queue for processors: a discrete-event simulation of what a plan will bear.

A question visits its stages one after the other; each is served by a pool of processors, and the
questions wait for a free one in the order in which they came.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from eval.statistics import percentile

_SEED = 8
_WARMED_UP = 0.2

_Process = Generator[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Processor time that a question takes of a pool, in milliseconds on average.

    `spread` is the standard deviation over the mean: 0 always the same, 1 exponential.
    """

    pool: str
    demand_ms: float
    spread: float = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """Either `rate` questions a second, whoever asks, or `askers` who wait for their answers and
    think before they ask again."""

    rate: float | None = None
    askers: int = 0
    think_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`busy`: how much of each pool's time was used, from 0 to 1; `present`: how many questions
    were there on average."""

    answers_per_s: float
    p50_ms: float
    p95_ms: float
    mean_ms: float
    present: float
    busy: Mapping[str, float]


def simulate(
    stages: Sequence[Stage], pools: Mapping[str, int], load: Load, seconds: float
) -> Outcome:
    """`pools`: how many processors each has."""
    simulation = _Simulation(stages, pools, seconds)
    simulation.run(load)
    latencies = simulation.latencies_ms
    return Outcome(
        answers_per_s=len(latencies) / seconds,
        p50_ms=percentile(latencies, 0.5),
        p95_ms=percentile(latencies, 0.95),
        mean_ms=sum(latencies) / max(len(latencies), 1),
        present=simulation.present_s / seconds,
        busy={name: simulation.busy_s[name] / (seconds * count) for name, count in pools.items()},
    )


class _Simulation:
    """Tallies the last `seconds`, from the moment on which the queues have filled."""

    def __init__(self, stages: Sequence[Stage], pools: Mapping[str, int], seconds: float) -> None:
        self._stages = stages
        self._environment = simpy.Environment()
        self._pools = {
            name: simpy.Resource(self._environment, count) for name, count in pools.items()
        }
        self._until = seconds * (1 + _WARMED_UP)
        self._since = self._until - seconds
        self._chance = random.Random(_SEED)
        self.latencies_ms: list[float] = []
        self.present_s = 0.0
        self.busy_s = dict.fromkeys(pools, 0.0)

    def run(self, load: Load) -> None:
        if load.rate is not None:
            self._environment.process(self._arrive(load.rate))
        for _ in range(load.askers):
            self._environment.process(self._ask_on(load.think_s))
        self._environment.run(self._until)

    def _arrive(self, rate: float) -> _Process:
        while True:
            yield self._environment.timeout(self._chance.expovariate(rate))
            self._environment.process(self._ask())

    def _ask_on(self, think_s: float) -> _Process:
        yield self._environment.timeout(self._chance.uniform(0, think_s))
        while True:
            yield self._environment.process(self._ask())
            yield self._environment.timeout(think_s)

    def _ask(self) -> _Process:
        asked = self._environment.now
        for stage in self._stages:
            with self._pools[stage.pool].request() as turn:
                yield turn
                began = self._environment.now
                yield self._environment.timeout(_draw_s(stage, self._chance))
                self.busy_s[stage.pool] += self._count_seconds(began)
        self.present_s += self._count_seconds(asked)
        if asked >= self._since:
            self.latencies_ms.append(1000 * (self._environment.now - asked))

    def _count_seconds(self, started: float) -> float:
        """Of those from then until now, the ones that are tallied."""
        return max(self._environment.now - max(started, self._since), 0.0)


def _draw_s(stage: Stage, chance: random.Random) -> float:
    if stage.demand_ms <= 0 or stage.spread <= 0:
        return max(stage.demand_ms, 0.0) / 1000
    shape = 1 / stage.spread**2
    return chance.gammavariate(shape, stage.demand_ms / shape) / 1000
