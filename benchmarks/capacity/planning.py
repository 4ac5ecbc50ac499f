"""From measured costs to machines: what saturates first, what to add, and what it costs.

Questions are answered by API replicas, each with a lexical index of its own; the vectors are in
Chroma servers, each with a part of them where one cannot hold them all, so that every question goes
to each; the archive is one PostgreSQL with as many read replicas as the questions need.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.capacity.fits import Growth, fit_growth
from benchmarks.capacity.simulation import Stage
from benchmarks.capacity.stages import STAGES

_HOURS_A_MONTH = 730
# It reads what the indexes found, some hundred articles, whatever there is; only in small archives
# are most of them remembered.
_BOUNDED = ("carriers (SQL)",)
_DISKS = ("archive", "vectors", "words")


@dataclass(frozen=True, slots=True)
class Machines:
    """What is assumed: sizes of machines, how busy they may be, what they cost a month."""

    cores: int = 8
    most_memory_gib: float = 128.0
    busy: float = 0.6
    vcpu_hour: float = 0.04
    memory_gib_month: float = 3.0
    disk_gib_month: float = 0.10


@dataclass(frozen=True, slots=True)
class Costs:
    """How everything grows with the chunks. Milliseconds of a processor a question, megabytes."""

    stages: Mapping[str, Growth]
    answer_ms: float
    vectors_memory_mb: Growth
    disk_mb: Mapping[str, Growth]
    replica_memory_mb: float


@dataclass(frozen=True, slots=True)
class Part:
    """So many machines of one kind. `busy` is the share of their time that is used."""

    name: str
    machines: int
    busy: float
    memory_gib: float
    disk_gib: float

    def cost_a_month(self, on: Machines) -> float:
        each = (
            on.cores * _HOURS_A_MONTH * on.vcpu_hour
            + self.memory_gib * on.memory_gib_month
            + self.disk_gib * on.disk_gib_month
        )
        return self.machines * each


def read_costs(results: Iterable[Mapping[str, Any]], answer_ms: float) -> Costs:
    """`answer_ms`: what an answer costs besides what was retrieved for it."""
    by_size = {int(found["chunks"]): found for found in results}

    def fit(read: Any) -> Growth:
        return fit_growth({size: read(found) for size, found in by_size.items()})

    def fit_stage(stage: str) -> Growth:
        def read(found: Mapping[str, Any]) -> float:
            return float(found["latencies_ms"]["none"]["stages"][stage]["cpu"])

        growth = fit(read)
        largest = max(map(read, by_size.values()))
        return replace(growth, most=largest) if stage in _BOUNDED else growth

    smallest = by_size[min(by_size)]
    base = smallest["memory_mb"]["all questions"]
    return Costs(
        stages={stage: fit_stage(stage) for stage in STAGES},
        answer_ms=answer_ms,
        vectors_memory_mb=fit(
            lambda found: found["memory_mb"]["all questions"]["anonymous"] - base["anonymous"]
        ),
        disk_mb={part: fit(lambda found, of=part: found["disk_mb"][of]) for part in _DISKS},
        replica_memory_mb=base["resident"],
    )


def plan(costs: Costs, chunks: float, rate: float, on: Machines = Machines()) -> tuple[Part, ...]:
    """Enough of each part for so many questions a second, none busier than may be."""
    gib = {part: growth.at(chunks) / 1024 for part, growth in costs.disk_mb.items()}
    memory_gib = costs.vectors_memory_mb.at(chunks) / 1024
    demands = sum_demands(costs, chunks)
    shards = max(1, math.ceil(memory_gib / on.most_memory_gib))
    of_shard = sum_demands(costs, chunks / shards)["chroma"]
    copies = _count(of_shard, rate, on)
    # Its own memory, and its words in the page cache.
    api_gib = costs.replica_memory_mb / 1024 + gib["words"]
    return (
        _size("API replicas", demands["api"], rate, on, api_gib, gib["words"], least=2),
        Part(
            "Chroma servers",
            shards * copies,
            rate * of_shard / 1000 / (copies * on.cores),
            memory_gib / shards,
            gib["vectors"] / shards,
        ),
        _size("PostgreSQL", demands["postgres"], rate, on, gib["archive"] / 10, gib["archive"]),
    )


def sum_demands(costs: Costs, chunks: float) -> dict[str, float]:
    """Milliseconds of a processor that a question takes of each pool."""
    demands = {"api": costs.answer_ms, "chroma": 0.0, "postgres": 0.0}
    for stage, growth in costs.stages.items():
        demands[_find_pool(stage)] += growth.at(chunks)
    return demands


def find_first_saturated(costs: Costs, chunks: float, on: Machines = Machines()) -> str:
    """Of one machine for each part, the one whose time is used up first."""
    demands = sum_demands(costs, chunks)
    if costs.vectors_memory_mb.at(chunks) / 1024 > on.most_memory_gib:
        return "memory of one Chroma"
    return max(demands, key=lambda pool: demands[pool])


def build_stages(costs: Costs, chunks: float) -> tuple[Stage, ...]:
    """For the simulation, in the order in which a question goes through them."""
    searched = tuple(
        Stage(_find_pool(stage), growth.at(chunks)) for stage, growth in costs.stages.items()
    )
    return (*searched, Stage("api", costs.answer_ms))


def count_workers(
    articles_a_day: float, cpu_ms_an_article: float, on: Machines = Machines()
) -> float:
    """Processors that embed what comes in, as busy as they may be."""
    return articles_a_day * cpu_ms_an_article / 86_400_000 / on.busy


def _find_pool(stage: str) -> str:
    if stage.endswith("(Chroma)"):
        return "chroma"
    return "postgres" if stage.endswith("(SQL)") else "api"


def _count(demand_ms: float, rate: float, on: Machines) -> int:
    return max(1, math.ceil(rate * demand_ms / 1000 / (on.cores * on.busy)))


def _size(
    name: str,
    demand_ms: float,
    rate: float,
    on: Machines,
    memory_gib: float,
    disk_gib: float,
    least: int = 1,
) -> Part:
    machines = max(least, _count(demand_ms, rate, on))
    busy = rate * demand_ms / 1000 / (machines * on.cores)
    return Part(name, machines, busy, memory_gib, disk_gib)
