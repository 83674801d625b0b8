/** A8: who mail of one contract is from and how it is signed, with its history. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ScreenProps } from "../../app";
import {
  ago,
  asProblem,
  Button,
  Confirm,
  call,
  Failure,
  go,
  guardLeaving,
  Input,
  Loading,
  Notice,
  type Page,
  Problem,
  route,
  type Schema,
  Screen,
  say,
  TextArea,
  useAction,
  useResource,
  words,
} from "../../base";
import { Back } from "./back";
import { Diff } from "./differences";
import { History } from "./history";
import type { Begun } from "./kept";
import { bodyOf, type Fields, fieldsOf, merged, placeOf, same, VALUES, type Value } from "./sender-draft";
import { contractName, EVERY } from "./senders";

type Identity = Schema<"Identity">;
/** What is stored, with its mark; null when there is nothing. */
interface Stored {
  identity: Identity | null;
  etag: string | null;
}

/** Longest signature, in characters. */
const LONGEST = 1000;

/** What is stored of a contract now. */
async function read(contract: string): Promise<Stored> {
  try {
    const { body, etag } = await call<Identity>("GET", route("/identities/{contract}", { contract }));
    return { identity: body, etag };
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return { identity: null, etag: null };
    throw error;
  }
}

export function Sender({ parts }: ScreenProps) {
  const contract = parts["contract"] ?? "";
  const [stored, setStored] = useState<Stored | null>(contract ? null : { identity: null, etag: null });
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = () => {
    setProblem(null);
    read(contract).then(setStored, (error) => setProblem(asProblem(error)));
  };
  useEffect(() => {
    if (contract) load();
  }, []);
  const w = words.value.admin.senders;
  if (stored) return <Editing contract={contract} stored={stored} />;
  return (
    <Screen title={contractName(contract)} before={<Back to="/remetentes" name={w.title} />} class="narrow">
      {problem ? <Failure problem={problem} onRetry={load} /> : <Loading />}
    </Screen>
  );
}

/** What is written at first: what this browser kept, with what somebody saved since. */
function beginning(begun: Begun<Fields> | null, contract: string, stored: Stored) {
  const now = fieldsOf(contract, stored.identity);
  if (!begun) return { fields: now, theirs: null };
  if (same(begun.base, now)) return { fields: begun.draft, theirs: null };
  return { fields: merged(begun.base, now, begun.draft), theirs: stored };
}

function Editing({ contract, stored }: { contract: string; stored: Stored }) {
  const w = words.value.admin.senders;
  const [kept] = useState(() => placeOf(contract));
  const [begun] = useState(() => beginning(kept.read(), contract, stored));
  const [fields, setFields] = useState<Fields>(begun.fields);
  /** What somebody saved meanwhile: the next save is over it. */
  const [theirs, setTheirs] = useState<Stored | null>(begun.theirs);
  const { busy, problem, setProblem, act } = useAction();
  const [open, setOpen] = useState<"history" | "remove" | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const every = useResource<Page<Identity>>("/identities", { limit: 100 }).data.value?.items.find(
    (one) => one.contract === EVERY,
  );
  const latest = theirs ?? stored;
  const base = fieldsOf(contract, latest.identity);
  const changed = !same(fields, base);
  const named = contract || fields.contract.trim();
  const path = route("/identities/{contract}", { contract: named });

  useEffect(() => (changed ? kept.keep({ base, draft: fields }) : kept.forget()), [fields, theirs]);
  // What is written is kept: leaving loses nothing, so it only says so.
  const leaving = changed && !busy;
  useEffect(() => (leaving ? guardLeaving(remind) : undefined), [leaving]);
  const remind = () => {
    say(words.value.admin.template.keptHere);
    return true;
  };
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problem]);

  const finish = (said: string, gone: AbortSignal) => {
    kept.forget();
    say(said);
    if (!gone.aborted) go("/remetentes");
  };
  const write = (what: () => Promise<unknown>, said: string, removes = false) => {
    setOpen(null);
    return act(
      async (gone) => {
        await what();
        finish(said, gone);
      },
      // It changed since it was read, or is there although it was not.
      (found, gone) => ([404, 412, 428].includes(found.status) ? meet(found, said, removes, gone) : found),
    );
  };
  const meet = async (found: Problem, said: string, removes: boolean, gone: AbortSignal) => {
    const now = await read(named).catch(() => null);
    // It may be what was written here, whose answer was lost.
    const own = now && (removes ? !now.identity : same(fieldsOf(named, now.identity), { ...fields, contract: named }));
    if (own) finish(said, gone);
    if (own || !now || gone.aborted) return own ? null : found;
    setFields(merged(base, fieldsOf(contract, now.identity), fields));
    setTheirs(now);
    return null;
  };
  const save = () => write(() => call("PUT", path, { body: bodyOf(fields), etag: latest.etag }), w.saved);
  const remove = () => write(() => call("DELETE", path, { etag: latest.etag }), w.removed, true);

  const errorOf = (name: string) => {
    const found = problem?.errors.filter(({ field }) => field === name) ?? [];
    return found.length ? found.map(({ message }) => message).join(" ") : null;
  };
  const atFields = problem?.errors.every(({ field }) => field && field in fields) && problem.errors.length > 0;
  const common = (name: Value) => ({
    value: fields[name],
    error: errorOf(name),
    // What would be typed while it is saved would be lost with the screen.
    readOnly: busy,
    onInput: (value: string) => setFields({ ...fields, [name]: value }),
  });
  /** What a field says when it is left empty. */
  const helpOf = (name: Value, help: string) => (
    <>
      {help}
      {every?.[name] && named !== EVERY && (
        <>
          <br />
          {w.leftOpen(every[name] ?? "")}
        </>
      )}
    </>
  );
  const theirValue = (name: Value) => {
    const value = theirs?.identity?.[name] ?? "";
    return theirs && value !== fields[name] ? (
      <Theirs value={value} busy={busy} onTake={() => setFields({ ...fields, [name]: value })} />
    ) : null;
  };

  return (
    <Screen
      title={contract ? contractName(contract) : w.create}
      before={<Back to="/remetentes" name={w.title} />}
      class="narrow"
    >
      {theirs && (
        <Notice tone="amber" role="alert">
          {theirs.identity
            ? w.conflict(theirs.identity.updated_by_name || theirs.identity.updated_by, ago(theirs.identity.updated_at))
            : w.conflictRemoved}
        </Notice>
      )}
      {problem && !atFields && <Failure problem={problem} />}
      <form
        class="card stack"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {!contract && (
          <Input
            label={w.contract}
            help={w.contractHelp}
            value={fields.contract}
            error={errorOf("contract")}
            readOnly={busy}
            onInput={(value) => {
              setTheirs(null);
              setFields({ ...fields, contract: value });
            }}
            required
          />
        )}
        <WithTheirs theirs={theirValue("from")}>
          <Input label={w.from} help={helpOf("from", w.fromHelp)} spellcheck={false} {...common("from")} />
        </WithTheirs>
        <WithTheirs theirs={theirValue("reply_domain")}>
          <Input
            label={w.replyDomain}
            help={helpOf("reply_domain", w.replyDomainHelp)}
            spellcheck={false}
            {...common("reply_domain")}
          />
        </WithTheirs>
        <WithTheirs theirs={theirValue("signature")}>
          <Signature help={helpOf("signature", w.signatureHelp)} {...common("signature")} />
        </WithTheirs>
        <div class="buttons">
          <Button type="submit" kind="primary" busy={busy} disabled={!changed}>
            {words.value.preferences.save}
          </Button>
          {contract && (
            <Button kind="quiet" onClick={() => setOpen("history")}>
              {words.value.admin.parameters.history}
            </Button>
          )}
          {latest.identity && (
            <Button kind="danger" icon="trash" busy={busy} onClick={() => setOpen("remove")}>
              {w.remove}
            </Button>
          )}
          {changed && (
            <Button
              kind="quiet"
              disabled={busy}
              onClick={() => {
                setProblem(null);
                setFields(base);
              }}
            >
              {words.value.admin.template.discard}
            </Button>
          )}
        </div>
        {latest.identity && (
          <p class="faint">
            {w.changedBy(
              latest.identity.updated_by_name || latest.identity.updated_by,
              ago(latest.identity.updated_at),
            )}
          </p>
        )}
      </form>
      {open === "history" && (
        <History<Schema<"IdentityChange">>
          title={contractName(contract)}
          path={`${path}/history`}
          onClose={() => setOpen(null)}
          show={(change) => <Change change={change} />}
        />
      )}
      {open === "remove" && (
        <Confirm
          title={w.removeTitle(contractName(named))}
          detail={named === EVERY ? w.removeEvery : w.removeDetail}
          action={w.remove}
          onConfirm={() => void remove()}
          onClose={() => setOpen(null)}
        />
      )}
    </Screen>
  );
}

/** A field, and below it what somebody else saved there. */
function WithTheirs({ theirs, children }: { theirs: ComponentChildren; children: ComponentChildren }) {
  return (
    <div class="with-theirs">
      {children}
      {theirs}
    </div>
  );
}

function Theirs({ value, busy, onTake }: { value: string; busy: boolean; onTake: () => void }) {
  const w = words.value.admin.template;
  return (
    <div class="theirs">
      <p>
        {w.theirs}: {value || words.value.none}
      </p>
      <Button disabled={busy} onClick={onTake}>
        {w.take(w.theirs)}
      </Button>
    </div>
  );
}

function Signature(props: {
  value: string;
  help: ComponentChildren;
  error: string | null;
  readOnly: boolean;
  onInput: (value: string) => void;
}) {
  const w = words.value.admin;
  const count = [...props.value].length;
  return (
    <TextArea
      label={w.senders.signature}
      help={
        <>
          {w.template.characters(count, LONGEST)}
          <br />
          {props.help}
        </>
      }
      error={props.error}
      rows={5}
      value={props.value}
      readOnly={props.readOnly}
      onInput={props.onInput}
    />
  );
}

/** What a change made different. */
function Change({ change }: { change: Schema<"IdentityChange"> }) {
  const w = words.value.admin.senders;
  const names: Record<Value, string> = { from: w.from, reply_domain: w.replyDomain, signature: w.signature };
  const { before, after } = change;
  const different = VALUES.filter((name) => (before?.[name] ?? null) !== (after?.[name] ?? null));
  return (
    <div class="change">
      <p>
        <strong>{w.changes[before ? (after ? "changed" : "removed") : "created"]}</strong>{" "}
        {w.changedBy(change.by_name || change.by, ago(change.at))}
      </p>
      {different.map((name) => (
        <section key={name}>
          <h3>{names[name]}</h3>
          <Diff before={before?.[name] ?? ""} after={after?.[name] ?? ""} />
        </section>
      ))}
    </div>
  );
}
