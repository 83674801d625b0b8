import type { Pages } from "../api/pages";
import { words } from "../words";
import { Button } from "./button";
import { Failure } from "./states";

/** What brings the next page of a list, where there is one. */
export function More({ list }: { list: Pick<Pages<unknown>, "more" | "loadingMore" | "moreProblem" | "loadMore"> }) {
  if (!list.more.value) return null;
  return (
    <div class="center stack">
      {list.moreProblem.value && <Failure problem={list.moreProblem.value} small />}
      <Button busy={list.loadingMore.value} onClick={() => void list.loadMore()}>
        {words.value.loadMore}
      </Button>
    </div>
  );
}
