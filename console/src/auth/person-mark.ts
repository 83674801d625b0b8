/**
 * Tells the pages behind the links of mails who is signed in here: a link of a mail to somebody else
 * decides nothing then. It is a digest in a cookie that goes to those pages alone, and ends soon.
 */

const NAME = "mensageria-person";

/** How long the mark lasts, in seconds: a little longer than until `GET /me` is asked again. */
const LASTS = 150;

/** Leaves the mark of this address (empty: of somebody without one), or takes it away. */
export async function markPerson(address: string | null): Promise<void> {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const rules = `; Path=/links; SameSite=Lax${secure}`;
  if (address === null) {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser.
    document.cookie = `${NAME}=; Max-Age=0${rules}`;
    return;
  }
  // Only pages that came over TLS, or from this machine, have digests.
  if (!window.isSecureContext) return;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address));
  const mark = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // biome-ignore lint/suspicious/noDocumentCookie: the same.
  document.cookie = `${NAME}=${mark}; Max-Age=${LASTS}${rules}`;
}
