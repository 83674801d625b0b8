/** What stands around every screen, and which screen that is. */
import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ended, type Role, session } from "./auth/session";
import { SignIn, SignInAgain } from "./auth/sign-in";
import { Frame } from "./frame";
import { followMe, HOMES, me, meProblem, role, rolesOf } from "./me";
import { go, match, path } from "./router";
import { Button, Empty, Failure, Link, Loading, Screen, Toasts } from "./ui";
import { words } from "./words";

/** A screen gets the parts of its address. */
export type ScreenProps = { parts: Record<string, string> };
/** What a role's chunk exports: its screens by their addresses. */
export type Screens = Record<string, ComponentType<ScreenProps>>;

/** Chunk → the first part of the addresses that it has screens for, and who may see them. */
const CHUNKS: { chunk: string; starts: string[]; roles: Role[] }[] = [
  { chunk: "requester", starts: ["solicitacoes"], roles: ["requester"] },
  { chunk: "desk", starts: ["chamados", "entregas", "quarentena"], roles: ["technician", "admin"] },
  {
    chunk: "admin",
    starts: ["inicio", "modelos", "parametros", "conta-de-email", "remetentes", "enderecos-bloqueados"],
    roles: ["admin"],
  },
  { chunk: "statistics", starts: ["estatisticas"], roles: ["technician", "admin"] },
  { chunk: "person", starts: ["preferencias"], roles: ["requester", "technician", "admin"] },
  { chunk: "local", starts: ["caixa-de-saida"], roles: ["requester", "technician", "admin"] },
];

/** The application. */
export function App() {
  useEffect(followMe, []);
  return (
    <>
      <Catch>{session.value ? <SignedIn /> : <SignIn />}</Catch>
      {ended.value && <SignInAgain />}
      <Toasts />
    </>
  );
}

function SignedIn() {
  if (!me.value) {
    return (
      <Frame>
        {meProblem.value ? <Failure problem={meProblem.value} onRetry={() => location.reload()} /> : <Loading />}
      </Frame>
    );
  }
  if (rolesOf(me.value).length === 0)
    return (
      <Frame>
        <NoAccess />
      </Frame>
    );
  return (
    <Frame>
      <Catch key={path.value}>
        <Current />
      </Catch>
    </Frame>
  );
}

function Current() {
  const here = path.value;
  const shown = role.value;
  useEffect(() => {
    if (!shown) return;
    if (here === "/" || here.startsWith("/entrar")) go(HOMES[shown], { replace: true });
    // Links of mails do not know who opens them.
    const ticket = match("/tickets/:id", here)?.["id"];
    if (ticket)
      go(`${shown === "requester" ? "/solicitacoes" : "/chamados"}/${encodeURIComponent(ticket)}`, { replace: true });
  }, [here, shown]);
  if (!shown || here === "/" || here.startsWith("/entrar") || here.startsWith("/tickets/")) return <Loading />;
  const entry = CHUNKS.find(({ starts }) => starts.includes(here.split("/")[1] ?? ""));
  const person = me.value;
  if (!entry || !person || !rolesOf(person).some((name) => entry.roles.includes(name))) return <NotFound />;
  return <Chunk name={entry.chunk} />;
}

const loaded = new Map<string, Screens>();

/** A screen of a chunk, loaded when it is first shown. */
function Chunk({ name }: { name: string }) {
  const [, setTurn] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (loaded.has(name)) return;
    const url = `./${name}.js`;
    import(url).then(
      (module: { default: Screens }) => {
        loaded.set(name, module.default);
        setTurn((turn) => turn + 1);
      },
      () => setFailed(true),
    );
  }, [name]);
  if (failed) return <Updated />;
  const screens = loaded.get(name);
  if (!screens) return <Loading />;
  for (const [pattern, Found] of Object.entries(screens)) {
    const parts = match(pattern, path.value);
    if (parts) return <Found key={path.value} parts={parts} />;
  }
  return <NotFound />;
}

function NotFound() {
  const w = words.value.notFound;
  return (
    <Screen title={w.title}>
      <Empty title={w.detail} icon="question">
        <Link to="/">{w.home}</Link>
      </Empty>
    </Screen>
  );
}

/** A file of this version is gone from the server, or the network failed. */
function Updated() {
  const w = words.value.updated;
  return (
    <Screen title={w.title}>
      <Empty title={w.detail} icon="refresh">
        <Button kind="primary" onClick={() => location.reload()}>
          {words.value.reload}
        </Button>
      </Empty>
    </Screen>
  );
}

function NoAccess() {
  const w = words.value.noAccess;
  const person = me.value;
  return (
    <Screen title={w.title} class="narrow">
      <p>{w.detail}</p>
      <dl class="pairs card">
        <dt>{w.email}</dt>
        <dd>{person?.email ?? w.noEmail}</dd>
        <dt>{w.groups}</dt>
        <dd>
          {person && person.groups.length + person.roles.length > 0
            ? [...person.roles, ...person.groups].join(", ")
            : w.noGroups}
        </dd>
      </dl>
    </Screen>
  );
}

/** Shows that a screen failed instead of an empty page. */
class Catch extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };
  static override getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    const w = words.value.broken;
    return (
      <main>
        <Screen title={w.title}>
          <Empty title={w.detail} icon="alert">
            <Button kind="primary" onClick={() => location.reload()}>
              {words.value.reload}
            </Button>
          </Empty>
        </Screen>
      </main>
    );
  }
}
