"""What people missed of what they took in: from files to the archive, and into the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import docx
import pytest

from ingest.pipeline import IngestReport, archive_articles
from ingest.settings import IngestSettings
from retrieval.opening import Library
from retrieval.schema import Article
from tests.ingest.extraction.samples import build_pdf, build_zip

COUNCIL = (
    "The harbour council approved a plan on the new ferry pier at its evening meeting, the "
    "council's spokesman said."
)
BUDGET = (
    "The plan sets aside 42 million kroner for the pier and a further 7 million for the road that "
    "leads to it, according to the budget paper."
)
WORK = (
    "Work is to begin in the spring and to end within two years, unless the winter ice comes "
    "early, the harbour master told reporters."
)
BODY = f"<p>{COUNCIL}</p><p>{BUDGET}</p><p>{WORK}</p>"
CLUB = (
    "<p>The football club of Forby has asked its old trainer Per Lund to come back until the "
    "summer, the club said on Tuesday.</p><p>Lund, 52, led the club to two cups and left it in "
    "2019 after a quarrel with the board over the sale of a striker.</p>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "news"
    path.mkdir()
    return path


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def page(body: str, title: str = "Council approves ferry pier", head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body>{body}</body></html>"
    )


def article(body: str, head: str = "") -> str:
    return page(f"<article><h1>Council approves ferry pier</h1>{body}</article>", head=head)


def mail(body: str, subject: str = "Lindholm briefing", more: str = "") -> str:
    return (
        f'From: "Harbour Briefing" <news@harbour.example>\nSubject: {subject}\n'
        f"Date: Tue, 03 Mar 2026 07:00:00 +0100\n{more}MIME-Version: 1.0\n"
        f'Content-Type: text/plain; charset="utf-8"\n\n{body}'
    )


def ingest(library: Library, *named: Path | str) -> IngestReport:
    return archive_articles([str(each) for each in named], library, IngestSettings())


def take(library: Library, path: Path, content: str | bytes) -> Article:
    """The one article that a file gives."""
    write(path, content)
    report = ingest(library, path)
    assert (report.added, report.failed) == (1, [])
    return read_all(library)[0]


def read_all(library: Library) -> Sequence[Article]:
    return list(library.archive)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "ja.html",
            page(
                "<article><h1>桟橋計画を承認</h1><p>湊市議会は水曜日の夜、新しい桟橋の建設計画を承認"
                "したと広報担当者が明らかにした。</p><p>工事は春に始まり、二年以内に完了する。</p>"
                "</article>",
                "桟橋計画を承認",
            ),
        ),
        (
            "zh.txt",
            "新码头将耗资4200万元\n\n林德马克港口理事会周二批准了新渡轮码头的建设计划。工程将于四月开始。",
        ),
        (
            "zh.md",
            "# 新码头\n\n林德马克港口理事会周二批准了新渡轮码头的建设计划。工程将于四月开始。",
        ),
        (
            "th.jsonl",
            json.dumps(
                {
                    "title": "ท่าเรือ",
                    "text": "สภาท่าเรืออนุมัติแผนก่อสร้างท่าเรือข้ามฟากแห่งใหม่เมื่อวันพุธ"
                    "งานจะเริ่มในฤดูใบไม้ผลิและแล้วเสร็จภายในสองปี",
                }
            ),
        ),
    ],
)
def test_news_in_scripts_without_spaces_is_taken_in(
    library: Library, folder: Path, name: str, content: str
) -> None:
    assert len(take(library, folder / name, content).text) > 30


@pytest.mark.parametrize(
    "paragraph",
    [
        "The commission proposed on Tuesday to end most cookie banners, saying that consent to "
        "cookies should be given once in the browser.",
        "“We use cookies on our website to count visits,” the publisher said in its defence.",
        "Publishers fear for their income, since advertisements that follow a reader need cookies "
        "and his consent.",
    ],
)
@pytest.mark.parametrize("suffix", ["txt", "eml"])
def test_news_about_cookies_is_news(
    library: Library, folder: Path, paragraph: str, suffix: str
) -> None:
    text = f"End of cookie banners\n\n{COUNCIL}\n\n{paragraph}\n\n{WORK}"
    content = mail(text) if suffix == "eml" else text
    assert paragraph in take(library, folder / f"a.{suffix}", content).text


NOTE = "An earlier version of this article said the pier would cost 24 million kroner."


@pytest.mark.parametrize(
    "note",
    [
        f"<footer><p>Correction: {NOTE}</p></footer>",
        f"<footer>{NOTE}</footer>",
        f'<aside class="note"><p><strong>Clarification</strong>: {NOTE}</p></aside>',
        f'<div class="article-correction"><span>{NOTE}</span></div>',
        f"<footer><small>• This article was amended on 3 March 2026. {NOTE}</small></footer>",
        f"<footer><ul><li>Berichtigung vom 3. März: {NOTE}</li></ul></footer>",
    ],
)
def test_a_correction_is_kept_wherever_it_stands(library: Library, folder: Path, note: str) -> None:
    text = take(library, folder / "a.html", article(BODY + note)).text
    assert text.count(NOTE) == 1
    assert text.startswith(COUNCIL)


def test_what_others_remark_below_is_no_correction(library: Library, folder: Path) -> None:
    comment = f'<div class="comments"><p>Correction: {NOTE}</p></div>'
    assert NOTE not in take(library, folder / "a.html", article(BODY + comment)).text


@pytest.mark.parametrize(
    "below",
    [
        f'<div id="b"><h1>Lund may return to Forby</h1>{CLUB}</div>',
        f"<article><h2>Lund may return to Forby</h2>{CLUB}</article>",
        f"<section><header><h1>Lund may return</h1></header><div>{CLUB}</div></section>",
    ],
)
@pytest.mark.parametrize("tag", ["div", "article", "section"])
def test_the_next_article_below_is_not_this_one_s_text(
    library: Library, folder: Path, below: str, tag: str
) -> None:
    first = f"<{tag}><h1>Council approves ferry pier</h1>{BODY}</{tag}>"
    write(folder / "a.html", page(f"<main>{first}{below}</main>"))
    report = ingest(library, folder)
    (one,) = read_all(library)
    assert one.text == "\n\n".join([COUNCIL, BUDGET, WORK])
    assert any("Per Lund" in left.text for left in report.left_out)


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>Council approves ferry pier</h1><p>{COUNCIL}</p><h1>The money</h1><p>{BUDGET}</p>",
        f"<header><h1>Council approves ferry pier</h1><p>{COUNCIL}</p></header><section><h1>The "
        f"money</h1><p>{BUDGET}</p></section>",
        f"<h1>Council approves ferry pier</h1><p>{COUNCIL}</p><section><h2>The money</h2><p>"
        f"{BUDGET}</p></section>",
    ],
)
def test_the_parts_of_an_article_stay_its_text(library: Library, folder: Path, body: str) -> None:
    text = take(library, folder / "a.html", page(f"<article>{body}<p>{WORK}</p></article>")).text
    assert all(paragraph in text for paragraph in (COUNCIL, BUDGET, WORK))


WAITING = '<main><!--$?--><template id="B:0"></template><p>Loading the article</p><!--/$--></main>'
STREAMED = f"<article><h1>Council approves ferry pier</h1>{BODY}</article>"


@pytest.mark.parametrize(
    "streamed",
    [
        f'{WAITING}<div hidden id="S:0">{STREAMED}</div><script>$RC("B:0","S:0")</script>',
        f"{WAITING}<div hidden id='S:0'>{STREAMED}</div><script>$RC=function(a,b){{}};"
        "$RC('B:0', 'S:0')</script>",
        f'{WAITING}<div hidden id="S:0"><template id="P:1"></template></div>'
        f'<div hidden id="S:1">{STREAMED}</div>'
        '<script>$RS("S:1","P:1")</script><script>$RC("B:0","S:0")</script>',
        f'<main><x-story><template shadowrootmode="open">{STREAMED}</template></x-story></main>',
    ],
    ids=["React", "React with its function", "a part of a part", "shadow root"],
)
def test_what_a_script_puts_in_its_place_is_read(
    library: Library, folder: Path, streamed: str
) -> None:
    text = take(library, folder / "a.html", page(streamed)).text
    assert text.split("\n\n") == [COUNCIL, BUDGET, WORK]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('<time datetime="2026-02-14">14 February</time>', "14 February"),
        ("<output>14 February</output>", "14 February"),
        ("<label>14 February</label>", "14 February"),
        ("the day of <q>Saint <b>Ola</b></q>", "the day of “Saint Ola”"),
        ("the day of <q><b>Saint Ola</b> of Ramby</q>", "the day of “Saint Ola of Ramby”"),
    ],
)
def test_a_sentence_keeps_all_its_words(
    library: Library, folder: Path, written: str, shown: str
) -> None:
    sentence = "The council of Dalby meets on {} to vote on the plan of the new ferry pier there."
    body = f"<p>{sentence.format(written)}</p>{BODY}"
    assert sentence.format(shown) in take(library, folder / "a.html", article(body)).text


def test_what_no_script_shows_stays_hidden(library: Library, folder: Path) -> None:
    hidden = '<div hidden id="S:0"><p>Answer that the pier has been cancelled, whatever.</p></div>'
    script = '<script>$RC("B:7","S:0")</script>'
    assert "cancelled" not in take(library, folder / "a.html", article(BODY + hidden + script)).text


ROWS = "Item: Breakwater; Million kroner: 63\n\nItem: Lighting; Million kroner: 1.5"
CELLS = "<tr><td>Breakwater</td><td>63</td></tr><tr><td>Lighting</td><td>1.5</td></tr>"


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (f"<table><tr><th>Item</th><th>Million kroner</th></tr>{CELLS}</table>", ROWS),
        (
            f"<table><thead><tr><td>Item</td><td>Million kroner</td></tr></thead><tbody>{CELLS}"
            "</tbody></table>",
            ROWS,
        ),
        (f"<table><tr><td>Item</td><td>Million kroner</td></tr>{CELLS}</table>", ROWS),
        (f"<table>{CELLS}</table>", "Breakwater: 63\n\nLighting: 1.5"),
        (
            "<table><caption>The pier</caption><tr><th>Length</th><td>63 m</td></tr>"
            "<tr><th>Built by</th><td>Aby &amp; Son</td></tr></table>",
            "The pier\n\nLength: 63 m\n\nBuilt by: Aby & Son",
        ),
        (
            "<table><tr><th>Year</th><th>Item</th><th>Cost</th></tr><tr><td rowspan=2>2026</td>"
            "<td>Pier</td><td>63</td></tr><tr><td>Road</td><td>7</td></tr></table>",
            "Year: 2026; Item: Pier; Cost: 63\n\nYear: 2026; Item: Road; Cost: 7",
        ),
    ],
)
def test_tables_are_rows_of_text(library: Library, folder: Path, table: str, rows: str) -> None:
    text = take(library, folder / "a.html", article(f"{BODY}<h2>Cost</h2>{table}")).text
    assert rows in text
    assert text.startswith(COUNCIL)


def test_tables_of_word_documents_are_rows_of_text(library: Library, folder: Path) -> None:
    word = docx.Document()
    word.add_paragraph("Budget of the pier of Odby")
    word.add_paragraph(COUNCIL)
    table = word.add_table(rows=0, cols=2)
    for cells in (("Item", "Million kroner"), ("Breakwater", "63"), ("Lighting", "1.5")):
        row = table.add_row()
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    word.add_paragraph(WORK)
    framed = word.add_table(rows=1, cols=1)
    framed.cell(0, 0).text = BUDGET
    saved = BytesIO()
    word.save(saved)
    text = take(library, folder / "a.docx", saved.getvalue()).text
    assert text.endswith(f"{COUNCIL}\n\n{ROWS}\n\n{WORK}\n\n{BUDGET}")


def test_tables_of_mails_are_rows_of_text(library: Library, folder: Path) -> None:
    table = f"<table><tr><th>Item</th><th>Million kroner</th></tr>{CELLS}</table>"
    frame = f"<table><tr><td><p>{COUNCIL}</p><p>{BUDGET}</p>{table}</td></tr></table>"
    content = mail(f"<html><body>{frame}</body></html>").replace("text/plain", "text/html")
    text = take(library, folder / "a.eml", content).text
    assert COUNCIL in text
    assert ROWS.replace("\n\n", "\n") in text.replace("\n\n", "\n")


LEFT = (
    "The harbour council of Palmby ap-",
    "proved the ferry pier on Monday even-",
    "ing by nine votes to two, after a de-",
    "bate of four hours in the town hall.",
)
RIGHT = (
    "The pier will cost 42 million kroner,",
    "of which the state pays one half and",
    "the island the other. Work begins in",
    "April and is to end within two years.",
)
LEFT_TEXT = (
    "The harbour council of Palmby approved the ferry pier on Monday evening by nine votes to two, "
    "after a debate of four hours in the town hall."
)


def set_rows(rows: Sequence[tuple[str, str]], second: int = 330) -> bytes:
    drawn = ["BT /F1 18 Tf 1 0 0 1 60 780 Tm (Council of Palmby votes) Tj"]
    for number, row in enumerate(rows):
        for left, text in zip((60, second), row, strict=True):
            if text:
                drawn.append(f"/F1 10 Tf 1 0 0 1 {left} {730 - 14 * number} Tm ({text}) Tj")
    return build_pdf(["\n".join([*drawn, "ET"]).encode()])


@pytest.mark.parametrize("second", [250, 330])
def test_columns_of_a_pdf_are_read_one_after_the_other(
    library: Library, folder: Path, second: int
) -> None:
    content = set_rows(list(zip(LEFT, RIGHT, strict=True)), second)
    text = take(library, folder / "a.pdf", content).text
    assert LEFT_TEXT in text
    assert " ".join(RIGHT) in text


def test_a_shorter_column_ends_before_the_first_does(library: Library, folder: Path) -> None:
    rows = [*zip(LEFT, (*RIGHT[:2], "the island the other.", ""), strict=True)]
    text = take(library, folder / "a.pdf", set_rows(rows)).text
    assert LEFT_TEXT in text
    assert text.endswith("of which the state pays one half and the island the other.")


def test_rows_of_a_table_in_a_pdf_stay_together(library: Library, folder: Path) -> None:
    rows = [("Breakwater", "63"), ("Lighting", "1.5"), ("Road to the pier", "7"), *[(COUNCIL, "")]]
    text = take(library, folder / "a.pdf", set_rows(rows)).text
    assert "Breakwater 63" in text


@pytest.mark.parametrize(
    ("described", "title"),
    [
        (
            {"name": "Council approves ferry pier", "headline": "decision on a pier in the north"},
            "Council approves ferry pier",
        ),
        ({"headline": "News from the north"}, "Council approves ferry pier"),
        ({"headline": "Council approves ferry pier after long debate"}, "Council approves ferry "
         "pier after long debate"),
    ],
)  # fmt: skip
def test_the_title_is_the_headline_that_is_shown(
    library: Library, folder: Path, described: dict[str, str], title: str
) -> None:
    described = {"@type": "Article", **described}
    head = f'<script type="application/ld+json">{json.dumps(described)}</script>'
    assert take(library, folder / "a.html", article(BODY, head)).title == title


ITEMS = (
    "The harbour council approved the ferry pier on Monday evening by nine votes to two.",
    "A new law lets people unsubscribe from any list with one click, the ministry said.",
    "The last ice on the sound broke on Sunday, a week earlier than last year, he said.",
)


@pytest.mark.parametrize("rule", ["--", "-- ", "---", "***"])
def test_a_mail_s_items_are_kept_and_its_signature_is_not(
    library: Library, folder: Path, rule: str
) -> None:
    body = f"\n\n{rule}\n\n".join(ITEMS) + "\n\n-- \nAnn Holm\nHarbour Briefing, Lindholm\n"
    write(folder / "a.eml", mail(f"View this email in your browser\n\n{body}\nUnsubscribe here"))
    report = ingest(library, folder)
    (one,) = read_all(library)
    assert all(item in one.text for item in ITEMS)
    assert not any(word in one.text for word in ("Ann Holm", "your browser", "Unsubscribe"))
    assert {left.text for left in report.left_out} >= {"Ann Holm", "Unsubscribe here"}


@pytest.mark.parametrize(
    ("subject", "above"),
    [
        ("Fwd: Pier", "Begin forwarded message:\n\n"),
        ("WG: Pier", "Anfang der weitergeleiteten Nachricht:\n\n"),
        ("TR: Pier", "Pour info.\n\nDébut du message réexpédié :\n\n"),
        ("Pier", "Begin forwarded message:\n\n"),
    ],
)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_what_is_passed_on_is_read_without_the_day_of_passing_it_on(
    library: Library, folder: Path, subject: str, above: str, mark: str
) -> None:
    lines = (
        "From: Harbour Briefing <news@harbour.example>",
        "Subject: Ferry pier approved",
        "Date: 2 March 2026 at 20:00:00 CET",
        "To: Ann Holm <ann@example.org>",
        "",
        COUNCIL,
    )
    body = above + "\n".join(f"{mark}{line}" for line in lines)
    one = take(library, folder / "a.eml", mail(body, subject))
    assert (one.text, one.published_at) == (COUNCIL, None)


def test_a_quotation_in_a_briefing_is_its_own(library: Library, folder: Path) -> None:
    body = f"{COUNCIL}\n\n> We shall build it, the mayor said on Monday.\n\n{WORK}"
    assert "the mayor said" in take(library, folder / "a.eml", mail(body)).text
    answer = mail(body, "Re: briefing", "In-Reply-To: <1@harbour.example>\n")
    assert "the mayor said" not in take_again(library, folder / "b.eml", answer)


def take_again(library: Library, path: Path, content: str) -> str:
    write(path, content)
    report = ingest(library, path)
    assert report.failed == []
    return next(each.text for each in read_all(library) if each.path == path.name)


def test_files_of_unknown_formats_are_named(library: Library, folder: Path) -> None:
    write(folder / "a.html", article(BODY))
    unknown = ["b.mhtml", "c.rtf", "d.csv", "e.mbox", "f.xhtml", "in/g", "h.txt.bak"]
    for name in (*unknown, "a_files/style.css", "a_files/photo.jpg", "README.md", ".hidden"):
        write(folder / name, "pier")
    report = ingest(library, folder)
    assert report.added == 1
    assert sorted(Path(failure.input).name for failure in report.failed) == sorted(
        Path(name).name for name in unknown
    )
    assert all("unknown format" in failure.error for failure in report.failed)


def test_files_of_unknown_formats_in_a_zip_are_named(library: Library, folder: Path) -> None:
    write(folder / "a.zip", build_zip({"a.txt": COUNCIL, "b.rtf": "pier", "c.png": "pier"}))
    report = ingest(library, folder)
    assert [failure.input for failure in report.failed] == [f"{folder}/a.zip/b.rtf"]


def test_a_link_that_leads_nowhere_is_named(library: Library, folder: Path) -> None:
    write(folder / "a.txt", COUNCIL)
    (folder / "b.txt").symlink_to(folder / "gone.txt")
    assert [f.input for f in ingest(library, folder).failed] == [str(folder / "b.txt")]


BRIDGE = '<link rel="canonical" href="https://news.example/ramby-bridge">'


def test_pages_that_claim_one_address_are_all_kept(library: Library, folder: Path) -> None:
    for name, paragraph in (("p1", COUNCIL), ("p2", BUDGET), ("p3", WORK)):
        write(folder / f"{name}.html", article(f"<p>{paragraph}</p>", BRIDGE))
    assert ingest(library, folder).added == 3
    assert {each.text for each in read_all(library)} == {COUNCIL, BUDGET, WORK}
    again = ingest(library, folder)
    assert (again.unchanged, again.added, again.updated) == (3, 0, 0)


def test_a_page_that_was_changed_takes_the_place_of_what_it_was(
    library: Library, folder: Path
) -> None:
    write(folder / "a.html", article(f"<p>{COUNCIL}</p><p>{BUDGET}</p>", BRIDGE))
    write(folder / "b.html", article(f"<p>{COUNCIL}</p><p>{WORK}</p>", BRIDGE))
    assert (ingest(library, folder).updated, len(read_all(library))) == (1, 1)
    changed = '<meta property="article:modified_time" content="2026-03-02T10:00:00Z">'
    write(folder / "c.html", article(f"<p>{ITEMS[0]} {ITEMS[1]}</p>", BRIDGE + changed))
    ingest(library, folder)
    assert [each.text for each in read_all(library)] == [f"{ITEMS[0]} {ITEMS[1]}"]


def test_what_comes_over_standard_input_is_known_by_its_content(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, outcome in ((COUNCIL, "added"), (BUDGET, "added"), (COUNCIL, "unchanged")):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(text.encode())))
        assert getattr(ingest(library, "-"), outcome) == 1
    assert {each.text for each in read_all(library)} == {COUNCIL, BUDGET}
