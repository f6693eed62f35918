"""The receipt as paper: one plain page, with the signed text enclosed."""

import json

from flask import render_template
from flask_babel import gettext

from registry.paper import Enclosure, Paper
from registry.paths import TEMPLATES
from registry.receipts.rules import Payload
from registry.receipts.telling import Told

STYLE = TEMPLATES / "receipts" / "paper.css"


def pdf(payload: Payload, jwt: str, paper: Paper) -> bytes:
    """
    A receipt as PDF/A-3 in the language of the page; the same receipt, the same bytes.

    Enclosed are `receipt.jwt`, which proves it, and `receipt.json`, its text in clear.
    """
    told = Told(payload)
    html = render_template("receipts/paper.html", receipt=told)
    text = json.dumps(payload, ensure_ascii=False, indent=2, sort_keys=True)
    return paper.print(
        html,
        STYLE.read_text(encoding="utf-8"),
        {},
        title=gettext("Receipt of a check %(number)s", number=told.number),
        created=told.issued_at,
        author="Registro Impact",
        enclosures=(
            Enclosure("receipt.jwt", jwt.encode(), gettext("The signed receipt")),
            Enclosure(
                "receipt.json",
                f"{text}\n".encode(),
                gettext("Its text in clear"),
                "Alternative",
            ),
        ),
    )
