"""A browser without script or style: it knows links, fields and buttons, no more."""

import io
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from flask import Flask
from lxml import html
from lxml.html import CheckboxGroup, HtmlElement, RadioGroup


class Window(Protocol):
    """What a person does with pages, in whichever browser."""

    def open(self, address: str, *, expect: int = 200) -> None:
        """Go to an address of this site; the page must have this status."""

    @property
    def address(self) -> str:
        """The path where one has come to, with its question."""

    @property
    def text(self) -> str:
        """The words of the page, blanks evened out."""

    def names(self) -> list[str]:
        """The names of the fields that can be filled."""

    def fill(self, **fields: Any) -> None:
        """Type into fields, choose radios, tick boxes."""

    def attach(self, name: str, filename: str, content: bytes) -> None:
        """Choose a file."""

    def press(
        self,
        words: str = "",
        *,
        named: tuple[str, str] = ("", ""),
        inside: str = "",
        expect: int = 200,
    ) -> None:
        """
        Press the first button that says these words, or bears a name and value,
        inside the element of this id; the page that comes has this status.
        """

    def parts(self, prefix: str) -> dict[str, str]:
        """The words of every section whose id begins so."""

    def link(self, words: str) -> str:
        """The address of the first link that says these words."""

    def value(self, name: str) -> str:
        """What stands in a field."""

    def follow(self, words: str) -> None:
        """Follow the first link that says these words."""

    def choice(self, words: str) -> str:
        """The value of the radio whose label has these words."""

    def ask(self, address: str, **question: str) -> dict[str, Any]:
        """What the service answers to a program."""

    def download(self, address: str) -> bytes:
        """What an address gives to be kept."""


def evened(text: str) -> str:
    """Words with one blank between them."""
    return " ".join(text.split())


#: What every browser says of a form of the page it shows.
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


class PlainWindow:
    """Through the Flask client: HTTP and forms as they stand in the page."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.address = "/"
        self.page: HtmlElement = html.fromstring("<html/>")
        self._files: dict[str, tuple[str, bytes]] = {}

    def open(self, address: str, *, expect: int = 200) -> None:
        self._show(self.client.get(address), expect)

    @property
    def text(self) -> str:
        return evened(self.page.text_content())

    def names(self) -> list[str]:
        found = self.page.xpath("//main//*[self::input|self::select|self::textarea]")
        seen = [one.name for one in found if one.name and one.get("type") != "hidden"]
        return list(dict.fromkeys(seen))

    def fill(self, **fields: Any) -> None:
        for name, value in fields.items():
            control = self._form_with(name).inputs[name]
            if isinstance(control, CheckboxGroup):
                control.value = set(value)
            elif isinstance(control, RadioGroup):
                control.value = value
            elif control.get("type") == "checkbox":
                control.checked = bool(value)
            else:
                control.value = value

    def attach(self, name: str, filename: str, content: bytes) -> None:
        assert self._form_with(name).get("enctype") == "multipart/form-data"
        self._files[name] = (filename, content)

    def press(
        self,
        words: str = "",
        *,
        named: tuple[str, str] = ("", ""),
        inside: str = "",
        expect: int = 200,
    ) -> None:
        where = self.page.get_element_by_id(inside) if inside else self.page
        buttons = [
            one
            for one in where.iter("button")
            if one.get("aria-hidden") != "true"
            and (visible(one) == words if words else says(one, named))
        ]
        assert buttons, f"No button {words or named} on {self.address}: {self.text}"
        form = next(buttons[0].iterancestors("form"))
        data: dict[str, list[Any]] = {}
        for name, value in sent(form):
            data.setdefault(name, []).append(value)
        if buttons[0].get("name"):
            data[buttons[0].get("name")] = [buttons[0].get("value")]
        for name, (filename, content) in self._files.items():
            if name in form.inputs:
                data[name] = [(io.BytesIO(content), filename)]
        send = self.client.post if form.method == "POST" else self.client.get
        action = urljoin(self.address, form.get("action") or "")
        kind = {"data": data} if form.method == "POST" else {"query_string": data}
        self._show(send(action, headers=FROM_HERE, **kind), expect)

    def link(self, words: str) -> str:
        links = [a for a in self.page.iter("a") if words in evened(a.text_content())]
        assert links, f"No link says “{words}” on {self.address}: {self.text}"
        return urljoin(self.address, links[0].get("href"))

    def value(self, name: str) -> str:
        return str(self._form_with(name).inputs[name].value)

    def follow(self, words: str) -> None:
        self.open(self.link(words))

    def parts(self, prefix: str) -> dict[str, str]:
        found = self.page.xpath("//section[starts-with(@id, $prefix)]", prefix=prefix)
        return {one.get("id"): evened(one.text_content()) for one in found}

    def choice(self, words: str) -> str:
        for label in self.page.iter("label"):
            if words in label.text_content():
                return str(self.page.get_element_by_id(label.get("for")).get("value"))
        raise AssertionError(f"No choice says “{words}” on {self.address}: {self.text}")

    def ask(self, address: str, **question: str) -> dict[str, Any]:
        answer = self.client.get(address, query_string=question)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def download(self, address: str) -> bytes:
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        assert "attachment" in answer.headers["Content-Disposition"]
        return bytes(answer.data)

    def _form_with(self, name: str) -> Any:
        for form in self.page.forms:
            if name in form.inputs:
                return form
        raise AssertionError(f"No field {name} on {self.address}: {self.names()}")

    def _show(self, answer: Any, expect: int) -> None:
        while answer.status_code in (301, 302, 303, 308):
            answer = self.client.get(answer.location)
        self.page = html.fromstring(answer.text)
        self._files = {}
        parts = urlsplit(answer.request.url)
        self.address = parts.path + (f"?{parts.query}" if parts.query else "")
        alerts = self.page.xpath("//main//*[@role='alert']") or [self.page]
        said = evened(alerts[0].text_content())
        assert answer.status_code == expect, (answer.status_code, self.address, said)


def sent(form: Any) -> Iterator[tuple[str, str]]:
    """What a browser sends of a form, buttons and files aside."""
    for control in form.inputs:
        if not control.name or control.get("type") in ("submit", "file"):
            continue
        if control.tag == "input" and control.checkable:
            if control.checked:
                # lxml would send "on" for a choice whose value is empty
                yield control.name, control.get("value", "on")
        elif control.tag == "select" and control.multiple:
            yield from ((control.name, value) for value in control.value)
        else:
            yield control.name, control.value or ""


def says(button: HtmlElement, named: tuple[str, str]) -> bool:
    """Whether a button bears this name and value."""
    return (button.get("name"), button.get("value")) == named


def visible(element: HtmlElement) -> str:
    """The words of an element that are seen; others are for screen readers."""
    text = element.text_content()
    for hidden in element.find_class("visually-hidden"):
        text = text.replace(hidden.text_content(), "", 1)
    return evened(text)
