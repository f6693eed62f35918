"""What programs of others fetch: credentials, their status, our keys, the badge."""

from datetime import UTC, datetime
from hashlib import sha256

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from registry.accounts.access import open_to_everyone
from registry.accounts.limits import SEARCH, limiter
from registry.certificates import status_lists
from registry.certificates.badge import badge_of
from registry.certificates.credential import said_by
from registry.certificates.models import Certificate, Credential
from registry.certificates.numbers import Number
from registry.certificates.queries import by_number, status_events
from registry.certificates.rules import standing_of
from registry.errors import N_, Invalid, NotFound
from registry.public.pages import ASK_AGAIN, serve
from registry.seal.jws import TYPE
from registry.services import services
from registry.web.headers import open_to_origins

blueprint = Blueprint("credentials", __name__)
serve(blueprint)
SIGNED = f"application/{TYPE}"
PLAIN = ("application/json", "application/vc", "application/ld+json")
HOUR = 3600
#: A credential never changes; its standing is told by the lists.
KEPT = f"public, max-age={HOUR}"
#: Before this day nobody had a certificate of ours.
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


class NoSuchTime(Invalid):
    """A list cannot be shown as of an instant that is not one, or is still to come."""


@blueprint.get("/credentials/<number>")
@open_to_everyone
@limiter.limit(SEARCH)
def credential(number: str) -> ResponseReturnValue:
    """The signed credential; without its signature for who accepts JSON only."""
    kept = _kept(number)
    wanted = request.accept_mimetypes.best_match([SIGNED, *PLAIN], SIGNED)
    signed = wanted == SIGNED
    response = _signed(kept.jwt, KEPT) if signed else _plain(kept.jwt, str(wanted))
    response.vary.add("Accept")
    return response


@blueprint.get("/credentials/<number>.jwt")
@open_to_everyone
@limiter.limit(SEARCH)
def credential_file(number: str) -> ResponseReturnValue:
    """The signed credential as a file to keep."""
    kept = _kept(number)
    response = _signed(kept.jwt, KEPT)
    name = f"{kept.certificate.number}.vc.jwt"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.get("/credentials/<number>.json")
@open_to_everyone
@limiter.limit(SEARCH)
def credential_json(number: str) -> ResponseReturnValue:
    """What the credential says, byte for byte as it was signed."""
    return _plain(_kept(number).jwt, PLAIN[0])


@blueprint.get("/credentials/<number>/badge.json")
@open_to_everyone
@limiter.limit(SEARCH)
def open_badge(number: str) -> ResponseReturnValue:
    """The same certificate as an Open Badge 3.0."""
    return _plain(_kept(number).badge, PLAIN[0])


@blueprint.get("/credentials/<number>/badge.jwt")
@open_to_everyone
@limiter.limit(SEARCH)
def open_badge_file(number: str) -> ResponseReturnValue:
    """The Open Badge, signed."""
    return _signed(_kept(number).badge, KEPT)


@blueprint.get(f"/status/<any({', '.join(status_lists.PURPOSES)}):purpose>")
@open_to_everyone
def status(purpose: str) -> ResponseReturnValue:
    """A status list, of now or as of `timestamp` (Bitstring Status List, 2.5)."""
    asked, at = request.args.get("timestamp"), services().clock.now()
    events, signer = status_events(), services().signer
    if asked is None:
        return _signed(status_lists.now(purpose, events, at, signer), ASK_AGAIN)
    instant = _instant(asked, at)
    return _signed(status_lists.then(purpose, events, instant, signer), ASK_AGAIN)


@blueprint.get("/.well-known/did.json")
@open_to_everyone
def did() -> ResponseReturnValue:
    """Who we are and every key we ever signed credentials with (did:web)."""
    response = jsonify(services().signer.document())
    response.headers["Cache-Control"] = KEPT
    return response


@blueprint.get("/.well-known/jwks.json")
@open_to_everyone
def jwks() -> ResponseReturnValue:
    """The same keys for programs that know JOSE only."""
    response = jsonify(services().signer.jwks())
    response.headers["Cache-Control"] = KEPT
    return response


@blueprint.get("/badge/<number>.svg")
@open_to_everyone
def badge_svg(number: str) -> ResponseReturnValue:
    """The live badge."""
    shown = by_number(Number.read(number))
    badge = badge_of(shown, standing_of(shown, services().today()))
    response = Response(str(badge.svg()), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.get("/badge/<number>.json")
@open_to_everyone
def badge_json(number: str) -> ResponseReturnValue:
    """What the badge says, for who draws their own."""
    shown, now = by_number(Number.read(number)), services().clock.now()
    current = standing_of(shown, services().today())
    base = services().settings.base_url
    return jsonify(
        number=shown.number,
        edition=shown.edition,
        status=current.code,
        status_since=current.since.isoformat(),
        valid_until=shown.valid_until.isoformat(),
        text=badge_of(shown, current).alt,
        as_of=now.isoformat(timespec="seconds"),
        links={
            "page": f"{base}/c/{shown.number}",
            "picture": f"{base}/badge/{shown.number}.svg",
            **_credential_link(shown, base),
        },
    )


blueprint.after_request(open_to_origins)


def _kept(number: str) -> Credential:
    certificate = by_number(Number.read(number))
    if certificate.credential is None:
        raise NotFound(N_("This certificate has no credential."))
    return certificate.credential


def _signed(jwt: str, kept: str) -> Response:
    """A signed credential; a list signed again says the same, so its tag is weak."""
    response = Response(jwt, content_type=SIGNED)
    response.headers["Cache-Control"] = kept
    response.set_etag(sha256(said_by(jwt)).hexdigest(), weak=True)
    return response


def _plain(jwt: str, media_type: str) -> Response:
    response = Response(said_by(jwt), content_type=media_type)
    response.headers["Cache-Control"] = KEPT
    response.set_etag(sha256(said_by(jwt)).hexdigest())
    return response


def _credential_link(shown: Certificate, base: str) -> dict[str, str]:
    if shown.credential is None:
        return {}
    return {"credential": f"{base}/credentials/{shown.number}"}


def _instant(text: str, now: datetime) -> datetime:
    """An aware moment up to now, to the second; raises NoSuchTime."""
    try:
        # In an address the plus of a zone reads as a blank.
        instant = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not EARLIEST <= instant <= now:
        raise NoSuchTime(
            N_("Give a moment of the past with its zone, as 2026-03-02T09:00:00Z.")
        )
    return instant.astimezone(UTC).replace(microsecond=0)
