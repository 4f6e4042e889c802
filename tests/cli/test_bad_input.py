"""A user's mistake is one clear line and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest


def lbctl(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LBCTL_", "KUBE"))}
    return subprocess.run(
        [sys.executable, "-m", "lbctl", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env={**clean, "COLUMNS": "200", "NO_COLOR": "1", **environment},
    )


def one_line(done: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for part in ("lbctl: ", *parts):
        assert part in done.stderr


SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [%s]
"""


def ports(count: int) -> str:
    return ", ".join(f"{{name: p{i}, port: {8000 + i}}}" for i in range(count))


class TestConnecting:
    def test_a_kubeconfig_that_does_not_exist(self, tmp_path: Path) -> None:
        done = lbctl("controller", "--kubeconfig", str(tmp_path / "nope"))
        one_line(done, 2, str(tmp_path / "nope"))

    def test_a_kubeconfig_that_is_no_yaml(self, tmp_path: Path) -> None:
        file = tmp_path / "kubeconfig"
        file.write_text("{{{")
        one_line(lbctl("status", "--kubeconfig", str(file)), 2, str(file))

    def test_an_api_server_that_is_not_there(self, tmp_path: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
        file = tmp_path / "kubeconfig"
        cluster, user = {"name": "c", "cluster": {"server": url}}, {"name": "u", "user": {"token": "t"}}
        context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
        head = {"apiVersion": "v1", "kind": "Config", "current-context": "c"}
        file.write_text(json.dumps({**head, "clusters": [cluster], "users": [user], "contexts": [context]}))
        for command in ("controller", "status"):
            one_line(lbctl(command, "--kubeconfig", str(file)), 2, url, "refused")


class TestListening:
    def test_a_port_in_use_for_the_api_server(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = lbctl("sandbox", "api", "--port", port, "--kubeconfig", str(tmp_path / "kc"))
        one_line(done, 2, port, "in use")
        assert not (tmp_path / "kc").exists()

    def test_a_kubeconfig_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = lbctl("sandbox", "api", "--kubeconfig", str(tmp_path / "file" / "kc"))
        one_line(done, 2, "kubeconfig")

    def test_the_kubeconfig_of_another_cluster_is_never_replaced(self, tmp_path: Path) -> None:
        file = tmp_path / "kc"
        file.write_text("{apiVersion: v1, kind: Config, current-context: prod, contexts: [], clusters: []}")
        for command in ("api", "up"):
            one_line(lbctl("sandbox", command, "--kubeconfig", str(file)), 2, str(file), "would be lost")
        assert "prod" in file.read_text()

    def test_a_folder_in_place_of_a_kubeconfig(self, tmp_path: Path) -> None:
        one_line(lbctl("sandbox", "up", "--kubeconfig", str(tmp_path)), 2, str(tmp_path), "Is a directory")

    def test_a_data_file_that_is_another_programs(self, tmp_path: Path) -> None:
        file = tmp_path / "other.db"
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE objects (id INTEGER)")
        done = lbctl("sandbox", "api", "--kubeconfig", str(tmp_path / "kc"), "--data", str(file))
        one_line(done, 2, str(file), "cannot be used")

    def test_a_wrong_controller_setting_is_told_before_the_sandbox_starts(self, tmp_path: Path) -> None:
        config = tmp_path / "c.yaml"
        config.write_text("bogus: 1")
        done = lbctl("sandbox", "up", "--kubeconfig", str(tmp_path / "kc"), "--config", str(config))
        one_line(done, 2, str(config), "there is no setting 'bogus'; known are provider")


class TestSettings:
    @pytest.mark.parametrize(
        ("arguments", "part"),
        [
            (["--provider", "azure"], "there is no provider 'azure'; installed are:"),
            (["--default-class", "mock"], "lbctl.io/PROVIDER"),
            (["--workers", "0"], "workers"),
            (["--log-level", "loud"], "log_level"),
            (["--config", "/nonexistent.yaml"], "/nonexistent.yaml"),
        ],
        ids=lambda one: one[0].lstrip("-") if isinstance(one, list) else "",
    )
    def test_a_wrong_flag_of_the_controller(self, arguments: list[str], part: str) -> None:
        one_line(lbctl("controller", *arguments), 2, part)

    def test_a_wrong_provider_setting_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "c.yaml"
        file.write_text("providers: {mock: {ipv4_range: 203.0.113.0/31}}\n")
        one_line(lbctl("plan", "-f", "-", "--config", str(file)), 2, "ipv4_range", "too small")

    @pytest.mark.parametrize(
        ("arguments", "part"),
        [
            (["--service-cidr", "10.96.0.0/99"], "--service-cidr"),
            (["--service-cidr", "10.96.0.0/16,10.97.0.0/16"], "one per IP family"),
            (["--node-ports", "everything"], "--node-ports"),
            (["--node-ports", "4-2"], "--node-ports"),
        ],
        ids=str,
    )
    def test_a_wrong_range_of_the_sandbox(self, arguments: list[str], part: str, tmp_path: Path) -> None:
        one_line(lbctl("sandbox", "api", "--kubeconfig", str(tmp_path / "kc"), *arguments), 2, part)

    def test_an_unknown_command_is_a_usage_error(self) -> None:
        done = lbctl("provison")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


class TestPlan:
    def test_a_service_becomes_a_printed_plan(self) -> None:
        done = lbctl("plan", "-f", "-", stdin=SERVICE % ports(2))
        assert done.returncode == 0, done.stderr
        assert "Service default/web  on provider mock" in done.stdout
        assert "6 to create, 0 to update, 0 to delete" in done.stdout
        assert "mock:///node-3" in done.stdout

    def test_the_same_manifest_gives_the_same_plan_but_for_what_the_api_draws(self) -> None:
        fixed = SERVICE % "{port: 80, nodePort: 30080}"
        first, second = (lbctl("plan", "-f", "-", stdin=fixed).stdout for _ in range(2))
        kinds = [[line.split("-")[0] for line in text.splitlines() if "create" in line] for text in (first, second)]
        assert kinds[0] == kinds[1] != []

    def test_more_ports_than_the_provider_allows_are_refused_and_others_are_planned(self, tmp_path: Path) -> None:
        config = tmp_path / "c.yaml"
        config.write_text("providers: {mock: {max_ports: 5}}\n")
        other = SERVICE.replace("web", "other") % ports(1)
        done = lbctl("plan", "-f", "-", "--config", str(config), stdin=f"{SERVICE % ports(6)}\n---\n{other}")
        one_line(done, 1, "1 Service is refused")
        assert "refused: TooManyPorts: Service default/web: 6 ports are asked for" in done.stdout
        assert "Service default/other  on provider mock" in done.stdout

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("{{{", ["standard input is not YAML"]),
            ("", ["holds no object"]),
            ("just text", ["no Kubernetes object"]),
            (SERVICE % "{port: 0}", ["default/web", "spec.ports[0].port", "between 1 and 65535"]),
            (SERVICE % "{port: 80, nodePort: 80}", ["default/web", "30000-32767"]),
            ((SERVICE % "{port: 80}") + "  colour: blue\n", ["default/web", 'unknown field "spec.colour"']),
        ],
        ids=["no-yaml", "empty", "text", "port-0", "node-port", "unknown-field"],
    )
    def test_a_malformed_manifest_is_one_line_with_the_cause(self, text: str, parts: list[str]) -> None:
        one_line(lbctl("plan", "-f", "-", stdin=text), 2, *parts)

    def test_a_manifest_that_does_not_exist(self) -> None:
        one_line(lbctl("plan", "-f", "/nonexistent.yaml"), 2, "/nonexistent.yaml", "No such file")


def test_version_names_the_providers() -> None:
    done = lbctl("version")
    assert done.returncode == 0
    assert "providers: mock" in done.stdout


@pytest.mark.parametrize("command", [[], ["controller"], ["sandbox"], ["sandbox", "up"], ["plan"], ["status"]], ids=str)
def test_every_command_explains_itself(command: list[str]) -> None:
    done = lbctl(*command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
