/**
 * The frame in which a mail is shown, of an origin of its own. It takes one kind of message, from the
 * page around it alone, and answers how high its content is.
 */
interface Shown {
  kind: "mail";
  html: string;
  /** `own` lets the mail's dark styles apply, `invert` is what programs do that ignore them. */
  scheme: "light" | "own" | "invert";
}

function isShown(data: unknown): data is Shown {
  return (
    typeof data === "object" &&
    data !== null &&
    (data as Shown).kind === "mail" &&
    typeof (data as Shown).html === "string"
  );
}

function tellHeight(): void {
  // Not `scrollHeight`, which is never less than the frame is high already.
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  parent.postMessage({ kind: "height", height }, "*");
}

addEventListener("message", (event) => {
  if (event.source !== parent || !isShown(event.data)) return;
  const mail = new DOMParser().parseFromString(event.data.html, "text/html");
  // A refresh would lead out of the frame, and a base would turn links round.
  for (const element of mail.querySelectorAll("meta[http-equiv],base,script")) element.remove();
  for (const link of mail.querySelectorAll("a[href]")) {
    link.setAttribute("rel", "noopener noreferrer");
    link.setAttribute("target", "_blank");
  }
  const root = document.documentElement;
  for (const name of root.getAttributeNames()) root.removeAttribute(name);
  for (const { name, value } of mail.documentElement.attributes) root.setAttribute(name, value);
  root.replaceChild(document.adoptNode(mail.head), document.head);
  root.replaceChild(document.adoptNode(mail.body), document.body);
  root.style.colorScheme = event.data.scheme === "own" ? "dark" : "light";
  root.style.filter = event.data.scheme === "invert" ? "invert(1) hue-rotate(180deg)" : "";
  if (event.data.scheme === "invert") root.style.background = "#fff";
  tellHeight();
});

new ResizeObserver(tellHeight).observe(document.documentElement);
parent.postMessage({ kind: "ready" }, "*");
