"""Which addresses may be connected to: public ones, and hosts that the settings allow."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from ingest.errors import UnreadableInput

# The addresses of a host, as text, for a port.
Resolver = Callable[[str, int], Collection[str]]

# What `is_global` lets through although it is not, or not in every Python.
_SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
# All of IPv6 that is given out; what is outside is local, reserved or a way to write IPv4.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class Unreachable(UnreadableInput):
    """The host cannot be asked for anything, whichever of its pages is wanted."""


def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """As the system does, `127.1` and `0x7f000001` included. Raises OSError or UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def locate_host(
    host: str, port: int, resolve: Resolver, allowed: Collection[str]
) -> tuple[str, ...]:
    """The addresses to connect to. Raises Unreachable if any of them is not public."""
    try:
        addresses = tuple(resolve(host, port))
    except (OSError, UnicodeError):
        addresses = ()
    if not addresses:
        raise Unreachable(f"names a host that cannot be found ({host}): check the address")
    if host.casefold() in {name.strip("[]").casefold() for name in allowed}:
        return addresses
    for address in addresses:
        if not is_public(address):
            raise Unreachable(
                f"is at a private address ({address}): add its host to "
                "ingest.allowed_private_hosts if it is yours"
            )
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address, and the IPv4 address it may carry, is on the public internet."""
    try:
        ip = _unwrap(ip_address(address))
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _SPECIAL)


def _unwrap(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that a mapped or a NAT64 address leads to.

    Teredo and 6to4 addresses, which carry one too, are none of a web server: they are refused.
    """
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip in _NAT64):
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip
