/** What a new template begins with: one of the starters, the draft that is kept, or nothing. */
import { call, Failure, Link, Loading, type Page, type Schema, Screen, useResource, words } from "../../base";
import { Back } from "./back";
import { type Draft, draftOf, EMPTY, placeOf } from "./draft";

type Starter = Schema<"StarterView">;

/** The starter that begins with nothing. */
export const NOTHING = "vazio";

/** What the starter with this id makes, for the editor. */
export async function starterDraft(id: string): Promise<Draft> {
  if (id === NOTHING) return EMPTY;
  const answer = await call<{ items: Starter[] }>("GET", "/templates/starters");
  const found = answer.body.items.find((starter) => starter.id === id);
  if (!found) return EMPTY;
  return { ...draftOf(found.template), identifier: await free(found.template.identifier) };
}

/** The identifier, or with a number behind it when there is a template of that name. */
async function free(identifier: string): Promise<string> {
  const query = { q: identifier, limit: 100 };
  const answer = await call<Page<Schema<"Summary">>>("GET", "/templates", { query });
  const taken = new Set(answer.body.items.map((one) => one.identifier.toLowerCase()));
  let name = identifier;
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${identifier}-${number}`;
  return name;
}

export function Starters() {
  const w = words.value.admin.starters;
  const list = useResource<{ items: Starter[] }>("/templates/starters");
  const items = list.data.value?.items;
  const name = (id: string) => {
    const begun = placeOf(`novo ${id}`).read();
    return (
      <>
        {begun && <p class="faint">{w.kept}</p>}
        <Link to={`/modelos/novo?de=${id}`} class="button primary">
          {begun ? w.goOn : w.use}
        </Link>
      </>
    );
  };
  return (
    <Screen
      title={words.value.admin.template.newTitle}
      before={<Back to="/modelos" name={words.value.nav.templates} />}
      class="narrow"
    >
      <p>{w.detail}</p>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!items && list.loading.value && <Loading rows={4} />}
      <ul class="starters">
        {items?.map((starter) => (
          <li key={starter.id} class="card stack">
            <h2>{starter.name}</h2>
            <p>{starter.description}</p>
            <p class="faint">{w.parameter(starter.parameter)}</p>
            {name(starter.id)}
          </li>
        ))}
        <li class="card stack">
          <h2>{w.nothing}</h2>
          <p>{w.nothingDetail}</p>
          {name(NOTHING)}
        </li>
      </ul>
    </Screen>
  );
}
