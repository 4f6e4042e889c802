"""EndpointSlice.

Written in the notation of `notation.py`.

Source: k8s.io/api/discovery/v1/types.go (v1.36).
"""

from typing import Final

DISCOVERY: Final = """
EndpointSlice
    string  addressType! apiVersion kind
    ObjectMeta  metadata!
    [Endpoint]  endpoints!
    [EndpointPort]  ports!
Endpoint
    [string] set  addresses!
    EndpointConditions  conditions!
    string  hostname* nodeName* zone*
    ObjectReference  targetRef
    {string}  deprecatedTopology
    EndpointHints  hints
EndpointPort atomic
    string  appProtocol* name* protocol*
    number  port*
EndpointConditions
    boolean  ready* serving* terminating*
EndpointHints
    [ForZone]  forZones
    [ForNode]  forNodes
ForNode
    string  name!
ForZone
    string  name!
"""
