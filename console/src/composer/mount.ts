/** The editor in the page: a view of ProseMirror, and what the form around it needs of it. */
import { baseKeymap, toggleMark } from "prosemirror-commands";
import { history } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { DOMParser, DOMSerializer, type Node, Slice } from "prosemirror-model";
import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { parsed } from "../conversation/inert";
import type { Editor, Options, ToolState, Written } from "../conversation/rich";
import { hasMark, keysOf, mark, TOOLS, typing } from "./commands";
import { cleaned } from "./paste";
import { addressOf, docOf, isPlain, schema, textOf } from "./schema";

function read({ text, html }: Written): Node {
  if (!html) return docOf(text);
  return DOMParser.fromSchema(schema).parse(parsed(html).body);
}

function write(doc: Node): Written {
  const text = textOf(doc);
  if (isPlain(doc)) return { text };
  const box = document.createElement("div");
  box.append(DOMSerializer.fromSchema(schema).serializeFragment(doc.content));
  // A paragraph in each item makes gaps in mails, and lines of their own for the signs in texts.
  for (const item of box.querySelectorAll("li > p:first-child")) {
    if (item.nextElementSibling?.tagName !== "P") item.replaceWith(...item.childNodes);
  }
  // An empty paragraph has no height in a mail.
  for (const empty of box.querySelectorAll("p:empty")) empty.append(document.createElement("br"));
  return { text, html: box.innerHTML };
}

/** Puts an editor into `place`. */
export function mount(place: HTMLElement, options: Options): Editor {
  const make = (doc: Node) =>
    EditorState.create({
      doc,
      plugins: [typing(), keymap(keysOf({ "Mod-Enter": send, "Mod-k": link })), keymap(baseKeymap), history()],
    });
  const send = () => {
    options.onSend();
    return true;
  };
  const link = () => {
    options.onLink();
    return true;
  };
  const view = new EditorView(place, {
    state: make(read(options.written)),
    attributes: options.attributes,
    transformPastedHTML: cleaned,
    handlePaste: (_, event) => options.onFiles(event.clipboardData),
    handleDOMEvents: { drop: (_, event) => !!event.dataTransfer?.types.includes("Files") },
    dispatchTransaction(transaction) {
      const refused = transaction.docChanged && options.locked();
      // A state that stays takes what the browser typed out of the page again.
      view.updateState(refused ? view.state : view.state.apply(transaction));
      if (transaction.docChanged && !refused) options.onChange(write(view.state.doc));
      options.onState(stateOf(view.state));
    },
  });
  const { doc, tr } = view.state;
  view.dispatch(tr.setSelection(TextSelection.near(doc.resolve(caretAt(doc, options.caret)))));
  if (options.focused) view.focus();
  options.onState(stateOf(view.state));
  return {
    focus: () => view.focus(),
    destroy: () => view.destroy(),
    set: (written) => {
      view.updateState(make(read(written)));
      options.onState(stateOf(view.state));
    },
    refresh: () => view.setProps({}),
    insert: (written) => {
      // Words stay in the line where the caret is.
      const slice = Slice.maxOpen(read(written).content);
      view.dispatch(view.state.tr.replaceSelection(slice).scrollIntoView());
      view.focus();
    },
    run: (name) => {
      TOOLS.find((tool) => tool.name === name)?.run(view.state, view.dispatch, view);
      view.focus();
    },
    link: () => linkAt(view.state),
    setLink: (text) => {
      const href = text === null ? null : addressOf(text);
      if (text !== null && href === null) return false;
      applyLink(view, href);
      return true;
    },
  };
}

function stateOf(state: EditorState): ToolState {
  const on = TOOLS.filter((tool) => tool.isOn(state)).map(({ name }) => name as string);
  return new Set(hasMark(state, mark("link")) ? [...on, "link"] : on);
}

/** Where in a document the character at `offset` of its text is. */
function caretAt(doc: Node, offset: number): number {
  let left = offset;
  let found = doc.content.size;
  doc.forEach((block, start) => {
    if (left >= 0 && left <= block.content.size) found = start + 1 + left;
    left -= block.content.size + 2;
  });
  return found;
}

/** The address of the link at the selection. */
function linkAt(state: EditorState): string {
  const { from, to, $from } = state.selection;
  let href = "";
  if (from === to) href = String(mark("link").isInSet($from.marks())?.attrs["href"] ?? "");
  state.doc.nodesBetween(from, to, (node) => {
    href ||= String(mark("link").isInSet(node.marks)?.attrs["href"] ?? "");
  });
  return href;
}

/** The extent of the link at the selection, so that one changes all of it. */
function extent(state: EditorState): { from: number; to: number } {
  let { from, to } = state.selection;
  const type = mark("link");
  while (from > 0 && state.doc.rangeHasMark(from - 1, from, type)) from -= 1;
  while (to < state.doc.content.size && state.doc.rangeHasMark(to, to + 1, type)) to += 1;
  return { from, to };
}

function applyLink(view: EditorView, href: string | null): void {
  const { state } = view;
  const type = mark("link");
  const { from, to } = hasMark(state, type) ? extent(state) : state.selection;
  if (href === null) view.dispatch(state.tr.removeMark(from, to, type));
  else if (from === to) view.dispatch(state.tr.replaceSelectionWith(schema.text(href, [type.create({ href })]), false));
  else if (hasMark(state, type))
    view.dispatch(state.tr.removeMark(from, to, type).addMark(from, to, type.create({ href })));
  else toggleMark(type, { href })(state, view.dispatch, view);
  view.focus();
}
