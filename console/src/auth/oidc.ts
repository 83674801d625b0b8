/** Signing in by OpenID Connect: authorization code with PKCE, as a public client. */
import * as oauth from "oauth4webapi";
import { address, go, placeOf, wanted } from "../router";
import { config } from "../settings";
import { begin, expiryOf, forget, type Session } from "./session";

const CALLBACK = "/entrar/volta";
const PENDING = "mensageria.oidc.pending";
const REFRESH = "mensageria.oidc.refresh";
const ID_TOKEN = "mensageria.oidc.id";
/** The lock within which a tab renews, and the channel on which it tells the others what it got. */
const RENEWAL = "mensageria.oidc.renewal";
/** How long the provider may take to renew, and how long the others have to hear of it, in milliseconds. */
const PATIENCE = 20_000;
const HEARD = 200;

interface Pending {
  state: string;
  nonce: string;
  verifier: string;
  back: string;
  /** Nobody asked for it: when the provider wants to see somebody, the sign-in page is shown as ever. */
  silent: boolean;
}

/** A refresh token that was used up, and the one that came in its place. */
interface Rotation {
  used: string;
  next: string;
}

const others = new BroadcastChannel(RENEWAL);
// A copy of a tab begins with the refresh token of the other, and providers take each once.
others.onmessage = ({ data }: MessageEvent<Rotation>) => {
  if (sessionStorage.getItem(REFRESH) === data.used) sessionStorage.setItem(REFRESH, data.next);
};

let discovered: Promise<oauth.AuthorizationServer> | null = null;

function login() {
  const login = config.value.login;
  if (login.kind !== "oidc") throw new Error("not an OpenID Connect console");
  return login;
}

function server(): Promise<oauth.AuthorizationServer> {
  discovered ??= (async () => {
    const issuer = new URL(login().issuer);
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
  })().catch((error) => {
    discovered = null;
    throw error;
  });
  return discovered;
}

const client = (): oauth.Client => ({ client_id: login().client_id });
const redirect = () => location.origin + address(CALLBACK);

/** Leaves for the identity provider; `back` is the path below `/app` to return to. */
export async function signIn(back: string, silent = false): Promise<void> {
  const as = await server();
  if (!as.authorization_endpoint) throw new Error("The identity provider names no authorization endpoint.");
  const pending: Pending = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    back,
    silent,
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const url = new URL(as.authorization_endpoint);
  const query: Record<string, string> = {
    client_id: login().client_id,
    redirect_uri: redirect(),
    response_type: "code",
    scope: login().scopes,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
    state: pending.state,
    nonce: pending.nonce,
    ...(silent && { prompt: "none" }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Takes the provider's answer, or renews with the refresh token of this tab. */
export async function restore(): Promise<void> {
  if (placeOf(location).path === CALLBACK) {
    await callback();
    return;
  }
  const kept = sessionStorage.getItem(REFRESH);
  const next = await renewal();
  if (next) begin(next, renewal);
  // The page may have been left while the provider answered: the token that it has kept was used up, and the answer is
  // lost. The provider still knows who it was.
  else if (kept && !sessionStorage.getItem(REFRESH)) await signIn(wanted(), true);
}

async function callback(): Promise<void> {
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  if (!kept) {
    go("/entrar", { replace: true });
    return;
  }
  const pending = JSON.parse(kept) as Pending;
  const as = await server();
  let parameters: URLSearchParams;
  try {
    parameters = oauth.validateAuthResponse(as, client(), new URL(location.href), pending.state);
  } catch (error) {
    if (!(pending.silent && error instanceof oauth.AuthorizationResponseError)) throw error;
    go(pending.back, { replace: true });
    return;
  }
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client(),
    oauth.None(),
    parameters,
    redirect(),
    pending.verifier,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, client(), response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  begin(keep(tokens), renewal);
  go(pending.back, { replace: true });
}

/** The API wants the ID token: an access token of Cognito names no address. */
function keep(tokens: oauth.TokenEndpointResponse): Session {
  const token = tokens.id_token;
  if (!token) throw new Error("The identity provider gave no ID token.");
  if (tokens.refresh_token) sessionStorage.setItem(REFRESH, tokens.refresh_token);
  sessionStorage.setItem(ID_TOKEN, token);
  return { token, expires: expiryOf(token) };
}

/** Renews with the refresh token of this tab; null when there is none, or it is not taken any more. */
function renewal(): Promise<Session | null> {
  return alone(async () => {
    const used = sessionStorage.getItem(REFRESH);
    if (!used) return null;
    const as = await server();
    const options = { signal: AbortSignal.timeout(PATIENCE) };
    const response = await oauth.refreshTokenGrantRequest(as, client(), oauth.None(), used, options);
    try {
      const tokens = await oauth.processRefreshTokenResponse(as, client(), response);
      if (tokens.refresh_token) others.postMessage({ used, next: tokens.refresh_token } satisfies Rotation);
      // Nothing is kept for somebody who signed out meanwhile.
      return sessionStorage.getItem(REFRESH) === used ? keep(tokens) : null;
    } catch (error) {
      if (error instanceof oauth.ResponseBodyError && sessionStorage.getItem(REFRESH) === used) {
        sessionStorage.removeItem(REFRESH);
      }
      return null;
    }
  });
}

/** Does something in one tab at a time; the next begins when it has heard what became of it. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const begun = navigator.locks.request(RENEWAL, async () => {
      await work().then(resolve, reject);
      await new Promise((over) => setTimeout(over, HEARD));
    });
    begun.catch(reject);
  });
}

/** Ends the session here and at the provider, which sends the browser back to the start of the console. */
export async function signOut(): Promise<void> {
  const hint = sessionStorage.getItem(ID_TOKEN);
  sessionStorage.removeItem(REFRESH);
  sessionStorage.removeItem(ID_TOKEN);
  forget();
  const as = await server();
  const back = location.origin + address("/");
  if (as.end_session_endpoint) {
    const url = new URL(as.end_session_endpoint);
    if (hint) url.searchParams.set("id_token_hint", hint);
    url.searchParams.set("client_id", login().client_id);
    url.searchParams.set("post_logout_redirect_uri", back);
    location.assign(url);
  } else if (as.authorization_endpoint?.endsWith("/oauth2/authorize")) {
    // Cognito's managed login names no end_session_endpoint in its discovery document.
    const url = new URL("/logout", as.authorization_endpoint);
    url.searchParams.set("client_id", login().client_id);
    url.searchParams.set("logout_uri", back);
    location.assign(url);
  }
}
