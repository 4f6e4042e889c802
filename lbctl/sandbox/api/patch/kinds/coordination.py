"""Lease.

Written in the notation of `notation.py`.

Source: k8s.io/api/coordination/v1/types.go (v1.36).
"""

from typing import Final

COORDINATION: Final = """
Lease
    string  apiVersion kind
    ObjectMeta  metadata!
    LeaseSpec  spec!
LeaseSpec
    string  holderIdentity* preferredHolder* strategy*
    number  leaseDurationSeconds* leaseTransitions*
    time  acquireTime renewTime
"""
