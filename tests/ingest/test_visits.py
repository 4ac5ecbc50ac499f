"""What is remembered of pages, by several processes at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ingest.documents import Visit
from ingest.visits import VisitLog

URL = "http://news.test/feed"


def test_a_page_that_several_record_at_once_is_recorded(log: VisitLog) -> None:
    with ThreadPoolExecutor(6) as pool:
        visits = [Visit(URL, etag=str(number)) for number in range(60)]
        list(pool.map(log.record, visits))
    assert log.find(URL) in visits


def test_the_longest_address_is_remembered(log: VisitLog) -> None:
    letters = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=1_900))
    visit = Visit(f"http://news.test/{letters}", etag="1")
    log.record(visit)
    log.record(replace(visit, etag="2"))
    assert log.find(visit.url) == replace(visit, etag="2")
