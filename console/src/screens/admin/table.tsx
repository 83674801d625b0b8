/** A table of an administrator's screen; on a phone each row is a card, with the heads as its labels. */
import type { ComponentChildren } from "preact";

/** A column: its head, and what each row has in it. */
export interface Column<T> {
  head: string;
  cell: (row: T) => ComponentChildren;
  /** It names the row. */
  names?: boolean;
  /** Its head is for screen readers alone: buttons. */
  silent?: boolean;
}

export function Table<T>(props: {
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string | number;
}) {
  return (
    <table class="table cards" aria-label={props.label}>
      <thead>
        <tr>
          {props.columns.map(({ head, silent }) => (
            <th scope="col" key={head}>
              {silent ? <span class="hidden">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={props.keyOf(row)}>
            {props.columns.map(({ head, cell, names, silent }) =>
              names ? (
                <th scope="row" key={head}>
                  {cell(row)}
                </th>
              ) : (
                <td key={head} data-label={silent ? undefined : head}>
                  <div>{cell(row)}</div>
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
