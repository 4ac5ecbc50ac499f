"""Build the Dockerfile in chroots, run what it makes, and try nginx's and Prometheus' files.

python -m deploy.check [--build-arg NAME=VALUE]…    as root; TMPDIR needs 6 GB

No Docker is needed, and what only Docker does is not checked: the real base image, and layers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.check import pip_configuration
from deploy.check.building import Build, build_image
from deploy.check.container import contain
from deploy.check.dockerfile import read_stages
from deploy.check.image import find_packages, find_problems, list_largest, measure
from deploy.check.running import Failed, check_container
from deploy.check.servers import check_servers

_PROJECT = Path(__file__).parents[2]
_PROGRAMS = ("debootstrap", "unshare", "nsenter", "setpriv", "ip")
# All that is mounted or started in it goes when it ends, however it ends.
_APART = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_INSIDE = "--inside"


def main() -> int:
    arguments = _parse_arguments()
    if missing := _find_missing():
        print(f"docker-check: {missing}", file=sys.stderr)
        return 2
    if arguments.inside:
        return _check(arguments.inside, dict(each.split("=", 1) for each in arguments.build_arg))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    scratch = Path(tempfile.mkdtemp(prefix="docker-check-"))
    try:
        again = [sys.executable, "-m", "deploy.check", *sys.argv[1:], _INSIDE, str(scratch)]
        return subprocess.run([*_APART, *again]).returncode
    finally:
        shutil.rmtree(scratch)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.check")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(_INSIDE, type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _find_missing() -> str | None:
    if os.geteuid() != 0:
        return "chroot and mount need root: run it as root, in a virtual machine or a container"
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"{', '.join(missing)}: apt-get install debootstrap util-linux iproute2"
    return None


def _check(scratch: Path, arguments: dict[str, str]) -> int:
    """In namespaces of its own: build, look, run."""
    stages = read_stages(_PROJECT / "Dockerfile")
    # A torch for machines without a GPU is what pip finds here, or what the caller names.
    arguments = {"TORCH_INDEX": pip_configuration.find_index(), **arguments}
    image = build_image(_PROJECT, stages, scratch, arguments)
    _show_contents(image, scratch / "base")
    problems = list(find_problems(image))
    try:
        print("In a container:", flush=True)
        with contain(image, scratch) as container:
            check_container(container, stages[-1].last("HEALTHCHECK") or "")
        print("Before the container:", flush=True)
        check_servers(_PROJECT / "deploy", scratch / "servers", "bookworm")
    except Failed as failed:
        problems.append(str(failed))
    for problem in problems:
        print(f"docker-check: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _show_contents(image: Build, base: Path) -> None:
    print(f"The image has {measure(image.root) / 1e6:.0f} MB, {measure(base) / 1e6:.0f} of Debian:")
    for size, name in list_largest(find_packages(image), 15):
        print(f"{size / 1e6:8.0f} {name}")


if __name__ == "__main__":
    sys.exit(main())
