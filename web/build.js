// Makes dist/report.html of src/: one page with its script and its style inside, which opens without a network.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    legalComments: "none",
  });
  return outputFiles[0].text;
}

const page = await readFile("src/page.html", "utf8");
const parts = {
  STYLE: await bundled("src/page.css"),
  // Within a script element these would end it.
  SCRIPT: (await bundled("src/main.js")).replaceAll("</script", "<\\/script"),
};

await mkdir("dist", { recursive: true });
await writeFile(
  "dist/report.html",
  // A function, since in a text $& and the like have a meaning.
  page.replace(/\/\* (STYLE|SCRIPT) \*\//g, (_, part) => parts[part]),
);
