/** What Word, Outlook and tables put in the clipboard, as lists and lines that the schema knows. */

/** HTML of the clipboard with what they say in their own ways said in plain HTML. */
export function cleaned(html: string): string {
  if (!/mso-|<t[drh]\b/i.test(html)) return html;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const mark of body.querySelectorAll("style, [style*='mso-list:Ignore' i], [style*='mso-list: Ignore' i]")) {
    // The sign of an item, drawn as text: the list has its own.
    const item = mark.closest("p");
    if (item && mark.tagName !== "STYLE") item.dataset["sign"] ??= mark.textContent?.trim() ?? "";
    mark.remove();
  }
  lists(body);
  rows(body);
  return body.innerHTML;
}

/** Paragraphs of a list of Word, one after the other, as a list. */
function lists(body: HTMLElement): void {
  const open: { level: number; list: HTMLElement }[] = [];
  let last: Element | null = null;
  for (const item of body.querySelectorAll<HTMLElement>("p[style*='mso-list' i], h1[style*='mso-list' i]")) {
    const level = Number(/mso-list:[^;]*level(\d)/i.exec(item.getAttribute("style") ?? "")?.[1] ?? 0);
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
