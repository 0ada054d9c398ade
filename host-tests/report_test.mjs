// SPDX-License-Identifier: Apache-2.0
// report_test.mjs CHROMIUM PAGE SCREENSHOTS: opens a report in headless Chromium and prints what is seen in it as one
// JSON object, for report_tests.py to judge. Run from the folder that holds node_modules. Writes screenshots where
// SCREENSHOTS names a folder, else none.
import {createRequire} from "node:module";
import {join} from "node:path";
import {pathToFileURL} from "node:url";

const {chromium} = createRequire(join(process.cwd(), "package.json"))("playwright-core");
const [executablePath, page, screenshots] = process.argv.slice(2);
const url = pathToFileURL(page).href;

const browser = await chromium.launch({executablePath, headless: true, args: ["--no-sandbox", "--disable-gpu",
	"--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
	"--disable-sync"]});
const seen = {complaints: [], requests: []};

async function open(options) {
	const context = await browser.newContext(options), tab = await context.newPage();
	context.setDefaultTimeout(0);	// report_tests.py bounds all of this
	tab.on("console", message =>
		["error", "warning"].includes(message.type()) && seen.complaints.push(message.text()));
	tab.on("pageerror", error => seen.complaints.push(String(error)));
	tab.on("dialog", dialog => { seen.complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
	tab.on("request", request =>
		request.url() === url || request.url().startsWith("data:") || seen.requests.push(request.url()));
	await tab.goto(url);
	return tab;
}

const shoot = async (tab, name, options = {}) =>
	screenshots && tab.screenshot({path: join(screenshots, `${name}.png`), ...options});
const overflow = tab => tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// Printing wants every chart; so does this test.
async function drawAll(tab) {
	await tab.evaluate(() => dispatchEvent(new Event("beforeprint")));
	await tab.waitForTimeout(100);
}

const values = tab => tab.evaluate(() => ({
	title: document.title,
	rows: [...document.querySelectorAll("table.all tr[data-name]")].map(row => ({
		name: row.dataset.name, shown: row.querySelector("th").textContent,
		values: [...row.cells].slice(1).map(cell =>
			cell.dataset.value === undefined ? null : Number(cell.dataset.value)),
		texts: [...row.cells].slice(1).map(cell => cell.textContent),
	})),
	cards: [...document.querySelectorAll(".card")].map(card => ({
		name: card.dataset.name,
		runs: [...card.querySelectorAll(".estimates")].map(list => ({
			file: Number(list.dataset.file),
			estimates: Object.fromEntries([...list.querySelectorAll("div")]
				.filter(div => div.querySelector("[data-low]"))
				.map(div => [
					div.querySelector("dt").textContent,
					[Number(div.querySelector("dd").dataset.value),
						Number(div.querySelector("small").dataset.low),
						Number(div.querySelector("small").dataset.high)],
				])),
		})),
	})),
	missing: [...document.querySelectorAll("#missing tbody tr")].map(row => row.textContent),
	badges: document.querySelectorAll(".badge").length,
	charts: document.querySelectorAll("[data-chart]").length,
	svgs: document.querySelectorAll("[data-chart] svg").length,
	sweeps: [...document.querySelectorAll("#sizes figcaption")].map(caption => caption.textContent),
	standard: [...document.querySelectorAll(".tiles .standard")].map(tile =>
		[tile.querySelector("dt").textContent, Number(tile.querySelector("[data-value]").dataset.value)]),
	sweep_axes: Object.fromEntries([...document.querySelectorAll("#sizes figure")].map(figure =>
		[figure.querySelector("figcaption").textContent,
			figure.querySelector('[aria-label="y-axis label"]')?.textContent])),
	levels: [...document.querySelectorAll(".levels tr[data-name]")].map(row => ({
		name: row.dataset.name, run: Number(row.dataset.run),
		values: [...row.cells].slice(2).map(cell =>
			cell.dataset.value === undefined ? null : Number(cell.dataset.value)),
	})),
	past: [...document.querySelectorAll("[data-chart=past] svg")].map(svg => ({
		dots: svg.querySelectorAll("[aria-label=dot] circle").length,
		texts: [...svg.querySelectorAll("text")].map(text => text.textContent),
	})),
	methods: [...document.querySelectorAll(".methods")].map(figure => ({
		name: figure.querySelector("figcaption").textContent,
		legend: [...figure.querySelectorAll(".legend li")].map(item => item.textContent),
		charts: figure.querySelectorAll("[data-chart] svg").length,
		bands: figure.querySelectorAll(".methodTimes [aria-label=rect] rect").length,
		lines: figure.querySelectorAll(".methodTimes svg [aria-label=line] path").length,
	})),
	chosen: [...document.querySelectorAll(".bands tbody tr")].map(row =>
		[...row.cells].map(cell => cell.textContent)),
	told: [...document.querySelectorAll("[data-told]")].map(part =>
		[...part.querySelectorAll("[data-level]")].map(row => ({
			level: row.dataset.level, verdict: row.querySelector("b").textContent, text: row.textContent,
			values: [...row.cells].slice(1, 5).map(({dataset}) =>
				[dataset.value, dataset.low, dataset.high].filter(Boolean).map(Number)),
		}))),
	near: [...document.querySelectorAll("[data-found]")].map(part =>
		[...part.querySelectorAll("[data-near]")].map(({cells}) =>
			[Number(cells[1].dataset.value), cells[2].textContent, cells[3].textContent])),
	pairs: [...document.querySelectorAll(".heat")].map(table => Object.fromEntries(
		[...table.querySelectorAll("[data-pair]")].map(({dataset}) => [dataset.pair, Number(dataset.value)]))),
	ladder: [...document.querySelectorAll("[data-chart=ladder] svg")].map(svg => ({
		lines: svg.querySelectorAll("[aria-label=line] path").length,
		dots: svg.querySelectorAll("[aria-label=dot] circle").length,
		texts: [...svg.querySelectorAll("[aria-label=text] text")].map(text => text.textContent),
	})),
	memory_sweeps: [...document.querySelectorAll("#memory .opening figcaption, #memory .charts figcaption")]
		.slice(1).map(caption => caption.textContent),
	headlines: [...document.querySelectorAll("[data-headline]")].map(({dataset}) =>
		[dataset.headline, Number(dataset.value)]),
	sections: [...document.querySelectorAll("main > section")].map(({id}) => id),
	limits: [...document.querySelectorAll("#sizes svg text")].map(text => text.textContent)
		.filter(text => text.startsWith("limit: ")),
	foreign: document.querySelectorAll("img, iframe, object, embed, link[rel=stylesheet]").length,
}));

// Words that are whole within the window, as it opens.
const onScreen = tab => tab.evaluate(() => {
	const words = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const range = document.createRange();
		range.selectNodeContents(node);
		const box = range.getBoundingClientRect();
		if (box.height > 0 && box.bottom <= innerHeight)
			words.push(node.data);
	}
	return words.join("").replace(/\s+/g, " ");
});

// What a finger and an eye need: everything that is drawn and too small.
const tooSmall = tab => tab.evaluate(() => {
	const drawn = element => element.checkVisibility() && element.getBoundingClientRect().height > 0;
	const texts = [...document.querySelectorAll("body *")].filter(element => drawn(element)
		&& [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
		&& parseFloat(getComputedStyle(element).fontSize) < 12).map(element => element.textContent);
	const targets = [...document.querySelectorAll("a, button, summary, input")]
		.filter(element => drawn(element) && !element.closest("svg")
			&& element.getBoundingClientRect().height < 44)
		.map(element => `${element.textContent} ${element.getBoundingClientRect().height}`);
	return {texts: texts.slice(0, 9), targets: targets.slice(0, 9)};
});

// What scrolls sideways and is no table that has to: a plain one lays its rows out one below the other there.
const sideways = tab => tab.evaluate(() => [...document.querySelectorAll("body, body *")]
	.filter(element => element.scrollWidth > element.clientWidth && element.clientWidth > 0
		&& ["auto", "scroll"].includes(getComputedStyle(element).overflowX)
		&& !(element.classList.contains("scroll") && element.firstElementChild.tagName === "TABLE"
			&& !element.firstElementChild.classList.contains("plain")))
	.map(element => element.outerHTML.slice(0, 80)));

const tab = await open({viewport: {width: 1280, height: 800}, colorScheme: "light"});
if (await tab.$("table.all"))
	await tab.waitForFunction(() => performance.getEntriesByName("first-chart").length > 0);
seen.first_chart_ms = await tab.evaluate(() => performance.getEntriesByName("first-chart")[0]?.startTime ?? null);
seen.first_screen = await onScreen(tab);
seen.drawn_at_start = await tab.evaluate(() => document.querySelectorAll("[data-chart] svg").length);
await shoot(tab, "top");
seen.open_at_start = await tab.evaluate(() => [...document.querySelectorAll("table.all tr[data-name]")]
	.filter(row => row.checkVisibility()).map(row => row.dataset.name));
await drawAll(tab);
Object.assign(seen, await values(tab));
seen.overflow = await overflow(tab);
seen.paper = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
for (const id of ["memory", "cores", "sizes", "methods", "history", "each", "room", "machine", "missing", "all"]) {
	const shown = await tab.evaluate(at => {
		const part = document.getElementById(at);
		part?.scrollIntoView();
		return part && !part.hidden;
	}, id);
	if (!shown)
		continue;
	await tab.waitForTimeout(150);
	await shoot(tab, id);
}
if (await tab.$("#filter")) {
	await tab.fill("#filter", "lookup");
	seen.filtered = await tab.evaluate(() => [...document.querySelectorAll("table.all tr[data-name]")]
		.filter(row => row.offsetHeight > 0).map(row => row.dataset.name));
	await tab.fill("#filter", "");
	await tab.click("table.all thead th:nth-child(2) button");
	seen.sorted = await tab.evaluate(() => [...document.querySelectorAll("table.all tbody")].map(body =>
		[...body.rows].map(row => Number(row.cells[1]?.dataset.value)).filter(Number.isFinite)));
}
if (screenshots)
	await tab.pdf({path: join(screenshots, "print.pdf"), format: "A4", printBackground: true});
await tab.close();

const dark = await open({viewport: {width: 1280, height: 900}, colorScheme: "dark"});
seen.paper_dark = await dark.evaluate(() => getComputedStyle(document.body).backgroundColor);
await shoot(dark, "dark-top");
await dark.evaluate(() => document.getElementById("each")?.scrollIntoView());
await dark.waitForTimeout(300);
await shoot(dark, "dark-each");
await dark.close();

const phone = await open({viewport: {width: 390, height: 844}, deviceScaleFactor: 2, isMobile: true, hasTouch: true});
seen.phone = await phone.evaluate(() => {
	const top = element => element.getBoundingClientRect().top;
	const table = document.querySelector("table.all");
	return {
		pictures: [...document.querySelectorAll("[data-chart]")]
			.filter(chart => !table || top(chart) < top(table)).length,
		folded: [...document.querySelectorAll("table.all tr[data-name]")]
			.filter(row => !row.checkVisibility()).length,
		ladder_ends: document.querySelector("[data-chart=ladder]")?.getBoundingClientRect().bottom,
	};
});
seen.phone.first_screen = await onScreen(phone);
while (await phone.$("table.all .folded button"))
	await phone.tap("table.all .folded button");
seen.phone.open = await phone.evaluate(() => [...document.querySelectorAll("table.all tr[data-name]")]
	.filter(row => row.checkVisibility()).map(row => [...row.cells].filter(cell => cell.checkVisibility()).length));
await drawAll(phone);
seen.phone.small = await tooSmall(phone);
seen.phone.sideways = await sideways(phone);
seen.overflow_phone = await overflow(phone);
await shoot(phone, "phone-top");
for (const id of ["all", "memory", "cores", "sizes", "methods", "history", "each", "room", "machine", "missing"]) {
	await phone.evaluate(at => document.getElementById(at)?.scrollIntoView(), id);
	await phone.waitForTimeout(200);
	await shoot(phone, `phone-${id}`);
}
await phone.close();

const plain = await open({viewport: {width: 1280, height: 900}, javaScriptEnabled: false});
seen.rows_without_script = await plain.locator("table.all tr[data-name]").count();
seen.lines_without_script = await plain.evaluate(() => [...document.querySelectorAll(".plot")].map(plot =>
	[...plot.querySelectorAll("polyline")].map(line => line.points.length)));
seen.told_without_script = await plain.locator("[data-told] [data-level]").count();
seen.levels_without_script = await plain.locator(".levels tr[data-name]").count();
seen.text_without_script = (await plain.locator("main").innerText()).slice(0, 4000);
await shoot(plain, "plain-top");
await plain.close();
await browser.close();
console.log(JSON.stringify(seen));
