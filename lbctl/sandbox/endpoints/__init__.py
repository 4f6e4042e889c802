"""The sandbox's endpoints controller: Pods and Services in, EndpointSlices and Endpoints out.

It does the work of three controllers of kube-controller-manager for one Service at a time: `endpointslice`, `endpoint`
and `endpointslicemirroring`. The rules are pure (`slices`, `subsets`, `mirror`); `view` is what the cluster looks like;
`app` is the only file that has threads and calls the API.
"""
