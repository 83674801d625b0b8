/** The start: configuration, language, session; then the screen that the address names. */
import { render } from "preact";
import { followVisibility } from "./api/poll";
import { App } from "./app";
import { restore } from "./auth/session";
import { followHistory } from "./router";
import { type Config, config, followSettings, forgetOldDrafts } from "./settings";
import { startProblem } from "./start";
import { showFirstLanguage } from "./words";

export * from "./base";

async function start(): Promise<void> {
  followSettings();
  forgetOldDrafts();
  const [answer] = await Promise.all([fetch("/app/config.json", { cache: "no-store" }), Promise.resolve()]);
  config.value = (await answer.json()) as Config;
  await showFirstLanguage();
  followHistory();
  followVisibility();
  try {
    await restore();
  } catch (error) {
    // A word of the protocol, such as `access_denied`: what the library says is English, and long.
    const { error: refusal, code } = error as { error?: unknown; code?: unknown };
    startProblem.value = [refusal, code, "UNEXPECTED"].find((one) => typeof one === "string") as string;
  }
  const root = document.getElementById("app");
  if (root) render(<App />, root);
}

void start();
