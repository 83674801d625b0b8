/** T2: a ticket at the desk: the conversation, what became of each mail, and the people. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import {
  Badge,
  Button,
  Check,
  Failure,
  go,
  Icon,
  Input,
  Link,
  Loading,
  me,
  Radios,
  role,
  route,
  type Schema,
  Screen,
  type Ticket,
  Time,
  useHotkeys,
  useResource,
  words,
} from "../../base";
import { CannotWrite, Composer, type More } from "../../conversation/composer";
import { type Listed, useFeed } from "../../conversation/feed";
import { Messages } from "../../conversation/messages";
import { DeliveryPanel } from "./delivery-panel";
import { STATES } from "./states";

export function Conversation({ parts }: { parts: Record<string, string> }) {
  const id = parts["id"] ?? "";
  const w = words.value;
  const ticket = useResource<Ticket>(route("/tickets/{id}", { id }));
  const shown = ticket.data.value;
  const feed = useFeed(id, shown?.unread ?? null);
  const [panel, setPanel] = useState<string | null>(null);
  const last = feed.messages.value?.filter(({ deliveries }) => deliveries?.length).at(-1);
  useHotkeys({ u: () => go("/chamados"), e: () => last && setPanel(last.id) });
  const title = shown ? `${id} ${shown.activity || shown.service || w.list.noSubject}` : id;
  const problem = ticket.problem.value;
  return (
    <Screen
      title={title}
      heading={<span dir="auto">{title}</span>}
      before={<Link to="/chamados">‹ {w.desk.ticket.back}</Link>}
      actions={
        shown && (
          <>
            {shown.status && <Badge tone="blue">{shown.status}</Badge>}
            {shown.priority && <Badge>{shown.priority}</Badge>}
          </>
        )
      }
      class="conversation"
    >
      {problem && (
        <Failure problem={problem} onRetry={problem.status === 404 ? undefined : () => void ticket.reload()} />
      )}
      {!shown && !problem && <Loading />}
      {shown && (
        <div class="desk">
          <div class="desk-main">
            <Messages
              feed={feed}
              desk
              under={(message) => <Mails message={message} onDetails={() => setPanel(message.id)} />}
            />
            {me.value?.can.write && role.value !== "admin" ? (
              <DeskComposer ticket={shown} id={id} feed={feed} />
            ) : role.value === "admin" ? (
              <p class="composer closed">{w.desk.composer.adminReads}</p>
            ) : (
              <CannotWrite />
            )}
          </div>
          <People ticket={shown} />
        </div>
      )}
      {panel && (
        <DeliveryPanel ticket={id} message={panel} onClose={() => setPanel(null)} onAgain={() => void feed.refresh()} />
      )}
    </Screen>
  );
}

function Mails({ message, onDetails }: { message: Listed; onDetails: () => void }) {
  const w = words.value.desk.delivery;
  const deliveries = message.deliveries ?? [];
  if (message.visibility === "internal" && deliveries.length === 0) return null;
  return (
    <div class="mails">
      <ul>
        {deliveries.map((delivery) => (
          <li key={delivery.id}>
            <Icon name="mail" /> {delivery.name || delivery.to}:{" "}
            <Badge {...STATES[delivery.status]}>{w.states[delivery.status]}</Badge>
            {delivery.reason_text && <span class="faint"> {delivery.reason_text}</span>}
          </li>
        ))}
        {deliveries.length === 0 && <li class="faint">{w.noMail}</li>}
      </ul>
      <Button kind="quiet" label={w.detailsOf(message.author.name)} onClick={onDetails}>
        {w.details}
      </Button>
    </div>
  );
}

function DeskComposer(props: { ticket: Ticket; id: string; feed: ReturnType<typeof useFeed> }) {
  const w = words.value.desk.composer;
  const [mode, setMode] = useState<"public" | "internal">("public");
  const [notify, setNotify] = useState(true);
  const [category, setCategory] = useState("");
  const [hours, setHours] = useState("");
  const [date, setDate] = useState(() => new Date().toLocaleDateString("sv"));
  const note = mode === "internal";
  const more = (): { more: More } | { error: string } => {
    const time = /^(\d{1,3}):([0-5]\d)$/.exec(hours.trim());
    if (hours.trim() && !time) return { error: w.timeBad };
    return {
      more: {
        visibility: mode,
        ...(!note && { notify }),
        ...(category.trim() && { category: category.trim() }),
        ...(time && { time_spent: { date, hours: `${time[1]?.padStart(2, "0")}:${time[2]}` } }),
      },
    };
  };
  const requester = props.ticket.requester;
  const who = requester?.name || requester?.email || words.value.desk.ticket.requester;
  const followers = props.ticket.followers?.length ?? 0;
  const action = note ? w.saveNote : !notify ? w.saveQuiet : followers ? w.replyMore(who, followers) : w.reply(who);
  return (
    <Composer
      ticket={props.id}
      feed={props.feed}
      class={note ? "note" : ""}
      label={note ? w.textNote : w.textPublic}
      action={action}
      more={more}
      onSent={() => {
        setHours("");
        setCategory("");
      }}
      hotkeys={{ n: () => setMode("internal") }}
      above={
        <>
          {me.value?.can.internal && (
            <Radios
              legend={w.mode}
              hidden
              value={mode}
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
              onChange={setMode}
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
          {!note && <Check label={w.mail} checked={notify} onChange={setNotify} />}
          <details>
            <summary>{w.more}</summary>
            <div class="row">
              <Input label={w.category} value={category} onInput={setCategory} />
              <Input label={w.timeSpent} placeholder="0:15" value={hours} onInput={setHours} />
              <Input type="date" label={w.timeSpentDate} value={date} onInput={setDate} />
            </div>
          </details>
        </div>
      }
    />
  );
}

function People({ ticket }: { ticket: Ticket }) {
  const w = words.value.desk.ticket;
  const person = (someone: Schema<"Person"> | null | undefined) =>
    someone?.name || someone?.email ? (
      <>
        {someone.name}{" "}
        {someone.email ? <span class="faint">{someone.email}</span> : <span class="faint">{w.noEmail}</span>}
      </>
    ) : null;
  const facts: [string, ComponentChildren][] = [
    [w.requester, person(ticket.requester)],
    [w.responsible, person(ticket.responsible)],
    [w.group, ticket.group?.name],
    [
      w.followers,
      ticket.followers?.length ? ticket.followers.map((one) => <div key={one.email}>{person(one)}</div>) : null,
    ],
    [w.service, [ticket.portfolio, ticket.service, ticket.activity].filter(Boolean).join(" / ")],
    [w.contract, ticket.contract],
    [w.deadline, ticket.deadline_at ? <Time at={ticket.deadline_at} /> : null],
  ];
  return (
    <aside class="card people-card" aria-label={w.people}>
      <dl>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
      </dl>
      {ticket.description && (
        <details>
          <summary>{w.description}</summary>
          <p class="text" dir="auto">
            {ticket.description}
          </p>
        </details>
      )}
    </aside>
  );
}
