"""One cluster without its HTTP face: the store, what is served from it, and what happens in it by itself."""

from __future__ import annotations

import secrets

from lbctl.sandbox.api import bootstrap
from lbctl.sandbox.api.custom import Definitions
from lbctl.sandbox.api.journal import SqliteJournal
from lbctl.sandbox.api.lifecycle import Lifecycle, Timers
from lbctl.sandbox.api.objects import Objects
from lbctl.sandbox.api.plain import PlainStrategy
from lbctl.sandbox.api.registry import Registry, Served
from lbctl.sandbox.api.resources import BUILT_IN
from lbctl.sandbox.api.selectors import supported_fields
from lbctl.sandbox.api.settings import ApiSettings, StartError
from lbctl.sandbox.api.store import Store
from lbctl.sandbox.api.strategy import ServiceSettings, build_strategies

_TOKEN = "token"  # noqa: S105 - the name under which the file keeps it


class Cluster:
    """The objects of one cluster; belongs to one thread. Raises StartError when its storage cannot be used."""

    def __init__(self, settings: ApiSettings, timers: Timers) -> None:
        self.settings = settings
        self._journal = None if settings.storage is None else SqliteJournal(settings.storage)
        self.token = self._token()
        self.store = Store(settings.history_length, self._journal)
        self.registry = Registry(_built_in(settings))
        self.objects = Objects(self.store, self.registry)
        self.definitions = Definitions(self.objects)
        self.lifecycle = Lifecycle(self.objects, self.definitions, timers, reap_pods=settings.reap_pods)

    def open(self, address: str, port: int) -> None:
        """Take over what the store holds, and create what a new cluster has; the address is that of the API server."""
        self.definitions.restore()
        self._restore()
        first = str(self.settings.service_cidrs[0][1])

        def introduce() -> None:
            bootstrap.populate(self.objects, first, address, port)

        self.lifecycle.start(introduce)
        introduce()

    def close(self) -> None:
        """Make everything durable. Raises StartError when the storage cannot be written."""
        if self._journal is not None:
            self._journal.close()

    @property
    def healthy(self) -> bool:
        """Whether writes still become durable."""
        return self._journal is None or self._journal.healthy

    def _restore(self) -> None:
        for served in self.registry.buckets():
            for stored in self.store.bucket(served.rt.bucket).objects.values():
                served.strategy.restore(self.objects.present(served, stored))

    def _token(self) -> str:
        kept = None if self._journal is None else self._journal.fact(_TOKEN)
        token = self.settings.token or kept or secrets.token_urlsafe(32)
        if self._journal is not None and token != kept:
            self._journal.set_fact(_TOKEN, token)
        return token


def _built_in(settings: ApiSettings) -> list[Served]:
    try:
        ranges = ServiceSettings(settings.service_cidrs, settings.node_ports)
    except ValueError as error:
        raise StartError(str(error)) from error
    strategies = build_strategies(ranges)
    return [
        Served(
            rt,
            strategies.get((rt.group, rt.plural)) or PlainStrategy(rt),
            supported_fields(rt.group, rt.plural),
        )
        for rt in BUILT_IN
    ]
