"""Nothing that is typed into an address is ever a fault of ours."""

from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.public.stories import certified

NASTY = [
    "",
    " ",
    "0",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "\x00",
    "a\x00b",
    "\u202egnp.exe",
    "\u2066a\u2069",
    "\ufeff",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "%s%n%(number)s",
    "' OR 1=1 --",
    '" OR "" = "',
    "* NEAR(a b)",
    "AND OR NOT",
    "a*",
    '"',
    "name_key:x",
    "!&|():*",
    "../../etc/passwd",
    "x" * 10_000,
    "à" * 5_000,
    "2026-02-30",
    "0000-00-00",
    "99999-01-01",
    "٢٠٢٦-٠١-٠١",
    "IMP-2026-999999999999-99",
    "IMP٢٠٢٦٠٠٠٠٠١٣٨",
    "zz~h99999999999",
    "zz~l1",
    "~h1",
    "\x00~h1",
]
PAGES = {
    "/it/register": ("q", "province", "kind", "sector", "status", "after", "before"),
    "/it/verify": ("q", "lang"),
    "/verify": ("q", "lang"),
    "/en/": ("lang", "q"),
    "/it/criteria": ("lang",),
    "/api/v1/verify": ("vat", "tax_code", "albo", "certificate", "on", "lang", "x"),
    "/api/v1/openapi.json": ("x",),
}


@pytest.fixture
def somebody(app: Flask) -> None:
    certified("Il Ginepro")


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in PAGES.items() for name in names]
)
def test_no_parameter_is_a_fault_of_ours(
    client: FlaskClient, path: str, name: str
) -> None:
    for value in NASTY:
        answer = client.get(path, query_string={name: value})
        assert answer.status_code in {200, 302, 422}, (value[:40], answer.status)
        if answer.mimetype == "text/html":
            assert "<script>alert" not in answer.text
            assert "<img src=x" not in answer.text
            assert "\x00" not in answer.text
            assert "\u202e" not in answer.text


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("before", ["/c/", "/it/register/", "/it/criteria/impact/"])
def test_no_path_is_a_fault_of_ours(client: FlaskClient, before: str) -> None:

    for value in NASTY:
        answer = client.get(before + quote(value, safe=""))
        assert answer.status_code in {200, 308, 404}, (value[:40], answer.status)


@pytest.mark.usefixtures("somebody")
def test_a_hundred_parameters_are_as_good_as_one(client: FlaskClient) -> None:
    query = "&".join(f"q=a{n}&on=2026-01-0{n % 9}" for n in range(100))
    assert client.get(f"/it/register?{query}").status_code == 200
    assert client.get(f"/api/v1/verify?{query}").status_code == 422
