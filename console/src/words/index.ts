/** The words of the console: one language is loaded, chosen by the person, the browser, the server. */
import { signal } from "@preact/signals";
import { config, store, stored } from "../settings";
import type { words as pt } from "./pt";

/** All words. pt-BR is the source: what it has, the others must have. */
export type Words = typeof pt;

/** Languages of the console. */
export type Language = "pt-BR" | "en" | "es";
export const LANGUAGES: { tag: Language; name: string }[] = [
  { tag: "pt-BR", name: "Português" },
  { tag: "en", name: "English" },
  { tag: "es", name: "Español" },
];

/** The language that is shown. */
export const language = signal<Language>("pt-BR");

/** The words of that language, loaded before anything is shown. */
export const words = signal<Words>({} as Words);

/** The first language that there is, of those that are wished for. */
export function chosenLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const found = LANGUAGES.find(({ tag }) => wish?.slice(0, 2).toLowerCase() === tag.slice(0, 2));
    if (found) return found.tag;
  }
  return "pt-BR";
}

/** Loads and shows a language; keeps it when the person chose it. */
export async function showLanguage(tag: Language, how: { keep?: boolean } = {}): Promise<void> {
  const chunk = `./${tag.slice(0, 2)}.js`;
  const loaded = (await import(chunk)) as { words: Words };
  words.value = loaded.words;
  language.value = tag;
  document.documentElement.lang = tag;
  if (how.keep) store("language", tag);
}

/** Shows the language that was chosen, else one of the browser's, else the server's. */
export function showFirstLanguage(): Promise<void> {
  return showLanguage(chosenLanguage([stored("language"), ...navigator.languages, config.value.locale]));
}
