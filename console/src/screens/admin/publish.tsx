/** The question before a template in use changes: what follows, and what is different. */
import { useState } from "preact/hooks";
import { Button, Dialog, Input, list, type Schema, words } from "../../base";
import { Differences } from "./differences";
import type { Draft } from "./draft";
import { keysOf } from "./parts";

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
    </Dialog>
  );
}
