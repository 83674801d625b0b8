/** What Word, Outlook and tables put in the clipboard, as lists and lines that the schema knows. */
import { parsed } from "../conversation/inert";

/** HTML of the clipboard with what they say in their own ways said in plain HTML. */
export function cleaned(html: string): string {
  const { body } = parsed(html);
  for (const sign of body.querySelectorAll("[data-style*='mso-list:Ignore' i], [data-style*='mso-list: Ignore' i]")) {
    // The sign of an item, drawn as text: the list has its own.
    const item = sign.closest("p");
    if (item) item.dataset["sign"] ??= sign.textContent?.trim() ?? "";
    sign.remove();
  }
  lists(body);
  rows(body);
  marks(body);
  return body.innerHTML;
}

/** Bold and italic that are styles, as elements; what only looks like an element is not one. */
function marks(body: HTMLElement): void {
  for (const element of body.querySelectorAll<HTMLElement>("[data-style]")) {
    const style = element.dataset["style"] ?? "";
    element.removeAttribute("data-style");
    const weight = /font-weight:\s*([\w]+)/i.exec(style)?.[1]?.toLowerCase() ?? "";
    // Google Docs wraps everything in a `b` that is not bold.
    if (/^(normal|400)$/.test(weight) && element.tagName === "B") element.replaceWith(...element.childNodes);
    else if (/^(bold|bolder|[6-9]00)$/.test(weight)) wrap(element, "strong");
    if (/font-style:\s*italic/i.test(style)) wrap(element, "em");
  }
}

function wrap(element: HTMLElement, tag: string): void {
  const mark = element.ownerDocument.createElement(tag);
  mark.append(...element.childNodes);
  element.append(mark);
}

/** Paragraphs of a list of Word, one after the other, as a list. */
function lists(body: HTMLElement): void {
  const open: { level: number; list: HTMLElement }[] = [];
  let last: Element | null = null;
  for (const item of body.querySelectorAll<HTMLElement>("p[data-style*='mso-list' i]")) {
    const level = Number(/mso-list:[^;]*level(\d)/i.exec(item.dataset["style"] ?? "")?.[1] ?? 0);
    if (level === 0) continue;
    if (last && item.previousElementSibling !== last) open.length = 0;
    while ((open.at(-1)?.level ?? 0) > level) open.pop();
    let top = open.at(-1);
    if (!top || top.level < level) {
      const list = body.ownerDocument.createElement(/^\(?[\da-z]+[.)]/i.test(item.dataset["sign"] ?? "") ? "ol" : "ul");
      const inside = top?.list.lastElementChild;
      if (inside) inside.append(list);
      else item.before(list);
      top = { level, list };
      open.push(top);
    }
    last = open[0]?.list ?? null;
    const entry = body.ownerDocument.createElement("li");
    const text = body.ownerDocument.createElement("p");
    text.append(...item.childNodes);
    entry.append(text);
    top.list.append(entry);
    item.remove();
  }
}

/** Rows of a table as lines, their cells apart. */
function rows(body: HTMLElement): void {
  for (const row of body.querySelectorAll("tr")) {
    const line = body.ownerDocument.createElement("p");
    for (const [at, cell] of [...row.querySelectorAll("td, th")].entries()) {
      if (at > 0) line.append(" | ");
      line.append(cell.textContent?.trim().replace(/\s+/g, " ") ?? "");
    }
    row.closest("table")?.before(line);
    row.remove();
  }
}
