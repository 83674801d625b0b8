/** Signing in by OpenID Connect: authorization code with PKCE, as a public client. */
import * as oauth from "oauth4webapi";
import { address, go, placeOf } from "../router";
import { config } from "../settings";
import { begin, expiryOf, forget, type Session } from "./session";

const CALLBACK = "/entrar/volta";
const PENDING = "mensageria.oidc.pending";
const REFRESH = "mensageria.oidc.refresh";
const ID_TOKEN = "mensageria.oidc.id";

interface Pending {
  state: string;
  nonce: string;
  verifier: string;
  back: string;
}

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
export async function signIn(back: string): Promise<void> {
  const as = await server();
  if (!as.authorization_endpoint) throw new Error("The identity provider names no authorization endpoint.");
  const pending: Pending = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    back,
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
  const next = await renewal();
  if (next) begin(next, renewal);
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
  const parameters = oauth.validateAuthResponse(as, client(), new URL(location.href), pending.state);
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

async function renewal(): Promise<Session | null> {
  const refresh = sessionStorage.getItem(REFRESH);
  if (!refresh) return null;
  const as = await server();
  const response = await oauth.refreshTokenGrantRequest(as, client(), oauth.None(), refresh);
  try {
    return keep(await oauth.processRefreshTokenResponse(as, client(), response));
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) sessionStorage.removeItem(REFRESH);
    return null;
  }
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
