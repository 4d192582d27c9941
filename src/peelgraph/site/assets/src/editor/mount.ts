// YASQE over the text field of the form, kept in step with it.
import { Yasqe } from "@zazuko/yasqe";
import { h } from "../dom";
import type { Problem } from "../endpoint";
import type { Prefixes } from "../terms";
import { offerCompletions } from "./complete";
import { bindKeys } from "./keys";

type State = { OK: boolean; errorMsg?: string; possibleCurrent?: string[] };

export class Editor {
  readonly yasqe: Yasqe;
  private faults: { clear(): void }[] = [];

  constructor(
    private readonly area: HTMLTextAreaElement,
    prefixes: Prefixes,
    run: () => void,
  ) {
    const holder = h("div", { class: "yasqe-holder" });
    area.before(holder);
    // Its own completion asks hosts elsewhere; ours asks the graph.
    Yasqe.defaults.autocompleters = [];
    this.yasqe = new Yasqe(holder, {
      value: area.value.trimStart(),
      persistenceId: null,
      // null turns its own way of sharing off; its types do not know that.
      createShareableLink: null as never,
      consumeShareLink: null,
      showQueryButton: false,
      prefixCcApi: null,
      resizeable: false,
      // The field itself takes the focus and scrolls: readers of screens and phones need it so.
      inputStyle: "contenteditable",
      lineWrapping: true,
      screenReaderLabel: "Query. Control and Enter runs it, Control and space completes a term.",
    });
    bindKeys(this.yasqe, {
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
      // The field is left with Tab, as any other.
      Tab: false,
      "Shift-Tab": false,
      "Ctrl-S": false,
    });
    const input = this.yasqe.getInputField();
    input.setAttribute("role", "textbox");
    input.setAttribute("aria-multiline", "true");
    // YASQE tells a fault with an attribute of style, which our policy forbids: the same, as text.
    this.yasqe.checkSyntax = () => this.checkSyntax();
    this.yasqe.checkSyntax();
    offerCompletions(this.yasqe, prefixes);
    area.hidden = true;
    document.querySelector(`label[for="${area.id}"]`)?.addEventListener("click", () => this.focus());
  }

  get text(): string {
    return this.yasqe.getValue();
  }

  set text(query: string) {
    this.clear();
    this.yasqe.setValue(query);
  }

  /** Give the form's own field what is written, for an ordinary submission. */
  save(): void {
    this.area.value = this.text;
  }

  focus(): void {
    this.yasqe.focus();
  }

  /** Mark where the service found a fault. */
  mark({ line, column, token, detail }: Problem): void {
    this.clear();
    if (!line) return;
    const doc = this.yasqe.getDoc();
    const row = line - 1;
    const length = doc.getLine(row)?.length ?? 0;
    const start = Math.min((column ?? 1) - 1, Math.max(0, length - 1));
    const end = Math.min(length, start + Math.max(1, token?.split("\n")[0]?.length ?? 1));
    const options = { className: "fault-mark", attributes: { title: detail } };
    this.faults.push(doc.markText({ line: row, ch: start }, { line: row, ch: end }, options));
    this.yasqe.addLineClass(row, "background", "fault-line");
    this.faults.push({ clear: () => this.yasqe.removeLineClass(row, "background", "fault-line") });
    this.yasqe.scrollIntoView({ line: row, ch: start }, 40);
  }

  /** Put the cursor where a fault is. */
  goTo(line: number, column: number): void {
    this.yasqe.focus();
    this.yasqe.getDoc().setCursor({ line: line - 1, ch: column - 1 });
  }

  clear(): void {
    for (const fault of this.faults) fault.clear();
    this.faults = [];
  }

  /** Mark the first line that the grammar does not allow, while one types. */
  private checkSyntax(): void {
    const { yasqe } = this;
    yasqe.queryValid = true;
    yasqe.clearGutter("gutterErrorBar");
    for (let line = 0; line < yasqe.getDoc().lineCount(); line += 1) {
      const end = { line, ch: yasqe.getDoc().getLine(line).length };
      const state = yasqe.getTokenAt(end, true).state as State;
      if (state.OK) continue;
      const expected = state.possibleCurrent?.join(", ");
      const told = state.errorMsg ?? `This line is not SPARQL.${expected ? ` Expected: ${expected}` : ""}`;
      const sign = h("span", { class: "gutter-fault", title: told }, "▲");
      yasqe.setGutterMarker(line, "gutterErrorBar", sign);
      yasqe.queryValid = false;
      return;
    }
  }
}
