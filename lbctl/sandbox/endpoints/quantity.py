"""CPU amounts as Kubernetes writes them (`2`, `1500m`, `1.5`, `2e3m`).

Source: k8s.io/apimachinery/pkg/api/resource/quantity.go.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, InvalidOperation

_SUFFIXES = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}


def milli(amount: str | int | float | None) -> int:
    """The amount in thousandths, rounded up; 0 where there is none or it cannot be read."""
    text = "" if amount is None else str(amount)
    number = text.rstrip("".join({letter for suffix in _SUFFIXES for letter in suffix}))
    try:
        value = Decimal(number) * _SUFFIXES[text[len(number) :]]
    except (InvalidOperation, KeyError):
        return 0
    return int((value * 1000).to_integral_value(ROUND_CEILING)) if value.is_finite() else 0
