// SPDX-License-Identifier: Apache-2.0
// Which benchmarks form a line over sizes: names that differ in one part only, a number with or without a unit of
// memory. `16KiB`, `16 KiB` and `1000` are sizes; `256bit` is a width of registers, hence a series.

const scale = {"": 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9, k: 1e3, m: 1e6};

export function sizeOf(part) {
	const match = /^(\d+(?:\.\d+)?) ?([KMG]i?B?|B)?$/i.exec(part);
	const factor = match && scale[(match[2] ?? "").toLowerCase()];
	return factor ? Number(match[1]) * factor : null;
}

function place(name) {
	const parts = name.split("/"), at = parts.findIndex((part, i) => i > 0 && sizeOf(part) > 0);
	return at < 0 ? null : {family: parts.slice(0, at).join("/"), series: parts.slice(at + 1).join("/"),
		size: sizeOf(parts[at]), label: parts[at]};
}

function pointOf(benchmark, run, file, rate) {
	const [point, low, high] = run.figure;
	const flip = ns => run.units * 1e9 / ns;
	const limit = run.limit > 0 ? {value: rate ? run.limit : run.units * 1e9 / run.limit,
		source: run.limitSource || "hardware"} : null;
	return {name: benchmark.name, file, value: rate ? flip(point) : point, low: rate ? flip(high) : low,
		high: rate ? flip(low) : high, limit};
}

const sizesOf = members => new Set(members.map(({size}) => size)).size;
const seriesOf = members => [...new Set(members.map(({series}) => series))];

// Sibling families share a chart, their last parts as series, as long as its lines can be told apart.
function merged(found) {
	const parents = new Map(), most = 6;
	for (const [name, members] of found) {
		const at = name.lastIndexOf("/"), parent = name.indexOf("/") < at ? name.slice(0, at) : name;
		parents.set(parent, [...parents.get(parent) ?? [],
			{name, last: name.slice(parent.length + 1), members}]);
	}
	return [...parents].flatMap(([parent, children]) => {
		const unit = ({benchmark}) => benchmark.latency ? "latency" : benchmark.runs.find(Boolean).unit;
		const all = children.flatMap(({last, members}) =>
			members.map(member => ({...member, series: [last, member.series].filter(Boolean).join("/")})));
		const alike = new Set(all.map(unit)).size === 1 && seriesOf(all).length <= most;
		return children.length > 1 && alike
			? [[parent, all]] : children.map(({name, members}) => [name, members]);
	});
}

// Families of at least three sizes, in the order of the file; those of fewer are left to their own cards.
export function families(benchmarks, placeOf = place) {
	const found = new Map();
	for (const benchmark of benchmarks) {
		const where = placeOf(benchmark.name);
		if (where && benchmark.runs.some(run => run && run.count > 1))
			found.set(where.family, [...found.get(where.family) ?? [], {...where, benchmark}]);
	}
	return merged([...found].filter(([, members]) => sizesOf(members) >= 3)).map(([name, members]) => {
		const runs = members.flatMap(({benchmark}) =>
			benchmark.runs.filter(run => run && run.count > 1));
		const unit = runs[0].unit;
		// What waits for the one before it has a latency: its inverse would be no throughput.
		const waits = members.some(({benchmark}) => benchmark.latency);
		const rate = !waits && unit && runs.every(run => run.unit === unit && run.units > 0) ? unit : "";
		const series = seriesOf(members);
		const points = members.flatMap(({benchmark, size, label, series: one}) =>
			benchmark.runs.flatMap((run, file) => run && run.count > 1
				? [{...pointOf(benchmark, run, file, rate), size, label, series: series.indexOf(one)}]
				: []));
		points.sort((a, b) => a.size - b.size);
		return {name, series, points, rate, over: members[0].over};
	});
}
