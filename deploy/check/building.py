"""`docker build` in chroots: a Debian with its own Python stands in for the base image."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.check import pip_configuration
from deploy.check.chroot import bootstrap, mounted, run_in
from deploy.check.context import find_context
from deploy.check.dockerfile import Instruction, Stage, expand

_BASE = re.compile(r"python:(?P<version>3\.\d+)-slim-(?P<suite>\w+)")
# Where the base image has its programs is where ours are linked to.
_LOCAL = "usr/local/bin"


@dataclass(slots=True)
class Build:
    """A stage on its way: its root, and what its instructions have set so far."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {
            "PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
        }
    )
    arguments: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **self.environment}


def build_image(
    project: Path, stages: tuple[Stage, ...], scratch: Path, arguments: Mapping[str, str]
) -> Build:
    """The last stage, built. Raises CalledProcessError where an instruction fails."""
    context = _copy_context(project, scratch / "context")
    base = _make_base(stages, scratch / "base")
    built: dict[str | None, Build] = {}
    for number, stage in enumerate(stages):
        build = Build(scratch / f"stage-{number}")
        subprocess.run(["cp", "-a", str(base), str(build.root)], check=True)
        sources = {None: context, **{name: other.root for name, other in built.items()}}
        for instruction in stage.instructions:
            _show(instruction)
            _carry_out(instruction, build, sources, arguments)
        built[stage.name] = build
    return build


def _copy_context(project: Path, context: Path) -> Path:
    for path in find_context(project):
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project / path, context / path)
    return context


def _make_base(stages: tuple[Stage, ...], root: Path) -> Path:
    """One for all stages: they name the same image."""
    (image,) = {stage.base for stage in stages}
    named = _BASE.fullmatch(image)
    if named is None:
        raise ValueError(f"{image}: only python:3.N-slim-SUITE has a Debian that stands in for it")
    print(f"FROM {image}: Debian {named['suite']} stands in for it", flush=True)
    bootstrap(root, named["suite"], ("python3", "python3-venv", "ca-certificates"))
    (root / _LOCAL / "python").symlink_to("/usr/bin/python3")
    run_in(
        root,
        f'python -c \'import sys; assert "%d.%d" % sys.version_info[:2] == "{named["version"]}"\'',
        Build(root).environment,
    )
    return root


def _show(instruction: Instruction) -> None:
    print(f"{instruction.name} {' '.join(instruction.value.split())}", flush=True)


def _carry_out(
    instruction: Instruction,
    build: Build,
    sources: Mapping[str | None, Path],
    arguments: Mapping[str, str],
) -> None:
    value = instruction.value
    match instruction.name:
        case "ARG":
            name, _, default = value.partition("=")
            build.arguments[name] = arguments.get(name, default)
        case "ENV":
            for word in shlex.split(value):
                name, _, set_to = word.partition("=")
                build.environment[name] = expand(set_to, build.variables)
        case "WORKDIR":
            build.folder = expand(value, build.variables)
            (build.root / build.folder[1:]).mkdir(parents=True, exist_ok=True)
        case "USER":
            build.user = value
        case "COPY":
            _copy(shlex.split(expand(value, build.variables)), build, sources)
        case "RUN":
            _run(value, build)
        case "VOLUME" | "EXPOSE" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD" | "LABEL":
            pass
        case other:
            raise ValueError(f"{other}: the check does not know what this does")


def _copy(words: list[str], build: Build, sources: Mapping[str | None, Path]) -> None:
    origin = None
    if words[0].startswith("--from="):
        origin = words.pop(0).removeprefix("--from=")
    *names, place = words
    target = build.root / (Path(build.folder) / place).relative_to("/")
    for name in names:
        source = sources[origin] / name.lstrip("/")
        into_folder = place.endswith("/") and not source.is_dir()
        (target if into_folder else target.parent).mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["cp", "-a", "-T", str(source), str(target / source.name if into_folder else target)],
            check=True,
        )


def _run(script: str, build: Build) -> None:
    if build.user != "0:0":
        raise ValueError("RUN after USER: the check runs as root alone")
    environment = {"HOME": "/root", **pip_configuration.find_environment(), **build.variables}
    with mounted(build.root, *pip_configuration.find_files()):
        run_in(build.root, script, environment, build.folder)
