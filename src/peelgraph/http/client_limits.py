"""Who asks: the client's address, and how often it may."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

from peelgraph.errors import TooManyRequests
from peelgraph.settings import Settings

# Clients whose rate is remembered; who asked longest ago is forgotten first.
_KNOWN = 10_000


def client_of(environ: Mapping[str, Any], proxies: int) -> str:
    """The address that counts as one client.

    Behind proxies, the part of X-Forwarded-For that the outermost of them added; what a client
    wrote there itself stands further left and is not looked at.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    if not proxies:
        return _whole(peer)
    hops = [hop.strip() for hop in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    named = [hop for hop in hops if hop]
    return _whole(named[-proxies] if len(named) >= proxies else peer)


def _whole(address: str) -> str:
    """An address of IPv4, or the half of an IPv6 one that names a customer's network."""
    if ":" not in address:
        return address
    try:
        return str(ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address


class Rates:
    """A bucket of requests for each client, refilled at the rate that is allowed."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = settings.max_rate
        # Whoever was quiet may send two seconds' worth at once.
        self._most = max(1.0, 2 * self._rate)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def count(self, client: str) -> None:
        """Take one request from the client's bucket; TooManyRequests when it is empty."""
        if not self._rate:
            return
        now = self._clock()
        with self._lock:
            left, then = self._buckets.pop(client, (self._most, now))
            left = min(self._most, left + (now - then) * self._rate)
            allowed = left >= 1
            self._buckets[client] = (left - allowed, now)
            if len(self._buckets) > _KNOWN:
                self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyRequests(
                f"More than {self._rate:g} requests a second come from {client or 'you'}",
                hint="Slow down; Retry-After tells how long to wait.",
                limit="max_rate",
            )
