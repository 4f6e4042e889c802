"""Patches: JSON patch, merge patch, strategic merge patch and server-side apply, as pure functions over JSON objects.

Reading order: `types` (what a schema says), `schema` (which kind has which), `fields` (sets of fields), `walk`,
`compare` and `combine` (typed values), `ownership` (the rules of apply), `apply` and `track` (what the server calls).
"""

from lbctl.sandbox.api.patch.apply import apply
from lbctl.sandbox.api.patch.json_patch import json_patch
from lbctl.sandbox.api.patch.managed import keep_times_if_unchanged
from lbctl.sandbox.api.patch.merge import merge_patch
from lbctl.sandbox.api.patch.schema import schema_for
from lbctl.sandbox.api.patch.strategic import strategic_merge_patch
from lbctl.sandbox.api.patch.track import track
from lbctl.sandbox.api.patch.typed import as_decoded, unknown_fields
from lbctl.sandbox.api.patch.types import Schema

__all__ = [
    "Schema",
    "apply",
    "as_decoded",
    "json_patch",
    "keep_times_if_unchanged",
    "merge_patch",
    "schema_for",
    "strategic_merge_patch",
    "track",
    "unknown_fields",
]
