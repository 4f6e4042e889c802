"""Labels, annotations and limits the three controllers agree on with the rest of a cluster.

Source: k8s.io/api/discovery/v1/well_known_labels.go, k8s.io/api/core/v1/annotation_key_constants.go,
pkg/controller/{endpoint,endpointslice,endpointslicemirroring}.
"""

from __future__ import annotations

SLICE_CONTROLLER = "endpointslice-controller.k8s.io"
MIRRORING_CONTROLLER = "endpointslicemirroring-controller.k8s.io"
ENDPOINTS_CONTROLLER = "endpoint-controller"

LABEL_SERVICE_NAME = "kubernetes.io/service-name"
LABEL_SLICE_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
LABEL_SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror"
LABEL_ENDPOINTS_MANAGED_BY = "endpoints.kubernetes.io/managed-by"
LABEL_HEADLESS = "service.kubernetes.io/headless"
LABEL_ZONE = "topology.kubernetes.io/zone"

ANNOTATION_TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"
ANNOTATION_OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
ANNOTATION_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ANNOTATION_LEADER = "control-plane.alpha.kubernetes.io/leader"
ANNOTATION_TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
ANNOTATION_TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints"

RESERVED_SLICE_LABELS = frozenset({LABEL_SERVICE_NAME, LABEL_SLICE_MANAGED_BY, LABEL_HEADLESS})
"""Labels of a Service that never reach its slices: the controller sets them itself."""

MAX_ENDPOINTS_PER_SLICE = 100
"""Endpoints in one slice. Source: --max-endpoints-per-slice of kube-controller-manager."""

MAX_ENDPOINTS_PER_SUBSET = 1000
"""Addresses mirrored per subset. Source: --mirroring-max-endpoints-per-subset of kube-controller-manager."""

MAX_ENDPOINTS_PER_OBJECT = 1000
"""Addresses in one Endpoints object. Source: maxCapacity, pkg/controller/endpoint/endpoints_controller.go."""

MAX_NAME_LENGTH = 253
"""Characters in an object's name. Source: RFC 1123 subdomain, k8s.io/apimachinery/pkg/util/validation."""
