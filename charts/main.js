// SPDX-License-Identifier: Apache-2.0
// What the page does beyond its tables, which stand without it: charts, drawn when they come near the window, and the
// tables' filter and order.
import {changes, distribution, past, sweep, timeline, trust} from "./charts.js";
import {colour} from "./looks.js";
import {isOfMemory, ladder, ladderLegend, ladderOf, placeInMemory} from "./memory.js";
import {familyOf, methodPrice, methodRatios, methodTimes, pricesOf, tone} from "./methods.js";
import {families} from "./sweeps.js";

const data = JSON.parse(document.getElementById("data").textContent);
const {files, benchmarks, threshold} = data;

// A row under machine/ of many has its samples' count and the least of them alone, and its name in the table.
for (const [at, benchmark] of benchmarks.entries()) {
	benchmark.anchor = `b${at}`;
	benchmark.name ??= document.getElementById(benchmark.anchor).cells[0].textContent;
	benchmark.group ??= benchmark.name.split("/", 1)[0];
	for (const run of benchmark.runs.filter(Boolean)) {
		if (run.step)
			run.iters = run.beyond.map((_, i) => run.linear ? (i + 1) * run.step : run.step);
		run.times = run.beyond?.map((grains, i) => (run.least + grains * run.grain) * run.iters[i]);
		[run.units, run.unit] = run.units ?? [];
		run.count ??= run.times.length;
	}
}

const profiles = JSON.parse(document.getElementById("profiles")?.textContent ?? "[]");
const operations = profiles.flatMap(({operations: all, price, for: use}, profile) => all
	.flatMap(operation => familyOf(operation, use))
	.map(family => ({...family, profile, prices: pricesOf(price)})));

const levels = JSON.parse(document.getElementById("levels")?.textContent ?? "[]"), opensWithMemory = levels.length > 0;
const rungs = ladderOf(benchmarks, files);
const swept = [...families(benchmarks.filter(({name}) => isOfMemory(name)), placeInMemory),
	...families(benchmarks.filter(({name}) => !isOfMemory(name)))];
const draw = {
	overview: (_, width) =>
		files.length > 1 ? changes(benchmarks, width, files, threshold) : trust(benchmarks, width),
	distribution: (at, width) => distribution(benchmarks[at], width, files),
	timeline: (at, width) => timeline(benchmarks[at], width, files),
	past: (at, width) => past(benchmarks[at], width, files),
	ladder: (_, width) => ladder(rungs, width, files, levels),
	sweep: (at, width) => sweep(swept[at], width, files, opens(swept[at]) ? 330 : 250),
	methodTimes: (at, width) => methodTimes(operations[at], width),
	methodRatios: (at, width) => methodRatios(operations[at], width),
	methodPrice: (at, width) => methodPrice(operations[at], width),
};

const drawn = new Map(); // place → width it was drawn for

function drawPlace(place, width) {
	if (!width || drawn.get(place) === width)
		return;
	place.replaceChildren(draw[place.dataset.chart](Number(place.dataset.at), width));
	if (drawn.size === 0)
		performance.mark("first-chart");
	drawn.set(place, width);
}

// All widths first: one that is read behind a drawing has the whole page laid out anew.
function drawPlaces(places) {
	const widths = places.map(place => Math.floor(place.clientWidth));
	for (const [at, place] of places.entries())
		drawPlace(place, widths[at]);
}

function legend(series, toneOf = colour) {
	const list = document.createElement("ul");
	list.className = "legend";
	for (const [i, name] of series.entries()) {
		const item = list.appendChild(document.createElement("li"));
		const key = item.appendChild(document.createElement("i"));
		key.style.background = toneOf(i);
		item.append(name);
	}
	return list;
}

function badge(before) {
	const mark = document.createElement("span");
	mark.className = "badge";
	mark.textContent = `${before}functional only`;
	return mark;
}

function note(text) {
	const line = document.createElement("small");
	line.textContent = text;
	return line;
}

// What stands beside the ladder.
const opens = ({name}) => name === "machine/bandwidth/one";

function addSweep(grid, {name, series}, at) {
	const figure = grid.appendChild(document.createElement("figure"));
	const caption = figure.appendChild(document.createElement("figcaption"));
	caption.append(name, ...files.filter(({functional}) => functional)
		.flatMap(({letter}) => [" ", badge(files.length > 1 ? `${letter}: ` : "")]));
	if (series.length > 1)
		figure.append(legend(series));
	if (files.length > 1)
		figure.append(note(`${files[0].letter}: solid; `
			+ `${files.slice(1).map(({letter}) => letter).join(", ")}: dotted`));
	addPlace(figure, "sweep", at);
}

function addSweeps() {
	const section = document.getElementById("sizes"), ofMemory = ({points}) => isOfMemory(points[0].name);
	section.hidden = swept.every(ofMemory);
	for (const link of document.querySelectorAll('a[href="#sizes"]'))
		link.hidden = section.hidden;
	const opening = document.querySelector("#memory .opening"), first = swept.findIndex(opens);
	for (const [at, family] of swept.entries())
		addSweep((at === first && opening)
			|| (ofMemory(family) && document.querySelector("#memory .charts"))
			|| section.querySelector(".charts"), family, at);
}

// The picture's place is there; above it comes what its lines are.
function addLadder() {
	const place = document.querySelector("[data-chart=ladder]"), keys = ladderLegend(rungs, files);
	if (!place)
		return;
	if (rungs.points.length === 0)
		place.closest("figure").remove();
	else
		place.before(legend(keys.map(({name}) => name), i => keys[i].paint));
}

function addPlace(parent, chart, at) {
	const place = parent.appendChild(document.createElement("div"));
	place.className = `chart ${chart}`;
	Object.assign(place.dataset, {chart, at});
}

function addSamples() {
	for (const pair of document.querySelectorAll(".card .pair"))
		for (const chart of ["distribution", "timeline"])
			addPlace(pair, chart, pair.parentNode.id.slice(1));
}

function addMethods() {
	for (const [at, {name, names, built, sizes, profile}] of operations.entries()) {
		const section = document.querySelector(`[data-profile="${profile}"]`);
		section.hidden = false;
		const figure = section.appendChild(document.createElement("figure"));
		figure.className = "methods";
		figure.appendChild(document.createElement("figcaption")).textContent = name;
		figure.append(legend(names.map(one => one === built ? `${one}, built in` : one), tone));
		const beside = figure.appendChild(document.createElement("div"));
		beside.className = "beside";
		const over = beside.appendChild(document.createElement("div"));
		addPlace(over, "methodTimes", at);
		if (sizes.length > 1)
			addPlace(over, "methodRatios", at);
		addPlace(beside, "methodPrice", at);
	}
}

function drawWhenNear() {
	const places = [...document.querySelectorAll("[data-chart]")];
	const near = new IntersectionObserver(entries => drawPlaces(entries
		.filter(({isIntersecting}) => isIntersecting).map(({target}) => target)), {rootMargin: "400px"});
	for (const place of places)
		near.observe(place);
	let waiting = 0;
	addEventListener("resize", () => {
		clearTimeout(waiting);
		waiting = setTimeout(() => drawPlaces([...drawn.keys()]), 120);
	});
	addEventListener("beforeprint", () => {
		drawPlaces(places);
		for (const folded of document.querySelectorAll("#all details"))
			folded.open = true;
	});
}

// Rows of a group stand in one tbody; a filter hides rows, then groups and cards without any.
function filterBy(words) {
	const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
	document.getElementById("all").classList.toggle("filtering", wanted.length > 0);
	for (const folded of document.querySelectorAll("#all details"))
		folded.open = wanted.length > 0;
	for (const row of document.querySelectorAll("[data-name]")) {
		const name = row.dataset.name.toLowerCase();
		row.hidden = !wanted.every(word => name.includes(word));
	}
	for (const group of document.querySelectorAll("[data-group]"))
		group.hidden = !group.querySelector("[data-name]:not([hidden])");
}

const valueOf = (row, column) => {
	const cell = row.cells[column], value = cell?.dataset.value;
	const shown = /^(?:± )?([\d.]+) (?:of|%)/.exec(cell?.textContent);
	return value !== undefined ? Number(value) : shown ? Number(shown[1]) : cell?.textContent ?? "";
};

function sortBy(heading) {
	const column = heading.cellIndex, down = heading.ariaSort !== "descending";
	for (const other of heading.parentNode.cells)
		other.removeAttribute("aria-sort");
	heading.ariaSort = down ? "descending" : "ascending";
	for (const body of heading.closest("table").tBodies) {
		const rows = [...body.rows].filter(row => row.dataset.name !== undefined);
		rows.sort((a, b) => {
			const x = valueOf(a, column), y = valueOf(b, column);
			const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0)
				: typeof x === "number" ? 1 : -1;
			return down ? -order : order;
		});
		body.append(...rows);
	}
}

// A group folds under its heading; on a small screen the long ones are closed at first.
function foldGroups(small) {
	for (const group of document.querySelectorAll("table.all tbody[data-group]")) {
		const heading = group.querySelector(".group th"), button = document.createElement("button");
		button.type = "button";
		button.append(...heading.childNodes);
		const fold = closed => {
			group.classList.toggle("folded", closed);
			button.ariaExpanded = String(!closed);
		};
		button.addEventListener("click", () => fold(!group.classList.contains("folded")));
		fold(small && group.dataset.folds !== undefined);
		heading.append(button);
	}
}

// A link from a picture may lead to a row that is folded away.
function showTarget() {
	const row = document.querySelector("tr:target");
	row?.closest(".folded")?.querySelector(".group button").click();
	row?.scrollIntoView();
}

for (const row of document.querySelectorAll("table.all tr[id]"))
	row.dataset.name = row.cells[0].textContent;
foldGroups(opensWithMemory || matchMedia("(max-width: 720px)").matches);
addLadder();
if (benchmarks.length > 0)
	addSweeps();
addSamples();
addMethods();
drawWhenNear();
addEventListener("hashchange", showTarget);
document.getElementById("filter")?.addEventListener("input", event => filterBy(event.target.value));
for (const heading of document.querySelectorAll("th[data-sort]")) {
	const button = document.createElement("button");
	button.type = "button";
	button.append(...heading.childNodes);
	button.addEventListener("click", () => sortBy(heading));
	heading.append(button);
}
