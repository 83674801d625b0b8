/** P1: how the console looks and behaves in this browser, and what a person wishes of their mail. */
import { useState } from "preact/hooks";
import {
  Button,
  Check,
  call,
  Failure,
  LANGUAGES,
  language,
  loadMe,
  me,
  plainText,
  Radios,
  type Schema,
  Screen,
  Select,
  say,
  shortcutsOn,
  showLanguage,
  type Theme,
  theme,
  useAction,
  words,
} from "../../base";

export function Preferences() {
  const w = words.value.preferences;
  const themes: { value: Theme; name: string }[] = [
    { value: "system", name: w.system },
    { value: "light", name: w.light },
    { value: "dark", name: w.dark },
  ];
  return (
    <Screen title={w.title} class="narrow">
      <section class="card stack">
        <h2>{w.here}</h2>
        <Select
          label={w.language}
          value={language.value}
          options={LANGUAGES.map(({ tag, name }) => ({ value: tag, name }))}
          onChange={(tag) => void showLanguage(tag, { keep: true })}
        />
        <Radios legend={w.theme} value={theme.value} options={themes} onChange={(next) => (theme.value = next)} />
        <Check
          label={w.shortcuts}
          help={w.shortcutsHelp}
          checked={shortcutsOn.value}
          onChange={(on) => (shortcutsOn.value = on)}
        />
        <Check label={w.plainText} checked={plainText.value} onChange={(on) => (plainText.value = on)} />
      </section>
      <section class="card stack">
        <h2>{w.mine}</h2>
        {me.value?.email ? <Mine /> : <p>{w.noAddress}</p>}
      </section>
    </Screen>
  );
}

type Wishes = Schema<"Preferences">;

/** What is kept with the person's address, wherever they sign in. */
function Mine() {
  const w = words.value.preferences;
  const kept = me.value?.preferences;
  const [wishes, setWishes] = useState<Wishes>(kept ?? { mute_automatic: false });
  const { busy, problem, act } = useAction();
  const change = (some: Partial<Wishes>) => setWishes({ ...wishes, ...some });
  const save = async () => {
    await call("PUT", "/me/preferences", { body: wishes });
    await loadMe();
    say(w.saved);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void act(save);
      }}
    >
      <p class="faint">{w.mineHelp}</p>
      <Select
        label={w.mailLanguage}
        value={wishes.locale ?? ""}
        options={languages(wishes.locale)}
        onChange={(tag) => change({ locale: tag || null })}
      />
      <Select
        label={w.timeZone}
        value={wishes.time_zone ?? ""}
        options={zones(wishes.time_zone)}
        onChange={(zone) => change({ time_zone: zone || null })}
      />
      <Check
        label={w.mute}
        help={w.muteHelp}
        checked={wishes.mute_automatic ?? false}
        onChange={(on) => change({ mute_automatic: on })}
      />
      {problem && <Failure problem={problem} small />}
      <div>
        <Button kind="primary" type="submit" busy={busy}>
          {w.save}
        </Button>
      </div>
    </form>
  );
}

/** The languages of the console, and the one that is set where it is another. */
function languages(set: string | null | undefined): { value: string; name: string }[] {
  const known = LANGUAGES.map(({ tag, name }) => ({ value: tag as string, name }));
  const other = set && !known.some(({ value }) => value === set) ? [{ value: set, name: set }] : [];
  return [{ value: "", name: words.value.preferences.usual }, ...known, ...other];
}

/** Every zone that the browser knows, and the one that is set where it is another. */
function zones(set: string | null | undefined): { value: string; name: string }[] {
  const known = Intl.supportedValuesOf("timeZone");
  const other = set && !known.includes(set) ? [set] : [];
  const named = [...known, ...other].map((zone) => ({ value: zone, name: zone.replaceAll("_", " ") }));
  return [{ value: "", name: words.value.preferences.usual }, ...named];
}
