"""What a new cluster holds before anybody wrote anything.

Source: k8s.io/kubernetes/pkg/controlplane/controller/{systemnamespaces,kubernetesservice}.
"""

from __future__ import annotations

from ipaddress import ip_address

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.metadata import begin_life
from lbctl.sandbox.api.objects import Objects, WriteOptions
from lbctl.sandbox.api.registry import Registry, Served

SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
SELF = ("default", "kubernetes")
"""The key of the Service, the Endpoints and the EndpointSlice that stand for the API server itself."""
_SERVER = WriteOptions(manager="kube-apiserver")
_PORT_NAME = "https"


def populate(objects: Objects, cluster_ip: str, address: str, port: int) -> None:
    """Create the system namespaces and the `kubernetes` Service with its endpoints, where they do not exist yet."""
    namespaces = _served(objects.registry, "", "v1", "namespaces")
    for name in SYSTEM_NAMESPACES:
        if objects.find(namespaces, ("", name)) is None:
            objects.create(namespaces, "", {"metadata": {"name": name}, "spec": {}, "status": {}}, _SERVER)
    services = _served(objects.registry, "", "v1", "services")
    if objects.find(services, SELF) is None:
        objects.create(services, "default", _service(cluster_ip, port), _SERVER)
    _put(objects, _served(objects.registry, "", "v1", "endpoints"), _endpoints(address, port))
    slices = _served(objects.registry, "discovery.k8s.io", "v1", "endpointslices")
    _put(objects, slices, _endpoint_slice(address, port))


def _served(registry: Registry, group: str, version: str, plural: str) -> Served:
    served = registry.find(group, version, plural)
    if served is None:
        raise LookupError(f"{plural} is not a built-in resource")
    return served


def _put(objects: Objects, served: Served, obj: Json) -> None:
    """Create or replace, past the rule that endpoints may not be loopback addresses: this server has no other."""
    live = objects.find(served, SELF)
    if live is None:
        begin_life(obj["metadata"])
    else:
        obj["metadata"] = {**live["metadata"], **obj["metadata"]}
    obj["metadata"]["namespace"] = "default"
    served.strategy.default(obj)
    objects.rewrite(served, SELF, obj)


def _service(cluster_ip: str, port: int) -> Json:
    return {
        "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {
            "type": "ClusterIP",
            "clusterIP": cluster_ip,
            "sessionAffinity": "None",
            "ports": [{"name": _PORT_NAME, "port": 443, "protocol": "TCP", "targetPort": port}],
        },
        "status": {"loadBalancer": {}},
    }


def _endpoints(address: str, port: int) -> Json:
    return {
        "metadata": {"name": "kubernetes", "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        "subsets": [{"addresses": [{"ip": address}], "ports": [{"name": _PORT_NAME, "port": port, "protocol": "TCP"}]}],
    }


def _endpoint_slice(address: str, port: int) -> Json:
    return {
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": f"IPv{ip_address(address).version}",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [{"name": _PORT_NAME, "port": port, "protocol": "TCP"}],
    }
