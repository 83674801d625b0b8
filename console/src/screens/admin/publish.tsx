/** The question before a template in use changes: what follows, and what is different. */
import { useState } from "preact/hooks";
import {
  Button,
  Dialog,
  Input,
  list,
  MailFrame,
  type Page,
  type Schema,
  type TicketRow,
  useResource,
  words,
} from "../../base";
import { Differences } from "./differences";
import { DEFAULT, type Draft } from "./draft";
import { keysOf } from "./parts";
import { usePreview } from "./preview";

type Parameter = Schema<"ParameterView">;

export function PublishQuestion(props: {
  uses: Parameter[];
  before: Draft;
  after: Draft;
  onPublish: (comment: string) => void;
  onClose: () => void;
}) {
  const w = words.value.admin.template;
  const [comment, setComment] = useState("");
  const [had, has] = [keysOf(props.before), keysOf(props.after)];
  const gone = [...had].filter((key) => !has.has(key));
  const come = [...has].filter((key) => !had.has(key));
  return (
    <Dialog
      title={w.publishTitle}
      wide
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>{words.value.cancel}</Button>
          <Button kind="primary" onClick={() => props.onPublish(comment)}>
            {w.publish}
          </Button>
        </>
      }
    >
      {props.uses.length > 0 && (
        <>
          <p>{w.publishUsed}</p>
          <ul class="bullets">
            {props.uses.map(({ number, name }) => (
              <li key={number}>
                {number} {name}
              </li>
            ))}
          </ul>
        </>
      )}
      {gone.length > 0 && <p>{w.keysGone(list(gone))}</p>}
      {come.length > 0 && <p>{w.keysCome(list(come))}</p>}
      <Input label={w.comment} help={w.commentHelp} value={comment} maxLength={500} onInput={setComment} />
      <Differences before={props.before} after={props.after} />
      <OnNewestTicket draft={props.after} />
    </Dialog>
  );
}

/** The mail that the template makes of the ticket on which something happened last. */
function OnNewestTicket({ draft }: { draft: Draft }) {
  const newest = useResource<Page<TicketRow>>("/tickets", { limit: 1 }).data.value?.items[0]?.id;
  return newest === undefined ? null : <OnTicket draft={draft} ticket={newest} />;
}

function OnTicket({ draft, ticket }: { draft: Draft; ticket: string }) {
  const w = words.value.admin.template;
  const { shown, problem } = usePreview(draft, DEFAULT, ticket);
  return (
    <section class="stack" aria-label={w.onTicket(ticket)}>
      <h3>{w.onTicket(ticket)}</h3>
      {problem && <p class="error">{problem.message}</p>}
      {shown && (
        <>
          <p>
            <strong>{w.subject}:</strong> {shown.subject}
          </p>
          <MailFrame title={w.onTicket(ticket)} html={shown.html} scheme="light" narrow={false} />
        </>
      )}
    </section>
  );
}
