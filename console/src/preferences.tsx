/** P1: how the console looks and behaves in this browser. */
import { plainText, shortcutsOn, type Theme, theme } from "./settings";
import { Check, Radios, Screen, Select } from "./ui";
import { LANGUAGES, language, showLanguage, words } from "./words";

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
    </Screen>
  );
}
