/** A8: what was written in the last days, and what became of its mails. */
import type { ComponentChildren } from "preact";
import {
  Badge,
  type DeliveryStatus,
  dateTime,
  Empty,
  Failure,
  Link,
  Loading,
  language,
  me,
  Notice,
  number,
  place,
  Radios,
  type Schema,
  Screen,
  setQuery,
  useResource,
  words,
} from "../../base";
import { type Column, Table } from "../admin/table";
import { STATES } from "../desk/states";

type Figures = Schema<"Figures">;
type Day = Schema<"DayFigures">;

const SPANS = ["7", "14", "31"] as const;
const BAD: DeliveryStatus[] = ["bounced", "rejected", "failed", "complained"];
const ARRIVED: DeliveryStatus[] = ["accepted", "delivered"];

const sum = (figures: Figures, states: DeliveryStatus[]) =>
  states.reduce((all, state) => all + (figures.mails[state] ?? 0), 0);
const mails = (figures: Figures) => Object.values(figures.mails).reduce((all, count) => all + count, 0);

export function Statistics() {
  const w = words.value.desk.statistics;
  const asked = place.value.query.get("dias");
  const days = SPANS.find((span) => span === asked) ?? "7";
  const found = useResource<Schema<"Statistics">>("/statistics", { days });
  const data = found.data.value;
  return (
    <Screen
      title={w.title}
      actions={
        <Radios
          legend={w.span}
          hidden
          value={days}
          options={SPANS.map((value) => ({ value, name: w.days(Number(value)) }))}
          onChange={(value) => setQuery({ dias: value === "7" ? null : value })}
        />
      }
    >
      {found.problem.value && <Failure problem={found.problem.value} onRetry={() => void found.reload()} />}
      {!data && found.loading.value && <Loading rows={6} />}
      {data && <Found data={data} />}
    </Screen>
  );
}

function Found({ data }: { data: Schema<"Statistics"> }) {
  const w = words.value.desk.statistics;
  const { total } = data;
  if (total.messages === 0 && total.quarantined === 0)
    return <Empty title={w.empty} detail={w.emptyDetail} icon="inbox" />;
  // A minute is lost between the count and here; more than that is worth a word.
  const late = Date.now() - Date.parse(data.counted_until) > 5 * 60_000;
  return (
    <>
      {late && <Notice tone="blue">{w.until(dateTime(data.counted_until))}</Notice>}
      <Tiles total={total} />
      <section class="card stack">
        <h2>{w.byDay}</h2>
        <Days days={data.days} />
      </section>
      <div class="halves">
        <section class="card stack">
          <h2>{w.byState}</h2>
          <States total={total} />
          {total.unwanted > 0 && <p class="faint">{w.unwanted(number(total.unwanted))}</p>}
          <p class="faint">{w.stateHelp}</p>
        </section>
        <section class="card stack">
          <h2>{w.byTemplate}</h2>
          <Templates rows={data.templates} />
        </section>
      </div>
    </>
  );
}

/** Seconds in the largest unit that they fill. */
function duration(seconds: number): string {
  const [size, unit] = seconds >= 3600 ? [3600, "hour"] : seconds >= 60 ? [60, "minute"] : [1, "second"];
  const options = { style: "unit", unit, unitDisplay: "short" } as const;
  return new Intl.NumberFormat(language.value, options).format(seconds / Number(size));
}

/** A day without a time, whatever the zone of the browser. */
function weekday(day: string): string {
  const options = { weekday: "short", day: "2-digit", month: "2-digit", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(language.value, options).format(new Date(`${day}T12:00:00Z`));
}

function Tiles({ total }: { total: Figures }) {
  const w = words.value.desk.statistics;
  const all = mails(total);
  const percent = new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 1 });
  const tiles: [string, ComponentChildren, string][] = [
    [
      w.messages,
      number(total.messages),
      w.ofWhom(number(total.of_requesters), number(total.of_technicians), number(total.automatic)),
    ],
    [w.mails, number(all), all ? w.arrived(percent.format(sum(total, ARRIVED) / all)) : ""],
    [w.failed, number(sum(total, BAD)), w.failedHelp],
    [w.replies, number(total.replies), w.quarantined(number(total.quarantined))],
    [w.median, total.median_seconds ? duration(total.median_seconds) : words.value.none, w.medianHelp],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value, help]) => (
        <div class="card" key={name}>
          <dt>{name}</dt>
          <dd class="tile-value">{value}</dd>
          {help && <dd class="faint">{help}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** A part of the largest of its column; the number beside it says the same. */
function Bar({ part, of, tone }: { part: number; of: number; tone?: string }) {
  return (
    <span class={`bar ${tone ?? ""}`} aria-hidden="true">
      <span style={{ width: `${of ? (100 * part) / of : 0}%` }} />
    </span>
  );
}

function Days({ days }: { days: Day[] }) {
  const w = words.value.desk.statistics;
  const most = Math.max(...days.map((day) => day.messages));
  // A week is shown whole; of a longer time the days on which something happened.
  const shown = days.length > 7 ? days.filter((day) => day.messages + day.quarantined > 0) : days;
  const columns: Column<Day>[] = [
    { head: w.day, cell: (day) => weekday(day.day), names: true },
    {
      head: w.messages,
      cell: (day) => (
        <span class="measure">
          {number(day.messages)}
          <Bar part={day.messages} of={most} />
        </span>
      ),
    },
    { head: w.mails, cell: (day) => number(mails(day)) },
    { head: w.failed, cell: (day) => number(sum(day, BAD)) },
    { head: w.replies, cell: (day) => number(day.replies) },
    { head: w.quarantine, cell: (day) => number(day.quarantined) },
  ];
  return <Table label={w.byDay} columns={columns} rows={[...shown].reverse()} keyOf={(day) => day.day} />;
}

function States({ total }: { total: Figures }) {
  const w = words.value.desk;
  const all = mails(total);
  const states = (Object.keys(STATES) as DeliveryStatus[]).filter((state) => total.mails[state]);
  if (states.length === 0) return <p>{w.statistics.noMails}</p>;
  const columns: Column<DeliveryStatus>[] = [
    {
      head: w.statistics.state,
      cell: (state) => <Badge {...STATES[state]}>{w.delivery.states[state]}</Badge>,
      names: true,
    },
    {
      head: w.statistics.mails,
      cell: (state) => (
        <span class="measure">
          {number(total.mails[state] ?? 0)}
          <Bar part={total.mails[state] ?? 0} of={all} tone={STATES[state].tone} />
        </span>
      ),
    },
  ];
  return <Table label={w.statistics.byState} columns={columns} rows={states} keyOf={(state) => state} />;
}

function Templates({ rows }: { rows: Schema<"TemplateFigures">[] }) {
  const w = words.value.desk.statistics;
  if (rows.length === 0) return <p>{w.noMails}</p>;
  const most = Math.max(...rows.map((row) => row.mails));
  const admin = me.value?.roles.includes("admin");
  const columns: Column<Schema<"TemplateFigures">>[] = [
    {
      head: w.template,
      cell: (row) => {
        const name = row.identifier ? `${row.id} ${row.identifier}` : w.gone(row.id);
        return admin && row.identifier ? <Link to={`/modelos/${row.id}`}>{name}</Link> : name;
      },
      names: true,
    },
    {
      head: w.mails,
      cell: (row) => (
        <span class="measure">
          {number(row.mails)}
          <Bar part={row.mails} of={most} />
        </span>
      ),
    },
  ];
  return <Table label={w.byTemplate} columns={columns} rows={rows} keyOf={(row) => row.id} />;
}
