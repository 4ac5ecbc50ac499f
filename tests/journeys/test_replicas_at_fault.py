"""Replicas whose parts are killed, stopped and cut off: nothing is lost, wrong or said twice.

`python -m benchmarks.faults` is the same with every fault there is, and tells what users saw.
"""

from __future__ import annotations

import pytest

from benchmarks.faults.articles import make_articles
from benchmarks.faults.cluster import run_cluster
from benchmarks.faults.plan import cut, kill, stop
from benchmarks.faults.running import Load, Newsroom, judge
from tests.journeys.conftest import CommandLine
from tests.programs import POSTGRESQL

pytestmark = pytest.mark.integration

LOAD = Load(
    askers=2, think_s=0.5, slack_pause_s=1.0, editor_pause_s=1.0, head_start_s=2.0, calm_answers=6
)


@pytest.fixture(scope="session", autouse=True)
def postgresql() -> None:
    """Asked for before the sample articles are taken in."""
    POSTGRESQL.require()


@pytest.mark.timeout(400)
def test_replicas_bear_a_kill_a_stop_and_a_cut_without_a_hand_on_them(
    newsroom: CommandLine,
) -> None:
    with run_cluster(models=newsroom.home / "models") as cluster:
        at_work = Newsroom(cluster, make_articles(), LOAD)
        at_work.fill(20)
        faults = (kill("api 1"), stop("chroma", 3.0), cut("api 2", "reset", "resets", 2.0))
        runs = [at_work.run(fault, count=10) for fault in faults]
        assert {run.name: run.recovered for run in runs} == {fault.name: True for fault in faults}
        assert judge(at_work) == dict.fromkeys(judge(at_work), ())
