import { Button, Failure, words } from "../base";
import type { Pages } from "./pages";

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
