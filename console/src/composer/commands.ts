/** What the keys and the buttons of the editor do. */
import { baseKeymap, chainCommands, exitCode, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { inputRules, textblockTypeInputRule, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import type { MarkType, NodeType } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import type { Command, EditorState, Plugin } from "prosemirror-state";
import { schema } from "./schema";

const { nodes, marks } = schema as unknown as { nodes: Record<string, NodeType>; marks: Record<string, MarkType> };

function node(name: string): NodeType {
  return nodes[name] as NodeType;
}
/** A mark of the schema. */
export function mark(name: string): MarkType {
  return marks[name] as MarkType;
}

/** Whether the selection is within a block of this kind. */
function within(state: EditorState, type: NodeType): boolean {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type === type) return true;
  return false;
}

/** Whether all of the selection, or what is typed next, has the mark. */
export function hasMark(state: EditorState, type: MarkType): boolean {
  const { from, to, empty, $from } = state.selection;
  if (empty) return !!type.isInSet(state.storedMarks ?? $from.marks());
  return state.doc.rangeHasMark(from, to, type);
}

const outdent = liftListItem(node("list_item"));

function list(name: string): Command {
  const other = name === "bullet_list" ? "ordered_list" : "bullet_list";
  return (state, dispatch, view) => {
    if (within(state, node(name))) return outdent(state, dispatch, view);
    if (!within(state, node(other))) return wrapInList(node(name))(state, dispatch);
    const { $from } = state.selection;
    for (let depth = $from.depth; depth > 0; depth--) {
      if ($from.node(depth).type !== node(other)) continue;
      dispatch?.(state.tr.setNodeMarkup($from.before(depth), node(name)));
      return true;
    }
    return false;
  };
}

const quote: Command = (state, dispatch) => {
  if (!within(state, node("blockquote"))) return wrapIn(node("blockquote"))(state, dispatch);
  const { $from, $to } = state.selection;
  const range = $from.blockRange($to, (parent) => parent.type === node("blockquote"));
  if (!range) return false;
  dispatch?.(state.tr.lift(range, range.depth - 1));
  return true;
};

/** Words of one line are code in the line; a line or several are a block of it. */
const code: Command = (state, dispatch, view) => {
  if (within(state, node("code_block"))) return setBlockType(node("paragraph"))(state, dispatch);
  const { empty, $from, $to } = state.selection;
  if (hasMark(state, mark("code")) || (!empty && $from.sameParent($to)))
    return toggleMark(mark("code"))(state, dispatch, view);
  return setBlockType(node("code_block"))(state, dispatch);
};

/** A button of the editor: its word and icon have the same name. */
export interface Tool {
  name: "bold" | "italic" | "bullets" | "numbers" | "quote" | "code";
  run: Command;
  isOn: (state: EditorState) => boolean;
}

/** The buttons, in their order. */
export const TOOLS: Tool[] = [
  { name: "bold", run: toggleMark(mark("strong")), isOn: (state) => hasMark(state, mark("strong")) },
  { name: "italic", run: toggleMark(mark("em")), isOn: (state) => hasMark(state, mark("em")) },
  { name: "bullets", run: list("bullet_list"), isOn: (state) => within(state, node("bullet_list")) },
  { name: "numbers", run: list("ordered_list"), isOn: (state) => within(state, node("ordered_list")) },
  { name: "quote", run: quote, isOn: (state) => within(state, node("blockquote")) },
  {
    name: "code",
    run: code,
    isOn: (state) => within(state, node("code_block")) || hasMark(state, mark("code")),
  },
];

const hardBreak = chainCommands(exitCode, (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(node("hard_break").create()).scrollIntoView());
  return true;
});

/** The keys. Tab is not among them: it leaves the editor, as it leaves every field. */
export function keysOf(more: Record<string, Command>): Record<string, Command> {
  const [bold, italic] = [toggleMark(mark("strong")), toggleMark(mark("em"))];
  return {
    "Mod-b": bold,
    "Mod-i": italic,
    "Mod-z": undo,
    "Shift-Mod-z": redo,
    "Mod-y": redo,
    "Shift-Mod-8": list("bullet_list"),
    "Shift-Mod-7": list("ordered_list"),
    "Shift-Mod-9": quote,
    "Mod-]": sinkListItem(node("list_item")),
    "Mod-[": outdent,
    "Shift-Enter": hardBreak,
    Enter: chainCommands(splitListItem(node("list_item")), baseKeymap["Enter"] as Command),
    Backspace: chainCommands(undoInputRule, baseKeymap["Backspace"] as Command),
    ...more,
  };
}

/** What is typed at the start of a line makes lists, quotations and code. */
export function typing(): Plugin {
  return inputRules({
    rules: [
      wrappingInputRule(/^\s*[-*]\s$/, node("bullet_list")),
      wrappingInputRule(/^(\d+)\.\s$/, node("ordered_list"), (match) => ({ order: Number(match[1]) })),
      wrappingInputRule(/^\s*>\s$/, node("blockquote")),
      textblockTypeInputRule(/^```$/, node("code_block")),
    ],
  });
}
