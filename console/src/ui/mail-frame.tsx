import { useEffect, useRef, useState } from "preact/hooks";

/** How a mail is shown: as it is, with its own dark styles, or as programs do that ignore them. */
export type Scheme = "light" | "own" | "invert";

/** A mail in a frame of an origin of its own: its scripts do not run, and it reaches nothing here. */
export function MailFrame(props: { title: string; html: string; scheme?: Scheme; narrow?: boolean }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(160);
  const shown = useRef({ kind: "mail", html: props.html, scheme: props.scheme ?? "light" });
  shown.current = { kind: "mail", html: props.html, scheme: props.scheme ?? "light" };
  const show = useRef(() => frame.current?.contentWindow?.postMessage(shown.current, "*"));
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.source !== frame.current?.contentWindow) return;
      const data = event.data as { kind?: string; height?: number };
      if (data.kind === "ready") show.current();
      if (data.kind === "height" && typeof data.height === "number") {
        setHeight(Math.min(Math.max(data.height, 80), 4000));
      }
    };
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  }, []);
  useEffect(() => show.current(), [props.html, props.scheme]);
  return (
    <iframe
      ref={frame}
      class={`mail-frame ${props.narrow ? "phone" : ""} ${props.scheme === "own" ? "own" : ""}`}
      title={props.title}
      src="/app/preview.html"
      sandbox="allow-scripts allow-popups"
      height={height}
    />
  );
}
