"""The machine's own Chromium, controlled over the DevTools protocol by two pipes, without a Python package."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 30  # seconds

# The browser reads commands from descriptor 3 and answers on 4.
BRIDGE = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


def found() -> str:
    """The path of Chromium, "" if there is none; the variable CHROMIUM sets another one."""
    named = os.environ.get("CHROMIUM", "")
    return named or next((path for name in NAMES if (path := shutil.which(name))), "")


@dataclass
class Browser:
    """The connection to one browser. `events` holds messages that answer no command."""

    commands: int
    answers: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 0
    _rest: bytes = b""

    def ask(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters} | (
            {"sessionId": session} if session else {}
        )
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            self.events.append(answer)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for(self, method: str, session: str) -> None:
        while not any(one["method"] == method and one.get("sessionId") == session for one in self.events):
            self.events.append(self._next())

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self.answers], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.answers, 2**20) if ready else b""
            assert piece, "the browser is silent"
            self._rest += piece
        one, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(one)
        return message


@dataclass
class Page:
    """One window, on one address. `width` in CSS pixels; `scheme` is light or dark."""

    browser: Browser
    session: str

    def value(self, expression: str) -> Any:
        answer = self.browser.ask(
            "Runtime.evaluate", self.session, expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def asked_for(self) -> list[str]:
        """The URLs that the page requested."""
        return [one["request"]["url"] for one in self._told("Network.requestWillBeSent")]

    def complaints(self) -> list[str]:
        """Messages of the console, except failed fetches."""
        logged = [one["entry"] for one in self._told("Log.entryAdded")]
        said = [one["text"] for one in logged if one["source"] != "network"]
        return said + [str(one["args"]) for one in self._told("Runtime.consoleAPICalled")]

    def _told(self, method: str) -> list[dict[str, Any]]:
        mine = (one for one in self.browser.events if one.get("sessionId") == self.session)
        return [one["params"] for one in mine if one["method"] == method]


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        (theirs_in, commands), (answers, theirs_out) = os.pipe(), os.pipe()
        bridge = [sys.executable, "-c", BRIDGE, str(theirs_in), str(theirs_out)]
        process = subprocess.Popen(
            [*bridge, path, *FLAGS, f"--user-data-dir={Path(home)}"],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        browser = Browser(commands, answers)
        try:
            yield browser
            browser.ask("Browser.close")
        finally:
            os.close(commands)
            os.close(answers)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def opened(browser: Browser, url: str, *, width: int = 1280, scheme: str = "light") -> Iterator[Page]:
    """The page, loaded."""
    browser.events.clear()
    target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
    session: str = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Network", "Runtime", "Log"):
        browser.ask(f"{domain}.enable", session)
    browser.ask(
        "Emulation.setDeviceMetricsOverride", session, width=width, height=900, deviceScaleFactor=1, mobile=False
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.ask("Emulation.setEmulatedMedia", session, features=features)
    browser.events.clear()
    browser.ask("Page.navigate", session, url=url)
    browser.wait_for("Page.loadEventFired", session)
    try:
        yield Page(browser, session)
    finally:
        browser.ask("Target.closeTarget", targetId=target)
