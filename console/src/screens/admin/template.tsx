/** A2: the editor of a template. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ScreenProps } from "../../app";
import {
  asProblem,
  Button,
  call,
  Dialog,
  Failure,
  go,
  guardLeaving,
  Icon,
  Input,
  Link,
  Loading,
  newKey,
  type Page,
  type Problem,
  Radios,
  type Schema,
  Screen,
  Select,
  say,
  useResource,
  words,
} from "../../base";
import { CodeField } from "./code-field";
import { bodyOf, corrected, DEFAULT, type Draft, draftOf, EMPTY, keep, kept, type Stored } from "./draft";
import { type Diagnostic, PreviewPane, usePreview } from "./preview";
import { usedBy } from "./templates";
import { TestMail } from "./test-mail";
import { Versions } from "./versions";

const TAGS = ["en", "es"] as const;

export function Template({ parts }: ScreenProps) {
  const id = parts["id"] ?? "novo";
  const stored = useResource<Stored>(id === "novo" ? null : `/templates/${encodeURIComponent(id)}`);
  const w = words.value.admin.template;
  if (id !== "novo" && !stored.data.value) {
    return (
      <Screen title={w.title(id)}>
        {stored.problem.value ? (
          <Failure problem={stored.problem.value} onRetry={() => void stored.reload()} />
        ) : (
          <Loading rows={8} />
        )}
      </Screen>
    );
  }
  const version = stored.data.value?.version ?? 0;
  return (
    <Editing
      key={`${id} ${version}`}
      id={id}
      stored={stored.data.value}
      etag={stored.etag.value}
      reload={() => void stored.reload()}
    />
  );
}

function Editing(props: { id: string; stored: Stored | null; etag: string | null; reload: () => void }) {
  const w = words.value.admin.template;
  const original = useMemo(() => (props.stored ? draftOf(props.stored) : EMPTY), []);
  const [draft, setDraft] = useState<Draft>(() => kept(props.id) ?? original);
  const [tag, setTag] = useState<string>(DEFAULT);
  const [revision, setRevision] = useState(0);
  const [ticket, setTicket] = useState("");
  const [open, setOpen] = useState<"publish" | "test" | "versions" | null>(null);
  const [theirs, setTheirs] = useState<{ draft: Draft; etag: string | null } | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const once = useRef(newKey());
  const insert = useRef<(text: string) => void>(() => undefined);
  const keys = useResource<Page<Schema<"KeyView">>>("/keys", { limit: 100 });
  const parameters = useResource<Page<Schema<"ParameterView">>>("/parameters", { limit: 100 });
  const preview = usePreview(draft, tag, ticket);
  const changed = JSON.stringify(draft) !== JSON.stringify(original);
  const errors = preview.diagnostics.filter(({ severity }) => severity === "error").length;
  const uses = usedBy(parameters.data.value?.items ?? []).get(props.id) ?? [];
  const variant = draft.variants[tag] ?? { title: "", html: "", text: null };
  const choices = useMemo(
    () => (keys.data.value?.items ?? []).map(({ key, label, sample }) => ({ key, label, sample })),
    [keys.data.value],
  );
  const inHtml = useMemo(() => preview.diagnostics.filter(({ part }) => part === "html"), [preview.diagnostics]);

  useEffect(() => {
    const timer = setTimeout(() => keep(props.id, changed ? draft : null), 300);
    return () => clearTimeout(timer);
  }, [draft]);
  // The draft is kept: leaving loses nothing, so it only says so.
  const remind = () => {
    say(w.keptHere);
    return true;
  };
  useEffect(() => (changed ? guardLeaving(remind) : undefined), [changed]);

  const change = (part: Partial<typeof variant>) =>
    setDraft({ ...draft, variants: { ...draft.variants, [tag]: { ...variant, ...part } } });
  /** Changes the draft from outside the editor, which begins anew. */
  const replace = (next: Draft) => {
    setDraft(next);
    setRevision(revision + 1);
  };
  const fix = (finding: Diagnostic) => {
    if (!finding.suggestion) return;
    const text = corrected(variant[finding.part] ?? "", finding, finding.suggestion);
    replace({ ...draft, variants: { ...draft.variants, [tag]: { ...variant, [finding.part]: text } } });
  };

  const publish = async (etag: string | null) => {
    setOpen(null);
    setTheirs(null);
    setBusy(true);
    setProblem(null);
    try {
      if (props.stored) {
        await call("PUT", `/templates/${props.id}`, { body: bodyOf(draft), etag });
        keep(props.id, null);
        say(w.published);
        props.reload();
      } else {
        const made = await call<Stored>("POST", "/templates", { body: bodyOf(draft), key: once.current });
        keep(props.id, null);
        say(w.published);
        go(`/modelos/${made.body.id}`, { replace: true });
      }
    } catch (error) {
      const found = asProblem(error);
      if (found.status === 412) {
        const answer = await call<Stored>("GET", `/templates/${props.id}`);
        setTheirs({ draft: draftOf(answer.body), etag: answer.etag });
      } else {
        setProblem(found);
        once.current = newKey();
      }
    }
    setBusy(false);
  };

  return (
    <Screen
      title={props.stored ? w.title(String(props.stored.id)) : w.newTitle}
      before={<Link to="/modelos">{words.value.nav.templates}</Link>}
      actions={
        <>
          {props.stored && <Button onClick={() => setOpen("versions")}>{w.version(props.stored.version)}</Button>}
          {props.stored && <Button onClick={() => setOpen("test")}>{w.test}</Button>}
          {changed && <Button onClick={() => replace(original)}>{w.discard}</Button>}
          <Button
            kind="primary"
            busy={busy}
            disabled={errors > 0 || !changed}
            onClick={() => (uses.length ? setOpen("publish") : void publish(props.etag))}
          >
            {w.publish}
          </Button>
        </>
      }
    >
      {problem && <Failure problem={problem} />}
      {uses.length > 0 && <p class="faint">{w.inUse(uses.join(", "))}</p>}
      <div class="editor">
        <div class="stack">
          <div class="filters">
            <Input
              label={w.identifier}
              value={draft.identifier}
              maxLength={20}
              onInput={(identifier) => setDraft({ ...draft, identifier })}
            />
            <Radios
              legend={w.status}
              value={draft.status}
              onChange={(status) => setDraft({ ...draft, status })}
              options={[
                { value: "active", name: words.value.admin.templates.active },
                { value: "inactive", name: words.value.admin.templates.inactive },
              ]}
            />
            <Select
              label={w.language}
              value={tag}
              onChange={(next) => {
                if (!draft.variants[next]) {
                  setDraft({ ...draft, variants: { ...draft.variants, [next]: { ...variant } } });
                }
                setTag(next);
              }}
              options={[
                { value: DEFAULT, name: w.ownLanguage },
                ...[...new Set([...Object.keys(draft.variants).filter((name) => name !== DEFAULT), ...TAGS])].map(
                  (name) => ({ value: name, name: draft.variants[name] ? name : w.add(name) }),
                ),
              ]}
            />
          </div>
          <Input label={w.subject} value={variant.title} onInput={(title) => change({ title })} spellcheck={false} />
          <CodeField
            key={`${tag} ${revision}`}
            label="HTML"
            value={variant.html}
            onChange={(html) => change({ html })}
            keys={choices}
            tera={draft.syntax === "tera"}
            findings={inHtml}
            onReady={(act) => (insert.current = act)}
          />
          <Select
            label={w.insertKey}
            value=""
            onChange={(name) => name && insert.current(draft.syntax === "tera" ? `{{ ${name} }}` : `\${${name}}`)}
            options={[
              { value: "", name: w.chooseKey },
              ...choices.map(({ key, label }) => ({ value: key, name: `${label} – ${key}` })),
            ]}
          />
          <Findings findings={preview.diagnostics} onFix={fix} />
        </div>
        <PreviewPane preview={preview} ticket={ticket} onTicket={setTicket} />
      </div>
      {open === "publish" && (
        <Dialog
          title={w.publish}
          onClose={() => setOpen(null)}
          actions={
            <>
              <Button onClick={() => setOpen(null)}>{words.value.cancel}</Button>
              <Button kind="primary" onClick={() => void publish(props.etag)}>
                {w.publish}
              </Button>
            </>
          }
        >
          <p>{w.publishUsed(uses.join(", "))}</p>
        </Dialog>
      )}
      {theirs && (
        <Dialog
          title={w.conflict}
          wide
          onClose={() => setTheirs(null)}
          actions={
            <>
              <Button
                onClick={() => {
                  replace(theirs.draft);
                  setTheirs(null);
                }}
              >
                {w.takeTheirs}
              </Button>
              <Button kind="primary" onClick={() => void publish(theirs.etag)}>
                {w.publishMine}
              </Button>
            </>
          }
        >
          <p>{w.conflictDetail}</p>
          <div class="two-panes">
            <div>
              <h3>{w.theirs}</h3>
              <pre class="source">{theirs.draft.variants[tag]?.html}</pre>
            </div>
            <div>
              <h3>{w.mine}</h3>
              <pre class="source">{variant.html}</pre>
            </div>
          </div>
        </Dialog>
      )}
      {open === "test" && props.stored && (
        <TestMail id={props.stored.id} locale={tag === DEFAULT ? null : tag} onClose={() => setOpen(null)} />
      )}
      {open === "versions" && props.stored && (
        <Versions
          id={props.stored.id}
          etag={props.etag}
          current={props.stored.version}
          onClose={() => setOpen(null)}
          onPublished={() => {
            keep(props.id, null);
            setOpen(null);
            props.reload();
          }}
        />
      )}
    </Screen>
  );
}

function Findings({ findings, onFix }: { findings: Diagnostic[]; onFix: (finding: Diagnostic) => void }) {
  const w = words.value.admin.template;
  return (
    <section class="stack" aria-label={w.problems}>
      <h2>{w.problems}</h2>
      {findings.length === 0 && <p class="faint">{w.noProblems}</p>}
      <ul class="checks">
        {findings.map((finding) => (
          <li
            key={`${finding.part} ${finding.line} ${finding.column} ${finding.code}`}
            class={finding.severity === "error" ? "failed" : "warning"}
          >
            <Icon name={finding.severity === "error" ? "cross" : "alert"} />
            <div>
              <p>
                {w.at(w.parts[finding.part], finding.line, finding.column)}: {finding.message}
              </p>
              {finding.suggestion && <Button onClick={() => onFix(finding)}>{w.fix(finding.suggestion)}</Button>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
