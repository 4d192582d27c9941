// Keys of the editor. The types of YASQE know its own options alone; this one is CodeMirror's.
import type { Yasqe } from "@zazuko/yasqe";

type Keys = Record<string, (() => void) | false>;

/** Bind more keys; false leaves a key to the browser. */
export function bindKeys(editor: Yasqe, keys: Keys): void {
  const options = editor as unknown as {
    getOption(name: "extraKeys"): Keys;
    setOption(name: "extraKeys", keys: Keys): void;
  };
  options.setOption("extraKeys", { ...options.getOption("extraKeys"), ...keys });
}
