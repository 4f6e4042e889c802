"""The chapters of the story, in order. Each shows something, and checks that it is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lbctl.sandbox.app import Sandbox
from lbctl.sandbox.demo.narrator import Narrator

Chapter = Callable[[Narrator, Sandbox], None]

_BALANCERS = ("web", "my-ap-service", "my-tp-service", "both", "partners", "fixed")


def a_cluster(tell: Narrator, _: Sandbox) -> None:
    tell.chapter(
        "A cluster on this machine",
        "An embedded Kubernetes API (Service range 10.11.240.0/20), three nodes, and the lbctl controller.",
    )
    tell.wait("three nodes are ready", lambda: _count_ready(tell.read("nodes")["items"]) == 3)
    tell.kubectl("get nodes")
    tell.kubectl("apply -f 00-workloads.yaml")
    tell.wait("all Pods are ready", lambda: _count_ready(tell.read("pods")["items"]) == 16)


def every_kind_of_service(tell: Narrator, _: Sandbox) -> None:
    tell.chapter("Every kind of Service", "Real kubectl, and the manifests of deploy/examples.")
    for number in ("01-two-labels", "02-clusterip", "03-nodeport", "05-loadbalancer", "06-externalname", "07-headless"):
        tell.kubectl(f"apply -f {number}.yaml")
    allocated = _node_port(tell, "frontend")
    tell.check(30000 <= allocated <= 32767, f"nodePort {allocated} was allocated from 30000-32767")
    tell.kubectl("apply -f 04-nodeport-explicit.yaml")
    tell.check(_node_port(tell, "frontend") == 30080, "the nodePort that was asked for, 30080, is honoured")
    for number in ("08-arbitrary-port", "09-multiple-ports", "10-dual-stack", "11-ipv6", "12-without-selector"):
        tell.kubectl(f"apply -f {number}.yaml")
    for number in ("13-class-and-sources", "14-requested-address"):
        tell.kubectl(f"apply -f {number}.yaml")
    tell.say("A headless Service can also be written by kubectl, to be edited before it is applied:")
    tell.kubectl('create service clusterip my-svc --clusterip="None" --dry-run=client -o yaml')


def load_balancers(tell: Narrator, _: Sandbox) -> None:
    tell.chapter("Load balancers", "The controller provisions each in the mock cloud and writes its address.")
    for name in _BALANCERS:
        tell.wait(f"{name} is ready", lambda name=name: _is_ready(tell.read(f"service {name}")))  # type: ignore[misc]
    tell.kubectl("get services -A")
    tell.check(_addresses(tell, "fixed") == ["203.0.113.53"], "the address that was asked for is given")
    tell.check(len(_addresses(tell, "both")) == 2, "a dual-stack Service has an address of each family")
    tell.kubectl("wait --for=condition=LoadBalancerReady service/web --timeout=10s")
    tell.kubectl("describe service web")
    tell.wait(
        "the Event tells it",
        lambda: "EnsuredLoadBalancer" in tell.quietly("get events --field-selector involvedObject.name=web"),
    )


def endpoints(tell: Narrator, _: Sandbox) -> None:
    tell.chapter("Endpoints follow the Pods")
    tell.kubectl("get endpointslices -l kubernetes.io/service-name=web")
    tell.check(_endpoint_count(tell, "web") == 3, "web has three endpoints")
    tell.kubectl("scale deployment web --replicas=5")
    tell.wait("web has five endpoints", lambda: _endpoint_count(tell, "web") == 5)
    tell.kubectl("get endpointslices -l kubernetes.io/service-name=legacy-db")


def refusals(tell: Narrator, _: Sandbox) -> None:
    tell.chapter("What cannot be had is refused, clearly", "Everything else keeps working.")
    tell.kubectl("create service nodeport clash --tcp=80:8080 --node-port=30080", fails=True)
    tell.kubectl("apply -f 15-too-many-ports.yaml")
    tell.wait("six-ports is refused", lambda: _reason(tell.read("service six-ports")) == "TooManyPorts")
    tell.kubectl("get service six-ports -o jsonpath='{.status.conditions[0].message}{\"\\n\"}'")
    tell.kubectl("get events --field-selector involvedObject.name=six-ports,reason=TooManyPorts")
    tell.check(_is_ready(tell.read("service web")), "web is as ready as before")


def a_killed_controller(tell: Narrator, sandbox: Sandbox) -> None:
    tell.chapter(
        "The controller is killed",
        "kill -9, and with it goes the mock cloud that lived in its memory. A Service is deleted meanwhile.",
    )
    before = {name: _addresses(tell, name) for name in _BALANCERS}
    tell.command(f"kill -9 {sandbox.controller.pid}   # lbctl controller")
    sandbox.controller.kill()
    tell.kubectl("delete service my-ap-service --wait=false")
    tell.check("my-ap-service" in tell.quietly("get services"), "the finalizer keeps it until it is cleaned up")
    sandbox.controller.start()
    tell.wait("the new controller has let it go", lambda: "my-ap-service" not in tell.quietly("get services"))
    rest = [name for name in _BALANCERS if name != "my-ap-service"]
    tell.check(all(_addresses(tell, name) == before[name] for name in rest), "every other address is as it was")


def type_changes(tell: Narrator, _: Sandbox) -> None:
    tell.chapter("A Service changes its type", "LoadBalancer to ClusterIP and back.")
    tell.kubectl('patch service web -p \'{"spec": {"type": "ClusterIP"}}\'')
    tell.wait("nothing of the load balancer is left", lambda: not _held(tell.read("service web")))
    tell.kubectl("get service web")
    tell.kubectl('patch service web -p \'{"spec": {"type": "LoadBalancer"}}\'')
    tell.wait("web is ready again", lambda: _is_ready(tell.read("service web")))
    tell.kubectl("get service web")


def the_end(tell: Narrator, _: Sandbox) -> None:
    tell.chapter("The load balancers are deleted", "What is left costs nothing outside the cluster.")
    tell.kubectl(f"delete services {' '.join([*_BALANCERS, 'six-ports']).replace('my-ap-service ', '')}")
    left = tell.kubectl("get services")
    tell.check("LoadBalancer" not in left, "no load balancer is left")


ALL: tuple[Chapter, ...] = (
    a_cluster,
    every_kind_of_service,
    load_balancers,
    endpoints,
    refusals,
    a_killed_controller,
    type_changes,
    the_end,
)


def _count_ready(items: list[dict[str, Any]]) -> int:
    return sum(_condition(one, "Ready").get("status") == "True" for one in items)


def _condition(obj: dict[str, Any], type_: str) -> dict[str, Any]:
    found = [one for one in obj.get("status", {}).get("conditions", []) if one["type"] == type_]
    return found[0] if found else {}


def _is_ready(service: dict[str, Any]) -> bool:
    return _condition(service, "LoadBalancerReady").get("status") == "True"


def _reason(service: dict[str, Any]) -> str:
    return str(_condition(service, "LoadBalancerReady").get("reason", ""))


def _held(service: dict[str, Any]) -> bool:
    return bool(service["metadata"].get("finalizers") or service["status"].get("loadBalancer"))


def _node_port(tell: Narrator, name: str) -> int:
    return int(tell.read(f"service {name}")["spec"]["ports"][0]["nodePort"])


def _addresses(tell: Narrator, name: str) -> list[str]:
    ingress = tell.read(f"service {name}")["status"]["loadBalancer"].get("ingress", [])
    return [one["ip"] for one in ingress]


def _endpoint_count(tell: Narrator, name: str) -> int:
    slices = tell.read(f"endpointslices -l kubernetes.io/service-name={name}")["items"]
    return len(
        {
            address
            for piece in slices
            for endpoint in piece.get("endpoints") or []
            if endpoint["conditions"].get("ready")
            for address in endpoint["addresses"]
            if piece["addressType"] == "IPv4"
        }
    )
