/** Canned answers: found by their words, filled with the ticket, put at the caret; written and changed here too. */
import { useEffect, useRef, useState } from "preact/hooks";
import {
  asProblem,
  Button,
  call,
  Dialog,
  Failure,
  get,
  Input,
  Loading,
  me,
  newKey,
  type Page,
  type Problem,
  role,
  route,
  type Schema,
  Select,
  say,
  TextArea,
  unlessGone,
  useAction,
  useResource,
  words,
} from "../../base";
import type { Written } from "../../conversation/rich";

type Snippet = Schema<"SnippetView">;
type Owner = Snippet["of"];

/** The button beside the marks, and the dialog that it opens. */
export function Snippets(props: { ticket: string; insert: (written: Written) => void; disabled: boolean }) {
  const { ticket, insert, disabled } = props;
  const w = words.value.desk.snippets;
  const [open, setOpen] = useState(false);
  const picked = useRef<string | null>(null);
  // Once the dialog has given the focus back: the caret is where it was.
  useEffect(() => {
    if (open || picked.current === null) return;
    insert({ text: picked.current });
    picked.current = null;
  }, [open]);
  return (
    <>
      <Button kind="quiet" icon="inbox" disabled={disabled} onClick={() => setOpen(true)}>
        {w.title}
      </Button>
      {open && (
        <Choice
          ticket={ticket}
          onPick={(text) => {
            picked.current = text;
            setOpen(false);
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** The snippets whose title or text has all the words that are typed, accents aside. */
export function matching<T extends Pick<Snippet, "title" | "text">>(snippets: T[], typed: string): T[] {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  return snippets.filter(({ title, text }) => {
    const all = plain(`${title} ${text}`);
    return wanted.every((word) => all.includes(word));
  });
}

/** Every item of a list, page after page: what is looked through by typing has to be there. */
function useEvery<T>(path: string) {
  const [items, setItems] = useState<T[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    const read = async () => {
      const all: T[] = [];
      let cursor: string | null | undefined;
      do {
        const page: Page<T> = await get(path, { query: { cursor, limit: 100 }, signal: leave.signal });
        all.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor);
      setProblem(null);
      setItems(all);
    };
    read().catch((error) => leave.signal.aborted || setProblem(asProblem(error)));
    return () => leave.abort();
  }, [path, turn]);
  return { items, problem, reload: () => setTurn((now) => now + 1) };
}

function Choice(props: { ticket: string; onPick: (text: string) => void; onClose: () => void }) {
  const w = words.value.desk.snippets;
  const list = useEvery<Snippet>("/snippets");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [editing, setEditing] = useState<Snippet | "new" | null>(null);
  const items = list.items;
  const shown = items && matching(items, typed);
  const pick = async (snippet: Snippet) => {
    setProblem(null);
    try {
      const path = route("/snippets/{snippet}", { snippet: snippet.id });
      const { body } = await call<Snippet>("GET", path, { query: { ticket: props.ticket } });
      props.onPick((body.filled ?? body.text).trimEnd());
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  if (editing)
    return (
      <Editing
        snippet={editing === "new" ? null : editing}
        onDone={() => {
          setEditing(null);
          list.reload();
        }}
        onClose={() => setEditing(null)}
      />
    );
  return (
    <Dialog
      title={w.title}
      onClose={props.onClose}
      actions={
        <Button icon="plus" onClick={() => setEditing("new")}>
          {w.add}
        </Button>
      }
    >
      <Input type="search" label={w.search} value={typed} first onInput={setTyped} />
      {problem && <Failure problem={problem} small />}
      {list.problem && <Failure problem={list.problem} onRetry={list.reload} small />}
      {!items && !list.problem && <Loading rows={2} />}
      {shown?.length === 0 && <p class="faint">{items?.length ? words.value.list.nothing : w.empty}</p>}
      <ul class="snippets">
        {shown?.map((snippet) => (
          <li key={snippet.id}>
            <button type="button" class="snippet" onClick={() => void pick(snippet)}>
              <strong dir="auto">{snippet.title}</strong>{" "}
              <span class="faint">{snippet.of === "group" ? snippet.group : w.owners[snippet.of]}</span>
              <span class="snippet-text" dir="auto">
                {snippet.text}
              </span>
            </button>
            {snippet.can_write && (
              <Button kind="quiet" icon="pencil" label={w.change(snippet.title)} onClick={() => setEditing(snippet)} />
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Editing(props: { snippet: Snippet | null; onDone: () => void; onClose: () => void }) {
  const w = words.value.desk.snippets;
  const { snippet } = props;
  const [title, setTitle] = useState(snippet?.title ?? "");
  const [text, setText] = useState(snippet?.text ?? "");
  const [of, setOf] = useState<Owner>(snippet?.of ?? "me");
  const groups = me.value?.groups ?? [];
  const [group, setGroup] = useState(snippet?.group ?? groups[0] ?? "");
  const { busy, problem, act } = useAction();
  const [key] = useState(newKey);
  const stored = useResource<Snippet>(snippet && route("/snippets/{snippet}", { snippet: snippet.id }));
  const owners: Owner[] = [
    "me",
    ...(groups.length ? (["group"] as const) : []),
    ...(role.value === "admin" ? (["all"] as const) : []),
  ];
  const write = (what: () => Promise<unknown>, done: string) =>
    act(async () => {
      await what();
      say(done);
      props.onDone();
    });
  const path = snippet ? route("/snippets/{snippet}", { snippet: snippet.id }) : "/snippets";
  const etag = stored.etag.value;
  const body = { title, text, of, ...(of === "group" && { group }) };
  const save = () => (snippet ? call("PUT", path, { body, etag }) : call("POST", path, { body, key }));
  return (
    <Dialog
      title={snippet ? w.change(snippet.title) : w.add}
      onClose={props.onClose}
      actions={
        <>
          {snippet && (
            <Button
              kind="danger"
              icon="trash"
              busy={busy}
              onClick={() => void write(() => call("DELETE", path, { etag }).catch(unlessGone), w.removed)}
            >
              {w.remove}
            </Button>
          )}
          <Button
            kind="primary"
            busy={busy}
            disabled={!title.trim() || !text.trim()}
            onClick={() => void write(save, w.saved)}
          >
            {words.value.preferences.save}
          </Button>
        </>
      }
    >
      <Input label={w.name} value={title} first readOnly={busy} onInput={setTitle} />
      <TextArea label={w.text} help={w.keys} rows={6} value={text} readOnly={busy} onInput={setText} />
      {!snippet && (
        <Select
          label={w.of}
          value={of}
          options={owners.map((value) => ({ value, name: w.owners[value] }))}
          onChange={setOf}
        />
      )}
      {!snippet && of === "group" && groups.length > 1 && (
        <Select
          label={w.group}
          value={group}
          options={groups.map((value) => ({ value, name: value }))}
          onChange={setGroup}
        />
      )}
      {problem && <Failure problem={problem} small />}
    </Dialog>
  );
}
