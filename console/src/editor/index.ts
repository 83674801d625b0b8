/**
 * CodeMirror for the HTML of templates. It lives in a shadow root: there it uses constructed style
 * sheets, which the page's policy allows; in the document its `<style>` would be refused.
 */
import { autocompletion, type Completion, type CompletionContext, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, LanguageSupport, LRLanguage, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  keymap,
  lineNumbers,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { parser } from "@lezer/html";

/** A key that can be completed. */
export interface KeyChoice {
  key: string;
  label: string;
  sample: string;
}

/** A finding with its place, lines and columns from 1, in characters. */
export interface Finding {
  severity: "error" | "warning";
  line: number;
  column: number;
  length: number;
  message: string;
}

/** What the page does with an editor. */
export interface Editor {
  /** Puts text where the cursor is. */
  insert(text: string): void;
  findings(findings: Finding[]): void;
  /** Whether nothing can be typed. */
  readOnly(on: boolean): void;
  destroy(): void;
}

const html = new LanguageSupport(LRLanguage.define({ name: "html", parser }));

const colours = HighlightStyle.define([
  { tag: tags.tagName, color: "var(--code-tag)" },
  { tag: tags.attributeName, color: "var(--code-attribute)" },
  { tag: tags.attributeValue, color: "var(--code-value)" },
  { tag: tags.comment, color: "var(--code-comment)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "14px", height: "100%" },
  ".cm-content": { fontFamily: "ui-monospace, monospace", caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--soft)", border: "none" },
  ".cm-key": { color: "var(--accent-strong)", backgroundColor: "var(--accent-soft)", borderRadius: "3px" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--edge)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
});

const keyMarks = (() => {
  const matcher = new MatchDecorator({ regexp: /\$\{[A-Z0-9_]+\}/g, decoration: Decoration.mark({ class: "cm-key" }) });
  return ViewPlugin.define(
    (view) => ({
      marks: matcher.createDeco(view),
      update(update: ViewUpdate) {
        this.marks = matcher.updateDeco(update, this.marks);
      },
    }),
    { decorations: (plugin) => plugin.marks },
  );
})();

/** Keys by their name, their label, or their sample. */
function completions(keys: () => KeyChoice[], tera: () => boolean) {
  return (context: CompletionContext) => {
    const before = context.matchBefore(/\$\{?[\p{L}0-9_]*/u);
    if (!before && !context.explicit) return null;
    const options: Completion[] = keys().map(({ key, label, sample }) => ({
      label: tera() ? `{{ ${key} }}` : `\${${key}}`,
      detail: label,
      info: sample,
    }));
    const typed = before?.text.replace(/^\$\{?/, "").toLowerCase() ?? "";
    const fits = options.filter(
      ({ label, detail }) => label.toLowerCase().includes(typed) || detail?.toLowerCase().includes(typed),
    );
    return { from: before?.from ?? context.pos, options: fits, filter: false };
  };
}

/** An editor within `host`, an element without content. */
export function mount(
  host: HTMLElement,
  options: {
    text: string;
    label: string;
    keys: () => KeyChoice[];
    tera: () => boolean;
    onChange: (text: string) => void;
  },
): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const writing = new Compartment();
  const parts: Extension[] = [
    writing.of(EditorState.readOnly.of(false)),
    lineNumbers(),
    history(),
    html,
    syntaxHighlighting(colours),
    keyMarks,
    lintGutter(),
    search({ top: true }),
    autocompletion({ override: [completions(options.keys, options.tera)] }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
    // What is typed over a selection goes in here: browsers keep the looks of what was there with styles of their own,
    // which the policy refuses.
    EditorView.domEventHandlers({
      beforeinput(event, view) {
        if (event.inputType !== "insertText" || event.data === null) return false;
        if (view.composing || view.state.readOnly || view.state.selection.main.empty) return false;
        view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
        return true;
      },
    }),
    look,
    // Tab leaves the editor, so that the keyboard is not caught in it.
    keymap.of([...completionKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) options.onChange(update.state.doc.toString());
    }),
  ];
  const view = new EditorView({
    state: EditorState.create({ doc: options.text, extensions: parts }),
    root,
    parent: root,
  });
  return {
    insert(text) {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
    findings(findings) {
      const placed = findings.map((finding): Diagnostic => {
        const line = view.state.doc.line(Math.min(Math.max(finding.line, 1), view.state.doc.lines));
        const from = Math.min(line.from + units(line.text, finding.column - 1), line.to);
        const to = Math.min(from + Math.max(finding.length, 1), view.state.doc.length);
        return { from, to, severity: finding.severity, message: finding.message };
      });
      view.dispatch(setDiagnostics(view.state, placed));
    },
    readOnly(on) {
      view.dispatch({ effects: writing.reconfigure(EditorState.readOnly.of(on)) });
    },
    destroy: () => view.destroy(),
  };
}

/** Characters are code points in the API, and units of UTF-16 here. */
function units(text: string, characters: number): number {
  return [...text].slice(0, characters).join("").length;
}
