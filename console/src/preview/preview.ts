/**
 * The frame in which a mail is shown, of an origin of its own. It takes one kind of message, from the
 * page around it alone, and answers how high its content is.
 */
interface Shown {
  kind: "mail";
  html: string;
  /** `own` lets the mail's dark styles apply, `invert` is what programs do that ignore them. */
  scheme: "light" | "own" | "invert";
  /** Whether pictures of other servers are loaded. */
  pictures: boolean;
  /** What stands in the place of one that is not. */
  instead: string;
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

/**
 * Takes out the addresses of pictures that the policy of this page would refuse: of other servers unless they may be
 * loaded, and whatever is neither within the mail nor of a server. Returns how many could be loaded.
 */
function takeOut(mail: Document, { pictures, instead }: Shown): number {
  let loadable = 0;
  const stays = (address: string) => {
    if (/^\s*https:/i.test(address)) {
      loadable += 1;
      return pictures;
    }
    return /^\s*data:/i.test(address);
  };
  for (const image of mail.querySelectorAll("img,input,source,video")) {
    image.removeAttribute("srcset");
    image.removeAttribute("poster");
    const address = image.getAttribute("src");
    if (address === null || stays(address)) continue;
    image.removeAttribute("src");
    if (!image.getAttribute("alt")) image.setAttribute("alt", instead);
    image.setAttribute("title", instead);
  }
  for (const element of mail.querySelectorAll("[background]")) {
    if (!stays(element.getAttribute("background") ?? "")) element.removeAttribute("background");
  }
  const styled = (text: string) =>
    text.replace(/url\(\s*(["']?)([^)]*?)\1\s*\)/gi, (all, _, address: string) => (stays(address) ? all : "none"));
  for (const element of mail.querySelectorAll("[style]")) {
    element.setAttribute("style", styled(element.getAttribute("style") ?? ""));
  }
  for (const element of mail.querySelectorAll("style")) element.textContent = styled(element.textContent ?? "");
  return loadable;
}

addEventListener("message", (event) => {
  if (event.source !== parent || !isShown(event.data)) return;
  const mail = new DOMParser().parseFromString(event.data.html, "text/html");
  // A refresh would lead out of the frame, and a base would turn links round.
  for (const element of mail.querySelectorAll("meta[http-equiv],base,script")) element.remove();
  const loadable = takeOut(mail, event.data);
  // A link leads nowhere from here, and says where it would.
  for (const link of mail.querySelectorAll("a[href],area[href]")) {
    link.removeAttribute("target");
    link.setAttribute("title", link.getAttribute("href") ?? "");
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
  parent.postMessage({ kind: "pictures", loadable }, "*");
});

// The policy lets nothing into this frame: a link would put an error in the place of the mail.
addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("a,area")) event.preventDefault();
});

new ResizeObserver(tellHeight).observe(document.documentElement);
parent.postMessage({ kind: "ready" }, "*");
