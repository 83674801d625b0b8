/** The way back to the list that a screen came from. */
import { Icon, Link } from "../../base";

export function Back({ to, name }: { to: string; name: string }) {
  return (
    <Link to={to} class="back">
      <Icon name="back" />
      {name}
    </Link>
  );
}
