// SPDX-License-Identifier: Apache-2.0
// Each function draws one chart of the page's data and returns its element. Text reaches the page as text nodes
// only: names are a stranger's.
import * as Plot from "@observablehq/plot";

import {density, extent} from "./density.js";
import {base, colour, ink, line} from "./looks.js";
import {digits, percent, rateUnit, time, timeUnit} from "./units.js";

const compact = number => number.toLocaleString("en", {notation: "compact", maximumFractionDigits: 2});
const perIteration = run => run.times.map((ns, i) => ns / run.iters[i]);
const headline = run => run.figure;
const letter = (files, file) => files.length > 1 ? `${files[file].letter}: ` : "";
const drawable = runs => runs.map((run, file) => ({run, file})).filter(({run}) => run && run.times.length > 1);

// How the samples of one iteration's time lie: density over the samples themselves, the estimate and its
// interval through both.
export function distribution({runs}, width, files) {
	const shown = drawable(runs), values = shown.map(({run}) => perIteration(run)), domain = extent(values);
	const unit = timeUnit(domain[1]), scaled = domain.map(ns => ns / unit.scale);
	const curves = shown.map(({file}, i) =>
		({file, points: density(values[i].map(ns => ns / unit.scale), scaled)}));
	const peak = Math.max(...curves.flatMap(({points}) => points.map(point => point.y)));
	const strip = 0.24 * peak;
	const dots = shown.flatMap(({run, file}, row) => values[row].map((ns, i) => ({
		x: ns / unit.scale, y: -strip * (row + 0.28 + 0.5 * ((i * 0.6180339887) % 1)), file,
		title: `${letter(files, file)}sample ${i + 1} of ${values[row].length}\n`
			+ `${time(ns)} an iteration\n${digits(run.iters[i], 15)} iterations`,
	})));
	const inside = dots.filter(({x}) => x >= scaled[0] && x <= scaled[1]);
	const beyond = dots.filter(({x}) => x > scaled[1]), below = dots.filter(({x}) => x < scaled[0]);
	const marks = [
		Plot.ruleY([0], {stroke: line}),
		...curves.flatMap(({file, points}) => [
			Plot.areaY(points, {x: "x", y: "y", fill: colour(file), fillOpacity: 0.16}),
			Plot.lineY(points, {x: "x", y: "y", stroke: colour(file), strokeWidth: 1.6}),
		]),
		...shown.flatMap(({run, file}) => {
			const [point, low, high] = headline(run).map(ns => ns / unit.scale);
			return [
				Plot.rect([0], {x1: low, x2: high, y1: -strip * shown.length, y2: peak,
					fill: colour(file), fillOpacity: 0.22, clip: true}),
				Plot.ruleX([point], {y1: -strip * shown.length, y2: peak, stroke: colour(file),
					strokeWidth: 1.2, clip: true}),
			];
		}),
		Plot.dot(inside, {x: "x", y: "y", r: 1.7, fill: ({file}) => colour(file), fillOpacity: 0.65}),
		Plot.tip(inside, Plot.pointer({x: "x", y: "y", title: "title", maxRadius: 16})),
	];
	const estimates = shown.map(({run}) => headline(run)[0] / unit.scale);
	if (beyond.length > 0)
		marks.push(edgeNote(beyond, "right", unit, estimates.some(x => x > scaled[1])));
	if (below.length > 0)
		marks.push(edgeNote(below, "left", unit, false));
	return Plot.plot({
		...base, width, height: 176 + 26 * shown.length, marginLeft: 18, marginRight: 18, marginTop: 16,
		marginBottom: 34,
		x: {domain: scaled, label: `time an iteration, ${unit.name}`, labelAnchor: "center", labelArrow: "none",
			ticks: Math.max(3, width / 90), nice: false},
		y: {axis: null, domain: [-strip * shown.length, peak * 1.04]}, marks,
	});
}

function edgeNote(dots, side, unit, estimateToo) {
	const right = side === "right", values = dots.map(({x}) => x);
	const extreme = time((right ? Math.max(...values) : Math.min(...values)) * unit.scale, 3);
	const too = estimateToo ? "; the estimate too" : "";
	const text = `${dots.length} beyond, ${right ? "to" : "from"} ${extreme}${too}`;
	return Plot.text([right ? `${text} →` : `← ${text}`],
		{frameAnchor: right ? "top-right" : "top-left", dy: -12, fill: ink});
}

// Linear sampling: total time over iterations from zero, the figure and, dashed, the slope as lines from there. Flat:
// an iteration's time in the samples' order.
export function timeline(benchmark, width, files) {
	return drawable(benchmark.runs).every(({run}) => run.slope)
		? overIterations(benchmark, width, files) : overSamples(benchmark, width, files);
}

function overIterations({runs}, width, files) {
	const shown = drawable(runs), unit = timeUnit(Math.max(...shown.flatMap(({run}) => run.times)));
	const dots = shown.flatMap(({run, file}) => run.times.map((ns, i) => ({
		x: run.iters[i], y: ns / unit.scale, file,
		title: `${letter(files, file)}sample ${i + 1}\n`
			+ `${digits(run.iters[i], 15)} iterations in ${time(ns)}\n`
			+ `${time(ns / run.iters[i])} an iteration`,
	})));
	const most = Math.max(...dots.map(({x}) => x));
	return Plot.plot({
		...base, width, height: 208, marginLeft: 48, marginRight: 14, marginTop: 24, marginBottom: 34,
		x: {domain: [0, most], label: "iterations in a sample", labelAnchor: "center", labelArrow: "none",
			ticks: Math.max(3, width / 90), tickFormat: compact},
		y: {domain: [0, Math.max(...dots.map(({y}) => y))], nice: true, label: `time of a sample, ${unit.name}`,
			labelArrow: "none", ticks: 5, grid: true},
		marks: [
			Plot.ruleY([0], {stroke: line}),
			...shown.flatMap(({run, file}) => {
				const [point, low, high] = headline(run).map(ns => ns * most / unit.scale);
				const slope = run.slope[0] * most / unit.scale;
				return [
					Plot.areaY([{x: 0, low: 0, high: 0}, {x: most, low, high}],
						{x: "x", y1: "low", y2: "high", fill: colour(file), fillOpacity: 0.22}),
					Plot.line([[0, 0], [most, point]], {stroke: colour(file), strokeWidth: 1.4}),
					Plot.line([[0, 0], [most, slope]],
						{stroke: colour(file), strokeWidth: 1, strokeDasharray: "3 3"}),
				];
			}),
			Plot.dot(dots, {x: "x", y: "y", r: 1.8, fill: ({file}) => colour(file), fillOpacity: 0.6}),
			Plot.tip(dots, Plot.pointer({x: "x", y: "y", title: "title", maxRadius: 16})),
		],
	});
}

function overSamples({runs}, width, files) {
	const shown = drawable(runs), values = shown.map(({run}) => perIteration(run)), domain = extent(values, 12);
	const unit = timeUnit(domain[1]);
	const dots = shown.flatMap(({run, file}, row) => values[row].map((ns, i) => ({
		x: i + 1, y: ns / unit.scale, file,
		title: `${letter(files, file)}sample ${i + 1}\n`
			+ `${time(ns)} an iteration\n${digits(run.iters[i], 15)} iterations`,
	})));
	const inside = dots.filter(({y}) => y * unit.scale <= domain[1] && y * unit.scale >= domain[0]);
	const outside = dots.length - inside.length;
	return Plot.plot({
		...base, width, height: 208, marginLeft: 48, marginRight: 14, marginTop: 24, marginBottom: 34,
		x: {domain: [0.5, Math.max(...dots.map(({x}) => x)) + 0.5], label: "sample, in order",
			labelAnchor: "center", labelArrow: "none", ticks: Math.max(3, width / 90)},
		y: {domain: domain.map(ns => ns / unit.scale), label: `time an iteration, ${unit.name}`,
			labelArrow: "none", ticks: 5, grid: true},
		marks: [
			...shown.flatMap(({run, file}) => {
				const [point, low, high] = headline(run).map(ns => ns / unit.scale);
				return [
					Plot.rect([0],
						{y1: low, y2: high, fill: colour(file), fillOpacity: 0.2, clip: true}),
					Plot.ruleY([point], {stroke: colour(file), strokeWidth: 1.2, clip: true}),
				];
			}),
			Plot.dot(inside, {x: "x", y: "y", r: 1.8, fill: ({file}) => colour(file), fillOpacity: 0.6}),
			outside > 0 ? Plot.text([`${outside} outside the axis`],
				{frameAnchor: "top-right", dy: -12, fill: ink}) : null,
			Plot.tip(inside, Plot.pointer({x: "x", y: "y", title: "title", maxRadius: 16})),
		],
	});
}

// A sweep: one line a series and file over sizes, throughput where all have one, a limit where the results carry one.
export function sweep(family, width, files, height) {
	const {points, rate, over = "size (logarithmic)"} = family;
	const most = Math.max(...points.map(({value}) => value));
	const unit = rate ? rateUnit(most, rate) : timeUnit(most);
	const dots = points.map(point => ({...point, at: Math.log2(point.size), y: point.value / unit.scale,
		low: point.low / unit.scale, high: point.high / unit.scale,
		title: `${point.name}${files.length > 1 ? `\n${files[point.file].letter}` : ""}\n`
			+ `${digits(point.value / unit.scale)} ${unit.name}\n`
			+ `95 %: ${digits(point.low / unit.scale)} to ${digits(point.high / unit.scale)}`}));
	const limits = points.filter(({limit}) => limit).map(({size, file, limit}) =>
		({at: Math.log2(size), y: limit.value / unit.scale, file, source: limit.source}));
	const limitName = commonPart([...new Set(limits.map(({source}) => source))]);
	const sizes = [...new Map(points.map(({size, label}) => [size, label])).entries()].sort((a, b) => a[0] - b[0]);
	const values = dots.flatMap(({low, high}) => [low, high]), spread = Math.max(...values) / Math.min(...values);
	const logarithmic = spread > 20;
	const step = Math.ceil(sizes.length * 52 / width), ticks = sizes.filter((_, i) => i % step === 0);
	return Plot.plot({
		...base, width, height, marginLeft: 52, marginRight: 26, marginTop: 26, marginBottom: 38,
		x: {domain: [sizes[0], sizes[sizes.length - 1]].map(([size]) => Math.log2(size)),
			label: over, labelAnchor: "center", labelArrow: "none",
			ticks: ticks.map(([size]) => Math.log2(size)), tickFormat: (_, i) => ticks[i][1]},
		y: {type: logarithmic ? "log" : "linear", zero: !logarithmic, nice: true, grid: true, ticks: 5,
			tickFormat: logarithmic ? "~s" : undefined,
			label: `${rate ? "" : "time an iteration, "}${unit.name}${logarithmic ? " (logarithmic)" : ""}`,
			labelArrow: "none"},
		marks: [
			logarithmic ? null : Plot.ruleY([0], {stroke: line}),
			limits.length > 0 ? Plot.line(limits,
				{x: "at", y: "y", z: "file", stroke: ink, strokeDasharray: "5 4"}) : null,
			limits.length > 0 ? Plot.text(limits.slice(-1), {x: "at", y: "y",
				text: () => `limit: ${limitName}`, dy: -7, textAnchor: "end", fill: ink}) : null,
			Plot.ruleX(dots, {x: "at", y1: "low", y2: "high", stroke: ({series}) => colour(series),
				strokeOpacity: 0.5}),
			Plot.line(dots, {x: "at", y: "y", z: ({series, file}) => `${series} ${file}`,
				stroke: ({series}) => colour(series),
				strokeDasharray: undefined, strokeWidth: 1.7, filter: ({file}) => file === 0}),
			Plot.line(dots, {x: "at", y: "y", z: ({series, file}) => `${series} ${file}`,
				stroke: ({series}) => colour(series),
				strokeDasharray: "2 3", strokeWidth: 1.7, filter: ({file}) => file > 0}),
			Plot.dot(dots, {x: "at", y: "y", r: 2.6,
				fill: ({series, file}) => file === 0 ? colour(series) : "var(--paper)",
				stroke: ({series}) => colour(series)}),
			Plot.tip(dots, Plot.pointer({x: "at", y: "y", title: "title", maxRadius: 24})),
		],
	});
}

// The runs of the history in their order, a line for each level; where one begins stands how much it is
// off the one before.
export function past({past: series}, width, files) {
	const unit = timeUnit(Math.max(...series.flatMap(({points}) => points.map(([, ns]) => ns))));
	const dots = series.flatMap(({file, points}) => points.map(([run, ns, low, high], i) => ({
		x: i + 1, y: ns / unit.scale, low: low / unit.scale, high: high / unit.scale, file,
		title: `${letter(files, file)}run ${run}\n${time(ns)} an iteration\n${time(low)} to ${time(high)}`,
	})));
	const lines = series.flatMap(({file, levels}) => levels.map(([first, end, ns], i) => ({
		x1: first + 0.5, x2: end + 0.5, y: ns / unit.scale, file,
		change: i > 0 ? ns / levels[i - 1][2] - 1 : null,
	})));
	const changed = lines.filter(({change}) => change !== null);
	const domain = extent([dots.map(({y}) => y)], 12);
	const inside = dots.filter(({y}) => y >= domain[0] && y <= domain[1]);
	return Plot.plot({
		...base, width, height: 200, marginLeft: 48, marginRight: 14, marginTop: 30, marginBottom: 34,
		x: {domain: [0.5, Math.max(...dots.map(({x}) => x)) + 0.5], label: "runs of the history, in order",
			labelAnchor: "center", labelArrow: "none",
			ticks: Math.max(3, width / 90), tickFormat: at => Number.isInteger(at) ? `${at}` : ""},
		y: {domain, label: `time an iteration, ${unit.name}`, labelArrow: "none", ticks: 4, grid: true},
		marks: [
			Plot.ruleX(changed, {x: "x1", stroke: ink, strokeDasharray: "3 3"}),
			Plot.text(changed, {x: "x1", text: ({change}) => percent(change), frameAnchor: "top", dy: -10,
				fill: ({change}) => change > 0 ? "var(--bad)" : "var(--good)"}),
			Plot.ruleX(inside, {x: "x", y1: "low", y2: "high", stroke: ({file}) => colour(file),
				strokeOpacity: 0.35, clip: true}),
			Plot.dot(inside, {x: "x", y: "y", r: 2, fill: ({file}) => colour(file), fillOpacity: 0.7}),
			Plot.ruleY(lines, {x1: "x1", x2: "x2", y: "y", stroke: ({file}) => colour(file), strokeWidth: 2,
				clip: true}),
			inside.length < dots.length ? Plot.text([`${dots.length - inside.length} outside the axis`],
				{frameAnchor: "bottom-right", dy: -6, fill: ink}) : null,
			Plot.tip(inside, Plot.pointer({x: "x", y: "y", title: "title", maxRadius: 16})),
		],
	});
}

// Sources that differ in their last part are named by what they have in common.
function commonPart(names) {
	const parents = new Set(names.map(name => name.slice(0, Math.max(name.lastIndexOf("/"), 0))));
	return names.length > 1 && parents.size === 1 ? [...parents][0] : names.join(", ");
}

// One file: how wide each benchmark's interval is. What lies to the right is trusted least.
export function trust(benchmarks, width) {
	const least = 0.05;
	const ticks = benchmarks.flatMap(({name, anchor, group, runs: [run]}) => {
		const estimate = run && run.count > 1 && headline(run);
		if (!estimate || !(estimate[0] > 0))
			return [];
		const half = (estimate[2] - estimate[1]) / 2 / estimate[0];
		return [{x: half * 100, group, anchor,
			title: `${name}\n${time(estimate[0])} ± ${digits(half * 100, 2)} %`}];
	});
	const groups = [...new Set(ticks.map(({group}) => group))];
	const left = 20 + 6.5 * Math.min(Math.max(...groups.map(group => group.length), 4), 14);
	const most = Math.max(10, ...ticks.map(({x}) => x)) * 1.08;
	const marks = [0.1, 0.3, 1, 3, 10, 30, 100, 300].filter(at => at <= most);
	return linked(Plot.plot({
		...base, width, height: 56 + 36 * groups.length, marginLeft: left, marginRight: 16, marginTop: 8,
		marginBottom: 38,
		x: {type: "log", domain: [least, most], clamp: true, ticks: marks, tickFormat: at => digits(at, 2),
			label: "half of the 95 % interval, % of the estimate", labelAnchor: "center",
			labelArrow: "none", grid: true},
		y: {label: null, domain: groups, padding: 0.28, tickSize: 0},
		marks: [
			Plot.tickX(ticks, {x: "x", y: "group", stroke: colour(0), strokeOpacity: 0.5, strokeWidth: 2,
				href: ({anchor}) => `#${anchor}`}),
			Plot.tickX(ticks, Plot.groupY({x: "median"},
				{x: "x", y: "group", stroke: "var(--ink)", strokeWidth: 2})),
			Plot.tip(ticks, Plot.pointer({x: "x", y: "group", title: "title", maxRadius: 24})),
		],
	}));
}

// Several files: every change against the first, in order of size, with its interval.
export function changes(benchmarks, width, files, threshold) {
	const dots = benchmarks.flatMap(({name, anchor, changes: all}) => (all ?? []).flatMap((change, i) => change ? [{
		name, anchor, file: i + 1, verdict: change.verdict, y: change.point * 100, low: change.low * 100,
		high: change.high * 100,
		title: `${name}\n${percent(change.point)} (${percent(change.low)} to ${percent(change.high)})\n`
			+ change.verdict,
	}] : []));
	const least = threshold * 300, reachOf = side => {
		const heights = dots.map(({y}) => y * side).filter(y => y > 0).sort((a, b) => a - b);
		return Math.max(heights[Math.floor(heights.length * 0.98)] * 1.2 || 0, least);
	};
	const low = -Math.min(reachOf(-1), 105), high = reachOf(1);
	for (const [file] of files.entries()) {
		dots.filter(dot => dot.file === file).sort((a, b) => a.y - b.y).forEach((dot, i) => { dot.x = i + 1; });
	}
	const clamp = value => Math.max(low, Math.min(high, value));
	const faceted = files.length > 2 ? {fy: ({file}) => files[file].letter} : {};
	return linked(Plot.plot({
		...base, width, height: files.length > 2 ? 60 + 170 * (files.length - 1) : 260, marginLeft: 52,
		marginRight: files.length > 2 ? 24 : 14, marginTop: 26, marginBottom: 34,
		x: {label: "benchmarks, from the largest gain to the largest loss", labelAnchor: "center",
			labelArrow: "none", ticks: [], domain: [0, Math.max(...dots.map(({x}) => x)) + 1]},
		y: {label: `change of time against ${files[0].letter}, %`, labelArrow: "none", grid: true, ticks: 6,
			domain: [low, high],
			tickFormat: value => value > 0 ? `+${value}` : `${value}`.replace("-", "−")},
		fy: {label: null},
		marks: [
			Plot.rect([0],
				{y1: -threshold * 100, y2: threshold * 100, fill: "var(--muted)", fillOpacity: 0.12}),
			Plot.ruleY([0], {stroke: "var(--muted)"}),
			Plot.ruleX(dots, {x: "x", y1: dot => clamp(dot.low), y2: dot => clamp(dot.high), ...faceted,
				stroke: ({verdict}) => verdictColour(verdict), strokeOpacity: 0.55}),
			Plot.dot(dots, {x: "x", y: ({y}) => clamp(y), ...faceted, r: 2.8,
				fill: ({verdict}) => verdictColour(verdict), href: ({anchor}) => `#${anchor}`,
				title: "title", tip: true}),
		],
	}));
}

const verdictColour = verdict =>
	({improved: "var(--good)", regressed: "var(--bad)", inconclusive: "var(--doubt)"})[verdict] ?? "var(--muted)";

// Links of a chart stay on the page.
function linked(plot) {
	for (const link of plot.querySelectorAll("a"))
		link.removeAttribute("target");
	return plot;
}
