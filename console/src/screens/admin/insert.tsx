/** Puts keys and signed links where the cursor is, found by their labels. */
import { useId } from "preact/hooks";
import { Field, type Schema, Select, words } from "../../base";
import type { KeyChoice } from "../../editor";

type Function = Schema<"FunctionView">;

export function InsertKey({ keys, onInsert }: { keys: KeyChoice[]; onInsert: (key: string) => void }) {
  const w = words.value.admin.template;
  const id = useId();
  return (
    <Field label={w.insertKey} help={w.insertHelp}>
      {(ids) => (
        <>
          <input
            {...ids}
            list={`${id}keys`}
            placeholder={w.chooseKey}
            spellcheck={false}
            autoComplete="off"
            onInput={(event) => {
              const field = event.currentTarget;
              const found = keys.find(({ key }) => key === field.value.trim().toUpperCase());
              // One key may begin as another: what is typed waits for Enter, what is chosen goes in at once.
              if (!found || (event as InputEvent).inputType === "insertText") return;
              field.value = "";
              onInsert(found.key);
            }}
            onKeyDown={(event) => {
              const field = event.currentTarget;
              const found = keys.find(({ key }) => key === field.value.trim().toUpperCase());
              if (event.key !== "Enter" || !found) return;
              event.preventDefault();
              field.value = "";
              onInsert(found.key);
            }}
          />
          <datalist id={`${id}keys`}>
            {keys.map(({ key, label }) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** A call of a function for each of its actions. */
function calls({ name, arguments: parts }: Function): { action: string; call: string }[] {
  const actions = parts.find((part) => part.name === "action")?.values ?? [];
  return actions.map((action) => {
    const values = parts.map((part) => (part.name === "action" ? action : part.sample));
    return { action, call: `{${name}(${values.join(", ")})}` };
  });
}

export function InsertLink({ functions, onInsert }: { functions: Function[]; onInsert: (html: string) => void }) {
  const w = words.value.admin.template;
  const links = functions.flatMap(calls);
  const label = (action: string) => w.actions[action] ?? action;
  return (
    <Select
      label={w.insertLink}
      value=""
      onChange={(call) => {
        const found = links.find((link) => link.call === call);
        if (found) onInsert(`<a href="${found.call}">${label(found.action)}</a>`);
      }}
      options={[
        { value: "", name: w.chooseLink },
        ...links.map(({ action, call }) => ({ value: call, name: label(action) })),
      ]}
    />
  );
}
