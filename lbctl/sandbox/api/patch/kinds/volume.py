"""Volumes of a Pod.

Written in the notation of `notation.py`.

Source: k8s.io/api/core/v1/types.go (v1.36).
"""

from typing import Final

VOLUME: Final = """
Volume
    string  name!
    HostPathVolumeSource  hostPath
    EmptyDirVolumeSource  emptyDir
    GCEPersistentDiskVolumeSource  gcePersistentDisk
    AWSElasticBlockStoreVolumeSource  awsElasticBlockStore
    GitRepoVolumeSource  gitRepo
    SecretVolumeSource  secret
    NFSVolumeSource  nfs
    ISCSIVolumeSource  iscsi
    GlusterfsVolumeSource  glusterfs
    PersistentVolumeClaimVolumeSource  persistentVolumeClaim
    RBDVolumeSource  rbd
    FlexVolumeSource  flexVolume
    CinderVolumeSource  cinder
    CephFSVolumeSource  cephfs
    FlockerVolumeSource  flocker
    DownwardAPIVolumeSource  downwardAPI
    FCVolumeSource  fc
    AzureFileVolumeSource  azureFile
    ConfigMapVolumeSource  configMap
    VsphereVirtualDiskVolumeSource  vsphereVolume
    QuobyteVolumeSource  quobyte
    AzureDiskVolumeSource  azureDisk
    PhotonPersistentDiskVolumeSource  photonPersistentDisk
    ProjectedVolumeSource  projected
    PortworxVolumeSource  portworxVolume
    ScaleIOVolumeSource  scaleIO
    StorageOSVolumeSource  storageos
    CSIVolumeSource  csi
    EphemeralVolumeSource  ephemeral
    ImageVolumeSource  image
AWSElasticBlockStoreVolumeSource
    string  fsType volumeID!
    number  partition
    boolean  readOnly
AzureDiskVolumeSource
    string  cachingMode* diskName! diskURI! fsType* kind*
    boolean  readOnly*
AzureFileVolumeSource
    string  secretName! shareName!
    boolean  readOnly
CSIVolumeSource
    string  driver! fsType*
    boolean  readOnly*
    {string}  volumeAttributes
    LocalObjectReference  nodePublishSecretRef
CephFSVolumeSource
    [string]  monitors!
    string  path secretFile user
    LocalObjectReference  secretRef
    boolean  readOnly
CinderVolumeSource
    string  fsType volumeID!
    boolean  readOnly
    LocalObjectReference  secretRef
ConfigMapVolumeSource
    string  name
    [KeyToPath]  items
    number  defaultMode*
    boolean  optional*
DownwardAPIVolumeSource
    [DownwardAPIVolumeFile]  items
    number  defaultMode*
EmptyDirVolumeSource
    string  medium
    scalar  sizeLimit*
EphemeralVolumeSource
    PersistentVolumeClaimTemplate  volumeClaimTemplate
FCVolumeSource
    [string]  targetWWNs wwids
    number  lun*
    string  fsType
    boolean  readOnly
FlexVolumeSource
    string  driver! fsType
    LocalObjectReference  secretRef
    boolean  readOnly
    {string}  options
FlockerVolumeSource
    string  datasetName datasetUUID
GCEPersistentDiskVolumeSource
    string  fsType pdName!
    number  partition
    boolean  readOnly
GitRepoVolumeSource
    string  directory repository! revision
GlusterfsVolumeSource
    string  endpoints! path!
    boolean  readOnly
HostPathVolumeSource
    string  path! type*
ISCSIVolumeSource
    string  fsType initiatorName* iqn! iscsiInterface targetPortal!
    number  lun!
    boolean  chapAuthDiscovery chapAuthSession readOnly
    [string]  portals
    LocalObjectReference  secretRef
ImageVolumeSource
    string  pullPolicy reference
NFSVolumeSource
    string  path! server!
    boolean  readOnly
PersistentVolumeClaimVolumeSource
    string  claimName!
    boolean  readOnly
PhotonPersistentDiskVolumeSource
    string  fsType pdID!
PortworxVolumeSource
    string  fsType volumeID!
    boolean  readOnly
ProjectedVolumeSource
    [VolumeProjection]  sources!
    number  defaultMode*
QuobyteVolumeSource
    string  group registry! tenant user volume!
    boolean  readOnly
RBDVolumeSource
    [string]  monitors!
    string  fsType image! keyring pool user
    LocalObjectReference  secretRef
    boolean  readOnly
ScaleIOVolumeSource
    string  fsType gateway! protectionDomain storageMode storagePool system! volumeName
    LocalObjectReference  secretRef?
    boolean  readOnly sslEnabled
SecretVolumeSource
    string  secretName
    [KeyToPath]  items
    number  defaultMode*
    boolean  optional*
StorageOSVolumeSource
    string  fsType volumeName volumeNamespace
    boolean  readOnly
    LocalObjectReference  secretRef
VsphereVirtualDiskVolumeSource
    string  fsType storagePolicyID storagePolicyName volumePath!
KeyToPath
    string  key! path!
    number  mode*
DownwardAPIVolumeFile
    string  path!
    ObjectFieldSelector  fieldRef
    ResourceFieldSelector  resourceFieldRef
    number  mode*
PersistentVolumeClaimTemplate
    ObjectMeta  metadata!
    PersistentVolumeClaimSpec  spec!
VolumeProjection
    SecretProjection  secret
    DownwardAPIProjection  downwardAPI
    ConfigMapProjection  configMap
    ServiceAccountTokenProjection  serviceAccountToken
    ClusterTrustBundleProjection  clusterTrustBundle
    PodCertificateProjection  podCertificate
PersistentVolumeClaimSpec
    [string]  accessModes
    LabelSelector  selector
    VolumeResourceRequirements  resources!
    string  storageClassName* volumeAttributesClassName* volumeMode* volumeName
    TypedLocalObjectReference  dataSource
    TypedObjectReference  dataSourceRef
ClusterTrustBundleProjection
    string  name* path! signerName*
    LabelSelector  labelSelector
    boolean  optional*
ConfigMapProjection
    string  name
    [KeyToPath]  items
    boolean  optional*
DownwardAPIProjection
    [DownwardAPIVolumeFile]  items
PodCertificateProjection
    string  certificateChainPath credentialBundlePath keyPath keyType signerName
    number  maxExpirationSeconds*
    {string}  userAnnotations
SecretProjection
    string  name
    [KeyToPath]  items
    boolean  optional*
ServiceAccountTokenProjection
    string  audience path!
    number  expirationSeconds*
TypedLocalObjectReference atomic
    string  apiGroup? kind! name!
TypedObjectReference
    string  apiGroup? kind! name! namespace*
VolumeResourceRequirements
    {scalar}  limits requests
"""
