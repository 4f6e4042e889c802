"""Scenario files: manifests, then actions and expectations, one readable YAML file per behaviour.

    name: a changed port moves the listener
    steps:
      - apply: {kind: Service, ...}          one object, or a list of them
      - expect: service/web                   waits until the object has at least these fields
        has: {status: {...}}
      - patch: service/web
        with: {spec: {...}}
      - status: web                           replaces the status of a Service, as a controller would
        with: {loadBalancer: {}}
      - refused: the text that kubectl must print
        apply: {...}                          (or patch/delete)
      - delete: service/web
      - gone: service/web
      - event: service/web                    waits for an Event of that reason
        reason: TooManyPorts
      - controller: kill | start

Each scenario runs in a namespace of its own. In `has`, a list matches element by element, a mapping by the keys that it
names, and null matches what is absent or empty.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lbctl.model.errors import ConfigError, PermanentError
from lbctl.sandbox.api.settings import ApiSettings
from lbctl.sandbox.app import Sandbox, SandboxSettings
from lbctl.sandbox.kubectl import Kubectl, Ran

WAIT_S = 20.0

SCENARIO_CONFIG = """\
providers: {mock: {max_ports: 5}}
audit_interval_s: 2
node_quiet_s: 0.5
"""
"""How the controller of a fresh sandbox runs: impatient, on a cloud with five ports per load balancer."""
_POLL_S = 0.1


class Step(BaseModel):
    """One action or expectation; which one is told by the field that is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    apply: dict[str, Any] | list[dict[str, Any]] | None = None
    patch: str | None = None
    with_: Annotated[dict[str, Any] | None, Field(alias="with")] = None
    status: str | None = None
    delete: str | None = None
    refused: str | None = None
    expect: str | None = None
    has: dict[str, Any] | None = None
    gone: str | None = None
    event: str | None = None
    reason: str | None = None
    controller: Literal["kill", "start"] | None = None


class Scenario(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    steps: tuple[Step, ...] = Field(min_length=1)


def read_scenario(file: Path) -> Scenario:
    """Raises ConfigError in one line for what is no scenario."""
    try:
        return Scenario.model_validate(yaml.safe_load(file.read_text()))
    except OSError as failure:
        raise ConfigError(f"cannot read the scenario {file}: {failure.strerror}") from failure
    except yaml.YAMLError as failure:
        raise ConfigError(f"the scenario {file} is not YAML: {' '.join(str(failure).split())}") from failure
    except ValidationError as failure:
        wrong = failure.errors()[0]
        where = ".".join(map(str, wrong["loc"]))
        raise ConfigError(f"the scenario {file} is wrong at {where or 'its top'}: {wrong['msg']}") from failure


class Runner:
    """Runs scenarios on one sandbox."""

    def __init__(self, sandbox: Sandbox, kubectl: Kubectl) -> None:
        self._sandbox = sandbox
        self._kubectl = kubectl

    def run(self, scenario: Scenario, namespace: str) -> None:
        """Run every step in a new namespace, and remove it. Raises PermanentError that names the step."""
        self._kubectl.must(f"create namespace {namespace}")
        try:
            for number, step in enumerate(scenario.steps, start=1):
                try:
                    self._step(step, f"--namespace {namespace}")
                except PermanentError as failure:
                    text = f"{scenario.name}: step {number}: {failure.message}"
                    raise PermanentError("ScenarioFailed", text) from failure
        finally:
            if self._sandbox.controller.exit_code is not None:
                self._sandbox.controller.start()
            self._kubectl.must(f"delete namespace {namespace}")

    def _step(self, step: Step, where: str) -> None:
        if step.controller == "kill":
            self._sandbox.controller.kill()
        elif step.controller == "start":
            self._sandbox.controller.start()
        elif step.expect is not None:
            self._await_fields(step.expect, step.has or {}, where)
        elif step.gone is not None:
            gone = f"get {step.gone} {where} --ignore-not-found -o name"
            _wait(lambda: not self._kubectl.must(gone), lambda: f"{step.gone} is still there")
        elif step.event is not None:
            self._await_event(step.event, step.reason or "", where)
        else:
            self._act(step, where)

    def _act(self, step: Step, where: str) -> None:
        ran = self._command(step, where)
        if step.refused is None and ran.code != 0:
            raise PermanentError("Refused", f"kubectl said: {ran.output.strip()}")
        if step.refused is not None and (ran.code == 0 or step.refused not in ran.output):
            raise PermanentError("NotRefused", f"expected {step.refused!r}, kubectl said: {ran.output.strip()}")

    def _command(self, step: Step, where: str) -> Ran:
        if step.apply is not None:
            objects = step.apply if isinstance(step.apply, list) else [step.apply]
            items = [{"apiVersion": "v1", **one} for one in objects]
            return self._kubectl.run(
                f"apply {where} -f -", json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
            )
        if step.patch is not None:
            return self._kubectl.run(f"patch {step.patch} {where} -p {_quoted(json.dumps(step.with_ or {}))}")
        if step.status is not None:
            seen = self._kubectl.read(f"service {step.status} {where}")
            seen["status"] = step.with_ or {}
            # Debian's kubectl has no --subresource yet.
            path = f"/api/v1/namespaces/{seen['metadata']['namespace']}/services/{step.status}/status"
            return self._kubectl.run(f"replace --raw {path} -f -", json.dumps(seen))
        if step.delete is not None:
            return self._kubectl.run(f"delete {step.delete} {where}")
        raise PermanentError("EmptyStep", "it names no action")

    def _await_fields(self, target: str, fields: dict[str, Any], where: str) -> None:
        seen: dict[str, Any] = {}

        def holds() -> bool:
            ran = self._kubectl.run(f"get {target} {where} -o json")
            if ran.code != 0:
                return False
            seen.clear()
            seen.update(json.loads(ran.output))
            return matches(fields, seen)

        _wait(holds, lambda: f"{target} has not {json.dumps(fields)} but {json.dumps(_shown(fields, seen))}")

    def _await_event(self, target: str, reason: str, where: str) -> None:
        kind, _, name = target.partition("/")
        selector = f"involvedObject.kind={kind.capitalize()},involvedObject.name={name},reason={reason}"
        command = f"get events {where} --field-selector {selector} -o name"
        _wait(lambda: bool(self._kubectl.must(command)), lambda: f"{target} has no Event {reason}")


@contextmanager
def fresh_runner(controller_config: str = SCENARIO_CONFIG) -> Iterator[Runner]:
    """A runner on a sandbox of its own, which is gone afterwards. Raises LbctlError."""
    with tempfile.TemporaryDirectory(prefix="lbctl-scenario-") as name:
        folder = Path(name)
        config = folder / "controller.yaml"
        config.write_text(controller_config)
        settings = SandboxSettings(ApiSettings(), folder / "kubeconfig", controller_config=config, logs=folder)
        kubectl = Kubectl(settings.kubeconfig, folder)
        sandbox = Sandbox(settings)
        try:
            sandbox.start()
            yield Runner(sandbox, kubectl)
        finally:
            sandbox.stop()


def run_on_fresh_sandbox(scenarios: Iterable[Scenario], tell: Callable[[str], None]) -> None:
    """Run one after the other, telling each that passed. Raises LbctlError at the first that fails."""
    with fresh_runner() as runner:
        for number, scenario in enumerate(scenarios, start=1):
            runner.run(scenario, f"scenario-{number}")
            tell(f"ok  {scenario.name}")


def matches(wanted: object, seen: object) -> bool:
    """Whether `seen` has at least what `wanted` names; None matches what is absent or empty."""
    match wanted:
        case dict():
            return isinstance(seen, dict) and all(matches(value, seen.get(name)) for name, value in wanted.items())
        case list():
            if not isinstance(seen, list) or len(seen) != len(wanted):
                return False
            return all(matches(one, other) for one, other in zip(wanted, seen, strict=True))
        case None:
            return not seen
        case _:
            return wanted == seen


def _shown(wanted: object, seen: object) -> object:
    """The part of `seen` that `wanted` talks about, for an error message."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        return {name: _shown(value, seen.get(name)) for name, value in wanted.items()}
    return seen


def _wait(holds: Callable[[], bool], complaint: Callable[[], str]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > deadline_s:
            raise PermanentError("NotSo", f"after {WAIT_S:.0f} s {complaint()}")
        time.sleep(_POLL_S)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
