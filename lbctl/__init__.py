"""lbctl: a Kubernetes load-balancer controller."""

__version__ = "0.1.0"
