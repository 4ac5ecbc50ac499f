"""How what was read is cut for the workers; tests/journeys/test_ray.py runs them."""

from __future__ import annotations

from ingest.distributed import cut_into_waves
from ingest.documents import Failure, Unchanged
from ingest.sources import Found
from tests.factories import make_document


def test_waves_hold_everything_in_order_and_a_bounded_number_of_documents() -> None:
    found: list[Found] = [Unchanged(str(number)) for number in range(2_500)]
    waves = list(cut_into_waves(found))
    assert [len(wave) for wave in waves] == [1_000, 1_000, 500]
    assert [each for wave in waves for each in wave] == found


def test_waves_end_where_their_bytes_are_many() -> None:
    large = make_document("x" * 20_000_000)
    waves = list(cut_into_waves([large, Failure("a", "is empty"), large, large]))
    assert [len(wave) for wave in waves] == [3, 1]


def test_nothing_makes_no_wave() -> None:
    assert list(cut_into_waves([])) == []
