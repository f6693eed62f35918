"""Days are said as Italian says them."""

from datetime import date

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

from registry.mail.writing import write
from registry.translations.elision import elided


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Valido dal 8 maggio 2026", "Valido dall’8 maggio 2026"),
        ("entro il 11 ottobre 2026", "entro l’11 ottobre 2026"),
        ("Il 8 marzo 2026", "L’8 marzo 2026"),
        ("fino al 11 marzo 2026", "fino all’11 marzo 2026"),
        ("la decisione del 8 marzo", "la decisione dell’8 marzo"),
        ("dal 18 maggio al 1 giugno", "dal 18 maggio al 1 giugno"),
        ("il 8 per cento, dal 80", "il 8 per cento, dal 80"),
    ],
)
def test_the_article_elides_before_otto_and_undici(written: str, said: str) -> None:
    assert elided(written) == said


def test_pages_elide_in_italian_only(app: Flask) -> None:
    page = "{{ _('since %(day)s', day=on|day) }}"
    for language, said in (("it", "dall’8 maggio 2026"), ("en", "since 8 May 2026")):
        with app.test_request_context(), force_locale(language):
            assert render_template_string(page, on=date(2026, 5, 8)) == said


def test_letters_elide_too() -> None:
    facts = {
        "recipient": {"name": "Ada"},
        "organisation": {"name": "Il Melo"},
        "certificate": {"number": "IMP-2026-000001-20"},
        "measure": {"id": 1, "decide_by_on": date(2026, 5, 8)},
    }
    assert "entro l’8 maggio 2026." in write("rechecks/to_ratify", "it", facts)[1]
