/** The field that a message is typed into: a text area, and the editor in its place once it is loaded. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Dialog, type IconName, Input, plainText, words } from "../base";

/** What is typed, as text, and as HTML where it is more than text. */
export interface Written {
  text: string;
  html?: string | undefined;
}

/** Names of the buttons that are pressed. */
export type ToolState = ReadonlySet<string>;

/** What the editor is given. */
export interface Options {
  written: Written;
  /** Attributes of the element that is typed into. */
  attributes: () => Record<string, string>;
  /** Where the caret was in the text area that it takes over from. */
  caret: number;
  /** Whether the text area had the focus. */
  focused: boolean;
  /** Whether nothing may be changed now. */
  locked: () => boolean;
  onChange: (written: Written) => void;
  onState: (state: ToolState) => void;
  onSend: () => void;
  onLink: () => void;
  /** Takes files of the clipboard; false when there are none. */
  onFiles: (data: DataTransfer | null) => boolean;
}

/** What the editor can do. */
export interface Editor {
  focus: () => void;
  destroy: () => void;
  set: (written: Written) => void;
  /** Takes over attributes that changed. */
  refresh: () => void;
  /** At the caret. */
  insert: (written: Written) => void;
  run: (tool: string) => void;
  /** The address of the link at the caret. */
  link: () => string;
  /** Makes the selection a link, or none; false when the address leads nowhere. */
  setLink: (address: string | null) => boolean;
}

type Chunk = { mount: (place: HTMLElement, options: Options) => Editor };

const TOOLS = ["bold", "italic", "bullets", "numbers", "quote", "code", "link"] as const;

/** What the form may ask of the field, whichever it is. */
export type Field = Pick<Editor, "focus" | "insert">;

interface Props {
  written: Written;
  /** Grows when the text is changed from outside the field. */
  revision: number;
  /** What is there is being sent: it can be read and not changed. */
  locked: boolean;
  onChange: (written: Written) => void;
  onSend: () => void;
  onFiles: (data: DataTransfer | null) => boolean;
  field: { current: Field | null };
  ids: { id: string; labelledby: string; describedby: string | undefined; invalid: boolean };
  /** Beside the buttons. */
  tools?: ComponentChildren;
}

/** The field. */
export function RichField(props: Props) {
  const [chunk, setChunk] = useState<Chunk | null>(null);
  const [state, setState] = useState<ToolState>(new Set());
  const [linking, setLinking] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const editor = useRef<Editor | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const composing = useRef(false);
  /** What the text area leaves to the editor that takes its place. */
  const left = useRef({ caret: 0, focused: false });
  const plain = plainText.value;

  useEffect(() => {
    if (plain) return setChunk(null);
    let gone = false;
    const url = "./composer.js";
    const load = async () => {
      const loaded = (await import(url)) as Chunk;
      // Not in the middle of a character that is put together of several keys.
      while (composing.current)
        await new Promise((resolve) => area.current?.addEventListener("compositionend", resolve));
      if (gone) return;
      const at = area.current;
      left.current = { caret: at?.selectionStart ?? 0, focused: !!at && document.activeElement === at };
      setChunk(loaded);
    };
    // Without it one writes in the text area: nothing to say about it.
    load().catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [plain]);

  useEffect(() => {
    if (!chunk || !place.current) return;
    const now = () => latest.current;
    const attributes = (): Record<string, string> => {
      const { ids, locked } = now();
      return {
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": ids.labelledby,
        class: "rich-text",
        ...(ids.describedby && { "aria-describedby": ids.describedby }),
        ...(ids.invalid && { "aria-invalid": "true" }),
        ...(locked && { "aria-readonly": "true" }),
      };
    };
    const made = chunk.mount(place.current, {
      written: now().written,
      attributes,
      ...left.current,
      locked: () => now().locked,
      onChange: (written) => now().onChange(written),
      onState: setState,
      onSend: () => now().onSend(),
      onLink: () => setLinking(true),
      onFiles: (data) => now().onFiles(data),
    });
    editor.current = made;
    props.field.current = made;
    return () => {
      made.destroy();
      editor.current = null;
      props.field.current = null;
    };
  }, [chunk]);

  useEffect(() => {
    if (props.revision > 0) editor.current?.set(latest.current.written);
  }, [props.revision]);

  useEffect(() => editor.current?.refresh(), [props.locked, props.ids.invalid, props.ids.describedby]);

  useEffect(() => {
    if (chunk) return;
    props.field.current = {
      focus: () => area.current?.focus(),
      insert: ({ text }) => {
        const at = area.current;
        if (!at || latest.current.locked) return;
        at.setRangeText(text, at.selectionStart, at.selectionEnd, "end");
        latest.current.onChange({ text: at.value });
        at.focus();
      },
    };
  }, [chunk]);

  const { ids } = props;
  return (
    <>
      {/* One place for both fields: a dialog that is opened from the tools stays open when the editor arrives. */}
      {(chunk || props.tools) && (
        <div class="toolbar">
          {chunk && (
            <Tools state={state} run={(tool) => (tool === "link" ? setLinking(true) : editor.current?.run(tool))} />
          )}
          {props.tools}
        </div>
      )}
      {chunk ? (
        <div class="rich-place" ref={place} />
      ) : (
        <textarea
          id={ids.id}
          ref={area}
          rows={4}
          dir="auto"
          value={props.written.text}
          readOnly={props.locked}
          aria-invalid={ids.invalid || undefined}
          aria-describedby={ids.describedby}
          onCompositionStart={() => {
            composing.current = true;
          }}
          onCompositionEnd={() => {
            composing.current = false;
          }}
          onInput={(event) => props.onChange({ text: event.currentTarget.value })}
          onPaste={(event) => {
            if (props.onFiles(event.clipboardData)) event.preventDefault();
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            props.onSend();
          }}
        />
      )}
      {linking && (
        <LinkDialog
          address={editor.current?.link() ?? ""}
          onApply={(address) => editor.current?.setLink(address) ?? false}
          onClose={() => {
            setLinking(false);
            editor.current?.focus();
          }}
        />
      )}
    </>
  );
}

/** The buttons: one stop of Tab, and the arrows move among them. */
function Tools(props: { state: ToolState; run: (tool: string) => void }) {
  const w = words.value.composer;
  const [at, setAt] = useState(0);
  const bar = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = (at + by + TOOLS.length) % TOOLS.length;
    setAt(next);
    bar.current?.querySelectorAll<HTMLElement>("[data-tool]")[next]?.focus();
  };
  return (
    <div role="toolbar" aria-label={w.toolbar} class="tools" ref={bar} onKeyDown={move}>
      {TOOLS.map((tool, index) => (
        <Button
          key={tool}
          kind="quiet"
          icon={tool satisfies IconName}
          label={w.tools[tool]}
          data-tool={tool}
          tabIndex={index === at ? 0 : -1}
          aria-pressed={props.state.has(tool)}
          onFocus={() => setAt(index)}
          // The selection stays where it is.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => props.run(tool)}
        />
      ))}
    </div>
  );
}

function LinkDialog(props: { address: string; onApply: (address: string | null) => boolean; onClose: () => void }) {
  const w = words.value.composer;
  const [address, setAddress] = useState(props.address);
  const [bad, setBad] = useState(false);
  const apply = () => {
    if (props.onApply(address)) props.onClose();
    else setBad(true);
  };
  return (
    <Dialog
      title={w.tools.link}
      onClose={props.onClose}
      actions={
        <>
          {props.address && (
            <Button
              onClick={() => {
                props.onApply(null);
                props.onClose();
              }}
            >
              {w.linkRemove}
            </Button>
          )}
          <Button kind="primary" onClick={apply}>
            {w.linkApply}
          </Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it listens for the keys of the field within. */}
      <div
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          apply();
        }}
      >
        <Input
          label={w.linkAddress}
          value={address}
          error={bad ? w.linkBad : null}
          autoComplete="off"
          spellcheck={false}
          first
          onInput={(value) => {
            setAddress(value);
            setBad(false);
          }}
        />
      </div>
    </Dialog>
  );
}
