/** What differs between two drafts, part by part and line by line. */
import { plural, words } from "../../base";
import { rows } from "./diff";
import { DEFAULT, type Draft } from "./draft";
import { type Change, changes, type Place } from "./parts";

/** The name of a part for people. */
export function placeName({ tag, part }: Place): string {
  const w = words.value.admin.template;
  const name = w.partNames[part];
  if (tag === null) return name;
  return `${tag === DEFAULT ? w.ownLanguage : tag}: ${name}`;
}

export function Differences({ before, after }: { before: Draft; after: Draft }) {
  const found = changes(before, after);
  if (found.length === 0) return <p class="faint">{words.value.admin.template.noDifference}</p>;
  return (
    <div class="stack">
      {found.map((change) => (
        <Difference key={placeName(change)} change={change} />
      ))}
    </div>
  );
}

function Difference({ change }: { change: Change }) {
  return (
    <section>
      <h3>{placeName(change)}</h3>
      <Diff before={change.before ?? ""} after={change.after ?? ""} />
    </section>
  );
}

/** The lines of two texts. A sign and a word tell what came and went, not the colour alone. */
export function Diff({ before, after }: { before: string; after: string }) {
  const w = words.value.admin.template;
  return (
    <div class="diff">
      {rows(before, after).map((row, index) => {
        const key = `${index} ${row.kind}`;
        if (row.kind === "fold")
          return (
            <p key={key} class="fold">
              {plural(row.count, w.folded)}
            </p>
          );
        if (row.kind === "same") return <p key={key}>{row.text || " "}</p>;
        const Tag = row.kind === "old" ? "del" : "ins";
        return (
          <Tag key={key}>
            <span class="hidden">{row.kind === "old" ? w.removed : w.added} </span>
            {row.text || " "}
          </Tag>
        );
      })}
    </div>
  );
}
