"""What a browser page must never say: violations of the policy, errors, broken expressions."""

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


def read(page: Page, path: str) -> None:
    """Open a page for its words, where scripts do not run."""
    page.goto(path, wait_until="domcontentloaded")


def visit(page: Page, path: str) -> None:
    """Open a page and wait until its scripts have settled: Django's jQuery calls back late."""
    page.goto(path)
    settled(page)


def settled(page: Page) -> None:
    """Wait until the scripts of a page that one has come to have settled."""
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    page.evaluate(
        "() => new Promise((done) => (window.django?.jQuery || setTimeout)(() => done()))"
    )


@dataclass
class Watch:
    """Collects what goes wrong in one page, whatever it visits.

    Paused while axe runs, which breaks the policy itself.
    """

    page: Page
    paused: bool = False
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(REPORT_VIOLATIONS)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._add(f"error {error}"))
        self.page.on("response", lambda response: self._on_status(response.status, response.url))
        # A form that was changed asks before it is left.
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self._add(message.text)

    def _on_status(self, status: int, url: str) -> None:
        if status >= 400:
            self._add(f"status {status} for {url}")

    def _add(self, text: str) -> None:
        if not self.paused:
            self.problems.append(f"{self.page.url}: {text}")
