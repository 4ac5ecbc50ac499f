"""Articles over HTTP: listed, sent, removed, and what is made of hostile files."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from typer.testing import CliRunner

from bot.http.keys import read_keys
from bot.serving import build_app
from bot.settings import BotSettings
from ingest import housekeeping
from ingest.following import follow_archive
from retrieval.opening import Library
from retrieval.schema import Article
from tests.bot.factories import Shelf, day
from tests.bot.http.test_app import check_problem
from tests.bot.http.test_problems import Failing
from tests.factories import SUMMIT, make_article, put_article

ACCORD = (
    "The ministers signed the accord on Monday after two years of talks, and it lets forty ships "
    "of both countries use the northern strait without a pilot."
)
CABLE = (
    "A cable between Finland and Estonia was cut by the anchor of a tanker on Christmas Day, and "
    "the repair ship needed three weeks to mend it."
)
REPORT_KEYS = {"added", "updated", "unchanged", "duplicates", "withdrawn"} | {
    "failed",
    "left_out",
    "chunks",
    "seconds",
}
Part = tuple[str, tuple[str, bytes]]


@pytest.fixture
def app(library: Library) -> FastAPI:
    """It answers nothing: only the test that asks needs indexes."""
    return build_app(library, Failing(AssertionError()), BotSettings())


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as opened:
        yield opened


def post(client: TestClient, body: object) -> Response:
    return client.post("/articles", json=body)


def upload(client: TestClient, *files: tuple[str, bytes]) -> Response:
    parts: list[Part] = [("file", (name, content)) for name, content in files]
    return client.post("/articles", files=parts)


def check_report(response: Response, status: int = 201, **counts: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    report: dict[str, Any] = response.json()
    assert set(report) == REPORT_KEYS
    names = ("added", "updated", "unchanged", "duplicates")
    assert {name: report[name] for name in names if report[name]} == counts
    assert report["failed"] == []
    return report


def put(library: Library, *articles: Article) -> None:
    for article in articles:
        put_article(library.archive, article)


def list_titles(client: TestClient) -> list[str]:
    return [article["title"] for article in client.get("/articles").json()["articles"]]


def make_json(title: str = "Accord", text: str = ACCORD, **more: Any) -> dict[str, Any]:
    return {"title": title, "text": text, **more}


def pack(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


# Listing


def make_many(count: int) -> list[Article]:
    """Of three days, some on the same second, two of them undated."""
    return [
        make_article(
            title=f"Article {number}",
            text=f"{SUMMIT} It was report number {number} of the {number * 7}th delegation.",
            url=f"https://example.org/{number}",
            published_at=None if number < 2 else day(f"2025-06-0{1 + number % 3}"),
        )
        for number in range(count)
    ]


def read_pages(client: TestClient, limit: int) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    cursor = None
    while not pages or cursor:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = client.get("/articles", params=query).json()
        assert set(page) == {"articles", "next"}
        pages.append(page["articles"])
        cursor = page["next"]
    return pages


@pytest.mark.parametrize("limit", [1, 3, 4, 11, 12, 200])
def test_pages_hold_every_article_once_and_list_them_as_the_command_does(
    library: Library, client: TestClient, limit: int
) -> None:
    put(library, *make_many(11))
    pages = read_pages(client, limit)
    listed = json.loads(CliRunner().invoke(housekeeping.app, ["articles", "list", "--json"]).stdout)
    assert [article for page in pages for article in page] == listed["articles"]
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]
    assert [article["published_at"] for article in pages[-1]][-1] is None


def test_an_empty_archive_is_one_empty_page(client: TestClient) -> None:
    assert client.get("/articles").json() == {"articles": [], "next": None}


def test_a_page_goes_on_where_the_one_before_ended_though_its_article_is_gone(
    library: Library, client: TestClient
) -> None:
    put(library, *make_many(6))
    whole = client.get("/articles").json()["articles"]
    first = client.get("/articles", params={"limit": 3}).json()
    client.delete(f"/articles/{first['articles'][-1]['article_id']}")
    second = client.get("/articles", params={"cursor": first["next"]}).json()
    assert second == {"articles": whole[3:], "next": None}


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "nonsense!"},
        {"cursor": ""},
        {"cursor": "eyJhIjogMX0"},
        {"cursor": "WzEsIDJd"},
        {"cursor": "WzEsICJhXHUwMDAwIl0"},
        {"cursor": "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwLCAiYSJd"},
        {"cursor": "W1" * 90},
        {"cursor": "x" * 201},
        {"cursor": "ä"},
        {"limit": 0},
        {"limit": 201},
        {"limit": "all"},
    ],
)
def test_a_page_that_cannot_be_given_is_refused(client: TestClient, query: dict[str, Any]) -> None:
    detail = check_problem(client.get("/articles", params=query), 422)
    assert next(iter(query)) in detail


# Sending JSON


def test_an_article_is_sent_and_is_there_with_every_field(client: TestClient) -> None:
    sent = make_json(
        url="https://example.org/accord",
        source="Meridian Wire",
        published_at="2026-02-12T18:30:00+01:00",
        authors=["Ann Ekholm"],
        language="en",
    )
    check_report(post(client, sent), added=1)
    (listed,) = client.get("/articles").json()["articles"]
    article = client.get(f"/articles/{listed['article_id']}").json()
    assert sent.items() <= article.items()
    assert article["date_provenance"] == "structured"


def test_what_is_there_already_is_unchanged_and_a_new_text_of_its_address_updates_it(
    client: TestClient,
) -> None:
    sent = make_json(url="https://example.org/accord")
    check_report(post(client, sent), added=1)
    check_report(post(client, sent), 200, unchanged=1)
    check_report(post(client, {**sent, "text": f"{ACCORD} It is in force."}), updated=1)


def test_without_an_address_an_article_is_known_by_its_content_alone(client: TestClient) -> None:
    check_report(post(client, make_json("Morning briefing", ACCORD)), added=1)
    check_report(post(client, make_json("Morning briefing", CABLE)), added=1)
    check_report(post(client, make_json("Morning briefing", CABLE)), 200, unchanged=1)
    assert list_titles(client) == ["Morning briefing"] * 2


def test_of_a_list_what_can_be_taken_is_and_the_rest_is_named(client: TestClient) -> None:
    copy = make_json("Copy", ACCORD, url="https://example.org/copy")
    sent = [make_json(), copy, {"text": CABLE}, make_json("Short", "Too short.")]
    response = post(client, sent)
    assert response.status_code == 201
    report = response.json()
    assert (report["added"], report["duplicates"]) == (1, 1)
    assert [failure["input"] for failure in report["failed"]] == ["body.json:3", "body.json:4"]
    assert report["failed"][0]["error"] == "title: Field required"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"", "is empty"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "empty array"),
        (b"{}", "title: Field required"),
        (b"null", "is not an article"),
        (b"7", "is not an article"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"title": "A", "title": "B", "text": "C"}', "appears twice"),
        (json.dumps(make_json(published_at="soonish")).encode(), "published_at"),
        (json.dumps(make_json(url="file:///etc/passwd")).encode(), "url"),
        (b'{"url": "file:///etc/passwd"}', "not a web address"),
        (b'{"url": "/etc/passwd"}', "not a web address"),
        (b'{"url": "-"}', "not a web address"),
        (b'{"url": ""}', "not a web address"),
        (b'{"url": "https://user:secret@example.org/"}', "a user name or a password"),
    ],
)
def test_a_body_of_which_nothing_can_be_taken_is_refused_with_the_reason(
    client: TestClient, body: bytes, said: str
) -> None:
    response = client.post(
        "/articles", content=body, headers={"content-type": "application/json; charset=utf-8"}
    )
    detail = check_problem(response, 422)
    assert said in detail
    assert list_titles(client) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_kind_of_body_is_refused_with_the_kinds_that_are_taken(
    client: TestClient, kind: str
) -> None:
    response = client.post("/articles", content=b"title=A", headers={"content-type": kind})
    assert "multipart/form-data" in check_problem(response, 415)


# Sending files


def test_files_of_several_formats_are_sent_at_once(client: TestClient) -> None:
    page = f"<!doctype html><title>Cable cut</title><article><h1>Cable cut</h1><p>{CABLE}</p>"
    lines = "\n".join(json.dumps(make_json(f"Line {n}", f"{SUMMIT} {n}" * n)) for n in (1, 2))
    response = upload(
        client,
        ("accord.txt", f"Ministers sign the accord\n\n{ACCORD}".encode()),
        ("cable.html", page.encode()),
        ("lines.jsonl", lines.encode()),
    )
    assert response.status_code == 201
    assert response.json()["failed"] == []
    titles = {"Ministers sign the accord", "Cable cut", "Line 1", "Line 2"}
    assert set(list_titles(client)) == titles


def test_a_file_without_a_telling_name_is_known_by_its_bytes(client: TestClient) -> None:
    check_report(upload(client, ("export", json.dumps(make_json()).encode())), added=1)
    check_report(upload(client, ("blob", pack(**{"a.txt": CABLE.encode()}))), added=1)


def test_files_of_one_name_do_not_overwrite_each_other(client: TestClient) -> None:
    check_report(upload(client, ("notes.txt", ACCORD.encode())), added=1)
    check_report(upload(client, ("notes.txt", CABLE.encode())), added=1)
    check_report(upload(client, ("other.txt", CABLE.encode())), 200, unchanged=1)


def test_the_same_content_twice_in_one_upload_counts_once(client: TestClient) -> None:
    files = [("a.txt", ACCORD.encode()), ("b.txt", ACCORD.encode())]
    check_report(upload(client, *files), added=1, unchanged=1)


def test_what_was_exported_is_the_same_archive_when_sent(
    library: Library, client: TestClient
) -> None:
    put(library, make_article(), make_article(url=None, path="desk/cable.txt", text=CABLE))
    exported = CliRunner().invoke(housekeeping.app, ["export"]).stdout
    before = client.get("/articles").json()
    for article in before["articles"]:
        client.delete(f"/articles/{article['article_id']}")
    check_report(upload(client, ("all.jsonl", exported.encode())), added=2)
    after = client.get("/articles").json()["articles"]
    for old, new in zip(before["articles"], after, strict=True):
        assert {**old, "revision": 0} == {**new, "revision": 0}


def test_what_cannot_be_read_is_named_and_the_rest_goes_in(client: TestClient) -> None:
    response = upload(client, ("a.txt", ACCORD.encode()), ("b.pdf", b"%PDF-1.4 broken"))
    assert response.status_code == 201
    assert response.json()["added"] == 1
    (failure,) = response.json()["failed"]
    assert failure["input"] == "b.pdf"


def test_a_feed_that_is_sent_is_not_followed(client: TestClient) -> None:
    feed = (
        b'<rss version="2.0"><channel><title>News</title><item>'
        b"<link>http://127.0.0.1:9/a</link></item></channel></rss>"
    )
    detail = check_problem(upload(client, ("feed.xml", feed)), 422)
    assert "send the address itself" in detail


BOMB = pack(**{"bomb.txt": b"a " * 20_000_000})
LEADS_OUT = pack(**{"../../etc/cron.txt": ACCORD.encode()})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("bomb.zip", BOMB, "zip bomb", id="zip bomb"),
        pytest.param("out.zip", LEADS_OUT, "leads out of the archive", id="zip that leads out"),
        pytest.param("a.txt", b"", "is empty", id="0 bytes"),
        pytest.param("a.zip", b"", "not a zip file", id="0 bytes of zip"),
        pytest.param("", b"", "every part must be a file", id="no name"),
        pytest.param("a.txt", pack(**{"a.txt": b"x"}), "is binary", id="a zip called text"),
        pytest.param("a.zip", ACCORD.encode(), "not a zip file", id="text called a zip"),
        pytest.param("a.pdf", ACCORD.encode(), "PDF", id="text called a PDF"),
        pytest.param("a.docx", ACCORD.encode(), "a.docx", id="text called a DOCX"),
        pytest.param("a.exe", b"MZ\x90\x00" * 100, "unknown format", id="unknown format"),
        pytest.param("a.json", b"[" * 1_000_000, "nested too deep", id="deep JSON"),
    ],
)
def test_a_hostile_file_is_refused(
    client: TestClient, name: str, content: bytes, said: str
) -> None:
    assert said in check_problem(upload(client, (name, content)), 422)
    assert list_titles(client) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "../../etc/passwd.txt",
        "C:\\Windows\\win.ini.txt",
        "~root/.ssh/id.txt",
        "-",
        "file:///etc/passwd",
        "http://127.0.0.1:9/a.txt",
        "n" * 300 + ".txt",
        "two\nlines\x00\x1b[31m.txt",
    ],
)
def test_a_hostile_name_is_neither_opened_nor_kept(
    library: Library, client: TestClient, name: str
) -> None:
    page = f"<!doctype html><title>Accord</title><article><h1>Accord</h1><p>{ACCORD}</p>"
    content = ACCORD.encode() if name.endswith(".txt") else page.encode()
    check_report(upload(client, (name, content)), added=1)
    (article,) = library.archive
    assert ACCORD in article.text
    assert article.path is not None
    assert article.path.startswith("sent/")
    assert len(article.path) < 50
    assert article.url is None


def test_a_name_that_is_no_utf_8_is_shown_as_it_can_be(client: TestClient) -> None:
    body = (
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="caf\xe9\xff.txt"\r\n\r\n'
        + b"too short\r\n--b--\r\n"
    )
    kind = {"content-type": "multipart/form-data; boundary=b"}
    response = client.post("/articles", content=body, headers=kind)
    assert "caf" in check_problem(response, 422)
    response = client.post(
        "/articles", content=body.replace(b"too short", ACCORD.encode()), headers=kind
    )
    check_report(response, added=1)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"nothing of the kind", "multipart/form-data; boundary=b"),
        (b"--b", "multipart/form-data"),
        (b'--b\r\ncontent-disposition: form-data; name="url"\r\n\r\nx\r\n--b--\r\n', "b"),
    ],
)
def test_a_form_without_files_is_refused(client: TestClient, body: bytes, kind: str) -> None:
    kind = "multipart/form-data; boundary=b" if kind == "b" else kind
    response = client.post("/articles", content=body, headers={"content-type": kind})
    assert response.status_code in (400, 422)
    check_problem(response, response.status_code)


def test_more_files_than_a_form_may_hold_are_refused(client: TestClient) -> None:
    response = upload(client, *[(f"{n}.txt", ACCORD.encode()) for n in range(101)])
    assert "100" in check_problem(response, 400)


# Who may write, and what the answers make of it


def test_who_may_only_read_can_neither_send_nor_remove(library: Library) -> None:
    put(library, make_article())
    settings = BotSettings(api_keys=read_keys("read:the-key-that-reads"))
    app = build_app(library, Failing(AssertionError()), settings)
    client = TestClient(app, headers={"Authorization": "Bearer the-key-that-reads"})
    article_id = make_article().article_id
    for response in (
        post(client, make_json()),
        upload(client, ("a.txt", ACCORD.encode())),
        post(client, {"url": "https://example.org/"}),
        client.delete(f"/articles/{article_id}"),
        client.delete("/articles/unknown"),
    ):
        assert "write" in check_problem(response, 403)
    assert client.get(f"/articles/{article_id}").status_code == 200
    assert client.get("/articles").status_code == 200


def test_an_article_that_is_not_there_cannot_be_removed(client: TestClient) -> None:
    assert "unknown" in check_problem(client.delete("/articles/unknown"), 404)


def test_what_is_sent_is_cited_and_what_is_removed_is_not(shelf: Shelf) -> None:
    shelf.put(make_article())
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    with follow_archive(shelf.indexer, shelf.indexes):
        sent = make_json("Cable cut", CABLE, url="https://example.org/cable")
        check_report(post(client, sent), added=1)
        wait_for(lambda: "https://example.org/cable" in cited(client))
        article_id = next(
            article["article_id"]
            for article in client.get("/articles").json()["articles"]
            if article["title"] == "Cable cut"
        )
        response = client.delete(f"/articles/{article_id}")
        assert (response.status_code, response.content) == (204, b"")
        assert "https://example.org/cable" not in cited(client), "at once"
        check_problem(client.get(f"/articles/{article_id}"), 404)


def cited(client: TestClient) -> set[str]:
    asked = {"question": "Which article says “was cut by the anchor of a tanker”?"}
    answer = client.post("/ask", json=asked)
    return {citation["url"] for citation in answer.json()["citations"]}


def wait_for(happened: Callable[[], bool], timeout_s: float = 5.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_the_documentation_shows_bodies_answers_and_problems(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    posting = paths["/articles"]["post"]
    assert set(posting["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    assert {"200", "201", "202", "400", "403", "415", "422", "503"} <= set(posting["responses"])
    for path, method, status in (
        ("/articles", "get", "422"),
        ("/articles/{article_id}", "get", "404"),
        ("/articles/{article_id}", "delete", "403"),
        ("/jobs/{job_id}", "get", "404"),
        ("/feedback", "post", "404"),
    ):
        problem = paths[path][method]["responses"][status]["content"]
        assert set(problem) == {"application/problem+json"}


def test_a_list_is_filtered_by_words_publishers_and_days(library: Library, app: FastAPI) -> None:
    client = TestClient(app, base_url="http://127.0.0.1")
    for title, source, moment in (
        ("Cable cut 100%", "Coast Post", "2024-05-05"),
        ("Bridge opens", "Tallinn Times", "2024-05-06"),
        ("Cable mended", "Tallinn Times", None),
    ):
        published_at = None if moment is None else day(moment)
        url = f"https://example.org/{title[:7]}-{moment}"
        put_article(library.archive, make_article(title, CABLE, url, None, source, published_at))

    def listed(**query: str | list[str]) -> list[str]:
        response = client.get("/articles", params=query)
        assert response.status_code == 200, response.text
        return [article["title"] for article in response.json()["articles"]]

    assert listed(q="cABLE tanker") == ["Bridge opens", "Cable cut 100%", "Cable mended"]
    assert listed(q="100%") == ["Cable cut 100%"]
    assert listed(q="opens", source="tallinn times") == ["Bridge opens"]
    assert listed(source=["Coast Post", "Nobody"]) == ["Cable cut 100%"]
    assert listed(since="2024-05-06") == ["Bridge opens"]
    assert listed(until="2024-05-05") == ["Cable cut 100%"]
    first = client.get("/articles", params={"q": "cable", "limit": 1}).json()
    assert listed(q="cable", cursor=first["next"]) == ["Cable cut 100%", "Cable mended"]
    check_problem(client.get("/articles", params={"since": "soon"}), 422)


def test_who_carries_a_story_is_listed_the_first_one_first(library: Library, app: FastAPI) -> None:
    client = TestClient(app, base_url="http://127.0.0.1")
    text = f"{ACCORD} {CABLE} {SUMMIT}"
    for source, moment in (("Coast Post", "2024-05-06"), ("Tallinn Times", "2024-05-05")):
        url = f"https://example.org/{moment}"
        article = make_article("Accord", text, url, None, source, day(moment))
        put_article(library.archive, article)
    found = client.get(f"/articles/{article.article_id}/carriers").json()["carriers"]
    assert [(each["source"], each["published_at"]) for each in found] == [
        ("Tallinn Times", "2024-05-05T00:00:00Z"),
        ("Coast Post", "2024-05-06T00:00:00Z"),
    ]
    check_problem(client.get("/articles/gone/carriers"), 404)
