"""Pod templates: their hash, and whether two are the same apart from it.

The hash is our own (FNV-1a over canonical JSON); its alphabet and its label are Kubernetes'.
Source: pkg/controller/controller_utils.go (ComputeHash), k8s.io/apimachinery/pkg/util/rand (SafeEncodeString).
"""

from __future__ import annotations

import json

import msgspec

from lbctl.sandbox.workloads.objects import Template, TemplateMeta

HASH_LABEL = "pod-template-hash"

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193


def template_hash(template: Template) -> str:
    """8 to 10 letters that change with the template."""
    text = json.dumps(msgspec.to_builtins(template), sort_keys=True, separators=(",", ":"))
    digest = _FNV_OFFSET
    for byte in text.encode():
        digest = ((digest ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(digest))


def with_label(template: Template, name: str, value: str) -> Template:
    """The template with one more label."""
    labels = {**(template.metadata.labels or {}), name: value}
    return Template(TemplateMeta(labels, template.metadata.annotations), template.spec)


def same_template(one: Template, other: Template) -> bool:
    """Whether they make the same Pods, whatever their hash labels. Source: EqualIgnoreHash, deployment_util.go."""
    return _comparable(one) == _comparable(other)


def _comparable(template: Template) -> tuple[dict[str, str], dict[str, str], object]:
    labels = {name: value for name, value in (template.metadata.labels or {}).items() if name != HASH_LABEL}
    return labels, template.metadata.annotations or {}, template.spec
