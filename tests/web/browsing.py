"""What tests of the pages do: write what a loader would, and read a form as a browser does."""

from html.parser import HTMLParser

import httpx

from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.exchange.fhir.remainder import open_resource
from wardbase.record import link
from wardbase.record.write import Writer


def write(tenant: str, resources: list[bytes]) -> None:
    """Write resources, as a loader would."""
    with (
        session(tenant, LOCAL_ADMINISTRATOR, "test") as own,
        session(tenant, LOCAL_ADMINISTRATOR, "test") as other,
    ):
        done = Writer(own, other).write([open_resource(raw) for raw in resources])
        assert not done.refused
        link.link(own.connection)


def fields(page: httpx.Response) -> dict[str, str]:
    """What the form of a page would send."""
    reader = _Form()
    reader.feed(page.text)
    return reader.values


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._inside = False
        self._choice = self._note = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method") == "post"
        elif not self._inside:
            return
        elif tag == "input":
            self.values[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._choice = given["name"]
            self.values[self._choice] = ""
        elif tag == "option" and self._choice and "selected" in given:
            self.values[self._choice] = given["value"]
        elif tag == "textarea":
            self._note = given["name"]
            self.values[self._note] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._choice = ""
        elif tag == "textarea":
            self.values[self._note] = self.values[self._note].removeprefix("\n")
            self._note = ""
        elif tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._note:
            self.values[self._note] += data
