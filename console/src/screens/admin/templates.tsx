/** A1: the templates, and which parameters use them. */
import {
  ago,
  Empty,
  Failure,
  Input,
  Link,
  Loading,
  More,
  place,
  plural,
  type Schema,
  Screen,
  Select,
  setQuery,
  usePages,
  words,
} from "../../base";
import { type Column, Table } from "./table";

type Row = Schema<"Summary"> & { used_by: number[] };
type Parameter = Schema<"ParameterView">;

/** The parameters that name a template. */
export function usedBy(parameters: Parameter[], template: number | undefined): Parameter[] {
  return parameters.filter(({ type, value }) => type === "template" && value === String(template));
}

export function Templates() {
  const w = words.value.admin.templates;
  const query = place.value.query;
  const status = (query.get("situacao") ?? "") as "" | "active" | "inactive";
  const q = query.get("q") ?? "";
  const list = usePages<Row>("/templates", { status, q, limit: 100 });
  const items = list.rows.value;
  const columns: Column<Row>[] = [
    { head: w.number, cell: (row) => row.id },
    { head: w.identifier, cell: (row) => <Link to={`/modelos/${row.id}`}>{row.identifier}</Link>, names: true },
    { head: w.subject, cell: (row) => row.title },
    {
      head: w.status,
      cell: (row) => (
        <>
          {row.status === "active" ? w.active : w.inactive}
          {row.errors > 0 && <p class="error">{plural(row.errors, w.errors)}</p>}
          {(row.warnings ?? 0) > 0 && <p class="caution">{plural(row.warnings ?? 0, w.warnings)}</p>}
        </>
      ),
    },
    { head: w.languages, cell: (row) => row.locales.join(", ") || "–" },
    { head: w.usedBy, cell: (row) => row.used_by.join(", ") || "–" },
    { head: w.changed, cell: (row) => ago(row.updated_at) },
  ];
  return (
    <Screen
      title={w.title}
      actions={
        <>
          <Link to="/modelos/importar" class="button">
            {words.value.admin.imports.title}
          </Link>
          <Link to="/modelos/novo" class="button primary">
            {w.create}
          </Link>
        </>
      }
    >
      <div class="filters">
        <Input label={w.search} type="search" value={q} onInput={(text) => setQuery({ q: text })} />
        <Select
          label={w.status}
          value={status}
          onChange={(value) => setQuery({ situacao: value })}
          options={[
            { value: "", name: w.any },
            { value: "active", name: w.active },
            { value: "inactive", name: w.inactive },
          ]}
        />
      </div>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!items && !list.problem.value && <Loading />}
      {items?.length === 0 &&
        (q || status ? (
          <Empty title={w.nothingFound} icon="search" />
        ) : (
          <Empty title={w.empty} detail={w.emptyDetail} icon="file" />
        ))}
      {items && items.length > 0 && <Table label={w.title} columns={columns} rows={items} keyOf={(row) => row.id} />}
      <More list={list} />
    </Screen>
  );
}
