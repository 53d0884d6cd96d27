"""Every word that a page shows, and those that are not French (1-22)."""

import re

from playwright.sync_api import Page

# Words that no French page holds; what the two languages share is left out.
ENGLISH = re.compile(
    r"\b(the|of|and|you|your|with|from|this|that|are|is|was|been|have|has|will|by|to|all|any|not|"
    r"save|saved|delete|deleted|add|added|change[ds]|changed|changes|search|none|true|false|"
    r"welcome|select|view|yes|run|cancel|close|back|next|previous|show|today|now|created|updated|"
    r"user|users|username|password|log ?in|log ?out|home|required|choose|field|fields|object|row|"
    r"rows|file|download|upload|history|filters?|apply|clear|reset|dark|light|system|from|name|"
    r"value|values|unknown|error|errors|page not found|results?|entries|entry|loading|please)\b",
    re.IGNORECASE,
)
READ = """
() => {
  const texts = [document.title];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("script, style, template, .material-symbols-outlined")) continue;
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && node.data.trim()) texts.push(node.data.trim());
    }
    for (const name of ["title", "placeholder", "aria-label", "alt", "data-label"]) {
      if (element.getAttribute(name)) texts.push(element.getAttribute(name));
    }
  }
  return [...new Set(texts)];
}
"""


def english(page: Page) -> list[str]:
    """Return the texts of the page that hold an English word."""
    return [text for text in page.evaluate(READ) if ENGLISH.search(text)]
