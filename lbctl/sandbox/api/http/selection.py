"""Which objects a list or watch wants: namespace, label selector, field selector."""

from __future__ import annotations

from lbctl.sandbox.api.http.query import ListOptions
from lbctl.sandbox.api.objects import Objects
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.selectors import parse_fields, parse_labels
from lbctl.sandbox.api.selectors.fields import exact_name
from lbctl.sandbox.api.store import Key, Stored


class Selection:
    """The test of one request. Raises ApiError 400 for a selector that cannot be parsed or names an unknown field."""

    def __init__(self, objects: Objects, served: Served, namespace: str, options: ListOptions) -> None:
        self._objects = objects
        self._served = served
        self._namespace = namespace
        self._labels = parse_labels(options.label_selector) if options.label_selector else None
        self._fields = parse_fields(options.field_selector, served.fields) if options.field_selector else None
        self._name = exact_name(options.field_selector) if options.field_selector else None
        self.everything = self._labels is None and self._fields is None
        """Whether every object of the namespace matches."""

    def matches(self, key: Key, stored: Stored) -> bool:
        """Whether one version of an object is wanted."""
        if self._namespace and key[0] != self._namespace:
            return False
        if self.everything:
            return True
        if self._name is not None and key[1] != self._name:
            return False
        if self._labels is not None and not self._labels(stored.labels):
            return False
        return self._fields is None or self._fields(self._objects.present(self._served, stored))
