/**
 * Parsing the HTML of others. The page's policy refuses inline styles in parsed documents too, and the
 * browser complains of each: they are renamed before, and read as data where they mean something.
 */
const TAG = /<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const STYLES = /<style[\s\S]*?(?:<\/style\s*>|$)/gi;

/** HTML whose styles are data: `data-style` in the place of `style`. */
export function withoutStyles(html: string): string {
  return html.replace(STYLES, "").replace(TAG, (tag) => tag.replace(/([\s"'/])style(?=\s*=)/gi, "$1data-style"));
}

/** A document of such HTML. */
export function parsed(html: string): Document {
  return new DOMParser().parseFromString(withoutStyles(html), "text/html");
}
