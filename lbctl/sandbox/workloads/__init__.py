"""What runs a sandbox's Pods where no kubelet does: hollow nodes, and Deployments and ReplicaSets that make Pods.

The rules are pure (`rollout`, `deployments`, `replica_sets`, `scheduling`, `pod_status`, `nodes`) or keep a little
bookkeeping without I/O (`addresses`, `hollow`); `view` is what the cluster looks like; `writer` calls the API; `app` is
the only file with threads.
"""
