"""The simulation keeps the laws of queues."""

from __future__ import annotations

import pytest

from benchmarks.capacity.simulation import Load, Outcome, Stage, simulate

STAGES = (Stage("api", 30.0), Stage("chroma", 5.0), Stage("api", 10.0))
POOLS = {"api": 4, "chroma": 1}


def run(rate: float, seconds: float = 120.0) -> Outcome:
    return simulate(STAGES, POOLS, Load(rate=rate), seconds)


def test_littles_law_holds() -> None:
    """Questions present = answers a second × how long each takes."""
    outcome = run(70.0)
    assert outcome.present == pytest.approx(
        outcome.answers_per_s * outcome.mean_ms / 1000, rel=0.03
    )


def test_a_pool_is_as_busy_as_its_demand_says() -> None:
    """50 a second × 40 ms over 4 processors is half their time; × 5 ms over 1, a quarter."""
    busy = run(50.0).busy
    assert busy["api"] == pytest.approx(0.5, rel=0.05)
    assert busy["chroma"] == pytest.approx(0.25, rel=0.05)


def test_no_pool_is_busier_than_always_and_the_busiest_bounds_the_answers() -> None:
    outcome = run(500.0, seconds=20.0)
    assert 0.99 < outcome.busy["api"] <= 1.0 + 1e-9
    assert outcome.answers_per_s <= 4 / 0.040 * 1.05


def test_answers_take_longer_the_more_are_asked() -> None:
    waits = [run(rate, seconds=60.0).p95_ms for rate in (10.0, 60.0, 90.0)]
    assert waits == sorted(waits)


def test_one_processor_and_any_times_wait_as_the_theory_says() -> None:
    """M/M/1 at half its capacity: twice the service time on average."""
    outcome = simulate((Stage("api", 10.0, spread=1.0),), {"api": 1}, Load(rate=50.0), 600.0)
    assert outcome.mean_ms == pytest.approx(20.0, rel=0.1)


def test_who_wait_for_their_answers_ask_no_faster_than_they_are_answered() -> None:
    """20 askers, 40 ms on 4 processors: 100 a second at most, 20 / 100 s for each."""
    outcome = simulate(STAGES, POOLS | {"chroma": 4}, Load(askers=20), 60.0)
    assert outcome.answers_per_s == pytest.approx(89.0, rel=0.15)
    assert outcome.answers_per_s * outcome.mean_ms / 1000 == pytest.approx(20.0, rel=0.02)


def test_the_same_is_simulated_again() -> None:
    assert run(40.0, seconds=10.0) == run(40.0, seconds=10.0)
