"""Strategic merge patch: merge patch that knows which lists merge, and by which key.

Directives: `$patch: delete|replace` in an object or list item, `$retainKeys`, `$setElementOrder/<list>`,
`$deleteFromPrimitiveList/<list>`. Lists without a merge strategy are replaced.
Source: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go (StrategicMergeMapPatch) and mergepatch/errors.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import ApiError, Json, bad_request, unsupported_media_type
from lbctl.sandbox.api.patch.gotext import json_type, plain, type_name
from lbctl.sandbox.api.patch.listorder import MissingMergeKey, as_items, index_of, normalize, partition
from lbctl.sandbox.api.patch.types import Schema, TypeRef

DIRECTIVE: Final = "$patch"
RETAIN_KEYS: Final = "$retainKeys"
DELETE_FROM_LIST: Final = "$deleteFromPrimitiveList"
SET_ORDER: Final = "$setElementOrder"

ACCEPTED_BY_CUSTOM_RESOURCES: Final = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
)
_BAD_PRIMITIVE_LIST: Final = "invalid patch format of primitive list"
_BAD_RETAIN_KEYS: Final = "invalid patch format of retainKeys"
_BAD_ORDER_LIST: Final = "invalid patch format of setElementOrder list"


def strategic_merge_patch(doc: Json, patch: Json, schema: Schema) -> Json:
    """`doc` with the patch merged in by the schema's strategies. No argument is changed.

    Raises ApiError: 415 for custom resources, which have no strategies, 400 for malformed directives, 422 for lists of
    lists, 500 for what the real server does not expect either (a list item without its merge key, say).
    """
    if not schema.structured:
        raise unsupported_media_type(ACCEPTED_BY_CUSTOM_RESOURCES)
    if not isinstance(patch, dict):
        what = json_type(patch)
        raise bad_request(f"json: cannot unmarshal {what} into Go value of type map[string]interface {{}}")
    try:
        return _Merge(schema).objects(copied(doc), copied(patch), schema.root)
    except MissingMergeKey as error:
        raise _unexpected(str(error)) from error


def _unexpected(message: str) -> ApiError:
    return ApiError(500, "", message)


@dataclass(frozen=True, slots=True)
class _Meta:
    """How one field merges. `type` is that of the field, or of its items where it is a list."""

    type: TypeRef
    strategy: str
    merge_key: str


@dataclass(frozen=True, slots=True)
class _Merge:
    schema: Schema

    def objects(self, original: Json, patch: Json, ref: TypeRef) -> Json:
        """Merge `patch` into `original`; both are consumed."""
        if DIRECTIVE in patch:
            return _whole_object(patch)
        _retain_keys(original, patch)
        self._ordered_lists(original, patch, ref)
        for name, value in patch.items():
            self._field(original, name, value, ref)
        return original

    def _field(self, original: Json, name: str, value: object, ref: TypeRef) -> None:
        is_deletion = name.startswith(DELETE_FROM_LIST)
        if is_deletion:
            name = _target(name, DELETE_FROM_LIST, _BAD_PRIMITIVE_LIST)
        if value is None:
            original.pop(name, None)
            return
        current = original.get(name)
        if isinstance(current, dict) and isinstance(value, dict):
            meta = self._meta(ref, name)
            original[name] = value if meta.strategy == "replace" else self.objects(current, value, meta.type)
        elif isinstance(current, list) and isinstance(value, list):
            original[name] = self._lists(current, value, self._meta(ref, name, of_list=True), is_deletion)
        elif not is_deletion:
            _take(original, name, value)

    def _lists(self, original: list[object], patch: list[object], meta: _Meta, is_deletion: bool) -> list[object]:
        if meta.strategy != "merge" and not is_deletion:
            return [_without_nulls(one) for one in patch]
        if not original and not patch:
            return original
        if not _holds_objects(original, patch):
            if is_deletion:
                return [one for one in original if one not in patch]
            unique = list(dict.fromkeys([*original, *patch]))
            return _in_order(unique, patch, original, "")
        if not meta.merge_key:
            raise _unexpected("cannot merge lists without merge key for struct")
        kept, items = _special_items(original, patch, meta.merge_key)
        merged = self._items(list(kept), items, meta)
        return _in_order(merged, items, kept, meta.merge_key)

    def _items(self, original: list[object], patch: list[object], meta: _Meta) -> list[object]:
        """Merge items that share a key, append the others."""
        for item in as_items(patch):
            if meta.merge_key not in item:
                raise MissingMergeKey(item, meta.merge_key)
            index = index_of(original, item, meta.merge_key)
            if index is None:
                original.append(_without_nulls(item))
            else:
                original[index] = self.objects(as_items(original)[index], item, meta.type)
        return original

    def _ordered_lists(self, original: Json, patch: Json, ref: TypeRef) -> None:
        """Merge the lists that have a `$setElementOrder`, in that order; they leave the patch."""
        for directive in [name for name in patch if name.startswith(SET_ORDER)]:
            order = patch.pop(directive)
            if not isinstance(order, list):
                raise _bad_type("[]interface {}", order)
            name = _target(directive, SET_ORDER, _BAD_ORDER_LIST)
            current, given = original.get(name), patch.get(name)
            for one in (current, given):
                if one is not None and not isinstance(one, list):
                    raise _bad_type("[]interface {}", one)
            meta = self._meta(ref, name, of_list=True)
            _check_order(given or [], order, meta.merge_key)
            if name not in original and name not in patch:
                continue
            patch.pop(name, None)
            original[name] = self._merge_in_order(current, given, order, meta)

    def _merge_in_order(
        self, current: list[object] | None, given: list[object] | None, order: list[object], meta: _Meta
    ) -> list[object]:
        """A list's items after the patch: those that `order` names in its order, the others beside their neighbours."""
        if given is None:
            merged = current or []
        elif current is None:
            merged = [one for one in (_without_directives(item) for item in given) if one is not _DROPPED]
        else:
            merged = self._lists(list(current), given, meta, is_deletion=False)
        if not current and not given:
            raise _unexpected("no elements in any of the given slices")
        return _in_order(merged, order, current or [], meta.merge_key)

    def _meta(self, ref: TypeRef, name: str, *, of_list: bool = False) -> _Meta:
        """Look a field up in its struct. Raises ApiError 500 for undeclared ones, as the real server does."""
        struct = self.schema.resolve(ref).map
        if struct is None or not struct.fields:
            raise _unexpected("merging an object in json but data type is not struct, instead is: map")
        field = struct.fields.get(name)
        if field is None:
            raise _unexpected(f'unable to find api field in struct {ref.name} for the json field "{name}"')
        strategy = next((one for one in field.strategies if one != "retainKeys"), "")
        inner = field.type
        if of_list:
            list_type = self.schema.resolve(inner).list
            if list_type is None:
                raise _unexpected("expected slice or array type, but got: struct")
            inner = list_type.element
        return _Meta(inner, strategy, field.merge_key)


def _whole_object(patch: Json) -> Json:
    match patch.pop(DIRECTIVE):
        case "replace":
            return patch
        case "delete":
            return {}
        case other:
            shown = plain({**patch, DIRECTIVE: other})
            raise _unexpected(f"unknown patch type: {plain(other)} in map: {shown}")


def _retain_keys(original: Json, patch: Json) -> None:
    """Clear the fields that a `$retainKeys` list does not name."""
    if RETAIN_KEYS not in patch:
        return
    retained = patch.pop(RETAIN_KEYS)
    if not isinstance(retained, list):
        raise bad_request(_BAD_RETAIN_KEYS)
    for name, value in patch.items():
        is_directive = name.startswith((DELETE_FROM_LIST, SET_ORDER))
        if value is not None and not is_directive and name not in retained:
            raise bad_request(_BAD_RETAIN_KEYS)
    for name in [one for one in original if one not in retained]:
        del original[name]


def _target(directive: str, prefix: str, complaint: str) -> str:
    """The list that a parallel directive is about."""
    head, slash, name = directive.partition("/")
    if not slash or head != prefix:
        raise bad_request(complaint)
    return name


def _bad_type(expected: str, value: object) -> ApiError:
    return _unexpected(f"expected a {expected}, but received a {type_name(value)}")


def _holds_objects(*lists: list[object]) -> bool:
    """Whether the lists hold objects (True) or scalars (False). Raises ApiError for mixtures and lists of lists."""
    items = [item for one in lists for item in one]
    if isinstance(items[0], list):
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request")
    if any(type_name(item) != type_name(items[0]) for item in items):
        shown = " ".join(plain(one) for one in lists)
        raise _unexpected(f"list element types are not identical: [{shown}]")
    return isinstance(items[0], dict)


def _special_items(original: list[object], patch: list[object], merge_key: str) -> tuple[list[object], list[object]]:
    """Carry out the items that are directives: what is left of the original, and the other items of the patch."""
    plain_items: list[object] = []
    replaced = False
    for item in as_items(patch):
        match item.get(DIRECTIVE):
            case None if DIRECTIVE not in item:
                plain_items.append(item)
            case "delete":
                if merge_key not in item:
                    raise MissingMergeKey(item, merge_key)
                original = [one for one in original if index_of([one], item, merge_key) is None]
            case "replace":
                replaced = True
            case "merge":
                raise _unexpected("merging lists cannot yet be specified in the patch")
            case other:
                raise _unexpected(f"unknown patch type: {plain(other)} in map: {plain(item)}")
    return (plain_items, []) if replaced else (original, plain_items)


_DROPPED: Final = object()


def _without_directives(value: object) -> object:
    """A value that enters the object whole: without directives, and without the objects they mark."""
    if isinstance(value, dict):
        if DIRECTIVE in value:
            return _DROPPED
        inner = {name: _without_directives(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one is not _DROPPED}
    if isinstance(value, list):
        return [one for one in map(_without_directives, value) if one is not _DROPPED]
    return value


def _take(original: Json, name: str, value: object) -> None:
    """Set a field that has nothing to merge with."""
    taken = _without_directives(_without_nulls(value))
    if taken is _DROPPED:
        original.pop(name, None)
    else:
        original[name] = taken


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def _check_order(patch: list[object], order: list[object], merge_key: str) -> None:
    """Items of the patch must appear in the order list, in its order (deletions aside)."""
    if not patch or not order:
        return
    wanted = [one for one in patch if not (isinstance(one, dict) and DIRECTIVE in one)]
    position = 0
    for item in wanted:
        if merge_key and isinstance(item, dict) and merge_key not in item:
            raise MissingMergeKey(item, merge_key)
        found = index_of(order[position:], item, merge_key)
        if found is None:
            raise _unexpected(
                f"The order in patch list:\n{plain(patch)}\n doesn't match {SET_ORDER} list:\n{plain(order)}\n"
            )
        position += found + 1


def _in_order(merged: list[object], order: list[object], live: list[object], merge_key: str) -> list[object]:
    """The merged items: those of `order` as it says, the others as in the live list."""
    named, others = partition(merged, order, merge_key)
    return normalize(named, others, order, live, merge_key)
