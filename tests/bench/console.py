"""How long a browser needs until the first list of the console is painted: `make bench FIGURES=console`.

Debian's Chromium with a processor that is slowed four times and an empty cache, in front of the release server with
its demo. Given the program of the server as its argument.
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.browser import debians_chromium, sign_in  # noqa: E402
from harness.process import Process, free_port  # noqa: E402

TIMES, SLOWER = 20, 4
# Person → address of the first list, and a row of it.
LISTS = {"Maria": ("/app/solicitacoes", ".request"), "Bia": ("/app/chamados", "tbody tr")}
# From the start of the navigation until the frame in which the first row is there has been painted.
WATCH = """
window.painted = new Promise((painted) => {
  new MutationObserver((_, watch) => {
    if (!document.querySelector("%s")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => painted(performance.now())));
  }).observe(document, { childList: true, subtree: true });
});
"""


def measure(browser, address, person):
    """Milliseconds of each load."""
    path, row = LISTS[person]
    context = browser.new_context(base_url=address, locale="pt-BR")
    page = context.new_page()
    sign_in(page, person)
    page.add_init_script(WATCH % row)
    session = context.new_cdp_session(page)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    taken = []
    for _ in range(TIMES):
        page.goto(path)
        taken.append(page.evaluate("window.painted"))
    context.close()
    return taken


def main(program):
    """Prints a table."""
    print("| first list, processor slowed 4 times | painted after, median | longest | target |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, debians_chromium() as browser:
        port = free_port()
        server = Process([program, "serve", "--port", str(port), "--data", f"{folder}/data"], Path(folder) / "log", cwd=folder)
        try:
            server.wait_until_listening(port)
            for person in LISTS:
                taken = measure(browser, f"http://127.0.0.1:{port}", person)
                print(f"| {person} | {statistics.median(taken):.0f} ms | {max(taken):.0f} ms | ≤ 1 s |", flush=True)
        finally:
            server.end()


if __name__ == "__main__":
    main(sys.argv[1])
