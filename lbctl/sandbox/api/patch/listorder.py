"""The order of merged lists: the patch's order first, the live order where the patch says nothing.

Source: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go (normalizeElementOrder, mergeSortedSlice).
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.gotext import plain


class MissingMergeKey(Exception):
    """A list item without the field that identifies it."""

    def __init__(self, item: Json, merge_key: str) -> None:
        super().__init__(f"map: {plain(item)} does not contain declared merge key: {merge_key}")


def as_items(values: list[object]) -> list[Json]:
    """The objects of a list that holds nothing else."""
    return [one if isinstance(one, dict) else {} for one in values]


def _identity(item: object, merge_key: str) -> object:
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def index_of(items: list[object], wanted: object, merge_key: str) -> int | None:
    """Where the item (a scalar, or an object with the same merge key) is."""
    identity = _identity(wanted, merge_key)
    for index, item in enumerate(items):
        if _identity(item, merge_key) == identity:
            return index
    return None


def partition(items: list[object], by: list[object], merge_key: str) -> tuple[list[object], list[object]]:
    """The items that `by` has, and the others."""
    named: list[object] = []
    others: list[object] = []
    for item in items:
        if merge_key and isinstance(item, dict) and merge_key not in item:
            raise MissingMergeKey(item, merge_key)
        (others if index_of(by, item, merge_key) is None else named).append(item)
    return named, others


def normalize(
    named: list[object], others: list[object], order: list[object], live: list[object], merge_key: str
) -> list[object]:
    """Sort `named` by `order` and `others` by the live list, then interleave them by the live list."""
    left, right = _sorted_by(others, live, merge_key), _sorted_by(named, order, merge_key)
    merged: list[object] = []
    while left and right:
        first, second = index_of(live, left[0], merge_key), index_of(live, right[0], merge_key)
        before = first is not None and second is not None and first < second
        merged.append(left.pop(0) if before else right.pop(0))
    return merged + left + right


def _sorted_by(items: list[object], order: list[object], merge_key: str) -> list[object]:
    for item in (*items, *order):
        if merge_key and isinstance(item, dict) and merge_key not in item:
            raise MissingMergeKey(item, merge_key)
    places = [(index_of(order, item, merge_key), item) for item in items]
    placed = sorted((place for place in places if place[0] is not None), key=lambda place: place[0] or 0)
    new = [item for place, item in places if place is None]
    return [item for _, item in placed] + new
