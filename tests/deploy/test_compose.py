import ipaddress
import re
import subprocess
import sys
from typing import Any

import pytest

from bot.settings import BotSettings
from tests.deploy.files import DEPLOY, find_variables, read_compose

COMPOSE = read_compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
each_service = pytest.mark.parametrize("name", SERVICES)
ENV_EXAMPLE = (DEPLOY / ".env.example").read_text("utf-8")


def test_it_is_of_the_form_that_compose_reads() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, DEPLOY / "compose.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@each_service
def test_a_service_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].partition(":")[0]) > 0
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


@each_service
def test_a_service_is_started_again_and_looked_after(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    is_api = service["image"] == "dateline" and service.get("command", [""])[0] == "serve"
    assert is_api or service["healthcheck"]["test"][0] == "CMD"


@each_service
def test_an_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    assert image == "dateline" or re.fullmatch(r"[\w/]+:v?\d[\w.-]*", image)


@each_service
def test_what_a_service_refers_to_exists(name: str) -> None:
    service = SERVICES[name]
    depends_on = service.get("depends_on", [])
    assert set(depends_on) <= set(SERVICES)
    for needed in depends_on if isinstance(depends_on, dict) else ():
        assert depends_on[needed] == {"condition": "service_healthy"}
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    for volume in service.get("volumes", ()):
        source = volume.partition(":")[0]
        assert (
            (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        )


@each_service
def test_a_service_of_ours_is_given_settings_that_there_are(name: str) -> None:
    given = SERVICES[name].get("environment", {})
    ours = {variable for variable in given if variable.startswith(("DATELINE_", "SLACK_"))}
    assert ours <= find_variables()


@each_service
def test_no_two_services_share_a_home(name: str) -> None:
    def homes(service: dict[str, Any]) -> set[str]:
        return {volume for volume in service.get("volumes", ()) if not volume.startswith(".")}

    others = [service for other, service in SERVICES.items() if other != name]
    assert not any(homes(SERVICES[name]) & homes(other) for other in others)


def test_the_example_names_every_variable() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    used = set(re.findall(r"\$\{(\w+)", text))
    passed_on = {
        variable
        for service in SERVICES.values()
        for variable, value in service.get("environment", {}).items()
        if value is None
    }
    assert set(re.findall(r"^(?:# )?(\w+)=", ENV_EXAMPLE, re.MULTILINE)) == used | passed_on


def test_nothing_but_dateline_and_postgres_is_where_chroma_is() -> None:
    beside = {name for name, service in SERVICES.items() if "back" in service["networks"]}
    assert beside == {"api-1", "api-2", "indexer", "slack", "postgres", "chroma"}
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["chroma"]["networks"] == ["back"]


def test_nothing_is_published_to_other_machines_unasked() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "nginx": ["${LISTEN:-127.0.0.1:8080}:8080"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_nginx_knows_the_replicas_by_their_addresses() -> None:
    known = dict(host.split(":") for host in SERVICES["nginx"]["extra_hosts"])
    assert known == {
        name: service["networks"]["front"]["ipv4_address"]
        for name, service in SERVICES.items()
        if name.startswith("api-")
    }
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    handed_out = ipaddress.ip_network(subnet["ip_range"])
    for address in map(ipaddress.ip_address, known.values()):
        assert address in ipaddress.ip_network(subnet["subnet"])
        assert address not in handed_out


def test_nginx_asks_every_replica_and_prometheus_does() -> None:
    replicas = {f"{name}:8000" for name in SERVICES if name.startswith("api-")}
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert set(re.findall(r"^\s+server ([\w-]+:\d+)", nginx, re.MULTILINE)) == replicas
    prometheus = (DEPLOY / "prometheus.yml").read_text("utf-8")
    assert set(re.findall(r"api-\d:\d+", prometheus)) == replicas


def test_nginx_allows_what_dateline_allows() -> None:
    nginx, settings = (DEPLOY / "nginx.conf").read_text("utf-8"), BotSettings()
    body = re.search(r"client_max_body_size (\d+)m", nginx)
    patience = re.search(r"proxy_read_timeout (\d+)s", nginx)
    assert body is not None
    assert int(body[1]) * 2**20 > settings.max_upload_bytes
    assert patience is not None
    assert int(patience[1]) > settings.llm_timeout_s
