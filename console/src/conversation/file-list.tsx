/** The files of a message that is being written: how each stands, and what can be done with it. */
import { useRef } from "preact/hooks";
import { Badge, Button, bytes, Icon, list, me, words } from "../base";
import type { Chosen, Files } from "./files";

/** The button that chooses files, and what is taken. */
export function Attach({ files }: { files: Files }) {
  const w = words.value.files;
  const input = useRef<HTMLInputElement>(null);
  const limits = me.value?.limits;
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          files.add([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <Button icon="file" onClick={() => input.current?.click()}>
        {w.attach}
      </Button>
      {limits &&
        (limits.refused_extensions.length > 0 ? (
          <details class="faint attach-rule">
            <summary>{w.rule(bytes(limits.attachment_bytes))}</summary>
            {w.ruleRefused(list(limits.refused_extensions.map((name) => `.${name}`)))}
          </details>
        ) : (
          <span class="faint attach-rule">{w.rule(bytes(limits.attachment_bytes))}</span>
        ))}
    </>
  );
}

/** The files that were chosen. */
export function FileList({ files }: { files: Files }) {
  const w = words.value.files;
  const refused = files.refused.value;
  return (
    <>
      {refused.length > 0 && (
        <div class="error" role="alert">
          {refused.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </div>
      )}
      {files.list.value.length > 0 && (
        <ul class="files chosen" aria-label={w.chosen}>
          {files.list.value.map((chosen) => (
            <Row key={chosen.key} chosen={chosen} files={files} />
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ chosen, files }: { chosen: Chosen; files: Files }) {
  const w = words.value.files;
  const { key, name, state, percent, problem } = chosen;
  return (
    <li>
      <Icon name="file" />
      <bdi class="file-name">{name}</bdi>
      <span class="faint">{bytes(chosen.size)}</span>
      {state === "uploading" && <progress max={100} value={percent} aria-label={w.uploading(name, percent)} />}
      {state === "ready" && (
        <Badge tone="green" icon="check">
          {w.ready}
        </Badge>
      )}
      {state === "ready" && !chosen.scanned && <span class="faint">{w.notScanned}</span>}
      {state === "lost" && (
        <Badge tone="amber" icon="alert">
          {w.again}
        </Badge>
      )}
      {state === "failed" && (
        <Badge tone="red" icon="cross">
          {w.notPut}
        </Badge>
      )}
      {state === "failed" && files.canRetry(key) && (
        <Button kind="quiet" icon="refresh" onClick={() => files.retry(key)}>
          {words.value.tryAgain}
        </Button>
      )}
      <Button
        kind="quiet"
        icon="cross"
        label={state === "uploading" ? w.cancel(name) : w.remove(name)}
        onClick={() => files.remove(key)}
      />
      {problem && (
        <p class="error" role="alert">
          {[w.failed(name), problem.errors.map(({ message }) => message).join(" ") || problem.message].join(": ")}
        </p>
      )}
    </li>
  );
}
