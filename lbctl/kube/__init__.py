"""The window onto Kubernetes: the only room that imports `kubernetes`, and only for configuration and transport.

connect (which cluster) -> transport (bytes, deadlines, hanging up) -> client (requests, counted) -> resources, kinds,
decode, objects (JSON to values) -> store, informer, informers (a cache that follows) ; writer and patches (finalizers
and status), events and event_ledger (Events), lease (leader election). Everything raises the errors of `errors`.
"""
