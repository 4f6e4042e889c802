"""Printers of role bindings. Roles themselves have the default table.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go, pkg/apis/rbac/helpers.go (SubjectsStrings).
"""

from __future__ import annotations

from datetime import datetime

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables.ages import age
from lbctl.sandbox.api.tables.column import AGE, NAME, Cells, Column, Layout, created, items, name_of, part, wide


def _binding(obj: Json, now: datetime) -> Cells:
    role = part(obj, "roleRef")
    subjects = items(obj, "subjects")
    named = {
        kind: ", ".join(str(one.get("name", "")) for one in subjects if one.get("kind") == kind)
        for kind in ("User", "Group")
    }
    accounts = ", ".join(
        f"{one.get('namespace', '')}/{one.get('name', '')}" for one in subjects if one.get("kind") == "ServiceAccount"
    )
    referred = f"{role.get('kind', '')}/{role.get('name', '')}"
    return [name_of(obj), referred, age(created(obj), now), named["User"], named["Group"], accounts]


def _layout(word: str, role: str) -> Layout:
    extra = (wide(name, f"{name} in the {word}") for name in ("Users", "Groups", "ServiceAccounts"))
    return Layout((NAME, Column("Role", description=role), AGE, *extra), _binding)


LAYOUTS: dict[tuple[str, str], Layout] = {
    ("rbac.authorization.k8s.io", "rolebindings"): _layout(
        "roleBinding",
        "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. "
        "If the RoleRef cannot be resolved, the Authorizer must return an error.",
    ),
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _layout(
        "clusterRoleBinding",
        "RoleRef can only reference a ClusterRole in the global namespace. "
        "If the RoleRef cannot be resolved, the Authorizer must return an error.",
    ),
}
"""By API group and plural."""
