"""The job of `shared/benches/render.rs` in Jinja2: reads it from stdin, prints nanoseconds a mail."""

import json
import statistics
import sys
import time

from jinja2 import Environment

job = json.load(sys.stdin)
environments = {html: Environment(autoescape=html) for html in (True, False)}
templates = [environments[part["html"]].from_string(part["text"]) for part in job["parts"]]
values = job["values"]


def mail():
    """Renders subject, HTML and text."""
    return [template.render(values) for template in templates]


figures = []
for _ in range(job["rounds"]):
    started = time.perf_counter()
    times = 0
    while time.perf_counter() - started < job["seconds"]:
        for _ in range(20):
            mail()
        times += 20
    figures.append((time.perf_counter() - started) / times * 1e9)
print(statistics.median(figures))
