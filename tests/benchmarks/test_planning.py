"""What a plan of machines must keep to, whatever was measured."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.capacity.planning import (
    Costs,
    Machines,
    build_stages,
    count_workers,
    find_first_saturated,
    plan,
    read_costs,
    sum_demands,
)
from benchmarks.capacity.simulation import Load, simulate
from benchmarks.capacity.stages import STAGES

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ANSWER_MS = 150.0


def make_result(chunks: int) -> dict[str, Any]:
    """Chroma by the logarithm, Tantivy by the chunk, the rest the same at every size."""
    stages = {stage: {"wall": 1.0, "cpu": 1.0} for stage in STAGES}
    stages["nearest vectors (Chroma)"]["cpu"] = 0.5 * len(str(chunks))
    stages["words (Tantivy)"]["cpu"] = 0.5 + chunks / 1e5
    memory = {"resident": 300 + 2e-3 * chunks, "anonymous": 250 + 2e-3 * chunks}
    return {
        "chunks": chunks,
        "latencies_ms": {"none": {"stages": stages}},
        "memory_mb": {"all questions": memory},
        "disk_mb": {"archive": 8e-3 * chunks, "vectors": 4e-3 * chunks, "words": 3e-4 * chunks},
    }


@pytest.fixture(scope="module")
def costs() -> Costs:
    return read_costs(map(make_result, SIZES), ANSWER_MS)


def test_every_stage_is_of_one_pool(costs: Costs) -> None:
    demands = sum_demands(costs, 100_000)
    assert set(demands) == {"api", "chroma", "postgres"}
    whole = sum(growth.at(100_000) for growth in costs.stages.values()) + ANSWER_MS
    assert sum(demands.values()) == pytest.approx(whole)
    assert sum(stage.demand_ms for stage in build_stages(costs, 100_000)) == pytest.approx(whole)


def test_no_machine_is_busier_than_may_be_nor_has_more_memory_than_there_is(costs: Costs) -> None:
    on = Machines()
    for chunks in (10**4, 10**6, 10**8):
        for rate in (0.1, 10.0, 1_000.0):
            for part in plan(costs, chunks, rate, on):
                assert 0 <= part.busy <= on.busy + 1e-9
            assert plan(costs, chunks, rate, on)[1].memory_gib <= on.most_memory_gib


def test_more_chunks_or_more_questions_never_need_fewer_machines_or_cost_less(
    costs: Costs,
) -> None:
    on = Machines()

    def price(chunks: float, rate: float) -> float:
        return sum(part.cost_a_month(on) for part in plan(costs, chunks, rate, on))

    rates = (1.0, 10.0, 100.0, 1_000.0)
    sizes = (1e4, 1e5, 1e6, 1e7, 1e8)
    for rate in rates:
        prices = [price(chunks, rate) for chunks in sizes]
        assert prices == sorted(prices)
    for chunks in sizes:
        prices = [price(chunks, rate) for rate in rates]
        assert prices == sorted(prices)


def test_the_simulation_of_a_plan_answers_all_and_is_as_busy_as_planned(costs: Costs) -> None:
    on, chunks, rate = Machines(), 10**6, 50.0
    parts = plan(costs, chunks, rate, on)
    pools = dict(
        zip(
            ("api", "chroma", "postgres"), (part.machines * on.cores for part in parts), strict=True
        )
    )
    outcome = simulate(build_stages(costs, chunks), pools, Load(rate=rate), 60.0)
    assert outcome.answers_per_s == pytest.approx(rate, rel=0.05)
    for part, busy in zip(parts, outcome.busy.values(), strict=True):
        assert busy == pytest.approx(part.busy, rel=0.1)


def test_first_to_be_full_is_the_largest_demand_until_vectors_fill_the_memory(
    costs: Costs,
) -> None:
    assert find_first_saturated(costs, 10**4) == "api"
    assert find_first_saturated(costs, 10**8) == "memory of one Chroma"


def test_workers_for_what_comes_in() -> None:
    """86,400 articles a day are one a second: 167 ms of a processor that may be busy 60 %."""
    assert count_workers(86_400, 167.0) == pytest.approx(0.167 / 0.6)
