"""Which nodes stand behind load balancers: `lbctl.model.node`."""

from __future__ import annotations

import pytest

from lbctl.model.node import AUTOSCALER_TAINT, EXCLUDE_LABEL, ZONE_LABEL, Node, is_backend


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        pytest.param(Node("n", ready=True), True, id="ready"),
        pytest.param(Node("n", ready=False), True, id="not ready: the health check decides"),
        pytest.param(Node("n", unschedulable=True), True, id="cordoned"),
        pytest.param(Node("n", deleting=True), False, id="being deleted"),
        pytest.param(Node("n", taints=frozenset({AUTOSCALER_TAINT})), False, id="about to be scaled away"),
        pytest.param(Node("n", taints=frozenset({"other"})), True, id="another taint"),
        pytest.param(Node("n", labels={EXCLUDE_LABEL: ""}), False, id="excluded by an empty label"),
        pytest.param(Node("n", labels={EXCLUDE_LABEL: "true"}), False, id="excluded"),
        pytest.param(Node("n", labels={EXCLUDE_LABEL: "false"}), True, id="the label says false"),
        pytest.param(Node("n", labels={EXCLUDE_LABEL: "F"}), True, id="the label says F"),
        pytest.param(Node("n", labels={EXCLUDE_LABEL: "no"}), False, id="the label says what Go does not parse"),
    ],
)
def test_is_a_backend(node: Node, expected: bool) -> None:
    assert is_backend(node) is expected


def test_the_zone_is_the_topology_label() -> None:
    assert Node("n", labels={ZONE_LABEL: "b"}).zone == "b"
    assert Node("n").zone == ""
