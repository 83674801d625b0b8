/** Putting the bytes of a file where the API said, with its progress: `fetch` tells none. */
import { words } from "../words";
import { Problem, problemOf } from "./client";

/** Where a file goes. */
export interface Target {
  url: string;
  method: string;
  headers: Record<string, string>;
}

/** Puts a file. `onProgress` gets the part that has left, from 0 to 1. Fails with a `Problem`, or when aborted. */
export function put(
  target: Target,
  file: Blob,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const w = words.value.problem;
    request.open(target.method, target.url);
    for (const [name, value] of Object.entries(target.headers)) {
      // A browser sets the length itself, and refuses a script that does.
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = () =>
      readable(file).then(() => reject(new Problem(0, "OFFLINE", w.offline, w.offlineDetail)), reject);
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) reject(signal.reason);
    else request.send(file);
  });
}

/** What an answer to a file means: S3 says it in English, and in XML. */
function refusal(status: number, content: string): Problem {
  const problem = problemOf({ status, headers: new Headers() }, content);
  const own = problem.code !== `HTTP_${status}`;
  return own || problem.passing
    ? problem
    : new Problem(status, problem.code, problem.title, words.value.problem.notTaken);
}

/** Fails with words when a file cannot be read any more: it was changed, moved or removed since it was chosen. */
async function readable(file: Blob): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    const w = words.value.problem;
    throw new Problem(400, "FILE_CHANGED", w.unexpected, w.fileChanged);
  }
}

/** SHA-256 of a file, as 64 hexadecimal digits. */
export async function sha256(file: Blob): Promise<string> {
  await readable(file);
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
