import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from deploy.check.context import find_context, is_ignored
from deploy.check.dockerfile import expand, read_stages, read_words
from tests.deploy.files import PROJECT

DOCKERFILE = PROJECT / "Dockerfile"


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True)
    assert done.stdout == ""
    assert done.returncode == 0


def test_the_image_runs_as_a_user_whose_number_kubernetes_can_see() -> None:
    user, _, group = (read_stages(DOCKERFILE)[-1].last("USER") or "").partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_image_says_how_its_health_is_checked() -> None:
    healthcheck = read_stages(DOCKERFILE)[-1].last("HEALTHCHECK") or ""
    assert "/healthz" in read_words(healthcheck)[-1]


def test_the_image_copies_nothing_but_what_the_build_made() -> None:
    final = read_stages(DOCKERFILE)[-1]
    copied = [each.value for each in final.instructions if each.name in {"COPY", "ADD"}]
    assert copied == ["--from=build /opt/dateline /opt/dateline"]


def test_what_is_sent_to_docker_is_the_bot_without_tests_and_evaluation() -> None:
    sent = set(find_context(PROJECT))
    assert {path.parts[0] for path in sent} == {
        *("pyproject.toml", "constraints.txt", "README.md", "dateline.py"),
        *("retrieval", "ingest", "bot", "deploy"),
    }
    assert {path.name for path in sent if path.parts[0] == "deploy"} == {"probe_chroma.py"}
    assert PurePath("bot/web/static") in {path.parent for path in sent}


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("deploy/.env", True),
        ("tests/conftest.py", True),
        ("retrieval/schema.py", False),
        ("retrieval/__pycache__/schema.pyc", True),
    ],
)
def test_the_last_pattern_that_matches_decides_what_is_ignored(path: str, ignored: bool) -> None:
    assert is_ignored(PurePath(path), ["*", "!retrieval", "**/__pycache__"]) is ignored


def test_a_stage_is_what_stands_between_two_froms(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM a AS build\nRUN one \\\n  two\n# why\nFROM b\nUSER 1\nUSER 2\n")
    first, second = read_stages(path)
    assert (first.base, first.name) == ("a", "build")
    assert [(each.name, each.value) for each in first.instructions] == [("RUN", "one   two")]
    assert (second.base, second.name, second.last("USER")) == ("b", None, "2")


def test_variables_of_a_dockerfile_are_filled_in() -> None:
    assert (
        expand("/opt/bin:$PATH:${HOME}$NONE", {"PATH": "/bin", "HOME": "/x"}) == "/opt/bin:/bin:/x"
    )
