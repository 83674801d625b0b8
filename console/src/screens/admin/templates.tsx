/** A1: the templates, and which parameters use them. */
import {
  ago,
  Empty,
  Failure,
  Input,
  Link,
  Loading,
  type Page,
  place,
  type Schema,
  Screen,
  Select,
  setQuery,
  useResource,
  words,
} from "../../base";

type Row = Schema<"Summary">;
type Parameter = Schema<"ParameterView">;

/** The parameters whose value names a template: number of the template → numbers of parameters. */
export function usedBy(parameters: Parameter[]): Map<string, number[]> {
  const uses = new Map<string, number[]>();
  for (const parameter of parameters) {
    if (parameter.type !== "template" || !parameter.value) continue;
    uses.set(parameter.value, [...(uses.get(parameter.value) ?? []), parameter.number]);
  }
  return uses;
}

export function Templates() {
  const w = words.value.admin.templates;
  const query = place.value.query;
  const status = (query.get("situacao") ?? "") as "" | "active" | "inactive";
  const q = query.get("q") ?? "";
  const list = useResource<Page<Row>>("/templates", { status, q, limit: 100 });
  const parameters = useResource<Page<Parameter>>("/parameters", { limit: 100 });
  const uses = usedBy(parameters.data.value?.items ?? []);
  const items = list.data.value?.items;
  return (
    <Screen
      title={w.title}
      actions={
        <Link to="/modelos/novo" class="button primary">
          {w.create}
        </Link>
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
      {!items && list.loading.value && <Loading />}
      {items?.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} icon="file" />}
      {items && items.length > 0 && (
        <div class="scroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{w.number}</th>
                <th scope="col">{w.identifier}</th>
                <th scope="col">{w.subject}</th>
                <th scope="col">{w.status}</th>
                <th scope="col">{w.languages}</th>
                <th scope="col">{w.usedBy}</th>
                <th scope="col">{w.changed}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((row) => (
                <tr key={row.id}>
                  <td>{row.id}</td>
                  <th scope="row">
                    <Link to={`/modelos/${row.id}`}>{row.identifier}</Link>
                  </th>
                  <td>{row.title}</td>
                  <td>
                    {row.status === "active" ? w.active : w.inactive}
                    {row.errors > 0 && <p class="error">{w.errors(row.errors)}</p>}
                  </td>
                  <td>{row.locales.join(", ")}</td>
                  <td>{(uses.get(String(row.id)) ?? []).join(", ")}</td>
                  <td>{ago(row.updated_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Screen>
  );
}
