"""An image run as `docker run --read-only --network none --cap-drop ALL` would run it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.check.building import Build
from deploy.check.chroot import bound, enter

_LOOPBACK_ALONE = "ip link set lo up && echo up && exec sleep infinity"


@dataclass(frozen=True, slots=True)
class Container:
    """Its root cannot be written to but for /data, a volume, and /tmp."""

    image: Build
    root: Path
    network: int  # a process that is in it

    def start(
        self,
        command: list[str],
        settings: Mapping[str, str] | None = None,
        streams: int | None = None,
    ) -> subprocess.Popen[str]:
        """As the image's user, with the image's environment and these settings."""
        entered = [
            *("nsenter", f"--net=/proc/{self.network}/ns/net"),
            *enter(self.root, self.image.user),
            *("setpriv", "--no-new-privs", "env", f"--chdir={self.image.folder}"),
        ]
        environment = {**self.image.environment, "HOME": "/data", **(settings or {})}
        return subprocess.Popen(
            [*entered, *command],
            env=environment,
            text=True,
            stdin=streams,
            stdout=streams,
            stderr=streams,
        )

    def run(
        self, *command: str, given: str = "", settings: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Until it ends, two minutes at most; what it prints is caught, both streams apart."""
        with self.start(list(command), settings, subprocess.PIPE) as process:
            try:
                output, errors = process.communicate(given, timeout=120)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


@contextmanager
def contain(image: Build, scratch: Path) -> Iterator[Container]:
    root, volume, temporary = (scratch / name for name in ("container", "volume", "temporary"))
    for folder in (root, volume, temporary):
        folder.mkdir()
    temporary.chmod(0o1777)
    # A new volume takes over the rights of the place that it is mounted at.
    subprocess.run(["cp", "-a", "-T", str(image.root / "data"), str(volume)], check=True)
    with ExitStack() as stack:
        stack.enter_context(bound(image.root, root))
        for source, place in (
            (volume, "data"),
            (temporary, "tmp"),
            ("/dev", "dev"),
            ("/proc", "proc"),
        ):
            stack.enter_context(bound(Path(source), root / place, writable=True))
        yield Container(image, root, stack.enter_context(_network()))


@contextmanager
def _network() -> Iterator[int]:
    """A network of loopback alone, by a process that is in it."""
    command = ["unshare", "--net", "sh", "-c", _LOOPBACK_ALONE]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()
