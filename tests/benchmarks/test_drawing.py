"""The plot says what was measured."""

from __future__ import annotations

from lxml import etree

from benchmarks.capacity.drawing import Chart, draw

CHART = Chart(
    "Latency <p50>",
    "ms",
    {"none": {1_000: 10.0, 10_000: 12.0, 100_000: 20.0}, "a week": {1_000: 9.0, 100_000: 20.0}},
)


def test_every_curve_has_a_point_for_each_size_and_its_name_beside_it() -> None:
    root = etree.fromstring(draw(CHART).encode())
    points = [line.get("points") for line in root.iterfind("{*}polyline")]
    assert [len(str(each).split()) for each in points] == [3, 2]
    texts = [text.text for text in root.iterfind("{*}text")]
    assert {"Latency <p50>", "none", "a week", "1,000", "100,000", "chunks"} <= set(texts)


def test_what_takes_longer_stands_higher_and_labels_do_not_cover_each_other() -> None:
    root = etree.fromstring(draw(CHART).encode())
    line = next(root.iterfind("{*}polyline"))
    heights = [float(point.split(",")[1]) for point in str(line.get("points")).split()]
    assert heights == sorted(heights, reverse=True)
    names = {text.text: float(str(text.get("y"))) for text in root.iterfind("{*}text")}
    assert abs(names["none"] - names["a week"]) >= 15
