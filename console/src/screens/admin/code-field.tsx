/**
 * The editor of a template's HTML; a plain text area until it has loaded, and where it cannot. The
 * editor owns its text: who changes it from outside gives the field another `key`.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { Field, words } from "../../base";
import type { Editor, Finding, KeyChoice } from "../../editor";

type Module = typeof import("../../editor");

export function CodeField(props: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  keys: KeyChoice[];
  tera: boolean;
  findings: Finding[];
  readOnly: boolean;
  /** Gets what inserts text at the cursor. */
  onReady: (insert: (text: string) => void) => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const editor = useRef<Editor | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [plain, setPlain] = useState(true);
  useEffect(() => {
    let gone = false;
    const url = "./editor.js";
    import(url).then(
      (module: Module) => {
        if (gone || !host.current) return;
        setPlain(false);
        editor.current = module.mount(host.current, {
          text: latest.current.value,
          label: latest.current.label,
          keys: () => latest.current.keys,
          tera: () => latest.current.tera,
          onChange: (text) => {
            if (text !== latest.current.value) latest.current.onChange(text);
          },
        });
        latest.current.onReady((text) => editor.current?.insert(text));
        editor.current.findings(latest.current.findings);
        editor.current.readOnly(latest.current.readOnly);
      },
      // The text area stays.
      () => undefined,
    );
    latest.current.onReady((text) => {
      const field = area.current;
      if (!field) return;
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      latest.current.onChange(field.value);
      field.focus();
    });
    return () => {
      gone = true;
      editor.current?.destroy();
      editor.current = null;
    };
  }, []);
  useEffect(() => editor.current?.findings(props.findings), [props.findings]);
  useEffect(() => editor.current?.readOnly(props.readOnly), [props.readOnly]);
  return (
    <div class="code-field">
      {plain && (
        <Field label={props.label} help={words.value.admin.template.loadingEditor}>
          {(ids) => (
            <textarea
              {...ids}
              ref={area}
              class="source"
              rows={16}
              value={props.value}
              spellcheck={false}
              readOnly={props.readOnly}
              onInput={(event) => props.onChange(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <div ref={host} class="code-host" hidden={plain} />
    </div>
  );
}
