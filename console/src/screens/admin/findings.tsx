/** What is wrong with a draft, each with its place and, where it is known, what was meant. */
import { Button, Icon, words } from "../../base";
import type { Diagnostic } from "./preview";

export function Findings({ findings, onFix }: { findings: Diagnostic[]; onFix: (finding: Diagnostic) => void }) {
  const w = words.value.admin.template;
  return (
    <section class="stack" aria-label={w.problems}>
      <h2>{w.problems}</h2>
      {findings.length === 0 && <p class="faint">{w.noProblems}</p>}
      <ul class="checks">
        {findings.map((finding) => (
          <li
            key={`${finding.part} ${finding.line} ${finding.column} ${finding.code}`}
            class={finding.severity === "error" ? "failed" : "warning"}
          >
            <Icon name={finding.severity === "error" ? "cross" : "alert"} />
            <div>
              <p>
                {w.at(w.parts[finding.part], finding.line, finding.column)}: {finding.message}
              </p>
              {finding.suggestion && <Button onClick={() => onFix(finding)}>{w.fix(finding.suggestion)}</Button>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
