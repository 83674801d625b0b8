"""What the tests of conversations share: two people, what the server has, and the composer."""

import re

from conftest import AXE

MARIA = {"name": "Maria Conceição", "email": "maria@example.com"}
BIA = {"name": "Bia Araújo", "email": "bia@example.com"}


def messages(local, ticket):
    """What the server has."""
    return local.call(local.token("admin", "ana@example.com"), "GET", f"/tickets/{ticket}/messages?limit=100")["items"]


def texts(local, ticket):
    """The texts of the messages that the server has."""
    return [message["text"] for message in messages(local, ticket)]


def editor(page):
    """Where a message is typed, once the editor is loaded."""
    return page.locator(".composer .rich-text")


def write(page, text, button):
    """Types a message and presses the button."""
    editor(page).fill(text)
    page.get_by_role("button", name=button).click()


def findings(page):
    """What axe finds on the page as it is."""
    # The policy lets no inline script in; the driver's evaluation is not the page's.
    page.evaluate(AXE.read_text())
    # A mail's frame is of another origin and its author's affair: axe would write to it, and complain.
    options = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], iframes: false}"
    found = page.evaluate(f"axe.run(document, {options})")
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]


def findings_in_both_themes(page):
    """The same, light and dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += findings(page)
    page.emulate_media(color_scheme="light")
    return found


def reach(page, target):
    """Tabs to something, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("(it) => it === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def is_as_wide_as_the_window(page):
    """Nothing makes the page wider than its window."""
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return widths[0] <= widths[1]


def short_pages(page, path):
    """Makes the server's pages of a list so short that few entries need more than one."""

    def shorten(route):
        route.continue_(url=re.sub(r"limit=\d+&?", "", route.request.url) + "&limit=2")

    page.route(re.compile(rf"{path}\?(?!.*since)"), shorten)
