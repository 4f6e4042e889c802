"""The OpenAPI documents that kubectl reads before it applies, explains and validates.

A server keeps `documents()` and replaces them by `documents().with_definitions(crds)` whenever a custom resource
definition comes, changes or goes. The schemas of built-in kinds are `definitions.json`, written by `generate.py`.
"""

from __future__ import annotations

from functools import cache

from lbctl.sandbox.api.openapi.documents import Documents
from lbctl.sandbox.api.openapi.gnostic import CONTENT_TYPE as V2_PROTOBUF
from lbctl.sandbox.api.resources import BUILT_IN

__all__ = ["V2_PROTOBUF", "Documents", "documents"]


@cache
def documents() -> Documents:
    """The documents of a server of the built-in kinds alone."""
    return Documents(BUILT_IN)
