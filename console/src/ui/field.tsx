import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

interface Around {
  label: string;
  help?: ComponentChildren;
  error?: string | null;
  /** The label is for screen readers alone. */
  hidden?: boolean;
}

/** A label, a control, what helps to fill it in, and what is wrong with it. */
export function Field({
  label,
  help,
  error,
  hidden,
  children,
}: Around & { children: (ids: Ids) => ComponentChildren }) {
  const id = useId();
  const described = [help && `${id}h`, error && `${id}e`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id} class={hidden ? "hidden" : ""}>
        {label}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {help && (
        <p class="help" id={`${id}h`}>
          {help}
        </p>
      )}
      {error && (
        <p class="error" id={`${id}e`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** What ties a control to its label and its texts. */
export interface Ids {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

type InputProps = Around & {
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "search" | "date" | "email" | "url" | "number";
  placeholder?: string;
  autoComplete?: string;
  spellcheck?: boolean;
  disabled?: boolean;
  /** It keeps the focus, and takes nothing. */
  readOnly?: boolean;
  required?: boolean;
  maxLength?: number;
  name?: string;
  /** The first of a dialog to have the focus. */
  first?: boolean;
};

/** A line of text. */
export function Input({ label, help, error, hidden, onInput, type = "text", first, ...rest }: InputProps) {
  // Preact has a type of its own for each kind of input; this is one of several.
  const attributes = { ...rest, type, ...(first && { "data-first": "" }) } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <Field label={label} help={help} error={error ?? null} hidden={hidden ?? false}>
      {(ids) => <input {...attributes} {...ids} onInput={(event) => onInput(event.currentTarget.value)} />}
    </Field>
  );
}

/** A text of some lines, in whichever direction its language is written. */
export function TextArea({
  value,
  rows,
  onInput,
  readOnly,
  ...around
}: Around & { value: string; rows: number; onInput: (value: string) => void; readOnly?: boolean }) {
  return (
    <Field {...around}>
      {(ids) => (
        <textarea
          {...ids}
          rows={rows}
          dir="auto"
          readOnly={readOnly ?? false}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type SelectProps<T extends string> = Around & {
  value: T;
  options: readonly { value: T; name: string }[];
  onChange: (value: T) => void;
  disabled?: boolean;
};

/** One of some. */
export function Select<T extends string>({ value, options, onChange, disabled, ...around }: SelectProps<T>) {
  return (
    <Field {...around}>
      {(ids) => (
        <select
          {...ids}
          value={value}
          disabled={disabled ?? false}
          onChange={(event) => onChange(event.currentTarget.value as T)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function Check(props: {
  label: ComponentChildren;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  help?: string;
}) {
  const id = useId();
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        checked={props.checked}
        disabled={props.disabled ?? false}
        aria-describedby={props.help ? `${id}h` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      {props.help && (
        <p class="help" id={`${id}h`}>
          {props.help}
        </p>
      )}
    </div>
  );
}

/** One of a few, all in sight. */
export function Radios<T extends string>(props: {
  legend: string;
  value: T;
  options: readonly { value: T; name: ComponentChildren }[];
  onChange: (value: T) => void;
  hidden?: boolean;
  disabled?: boolean;
}) {
  const name = useId();
  return (
    <fieldset class="radios" disabled={props.disabled ?? false}>
      <legend class={props.hidden ? "hidden" : ""}>{props.legend}</legend>
      {props.options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === props.value}
            onChange={() => props.onChange(option.value)}
          />
          <span>{option.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
