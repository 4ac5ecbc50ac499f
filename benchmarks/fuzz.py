"""Feed ingestion broken files until the time is up: it may refuse them, and nothing else.

    python -m benchmarks.fuzz [--engine hypothesis|atheris] [--minutes 10]

Both begin from the whole files of the tests, one a format. Hypothesis overwrites pieces of them;
atheris (`pip install atheris`) follows which branches of the readers its changes reach. What breaks
the reader is written to crash.SUFFIX.
"""

from __future__ import annotations

import sys
import tempfile
import time
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

_CASES = "tests.ingest.extraction.test_robustness"
_READERS = ["ingest", "feedparser", "pypdf", "docx", "warcio"]
_EXAMPLES_A_ROUND = 500
_SLOWEST_S = 10.0
_MOST_BYTES = 100_000


class Engine(StrEnum):
    HYPOTHESIS = "hypothesis"
    ATHERIS = "atheris"


def main(
    engine: Annotated[Engine, typer.Option(help="What breaks the files.")] = Engine.HYPOTHESIS,
    minutes: Annotated[float, typer.Option(min=0.01, help="How long to go on.")] = 10.0,
) -> None:
    """Look for an input that ingestion does not survive."""
    if engine is Engine.HYPOTHESIS:
        _run_hypothesis(import_module(_CASES), minutes * 60)
    else:
        import atheris

        with atheris.instrument_imports(include=_READERS):
            cases = import_module(_CASES)
        _run_atheris(cases, minutes * 60)


def _run_hypothesis(cases: ModuleType, seconds: float) -> None:
    tried, until = 0, time.monotonic() + seconds
    suffixes = st.sampled_from(sorted(cases.WHOLE))

    @settings(
        max_examples=_EXAMPLES_A_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(suffix=suffixes, source=suffixes, changes=cases.CHANGES)
    def run_round(suffix: str, source: str, changes: list[tuple[int, int, bytes]]) -> None:
        nonlocal tried
        if time.monotonic() < until:
            # Now and then a file under another's suffix.
            content = cases.WHOLE[source if len(changes) == 1 else suffix]
            _check(cases, cases.damage(content, changes), suffix)
            tried += 1

    while time.monotonic() < until:
        run_round()
    typer.echo(f"{tried:,} broken files were read or refused")


def _run_atheris(cases: ModuleType, seconds: float) -> None:
    import atheris

    suffixes = sorted(cases.WHOLE)

    def run_one(content: bytes) -> None:
        """The first byte says which format the rest is read as."""
        if content:
            _check(cases, content[1:], suffixes[content[0] % len(suffixes)])

    with tempfile.TemporaryDirectory() as corpus:
        for number, suffix in enumerate(suffixes):
            (Path(corpus) / str(number)).write_bytes(bytes([number]) + cases.WHOLE[suffix])
        options = [f"-max_total_time={seconds:.0f}", "-timeout=30", "-rss_limit_mb=4096"]
        atheris.Setup([sys.argv[0], *options, f"-max_len={_MOST_BYTES}", corpus], run_one)
        atheris.Fuzz()


def _check(cases: ModuleType, content: bytes, suffix: str) -> None:
    started = time.perf_counter()
    try:
        cases.check(content, suffix)
        spent_s = time.perf_counter() - started
        assert spent_s < _SLOWEST_S, f"took {spent_s:.0f} s"
    except Exception:
        Path(f"crash{suffix}").write_bytes(content)
        raise


if __name__ == "__main__":
    typer.run(main)
