"""Content negotiation: which form of an answer the client asked for.

Source: k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lbctl.sandbox.api.bodies import JSON, YAML
from lbctl.sandbox.api.errors import ApiError

META_GROUP = "meta.k8s.io"
_META_KINDS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
_SERVED = f"{JSON}, {YAML}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One media range of an Accept header with the conversion it asks for (`as`, `g`, `v`)."""

    media: str
    kind: str = ""
    group: str = ""
    version: str = ""

    @property
    def is_yaml(self) -> bool:
        return self.media == YAML


PLAIN = Clause(JSON)


@lru_cache(maxsize=256)
def clauses(header: str) -> tuple[Clause, ...]:
    """The clauses of an Accept header that name a form we can write, in the client's order."""
    found = []
    for text in (header or "*/*").split(","):
        media, *parameters = (part.strip() for part in text.split(";"))
        values = dict(parameter.partition("=")[::2] for parameter in parameters)
        media = media.lower()
        if media in ("*/*", "application/*", ""):
            media = JSON
        if media in (JSON, YAML):
            found.append(Clause(media, values.get("as", ""), values.get("g", ""), values.get("v", "")))
    return tuple(found)


@lru_cache(maxsize=256)
def negotiate(header: str) -> Clause:
    """The form of an object or list. Raises ApiError 406 when the client takes none that we have."""
    for clause in clauses(header):
        if not clause.kind:
            return clause
        if clause.group == META_GROUP and clause.kind in _META_KINDS and clause.version in ("v1", "v1beta1"):
            return clause
    raise not_acceptable()


def not_acceptable() -> ApiError:
    """406 in the words of the real server, with the forms that we have."""
    return ApiError(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {_SERVED}")
