/** Message HTML, which the API sanitised, shown by copying what is on a short list and nothing else. */
import { type ComponentChild, h } from "preact";
import { useMemo } from "preact/hooks";
import { words } from "../base";
import { parsed } from "./inert";

const ELEMENTS = new Set(
  "p br div span b strong i em u s del code pre blockquote ul ol li a h1 h2 h3 h4 h5 h6 hr table thead tbody tr td th".split(
    " ",
  ),
);
/** What is never shown, with what is in it. */
const DROPPED = new Set(
  "script style template iframe object embed svg math form input button textarea select title".split(" "),
);

function addressOf(element: Element): string | undefined {
  const href = element.getAttribute("href") ?? "";
  return /^(https?:|mailto:|tel:)/i.test(href.trim()) ? href.trim() : undefined;
}

/** The nodes of a document as elements of ours. */
export function copy(node: Node, key = 0): ComponentChild {
  if (node.nodeType === 3) return node.textContent;
  if (node.nodeType !== 1) return null;
  const element = node as Element;
  const tag = element.tagName.toLowerCase();
  if (DROPPED.has(tag)) return null;
  if (tag === "img")
    return <span class="image-blocked">[{element.getAttribute("alt") || words.value.conversation.imageBlocked}]</span>;
  const children = [...element.childNodes].map(copy);
  if (tag === "a") {
    const href = addressOf(element);
    return href ? (
      <a key={key} href={href} rel="noopener noreferrer" target="_blank">
        {children}
      </a>
    ) : (
      children
    );
  }
  // A heading of a message is not a heading of the page.
  if (/^h[1-6]$/.test(tag)) return h("p", { key, class: "heading" }, children);
  return ELEMENTS.has(tag) ? h(tag, { key }, tag === "br" || tag === "hr" ? undefined : children) : children;
}

/** A message that was written as HTML. */
export function SafeHtml({ html }: { html: string }) {
  const shown = useMemo(() => [...parsed(html).body.childNodes].map(copy), [html]);
  return <div class="rich">{shown}</div>;
}
