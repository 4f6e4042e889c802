"""Types of apimachinery that every kind uses.

Written in the notation of `notation.py`.

Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go (v1.36).
"""

from typing import Final

META: Final = """
ObjectMeta
    string  generateName name namespace resourceVersion selfLink uid
    number  deletionGracePeriodSeconds* generation
    time  creationTimestamp deletionTimestamp
    {string}  annotations labels
    [OwnerReference] map:uid patch:merge:uid  ownerReferences
    [string] set patch:merge  finalizers
    [ManagedFieldsEntry]  managedFields
LabelSelector atomic
    {string}  matchLabels
    [LabelSelectorRequirement]  matchExpressions
Condition
    string  message! reason! status! type!
    number  observedGeneration
    time  lastTransitionTime?
ManagedFieldsEntry
    string  apiVersion fieldsType manager operation subresource
    time  time
    deduced  fieldsV1*
OwnerReference atomic
    string  apiVersion! kind! name! uid!
    boolean  blockOwnerDeletion* controller*
LabelSelectorRequirement
    string  key! operator!
    [string]  values
"""
