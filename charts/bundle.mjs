// SPDX-License-Identifier: Apache-2.0
// bundle.mjs MAIN OUT: our script and the libraries it uses as one file for a script element, their licences at its
// head. Run from the folder that holds node_modules.
import {readFileSync, readdirSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";

const {build} = createRequire(join(process.cwd(), "package.json"))("esbuild");
const [main, out] = process.argv.slice(2);

const {metafile, outputFiles: [bundle]} = await build({
	entryPoints: [main], nodePaths: [join(process.cwd(), "node_modules")], bundle: true, minify: true,
	format: "iife", charset: "ascii",
	target: ["chrome100", "firefox100", "safari15.4"], legalComments: "none", metafile: true, write: false,
	logLevel: "warning",
});

// A licence's text once, with the packages that come under it.
const packages = new Set(Object.keys(metafile.inputs).map(path => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path))
	.filter(Boolean).map(match => match[1]));
const licences = new Map();
for (const name of [...packages].sort()) {
	const folder = join("node_modules", name), file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
	if (!file)
		throw new Error(`${name} has no licence file`);
	const text = readFileSync(join(folder, file), "utf8").trim();
	licences.set(text, [...licences.get(text) ?? [], name]);
}
const head = [...licences].map(([text, names]) => `${names.join(", ")}:\n${text}`).join("\n\n");
const script = `/*! Contains:\n${head.replaceAll("*/", "* /")}\n*/\n${bundle.text}`;
if (/<\/script|<!--/i.test(script))
	throw new Error("the bundle would end its script element");
writeFileSync(out, script);
