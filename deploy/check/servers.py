"""nginx and Prometheus, of Debian: what they say of their configuration, and nginx at work."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from deploy.check.chroot import bootstrap, bound, run_in
from deploy.check.proxying import USER

_PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
_HOSTS = "127.0.0.1 localhost api-1\n127.0.0.2 api-2\n"


def check_servers(deploy: Path, root: Path, suite: str) -> None:
    """Raises CalledProcessError where one of them refuses its configuration or fails."""
    bootstrap(root, suite, ("nginx-light", "prometheus"))
    (root / "etc/hosts").write_text(_HOSTS, encoding="utf-8")
    (root / "run/secrets").mkdir(parents=True)
    (root / "run/secrets/metrics_key").touch()
    with ExitStack() as stack:
        for name, place in (
            ("nginx.conf", "etc/nginx/nginx.conf"),
            ("prometheus.yml", "etc/prometheus/prometheus.yml"),
            ("alerts.yml", "etc/prometheus/alerts.yml"),
        ):
            stack.enter_context(bound(deploy / name, root / place))
        for folder in ("/dev", "/proc"):
            stack.enter_context(bound(Path(folder), root / folder[1:], writable=True))
        run_in(root, "promtool check config /etc/prometheus/prometheus.yml", _PATH)
        # It opens its standard output by name, which a container gives to its user.
        run_in(root, "nginx -q -t > /dev/null", _PATH, user=USER)
        proxying = [sys.executable, "-m", "deploy.check.proxying", str(root)]
        subprocess.run(["unshare", "--net", *proxying], check=True)
