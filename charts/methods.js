// SPDX-License-Identifier: Apache-2.0
// profile.json drawn: of each operation the time of every method over size, the choice as bands behind it, the ratio to
// the built-in method, and what its widths cost their neighbours. The file is a stranger's: what is no number is no
// point.
import * as Plot from "@observablehq/plot";

import {base, colour, ink} from "./looks.js";
import {percent, sizeText, time} from "./units.js";

const list = value => Array.isArray(value) ? value : [];
const word = value => typeof value === "string" ? value : "";
const positive = value => Number.isFinite(value) && value > 0;

function pointsOf(sizes, method, index, curve) {
	const cold = curve.heat !== "L1";
	return sizes.flatMap((size, i) => {
		const [ns, point, low, high] = ["ns", "ratio", "lower", "upper"].map(name => list(curve[name])[i]);
		const at = Math.log2(size), ratio = positive(point) ? point : null;
		return positive(ns) ? [{size, at, ns, ratio, low, high, method, index, cold}] : [];
	});
}

// What can be drawn: aligned operands, in the first-level cache and cold.
export function familyOf(operation, use) {
	const sizes = list(operation?.sizes).filter(positive);
	if (operation?.measured !== true || sizes.length === 0)
		return [];
	const methods = list(operation.methods).filter(Boolean);
	const points = methods.flatMap((method, index) => list(method.curves).filter(Boolean)
		.filter(({heat, place}) => place === "aligned" && (heat === "L1" || heat === "cold"))
		.flatMap(curve => pointsOf(sizes, word(method.name), index, curve)));
	if (points.length === 0)
		return [];
	const names = methods.map(({name}) => word(name)), [least, most] = [sizes[0], sizes[sizes.length - 1]];
	const bands = list(operation.choices?.[use]?.bands).filter(Boolean).map(band => ({
		from: Math.max(band.from || least, least), to: Math.min(band.below || most, most),
		method: word(band.method), basis: word(band.basis), index: names.indexOf(band.method),
	})).filter(({from, to}) => from < to || sizes.length === 1);
	const widths = [...new Set(bands.map(({index}) => word(methods[index]?.width)))];
	return [{name: word(operation.name), built: word(operation.built_in), names, sizes, points, bands, widths}];
}

// The first method is the scalar one.
export const tone = index => index > 0 ? colour(index - 1) : ink;

const shade = bands => Plot.rect(bands, {x1: ({from}) => Math.log2(from), x2: ({to}) => Math.log2(to),
	fill: ({index}) => tone(index), fillOpacity: 0.14});

function sizeAxis({sizes}, width) {
	const first = Math.ceil(Math.log2(sizes[0])), last = Math.floor(Math.log2(sizes[sizes.length - 1]));
	const step = Math.max(1, Math.ceil((last - first + 1) * 58 / width));
	const ticks = Array.from({length: Math.floor((last - first) / step) + 1}, (_, i) => first + i * step);
	return {domain: [Math.log2(sizes[0]), Math.log2(sizes[sizes.length - 1])], ticks,
		tickFormat: at => sizeText(2 ** at)};
}

function titleOf({method, size, ns, ratio, low, high, cold}) {
	const against = ratio === null ? "" : `\n${percent(ratio - 1)} (${percent(low - 1)} to ${percent(high - 1)})`;
	return `${method}, ${sizeText(size)}${cold ? ", cold" : ""}\n${time(ns)} a call${against}`;
}

// Powers of ten, or both ends where there are too few.
function tens([least, most]) {
	const first = Math.ceil(Math.log10(least)), last = Math.floor(Math.log10(most));
	const all = Array.from({length: Math.max(last - first + 1, 0)}, (_, i) => 10 ** (first + i));
	return all.length < 2 ? [least / 0.8, most / 1.25] : all;
}

// Bands that are wide enough for their method's name.
const named = ({bands, sizes}, width) => bands.filter(({from, to, method}) =>
	Math.log2(to / from) / Math.log2(sizes[sizes.length - 1] / sizes[0]) * (width - 84) > 7 * method.length);

const stroke = ({index}) => tone(index), fill = stroke;
const margins = {marginLeft: 60, marginRight: 24};
const centred = {labelAnchor: "center", labelArrow: "none"};

function timeAxis(dots) {
	const domain = [Math.min(...dots.map(({ns}) => ns)) * 0.8, Math.max(...dots.map(({ns}) => ns)) * 1.25];
	return {type: "log", domain, ticks: tens(domain), tickFormat: ns => time(ns),
		label: "time a call (logarithmic)", labelArrow: "none"};
}

export function methodTimes(family, width) {
	const dots = family.points.map(point => ({...point, title: titleOf(point)}));
	return family.sizes.length > 1 ? timesOverSize(family, dots, width) : timesOfOne(family, dots, width);
}

// A row a method.
function timesOfOne({bands, names}, dots, width) {
	const axis = timeAxis(dots), [x1, x2] = axis.domain, chosen = bands.filter(({index}) => index >= 0);
	return Plot.plot({
		...base, width, height: 60 + 24 * names.length, marginLeft: 84, marginRight: 24, marginTop: 10,
		marginBottom: 38, x: {...axis, ...centred}, y: {label: null, domain: names, tickSize: 0, grid: true},
		marks: [
			Plot.barX(chosen, {y: "method", x1, x2, fill, fillOpacity: 0.14}),
			Plot.dot(dots.filter(({cold}) => cold), {x: "ns", y: "method", r: 4, stroke}),
			Plot.dot(dots.filter(({cold}) => !cold), {x: "ns", y: "method", r: 4, fill}),
			Plot.tip(dots, Plot.pointer({x: "ns", y: "method", title: "title", maxRadius: 24})),
		],
	});
}

// A line a method.
function timesOverSize(family, dots, width) {
	const over = {x: "at", y: "ns", z: "method"};
	const hot = dots.filter(({cold}) => !cold), cold = dots.filter(point => point.cold);
	return Plot.plot({
		...base, ...margins, width, height: 240, marginTop: 26, marginBottom: 24,
		x: {...sizeAxis(family, width), label: null}, y: {...timeAxis(dots), grid: true},
		marks: [
			shade(family.bands),
			Plot.text(named(family, width), {x: ({from, to}) => Math.log2(from * to) / 2, text: "method",
				frameAnchor: "top", dy: 4, lineAnchor: "top", fill: ink}),
			Plot.line(cold, {...over, stroke, strokeWidth: 0.8, strokeDasharray: "2 3"}),
			Plot.line(hot, {...over, stroke, strokeWidth: 1.6}),
			Plot.dot(hot, {...over, r: 1.8, fill}),
			Plot.tip(dots, Plot.pointer({x: "at", y: "ns", title: "title", maxRadius: 24})),
		],
	});
}

// In the first-level cache.
export function methodRatios(family, width) {
	const least = 0.5, most = 1.5;
	const dots = family.points.filter(({cold, ratio}) => !cold && ratio !== null)
		.map(point => ({...point, title: titleOf(point)}));
	const sure = dots.filter(({low, high}) => positive(low) && positive(high));
	const inside = dots.filter(({ratio}) => ratio >= least && ratio <= most);
	return Plot.plot({
		...base, ...margins, width, height: 170, marginTop: 22, marginBottom: 38,
		x: {...sizeAxis(family, width), ...centred, label: "size (logarithmic)"},
		y: {domain: [least, most], label: `time against ${family.built}, built in`, labelArrow: "none",
			grid: true, ticks: 4},
		marks: [
			shade(family.bands),
			Plot.ruleY([1], {stroke: ink}),
			Plot.ruleX(sure, {x: "at", y1: "low", y2: "high", stroke, strokeOpacity: 0.5, clip: true}),
			Plot.line(dots, {x: "at", y: "ratio", z: "method", stroke, strokeWidth: 1.4, clip: true}),
			Plot.tip(inside, Plot.pointer({x: "at", y: "ratio", title: "title", maxRadius: 24})),
		],
	});
}

// Of each width the worst of all duties and bursts, by its interval's end.
export function pricesOf(price) {
	return list(price?.arms).filter(arm => arm && arm.width !== "none").flatMap(({width, cells}) => {
		const found = list(cells).map(cell => cell?.during)
			.filter(during => during && [during.point, during.lower, during.upper].every(positive));
		const worst = found.sort((a, b) => b.upper - a.upper)[0];
		return worst ? [{width: word(width), point: (worst.point - 1) * 100, low: (worst.lower - 1) * 100,
			high: (worst.upper - 1) * 100}] : [];
	});
}

// The widths that the operation's choice uses are drawn full, others faint.
export function methodPrice({widths, prices}, width) {
	const opacity = ({width: one}) => widths.includes(one) ? 1 : 0.35, tall = Math.max(prices.length, 1);
	const most = Math.max(3, ...prices.map(({high}) => high)), least = Math.min(-1, ...prices.map(({low}) => low));
	return Plot.plot({
		...base, width, height: 50 + 30 * tall, marginLeft: 52, marginRight: 10, marginTop: 6, marginBottom: 38,
		x: {...centred, domain: [least, most], label: "additions, % slower", ticks: 3, grid: true},
		y: {label: null, domain: prices.map(one => one.width), tickSize: 0, tickFormat: one => `${one} bit`},
		marks: [
			Plot.ruleX([0], {stroke: ink}),
			Plot.ruleY(prices, {y: "width", x1: "low", x2: "high", stroke: "var(--ink)",
				strokeOpacity: opacity}),
			Plot.dot(prices, {y: "width", x: "point", r: 3.5, fill: "var(--ink)", fillOpacity: opacity}),
			prices.length === 0 ? Plot.text(["not measured"], {frameAnchor: "middle", fill: ink}) : null,
		],
	});
}
