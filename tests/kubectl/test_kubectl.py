"""Every kubectl command a newcomer tries, against the embedded API server."""

from __future__ import annotations

import json
import threading

import pytest

from tests.kubectl.conftest import Kubectl

SERVICE = """
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: 8080}
"""
CHANGED = SERVICE.replace("port: 80,", "port: 81,")
NODE = '{"apiVersion":"v1","kind":"Node","metadata":{"name":"%s"},"spec":{"podCIDR":"10.1.0.0/24"}}'
POD = """
apiVersion: v1
kind: Pod
metadata: {name: pod, labels: {app: web}}
spec:
  containers: [{name: web, image: web}]
"""


@pytest.fixture
def web(kubectl: Kubectl) -> Kubectl:
    """A namespace with the Service `web`."""
    assert kubectl("apply", "-f", "-", stdin=SERVICE).ok
    return kubectl


def test_version_names_the_server(kubectl: Kubectl) -> None:
    versions = kubectl("version", "-o", "json").json()
    assert versions["serverVersion"]["gitVersion"].startswith("v1.3")


def test_get_prints_the_columns_of_a_real_cluster(web: Kubectl) -> None:
    header, row = web("get", "svc").ok.words
    assert header == ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert (row[0], row[1], row[3]) == ("web", "LoadBalancer", "<pending>")
    assert row[4].startswith("80:3")


def test_get_wide_adds_the_selector(web: Kubectl) -> None:
    header, row = web("get", "svc", "-o", "wide").ok.words
    assert header[-1] == "SELECTOR"
    assert row[-1] == "app=web"


def test_get_of_the_service_every_cluster_has(kubectl: Kubectl) -> None:
    row = kubectl("get", "svc", "kubernetes", "-n", "default", "--no-headers").ok.words[0]
    assert (row[0], row[1], row[2], row[3], row[4]) == ("kubernetes", "ClusterIP", "10.96.0.1", "<none>", "443/TCP")


@pytest.mark.parametrize("form", ["yaml", "json", "name", "jsonpath={.metadata.name}"])
def test_get_prints_other_forms(web: Kubectl, form: str) -> None:
    assert "web" in web("get", "svc", "web", "-o", form).ok.out


def test_get_json_lists_whole_objects(web: Kubectl) -> None:
    body = web("get", "svc", "-o", "json").json()
    assert (body["kind"], body["items"][0]["kind"], body["items"][0]["apiVersion"]) == ("List", "Service", "v1")


def test_get_of_nothing_says_so(kubectl: Kubectl) -> None:
    assert "No resources found" in kubectl("get", "svc").ok.err
    missing = kubectl("get", "svc", "absent")
    assert missing.code == 1
    assert 'Error from server (NotFound): services "absent" not found' in missing.err


def test_get_by_label_and_sorted(web: Kubectl) -> None:
    assert web("create", "service", "clusterip", "other", "--tcp=80").ok
    assert web("get", "svc", "-l", "app=web", "-o", "name").ok.lines == ["service/web"]
    names = web("get", "svc", "--sort-by=.metadata.name", "-o", "name").ok.lines
    assert names == ["service/other", "service/web"]


def test_get_watch_prints_changes_as_they_come(kubectl: Kubectl) -> None:
    process = kubectl.follow("get", "svc", "-w")
    timer = threading.Timer(30, process.kill)
    timer.start()
    try:
        assert kubectl("create", "service", "clusterip", "one", "--tcp=80").ok
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(2)]
    finally:
        timer.cancel()
        process.kill()
        process.communicate()
    assert [line[0] for line in lines] == ["NAME", "one"]


def test_get_all_shows_what_belongs_there(web: Kubectl) -> None:
    assert "service/web" in web("get", "all").ok.out


def test_apply_creates_then_changes_nothing_then_configures(kubectl: Kubectl) -> None:
    said = [kubectl("apply", "-f", "-", stdin=text).ok.out.strip() for text in (SERVICE, SERVICE, CHANGED)]
    assert said == ["service/web created", "service/web unchanged", "service/web configured"]
    assert kubectl("get", "svc", "web", "-o", "jsonpath={.spec.ports[*].port}").ok.out == "81"


def test_apply_keeps_what_the_server_allocated(web: Kubectl) -> None:
    paths = "jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}"
    before = web("get", "svc", "web", "-o", paths).ok.out
    assert web("apply", "-f", "-", stdin=SERVICE.replace("http,", "www,")).ok
    assert web("get", "svc", "web", "-o", paths).ok.out == before


def test_apply_refuses_an_unknown_field(kubectl: Kubectl) -> None:
    outcome = kubectl("apply", "-f", "-", stdin=SERVICE.replace("selector", "selektor"))
    assert outcome.code != 0
    assert "selektor" in outcome.err


def test_apply_shows_every_field_error(kubectl: Kubectl) -> None:
    outcome = kubectl("create", "-f", "-", stdin=SERVICE.replace("port: 80,", "port: 0,"))
    assert outcome.code == 1
    assert "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive" in outcome.err


def test_server_side_apply_reports_conflicts_and_can_force(kubectl: Kubectl) -> None:
    arguments = ("apply", "--server-side", "-f", "-")
    assert kubectl(*arguments, stdin=SERVICE).ok.out.strip() == "service/web serverside-applied"
    assert kubectl(*arguments, "--field-manager=other", stdin=SERVICE).ok
    clash = SERVICE.replace("targetPort: 8080", "targetPort: 9090")
    conflict = kubectl(*arguments, "--field-manager=other", stdin=clash)
    assert conflict.code == 1
    assert "Apply failed with 1 conflict" in conflict.err
    assert ".spec.ports" in conflict.err
    assert kubectl(*arguments, "--field-manager=other", "--force-conflicts", stdin=clash).ok
    assert kubectl("get", "svc", "web", "-o", "jsonpath={.spec.ports[0].targetPort}").ok.out == "9090"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("clusterip", "one", "--tcp=80:8080"), "ClusterIP"),
        (("nodeport", "one", "--tcp=80:8080"), "NodePort"),
        (("loadbalancer", "one", "--tcp=80:8080"), "LoadBalancer"),
        (("externalname", "one", "--external-name", "example.com"), "ExternalName"),
    ],
)
def test_create_service(kubectl: Kubectl, arguments: tuple[str, ...], kind: str) -> None:
    assert kubectl("create", "service", *arguments).ok.out.strip() == "service/one created"
    assert kubectl("get", "svc", "one", "-o", "jsonpath={.spec.type}").ok.out == kind


def test_create_configmap_secret_and_namespace(kubectl: Kubectl) -> None:
    assert kubectl("create", "configmap", "settings", "--from-literal=a=b").ok
    assert kubectl("get", "cm", "settings", "-o", "jsonpath={.data.a}").ok.out == "b"
    assert kubectl("create", "secret", "generic", "hidden", "--from-literal=a=b").ok
    assert kubectl("get", "secret", "hidden", "-o", "jsonpath={.data.a}").ok.out == "Yg=="
    name = f"{kubectl.namespace}-more"
    assert kubectl("create", "namespace", name).ok.out.strip() == f"namespace/{name} created"
    assert kubectl("delete", "namespace", name).ok
    assert kubectl("get", "namespace", name).code == 1


def test_create_of_what_exists_is_refused(web: Kubectl) -> None:
    again = web("create", "service", "clusterip", "web", "--tcp=80")
    assert again.code == 1
    assert 'services "web" already exists' in again.err


@pytest.mark.parametrize("where", ["server", "client"])
def test_dry_run_creates_nothing(kubectl: Kubectl, where: str) -> None:
    shown = kubectl("apply", f"--dry-run={where}", "-f", "-", stdin=SERVICE).ok.out.strip()
    assert shown in ("service/web created (server dry run)", "service/web created (dry run)")
    assert kubectl("get", "svc", "web").code == 1


def test_diff_shows_what_apply_would_change(web: Kubectl) -> None:
    diff = web("diff", "-f", "-", stdin=CHANGED)
    assert diff.code == 1
    assert {"+    port: 81", "-    port: 80"} <= {line.rstrip() for line in diff.lines}
    assert web("diff", "-f", "-", stdin=SERVICE).code == 0


def test_replace_puts_the_whole_object(web: Kubectl) -> None:
    assert web("replace", "-f", "-", stdin=CHANGED).ok.out.strip() == "service/web replaced"
    assert web("get", "svc", "web", "-o", "jsonpath={.spec.ports[*].port}").ok.out == "81"


def test_label_and_annotate(web: Kubectl) -> None:
    assert web("label", "svc", "web", "tier=front").ok
    assert web("annotate", "svc", "web", "note=hello").ok
    assert (
        web("get", "svc", "-l", "tier=front", "-o", "jsonpath={.items[0].metadata.annotations.note}").ok.out == "hello"
    )
    assert web("label", "svc", "web", "tier-").ok
    assert web("get", "svc", "-l", "tier=front", "-o", "name").ok.out == ""


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("strategic", '{"spec":{"ports":[{"port":443,"name":"https"}]}}'),
        ("merge", '{"spec":{"ports":[{"port":80,"name":"http"},{"port":443,"name":"https"}]}}'),
        ("json", '[{"op":"add","path":"/spec/ports/-","value":{"port":443,"name":"https"}}]'),
    ],
)
def test_patch(web: Kubectl, kind: str, patch: str) -> None:
    assert web("patch", "svc", "web", "--type", kind, "-p", patch).ok.out.strip() == "service/web patched"
    ports = web("get", "svc", "web", "-o", "jsonpath={.spec.ports[*].port}").ok.out
    assert sorted(ports.split()) == ["443", "80"]


def test_patch_of_the_status_shows_the_external_address(web: Kubectl) -> None:
    web.needs(24)
    status = '{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.7"}]}}}'
    assert web("patch", "svc", "web", "--subresource=status", "--type=merge", "-p", status).ok
    assert web("get", "svc", "web", "--no-headers").ok.words[0][3] == "203.0.113.7"
    waited = web("wait", "svc/web", "--for=jsonpath={.status.loadBalancer.ingress[0].ip}=203.0.113.7", "--timeout=20s")
    assert "condition met" in waited.ok.out


def test_delete_waits_until_it_is_gone(web: Kubectl) -> None:
    assert web("delete", "svc", "web").ok.out.startswith('service "web" deleted')
    assert web("get", "svc", "web").code == 1


def test_delete_by_label_and_wait_for_it(web: Kubectl) -> None:
    process = web.follow("wait", "--for=delete", "svc/web", "--timeout=30s", "-v=6")
    assert process.stderr is not None
    # Only once it watches: what is gone before kubectl first looks is an error to old ones.
    assert any("watch=true" in line for line in process.stderr)
    assert web("delete", "svc", "-l", "app=web").ok
    process.communicate(timeout=40)
    assert process.returncode == 0


def test_wait_for_a_condition(kubectl: Kubectl) -> None:
    assert kubectl("apply", "-f", "-", stdin=POD).ok
    pod = kubectl("get", "pod", "pod", "-o", "json").json()
    pod["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
    process = kubectl.follow("wait", "--for=condition=Ready", "pod/pod", "--timeout=30s")
    path = f"/api/v1/namespaces/{kubectl.namespace}/pods/pod/status"
    assert kubectl("replace", "--raw", path, "-f", "-", stdin=json.dumps(pod)).ok
    process.communicate(timeout=40)
    assert process.returncode == 0


def test_describe_service_shows_addresses_and_events(web: Kubectl) -> None:
    uid = web("get", "svc", "web", "-o", "jsonpath={.metadata.uid}").ok.out
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "web.1"},
        "involvedObject": {"kind": "Service", "namespace": web.namespace, "name": "web", "uid": uid},
        "reason": "EnsuredLoadBalancer",
        "message": "Ensured load balancer",
        "type": "Normal",
        "count": 1,
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "source": {"component": "lbctl"},
    }
    assert web("create", "-f", "-", stdin=json.dumps(event)).ok
    described = web("describe", "svc", "web").ok.out
    assert "10.96." in described
    assert "Ensured load balancer" in described
    assert "EnsuredLoadBalancer" in web("get", "events").ok.out


def test_events_lists_them(web: Kubectl) -> None:
    web.needs(26)
    assert "No events found" in web("events").ok.err


@pytest.mark.parametrize("kind", ["ns", "pod", "cm"])
def test_describe_other_kinds(kubectl: Kubectl, kind: str) -> None:
    assert kubectl("apply", "-f", "-", stdin=POD).ok
    assert kubectl("create", "configmap", "cm", "--from-literal=a=b").ok
    name = {"ns": kubectl.namespace, "pod": "pod", "cm": "cm"}[kind]
    assert name in kubectl("describe", kind, name).ok.out


def test_nodes_are_shown_described_and_cordoned(kubectl: Kubectl) -> None:
    name = f"node-of-{kubectl.namespace}"
    assert kubectl("create", "-f", "-", stdin=NODE % name).ok
    try:
        assert kubectl("get", "node", name, "--no-headers").ok.words[0][:2] == [name, "Unknown"]
        assert "10.1.0.0/24" in kubectl("describe", "node", name).ok.out
        assert "cordoned" in kubectl("cordon", name).ok.out
        assert "SchedulingDisabled" in kubectl("get", "node", name).ok.out
    finally:
        kubectl("delete", "node", name)


def test_explain_knows_the_fields_of_a_service(kubectl: Kubectl) -> None:
    assert "externalTrafficPolicy" in kubectl("explain", "svc.spec").ok.out
    assert "<integer>" in kubectl("explain", "svc.spec.ports.nodePort").ok.out


def test_auth_can_i_answers(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "create", "services").ok.out.strip() == "yes"
    assert "*.*" in kubectl("auth", "can-i", "--list").ok.out
    assert kubectl("auth", "can-i", "create", "services", "--as", "bob").out.startswith("no")


def test_cluster_info_and_api_resources(kubectl: Kubectl) -> None:
    assert "is running at" in kubectl("cluster-info").ok.out
    resources = kubectl("api-resources").ok.out
    assert "endpointslices" in resources
    assert "discovery.k8s.io/v1" in kubectl("api-versions").ok.lines


def test_a_deployment_is_exposed_and_scaled(kubectl: Kubectl) -> None:
    assert kubectl("create", "deployment", "web", "--image=web").ok
    assert kubectl("expose", "deployment", "web", "--port=80").ok.out.strip() == "service/web exposed"
    assert kubectl("scale", "deployment", "web", "--replicas=3").ok.out.strip() == "deployment.apps/web scaled"
    assert kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}").ok.out == "3"
    selector = kubectl("get", "svc", "web", "-o", "jsonpath={.spec.selector.app}").ok.out
    assert selector == "web"


def test_custom_resources_are_defined_created_and_printed(kubectl: Kubectl) -> None:
    group = f"{kubectl.namespace}.example.com"
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"pools.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "pools", "kind": "Pool", "singular": "pool"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                }
            ],
        },
    }
    assert kubectl("apply", "-f", "-", stdin=json.dumps(definition)).ok
    try:
        assert kubectl("wait", "--for=condition=Established", f"crd/pools.{group}", "--timeout=20s").ok
        pool = {"apiVersion": f"{group}/v1", "kind": "Pool", "metadata": {"name": "one"}, "spec": {"size": 3}}
        assert kubectl("apply", "-f", "-", stdin=json.dumps(pool)).ok
        header, row = kubectl("get", f"pools.{group}").ok.words
        assert (header, row) == (["NAME", "SIZE"], ["one", "3"])
        assert "<integer>" in kubectl("explain", f"pools.{group}.spec.size").out or kubectl.minor < 24
        pool["spec"] = {"size": "three"}
        refused = kubectl("apply", "-f", "-", stdin=json.dumps(pool))
        assert refused.code == 1
        # An old kubectl refuses by the OpenAPI document, a new one leaves it to the server.
        assert "must be of type integer" in refused.err or 'expected "integer"' in refused.err
    finally:
        kubectl("delete", "crd", f"pools.{group}")
