/** T2: a ticket at the desk: the conversation, what became of each mail, and the people. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import {
  Badge,
  Button,
  Failure,
  go,
  Icon,
  Link,
  Loading,
  me,
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
import { CannotWrite } from "../../conversation/composer";
import { type Listed, useFeed } from "../../conversation/feed";
import { Messages } from "../../conversation/messages";
import { SafeHtml } from "../../conversation/safe-html";
import { lastList } from "../../conversation/ticket-list";
import { DeliveryPanel } from "./delivery-panel";
import { STATES } from "./states";
import { DeskComposer } from "./writing";

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
            <Neighbours id={id} />
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

/** The tickets before and after this one, in the list from which one came. */
function Neighbours({ id }: { id: string }) {
  const w = words.value.desk.ticket;
  // As it stood when the ticket was opened: the list moves with what is written here.
  const [order] = useState(lastList.value);
  const at = order.indexOf(id);
  if (at < 0 || order.length < 2) return null;
  const link = (to: string | undefined, label: string, face: string) =>
    to === undefined ? (
      <span class="button quiet" aria-hidden="true">
        {face}
      </span>
    ) : (
      <Link to={`/chamados/${encodeURIComponent(to)}`} class="button quiet" label={label}>
        {face}
      </Link>
    );
  return (
    <nav class="neighbours" aria-label={w.neighbours}>
      {link(order[at - 1], `${w.previous}: ${order[at - 1]}`, "◂")}
      <span>{w.position(at + 1, order.length)}</span>
      {link(order[at + 1], `${w.next}: ${order[at + 1]}`, "▸")}
    </nav>
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
      {/* On a phone the conversation comes first. */}
      <details open={innerWidth > 820}>
        <summary>{w.people}</summary>
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
        {ticket.description_html && (
          <details>
            <summary>{w.description}</summary>
            <div class="body" dir="auto">
              <SafeHtml html={ticket.description_html} />
            </div>
          </details>
        )}
      </details>
    </aside>
  );
}
