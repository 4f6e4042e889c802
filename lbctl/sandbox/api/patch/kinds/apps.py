"""Deployment.

Written in the notation of `notation.py`.

Source: k8s.io/api/apps/v1/types.go (v1.36).
"""

from typing import Final

APPS: Final = """
Deployment
    string  apiVersion kind
    ObjectMeta  metadata!
    DeploymentSpec  spec!
    DeploymentStatus  status!
DeploymentSpec
    number  minReadySeconds progressDeadlineSeconds* replicas* revisionHistoryLimit*
    LabelSelector  selector?
    PodTemplateSpec  template!
    DeploymentStrategy patch:retainKeys  strategy!
    boolean  paused
DeploymentStatus
    number  availableReplicas collisionCount* observedGeneration readyReplicas replicas terminatingReplicas*
        unavailableReplicas updatedReplicas
    [DeploymentCondition] map:type patch:merge:type  conditions
DeploymentStrategy
    string  type
    RollingUpdateDeployment  rollingUpdate
PodTemplateSpec
    ObjectMeta  metadata!
    PodSpec  spec!
DeploymentCondition
    string  message reason status! type!
    time  lastTransitionTime? lastUpdateTime?
RollingUpdateDeployment
    scalar  maxSurge* maxUnavailable*
"""
