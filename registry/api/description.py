"""The OpenAPI 3.1 document, made from the views and the shapes they answer with."""

from copy import deepcopy
from functools import partial
from typing import Any

from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from registry.api.shapes import REFUSALS, Problem, answers
from registry.suppliers.reading import MEDIA_TYPES, SENTENCES
from registry.verification.answers import Answer

#: The document's version grows with the promise; `v1` in the address stays.
VERSION = "1.1.0"
spec = SpecTree(
    "flask",
    title="Impact Registry",
    description=(
        "Whether an Italian organisation holds a certificate of this register, today "
        "or on a past day. No key is needed. An outage is 503, never “not certified”."
    ),
    version=VERSION,
    mode="strict",
    annotations=False,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda parent, child: child,
    security_schemes=[
        SecurityScheme(
            name="key",
            data=SecuritySchemeData(
                type=SecureType.HTTP,
                scheme="bearer",
                description="A key made on the pages of an organisation: impact_…",
            ),
        )
    ],
)
#: Says of a view what it takes and answers; the view itself reads what was asked.
described = partial(spec.validate, skip_validation=True)
ANSWERS = answers(Answer, "The answer, also where there never was a certificate")
#: A body that is a file, which spectree cannot say.
FILE = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
TEXT = {"schema": {"type": "string"}}
FORM = {
    "schema": {
        "type": "object",
        "properties": {"file": FILE["schema"]},
        "required": ["file"],
    }
}
#: What `<id:…>` takes in an address.
ID = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
KINDS = ("pdf", "vc+jwt", "jwt", "octet-stream")
BODIES = {
    "/api/v1/verify/file": {
        "required": True,
        "content": {
            **{f"application/{kind}": FILE for kind in KINDS},
            "multipart/form-data": FORM,
        },
    },
    "/api/v1/jobs": {
        "required": True,
        "content": {
            **dict.fromkeys((*MEDIA_TYPES.values(), "application/octet-stream"), FILE),
            "multipart/form-data": FORM,
        },
    },
}
#: What is not JSON, or JSON of a kind of its own.
FORMATS = {
    "/api/v1/holders.csv": "text/csv",
    "/api/v1/changes.csv": "text/csv",
    "/api/v1/feed.atom": "application/atom+xml",
    "/api/v1/feed.json": "application/feed+json",
    "/id/{id_}": "application/linkset+json",
}
CODES = (
    *(f"file_{rule}" for rule in SENTENCES),
    *("too_many_at_once", "key_used_before", "not_done", "not_your_company"),
    *("no_column", "bad_threshold", "bad_parameter", "bad_day"),
    *("bad_number", "bad_filter", "bad_item", "bad_score", "too_many_items"),
    *("one_identifier", "unknown_parameter", "bad_identifier"),
    *("bad_date", "bad_instant", "date_in_future"),
    *("no_file", "unknown_body", "too_large", "busy"),
    *("too_many_requests", "not_readable"),
    *("key_needed", "bad_key", "scope_missing", "day_is_spent"),
    *("bad_body", "not_recognised", "too_many", "bad_address", "bad_events"),
    *("too_many_webhooks", "is_off", "still_waiting", "no_suppliers"),
)


def document(base: str) -> dict[str, Any]:
    """The whole description; refusals are problem documents, not plain JSON."""
    made: dict[str, Any] = deepcopy(spec.spec)
    made["servers"] = [{"url": base}]
    made["info"]["x-codes"] = list(CODES)
    for address, body in BODIES.items():
        made["paths"][address]["post"]["requestBody"] = deepcopy(body)
    for address, kind in FORMATS.items():
        told = made["paths"][address]["get"]["responses"]
        content = told["200"]["content"].pop("application/json")
        told["200"]["content"] = {kind: content if "json" in kind else TEXT}
        if address.startswith("/id/"):
            told["303"] = {"description": "The page of the holder, for people"}
    for address, path in made["paths"].items():
        for method, operation in path.items():
            _refuse_anywhere(operation["responses"], address, method)
            for parameter in operation.get("parameters", []):
                if parameter["schema"] is None:  # a converter of ours
                    parameter["schema"] = ID
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if status >= "400" and "application/json" in content:
                    content["application/problem+json"] = content.pop(
                        "application/json"
                    )
    return made


def _refuse_anywhere(responses: dict[str, Any], address: str, method: str) -> None:
    """Add what any address may refuse, whatever its view says."""
    usual = {401, 403, 429, 503}
    usual |= {404, 405} if "{" in address else set()
    usual |= {413} if method == "post" else set()
    for status in usual:
        schema = {"$ref": "#/components/schemas/Problem"}
        content = {"application/json": {"schema": schema}}
        told = {"description": REFUSALS[status], "content": content}
        responses.setdefault(str(status), told)
