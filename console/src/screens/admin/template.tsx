/** A2: the editor of a template. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ScreenProps } from "../../app";
import {
  asProblem,
  Button,
  Check,
  call,
  Failure,
  go,
  guardLeaving,
  Input,
  Loading,
  list,
  Once,
  type Page,
  type Problem,
  place,
  plural,
  Radios,
  type Schema,
  Screen,
  say,
  useAction,
  useResource,
  words,
} from "../../base";
import { Back } from "./back";
import { CodeField } from "./code-field";
import { Conflict } from "./conflict";
import { bodyOf, corrected, DEFAULT, type Draft, draftOf, placeOf, type Stored, textOf } from "./draft";
import { Findings } from "./findings";
import { InsertKey, InsertLink } from "./insert";
import { Languages } from "./languages";
import { type Diagnostic, PreviewPane, usePreview } from "./preview";
import { PublishQuestion } from "./publish";
import { Starters, starterDraft } from "./starters";
import { Tabs } from "./tabs";
import { usedBy } from "./templates";
import { TestMail } from "./test-mail";
import { type OpenVersions, Versions } from "./versions";

type Catalogue = Page<Schema<"KeyView">> & { functions: Schema<"FunctionView">[] };
type Used = Stored & { used_by: number[] };

export function Template({ parts }: ScreenProps) {
  const id = parts["id"] ?? "novo";
  const from = place.value.query.get("de");
  if (id !== "novo") return <Existing id={id} />;
  return from ? <Fresh key={from} from={from} /> : <Starters />;
}

function Existing({ id }: { id: string }) {
  const stored = useResource<Used>(`/templates/${encodeURIComponent(id)}`);
  // Here, because the editor begins anew with each version.
  const [versions, setVersions] = useState<OpenVersions | null>(null);
  const found = stored.data.value;
  const w = words.value.admin.template;
  if (!found) {
    return (
      <Screen title={w.title(id)} before={<Back to="/modelos" name={words.value.nav.templates} />}>
        {stored.problem.value ? (
          <Failure problem={stored.problem.value} onRetry={() => void stored.reload()} />
        ) : (
          <Loading rows={8} />
        )}
      </Screen>
    );
  }
  return (
    <Editing
      key={`${id} ${found.version}`}
      keptAs={id}
      stored={found}
      original={draftOf(found)}
      etag={stored.etag.value}
      reload={stored.reload}
      versions={versions}
      onVersions={setVersions}
    />
  );
}

/** A new template that begins as a starter. */
function Fresh({ from }: { from: string }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = () => starterDraft(from).then(setDraft, (error) => setProblem(asProblem(error)));
  useEffect(() => void load(), []);
  if (draft)
    return (
      <Editing keptAs={`novo ${from}`} stored={null} original={draft} etag={null} reload={async () => undefined} />
    );
  return (
    <Screen title={words.value.admin.template.newTitle}>
      {problem ? <Failure problem={problem} onRetry={() => void load()} /> : <Loading rows={8} />}
    </Screen>
  );
}

interface EditingProps {
  /** Under which name the draft is kept in this browser. */
  keptAs: string;
  stored: Used | null;
  original: Draft;
  etag: string | null;
  reload: () => Promise<void>;
  versions?: OpenVersions | null;
  onVersions?: (versions: OpenVersions | null) => void;
}

function Editing(props: EditingProps) {
  const w = words.value.admin.template;
  const { original, stored } = props;
  const [kept] = useState(() => placeOf(props.keptAs));
  const [before] = useState(() => kept.read());
  const [draft, setDraft] = useState<Draft>(before?.draft ?? original);
  const [base, setBase] = useState<Draft>(before?.base ?? original);
  // Somebody published after the draft was begun.
  const late = stored !== null && JSON.stringify(base) !== JSON.stringify(original);
  const [tag, setTag] = useState<string>(DEFAULT);
  const [part, setPart] = useState<"html" | "text">("html");
  const [revision, setRevision] = useState(0);
  const [ticket, setTicket] = useState("");
  const [open, setOpen] = useState<"publish" | "test" | null>(null);
  const [theirs, setTheirs] = useState<Stored | null>(late ? stored : null);
  const { busy, problem, act } = useAction();
  const once = useRef(new Once());
  const insertCode = useRef<(text: string) => void>(() => undefined);
  const subject = useRef<HTMLInputElement | null>(null);
  const keys = useResource<Catalogue>("/keys", { limit: 100 });
  const parameters = useResource<Page<Schema<"ParameterView">>>("/parameters", { limit: 100 });
  const preview = usePreview(draft, tag, ticket);
  const changed = JSON.stringify(draft) !== JSON.stringify(original);
  const errors = preview.diagnostics.filter(({ severity }) => severity === "error").length;
  const uses = usedBy(parameters.data.value?.items ?? [], stored?.id);
  const variant = draft.variants[tag] ?? { title: "", html: "", text: null };
  const choices = useMemo(
    () => (keys.data.value?.items ?? []).map(({ key, label, sample }) => ({ key, label, sample })),
    [keys.data.value],
  );
  const inPart = useMemo(
    () => preview.diagnostics.filter((finding) => finding.part === part),
    [preview.diagnostics, part],
  );

  const keeping = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    keeping.current = setTimeout(() => (changed ? kept.keep({ base, draft }) : kept.forget()), 300);
    return () => clearTimeout(keeping.current);
  }, [draft]);
  /** Of what is published no draft stays, also none that was about to be kept: it would look like another's. */
  const forget = () => {
    clearTimeout(keeping.current);
    kept.forget();
  };
  // The draft is kept: leaving loses nothing, so it only says so.
  const remind = () => {
    kept.keep({ base, draft });
    say(w.keptHere);
    return true;
  };
  const leaving = changed && !busy;
  useEffect(() => (leaving ? guardLeaving(remind) : undefined), [leaving, draft]);

  const change = (next: Partial<typeof variant>) =>
    setDraft({ ...draft, variants: { ...draft.variants, [tag]: { ...variant, ...next } } });
  /** Changes the draft from outside the editor, which begins anew. */
  const replace = (next: Draft) => {
    setDraft(next);
    setRevision(revision + 1);
  };
  const discard = () => {
    setBase(original);
    replace(original);
  };
  const fix = (finding: Diagnostic) => {
    if (!finding.suggestion) return;
    const text = corrected(variant[finding.part] ?? "", finding, finding.suggestion);
    replace({ ...draft, variants: { ...draft.variants, [tag]: { ...variant, [finding.part]: text } } });
  };
  /** Puts text where the cursor was: in the subject, or in the body. */
  const insert = (text: string) => {
    const field = subject.current;
    if (!field) return insertCode.current(text);
    field.setRangeText(text, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
    change({ title: field.value });
    field.focus();
  };
  const removeLanguage = (name: string) => {
    const { [name]: _, ...others } = draft.variants;
    setTag(DEFAULT);
    setDraft({ ...draft, variants: others });
  };

  /** Somebody published meanwhile: it may be this very text, whose answer was lost. */
  const meet = async (now: Stored) => {
    if (JSON.stringify(draftOf(now)) !== JSON.stringify(draft)) return setTheirs(now);
    forget();
    say(w.published);
    await props.reload();
  };
  const publish = async (comment: string) => {
    setOpen(null);
    if (late) return setTheirs(stored);
    const body = bodyOf(draft, comment);
    await act(
      async (gone) => {
        if (stored) {
          await call("PUT", `/templates/${stored.id}`, { body, etag: props.etag });
          forget();
          say(w.published);
          await props.reload();
        } else {
          const made = await call<Stored>("POST", "/templates", { body, key: once.current.key(body) });
          forget();
          say(w.published);
          if (!gone.aborted) go(`/modelos/${made.body.id}`, { replace: true });
        }
      },
      async (found) => {
        if (found.status !== 412 || !stored) {
          once.current.over(found);
          return found;
        }
        return call<Stored>("GET", `/templates/${stored.id}`).then(
          ({ body }) => meet(body).then(() => null),
          () => found,
        );
      },
    );
  };

  return (
    <Screen
      title={stored ? w.title(String(stored.id)) : w.newTitle}
      before={
        <Back to={stored ? "/modelos" : "/modelos/novo"} name={stored ? words.value.nav.templates : w.newTitle} />
      }
      actions={
        <>
          {stored && (
            <Button onClick={() => props.onVersions?.({ from: null, stale: false })}>
              {w.version(stored.version)}
            </Button>
          )}
          <Button onClick={() => setOpen("test")}>{w.test}</Button>
          {changed && (
            <Button disabled={busy} onClick={discard}>
              {w.discard}
            </Button>
          )}
          <Button
            kind="primary"
            busy={busy}
            disabled={errors > 0 || (stored !== null && !changed)}
            onClick={() => (uses.length ? setOpen("publish") : void publish(""))}
          >
            {stored ? w.publishVersion(stored.version + 1) : w.publish}
          </Button>
        </>
      }
    >
      {problem && <Failure problem={problem} />}
      {uses.length > 0 && (
        <p class="faint">
          {plural(uses.length, w.inUse)} {list(uses.map(({ number }) => String(number)))}
        </p>
      )}
      <div class="editor">
        {/* Where keys go in: into the field that had the focus last. */}
        <fieldset
          class="stack"
          // The editor begins anew with what is published: what was typed meanwhile would be lost.
          disabled={busy}
          onFocusCapture={({ target }) => {
            const field = target as HTMLElement;
            if (field instanceof HTMLInputElement && field.name === "subject") subject.current = field;
            else if (field.closest(".code-field")) subject.current = null;
          }}
        >
          <div class="filters">
            <Input
              label={w.identifier}
              value={draft.identifier}
              maxLength={20}
              spellcheck={false}
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
          </div>
          <Languages
            tags={[DEFAULT, ...Object.keys(draft.variants).filter((name) => name !== DEFAULT)]}
            value={tag}
            onChange={setTag}
            onAdd={(added) => {
              setDraft({ ...draft, variants: { ...draft.variants, [added]: { ...variant } } });
              setTag(added);
            }}
            onRemove={removeLanguage}
          >
            <Input
              label={w.subject}
              name="subject"
              value={variant.title}
              help={w.characters([...variant.title].length, 255)}
              onInput={(title) => change({ title })}
              spellcheck={false}
            />
            <Tabs
              label={w.view}
              value={part}
              onChange={setPart}
              tabs={[
                { value: "html", name: "HTML" },
                { value: "text", name: variant.text === null ? w.textDerived : w.text },
              ]}
            >
              {part === "text" && (
                <Check
                  label={w.derive}
                  checked={variant.text === null}
                  onChange={(derived) => change({ text: derived ? null : textOf(variant.html) })}
                />
              )}
              {part === "text" && variant.text === null ? (
                <pre class="source">{preview.shown?.text}</pre>
              ) : (
                <CodeField
                  key={`${tag} ${part} ${revision}`}
                  label={part === "html" ? "HTML" : w.text}
                  value={variant[part] ?? ""}
                  onChange={(text) => change({ [part]: text })}
                  keys={choices}
                  tera={draft.syntax === "tera"}
                  findings={inPart}
                  readOnly={busy}
                  onReady={(act) => {
                    insertCode.current = act;
                  }}
                />
              )}
            </Tabs>
          </Languages>
          <div class="filters from-top">
            <InsertKey
              keys={choices}
              onInsert={(name) => insert(draft.syntax === "tera" ? `{{ ${name} }}` : `\${${name}}`)}
            />
            <InsertLink functions={keys.data.value?.functions ?? []} onInsert={(html) => insertCode.current(html)} />
          </div>
          <Findings findings={preview.diagnostics} onFix={fix} />
        </fieldset>
        <PreviewPane preview={preview} ticket={ticket} onTicket={setTicket} />
      </div>
      {open === "publish" && (
        <PublishQuestion
          uses={uses}
          before={original}
          after={draft}
          onClose={() => setOpen(null)}
          onPublish={(comment) => void publish(comment)}
        />
      )}
      {theirs && (
        <Conflict
          base={base}
          theirs={draftOf(theirs)}
          mine={draft}
          version={theirs.version}
          onClose={() => setTheirs(null)}
          onResolved={(result) => {
            // The screen begins anew with what was published, and the result as its draft.
            kept.keep({ base: draftOf(theirs), draft: result });
            setBase(draftOf(theirs));
            replace(result);
            setTheirs(null);
            void props.reload();
          }}
        />
      )}
      {open === "test" && (
        <TestMail
          draft={{ ...bodyOf(draft), identifier: draft.identifier || "rascunho" }}
          ticket={ticket}
          locale={tag === DEFAULT ? null : tag}
          onClose={() => setOpen(null)}
        />
      )}
      {props.versions && stored && (
        <Versions
          id={stored.id}
          etag={props.etag}
          current={stored.version}
          uses={uses}
          opened={props.versions}
          onClose={() => props.onVersions?.(null)}
          onStale={(from) => {
            props.onVersions?.({ from, stale: true });
            void props.reload();
          }}
          onPublished={() => {
            forget();
            props.onVersions?.(null);
            void props.reload();
          }}
        />
      )}
    </Screen>
  );
}
