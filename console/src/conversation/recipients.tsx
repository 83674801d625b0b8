/** Who will get a message, asked of the server before it is sent. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { asProblem, Badge, call, list, plural, route, type Schema, words } from "../base";
import type { NewMessage } from "./drafts";

/** What the server says would become of a message. */
export type Preview = Schema<"MessagePreview">;

/** What would become of this message. */
export async function previewOf(ticket: string, body: NewMessage): Promise<Preview> {
  return (await call<Preview>("POST", route("/tickets/{id}/messages/preview", { id: ticket }), { body })).body;
}

/** Who gets a message with this visibility, asked again when that or the ticket changes. */
export function useRecipients(
  ticket: string,
  body: NewMessage,
  version: string | null,
): { known: ReadonlySignal<Preview | null>; failed: ReadonlySignal<boolean> } {
  const known = useSignal<Preview | null>(null);
  const failed = useSignal(false);
  const turn = useRef(0);
  const asked = `${ticket} ${JSON.stringify(body)} ${version}`;
  useEffect(() => {
    turn.current += 1;
    const mine = turn.current;
    previewOf(ticket, body).then(
      (preview) => {
        if (mine !== turn.current) return;
        known.value = preview;
        failed.value = false;
      },
      (error) => {
        if (mine !== turn.current) return;
        known.value = null;
        // One who may not write is told so elsewhere.
        failed.value = asProblem(error).passing;
      },
    );
  }, [asked]);
  return { known, failed };
}

/** The line that says who gets it, and who does not and why. */
export function Recipients({ preview, failed }: { preview: Preview | null; failed: boolean }) {
  const w = words.value.composer;
  if (!preview) return <p class="faint recipients">{failed ? w.receivesUnknown : " "}</p>;
  const mailed = preview.recipients.filter(({ mailed }) => mailed);
  const rest = preview.recipients.filter(({ mailed }) => !mailed);
  const causes = words.value.desk.ticket.causes;
  return (
    <div class="recipients faint">
      {mailed.length === 0 ? (
        <p>{w.receivesNobody}</p>
      ) : (
        <p>
          {w.receives}: <span dir="auto">{list(mailed.map(({ name, to }) => name || to))}</span>
        </p>
      )}
      {mailed.map(
        ({ to, name, blocked }) =>
          blocked && (
            <Badge key={to} tone="amber" icon="alert">
              {w.blockedFor(name || to, causes[blocked])}
            </Badge>
          ),
      )}
      {rest.length > 0 && (
        <details>
          <summary>{plural(rest.length, w.receivesNot)}</summary>
          <ul>
            {rest.map(({ to, name, decision }) => (
              <li key={`${to}${decision.code}`}>
                <span dir="auto">{name || to}</span>: {decision.text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
