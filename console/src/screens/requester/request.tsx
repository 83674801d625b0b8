/** R2: a request and its messages. */
import {
  Badge,
  Failure,
  go,
  Link,
  Loading,
  me,
  route,
  Screen,
  type Ticket,
  Time,
  useHotkeys,
  useResource,
  words,
} from "../../base";
import { CannotWrite, Composer } from "../../conversation/composer";
import { type Feed, useFeed } from "../../conversation/feed";
import { Messages } from "../../conversation/messages";
import { Recipients, useRecipients } from "../../conversation/recipients";
import { SafeHtml } from "../../conversation/safe-html";

export function Request({ parts }: { parts: Record<string, string> }) {
  const id = parts["id"] ?? "";
  const w = words.value;
  const ticket = useResource<Ticket>(route("/tickets/{id}", { id }));
  const shown = ticket.data.value;
  const feed = useFeed(id, shown?.unread ?? null);
  useHotkeys({ u: () => go("/solicitacoes") });
  const title = shown ? `${id} ${shown.activity || shown.service || w.list.noSubject}` : id;
  const problem = ticket.problem.value;
  return (
    <Screen
      title={title}
      heading={<span dir="auto">{title}</span>}
      before={<Link to="/solicitacoes">‹ {w.nav.requests}</Link>}
      class="narrow conversation"
    >
      {problem && (
        <Failure problem={problem} onRetry={problem.status === 404 ? undefined : () => void ticket.reload()} />
      )}
      {!shown && !problem && <Loading />}
      {shown && (
        <>
          <div class="row">
            {shown.status && <Badge tone="blue">{shown.status}</Badge>}
            {shown.priority && <Badge>{shown.priority}</Badge>}
            <span>
              {w.conversation.attention}:{" "}
              {[shown.responsible?.name, shown.group?.name].filter(Boolean).join(", ") || w.conversation.notAssigned}
            </span>
          </div>
          <details class="facts">
            <summary>{w.conversation.details}</summary>
            <Facts ticket={shown} />
          </details>
          <Messages feed={feed} />
          {me.value?.can.write ? <RequestComposer id={id} ticket={shown} feed={feed} /> : <CannotWrite />}
        </>
      )}
    </Screen>
  );
}

function RequestComposer(props: { id: string; ticket: Ticket; feed: Feed }) {
  const w = words.value.composer;
  const newest = props.feed.messages.value?.at(-1)?.id ?? null;
  const { known, failed } = useRecipients(props.id, {}, `${newest} ${props.ticket.updated_at}`);
  return (
    <Composer
      ticket={props.id}
      feed={props.feed}
      label={w.toDesk}
      action={w.send}
      below={
        <>
          <Recipients preview={known.value} failed={failed.value} />
          {me.value?.replies_by_mail && <p class="faint">{w.mailToo}</p>}
        </>
      }
    />
  );
}

function Facts({ ticket }: { ticket: Ticket }) {
  const w = words.value.desk.ticket;
  const service = [ticket.portfolio, ticket.service, ticket.activity].filter(Boolean).join(" / ");
  return (
    <dl class="pairs">
      {service && (
        <>
          <dt>{w.service}</dt>
          <dd>{service}</dd>
        </>
      )}
      {ticket.deadline_at && (
        <>
          <dt>{w.deadline}</dt>
          <dd>
            <Time at={ticket.deadline_at} />
          </dd>
        </>
      )}
      {ticket.description_html && (
        <>
          <dt>{w.description}</dt>
          <dd dir="auto">
            <SafeHtml html={ticket.description_html} />
          </dd>
        </>
      )}
    </dl>
  );
}
