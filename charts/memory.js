// SPDX-License-Identifier: Apache-2.0
// The latency of a load over the size of what is read, of all files and sizes of page in one picture: levels as bands,
// told caches as marks. And which further rows under machine/ are a line over something.
import * as Plot from "@observablehq/plot";

import {base, colour, ink, line} from "./looks.js";
import {sizeOf} from "./sweeps.js";
import {digits, sizeText, time as timeText} from "./units.js";

const ladderRow = /^machine\/latency\/([^/]+)\/line\/([^/]+)$/;
const time = ns => ns >= 0.1 && ns < 1 ? `${digits(ns, 3)} ns` : timeText(ns, 3);

export const isOfMemory = name =>
	/^machine\/(latency|bandwidth|parallelism|cores\/pair|pages\/reach|pages\/held)\//.test(name);

// Where a row of the memory stands in a chart over size; what is in the ladder stands in none.
export function placeInMemory(name) {
	const parts = name.split("/").slice(1), [what, first, second, third] = parts;
	if (what === "bandwidth" && parts.length === 4)
		return {family: `machine/bandwidth/${first}${second.startsWith("stream_") ? "/STREAM" : ""}`,
			series: second, size: sizeOf(third), label: third};
	if (what === "parallelism" && parts.length === 3)
		return {family: "machine/parallelism", series: first, size: Number(second), label: second,
			over: "loads that wait for nobody, at once (logarithmic)"};
	if (what === "latency" && parts.length === 4 && second !== "line")
		return {family: `machine/latency/${second}`, series: first, size: sizeOf(third), label: third};
	if (what === "pages" && (first === "reach" || first === "held"))
		return placeOfPages(first, parts.slice(2));
	return null;
}

// Of neighbouring pages, and of their lines in large ones, as the TLBs' levels are found in them.
function placeOfPages(kind, parts) {
	const [page, stride, count] = kind === "held" ? ["lines of 4KiB, held in 2MiB", ...parts] : parts;
	return stride === "1" ? {family: "machine/pages/reach", series: page, size: Number(count), label: count,
		over: "pages (logarithmic)"} : null;
}

// {series, points}: a line for each file and size of page.
export function ladderOf(benchmarks, files) {
	const points = benchmarks.flatMap(({name, runs}) => {
		const match = ladderRow.exec(name), page = match && sizeOf(match[1]), size = match && sizeOf(match[2]);
		return page && size ? runs.flatMap((run, file) => run && run.count > 0
			? [{file, page, size, at: Math.log2(size), ns: run.least, name}] : []) : [];
	}).filter(({ns}) => ns > 0);
	points.sort((a, b) => a.at - b.at);
	const pages = [...new Set(points.map(({page}) => page))].sort((a, b) => a - b);
	const series = files.flatMap((_, file) => pages.filter(page =>
		points.some(point => point.file === file && point.page === page)).map(page => ({file, page})));
	for (const point of points)
		point.series = series.findIndex(({file, page}) => file === point.file && page === point.page);
	return {points, pages, series};
}

const dashes = ["", "5 3", "1.5 2.5"];

// Of one file a page's size is a colour, of several a file is; its largest pages are a whole line.
const look = ({pages, series}, files) => series.map(({file, page}) => {
	const nth = pages.indexOf(page);
	return files.length > 1 ? {tone: colour(file), dash: dashes[Math.min(pages.length - 1 - nth, 2)]}
		: {tone: colour(nth), dash: ""};
});

const dashed = tone => `repeating-linear-gradient(90deg, ${tone} 0 3px, transparent 3px 6px)`;

export function ladderLegend(ladder, files) {
	const looks = look(ladder, files);
	return ladder.series.map(({file, page}, i) => ({
		name: `${files.length > 1 ? `${files[file].letter}: ` : ""}pages of ${sizeText(page)}`,
		paint: looks[i].dash ? dashed(looks[i].tone) : looks[i].tone,
	}));
}

// From where to where each level of a file reaches, and what it is called.
function bandsOf({levels}, file, [least, most]) {
	return levels.map(({last, certain, ns, bytes, low, high, named}, i) => {
		const from = i > 0 ? levels[i - 1].bytes : least, to = last ? most : bytes;
		return {file, index: i, from: Math.max(from, least), to: Math.min(to, most), last, low, high,
			words: [last ? "memory" : `L${i + 1}`, last ? "" : sizeText(named || bytes),
				`${time(ns)}${certain ? "" : " ?"}`]};
	}).filter(({from, to}) => from < to);
}

// Logarithms of times, with `top` and `bottom` pixels beyond the points; `down` is the value of pixels from its top.
function axisOf(points, height, top, bottom) {
	const logs = points.map(({ns}) => Math.log10(ns)), least = Math.min(...logs), most = Math.max(...logs);
	const scale = Math.max(most - least, 0.05) / (height - top - bottom);
	const domain = [least - scale * bottom, most + scale * top];
	const ticks = [-1, 0, 1, 2, 3, 4].flatMap(tens => [1, 2, 5].map(step => Math.log10(step) + tens))
		.filter(at => at >= least - 0.1 && at <= most + 0.05);
	return {domain, ticks: ticks.length > 9 ? ticks.filter(Number.isInteger) : ticks,
		down: pixels => domain[1] - scale * pixels};
}

function sizeTicks([least, most], width) {
	const first = Math.ceil(Math.log2(least)), last = Math.floor(Math.log2(most));
	const step = [1, 2, 4, 5].find(each => (last - first) / each * 56 < width) ?? 10;
	return Array.from({length: Math.floor((last - first) / step) + 1}, (_, i) => first + i * step);
}

// Words over each other where they would not stand side by side; what has no room is left out.
function textOf({words, from, to}, narrow, perPixel) {
	const [name, size, latency] = words, room = Math.log2(to / from) / perPixel;
	return (narrow ? [name, size, latency] : [[name, size].filter(Boolean).join("  "), latency])
		.filter(word => word.length * 6.6 < room).join("\n");
}

const margins = {marginLeft: 52, marginRight: 26, marginTop: 22, marginBottom: 38};
const markHeight = 16;

// Where everything lies: a ribbon of levels a file above the curves, a row of told caches a file below.
function layoutOf(found, width, files, told) {
	const sizes = found.points.map(({size}) => size), ends = [Math.min(...sizes), Math.max(...sizes)];
	const inner = width - margins.marginLeft - margins.marginRight, narrow = width < 620, each = narrow ? 50 : 36;
	const ribbons = told.map(({levels}, file) => bandsOf({levels}, file, ends)).filter(bands => bands.length > 0);
	const marks = markHeight * files.length, height = 250 + each * ribbons.length + marks;
	const axis = axisOf(found.points, height, each * ribbons.length + 14, marks + 12);
	const perPixel = Math.log2(ends[1] / ends[0]) / inner, several = files.length > 1;
	const bands = ribbons.flatMap((all, row) => all.map(band => ({
		...band, text: textOf(band, narrow, perPixel), x1: Math.log2(band.from), x2: Math.log2(band.to),
		x: Math.log2(band.from * band.to) / 2, y1: axis.down(each * row),
		y2: axis.down(each * (row + 1) - 4), y: axis.down(each * (row + 0.5) - 2),
	})));
	return {ends, inner, height, axis, bands, several, tone: ({file}) => several ? colour(file) : ink};
}

// The bands of one file reach down through the curves; of each the interval of its end does.
function bandMarks({bands, ends, axis, several, tone}) {
	const [bottom, top] = axis.domain, inside = size => Math.log2(Math.min(Math.max(size, ends[0]), ends[1]));
	const edges = bands.filter(({last, low, high}) => !last && high >= ends[0] && low <= ends[1])
		.map(band => ({...band, low: inside(band.low), high: inside(band.high)}));
	return [
		several ? null : Plot.rect(bands, {x1: "x1", x2: "x2", y1: bottom, y2: top, fill: ink,
			fillOpacity: ({index}) => index % 2 ? 0.1 : 0.03}),
		Plot.rect(edges, {x1: "low", x2: "high", y1: bottom, y2: "y2", fill: tone, fillOpacity: 0.14}),
		Plot.rect(bands, {x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: tone, fillOpacity: 0.16, inset: 0.5}),
		Plot.text(bands, {x: "x", y: "y", text: "text", fill: "var(--ink)"}),
	];
}

function toldMarks({ends, axis, height, tone}, told) {
	const marks = told.flatMap(({told: caches}, file) => caches.map((bytes, i) => ({file, bytes, text: `L${i + 1}`,
		x: Math.log2(bytes), y1: axis.down(height - markHeight * file),
		y2: axis.down(height - markHeight * (file + 1) + 3)})))
		.filter(({bytes}) => bytes >= ends[0] && bytes <= ends[1]);
	return [
		Plot.ruleX(marks, {x: "x", y1: "y1", y2: "y2", stroke: tone, strokeWidth: 2}),
		Plot.text(marks, {x: "x", y: "y1", dy: -markHeight / 2, dx: -4, textAnchor: "end", text: "text",
			fill: ink}),
	];
}

function curveMarks(found, files) {
	const looks = look(found, files), stroke = ({series}) => looks[series].tone, over = {x: "x", y: "y"};
	const dots = found.points.map(point => ({...point, x: point.at, y: Math.log10(point.ns),
		title: `${files.length > 1 ? `${files[point.file].letter}: ` : ""}${sizeText(point.size)} in pages of `
			+ `${sizeText(point.page)}\n${time(point.ns)} a load, the least`}));
	const lines = dashes.map(dash => Plot.line(dots, {...over, z: "series", stroke, strokeWidth: 1.6,
		strokeDasharray: dash || undefined, filter: ({series}) => looks[series].dash === dash}));
	return [
		...lines,
		Plot.dot(dots, {...over, r: 1.7, fill: stroke, filter: ({series}) => !looks[series].dash}),
		Plot.tip(dots, Plot.pointer({...over, title: "title", maxRadius: 24})),
	];
}

export function ladder(found, width, files, told) {
	const layout = layoutOf(found, width, files, told), {axis, ends, height, inner} = layout;
	return Plot.plot({
		...base, ...margins, width, height: height + margins.marginTop + margins.marginBottom,
		x: {domain: ends.map(Math.log2), ticks: sizeTicks(ends, inner), tickFormat: at => sizeText(2 ** at),
			label: "size of what is read (logarithmic)", labelAnchor: "center", labelArrow: "none"},
		y: {domain: axis.domain, ticks: axis.ticks, tickFormat: at => time(10 ** at), grid: true,
			label: "a load (logarithmic)", labelArrow: "none"},
		marks: [
			...bandMarks(layout),
			...toldMarks(layout, told),
			...curveMarks(found, files),
			Plot.ruleY([axis.domain[0]], {stroke: line}),
		],
	});
}
