"""The page of a small report made by hand, read back as a browser would."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from eval.faults import find_faults
from eval.html_report import calibrate, hit_rate_by_rank, render_html

SCRIPT = "<script>alert('&')</script>"


def make_report_row(row_id: str = "q1", **changes: Any) -> dict[str, Any]:
    """Answerable and rightly answered, but for what is changed."""
    row = {
        "id": row_id,
        "kind": "fact",
        "question": "Who chaired?",
        "answerable": True,
        "answered": True,
        "answer": "Mark Rutte chaired the talks [1].",
        "expected": "Mark Rutte.",
        "accepted": ["Rutte"],
        "reason": None,
        "confidence": 0.7,
        "latency_ms": 5.0,
        "leaks": 0,
        "first_relevant_rank": 1,
        "scores": {"containment": 1.0, "hit_rate@1": 1.0, "quote_validity": 1.0},
        "citations": [],
        "passages": [],
    }
    return row | changes


def make_rows() -> list[dict[str, Any]]:
    """Two right answers, one of each kind of failure but a misquotation, and one rightly declined
    question."""
    citation = {"title": "Talks", "source": "Wire", "published_at": "2026-02-12T17:30:00Z"}
    passage = {"title": "Talks", "source": "Wire", "published_at": None, "text": "Of the talks."}
    unanswerable = {"kind": "none", "answerable": False, "scores": {}, "first_relevant_rank": None}
    missed = make_report_row(
        "q3",
        question=SCRIPT,
        scores={"containment": 0.0},
        citations=[
            {**citation, "marker": 1, "quote": "Of talks.", "is_gold": True},
            {**citation, "marker": 2, "quote": "Of others.", "is_gold": False},
        ],
        passages=[
            {**passage, "rank": 1, "relevant": True},
            {**passage, "rank": 2, "relevant": False},
        ],
    )
    return [
        make_report_row("q1"),
        make_report_row("q2", first_relevant_rank=3, confidence=0.75),
        missed,
        make_report_row("q4", answered=False, reason="no_evidence", first_relevant_rank=None),
        make_report_row("q5", **unanswerable, confidence=0.2, leaks=1),
        make_report_row("q6", **unanswerable, answered=False, confidence=None),
    ]


def make_report() -> dict[str, Any]:
    hits = {"mean": 0.5, "low": 0.25, "high": 0.75, "n": 4}
    contained = {"mean": 0.75, "low": 0.5, "high": 1.0, "n": 4}
    latency = {"mean": 1234.56, "low": 1234.56, "high": 1234.56, "n": 6}
    undefined = {"mean": None, "low": None, "high": None, "n": 0}
    return {
        "version": "0.1.0",
        "created_at": "2026-11-21T20:00:00Z",
        "dataset": {
            "name": "gold",
            "digest": "ed3e9c878d59" + "0" * 52,
            "questions": 6,
            "answerable": 4,
            "articles": 42,
        },
        "settings": {"retrieval.top_k": 8, "bot.llm": None},
        "summary": {"hit_rate@1": hits, "containment": contained, "latency_p50_ms": latency},
        "by_kind": {
            "fact": {"hit_rate@1": hits, "containment": contained},
            "none": {"hit_rate@1": undefined},
        },
        "baselines": {"BM25 alone": {"hit_rate@1": 0.25, "mrr@10": 0.4}},
        "rows": make_rows(),
    }


class Page(HTMLParser):
    """Tags with their attributes, and the text by the tag it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.tags[-1][0] if self.tags else "", data.strip()))

    def all(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        found = (attributes for name, attributes in self.tags if name == tag)
        return [a for a in found if not kind or kind in (a.get("class") or "").split()]


def plot_of(html: str, name: str) -> str:
    """The <svg> of one plot."""
    (drawing,) = (svg for svg in re.findall(r"<svg.*?</svg>", html, re.S) if f'"{name}-' in svg)
    return str(drawing)


def row_of(html: str, heading: str) -> list[str]:
    """The cells of the first table row that is headed so, without mark-up."""
    (cells, *_) = (
        cells
        for row in re.findall(r"<tr>.*?</tr>", html, re.S)
        if (cells := [text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)])
        and cells[0] == heading
    )
    return cells


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_the_heading_says_what_was_asked_of_which_version_and_when() -> None:
    header = text_of(render_html(make_report()).split("<header>")[1].split("</header>")[0])
    assert "6 questions, 4 of them answerable, over 42 articles. 3 went wrong." in header
    assert "Set gold ed3e9c878d59 · Dateline 0.1.0 · 2026-11-21 20:00 UTC" in header


def test_a_metric_has_a_mean_an_interval_and_its_n() -> None:
    html = render_html(make_report())
    assert row_of(html, "hit_rate@1")[1:5] == ["0.500", "0.250 – 0.750", "", "4"]
    # An interval of no width is none, and milliseconds have one place.
    assert row_of(html, "latency_p50_ms")[1:5] == ["1,234.6", "–", "", "6"]


def test_the_table_by_kind_has_what_is_undefined_as_a_dash() -> None:
    html = render_html(make_report())
    assert row_of(html, "Kind") == ["Kind", "questions", "hit_ rate@1", "containment"]
    assert row_of(html, "fact") == ["fact", "4", "0.500 4", "0.750 4"]
    assert row_of(html, "none") == ["none", "2", "–", "–"]
    assert row_of(html, "all") == ["all", "6", "0.500 4", "0.750 4"]


def test_the_hit_rate_by_rank_counts_every_answerable_question() -> None:
    # Ranks 1, 3, 1 and none, of four; the unanswerable do not count.
    rates = (0.5, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75)
    report = make_report()
    assert hit_rate_by_rank(report["rows"]) == rates
    html = render_html(report)
    drawing = Page(plot_of(html, "ranks"))
    assert [text for tag, text in drawing.texts if text in ("0.50", "0.75")].count("0.75") == 9
    # The axis is from y = 30 (all) to 220 (none): a half is at 125, three quarters at 77.5.
    assert [dot["cy"] for dot in drawing.all("circle")] == ["125.0"] * 2 + ["77.5"] * 8
    assert "rank 1: 0.500, rank 2: 0.500, rank 3: 0.750" in plot_of(html, "ranks")
    assert "1 of the 4 answerable questions have none in the first ten." in html


def test_a_first_article_past_the_tenth_rank_is_no_hit() -> None:
    assert hit_rate_by_rank([make_report_row(first_relevant_rank=11)]) == (0.0,) * 10


def test_calibration_bins_every_row_that_has_a_confidence() -> None:
    bins = calibrate(make_report()["rows"])
    # q5, unanswerable, is wrong at 0.2; q1, q2 and q4 are right, q3 wrong, at 0.7, 0.75, 0.7, 0.7.
    assert [place for place, held in enumerate(bins) if held] == [2, 7]
    assert bins[2] is not None
    assert (bins[2].count, bins[2].confidence, bins[2].right) == (1, 0.2, 0.0)
    assert bins[7] is not None
    assert (bins[7].count, bins[7].right) == (4, 3 / 4)
    assert bins[7].confidence == pytest.approx((0.7 + 0.75 + 0.7 + 0.7) / 4)


def test_full_confidence_falls_in_the_last_bin() -> None:
    bins = calibrate([make_report_row(confidence=1.0), make_report_row(confidence=0.0)])
    assert [place for place, held in enumerate(bins) if held] == [0, 9]


def test_bars_are_as_long_as_their_means() -> None:
    bars = Page(plot_of(render_html(make_report()), "kinds")).all("rect", "bar")
    legend, (containment, hits) = bars[:2], bars[2:]  # "none" has no score and no bar
    assert len(legend) == 2
    assert float(containment["width"] or 0) == pytest.approx(
        float(hits["width"] or 0) * 0.75 / 0.5, abs=0.1
    )
    said = plot_of(render_html(make_report()), "baselines")
    assert "BM25 alone: 0.250 and 0.400" in said


def test_the_latency_plot_marks_the_percentiles_by_nearest_rank() -> None:
    rows = [make_report_row(str(ms), latency_ms=float(ms)) for ms in range(1, 21)]
    html = render_html({"rows": rows})
    # ceil(0.50 * 20) = the 10th, ceil(0.95 * 20) = the 19th; 19 / 12 rounds up to 2 ms a bar.
    assert "p50 10.0 ms, p95 19.0 ms; by 2 ms: 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1" in html
    assert "slower than the axis" not in html


def test_what_is_slower_than_the_axis_is_in_the_last_bar_and_said() -> None:
    rows = [make_report_row(latency_ms=10.0) for _ in range(39)]
    html = render_html({"rows": [*rows, make_report_row(latency_ms=900.0)]})
    assert "by 1 ms: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 39, 0, 0, 0, 0, 0, 0, 1" in html
    assert "The last bar also holds 1 slower than the axis." in html


def test_every_plot_is_an_image_with_a_title_and_words() -> None:
    page = Page(render_html(make_report()))
    plots = page.all("svg", "plot")
    assert len(plots) == len(page.all("figcaption")) == 5
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    for plot in plots:
        assert plot["role"] == "img"
        assert set((plot["aria-labelledby"] or "").split()) <= ids


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, ()),
        ({"answered": False, "scores": {"containment": 0.0}}, ("declined",)),
        ({"scores": {"containment": 0.0}}, ("missed",)),
        ({"scores": {}}, ()),  # nothing to compare with
        ({"answerable": False, "scores": {}}, ("invented",)),
        ({"answerable": False, "answered": False, "scores": {}}, ()),
        ({"leaks": 2}, ("leak",)),
        ({"scores": {"containment": 0.0, "quote_validity": 0.5}}, ("missed", "misquoted")),
    ],
)
def test_what_is_wrong_with_an_answer(changes: dict[str, Any], faults: tuple[str, ...]) -> None:
    assert find_faults(make_report_row(**changes)) == faults


def test_every_failure_is_there_and_nothing_else() -> None:
    html = render_html(make_report())
    failures = re.findall(r"<details.*?</details>", html, re.S)
    assert [text_of(failure).split()[0] for failure in failures] == ["q3", "q4", "q5"]
    assert [a["class"] for a in Page(html).all("details")] == [
        "failure missed",
        "failure declined",
        "failure invented leak",
    ]
    labels = [text_of(label) for label in re.findall(r"<label>.*?</label>", html, re.S)]
    assert labels[:2] == ["all (3)", "declined, though an article answers it (1)"]
    assert "no_evidence" in failures[1]


def test_gold_citations_and_relevant_passages_are_marked_in_words() -> None:
    (failure, *_) = re.findall(r"<details.*?</details>", render_html(make_report()), re.S)
    shown = text_of(failure)
    assert "[1] Talks Wire, 2026-02-12 17:30 UTC ✓ gold “Of talks.”" in shown
    assert "[2] Talks Wire, 2026-02-12 17:30 UTC “Of others.”" in shown
    assert "1 Talks Wire, undated ✓ relevant Of the talks." in shown
    assert "2 Talks Wire, undated Of the talks." in shown


def test_mark_up_in_any_text_is_shown_as_text() -> None:
    report = make_report()
    (row,) = (row for row in report["rows"] if row["id"] == "q3")
    for name in ("id", "kind", "question", "answer", "expected", "reason"):
        row[name] = SCRIPT
    row["accepted"] = [SCRIPT]
    for piece in (*row["citations"], *row["passages"]):
        piece |= dict.fromkeys(("title", "source", "published_at", "quote", "text"), SCRIPT)
    report["by_kind"][SCRIPT] = report["by_kind"]["fact"]
    report["baselines"][SCRIPT] = report["baselines"]["BM25 alone"]
    report["settings"][SCRIPT] = SCRIPT
    report["summary"][SCRIPT] = report["summary"]["hit_rate@1"]
    report["dataset"] |= {"name": SCRIPT, "digest": '"' + SCRIPT}
    report |= {"version": SCRIPT, "created_at": SCRIPT}
    html = render_html(report)
    assert len(Page(html).all("script")) == 1  # the page's own
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in plot_of(html, "kinds")


def test_nothing_outside_the_page_is_referred_to() -> None:
    report = make_report()
    report["rows"][2]["question"] = "What is at https://example.org/?"
    html = render_html(report)
    for _, attributes in Page(html).tags:
        for name in ("src", "srcset", "href", "xlink:href", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"rows": [], "summary": {}, "by_kind": {}, "baselines": {}, "settings": {}, "dataset": {}},
        {"rows": None, "summary": None, "by_kind": None, "baselines": None, "dataset": None},
    ],
)
def test_a_report_of_nothing_is_a_page_that_says_so(report: dict[str, Any]) -> None:
    html = render_html(report)
    assert html.count("Nothing to show") == 5
    assert "Nothing went wrong." in html
    assert "<svg" not in html
    assert html.endswith("</html>")


def test_missing_and_undefined_numbers_are_dashes() -> None:
    undefined = {"mean": float("nan"), "low": None}
    rows = [{"id": "q1", "answerable": True, "answered": False}, {}]
    html = render_html({"summary": {"recall@10": undefined, "mrr@10": None}, "rows": rows})
    assert row_of(html, "recall@10")[1:5] == ["–", "–", "", "–"]
    assert row_of(html, "mrr@10")[1:5] == ["–", "–", "", "–"]
    assert "nan" not in text_of(html.split("</style>")[1]).split()
    (failure,) = re.findall(r"<details.*?</details>", html, re.S)
    assert "Confidence – First relevant none found" in text_of(failure)


def test_a_mean_over_no_questions_is_undefined() -> None:
    nothing = {"mean": 0.0, "low": 0.0, "high": 0.0, "n": 0}
    html = render_html(
        {"summary": {"recall@10": nothing}, "by_kind": {"a": {"hit_rate@1": nothing}}}
    )
    assert row_of(html, "recall@10")[1:5] == ["–", "–", "", "0"]
    assert "no kind has a score" in html


def test_a_publication_keeps_its_own_time_zone() -> None:
    row = make_report_row(leaks=1, citations=[{"published_at": "2025-06-25T00:30:00+02:00"}])
    assert "2025-06-25 00:30 UTC+02:00" in render_html({"rows": [row]})
