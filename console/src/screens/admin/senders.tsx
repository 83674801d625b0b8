/** A8: who mail is from and how it is signed, by the contract of its ticket. */
import { ago, Empty, Failure, Link, Loading, type Page, type Schema, Screen, useResource, words } from "../../base";
import { type Column, Table } from "./table";

type Identity = Schema<"Identity">;

/** What the API calls every contract that has no identity of its own. */
export const EVERY = "*";

/** How a contract is called on the screen. */
export function contractName(contract: string): string {
  return contract === EVERY ? words.value.admin.senders.every : contract;
}

/** The address of the screen of a contract. */
export function senderPath(contract: string): string {
  return `/remetentes/contrato/${encodeURIComponent(contract)}`;
}

export function Senders() {
  const w = words.value.admin.senders;
  // There are at most fifty.
  const list = useResource<Page<Identity>>("/identities", { limit: 100 });
  const items = list.data.value?.items;
  const columns: Column<Identity>[] = [
    {
      head: w.contract,
      cell: ({ contract }) => <Link to={senderPath(contract)}>{contractName(contract)}</Link>,
      names: true,
    },
    { head: w.from, cell: ({ from }) => from ?? "–" },
    { head: w.replyDomain, cell: ({ reply_domain }) => reply_domain ?? "–" },
    { head: w.signature, cell: ({ signature }) => signature?.split("\n")[0] ?? "–" },
    { head: w.changed, cell: (item) => w.changedBy(item.updated_by_name || item.updated_by, ago(item.updated_at)) },
  ];
  return (
    <Screen
      title={w.title}
      actions={
        <Link to="/remetentes/novo" class="button primary">
          {w.create}
        </Link>
      }
    >
      <p class="faint">{w.detail}</p>
      {list.problem.value && <Failure problem={list.problem.value} onRetry={() => void list.reload()} />}
      {!items && list.loading.value && <Loading />}
      {items?.length === 0 && <Empty title={w.empty} detail={w.emptyDetail} icon="mail" />}
      {items && items.length > 0 && (
        <Table label={w.title} columns={columns} rows={items} keyOf={({ contract }) => contract} />
      )}
    </Screen>
  );
}
