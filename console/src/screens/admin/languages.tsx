/** The languages of a template as tabs; one can be added, and removed again. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button, Confirm, config, Dialog, Input, words } from "../../base";
import { DEFAULT } from "./draft";
import { Tabs } from "./tabs";

/** The tag as it is written (`pt-BR`), or null when it is not one. */
function canonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag.trim())[0] ?? null;
  } catch {
    return null;
  }
}

export function Languages(props: {
  tags: string[];
  value: string;
  onChange: (tag: string) => void;
  onAdd: (tag: string) => void;
  onRemove: (tag: string) => void;
  children: ComponentChildren;
}) {
  const w = words.value.admin.template;
  const [asking, setAsking] = useState<"add" | "remove" | null>(null);
  const [text, setText] = useState("");
  const tag = canonical(text);
  const known = tag !== null && props.tags.includes(tag);
  const close = () => setAsking(null);
  return (
    <Tabs
      label={w.language}
      value={props.value}
      onChange={props.onChange}
      tabs={props.tags.map((value) => ({
        value,
        name: value === DEFAULT ? `${config.value.locale} (${w.ownLanguage})` : value,
      }))}
      actions={
        <>
          <Button kind="quiet" icon="plus" onClick={() => setAsking("add")}>
            {w.addLanguage}
          </Button>
          {props.value !== DEFAULT && (
            <Button kind="quiet" onClick={() => setAsking("remove")}>
              {w.removeLanguage(props.value)}
            </Button>
          )}
        </>
      }
    >
      {props.children}
      {asking === "add" && (
        <Dialog
          title={w.addLanguage}
          onClose={close}
          actions={
            <Button
              kind="primary"
              disabled={!tag || known}
              onClick={() => {
                if (!tag) return;
                props.onAdd(tag);
                setText("");
                close();
              }}
            >
              {w.addLanguage}
            </Button>
          }
        >
          <p>{w.addDetail}</p>
          <Input
            label={w.languageTag}
            help={w.languageTagHelp}
            value={text}
            onInput={setText}
            error={known ? w.languageKnown : text && !tag ? w.languageWrong : null}
          />
        </Dialog>
      )}
      {asking === "remove" && (
        <Confirm
          title={w.removeLanguage(props.value)}
          detail={w.removeDetail}
          action={w.removeLanguage(props.value)}
          onConfirm={() => {
            props.onRemove(props.value);
            close();
          }}
          onClose={close}
        />
      )}
    </Tabs>
  );
}
