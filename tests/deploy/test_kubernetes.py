from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.files import KUBERNETES, PACKAGES, find_keys, find_variables, read_manifests

MANIFESTS = read_manifests()
VERSIONS = ("1.30", "1.37")


def name_of(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


PODS = {
    name_of(manifest): manifest["spec"]["template"]
    for manifest in MANIFESTS
    if manifest["kind"] in {"Deployment", "StatefulSet"}
}
each_pod = pytest.mark.parametrize("name", PODS)


def containers(name: str) -> Iterator[dict[str, Any]]:
    yield from PODS[name]["spec"]["containers"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=name_of)
def test_a_manifest_is_of_the_form_that_kubernetes_reads(
    manifest: dict[str, Any], version: str
) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_a_field_that_there_is_not_is_found() -> None:
    broken = {**MANIFESTS[0], "replica": 2}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSIONS[-1], strict=True)


def test_the_kustomization_names_every_file_that_is_there() -> None:
    text = (KUBERNETES / "kustomization.yaml").read_text("utf-8")
    named = yaml.safe_load(text)
    present = {path.name for path in KUBERNETES.glob("*.yaml")}
    optional = {"kustomization.yaml", "secret.example.yaml", "autoscaling.yaml"}
    assert set(named["resources"]) == present - optional
    assert "# - autoscaling.yaml" in text
    assert all((KUBERNETES / file).exists() for file in named["configMapGenerator"][0]["files"])


@each_pod
def test_a_pod_can_do_no_more_than_it_must(name: str) -> None:
    pod = PODS[name]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(name):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


@each_pod
def test_services_leave_no_variables_that_look_like_settings(name: str) -> None:
    assert PODS[name]["spec"]["enableServiceLinks"] is False


@each_pod
def test_what_a_pod_mounts_and_refers_to_is_there(name: str) -> None:
    (secret,) = (each for each in MANIFESTS if each["kind"] == "Secret")
    claims = next(
        each["spec"].get("volumeClaimTemplates", []) for each in MANIFESTS if name_of(each) == name
    )
    volumes = {each["name"] for each in PODS[name]["spec"]["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in claims}
    for container in containers(name):
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes
        for variable in container.get("env", ()):
            if "valueFrom" in variable:
                reference = variable["valueFrom"]["secretKeyRef"]
                assert reference["name"] == secret["metadata"]["name"]
                assert reference["key"] in secret["stringData"]


@each_pod
def test_a_pod_of_ours_is_given_settings_that_there_are(name: str) -> None:
    given = {variable["name"] for each in containers(name) for variable in each.get("env", ())}
    ours = {variable for variable in given if variable.startswith(("DATELINE_", "SLACK_"))}
    assert ours <= find_variables()


def test_the_settings_file_holds_settings_that_there_are() -> None:
    known = {(package.table, key) for package in PACKAGES for key in package.model_fields}
    assert find_keys(KUBERNETES / "dateline.toml") <= known


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget", "NetworkPolicy"])
def test_what_selects_pods_finds_some(kind: str) -> None:
    labels = [pod["metadata"]["labels"].items() for pod in PODS.values()]
    for manifest in (each for each in MANIFESTS if each["kind"] == kind):
        spec = manifest["spec"]
        selector = spec.get("selector", spec.get("podSelector"))
        wanted = selector.get("matchLabels", selector) if selector else {}
        assert any(wanted.items() <= each for each in labels), name_of(manifest)


@each_pod
def test_a_controller_selects_its_own_pods(name: str) -> None:
    spec = next(each["spec"] for each in MANIFESTS if name_of(each) == name)
    assert spec["selector"]["matchLabels"] == PODS[name]["metadata"]["labels"]


def test_only_dateline_reaches_chroma_and_postgres() -> None:
    policies = {
        each["metadata"]["name"]: each["spec"]
        for each in MANIFESTS
        if each["kind"] == "NetworkPolicy"
    }
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    for name in ("chroma", "postgres"):
        (rule,) = policies[name]["ingress"]
        assert rule["from"] == [
            {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "dateline"}}}
        ]


def test_the_api_is_asked_whether_it_lives_and_whether_it_is_ready() -> None:
    (api,) = containers("Deployment-api")
    paths = {
        probe: api[probe]["httpGet"]["path"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    }
