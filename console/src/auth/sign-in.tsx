/** The page *Entrar*, and the same over a page whose session ended. */
import { useEffect, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/client";
import { wanted } from "../router";
import { config } from "../settings";
import { startProblem } from "../start";
import { Button, Dialog, Failure, Input, Notice, Screen } from "../ui";
import { words } from "../words";
import { type LocalPerson, people, signInAs, signInWith } from "./local";
import { loadOidc } from "./session";

/** The page. */
export function SignIn() {
  const w = words.value.signIn;
  return (
    <main class="sign-in">
      <Screen title={words.value.product} class="card">
        <p>{w.intro}</p>
        {startProblem.value && (
          <Notice tone="red" role="alert">
            {w.failed} ({startProblem.value})
          </Notice>
        )}
        {config.value.login.kind === "local" ? <LocalSignIn /> : <OidcSignIn />}
      </Screen>
    </main>
  );
}

/** A session ended under the person's hands: the page stays as it is below. */
export function SignInAgain() {
  const w = words.value.signIn;
  return (
    <Dialog title={w.ended} onClose={() => undefined} firm>
      <p>{w.endedDetail}</p>
      {config.value.login.kind === "local" ? <LocalSignIn /> : <OidcSignIn />}
    </Dialog>
  );
}

function OidcSignIn() {
  const w = words.value.signIn;
  const [going, setGoing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const start = async () => {
    setGoing(true);
    try {
      await (await loadOidc()).signIn(wanted());
    } catch (error) {
      setProblem(asProblem(error));
      setGoing(false);
    }
  };
  return (
    <>
      {problem && <Failure problem={problem} small />}
      <Button kind="primary" busy={going} onClick={() => void start()}>
        {going ? w.going : w.oidc}
      </Button>
    </>
  );
}

function LocalSignIn() {
  const w = words.value;
  const [offered, setOffered] = useState<LocalPerson[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState("");
  const [token, setToken] = useState("");
  const [bad, setBad] = useState<string | null>(null);
  useEffect(() => {
    // Beyond this machine nobody is offered, and the field is all that there is.
    people().then(setOffered, () => setOffered([]));
  }, []);
  const enter = async (person: string) => {
    setBusy(person);
    try {
      await signInAs(person);
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy("");
  };
  const withToken = (event: Event) => {
    event.preventDefault();
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token.trim())) signInWith(token.trim());
    else setBad(w.signIn.tokenBad);
  };
  return (
    <>
      {problem && <Failure problem={problem} small />}
      {offered.length > 0 && (
        <>
          <h2>{w.signIn.people}</h2>
          <ul class="people">
            {offered
              .filter(({ role }) => role !== "integration")
              .map((person) => (
                <li key={person.id}>
                  <Button icon="user" busy={busy === person.id} onClick={() => void enter(person.id)}>
                    <span>
                      {person.name}
                      <small>{person.role === "integration" ? "" : w.person[person.role]}</small>
                    </span>
                  </Button>
                </li>
              ))}
          </ul>
          <p class="divider">{w.signIn.token}</p>
        </>
      )}
      <form class="stack" onSubmit={withToken}>
        <Input
          label="Token"
          help={w.signIn.tokenHelp}
          error={bad}
          value={token}
          autoComplete="off"
          spellcheck={false}
          onInput={(value) => {
            setToken(value);
            setBad(null);
          }}
        />
        <Button type="submit">{w.signIn.withToken}</Button>
      </form>
    </>
  );
}
