"""The Kubernetes objects of these controllers, as lean as they need them.

Decoded straight from the API's JSON; fields we do not use are skipped. A list the server sends as `null` arrives as
None; read it with `or ()`.
Source: k8s.io/api/core/v1/types.go, k8s.io/api/apps/v1/types.go.
"""

from __future__ import annotations

import msgspec

from lbctl.sandbox.objects import Object, Wire

Document = dict[str, object]
"""A piece of JSON that is passed on, or built to be sent."""


class Condition(Wire, frozen=True):
    """A condition of any kind; Nodes alone have heartbeats, Deployments alone have update times."""

    type: str
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None
    last_update_time: str | None = None
    last_heartbeat_time: str | None = None


def condition_of(conditions: tuple[Condition, ...] | None, wanted: str) -> Condition | None:
    """The condition of that type, if it is there."""
    return next((one for one in conditions or () if one.type == wanted), None)


class Taint(Wire, frozen=True):
    key: str
    value: str = ""
    effect: str = ""


class NodeSpec(Wire, frozen=True):
    pod_cidrs: tuple[str, ...] | None = msgspec.field(default=None, name="podCIDRs")
    provider_id: str = msgspec.field(default="", name="providerID")
    unschedulable: bool = False
    taints: tuple[Taint, ...] | None = None


class NodeAddress(Wire, frozen=True):
    type: str
    address: str


class NodeStatus(Wire, frozen=True):
    addresses: tuple[NodeAddress, ...] | None = None
    conditions: tuple[Condition, ...] | None = None


class Node(Object, frozen=True):
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    @property
    def internal_ips(self) -> tuple[str, ...]:
        return tuple(one.address for one in self.status.addresses or () if one.type == "InternalIP")


class Toleration(Wire, frozen=True):
    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class Container(Wire, frozen=True):
    name: str
    image: str = ""
    restart_policy: str = ""

    @property
    def sidecar(self) -> bool:
        """For an init container: whether it keeps running. Source: KEP-753."""
        return self.restart_policy == "Always"


class Gate(Wire, frozen=True):
    """A readiness gate (`condition_type`) or a scheduling gate (`name`)."""

    condition_type: str = ""
    name: str = ""


class PodSpec(Wire, frozen=True):
    node_name: str = ""
    host_network: bool = False
    scheduler_name: str = "default-scheduler"
    node_selector: dict[str, str] | None = None
    tolerations: tuple[Toleration, ...] | None = None
    readiness_gates: tuple[Gate, ...] | None = None
    scheduling_gates: tuple[Gate, ...] | None = None
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None


class Address(Wire, frozen=True):
    ip: str = ""


class ContainerStatus(Wire, frozen=True):
    name: str
    ready: bool = False
    started: bool | None = None
    image: str = ""


class PodStatus(Wire, frozen=True):
    phase: str = ""
    host_ip: str = msgspec.field(default="", name="hostIP")
    pod_ips: tuple[Address, ...] | None = msgspec.field(default=None, name="podIPs")
    start_time: str | None = None
    conditions: tuple[Condition, ...] | None = None
    container_statuses: tuple[ContainerStatus, ...] | None = None
    init_container_statuses: tuple[ContainerStatus, ...] | None = None


class Pod(Object, frozen=True):
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def finished(self) -> bool:
        return self.status.phase in ("Succeeded", "Failed")

    @property
    def active(self) -> bool:
        """Whether it counts as a replica. Source: IsPodActive, pkg/controller/controller_utils.go."""
        return not self.finished and not self.deleting

    @property
    def ready(self) -> bool:
        condition = condition_of(self.status.conditions, "Ready")
        return condition is not None and condition.status == "True"

    @property
    def ips(self) -> tuple[str, ...]:
        return tuple(one.ip for one in self.status.pod_ips or ())


class Requirement(Wire, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] | None = None


class Selector(Wire, frozen=True):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[Requirement, ...] | None = None

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether it accepts these labels. Source: metav1.LabelSelectorAsSelector."""
        wanted = (self.match_labels or {}).items()
        return wanted <= labels.items() and all(_meets(labels, one) for one in self.match_expressions or ())


def _meets(labels: dict[str, str], rule: Requirement) -> bool:
    match rule.operator:
        case "In":
            return labels.get(rule.key) in (rule.values or ())
        case "NotIn":
            return labels.get(rule.key) not in (rule.values or ())
        case "Exists":
            return rule.key in labels
        case "DoesNotExist":
            return rule.key not in labels
        case _:
            return False


class TemplateMeta(Wire, frozen=True):
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class Template(Wire, frozen=True):
    """A Pod template; its spec is passed on as it is."""

    metadata: TemplateMeta = TemplateMeta()
    spec: Document = msgspec.field(default_factory=dict)


class ReplicaSetSpec(Wire, frozen=True):
    replicas: int = 1
    min_ready_seconds: int = 0
    selector: Selector = Selector()
    template: Template = Template()


class ReplicaSetStatus(Wire, frozen=True, omit_defaults=False):
    replicas: int = 0
    fully_labeled_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    observed_generation: int = 0


class ReplicaSet(Object, frozen=True):
    spec: ReplicaSetSpec = ReplicaSetSpec()
    status: ReplicaSetStatus = ReplicaSetStatus()


class RollingUpdate(Wire, frozen=True):
    max_surge: int | str = "25%"
    max_unavailable: int | str = "25%"


class Strategy(Wire, frozen=True):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


class DeploymentSpec(Wire, frozen=True):
    replicas: int = 1
    min_ready_seconds: int = 0
    selector: Selector = Selector()
    template: Template = Template()
    strategy: Strategy = Strategy()
    paused: bool = False
    revision_history_limit: int | None = 10
    progress_deadline_seconds: int | None = 600


class DeploymentStatus(Wire, frozen=True, omit_defaults=False):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: tuple[Condition, ...] | None = None


class Deployment(Object, frozen=True):
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()
