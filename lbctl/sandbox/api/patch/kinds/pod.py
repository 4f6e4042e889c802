"""Pod: its spec, its containers and its status.

Written in the notation of `notation.py`.

Source: k8s.io/api/core/v1/types.go (v1.36).
"""

from typing import Final

POD: Final = """
Pod
    string  apiVersion kind
    ObjectMeta  metadata!
    PodSpec  spec!
    PodStatus  status!
PodSpec
    [Volume] map:name patch:merge,retainKeys:name  volumes
    [Container] map:name patch:merge:name  containers! initContainers
    [EphemeralContainer] map:name patch:merge:name  ephemeralContainers
    string  dnsPolicy hostname hostnameOverride* nodeName preemptionPolicy* priorityClassName restartPolicy
        runtimeClassName* schedulerName serviceAccount serviceAccountName subdomain
    number  activeDeadlineSeconds* priority* terminationGracePeriodSeconds*
    {string} atomic  nodeSelector
    boolean  automountServiceAccountToken* enableServiceLinks* hostIPC hostNetwork hostPID hostUsers*
        setHostnameAsFQDN* shareProcessNamespace*
    PodSecurityContext  securityContext
    [LocalObjectReference] map:name patch:merge:name  imagePullSecrets
    Affinity  affinity
    [Toleration]  tolerations
    [HostAlias] map:ip patch:merge:ip  hostAliases
    PodDNSConfig  dnsConfig
    [PodReadinessGate]  readinessGates
    {scalar}  overhead
    [TopologySpreadConstraint] map:topologyKey,whenUnsatisfiable patch:merge:topologyKey  topologySpreadConstraints
    PodOS  os
    [PodSchedulingGate] map:name patch:merge:name  schedulingGates
    [PodResourceClaim] map:name patch:merge,retainKeys:name  resourceClaims
    ResourceRequirements  resources
    PodSchedulingGroup  schedulingGroup
PodStatus
    number  observedGeneration
    string  hostIP message nominatedNodeName phase podIP qosClass reason resize
    [PodCondition] map:type patch:merge:type  conditions
    [HostIP] patch:merge:ip  hostIPs
    [PodIP] map:ip patch:merge:ip  podIPs
    time  startTime
    [ContainerStatus]  containerStatuses ephemeralContainerStatuses initContainerStatuses
    [PodResourceClaimStatus] map:name patch:merge,retainKeys:name  resourceClaimStatuses
    PodExtendedResourceClaimStatus  extendedResourceClaimStatus
    {scalar}  allocatedResources
    ResourceRequirements  resources
    [NodeAllocatableResourceClaimStatus]  nodeAllocatableResourceClaimStatuses
Affinity
    NodeAffinity  nodeAffinity
    PodAffinity  podAffinity
    PodAntiAffinity  podAntiAffinity
Container
    string  image imagePullPolicy name! restartPolicy* terminationMessagePath terminationMessagePolicy workingDir
    [string]  args command
    [ContainerPort] map:containerPort,protocol patch:merge:containerPort  ports
    [EnvFromSource]  envFrom
    [EnvVar] map:name patch:merge:name  env
    ResourceRequirements  resources!
    [ContainerResizePolicy]  resizePolicy
    [ContainerRestartRule]  restartPolicyRules
    [VolumeMount] map:mountPath patch:merge:mountPath  volumeMounts
    [VolumeDevice] map:devicePath patch:merge:devicePath  volumeDevices
    Probe  livenessProbe readinessProbe startupProbe
    Lifecycle  lifecycle
    SecurityContext  securityContext
    boolean  stdin stdinOnce tty
EphemeralContainer
    string  image imagePullPolicy name! restartPolicy* targetContainerName terminationMessagePath
        terminationMessagePolicy workingDir
    [string]  args command
    [ContainerPort] map:containerPort,protocol patch:merge:containerPort  ports
    [EnvFromSource]  envFrom
    [EnvVar] map:name patch:merge:name  env
    ResourceRequirements  resources!
    [ContainerResizePolicy]  resizePolicy
    [ContainerRestartRule]  restartPolicyRules
    [VolumeMount] map:mountPath patch:merge:mountPath  volumeMounts
    [VolumeDevice] map:devicePath patch:merge:devicePath  volumeDevices
    Probe  livenessProbe readinessProbe startupProbe
    Lifecycle  lifecycle
    SecurityContext  securityContext
    boolean  stdin stdinOnce tty
HostAlias
    string  ip!
    [string]  hostnames
PodDNSConfig
    [string]  nameservers searches
    [PodDNSConfigOption]  options
PodOS
    string  name!
PodReadinessGate
    string  conditionType!
PodResourceClaim
    string  name! resourceClaimName* resourceClaimTemplateName*
PodSchedulingGate
    string  name!
PodSchedulingGroup
    string  podGroupName*
PodSecurityContext
    SELinuxOptions  seLinuxOptions
    WindowsSecurityContextOptions  windowsOptions
    number  fsGroup* runAsGroup* runAsUser*
    boolean  runAsNonRoot*
    [number]  supplementalGroups
    string  fsGroupChangePolicy* seLinuxChangePolicy* supplementalGroupsPolicy*
    [Sysctl]  sysctls
    SeccompProfile  seccompProfile
    AppArmorProfile  appArmorProfile
ResourceRequirements
    {scalar}  limits requests
    [ResourceClaim] map:name  claims
Toleration
    string  effect key operator value
    number  tolerationSeconds*
TopologySpreadConstraint
    number  maxSkew! minDomains*
    string  nodeAffinityPolicy* nodeTaintsPolicy* topologyKey! whenUnsatisfiable!
    LabelSelector  labelSelector
    [string]  matchLabelKeys
ContainerStatus
    string  containerID image! imageID! name! stopSignal*
    ContainerState  lastState! state!
    boolean  ready! started*
    number  restartCount!
    {scalar}  allocatedResources
    ResourceRequirements  resources
    [VolumeMountStatus] map:mountPath patch:merge:mountPath  volumeMounts
    ContainerUser  user
    [ResourceStatus] map:name patch:merge:name  allocatedResourcesStatus
HostIP
    string  ip!
NodeAllocatableResourceClaimStatus
    string  resourceClaimName!
    [string] set  containers
    {scalar}  resources!
PodCondition
    string  message reason status! type!
    number  observedGeneration
    time  lastProbeTime? lastTransitionTime?
PodExtendedResourceClaimStatus
    [ContainerExtendedResourceRequest]  requestMappings!
    string  resourceClaimName!
PodIP
    string  ip!
PodResourceClaimStatus
    string  name! resourceClaimName*
NodeAffinity
    NodeSelector  requiredDuringSchedulingIgnoredDuringExecution
    [PreferredSchedulingTerm]  preferredDuringSchedulingIgnoredDuringExecution
PodAffinity
    [PodAffinityTerm]  requiredDuringSchedulingIgnoredDuringExecution
    [WeightedPodAffinityTerm]  preferredDuringSchedulingIgnoredDuringExecution
PodAntiAffinity
    [PodAffinityTerm]  requiredDuringSchedulingIgnoredDuringExecution
    [WeightedPodAffinityTerm]  preferredDuringSchedulingIgnoredDuringExecution
ContainerPort
    string  hostIP name protocol=TCP
    number  containerPort! hostPort
ContainerResizePolicy
    string  resourceName! restartPolicy!
ContainerRestartRule
    string  action
    ContainerRestartRuleOnExitCodes  exitCodes
EnvFromSource
    string  prefix
    ConfigMapEnvSource  configMapRef
    SecretEnvSource  secretRef
EnvVar
    string  name! value
    EnvVarSource  valueFrom
Lifecycle
    LifecycleHandler  postStart preStop
    string  stopSignal*
Probe
    ExecAction  exec
    HTTPGetAction  httpGet
    TCPSocketAction  tcpSocket
    GRPCAction  grpc
    number  failureThreshold initialDelaySeconds periodSeconds successThreshold terminationGracePeriodSeconds*
        timeoutSeconds
SecurityContext
    Capabilities  capabilities
    boolean  allowPrivilegeEscalation* privileged* readOnlyRootFilesystem* runAsNonRoot*
    SELinuxOptions  seLinuxOptions
    WindowsSecurityContextOptions  windowsOptions
    number  runAsGroup* runAsUser*
    string  procMount*
    SeccompProfile  seccompProfile
    AppArmorProfile  appArmorProfile
VolumeDevice
    string  devicePath! name!
VolumeMount
    string  mountPath! mountPropagation* name! recursiveReadOnly* subPath subPathExpr
    boolean  readOnly
PodDNSConfigOption
    string  name value*
AppArmorProfile
    string  localhostProfile* type!
SELinuxOptions
    string  level role type user
SeccompProfile
    string  localhostProfile* type!
Sysctl
    string  name! value!
WindowsSecurityContextOptions
    string  gmsaCredentialSpec* gmsaCredentialSpecName* runAsUserName*
    boolean  hostProcess*
ResourceClaim
    string  name! request
ContainerState
    ContainerStateWaiting  waiting
    ContainerStateRunning  running
    ContainerStateTerminated  terminated
ContainerUser
    LinuxContainerUser  linux
ResourceStatus
    string  name!
    [ResourceHealth] map:resourceID  resources
VolumeMountStatus
    string  mountPath! name! recursiveReadOnly*
    boolean  readOnly
    VolumeStatus  volumeStatus
ContainerExtendedResourceRequest
    string  containerName! requestName! resourceName!
NodeSelector atomic
    [NodeSelectorTerm]  nodeSelectorTerms!
PreferredSchedulingTerm
    number  weight!
    NodeSelectorTerm  preference!
PodAffinityTerm
    LabelSelector  labelSelector namespaceSelector
    [string]  matchLabelKeys mismatchLabelKeys namespaces
    string  topologyKey!
WeightedPodAffinityTerm
    number  weight!
    PodAffinityTerm  podAffinityTerm!
ContainerRestartRuleOnExitCodes
    string  operator
    [number] set  values
ConfigMapEnvSource
    string  name
    boolean  optional*
SecretEnvSource
    string  name
    boolean  optional*
EnvVarSource
    ObjectFieldSelector  fieldRef
    ResourceFieldSelector  resourceFieldRef
    ConfigMapKeySelector  configMapKeyRef
    SecretKeySelector  secretKeyRef
    FileKeySelector  fileKeyRef
LifecycleHandler
    ExecAction  exec
    HTTPGetAction  httpGet
    TCPSocketAction  tcpSocket
    SleepAction  sleep
ExecAction
    [string]  command
GRPCAction
    number  port!
    string  service?
HTTPGetAction
    string  host path scheme
    scalar  port!
    [HTTPHeader]  httpHeaders
TCPSocketAction
    scalar  port!
    string  host
Capabilities
    [string]  add drop
ContainerStateRunning
    time  startedAt?
ContainerStateTerminated
    number  exitCode! signal
    string  containerID message reason
    time  finishedAt? startedAt?
ContainerStateWaiting
    string  message reason
LinuxContainerUser
    number  gid! uid!
    [number]  supplementalGroups
ResourceHealth
    string  health message* resourceID!
VolumeStatus
    ImageVolumeStatus  image
NodeSelectorTerm atomic
    [NodeSelectorRequirement]  matchExpressions matchFields
ConfigMapKeySelector atomic
    string  key! name
    boolean  optional*
FileKeySelector atomic
    string  key! path! volumeName!
    boolean  optional*
ObjectFieldSelector atomic
    string  apiVersion fieldPath!
ResourceFieldSelector atomic
    string  containerName resource!
    scalar  divisor
SecretKeySelector atomic
    string  key! name
    boolean  optional*
SleepAction
    number  seconds!
HTTPHeader
    string  name! value!
ImageVolumeStatus
    string  imageRef
NodeSelectorRequirement
    string  key! operator!
    [string]  values
"""
