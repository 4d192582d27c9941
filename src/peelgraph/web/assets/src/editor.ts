// The page /sparql: the plain form becomes an editor. Without this script the form works as it is.
import { Yasqe } from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";

const area = document.querySelector<HTMLTextAreaElement>("#query");
if (area) {
  const holder = document.createElement("div");
  area.before(holder);
  area.hidden = true;
  const editor = new Yasqe(holder, {
    value: area.value,
    persistenceId: null,
    createShareableLink: undefined,
    consumeShareLink: null,
    showQueryButton: false,
    prefixCcApi: null,
    autocompleters: ["variables"],
    screenReaderLabel: "Query",
  });
  area.form?.addEventListener("submit", () => {
    area.value = editor.getValue();
  });
}
