/** What was changed, by whom and when, newest first; older changes on demand. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog, Failure, get, Loading, type Page, useAction, useResource, words } from "../../base";

export function History<T extends { at: string }>(props: {
  title: string;
  path: string;
  /** A change in words. */
  show: (change: T) => ComponentChildren;
  onClose: () => void;
}) {
  const w = words.value.admin.parameters;
  const newest = useResource<Page<T>>(props.path, { limit: 25 });
  const [older, setOlder] = useState<Page<T> | null>(null);
  const { busy, problem, act } = useAction();
  const first = newest.data.value;
  const items = first && [...first.items, ...(older?.items ?? [])];
  const cursor = (older ?? first)?.next_cursor;
  const load = async (signal: AbortSignal) => {
    const page = await get<Page<T>>(props.path, { query: { limit: 25, cursor }, signal });
    setOlder({ ...page, items: [...(older?.items ?? []), ...page.items] });
  };
  const failure = problem ?? newest.problem.value;
  return (
    <Dialog title={`${w.history}: ${props.title}`} onClose={props.onClose}>
      {!items && newest.loading.value && <Loading rows={2} />}
      {items?.length === 0 && <p>{w.noHistory}</p>}
      <ul class="bare-list stack">
        {items?.map((change) => (
          <li key={change.at}>{props.show(change)}</li>
        ))}
      </ul>
      {failure && <Failure problem={failure} small onRetry={first ? undefined : () => void newest.reload()} />}
      {cursor && (
        <div class="center">
          <Button busy={busy} onClick={() => void act(load)}>
            {words.value.loadMore}
          </Button>
        </div>
      )}
    </Dialog>
  );
}
