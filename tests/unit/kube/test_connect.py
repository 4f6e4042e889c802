"""Finding the cluster: every mistake gives one line with the file, the cause and the remedy."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings, open_client
from lbctl.model.errors import ConfigError
from tests.unit.kube.scripted import ScriptedServer, document, in_turn, status

GOOD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "one",
    "contexts": [{"name": name, "context": {"cluster": name, "user": "me"}} for name in ("one", "two")],
    "clusters": [{"name": name, "cluster": {"server": f"http://{name}.example:6443"}} for name in ("one", "two")],
    "users": [{"name": "me", "user": {"token": "t"}}],
}


def written(folder: Path, content: str | dict[str, Any], name: str = "config") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def host_of(settings: KubeSettings, **environment: str) -> str:
    host: str = open_client(settings, environment).configuration.host
    return host


def test_the_given_file_wins_over_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert host_of(KubeSettings(path), KUBECONFIG="/nowhere", KUBERNETES_SERVICE_HOST="h") == "http://one.example:6443"


def test_a_context_may_be_chosen(tmp_path: Path) -> None:
    assert host_of(KubeSettings(written(tmp_path, GOOD), context="two")) == "http://two.example:6443"


def test_kubeconfig_names_several_files_of_which_some_may_be_missing(tmp_path: Path) -> None:
    first = written(tmp_path, {**GOOD, "clusters": []}, "first")
    second = written(tmp_path, {"clusters": GOOD["clusters"]}, "second")
    assert host_of(KubeSettings(), KUBECONFIG=f"{first}:{tmp_path}/missing:{second}") == "http://one.example:6443"


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        ("a: [", None, "kubeconfig {path} is not valid YAML at line 1"),
        ("", None, "kubeconfig {path} holds no configuration"),
        ("- a\n", None, "kubeconfig {path} holds no configuration"),
        (GOOD, "three", "kubeconfig {path} has no context 'three': `kubectl config get-contexts` lists the names"),
        ({**GOOD, "current-context": "x"}, None, "kubeconfig {path} has not the context it names as current"),
        ({**GOOD, "current-context": ""}, None, "kubeconfig {path} has not the context it names"),
        ({"clusters": [], "contexts": [], "users": []}, None, "kubeconfig {path} sets no current-context"),
        ({**GOOD, "clusters": []}, None, "kubeconfig {path} is incomplete: Expected object with name one"),
        ({**GOOD, "contexts": "x"}, None, "kubeconfig {path}"),
        (
            {**GOOD, "clusters": [{"name": "one", "cluster": {"server": "localhost"}}]},
            None,
            "kubeconfig {path}: server 'localhost' is no http:// or https:// address",
        ),
        (
            {**GOOD, "clusters": [{"name": "one", "cluster": {"server": "https://x", "certificate-authority": "ca"}}]},
            None,
            "kubeconfig {path} is incomplete: File does not exist",
        ),
    ],
    ids=[
        "malformed YAML", "empty", "a list", "missing context", "wrong current-context", "empty current-context",
        "no current-context", "missing cluster", "contexts is text", "server without scheme", "missing CA file",
    ],
)  # fmt: skip
def test_an_unusable_file_is_named_with_its_cause(
    tmp_path: Path, content: str | dict[str, Any], context: str | None, expected: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        open_client(KubeSettings(path, context), {})
    assert caught.value.message.startswith(expected.format(path=path)), caught.value.message
    assert "\n" not in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"kubeconfig .*/absent does not exist: give --kubeconfig a readable file"):
        open_client(KubeSettings(tmp_path / "absent"), {})
    with pytest.raises(ConfigError, match="KUBECONFIG names /absent, which does not exist"):
        open_client(KubeSettings(), {"KUBECONFIG": "/absent"})


def test_without_any_configuration_the_ways_to_give_one_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no cluster is configured: .*give --kubeconfig FILE"):
        open_client(KubeSettings(), {})


def test_in_a_pod_without_a_token_the_service_account_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(ConfigError, match="service account cannot be used: Service token file does not exist"):
        open_client(KubeSettings(), environment)


def test_an_unreachable_server_is_one_line_with_its_address(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        path = written(tmp_path, {**GOOD, "clusters": [{"name": "one", "cluster": {"server": url}}]})
        with pytest.raises(ConfigError) as caught:
            KubeClient.connect(KubeSettings(path))
    assert caught.value.message == (
        f"cannot reach the Kubernetes API at {url}: connection refused: "
        "is the cluster running, and is it the right context?"
    )


def test_a_host_that_does_not_resolve_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, {**GOOD, "clusters": [{"name": "one", "cluster": {"server": "http://nowhere.invalid"}}]})
    with pytest.raises(ConfigError, match=r"^cannot reach the Kubernetes API at http://nowhere.invalid: [^<>\n]+$"):
        KubeClient.connect(KubeSettings(path))


def test_a_server_that_speaks_no_tls_is_one_line(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(document({}))) as server:
        url = server.url.replace("http://", "https://")
        path = written(tmp_path, {**GOOD, "clusters": [{"name": "one", "cluster": {"server": url}}]})
        with pytest.raises(
            ConfigError, match=r"^cannot reach the Kubernetes API at https://[^<>\n]+TLS failed[^<>\n]+$"
        ):
            KubeClient.connect(KubeSettings(path))


def test_rejected_credentials_are_told_at_once(tmp_path: Path) -> None:
    with (
        ScriptedServer(in_turn(status(401, "Unauthorized"))) as server,
        pytest.raises(ConfigError, match="does not accept the credentials"),
    ):
        KubeClient.connect(KubeSettings(server.kubeconfig(tmp_path)))


@pytest.mark.parametrize("answer", [document({"major": "1"}), status(403, "Forbidden"), status(503, "Unavailable")])
def test_a_server_that_answers_is_connected(tmp_path: Path, answer: Any) -> None:
    with ScriptedServer(in_turn(answer)) as server:
        assert KubeClient.connect(KubeSettings(server.kubeconfig(tmp_path))).url == server.url
        assert [asked.path for asked in server.asked()] == ["/version"]


def test_importing_the_window_does_not_import_the_official_client() -> None:
    code = "import sys, lbctl.kube.client, lbctl.kube.informers, lbctl.kube.lease, lbctl.kube.events, lbctl.kube.writer"
    check = f"{code}; sys.exit('kubernetes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_connecting_does_not_import_the_typed_apis(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    check = (
        "import sys, pathlib; from lbctl.kube.client import *; from lbctl.kube.connect import KubeSettings\n"
        f"KubeClient.open(KubeSettings(pathlib.Path({str(path)!r})))\n"
        "typed = ('kubernetes.client.api.', 'kubernetes.client.models.v1')\n"
        "sys.exit(any(name.startswith(typed) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
