"""The keyboard alone: what the Tab key reaches, whether it shows there, and with which mark (E.3-04)."""

from playwright.sync_api import Page

# A box for a day and an hour has five parts and a button, each of which takes a press.
PATIENCE = 8
PREPARE = """
() => {
  const selector = "a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  const shown = (one) =>
    one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    one.getBoundingClientRect().width > 1;
  // Of the choices of one question the arrows reach the others.
  const other = (one) => one.type === "radio" && one.name && !one.checked &&
    document.querySelector(`input[type=radio][name="${one.name}"]`) !== one;
  const mark = (one) => {
    const { outlineStyle, outlineColor, boxShadow, borderColor } = getComputedStyle(one);
    return [outlineStyle, outlineColor, boxShadow, borderColor].join();
  };
  const told = (one) => `${one.tagName.toLowerCase()} « ${
    (one.getAttribute("aria-label") || one.textContent.trim() || one.name || one.id).slice(0, 60)
  } »`;
  document.activeElement?.blur();
  const all = [...document.querySelectorAll(selector)].filter(
    (one) => shown(one) && !one.matches(":disabled") && !one.closest("[aria-hidden=true]") && !other(one)
  );
  window.waiting = new Map(all.map((one) => [one, mark(one)]));
  const frame = () => new Promise(requestAnimationFrame);
  window.onFocus = async () => {
    await frame();
    const one = document.activeElement;
    if (!one || one === document.body) return { ended: true };
    const before = window.waiting.get(one);
    if (before === undefined) return { again: true };
    window.waiting.delete(one);
    const faults = [];
    if (mark(one) === before) faults.push("no mark");
    const { left, top, right, bottom } = one.getClientRects()[0];
    const x = (Math.max(left, 0) + Math.min(right, window.innerWidth)) / 2;
    const y = (Math.max(top, 0) + Math.min(bottom, window.innerHeight)) / 2;
    const at = document.elementFromPoint(x, y);
    const near = [one, ...(one.labels || [])];
    if (!at || !near.some((place) => place.contains(at) || at.contains(place))) {
      faults.push(`hidden by ${at ? told(at) : "the edge"}`);
    }
    return { faults: faults.map((fault) => `${told(one)}: ${fault}`) };
  };
  window.notReached = () => [...window.waiting.keys()]
    .filter((one) => one.isConnected && shown(one))
    .map((one) => `${told(one)}: not reached`);
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
}
"""


def unreached(page: Page) -> list[str]:
    """Walk the page with the Tab key; return what it does not reach, or where one would be lost."""
    page.evaluate(PREPARE)
    found: list[str] = []
    again = 0
    while again < PATIENCE:
        page.keyboard.press("Tab")
        seen = page.evaluate("window.onFocus()")
        if seen.get("ended"):
            break
        again = again + 1 if seen.get("again") else 0
        found += seen.get("faults", [])
    return found + page.evaluate("window.notReached()")
