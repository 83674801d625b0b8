/** A3: the versions of a template; each can be read and published again. */
import { useState } from "preact/hooks";
import {
  ago,
  asProblem,
  Button,
  call,
  Dialog,
  Failure,
  Loading,
  newKey,
  type Page,
  type Problem,
  say,
  useResource,
  words,
} from "../../base";
import type { Stored } from "./draft";

type Version = Pick<Stored, "version" | "updated_at" | "updated_by">;

export function Versions(props: {
  id: number;
  etag: string | null;
  current: number;
  onClose: () => void;
  onPublished: () => void;
}) {
  const w = words.value.admin.template;
  const list = useResource<Page<Version>>(`/templates/${props.id}/versions`, { limit: 100 });
  const [seen, setSeen] = useState<Stored | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = async (what: () => Promise<void>) => {
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const show = (version: number) =>
    act(async () => setSeen((await call<Stored>("GET", `/templates/${props.id}/versions/${version}`)).body));
  const publish = (version: number) =>
    act(async () => {
      await call("POST", `/templates/${props.id}/rollback`, { body: { version }, etag: props.etag, key: newKey() });
      say(w.published);
      props.onPublished();
    });
  const items = list.data.value?.items;
  return (
    <Dialog title={w.versions} onClose={props.onClose} wide>
      {(problem ?? list.problem.value) && <Failure problem={(problem ?? list.problem.value) as Problem} small />}
      {!items && list.loading.value && <Loading rows={3} />}
      <ul class="bare-list">
        {items?.map((item) => (
          <li key={item.version} class="buttons">
            <span>
              {w.version(item.version)} · {item.updated_by} · {ago(item.updated_at)}
            </span>
            <Button kind="quiet" onClick={() => void show(item.version)}>
              {w.see}
            </Button>
            {item.version !== props.current && (
              <Button onClick={() => void publish(item.version)}>{w.publishAgain}</Button>
            )}
          </li>
        ))}
      </ul>
      {seen && (
        <>
          <h3>
            {w.version(seen.version)}: {seen.title}
          </h3>
          <pre class="source">{seen.html}</pre>
        </>
      )}
    </Dialog>
  );
}
