// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: one unit for a whole axis, as many digits as tell the values apart.

const times = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"], [1e-3, "ps"]];

// The unit in which the largest of an axis's times, in nanoseconds, has one to three digits before the point.
export function timeUnit(ns) {
	const [scale, name] = times.find(([least]) => Math.abs(ns) >= least) ?? times[times.length - 1];
	return {scale, name};
}

export function rateUnit(perSecond, unit) {
	const binary = unit === "bytes";
	const steps = binary ? [[2 ** 30, "GiB/s"], [2 ** 20, "MiB/s"], [2 ** 10, "KiB/s"], [1, "B/s"]]
		: [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]]
			.map(([least, prefix]) => [least, `${prefix} ${unit}/s`.trim()]);
	const [scale, name] = steps.find(([least]) => perSecond >= least) ?? steps[steps.length - 1];
	return {scale, name};
}

export function digits(number, significant = 4) {
	if (!Number.isFinite(number))
		return "–";
	const whole = Math.floor(Math.log10(Math.abs(number) || 1)) + 1;
	return number.toLocaleString("en",
		{minimumFractionDigits: 0, maximumFractionDigits: Math.min(Math.max(significant - whole, 0), 9)});
}

export function time(ns, significant = 4) {
	const unit = timeUnit(ns);
	return `${digits(ns / unit.scale, significant)} ${unit.name}`;
}

export function percent(share, significant = 3) {
	const text = digits(Math.abs(share) * 100, significant);
	return `${share < 0 ? "−" : share > 0 ? "+" : ""}${text} %`;
}

// Of bytes: "48 KiB".
export function sizeText(bytes) {
	const [scale, name] = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]]
		.find(([least]) => bytes >= least) ?? [1, "B"];
	return `${digits(bytes / scale, 3)} ${name}`;
}
