"""Kinds of the core group except Pod.

Written in the notation of `notation.py`.

Source: k8s.io/api/core/v1/types.go (v1.36).
"""

from typing import Final

CORE: Final = """
Service
    string  apiVersion kind
    ObjectMeta  metadata!
    ServiceSpec  spec!
    ServiceStatus  status!
Endpoints
    string  apiVersion kind
    ObjectMeta  metadata!
    [EndpointSubset]  subsets
Node
    string  apiVersion kind
    ObjectMeta  metadata!
    NodeSpec  spec!
    NodeStatus  status!
Event
    string  action apiVersion kind message reason reportingComponent! reportingInstance! type
    ObjectMeta  metadata!
    ObjectReference  involvedObject! related
    EventSource  source!
    time  eventTime? firstTimestamp? lastTimestamp?
    number  count
    EventSeries  series
ConfigMap
    string  apiVersion kind
    ObjectMeta  metadata!
    boolean  immutable*
    {string}  binaryData data
Secret
    string  apiVersion kind type
    ObjectMeta  metadata!
    boolean  immutable*
    {string}  data stringData
ServiceAccount
    string  apiVersion kind
    ObjectMeta  metadata!
    [ObjectReference] map:name patch:merge:name  secrets
    [LocalObjectReference]  imagePullSecrets
    boolean  automountServiceAccountToken*
Namespace
    string  apiVersion kind
    ObjectMeta  metadata!
    NamespaceSpec  spec!
    NamespaceStatus  status!
ServiceSpec
    [ServicePort] map:port,protocol patch:merge:port  ports
    {string} atomic  selector
    string  clusterIP externalName externalTrafficPolicy internalTrafficPolicy* ipFamilyPolicy* loadBalancerClass*
        loadBalancerIP sessionAffinity trafficDistribution* type
    [string]  clusterIPs externalIPs ipFamilies loadBalancerSourceRanges
    number  healthCheckNodePort
    boolean  allocateLoadBalancerNodePorts* publishNotReadyAddresses
    SessionAffinityConfig  sessionAffinityConfig
ServiceStatus
    LoadBalancerStatus  loadBalancer!
    [Condition] map:type patch:merge:type  conditions
EndpointSubset
    [EndpointAddress]  addresses notReadyAddresses
    [EndpointPort]  ports
NodeSpec
    string  externalID podCIDR providerID
    [string] set patch:merge  podCIDRs
    boolean  unschedulable
    [Taint]  taints
    NodeConfigSource  configSource
NodeStatus
    {scalar}  allocatable capacity
    string  phase
    [NodeCondition] map:type patch:merge:type  conditions
    [NodeAddress] map:type patch:merge:type  addresses
    NodeDaemonEndpoints  daemonEndpoints!
    NodeSystemInfo  nodeInfo!
    [ContainerImage]  images
    [string]  declaredFeatures volumesInUse
    [AttachedVolume]  volumesAttached
    NodeConfigStatus  config
    [NodeRuntimeHandler]  runtimeHandlers
    NodeFeatures  features
EventSeries
    number  count
    time  lastObservedTime?
EventSource
    string  component host
ObjectReference atomic
    string  apiVersion fieldPath kind name namespace resourceVersion uid
LocalObjectReference atomic
    string  name
NamespaceSpec
    [string]  finalizers
NamespaceStatus
    string  phase
    [NamespaceCondition] map:type patch:merge:type  conditions
ServicePort
    string  appProtocol* name protocol=TCP
    number  nodePort port!
    scalar  targetPort
SessionAffinityConfig
    ClientIPConfig  clientIP
LoadBalancerStatus
    [LoadBalancerIngress]  ingress
EndpointAddress atomic
    string  hostname ip! nodeName*
    ObjectReference  targetRef
EndpointPort atomic
    string  appProtocol* name protocol
    number  port!
NodeConfigSource
    ConfigMapNodeConfigSource  configMap
Taint
    string  effect! key! value
    time  timeAdded
AttachedVolume
    string  devicePath! name!
ContainerImage
    [string]  names!
    number  sizeBytes
NodeAddress
    string  address! type!
NodeCondition
    string  message reason status! type!
    time  lastHeartbeatTime? lastTransitionTime?
NodeConfigStatus
    NodeConfigSource  active assigned lastKnownGood
    string  error
NodeDaemonEndpoints
    DaemonEndpoint  kubeletEndpoint!
NodeFeatures
    boolean  supplementalGroupsPolicy*
NodeRuntimeHandler
    string  name!
    NodeRuntimeHandlerFeatures  features
NodeSystemInfo
    string  architecture! bootID! containerRuntimeVersion! kernelVersion! kubeProxyVersion! kubeletVersion!
        machineID! operatingSystem! osImage! systemUUID!
    NodeSwapStatus  swap
NamespaceCondition
    string  message reason status! type!
    time  lastTransitionTime?
ClientIPConfig
    number  timeoutSeconds*
LoadBalancerIngress
    string  hostname ip ipMode*
    [PortStatus]  ports
ConfigMapNodeConfigSource
    string  kubeletConfigKey! name! namespace! resourceVersion uid
DaemonEndpoint
    number  Port!
NodeRuntimeHandlerFeatures
    boolean  recursiveReadOnlyMounts* userNamespaces*
NodeSwapStatus
    number  capacity*
PortStatus
    number  port!
    string  error* protocol!
"""
