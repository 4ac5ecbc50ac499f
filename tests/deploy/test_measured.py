import json
import re
from typing import Any

import yaml

from bot.http.limits import Turns
from bot.http.metrics import VECTORS, WORDS, Metrics
from tests.deploy.files import DEPLOY

DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/dateline.json").read_text("utf-8"))
TARGETS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]


def find_metrics() -> dict[str, set[str]]:
    """Every series that `/metrics` may have, with its labels."""
    metrics = Metrics()
    metrics.watch_turns(Turns(1, 1))
    for lag in (VECTORS, WORDS):
        metrics.watch_lag(lag, lambda: 0)
    found = {}
    for metric in metrics.registry.collect():
        labels = set(_labels_of(metrics, metric.name))
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
        for suffix in suffixes.get(metric.type, ("",)):
            found[metric.name + suffix] = labels | {"instance", "job", "le"}
    return found


def _labels_of(metrics: Metrics, name: str) -> tuple[str, ...]:
    collector: Any = metrics.registry._names_to_collectors[name]
    labels: tuple[str, ...] = collector._labelnames
    return labels


def check_query(query: str) -> None:
    """Its metrics and labels are those of the server."""
    known = find_metrics()
    named = re.findall(r"dateline_\w+", query)
    assert set(named) <= set(known), query
    allowed = {"instance", "job", "le"}.union(*(known[name] for name in named))
    grouped = ",".join(re.findall(r"by \(([^)]*)\)", query)).replace(" ", "").split(",")
    matched = re.findall(r"(\w+)=~?\"", query)
    assert {label for label in (*grouped, *matched) if label} <= allowed, query


def test_every_panel_shows_what_the_server_measures() -> None:
    assert TARGETS
    for query in TARGETS:
        check_query(query)


def test_every_metric_is_in_a_panel() -> None:
    shown = set(re.findall(r"dateline_\w+", " ".join(TARGETS)))
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in find_metrics()} <= {
        re.sub("_(bucket|sum|count)$", "", name) for name in shown
    }


def test_every_alert_is_about_what_the_server_measures() -> None:
    for alert in ALERTS:
        check_query(alert["expr"])


def test_every_panel_asks_the_provisioned_source() -> None:
    source = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text("utf-8")
    )["datasources"][0]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source["uid"]}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_dashboard_lies_where_it_is_looked_for() -> None:
    provider = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/dashboards/dateline.yaml").read_text("utf-8")
    )["providers"][0]
    mounts = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["grafana"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounts["volumes"]
