/** What a message may have in it: what the API's sanitiser keeps and a mail shows everywhere. */
import { type DOMOutputSpec, type MarkSpec, type Node, type NodeSpec, Schema } from "prosemirror-model";

const BLOCK: DOMOutputSpec = ["p", 0];

const nodes: Record<string, NodeSpec> = {
  doc: { content: "block+" },
  paragraph: {
    content: "inline*",
    group: "block",
    // A heading of another document is not a heading of a message.
    parseDOM: ["p", "h1", "h2", "h3", "h4", "h5", "h6"].map((tag) => ({ tag })),
    toDOM: () => BLOCK,
  },
  blockquote: {
    content: "block+",
    group: "block",
    defining: true,
    parseDOM: [{ tag: "blockquote" }],
    toDOM: () => ["blockquote", 0],
  },
  code_block: {
    content: "text*",
    marks: "",
    group: "block",
    code: true,
    defining: true,
    parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
    toDOM: () => ["pre", ["code", 0]],
  },
  ordered_list: {
    content: "list_item+",
    group: "block",
    attrs: { order: { default: 1 } },
    parseDOM: [{ tag: "ol", getAttrs: (list) => ({ order: Number(list.getAttribute("start") ?? 1) || 1 }) }],
    toDOM: (node) => (node.attrs["order"] === 1 ? ["ol", 0] : ["ol", { start: node.attrs["order"] as number }, 0]),
  },
  bullet_list: { content: "list_item+", group: "block", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
  list_item: { content: "paragraph block*", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
  text: { group: "inline" },
  hard_break: {
    inline: true,
    group: "inline",
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: "br" }],
    toDOM: () => ["br"],
  },
};

const marks: Record<string, MarkSpec> = {
  link: {
    attrs: { href: {} },
    inclusive: false,
    parseDOM: [{ tag: "a[href]", getAttrs: (link) => attributesOf(link.getAttribute("href") ?? "") }],
    toDOM: (mark) => ["a", { href: mark.attrs["href"] as string }, 0],
  },
  strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
  em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
  code: { code: true, parseDOM: [{ tag: "code" }], toDOM: () => ["code", 0] },
};

/** The schema of messages. */
export const schema = new Schema({ nodes, marks });

/** An address that a link may lead to, as it is kept; null for anything else. */
export function addressOf(text: string): string | null {
  const address = text.trim();
  if (/^(https?:\/\/|mailto:|tel:)[^\s]+$/i.test(address)) return address;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(address)) return `mailto:${address}`;
  return /^[\w-]+(\.[\w-]+)+(:\d+)?([/?#][^\s]*)?$/.test(address) ? `https://${address}` : null;
}

/** Attributes of a pasted link; false is not a link. */
function attributesOf(href: string): { href: string } | false {
  return /^(https?:\/\/|mailto:|tel:)/i.test(href.trim()) ? { href: href.trim() } : false;
}

/** Whether a document is nothing but text: it is sent as text then. */
export function isPlain(doc: Node): boolean {
  let plain = true;
  doc.descendants((node) => {
    if (node.isBlock ? node.type.name !== "paragraph" : node.marks.length > 0) plain = false;
    return plain;
  });
  return plain;
}

/** A document as text: paragraphs apart by an empty line, as `docOf` reads them. */
export function textOf(doc: Node): string {
  if (isPlain(doc)) return doc.content.content.map((block) => inlineText(block)).join("\n\n");
  const lines: string[] = [];
  doc.forEach((block) => {
    lines.push(blockText(block));
  });
  return lines.join("\n\n");
}

function inlineText(block: Node): string {
  return block.textBetween(0, block.content.size, null, (leaf) => (leaf.type.name === "hard_break" ? "\n" : ""));
}

function blockText(block: Node): string {
  if (block.isTextblock) return inlineText(block);
  const inner: string[] = [];
  block.forEach((child, _, at) => {
    const text = blockText(child);
    switch (block.type.name) {
      case "bullet_list":
        inner.push(`- ${text.replace(/\n/g, "\n  ")}`);
        break;
      case "ordered_list":
        inner.push(`${(block.attrs["order"] as number) + at}. ${text.replace(/\n/g, "\n   ")}`);
        break;
      case "blockquote":
        inner.push(text.replace(/^/gm, "> "));
        break;
      default:
        inner.push(text);
    }
  });
  return inner.join(block.type.name === "blockquote" ? "\n>\n" : "\n");
}

/** A text as a document. */
export function docOf(text: string): Node {
  const paragraph = (part: string) => {
    const inline: Node[] = [];
    for (const [at, line] of part.split("\n").entries()) {
      if (at > 0) inline.push(schema.node("hard_break"));
      if (line) inline.push(schema.text(line));
    }
    return schema.node("paragraph", null, inline);
  };
  return schema.node("doc", null, text.replace(/\r\n?/g, "\n").split("\n\n").map(paragraph));
}
