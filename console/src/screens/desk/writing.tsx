/** T2: writing at the desk: who reads it, who gets it, and what is posted with it. */
import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import {
  Button,
  Check,
  Dialog,
  Failure,
  Icon,
  Input,
  MailFrame,
  me,
  Notice,
  Radios,
  type Ticket,
  useAction,
  words,
} from "../../base";
import { Composer, type More } from "../../conversation/composer";
import { DraftPlace, type Extras, type NewMessage } from "../../conversation/drafts";
import type { Feed } from "../../conversation/feed";
import { type Preview, previewOf, Recipients, useRecipients } from "../../conversation/recipients";
import { Snippets } from "./snippets";

const today = () => new Date().toLocaleDateString("sv");

/** What is sent beside the text, or what is wrong with it. */
function moreOf({ visibility, notify, category, hours, date }: Extras): { more: More } | { error: string } {
  const time = /^(\d{1,3}):([0-5]\d)$/.exec(hours.trim());
  if (hours.trim() && !time) return { error: words.value.desk.composer.timeBad };
  return {
    more: {
      visibility,
      ...(visibility === "public" && { notify }),
      ...(category.trim() && { category: category.trim() }),
      ...(time && { time_spent: { date, hours: `${time[1]?.padStart(2, "0")}:${time[2]}` } }),
    },
  };
}

export function DeskComposer(props: { ticket: Ticket; id: string; feed: Feed }) {
  const w = words.value.desk.composer;
  const extras = useSignal<Extras>(firstExtras(props.id));
  const { visibility, notify, category, hours, date } = extras.value;
  const set = (changes: Partial<Extras>) => {
    extras.value = { ...extras.value, ...changes };
  };
  const note = visibility === "internal";
  const newest = props.feed.messages.value?.at(-1)?.id ?? null;
  const body: NewMessage = { visibility, ...(!note && { notify }) };
  const { known, failed } = useRecipients(props.id, body, `${newest} ${props.ticket.updated_at}`);
  return (
    <Composer
      ticket={props.id}
      feed={props.feed}
      class={note ? "note" : ""}
      label={note ? w.textNote : w.textPublic}
      action={actionOf(props.ticket, extras.value, known.value)}
      more={() => moreOf(extras.value)}
      extras={extras}
      onSent={() => set({ hours: "", category: "", date: today() })}
      hotkeys={{ n: () => set({ visibility: "internal" }) }}
      tools={(insert, locked) => <Snippets ticket={props.id} insert={insert} disabled={locked} />}
      above={
        <>
          {me.value?.can.internal && (
            <Radios
              legend={w.mode}
              hidden
              value={visibility}
              options={[
                { value: "public", name: w.public },
                {
                  value: "internal",
                  name: (
                    <>
                      <Icon name="lock" /> {w.note}
                    </>
                  ),
                },
              ]}
              onChange={(chosen) => set({ visibility: chosen })}
            />
          )}
          {note && (
            <p class="note-bar">
              <Icon name="lock" /> {w.noteBar}
            </p>
          )}
        </>
      }
      below={
        <div class="extras">
          {!note && <Check label={w.mail} checked={notify} onChange={(on) => set({ notify: on })} />}
          <details open={hours || category ? true : undefined}>
            <summary>{w.more}</summary>
            <div class="row">
              <Input label={w.category} value={category} onInput={(text) => set({ category: text })} />
              <Input label={w.timeSpent} placeholder="0:15" value={hours} onInput={(text) => set({ hours: text })} />
              <Input type="date" label={w.timeSpentDate} value={date} onInput={(text) => set({ date: text })} />
            </div>
          </details>
          <Recipients preview={known.value} failed={failed.value} />
        </div>
      }
      before={(body) => (note || !notify ? null : <PreviewButton ticket={props.id} body={body} />)}
    />
  );
}

/** What was chosen for the draft of this ticket, else a public reply with mail. */
function firstExtras(ticket: string): Extras {
  const usual: Extras = { visibility: "public", notify: true, category: "", hours: "", date: today() };
  return { ...usual, ...new DraftPlace(ticket).read()?.extras };
}

/** What the button does, in words: to whom a mail goes, as the server says. */
function actionOf(ticket: Ticket, { visibility, notify }: Extras, preview: Preview | null): string {
  const w = words.value.desk.composer;
  if (visibility === "internal") return w.saveNote;
  const mailed = preview?.recipients.filter(({ mailed }) => mailed);
  if (!notify || mailed?.length === 0) return w.saveQuiet;
  const requester = ticket.requester;
  const who = mailed?.[0]?.name || requester?.name || requester?.email || words.value.desk.ticket.requester;
  const others = (mailed?.length ?? 1) - 1;
  return others > 0 ? w.replyMore(who, others) : w.reply(who);
}

function PreviewButton({ ticket, body }: { ticket: string; body: () => NewMessage }) {
  const w = words.value.desk.composer;
  const [shown, setShown] = useState<Preview | null>(null);
  const { busy, problem, setProblem, act } = useAction();
  const show = () => act(async () => setShown(await previewOf(ticket, body())));
  return (
    <>
      <Button icon="mail" busy={busy} onClick={() => void show()}>
        {w.preview}
      </Button>
      {(shown || problem) && (
        <Dialog
          title={w.previewTitle}
          wide
          onClose={() => {
            setShown(null);
            setProblem(null);
          }}
        >
          {problem && <Failure problem={problem} onRetry={() => void show()} small />}
          {shown && (
            <>
              <Recipients preview={shown} failed={false} />
              {shown.problem && (
                <Notice tone="amber" role="status">
                  {words.value.composer.mailProblem(shown.problem)}
                </Notice>
              )}
              {shown.subject && (
                <p dir="auto">
                  {w.subject}: <strong>{shown.subject}</strong>
                </p>
              )}
              {shown.html ? (
                <MailFrame title={w.previewTitle} html={shown.html} />
              ) : (
                !shown.problem && <p class="faint">{w.previewEmpty}</p>
              )}
            </>
          )}
        </Dialog>
      )}
    </>
  );
}
