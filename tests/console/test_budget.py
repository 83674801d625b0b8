"""What a browser really downloads stays small: as the server sends it, before the first screen is there."""

import pytest

# Loaded when somebody writes, after the first screen.
EDITORS = ("editor.js", "composer.js")


def downloads(window, person, path, there):
    """Name → bytes of the scripts that a screen downloads, as they travel."""
    desk = window()
    page = desk.page
    answers = []
    page.on("requestfinished", lambda request: answers.append(request) if request.url.endswith(".js") else None)
    desk.sign_in(person)
    page.goto(path)
    page.locator(there).first.wait_for()
    page.wait_for_load_state("networkidle")
    found = {}
    for request in answers:
        response = request.response()
        name = request.url.rsplit("/", 1)[1]
        assert response.headers["content-encoding"] == "br", name
        # A file that the browser keeps has no size the second time.
        found[name] = max(found.get(name, 0), request.sizes()["responseBodySize"])
    return found


def test_a_requester_downloads_little_and_nothing_of_the_desk(window):
    found = downloads(window, "Maria", "/app/solicitacoes", "ul, .empty")
    assert set(found) == {"vendor.js", "app.js", "pt.js", "requester.js"}
    assert sum(found.values()) <= 45_000, found


@pytest.mark.parametrize(
    ("person", "path", "there"),
    [("Bia", "/app/chamados", "table"), ("Administração", "/app/inicio", ".verdict"), ("Administração", "/app/modelos/1", ".mail-frame")],
)
def test_a_role_downloads_little_beside_the_editors(window, person, path, there):
    found = downloads(window, person, path, there)
    own = {name: size for name, size in found.items() if name not in EDITORS}
    assert "requester.js" not in own
    assert sum(own.values()) <= 90_000, own
