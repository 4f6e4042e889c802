"""Planning a manifest without a cluster: an embedded API server admits it, the pure floors do the rest."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.kube.errors import AlreadyExists, KubeApiError
from lbctl.kube.kinds import NAMESPACES, NODES, SERVICES
from lbctl.kube.resources import Resource, T
from lbctl.model.errors import ConfigError, LbctlError
from lbctl.model.loadbalancer import Backend
from lbctl.model.node import Node
from lbctl.model.resource import NOTHING
from lbctl.model.service import ObjectKey, Service, ServiceType
from lbctl.plan.claim import provider_of
from lbctl.plan.diff import diff
from lbctl.plan.translate import Rejected, backends_of, translate
from lbctl.provider.contract import Provider
from lbctl.provider.registry import installed
from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.server import ApiServer
from lbctl.sandbox.api.settings import ApiSettings


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of one object, ready to print."""

    title: str
    body: str
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.title}\n{self.body}\n"


def read_manifest(file: Path | None) -> list[Json]:
    """The objects of a YAML or JSON file (None: standard input), Lists unfolded. Raises ConfigError."""
    name = str(file) if file else "standard input"
    try:
        text = file.read_text() if file else sys.stdin.read()
        documents = list(yaml.safe_load_all(text))
    except OSError as failure:
        raise ConfigError(f"cannot read {name}: {failure.strerror}") from failure
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        raise ConfigError(f"{name} is not YAML: {' '.join(str(failure).split())}") from failure
    found = [one for document in documents for one in _unfold(document, name)]
    if not found:
        raise ConfigError(f"{name} holds no object")
    return found


def plan_manifest(objects: Iterable[Json], provider: Provider, nodes: int, api: ApiSettings) -> Iterator[Planned]:
    """Plan every Service of a manifest. Its Nodes stand behind the load balancers; without any, `nodes` assumed ones.

    Raises ConfigError when the API refuses an object; what the provider cannot do is in the plan.
    """
    with TemporaryDirectory(prefix="lbctl-plan-") as folder, ApiServer(api) as server:
        kubeconfig = Path(folder) / "kubeconfig"
        server.write_kubeconfig(kubeconfig)
        client = KubeClient.open(KubeSettings(kubeconfig))
        admitted: list[Service] = []
        listed: list[Node] = []
        for one in objects:
            match one.get("kind"):
                case "Service":
                    admitted.append(_create(client, SERVICES, one))
                case "Node":
                    listed.append(_create(client, NODES, one))
                case kind:
                    yield Planned(f"{kind} {_name(one)}", "  not planned: only Services become load balancers")
        client.close()
    backends = backends_of(listed or _assumed_nodes(nodes))
    for service in admitted:
        yield _plan(service, provider, backends)


def _plan(service: Service, provider: Provider, backends: tuple[Backend, ...]) -> Planned:
    title = f"Service {service.key}"
    if service.type is not ServiceType.LOAD_BALANCER:
        return Planned(title, f"  nothing to provision: its type is {service.type.value}")
    named = provider_of(service, provider.name)
    if named != provider.name:
        class_ = service.load_balancer_class
        if named is not None and named not in installed():
            text = f"  refused: UnknownLoadBalancerClass: no provider answers to {class_}"
            return Planned(title, text, refused=True)
        return Planned(title, f"  not planned: its loadBalancerClass is {class_}, not lbctl.io/{provider.name}")
    wanted = translate(service, backends, provider.capabilities)
    if isinstance(wanted, Rejected):
        return Planned(title, f"  refused: {wanted.reason}: {wanted.message}", refused=True)
    try:
        desired = provider.render(wanted)
    except LbctlError as failure:
        return Planned(title, f"  refused: {failure.reason}: {failure.message}", refused=True)
    return Planned(f"{title}  on provider {provider.name}", str(diff(desired, NOTHING)))


def _create(client: KubeClient, resource: Resource[T], obj: Json) -> T:
    namespace = str(obj.get("metadata", {}).get("namespace") or "default") if resource.namespaced else ""
    try:
        if namespace != "default" and namespace:
            _ensure_namespace(client, namespace)
        query = {"fieldValidation": "Strict"}
        return resource.decode(client.create(resource.path(namespace), json.dumps(obj).encode(), query))
    except KubeApiError as failure:
        said = failure.message.partition(": ")[2] if failure.message.startswith("POST ") else failure.message
        raise ConfigError(f"{obj.get('kind')} {_name(obj)}: {said}") from failure


def _ensure_namespace(client: KubeClient, name: str) -> None:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    try:
        client.create(NAMESPACES.path(), json.dumps(body).encode())
    except AlreadyExists:
        pass


def _unfold(document: object, name: str) -> list[Json]:
    if document is None:
        return []
    if not isinstance(document, dict) or "kind" not in document:
        raise ConfigError(f"{name} holds a document that is no Kubernetes object (it has no kind)")
    if str(document["kind"]).endswith("List") and isinstance(document.get("items"), list):
        return [one for item in document["items"] for one in _unfold(item, name)]
    return [document]


def _name(obj: Json) -> str:
    meta = obj.get("metadata")
    return (
        str(ObjectKey(str(meta.get("namespace") or "default"), str(meta.get("name"))))
        if isinstance(meta, dict)
        else "?"
    )


def _assumed_nodes(count: int) -> list[Node]:
    return [
        Node(f"node-{index}", f"mock:///node-{index}", internal_ips=(ip_address(f"172.18.{index >> 8}.{index & 255}"),))
        for index in range(1, count + 1)
    ]
