/** A test mail of a draft, to an address that is allowed one. */
import { useRef, useState } from "preact/hooks";
import {
  Button,
  call,
  Dialog,
  Failure,
  Input,
  me,
  Once,
  type Problem,
  type Schema,
  useAction,
  words,
} from "../../base";

export function TestMail(props: {
  draft: Record<string, unknown>;
  /** Its values are taken; empty takes the samples. */
  ticket: string;
  locale: string | null;
  onClose: () => void;
}) {
  const w = words.value.admin.template;
  const [to, setTo] = useState(me.value?.email ?? "");
  const { busy, problem, act } = useAction();
  const [done, setDone] = useState<Schema<"TestMail"> | null>(null);
  const once = useRef(new Once());
  const send = async () => {
    const { draft, ticket, locale } = props;
    const body = { to, draft, ...(locale && { locale }), ...(ticket && { ticket_id: ticket }) };
    const key = once.current.key(body);
    setDone((await call<Schema<"TestMail">>("POST", "/templates/test", { body, key })).body);
    once.current.over();
  };
  const failed = (found: Problem) => {
    once.current.over(found);
    return found;
  };
  const allowed = [me.value?.email, ...(me.value?.test_recipients ?? [])].filter((address) => address);
  return (
    <Dialog
      title={w.test}
      onClose={props.onClose}
      actions={
        <Button kind="primary" busy={busy} disabled={to.trim() === ""} onClick={() => void act(send, failed)}>
          {w.send}
        </Button>
      }
    >
      <Input label={w.testTo} type="email" value={to} onInput={setTo} help={w.testAllowed(allowed.join(", "))} />
      {problem && <Failure problem={problem} small />}
      {done && <p role="status">{done.reason ?? w.testSent(done.subject)}</p>}
    </Dialog>
  );
}
