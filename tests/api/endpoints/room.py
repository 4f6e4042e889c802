"""Pods, Services and what becomes of them, in the words the endpoints tests speak in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.api.client import JSON_PATCH, STRATEGIC
from tests.api.conftest import Namespace

Json = dict[str, Any]
DISCOVERY = "discovery.k8s.io"
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"


class EndpointsRoom:
    """A namespace and a node that the test has for itself. Pods are bound to the node, where no kubelet runs."""

    def __init__(self, ns: Namespace) -> None:
        self.ns = ns
        self._nodes: list[str] = []
        ns.api.await_code(ns.path("serviceaccounts", "default"), 200)
        self.node = self.add_node("zone-a")

    def close(self) -> None:
        for name in self._nodes:
            self.ns.api.delete(f"/api/v1/nodes/{name}")

    def add_node(self, zone: str) -> str:
        """A new node in a zone; returns its name. It goes with the test."""
        body = {"metadata": {"generateName": "behaviour-", "labels": {"topology.kubernetes.io/zone": zone}}}
        name: str = self.ns.api.post("/api/v1/nodes", body).expect(201)["metadata"]["name"]
        self._nodes.append(name)
        return name

    def service(self, name: str = "web", *, labels: Json | None = None, **spec: Any) -> Json:
        """Create a Service that selects `app=web` and sends 80 to 8080; a spec field given as None is left out."""
        plain = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}
        wanted = {key: value for key, value in {**plain, **spec}.items() if value is not None}
        return self.ns.create("services", {"metadata": {"name": name, "labels": labels or {}}, "spec": wanted})

    def patch_service(self, name: str = "web", **spec: Any) -> Json:
        """Merge-patch the spec; None removes a field."""
        patched: Json = self.ns.api.patch(self.ns.path("services", name), {"spec": spec}).expect(200)
        return patched

    def pod(
        self, name: str, *ips: str, ready: bool = True, node: str = "", port: Json | None = None, **spec: Any
    ) -> Json:
        """Create a pod that matches the plain Service and runs with these addresses."""
        container = {"name": "main", "image": "none.invalid/none", "ports": [port] if port else []}
        body = {
            "metadata": {"name": name, "labels": {"app": "web"}},
            "spec": {"nodeName": node or self.node, "containers": [container], **spec},
        }
        created = self.ns.create("pods", body)
        self.pod_status(name, *ips, ready=ready)
        return created

    def pod_status(self, name: str, *ips: str, ready: bool = True, phase: str = "Running") -> None:
        """Write a pod's status as a kubelet does; without addresses those it has stay."""
        condition = {
            "type": "Ready",
            "status": "True" if ready else "False",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        status: Json = {"phase": phase, "conditions": [condition]}
        if ips:
            status |= {"podIP": ips[0], "podIPs": [{"ip": ip} for ip in ips]}
        self.ns.api.patch(self.ns.path("pods", name, "status"), {"status": status}, STRATEGIC).expect(200)

    def begin_deletion(self, name: str) -> None:
        """Ask for a pod's deletion in five minutes."""
        self.ns.api.delete(self.ns.path("pods", name), gracePeriodSeconds=300).expect(200, 202)

    def delete(self, plural: str, name: str, group: str = "") -> None:
        self.ns.api.delete(self.ns.path(plural, name, group=group)).expect(200, 202)

    def relabel(self, plural: str, name: str, labels: Json) -> None:
        """Make these the labels of an object."""
        change = [{"op": "add", "path": "/metadata/labels", "value": labels}]
        self.ns.api.patch(self.ns.path(plural, name), change, JSON_PATCH).expect(200)

    def slices(self, service: str = "web") -> list[Json]:
        """The slices of a Service as they are now, by name."""
        return _by_name(self.ns.api.get(self._slices_of(service)).expect(200)["items"])

    def await_slices(self, accepts: Callable[[list[Json]], bool], service: str = "web") -> list[Json]:
        """Wait until the slices of a Service are as the test wants them."""
        answer = self.ns.api.await_answer(
            self._slices_of(service), lambda one: one.code == 200 and accepts(_by_name(one.body["items"]))
        )
        return _by_name(answer.body["items"])

    def await_addresses(self, *expected: str, service: str = "web") -> list[Json]:
        """Wait until the slices of a Service hold exactly these addresses; returns the slices."""
        return self.await_slices(lambda slices: addresses(slices) == sorted(expected), service)

    def await_endpoints(self, accepts: Callable[[Json], bool], name: str = "web") -> Json:
        """Wait until the Endpoints object is there and as the test wants it."""
        path = self.ns.path("endpoints", name)
        found: Json = self.ns.api.await_answer(path, lambda one: one.code == 200 and accepts(one.body)).body
        return found

    def write_endpoints(self, *ips: str, name: str = "web", **metadata: Any) -> Json:
        """Write an Endpoints object by hand."""
        return self.ns.create("endpoints", {"metadata": {"name": name, **metadata}, "subsets": subsets(*ips)})

    def _slices_of(self, service: str) -> str:
        return f"{self.ns.path('endpointslices', group=DISCOVERY)}?labelSelector={SERVICE_NAME}%3D{service}"


def subsets(*ips: str) -> list[Json]:
    return [{"addresses": [{"ip": ip} for ip in ips], "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}]


def endpoints_in(slices: Sequence[Json]) -> list[Json]:
    return [endpoint for one in slices for endpoint in one["endpoints"] or ()]


def addresses(slices: Sequence[Json]) -> list[str]:
    return sorted(address for endpoint in endpoints_in(slices) for address in endpoint["addresses"])


def labels(one: Json) -> Json:
    found: Json = one["metadata"].get("labels", {})
    return found


def versions(slices: Sequence[Json]) -> dict[str, str]:
    """The resourceVersion of each slice by name: equal before and after means that nothing was written."""
    return {one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in slices}


def ready_addresses(endpoints: Json) -> list[str]:
    return sorted(one["ip"] for subset in endpoints.get("subsets") or () for one in subset.get("addresses") or ())


def _by_name(slices: list[Json]) -> list[Json]:
    return sorted(slices, key=lambda one: str(one["metadata"]["name"]))
