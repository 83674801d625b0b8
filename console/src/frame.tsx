/** Header, navigation, bars that say how things stand, and the content. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { claims, signOut } from "./auth/session";
import { useHotkeys } from "./hotkeys";
import { me, role, rolesOf, showRole } from "./me";
import { address, go, path } from "./router";
import { config } from "./settings";
import { Button, Dialog, Icon, Link, Menu, Notice, Radios } from "./ui";
import { words } from "./words";

type Entry = [string, string];

/** The navigation of each role, address and word: what stands in a row, and what has no room in it. */
function entries(): { row: Entry[]; more: Entry[] } {
  const w = words.value.nav;
  const shown = role.value;
  const row: Entry[] = [];
  const more: Entry[] = [];
  if (shown === "requester") row.push(["/solicitacoes", w.requests]);
  if (shown === "admin") row.push(["/inicio", w.start]);
  if (shown === "technician" || shown === "admin") {
    row.push(["/chamados", w.tickets], ["/entregas", w.deliveries], ["/quarentena", w.quarantine]);
  }
  if (shown === "technician") row.push(["/estatisticas", w.statistics]);
  if (shown === "admin") {
    row.push(["/modelos", w.templates], ["/parametros", w.parameters]);
    more.push(["/conta-de-email", w.account], ["/remetentes", w.senders], ["/enderecos-bloqueados", w.blocked]);
    more.push(["/estatisticas", w.statistics]);
  }
  if (config.value.outbox && shown) (more.length ? more : row).push(["/caixa-de-saida", w.outbox]);
  return { row, more };
}

/** The page around a screen. */
export function Frame({ children }: { children: ComponentChildren }) {
  const [help, setHelp] = useState(false);
  const w = words.value;
  const desk = role.value === "technician" || role.value === "admin";
  useHotkeys({
    "?": () => setHelp(true),
    ...(desk && { "g c": () => go("/chamados"), "g e": () => go("/entregas"), "g q": () => go("/quarentena") }),
  });
  const shown = entries();
  const within = shown.more.some(([to]) => path.value === to || path.value.startsWith(`${to}/`));
  const row = useRef<HTMLDivElement>(null);
  // On a phone the navigation is wider than the window: where one is comes into view.
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>("[aria-current]");
    if (here && row.current) row.current.scrollLeft = here.offsetLeft - row.current.offsetLeft - 12;
  }, [path.value, role.value]);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to a part of this page, whose address stays. */}
      <a class="skip" href="#conteudo" onClick={skip}>
        {w.skip}
      </a>
      <header class="top">
        <a class="brand" href={address("/")} aria-label={w.product} onClick={home}>
          <img src={new URL("./icon.svg", import.meta.url).href} alt="" />
          <span>{w.product}</span>
        </a>
        <nav aria-label={w.navigation}>
          <div class="row" ref={row}>
            {shown.row.map(([to, name]) => (
              <Link key={to} to={to} nav>
                {name}
              </Link>
            ))}
          </div>
          {shown.more.length > 0 && (
            <Menu label={w.nav.more} face={w.nav.more} current={within}>
              {shown.more.map(([to, name]) => (
                <Link key={to} to={to} nav>
                  {name}
                </Link>
              ))}
            </Menu>
          )}
        </nav>
        <PersonMenu onHelp={() => setHelp(true)} />
      </header>
      <div class="bars">
        <Offline />
        {me.value?.sending.stopped && (
          <Notice tone="amber" icon="pause" role="status">
            {w.stoppedBar}
          </Notice>
        )}
      </div>
      <main id="conteudo" tabIndex={-1}>
        {children}
      </main>
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("conteudo")?.focus();
}

function home(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go("/");
}

function Offline() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const follow = () => setOnline(navigator.onLine);
    addEventListener("online", follow);
    addEventListener("offline", follow);
    return () => {
      removeEventListener("online", follow);
      removeEventListener("offline", follow);
    };
  }, []);
  if (online) return null;
  return (
    <Notice tone="amber" role="status">
      {words.value.offlineBar}
    </Notice>
  );
}

function PersonMenu({ onHelp }: { onHelp: () => void }) {
  const w = words.value;
  const name = me.value?.name ?? claims.value?.name ?? "";
  const roles = me.value ? rolesOf(me.value) : [];
  return (
    <Menu
      label={w.person.menu(name)}
      face={
        <>
          <Icon name="user" />
          <span class="person-name">{name}</span>
        </>
      }
    >
      {me.value?.email && <p class="faint">{me.value.email}</p>}
      {roles.length > 1 && role.value && (
        <Radios
          legend={w.person.role}
          value={role.value}
          options={roles.map((value) => ({ value, name: w.person[value] }))}
          onChange={showRole}
        />
      )}
      <Link to="/preferencias" class="button quiet">
        {w.nav.preferences}
      </Link>
      <Button kind="quiet" onClick={onHelp}>
        {w.shortcuts.title}
      </Button>
      <Button kind="quiet" onClick={() => void signOut().then(() => go("/entrar"))}>
        {w.person.signOut}
      </Button>
    </Menu>
  );
}

function Shortcuts({ onClose }: { onClose: () => void }) {
  const w = words.value.shortcuts;
  const desk = role.value !== "requester";
  const keys: [string, string][] = [
    ["j", w.next],
    ["k", w.previous],
    ["Enter", w.open],
    ["u", w.up],
    ["r", w.reply],
    ...(desk
      ? ([
          ["n", w.note],
          ["e", w.details],
        ] as [string, string][])
      : []),
    ["Ctrl Enter", w.send],
    ["/", w.search],
    ...(desk
      ? ([
          ["g c", w.goTickets],
          ["g e", w.goDeliveries],
          ["g q", w.goQuarantine],
        ] as [string, string][])
      : []),
    ["?", w.help],
    ["Esc", w.close],
  ];
  return (
    <Dialog title={w.title} onClose={onClose}>
      <dl class="pairs">
        {keys.map(([key, name]) => (
          <>
            <dt>
              {key.split(" ").map((part) => (
                <>
                  <kbd>{part}</kbd>{" "}
                </>
              ))}
            </dt>
            <dd>{name}</dd>
          </>
        ))}
      </dl>
      <p class="faint">{w.off}</p>
    </Dialog>
  );
}
