/** The mail that a draft makes, and what is wrong with the draft, as one types. */
import { useEffect, useState } from "preact/hooks";
import {
  asProblem,
  bytes,
  Check,
  call,
  Input,
  MailFrame,
  type Problem,
  type ProblemFinding,
  Radios,
  type Schema,
  type Scheme,
  words,
} from "../../base";
import { bodyOf, DEFAULT, type Draft } from "./draft";

type Preview = Schema<"Preview">;
export type Diagnostic = Schema<"Diagnostic">;

/** Milliseconds after the last key. */
const PAUSE = 400;

/** What the API says of the draft: the last good preview stays while a new one is not to be had. */
export function usePreview(draft: Draft, tag: string, ticket: string) {
  const [shown, setShown] = useState<Preview | null>(null);
  const [diagnostics, setDiagnostics] = useState<Diagnostic[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [stale, setStale] = useState(false);
  const asked = JSON.stringify([draft, tag, ticket]);
  useEffect(() => {
    const leave = new AbortController();
    setStale(true);
    const timer = setTimeout(async () => {
      const body = {
        draft: { ...(bodyOf(draft) as object), identifier: draft.identifier || "rascunho" },
        ...(ticket ? { ticket_id: ticket } : { sample: true }),
        ...(tag === DEFAULT ? {} : { locale: tag }),
      };
      try {
        const answer = await call<Preview>("POST", "/templates/preview", { body, signal: leave.signal });
        setShown(answer.body);
        setDiagnostics(answer.body.diagnostics);
        setProblem(null);
        setStale(false);
      } catch (error) {
        if (leave.signal.aborted) return;
        const found = asProblem(error);
        const placed = found.errors.flatMap(asDiagnostic);
        if (placed.length) setDiagnostics(placed);
        setProblem(placed.length ? null : found);
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [asked]);
  return { shown, diagnostics, problem, stale };
}

function asDiagnostic(finding: ProblemFinding): Diagnostic[] {
  const { part, line, column, length } = finding;
  if (part !== "title" && part !== "html" && part !== "text") return [];
  return [
    {
      severity: "error",
      code: finding.code,
      part,
      line: line ?? 1,
      column: column ?? 1,
      length: length ?? 1,
      found: finding.found ?? "",
      suggestion: finding.suggestion ?? null,
      message: finding.message,
    },
  ];
}

type View = "html" | "text" | "mime";

export function PreviewPane(props: {
  preview: ReturnType<typeof usePreview>;
  ticket: string;
  onTicket: (id: string) => void;
}) {
  const w = words.value.admin.template;
  const { shown, problem, stale } = props.preview;
  const [view, setView] = useState<View>("html");
  const [phone, setPhone] = useState(false);
  const [scheme, setScheme] = useState<Scheme>("light");
  return (
    <section class={`card stack preview ${stale && shown ? "stale" : ""}`} aria-label={w.preview}>
      <h2>{w.preview}</h2>
      <Input label={w.ticket} help={w.ticketHelp} value={props.ticket} onInput={props.onTicket} />
      {problem && <p class="error">{problem.message}</p>}
      {shown && (
        <>
          <p>
            <strong>{w.subject}:</strong> {shown.subject}
          </p>
          <div class="filters">
            <Radios
              legend={w.view}
              hidden
              value={view}
              onChange={setView}
              options={[
                { value: "html", name: "HTML" },
                { value: "text", name: w.text },
                { value: "mime", name: "MIME" },
              ]}
            />
            {view === "html" && (
              <>
                <Check label={w.phone} checked={phone} onChange={setPhone} />
                <Radios
                  legend={w.dark}
                  value={scheme}
                  onChange={setScheme}
                  options={[
                    { value: "light", name: w.darkNo },
                    { value: "own", name: w.darkOwn },
                    { value: "invert", name: w.darkInverted },
                  ]}
                />
              </>
            )}
          </div>
          {view === "html" && <MailFrame title={w.preview} html={shown.html} scheme={scheme} narrow={phone} />}
          {view === "text" && <pre class="source">{shown.text}</pre>}
          {view === "mime" && <pre class="source">{shown.mime}</pre>}
          <p class="faint">
            {bytes(shown.size)} · SHA-256 {shown.sha256.slice(0, 12)}…
          </p>
        </>
      )}
    </section>
  );
}
