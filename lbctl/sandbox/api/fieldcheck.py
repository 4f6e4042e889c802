"""`fieldValidation`: decode an object into its kind's form, and refuse or report what does not belong.

Source: k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch}.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.bodies import Body, Malformed, read_object, summary
from lbctl.sandbox.api.errors import ApiError, Json, bad_request, invalid, invalid_object
from lbctl.sandbox.api.http.query import SCHEME, Validation
from lbctl.sandbox.api.registry import Registry, Served

_NOT_EXPECTED = "another version of a custom resource"


def read_sent(served: Served, registry: Registry, content_type: str, data: bytes) -> Body:
    """The object in the body of a POST or PUT, with its `apiVersion` and `kind`.

    Raises ApiError: 400 when it cannot be read or is of another kind, 415 for a content type we do not read.
    """
    rt = served.rt
    try:
        body = read_object(content_type, data)
        _check_group_version(body.value)
    except Malformed as error:
        why = f"the object provided is unrecognized (must be of type {rt.kind}): {error} ({summary(data)})"
        raise bad_request(why) from error
    why_not = other_kind(served, registry, body.value)
    if why_not == _NOT_EXPECTED:
        stated = body.value["apiVersion"]
        why = f"the API version in the data ({stated}) does not match the expected API version ({rt.api_version})"
        raise bad_request(why)
    if why_not:
        version = str(body.value.get("apiVersion") or rt.version).rpartition("/")[2]
        kind = body.value.get("kind") or rt.kind
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {rt.kind}: {why_not}')
    body.value["apiVersion"], body.value["kind"] = rt.api_version, rt.kind
    return body


def other_kind(served: Served, registry: Registry, obj: Json) -> str:
    """Why an object is not of the resource's kind, empty when it is or does not say."""
    rt = served.rt
    version, kind = obj.get("apiVersion") or rt.api_version, obj.get("kind") or rt.kind
    if (version, kind) == (rt.api_version, rt.kind):
        return ""
    if rt.custom and registry.by_kind(version, kind) is not None:
        return _NOT_EXPECTED
    if registry.by_kind(version, kind.removesuffix("List")) is None:
        return f'no kind "{kind}" is registered for version "{version}" in scheme "{SCHEME}"'
    group = rt.group.partition(".")[0] or "core"
    return f"converting ({version.rpartition('/')[2]}.{kind}) to ({group}.{rt.kind}): unknown conversion"


def _check_group_version(obj: Json) -> None:
    version = obj.get("apiVersion") or ""
    if version.count("/") > 1:
        raise Malformed(f"unexpected GroupVersion string: {version}")


def decode_sent(served: Served, body: Body, directive: Validation) -> list[str]:
    """Decode the object of a POST or PUT in place; returns warnings. Raises ApiError 400."""
    _keep_empty_ownership(body.value)
    complaints = _complaints(body.duplicates, served.strategy.decode(body.value), directive)
    if complaints and directive == "Strict":
        rt = served.rt
        why = f"strict decoding error: {', '.join(complaints)}"
        raise bad_request(f'{rt.kind} in version "{rt.version}" cannot be handled as a {rt.kind}: {why}')
    return complaints


def decode_patched(served: Served, obj: Json, duplicates: list[str], directive: Validation, shown: str) -> list[str]:
    """Decode the outcome of a patch in place; returns warnings. Raises ApiError 422, which quotes it as `shown`."""
    _keep_empty_ownership(obj)
    try:
        unknown = served.strategy.decode(obj)
    except ApiError as error:
        # What POST answers with 400 is, in a patch, an invalid patch.
        raise bad_patch(shown, error.message.partition(f" cannot be handled as a {served.rt.kind}: ")[2]) from error
    complaints = _complaints(duplicates, unknown, directive)
    if complaints and directive == "Strict":
        raise bad_patch(shown, f"strict decoding error: {', '.join(complaints)}")
    return complaints


def _keep_empty_ownership(obj: Json) -> None:
    """Say `[]` of managedFields as `[{}]`, which means the same (forget all owners) and is not lost in decoding."""
    metadata = obj.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") == []:
        metadata["managedFields"] = [{}]


def _complaints(duplicates: list[str], unknown: list[str], directive: Validation) -> list[str]:
    if directive == "Ignore":
        return []
    repeated = [one if ": key " in one else f'duplicate field "{one}"' for one in duplicates]
    return repeated + [f'unknown field "{path}"' for path in unknown]


def bad_patch(shown: str, why: str) -> ApiError:
    """422 for a patch whose outcome, quoted as `shown`, is no object of the kind."""
    return invalid_object("", "", "", [invalid("patch", shown, why)])
