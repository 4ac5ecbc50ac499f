"""What the front page is made of."""

from __future__ import annotations

import time
from datetime import date, datetime

from fastapi.testclient import TestClient

from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.opening import Library
from retrieval.schema import Article
from tests.bot.factories import Shelf, day
from tests.factories import make_article, put_article

HARBOUR = (
    "Mayor Kalle Sepp opened the new harbour bridge of Tallinn. It is long and it is wide, and "
    "the old one is to be taken down by the port's engineers before the winter comes."
)


def make_bridge(source: str, url: str, moment: str) -> Article:
    return make_article(
        title="Bridge opens", text=HARBOUR, url=url, source=source, published_at=day(moment)
    )


def client_of(shelf: Shelf) -> TestClient:
    app = build_app(shelf.library, shelf.service, BotSettings())
    return TestClient(app, base_url="http://127.0.0.1")


def test_holdings_say_how_much_of_when_and_whom(shelf: Shelf) -> None:
    shelf.put(
        make_bridge("Tallinn Times", "https://example.org/1", "2024-05-05"),
        make_bridge("Coast Post", "https://example.org/2", "2024-05-06"),
        make_article(published_at=None, source="Coast Post"),
    )
    held = client_of(shelf).get("/holdings").json()
    assert (held["articles"], held["undated"]) == (3, 1)
    assert (held["oldest"], held["newest"]) == ("2024-05-05T00:00:00Z", "2024-05-06T00:00:00Z")
    assert held["publishers"] == [
        {"source": "Coast Post", "articles": 2},
        {"source": "Tallinn Times", "articles": 1},
    ]
    assert held["days"] == [
        {"since": "2024-05-05", "until": "2024-05-05", "articles": 1},
        {"since": "2024-05-06", "until": "2024-05-06", "articles": 1},
    ]
    assert held["drawing"].startswith("<svg ")
    bridge, summit = held["stories"]
    assert (bridge["source"], bridge["carriers"]) == ("Coast Post", 2)
    assert bridge["sources"] == ["Tallinn Times", "Coast Post"]
    assert bridge["lead"] == "Mayor Kalle Sepp opened the new harbour bridge of Tallinn."
    assert summit["published_at"] is None


def test_holdings_follow_the_archive(shelf: Shelf) -> None:
    client = client_of(shelf)
    assert client.get("/holdings").json()["articles"] == 0
    shelf.put(make_article())
    assert client.get("/holdings").json()["articles"] == 1


def test_days_are_those_of_where_an_article_was_published(library: Library) -> None:
    for moment in ("2026-03-05T00:30:00+01:00", "2026-03-04T23:00:00-05:00"):
        stated = datetime.fromisoformat(moment)
        put_article(
            library.archive, make_article(url=f"https://example.org/{moment}", published_at=stated)
        )
    put_article(library.archive, make_article(published_at=day("1969-12-31")))
    assert library.archive.count_by_day() == {
        date(1969, 12, 31): 1,
        date(2026, 3, 4): 1,
        date(2026, 3, 5): 1,
    }


def test_suggested_questions_are_answered_and_kept_as_nobody_s_turns(shelf: Shelf) -> None:
    shelf.put(make_bridge("Tallinn Times", "https://example.org/1", "2024-05-05"))
    client = client_of(shelf)
    started = time.perf_counter()
    assert client.get("/suggestions").json() == {"questions": [], "complete": False}
    assert time.perf_counter() - started < 1
    while not (found := client.get("/suggestions").json())["complete"]:
        time.sleep(0.05)
    assert found["questions"] == ["Who opened the new harbour bridge of Tallinn?"]
    with shelf.library.database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from conversation_turns").scalar() == 0
    answer = client.post("/ask", json={"question": found["questions"][0]}).json()
    assert "Kalle Sepp" in answer["answer"]
    shelf.put(make_article())
    assert client.get("/suggestions").json()["complete"] is False
