/** A4: templates out of the files of another system: read, looked through, chosen, stored. */
import { useRef, useState } from "preact/hooks";
import {
  Badge,
  Button,
  call,
  Empty,
  Failure,
  Icon,
  Link,
  newKey,
  plural,
  type Schema,
  Screen,
  say,
  useAction,
  words,
} from "../../base";
import { Back } from "./back";
import { type Column, Table } from "./table";

type Legacy = Schema<"LegacyTemplate">;
type Report = Schema<"Report">;
type Line = Schema<"Line">;
type Content = Schema<"FileContent">;
/** A template that was read, with what would become of it. */
interface Row {
  at: number;
  template: Legacy;
  line: Line;
}

/** Bytes of one request; the API takes 1 MiB. */
const MOST = 900_000;
/** What becomes of these: they come in when they are chosen. */
const COMES_IN = new Set<Line["action"]>(["create", "renumber"]);

/** Templates in requests that are not too large. */
function batches(templates: Legacy[]): Legacy[][] {
  const found: Legacy[][] = [];
  let size = MOST;
  for (const template of templates) {
    const own = new Blob([JSON.stringify(template)]).size;
    if (size + own > MOST) {
      found.push([]);
      size = 0;
    }
    found.at(-1)?.push(template);
    size += own;
  }
  return found;
}

/** What would become of the templates, or becomes of them. */
async function send(templates: Legacy[], dryRun: boolean): Promise<Line[]> {
  const lines: Line[] = [];
  for (const batch of batches(templates)) {
    const body = { templates: batch, dry_run: dryRun };
    lines.push(...(await call<Report>("POST", "/templates/import", { body, key: newKey() })).body.templates);
  }
  return lines;
}

export function Import() {
  const w = words.value.admin.imports;
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const { busy, problem, act } = useAction();
  const [findings, setFindings] = useState<Content["findings"]>([]);
  const [rows, setRows] = useState<Row[] | null>(null);
  const [chosen, setChosen] = useState<Set<number>>(new Set());
  const [done, setDone] = useState<Line[] | null>(null);

  const read = (files: File[]) =>
    act(async () => {
      setDone(null);
      const templates: Legacy[] = [];
      const found: Content["findings"] = [];
      for (const file of files) {
        const query = { name: file.name };
        const answer = await call<Content>("POST", "/templates/import/read", { query, raw: file });
        templates.push(...answer.body.templates);
        found.push(...answer.body.findings);
      }
      const lines = await send(templates, true);
      const next = templates.flatMap((template, at) => {
        const line = lines[at];
        return line ? [{ at, template, line }] : [];
      });
      setFindings(found);
      setRows(next);
      setChosen(new Set(next.filter(({ line }) => COMES_IN.has(line.action)).map(({ at }) => at)));
    });
  const store = () =>
    act(async () => {
      const wanted = (rows ?? []).filter(({ at }) => chosen.has(at));
      const lines = await send(
        wanted.map(({ template }) => template),
        false,
      );
      setDone(lines);
      setRows(null);
      setFindings([]);
      say(plural(lines.filter(({ action }) => COMES_IN.has(action)).length, w.done));
    });

  const toggle = (at: number) => {
    const next = new Set(chosen);
    if (!next.delete(at)) next.add(at);
    setChosen(next);
  };
  const what: Column<{ line: Line }>[] = [
    { head: words.value.admin.templates.identifier, cell: ({ line }) => line.identifier || "–", names: true },
    { head: words.value.admin.templates.subject, cell: ({ line }) => line.title || "–" },
    { head: w.from, cell: ({ line }) => (line.file ? `${line.file}, ${w.line(line.line)}` : "–") },
    { head: w.action, cell: ({ line }) => <Action line={line} /> },
    { head: words.value.admin.template.problems, cell: ({ line }) => <Diagnostics line={line} /> },
  ];
  const choice: Column<Row> = {
    head: w.choose,
    silent: true,
    cell: ({ at, line }) => (
      <input
        type="checkbox"
        aria-label={`${w.choose}: ${line.identifier || line.title}`}
        checked={chosen.has(at)}
        disabled={!COMES_IN.has(line.action)}
        onChange={() => toggle(at)}
      />
    ),
  };
  return (
    <Screen title={w.title} before={<Back to="/modelos" name={words.value.nav.templates} />}>
      <p>{w.detail}</p>
      <section
        class={`drop ${over ? "over" : ""}`}
        aria-label={w.drop}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const files = [...(event.dataTransfer?.files ?? [])];
          if (files.length) void read(files);
        }}
      >
        <Icon name="file" />
        <p>{w.drop}</p>
        <Button busy={busy} onClick={() => picker.current?.click()}>
          {w.chooseFiles}
        </Button>
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept=".sql,.csv,.xml,.html,.htm,.txt"
          aria-label={w.chooseFiles}
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            if (files.length) void read(files);
          }}
        />
      </section>
      {problem && <Failure problem={problem} />}
      {findings.length > 0 && (
        <section class="stack">
          <h2>{w.findings}</h2>
          <ul class="checks">
            {findings.map((finding) => (
              <li
                key={`${finding.file} ${finding.line} ${finding.code} ${finding.message}`}
                class={finding.severity === "error" ? "failed" : "warning"}
              >
                <Icon name={finding.severity === "error" ? "cross" : "alert"} />
                <p>
                  {finding.file}, {w.line(finding.line)}: {finding.message}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      {rows?.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} icon="file" />}
      {rows && rows.length > 0 && (
        <section class="stack">
          <h2>{plural(rows.length, w.found)}</h2>
          <Table label={plural(rows.length, w.found)} columns={[choice, ...what]} rows={rows} keyOf={({ at }) => at} />
          <div class="buttons">
            <Button kind="primary" busy={busy} disabled={chosen.size === 0} onClick={() => void store()}>
              {plural(chosen.size, w.store)}
            </Button>
          </div>
        </section>
      )}
      {done && (
        <section class="stack">
          <h2>{w.result}</h2>
          <Table
            label={w.result}
            columns={what}
            rows={done.map((line) => ({ line }))}
            keyOf={({ line }) => `${line.file} ${line.line} ${line.id}`}
          />
          <Link to="/modelos">{words.value.nav.templates}</Link>
        </section>
      )}
    </Screen>
  );
}

/** What becomes of a template, in words. */
function Action({ line }: { line: Line }) {
  const w = words.value.admin.imports;
  const tone = COMES_IN.has(line.action) ? "green" : line.action === "refused" ? "red" : "grey";
  return (
    <>
      <Badge tone={tone}>{w.actions[line.action]}</Badge>
      {line.legacy_id != null && <p class="faint">{w.was(String(line.legacy_id), String(line.id))}</p>}
      {line.legacy_identifier != null && <p class="faint">{w.was(line.legacy_identifier || "–", line.identifier)}</p>}
    </>
  );
}

function Diagnostics({ line }: { line: Line }) {
  const w = words.value.admin.template;
  if (line.diagnostics.length === 0) return <>–</>;
  return (
    <details>
      <summary>{plural(line.diagnostics.length, words.value.admin.imports.problems)}</summary>
      <ul class="bullets">
        {line.diagnostics.map((finding) => (
          <li key={`${finding.part} ${finding.line} ${finding.column} ${finding.code}`}>
            {w.at(w.parts[finding.part], finding.line, finding.column)}: {finding.message}
          </li>
        ))}
      </ul>
    </details>
  );
}
