// Bundles each file of src/pages into the folder named, with a notice of whose code they hold.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

// What may be handed on inside a package under the Apache License.
const LICENCES = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"]);

// What bundles, and is not bundled itself.
const TOOL = /^(@esbuild\/|esbuild$)/;

const target = process.argv[2];
if (!target) throw new Error("usage: node build.mjs FOLDER");

const pages = (await readdir(join("src", "pages"))).filter((name) => name.endsWith(".ts"));

await build({
  entryPoints: pages.map((name) => join("src", "pages", name)),
  outdir: target,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
});
await writeFile(join(target, "THIRD-PARTY.txt"), await notice());

/** Each package that the bundles may hold code of, with its licence as it states it. */
async function notice() {
  const { packages } = JSON.parse(await readFile("package-lock.json", "utf8"));
  const parts = [];
  for (const [folder, facts] of Object.entries(packages)) {
    const name = folder.split("node_modules/").at(-1);
    if (!name || facts.dev || TOOL.test(name)) continue;
    const { license, author, version } = JSON.parse(
      await readFile(join(folder, "package.json"), "utf8"),
    );
    const offered = String(license).replace(/[()]/g, "").split(" OR ");
    if (!offered.some((one) => LICENCES.has(one))) {
      throw new Error(`${name} is under ${license}, which is not on the list of build.mjs`);
    }
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file
      ? await readFile(join(folder, file), "utf8")
      : `Its package holds no text of the licence. Author: ${author?.name ?? author ?? "not named"}`;
    parts.push(`${name} ${version}\n${license}\n\n${text.trim()}\n`);
  }
  if (!parts.length) throw new Error("package-lock.json names no package that is bundled");
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}
