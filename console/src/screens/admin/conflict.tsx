/** Somebody published while one wrote: both texts side by side, and what is made of them. */
import { useState } from "preact/hooks";
import { Button, Dialog, Field, list, words } from "../../base";
import { placeName } from "./differences";
import type { Draft } from "./draft";
import { changes, merge, type Place, valueAt, withPart } from "./parts";

export function Conflict(props: {
  base: Draft;
  theirs: Draft;
  mine: Draft;
  version: number;
  onResolved: (result: Draft) => void;
  onClose: () => void;
}) {
  const w = words.value.admin.template;
  const { base, theirs, mine } = props;
  const [{ conflicts, ...merged }] = useState(() => merge(base, theirs, mine));
  const [result, setResult] = useState(merged.result);
  const names = (places: Place[]) => list(places.map(placeName));
  const isOpen = (place: Place) => conflicts.some((one) => one.tag === place.tag && one.part === place.part);
  const others = changes(base, theirs).filter((place) => !isOpen(place));
  return (
    <Dialog
      title={w.conflict}
      wide
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>{words.value.cancel}</Button>
          <Button kind="primary" onClick={() => props.onResolved(result)}>
            {w.goOnWithResult}
          </Button>
        </>
      }
    >
      <p>{w.conflictDetail(props.version)}</p>
      {others.length > 0 && <p>{w.theyChanged(names(others))}</p>}
      {conflicts.length === 0 && <p>{w.noConflict}</p>}
      {conflicts.map((place) => (
        <section key={placeName(place)} class="stack">
          <h3>{placeName(place)}</h3>
          <div class="three-panes">
            <Side
              title={w.theirs}
              text={valueAt(theirs, place)}
              onTake={() => setResult(withPart(result, place, valueAt(theirs, place)))}
            />
            <Side
              title={w.mine}
              text={valueAt(mine, place)}
              onTake={() => setResult(withPart(result, place, valueAt(mine, place)))}
            />
            <Field label={`${w.result}: ${placeName(place)}`}>
              {(ids) => (
                <textarea
                  {...ids}
                  class="source"
                  rows={10}
                  spellcheck={false}
                  value={valueAt(result, place) ?? ""}
                  onInput={(event) => setResult(withPart(result, place, event.currentTarget.value))}
                />
              )}
            </Field>
          </div>
        </section>
      ))}
    </Dialog>
  );
}

function Side({ title, text, onTake }: { title: string; text: string | null; onTake: () => void }) {
  const w = words.value.admin.template;
  return (
    <div>
      <div class="row">
        <h4>{title}</h4>
        <Button onClick={onTake}>{w.take(title)}</Button>
      </div>
      <pre class="source">{text ?? w.derivedText}</pre>
    </div>
  );
}
