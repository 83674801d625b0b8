import { signal } from "@preact/signals";

/** Why signing in did not go well, as the identity provider or the network said. */
export const startProblem = signal<string | null>(null);
