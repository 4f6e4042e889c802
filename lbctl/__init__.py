"""lbctl: a Kubernetes load-balancer controller with its own node dataplane."""

__version__ = "0.1.0"
