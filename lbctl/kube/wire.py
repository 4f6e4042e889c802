"""Pieces that every kind's JSON shares, and the tolerant readings of them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import AF_INET, AF_INET6, inet_pton

import msgspec

from lbctl.model.address import IPAddress
from lbctl.model.service import NO_LABELS, ObjectKey, Protocol

# kubectl keeps a copy of the whole manifest in it; nobody decides by it.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Wire(msgspec.Struct, rename="camel", gc=False):
    """The base of all JSON structs: camelCase names, unknown fields skipped, untracked by the cyclic collector.

    Go writes an empty list as null or leaves it out, so every list is `list[…] | None = None`.
    """


class Meta(Wire, gc=False):
    """`metadata`, without annotations: they are large, and only Services have annotations that decide something."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] | None = None
    finalizers: list[str] | None = None
    deletion_timestamp: str | None = None

    @property
    def key(self) -> ObjectKey:
        return ObjectKey(self.namespace, self.name)


def labels_of(labels: dict[str, str] | None) -> Mapping[str, str]:
    return labels or NO_LABELS


def annotations_of(annotations: dict[str, str] | None) -> Mapping[str, str]:
    if not annotations:
        return NO_LABELS
    annotations.pop(LAST_APPLIED, None)
    return annotations or NO_LABELS


def addresses_of(texts: Iterable[str] | None) -> tuple[IPAddress, ...]:
    """The texts that are addresses, in order."""
    return tuple([address for text in texts or () if (address := address_of(text)) is not None])


def address_of(text: str) -> IPAddress | None:
    """The address, or None. The C library parses it: `ipaddress` takes several times as long, 100,000 times a LIST."""
    try:
        if ":" in text:
            return IPv6Address(inet_pton(AF_INET6, text))
        return IPv4Address(inet_pton(AF_INET, text))
    except (OSError, ValueError):
        return _sloppy_address(text)


def _sloppy_address(text: str) -> IPAddress | None:
    """Addresses with leading zeros, which old objects may hold: read as decimal, as Kubernetes does.

    Source: k8s.io/utils/net ParseIPSloppy; KEP-4858.
    """
    try:
        return ip_address(".".join(str(int(part)) for part in text.split(".")))
    except ValueError:
        return None


def protocol_of(text: str | None) -> Protocol:
    """Raises: ValueError for a protocol this version does not know."""
    return Protocol(text) if text else Protocol.TCP


def shared(text: str | None) -> str:
    """The text, or ""; equal texts (node names, zones) share one object in memory."""
    return sys.intern(text) if text else ""


@functools.lru_cache(maxsize=4096)
def shared_set(names: tuple[str, ...]) -> frozenset[str]:
    """A frozenset of the names; equal ones share one object in memory."""
    return frozenset(names)


def instant_of(text: str | None) -> datetime | None:
    """RFC 3339 with or without fractions of a second; None for an empty or malformed text."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def micro_time(moment: datetime) -> str:
    """A `metav1.MicroTime`, always with six digits. Source: apimachinery pkg/apis/meta/v1/micro_time.go."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def second_time(moment: datetime) -> str:
    """A `metav1.Time`: whole seconds. Source: apimachinery pkg/apis/meta/v1/time.go."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
