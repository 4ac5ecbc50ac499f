"""The faults: what happens to whom, for how long."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.faults.cluster import (
    APIS,
    BYTES_PER_S,
    INGEST,
    LATENCY_S,
    LEADER,
    SLACKS,
    STORES,
    Cluster,
)
from benchmarks.faults.intake import Ingest
from tests.fault_proxy import Fault

Strike = Callable[[Cluster, Ingest], None]
_STOPPED_S = 30.0
_CUT_S = 20.0
_FULL_S = 20.0
# Longer than it takes to be up again, and all while the ingest runs.
_BETWEEN_KILLS_S = 8.0
_EVERYBODY = (*APIS, *SLACKS, LEADER, *STORES, INGEST)
_WITH_DISKS = (*APIS, *SLACKS, *STORES)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`strike` lasts as long as the fault does."""

    name: str
    strike: Strike


def plan_all(with_disks: bool, stopped_s: float = _STOPPED_S) -> tuple[Scenario, ...]:
    return (
        Scenario("nothing", lambda _cluster, _ingest: None),
        *(kill(name) for name in _EVERYBODY),
        *(stop(name, stopped_s) for name in _EVERYBODY),
        *_plan_cuts(),
        *(fill(name) for name in _WITH_DISKS if with_disks),
    )


def plan_kills() -> Scenario:
    """Everybody in turn, while one ingest runs."""

    def strike(cluster: Cluster, ingest: Ingest) -> None:
        for name in _EVERYBODY:
            if ingest.acknowledged.is_set():
                return
            _signal(cluster, ingest, _find(cluster, name), signal.SIGKILL)
            time.sleep(_BETWEEN_KILLS_S)

    return Scenario("kill -9 of each in turn", strike)


def kill(name: str) -> Scenario:
    def strike(cluster: Cluster, ingest: Ingest) -> None:
        _signal(cluster, ingest, _find(cluster, name), signal.SIGKILL)

    return Scenario(f"kill -9: {name}", strike)


def stop(name: str, seconds: float = _STOPPED_S) -> Scenario:
    def strike(cluster: Cluster, ingest: Ingest) -> None:
        struck = _find(cluster, name)
        _signal(cluster, ingest, struck, signal.SIGSTOP)
        time.sleep(seconds)
        _signal(cluster, ingest, struck, signal.SIGCONT)

    return Scenario(f"SIGSTOP {seconds:g} s: {name}", strike)


def cut(name: str, fault: Fault, told: str, seconds: float = _CUT_S) -> Scenario:
    def strike(cluster: Cluster, _ingest: Ingest) -> None:
        struck = _find(cluster, name)
        cluster.cut(struck, fault)
        time.sleep(seconds)
        cluster.cut(struck, "none")

    return Scenario(f"{told} {seconds:g} s: {name}", strike)


def fill(name: str) -> Scenario:
    def strike(cluster: Cluster, _ingest: Ingest) -> None:
        cluster.disks[name].fill()
        time.sleep(_FULL_S)
        cluster.disks[name].free()

    return Scenario(f"disk full {_FULL_S:g} s: {name}", strike)


def _plan_cuts() -> Iterator[Scenario]:
    """What only slows a link is done to the links of everybody at once."""
    for name in (APIS[0], SLACKS[0], LEADER, INGEST, *STORES):
        yield cut(name, "reset", "resets")
        yield cut(name, "silent", "half-open")
    for name in STORES:
        yield cut(name, "slow", f"{1000 * LATENCY_S:g} ms each way")
        yield cut(name, "narrow", f"{BYTES_PER_S // 1000} kB/s")


def _find(cluster: Cluster, name: str) -> str:
    return cluster.find_leader() if name == LEADER else name


def _signal(cluster: Cluster, ingest: Ingest, name: str, number: signal.Signals) -> None:
    if name == INGEST:
        ingest.signal(number)
    else:
        cluster.processes[name].signal(number)
