/** A3: the versions of a template, what differs between two, and a way back to each. */
import { useEffect, useRef, useState } from "preact/hooks";
import {
  ago,
  asProblem,
  Button,
  call,
  Dialog,
  Failure,
  Loading,
  Notice,
  Once,
  type Problem,
  type Schema,
  Select,
  say,
  useAction,
  usePages,
  words,
} from "../../base";
import { Differences } from "./differences";
import { draftOf, type Stored } from "./draft";
import { PublishQuestion } from "./publish";

type Version = Schema<"Summary">;

/** How the versions are opened, and again when somebody published meanwhile. */
export interface OpenVersions {
  /** The version to go back to; the one before the published one when none is named. */
  from: number | null;
  stale: boolean;
}

export function Versions(props: {
  id: number;
  etag: string | null;
  current: number;
  uses: Schema<"ParameterView">[];
  opened: OpenVersions;
  onClose: () => void;
  onPublished: () => void;
  /** Somebody else published meanwhile: asks for the template again. */
  onStale: (from: number) => void;
}) {
  const w = words.value.admin.template;
  const list = usePages<Version>(
    `/templates/${props.id}/versions`,
    { limit: 100 },
    { keyOf: (one) => one.version, whole: true },
  );
  const [[from, to], setPair] = useState<[number, number]>([
    props.opened.from ?? Math.max(props.current - 1, 1),
    props.current,
  ]);
  const [asking, setAsking] = useState(false);
  const { busy, problem, act } = useAction();
  const before = useVersion(props.id, from);
  const after = useVersion(props.id, to);
  const now = useVersion(props.id, props.current);
  const items = list.rows.value ?? [];
  const options = items.map((item) => ({ value: String(item.version), name: label(item, props.current) }));
  const shown = items.find((item) => item.version === from);

  const once = useRef(new Once());
  const publish = (comment: string) => {
    setAsking(false);
    const body = { version: from, ...(comment && { comment }) };
    const key = once.current.key({ body, etag: props.etag });
    return act(
      async () => {
        await call("POST", `/templates/${props.id}/rollback`, { body, etag: props.etag, key });
        say(w.published);
        props.onPublished();
      },
      (found) => {
        once.current.over(found);
        if (found.status !== 412) return found;
        props.onStale(from);
        return null;
      },
    );
  };
  const failure = problem ?? list.problem.value ?? before.problem ?? after.problem;
  return (
    <Dialog
      title={w.versions}
      onClose={props.onClose}
      wide
      actions={
        from !== props.current && (
          <Button kind="primary" busy={busy} disabled={!before.version} onClick={() => setAsking(true)}>
            {w.publishAgain(from)}
          </Button>
        )
      }
    >
      {failure && <Failure problem={failure} small />}
      {props.opened.stale && (
        <Notice tone="amber" role="alert">
          {w.rollbackStale(props.current)}
        </Notice>
      )}
      {!list.rows.value && !list.problem.value && <Loading rows={3} />}
      {items.length > 0 && (
        <>
          <div class="filters">
            <Select
              label={w.compare}
              value={String(from)}
              options={options}
              onChange={(value) => setPair([Number(value), to])}
            />
            <Select
              label={w.compareWith}
              value={String(to)}
              options={options}
              onChange={(value) => setPair([from, Number(value)])}
            />
          </div>
          {shown && (
            <p class="faint">
              {w.madeBy(shown.updated_by_name || shown.updated_by, ago(shown.updated_at))}
              {shown.comment && ` · ${shown.comment}`}
            </p>
          )}
        </>
      )}
      {before.version && after.version && (
        <Differences before={draftOf(before.version)} after={draftOf(after.version)} />
      )}
      {asking && before.version && now.version && (
        <PublishQuestion
          uses={props.uses}
          before={draftOf(now.version)}
          after={draftOf(before.version)}
          onClose={() => setAsking(false)}
          onPublish={(comment) => void publish(comment)}
        />
      )}
    </Dialog>
  );
}

function label(item: Version, current: number): string {
  const w = words.value.admin.template;
  return `${w.version(item.version)}${item.version === current ? ` (${w.current})` : ""}`;
}

const loaded = new Map<string, Stored>();

/** A version with its bodies; versions do not change. */
function useVersion(id: number, version: number) {
  const key = `${id} ${version}`;
  const [, setTurn] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (loaded.has(key)) return;
    setProblem(null);
    call<Stored>("GET", `/templates/${id}/versions/${version}`).then(
      (answer) => {
        loaded.set(key, answer.body);
        setTurn((turn) => turn + 1);
      },
      (error) => setProblem(asProblem(error)),
    );
  }, [key]);
  return { version: loaded.get(key) ?? null, problem };
}
