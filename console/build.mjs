// Builds `dist/` with fixed file names: what is shared is `vendor.js` and `app.js`, and a chunk for
// each role, editor and language imports from those two. The same sources make the same bytes.
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const src = join(root, "src");
const argument = (name) => process.argv.find((part) => part.startsWith(`--${name}=`))?.split("=")[1];
const dist = argument("out") ?? join(root, "dist");

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
  absWorkingDir: root,
};

// The packages of `vendor.js`.
const VENDOR = /^(preact|@preact\/signals)(\/.*)?$/;
// Folders that are bundled into the chunk that uses them; all else in `src` is in `app.js`.
const OWN = ["screens", "conversation", "composer", "editor"];

/** Imports that stay imports, of the file that has them. */
const shared = (chunk) => ({
  name: "shared",
  setup(build) {
    // Ours, not the parts of a package.
    build.onResolve({ filter: /^\.\/[a-z]+\.js$/ }, ({ path, resolveDir }) =>
      relative(src, resolveDir).startsWith("..") ? undefined : { path, external: true },
    );
    if (chunk === "vendor") return;
    build.onResolve({ filter: VENDOR }, () => ({ path: "./vendor.js", external: true }));
    if (chunk === "app") return;
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      if (kind === "entry-point" || chunk === "words") return undefined;
      const place = relative(src, join(resolveDir, path)).split(sep)[0];
      return place.startsWith("..") || OWN.includes(place) ? undefined : { path: "./app.js", external: true };
    });
  },
});

const chunks = {
  vendor: "src/vendor.ts",
  app: "src/main.tsx",
  oidc: "src/auth/oidc.ts",
  pt: "src/words/pt/index.ts",
  en: "src/words/en/index.ts",
  es: "src/words/es/index.ts",
  requester: "src/screens/requester/index.ts",
  desk: "src/screens/desk/index.ts",
  admin: "src/screens/admin/index.ts",
  statistics: "src/screens/statistics/index.ts",
  person: "src/screens/person/index.ts",
  local: "src/screens/local/index.ts",
  composer: "src/composer/index.ts",
  editor: "src/editor/index.ts",
};

const options = [
  ...Object.entries(chunks).map(([name, entry]) => ({
    ...common,
    entryPoints: [entry],
    outfile: join(dist, `${name}.js`),
    plugins: [shared(/^(pt|en|es)$/.test(name) ? "words" : name)],
  })),
  { ...common, entryPoints: ["src/style/style.css"], outfile: join(dist, "style.css") },
];

/** Files that are no module: the frame of mails with its script within, and the icon. */
async function pages() {
  const built = await esbuild.build({
    ...common,
    format: "iife",
    entryPoints: ["src/preview/preview.ts"],
    write: false,
  });
  const page = await readFile(join(src, "preview/preview.html"), "utf8");
  await writeFile(
    join(dist, "preview.html"),
    page.replace("<script></script>", () => `<script>${built.outputFiles[0].text.trim()}</script>`),
  );
  await writeFile(join(dist, "icon.svg"), await readFile(join(src, "style/icon.svg")));
}

/** Builds and runs the unit tests. Their names are given one by one: Node 20 takes no pattern, and later ones no folder. */
async function tests() {
  const files = (await readdir(src, { recursive: true })).filter((name) => /\.test\.tsx?$/.test(name));
  await rm(join(root, "build"), { recursive: true, force: true });
  await esbuild.build({
    ...common,
    minify: false,
    platform: "node",
    entryPoints: files.map((name) => join(src, name)),
    outdir: join(root, "build/tests"),
    outbase: src,
    external: ["./vendor.js"],
    plugins: [],
  });
  const built = files.map((name) => join(root, "build/tests", name.replace(/\.tsx?$/, ".js")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...built], { stdio: "inherit" }).status ?? 1;
}

if (process.argv.includes("--tests")) {
  await tests();
} else if (process.argv.includes("--watch")) {
  await mkdir(dist, { recursive: true });
  const contexts = await Promise.all(options.map((option) => esbuild.context(option)));
  await Promise.all(contexts.map((context) => context.watch()));
  await pages();
  console.log("Watching. Run `cargo run -- serve --console console/dist` beside it.");
} else {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  await Promise.all(options.map((option) => esbuild.build(option)));
  await pages();
}
