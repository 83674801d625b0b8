/** A5: parameters, grouped as people think of them; A6: those of the e-mail account with its checks. */
import { useState } from "preact/hooks";
import {
  ago,
  Button,
  Confirm,
  call,
  Failure,
  Input,
  Loading,
  type Page,
  Radios,
  type Schema,
  Screen,
  Select,
  say,
  useAction,
  usePages,
  useResource,
  words,
} from "../../base";
import { History } from "./history";
import { Checks } from "./start";

type Parameter = Schema<"ParameterView">;
type TemplateRow = Schema<"Summary">;

const GROUPS = {
  templates: [417, 251, 253, 1001],
  behaviour: [299, 252, 300, 297, 262, 263],
  addresses: [10, 9, 33, 36],
  files: [278, 318, 446],
} as const;
/** Changing these stops mail, or messages: a question comes first. */
const CONSEQUENCES: Record<number, string> = { 297: "S", 299: "N" };

export function Parameters() {
  const w = words.value.admin.parameters;
  return (
    <Screen title={w.title} class="narrow">
      <Groups groups={["templates", "behaviour", "addresses", "files"]} />
    </Screen>
  );
}

export function Account() {
  const w = words.value.admin.account;
  const health = useResource<Schema<"Readiness">>("/health/config");
  return (
    <Screen title={w.title} class="narrow">
      <p class="faint">{w.secrets}</p>
      {health.problem.value && <Failure problem={health.problem.value} onRetry={() => void health.reload()} />}
      {health.data.value && (
        <section class="card stack">
          <h2>{w.checks}</h2>
          <Checks checks={health.data.value.checks} />
        </section>
      )}
      <Groups groups={["addresses"]} />
    </Screen>
  );
}

function Groups({ groups }: { groups: (keyof typeof GROUPS)[] }) {
  const w = words.value.admin.parameters;
  const parameters = useResource<Page<Parameter>>("/parameters", { limit: 100 });
  const templates = usePages<TemplateRow>("/templates", { limit: 100 }, { whole: true });
  const found = parameters.data.value;
  if (parameters.problem.value)
    return <Failure problem={parameters.problem.value} onRetry={() => void parameters.reload()} />;
  if (!found) return <Loading rows={8} />;
  return (
    <>
      {groups.map((group) => (
        <section class="card stack" key={group}>
          <h2>{w.groups[group]}</h2>
          {GROUPS[group].map((number) => {
            const parameter = found.items.find((item) => item.number === number);
            return (
              parameter && (
                <Row
                  key={`${number} ${parameter.value}`}
                  parameter={parameter}
                  templates={templates.rows.value ?? []}
                  onSaved={() => void parameters.reload()}
                />
              )
            );
          })}
        </section>
      ))}
    </>
  );
}

function Row(props: { parameter: Parameter; templates: TemplateRow[]; onSaved: () => void }) {
  const w = words.value.admin.parameters;
  const { parameter } = props;
  const stored = parameter.value ?? parameter.default ?? "";
  const [value, setValue] = useState(stored);
  const { busy, problem, act } = useAction();
  const [asking, setAsking] = useState(false);
  const [history, setHistory] = useState(false);
  const path = `/parameters/${parameter.number}`;
  const save = async () => {
    // The version that the person saw is the one that is changed: a change meanwhile is a 412.
    const now = await call<Parameter>("GET", path);
    const current = now.body.value ?? now.body.default ?? "";
    if (current !== stored) {
      props.onSaved();
      // It may be what was saved here, whose answer was lost.
      say(current === value ? w.saved : w.changedMeanwhile);
    } else {
      if (value === "") await call("DELETE", path, { etag: now.etag });
      else await call("PUT", path, { etag: now.etag ?? "*", body: { value } });
      say(w.saved);
      props.onSaved();
    }
  };
  const label = `${parameter.number} ${parameter.name}`;
  const dangerous = CONSEQUENCES[parameter.number] === value;
  return (
    <form
      class="parameter"
      onSubmit={(event) => {
        event.preventDefault();
        if (dangerous) setAsking(true);
        else void act(save);
      }}
    >
      {parameter.type === "flag" ? (
        <>
          <Radios
            legend={label}
            value={value}
            onChange={setValue}
            disabled={busy}
            options={[
              { value: "S", name: w.yes },
              { value: "N", name: w.no },
            ]}
          />
          <p class="help">{parameter.description}</p>
        </>
      ) : parameter.type === "template" ? (
        <Select
          label={label}
          help={parameter.description}
          value={value}
          onChange={setValue}
          disabled={busy}
          options={[
            { value: "", name: w.noTemplate },
            ...props.templates.map((template) => ({
              value: String(template.id),
              name: `${template.id} ${template.identifier}`,
            })),
          ]}
        />
      ) : (
        <Input label={label} help={parameter.description} value={value} readOnly={busy} onInput={setValue} />
      )}
      {problem && <Failure problem={problem} small />}
      <div class="buttons">
        <Button type="submit" kind="primary" busy={busy} disabled={value === stored} aria-label={`${w.save}: ${label}`}>
          {w.save}
        </Button>
        <Button kind="quiet" onClick={() => setHistory(true)} aria-label={`${w.history}: ${label}`}>
          {w.history}
        </Button>
        {parameter.updated_at && (
          <span class="faint">
            {w.changed(parameter.updated_by_name || parameter.updated_by || "", ago(parameter.updated_at))}
          </span>
        )}
      </div>
      {asking && (
        <Confirm
          title={label}
          detail={parameter.number === 297 ? w.stops : w.closes}
          action={w.confirm}
          onConfirm={() => {
            setAsking(false);
            void act(save);
          }}
          onClose={() => setAsking(false)}
        />
      )}
      {history && (
        <History<Schema<"Change">>
          title={label}
          path={`${path}/history`}
          onClose={() => setHistory(false)}
          show={(change) =>
            w.change(change.by_name || change.by, ago(change.at), change.before ?? w.nothing, change.after ?? w.nothing)
          }
        />
      )}
    </form>
  );
}
