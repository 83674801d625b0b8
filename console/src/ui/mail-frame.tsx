import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../words";
import { Button } from "./button";

/** How a mail is shown: as it is, with its own dark styles, or as programs do that ignore them. */
export type Scheme = "light" | "own" | "invert";

/**
 * A mail in a frame of an origin of its own: its scripts do not run, its links lead nowhere, and it reaches nothing here. Pictures of other
 * servers are loaded when the person wants them: a sender could see that it was opened.
 */
export function MailFrame(props: { title: string; html: string; scheme?: Scheme; narrow?: boolean }) {
  const w = words.value.mail;
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(160);
  const [pictures, setPictures] = useState(false);
  const [loadable, setLoadable] = useState(0);
  const mail = () => ({
    kind: "mail",
    html: props.html,
    scheme: props.scheme ?? "light",
    pictures,
    instead: w.pictureInstead,
  });
  const shown = useRef(mail());
  shown.current = mail();
  const show = useRef(() => frame.current?.contentWindow?.postMessage(shown.current, "*"));
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.source !== frame.current?.contentWindow) return;
      const data = event.data as { kind?: string; height?: number; loadable?: number };
      if (data.kind === "ready") show.current();
      if (data.kind === "pictures" && typeof data.loadable === "number") setLoadable(data.loadable);
      if (data.kind === "height" && typeof data.height === "number") {
        setHeight(Math.min(Math.max(data.height, 80), 4000));
      }
    };
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  }, []);
  useEffect(() => show.current(), [props.html, props.scheme]);
  return (
    <>
      {loadable > 0 && !pictures && (
        <p class="faint">
          {w.picturesLeft}{" "}
          <Button kind="quiet" onClick={() => setPictures(true)}>
            {w.pictures}
          </Button>
        </p>
      )}
      <iframe
        ref={frame}
        class={`mail-frame ${props.narrow ? "phone" : ""} ${props.scheme === "own" ? "own" : ""}`}
        title={props.title}
        src={pictures ? "/app/preview.html?images=1" : "/app/preview.html"}
        sandbox="allow-scripts"
        height={height}
      />
    </>
  );
}
