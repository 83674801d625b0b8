/** The one place that calls the API: token, language, problem documents, ETag, idempotency key. */
import { renew, session, sessionEnded } from "../auth/session";
import { language, words } from "../words";

/** One finding of a problem. */
export interface ProblemFinding {
  code: string;
  message: string;
  field?: string | null;
  part?: string | null;
  line?: number | null;
  column?: number | null;
  length?: number | null;
  found?: string | null;
  suggestion?: string | null;
  parameter?: number | null;
}

/** A call that did not go well, in words for people. */
export class Problem extends Error {
  /** HTTP status; 0 when the server was not reached. */
  readonly status: number;
  /** Stable code of the API, or `OFFLINE`, `TIMEOUT`, `HTTP_{status}`. */
  readonly code: string;
  readonly title: string;
  readonly errors: ProblemFinding[];
  readonly requestId: string | null;
  /** Seconds after which one may try again. */
  readonly retryAfter: number | null;

  constructor(status: number, code: string, title: string, detail: string, more: Partial<Problem> = {}) {
    super(detail || title);
    this.status = status;
    this.code = code;
    this.title = title;
    this.errors = more.errors ?? [];
    this.requestId = more.requestId ?? null;
    this.retryAfter = more.retryAfter ?? null;
  }

  /** Whether the same call may go well later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Options of a call. */
export interface Call {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** A body that is not JSON, as it stands. */
  raw?: string | Blob;
  /** `If-Match`. */
  etag?: string | null;
  /** `Idempotency-Key`: the same key makes the same call again, not a second one. */
  key?: string;
  signal?: AbortSignal;
  /** Milliseconds after which it is given up. */
  timeout?: number;
}

/** What was answered. */
export interface Answer<T> {
  status: number;
  body: T;
  etag: string | null;
}

const TIMEOUT = 30_000;
/** Waits before a reading call is tried again, in milliseconds. */
const RETRIES = [300, 1000];

/** `/tickets/{id}` with its parts filled in, each as one segment. */
export function route(pattern: string, parts: Record<string, string | number> = {}): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts[name] ?? "")));
}

/** Calls the API. */
export async function call<T>(method: string, path: string, options: Call = {}): Promise<Answer<T>> {
  const reading = method === "GET";
  for (let attempt = 0; ; attempt++) {
    try {
      return await withToken<T>(method, path, options);
    } catch (error) {
      const wait = RETRIES[attempt];
      const again = reading && error instanceof Problem && (error.status === 0 || error.status >= 502);
      if (!again || wait === undefined || error.code === "TIMEOUT" || options.signal?.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** What a GET answers. */
export async function get<T>(path: string, options: Call = {}): Promise<T> {
  return (await call<T>("GET", path, options)).body;
}

async function withToken<T>(method: string, path: string, options: Call): Promise<Answer<T>> {
  const token = session.value?.token ?? null;
  // Somebody signed out while this call waited for its turn: it would only be refused.
  if (token === null && !path.startsWith("/local/"))
    throw new Problem(401, "SIGNED_OUT", words.value.problem.refused, "");
  try {
    return await once<T>(method, path, options, token);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401 || token === null) throw error;
    // Another call may have renewed it while this one was under way.
    const fresh = session.value?.token !== token ? session.value?.token : await renew();
    if (!fresh) {
      sessionEnded();
      throw error;
    }
    return await once<T>(method, path, options, fresh);
  }
}

async function once<T>(method: string, path: string, options: Call, token: string | null): Promise<Answer<T>> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const headers: Record<string, string> = { "Accept-Language": language.value, Accept: "application/json" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  if (options.etag) headers["If-Match"] = options.etag;
  if (options.key) headers["Idempotency-Key"] = options.key;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  const sent = options.body === undefined ? (options.raw ?? null) : JSON.stringify(options.body);
  const late = AbortSignal.timeout(options.timeout ?? TIMEOUT);
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  const text = query.size ? `?${query}` : "";
  let response: Response;
  let content: string;
  try {
    response = await fetch(path + text, {
      method,
      headers,
      body: sent,
      signal,
      cache: "no-store",
      credentials: "omit",
    });
    content = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const w = words.value.problem;
    throw late.aborted
      ? new Problem(0, "TIMEOUT", w.timeout, w.timeoutDetail)
      : new Problem(0, "OFFLINE", w.offline, w.offlineDetail);
  }
  if (!response.ok) throw problemOf(response, content);
  const body = content === "" ? (undefined as T) : parse<T>(response, content);
  return { status: response.status, body, etag: response.headers.get("ETag") };
}

function parse<T>(response: Response, content: string): T {
  try {
    return JSON.parse(content) as T;
  } catch {
    throw problemOf(response, "");
  }
}

/** The problem that an answer tells: a problem document, the gateway's own short form, or neither. */
export function problemOf(response: Pick<Response, "status" | "headers">, content: string): Problem {
  const w = words.value.problem;
  const status = response.status;
  const after = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const more: Partial<Problem> = { retryAfter: Number.isFinite(after) && after >= 0 ? after : null };
  let told: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === "object" && parsed !== null) told = parsed as Record<string, unknown>;
  } catch {
    // Neither form: the status has to do.
  }
  const text = (name: string) => (typeof told[name] === "string" ? (told[name] as string) : "");
  const requestId =
    text("request_id") || response.headers.get("X-Request-Id") || response.headers.get("apigw-requestid");
  const errors = Array.isArray(told["errors"]) ? (told["errors"] as ProblemFinding[]) : [];
  if (text("code")) {
    return new Problem(status, text("code"), text("title"), text("detail"), { ...more, requestId, errors });
  }
  const [title, detail] =
    status === 429 ? [w.busy, w.busyDetail] : status >= 500 ? [w.server, w.serverDetail] : [w.refused, text("message")];
  return new Problem(status, `HTTP_${status}`, title, detail, { ...more, requestId });
}

/** For what is removed: what is not there any more is removed, be it by a call whose answer was lost. */
export function unlessGone(error: unknown): void {
  if (!(error instanceof Problem && error.status === 404)) throw error;
}

/** What went wrong, of whatever was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const w = words.value.problem;
  // A call that another library made and that got no answer. What else is thrown speaks English, to who wrote this.
  if (error instanceof TypeError && /fetch/i.test(error.message))
    return new Problem(0, "OFFLINE", w.offline, w.offlineDetail);
  return new Problem(0, "UNEXPECTED", w.unexpected, "");
}

/** A key for a call that makes something, new for each thing that is made. */
export function newKey(): string {
  return crypto.randomUUID();
}

/**
 * The key of a call that may be made twice by mistake: the same for the same content, until it went well or was refused.
 * So a second press after an answer that was lost is the same call, not a second one.
 */
export class Once {
  private content = "";
  private kept = "";

  /** The key for a call with this content. */
  key(content: unknown): string {
    const text = JSON.stringify(content);
    if (text !== this.content) {
      this.content = text;
      this.kept = newKey();
    }
    return this.kept;
  }

  /** The call is over, or will never go well as it is: the next is another. */
  over(problem: Problem | null = null): void {
    if (!problem?.passing) this.content = "";
  }
}
