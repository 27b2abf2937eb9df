"""The console as a person uses it."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

_PATIENCE_MS = 60_000  # a machine that does other things beside the tests is ten times slower

_ARRIVED = """
() => {
  const main = document.getElementById("main");
  return main?.dataset.place === location.hash && !main.hasAttribute("aria-busy");
}
"""

_WATCH_STATES = """
new MutationObserver(() => {
  for (const state of document.querySelectorAll(".files .state")) {
    const text = state.textContent.split(" · ")[0];
    window.told ??= [];
    if (window.told.at(-1) !== text) window.told.push(text);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""

_DROP = """
([field, files]) => {
  const moved = new DataTransfer();
  for (const [name, text] of files) moved.items.add(new File([text], name));
  document.querySelector(field).dispatchEvent(new DragEvent("drop", { dataTransfer: moved, bubbles: true }));
}
"""

_DROP_BYTES = """
([field, name, content]) => {
  const moved = new DataTransfer();
  moved.items.add(new File([Uint8Array.from(atob(content), (character) => character.charCodeAt(0))], name));
  document.querySelector(field).dispatchEvent(new DragEvent("drop", { dataTransfer: moved, bubbles: true }));
}
"""


class ConsolePage:
    """What is done on the pages, and what they ask for meanwhile."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.sent: list[Request] = []
        page.set_default_timeout(_PATIENCE_MS)
        expect.set_options(timeout=_PATIENCE_MS)
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("filechooser", lambda _: None)  # told of it at the first choice only, the browser may hear too late
        page.add_init_script(_WATCH_STATES)

    def open(self, place: str = "") -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.address}/#/{place}")
        self.arrive()

    def arrive(self) -> None:
        """Wait until the page that the address names is there, and not the one before it."""
        self.page.wait_for_function(_ARRIVED)

    def choose(self, *files: Path) -> None:
        """Choose files as the button's dialog does."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose files").click()
        chooser.value.set_files(list(files))

    def drop(self, **files: str) -> None:
        """Drop files; each is a name, with _ for the dot before its ending, and its text."""
        named = [[".".join(name.rsplit("_", 1)), text] for name, text in files.items()]
        self.page.locator(".drop").wait_for()
        self.page.evaluate(_DROP, [".drop", named])

    def drop_file(self, file: Path) -> None:
        """Drop a file as it lies on the disk."""
        content = base64.b64encode(file.read_bytes()).decode()
        self.page.locator(".drop").wait_for()
        self.page.evaluate(_DROP_BYTES, [".drop", file.name, content])

    def line(self, name: str) -> Locator:
        """The line of a file."""
        return self.page.locator(".files > li").filter(has_text=name)

    def until(self, name: str, stage: str) -> Locator:
        """Wait until a file has come to a stage, and return its line."""
        line = self.line(name)
        expect(line).to_have_attribute("data-stage", stage)
        return line

    def show(self, recording: Path) -> None:
        """Have a recording analysed, open its result, and wait until its signal is drawn."""
        self.open()
        self.choose(recording)
        self.until(recording.name, "done").get_by_role("link", name="Show the result").click()
        self.drawn()

    def drawn(self) -> None:
        """Wait until the signal is drawn."""
        self.page.locator("canvas[data-points]:not([data-points='0']):not([aria-busy])").wait_for()

    @property
    def states(self) -> list[str]:
        """All that was told of the files, in its order."""
        told: list[str] = self.page.evaluate("window.told ?? []")
        return told

    def requests(self, method: str, part: str) -> list[Any]:
        """The requests of a method whose address holds a text."""
        return [request for request in self.sent if request.method == method and part in request.url]

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)
        self.sent.append(request)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:  # an answer of 4xx is not a script's fault
            self.faults.append(text)
