// SPDX-License-Identifier: Apache-2.0
// Pure statistics for drawing: quantiles, the extent of an axis, a kernel density estimate. No estimate that is shown
// as a number comes from here.

export function quantile(sorted, share) {
	const at = (sorted.length - 1) * share, below = Math.floor(at);
	return sorted[below] + (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]) * (at - below);
}

export const ascending = values => Float64Array.from(values).sort();

// From the least to the largest value, but for what lies further than `reach` interquartile ranges outside
// the quartiles: a sample of 9 ms must not press the others' 3 ns into one pixel. What is left out is
// counted, for the chart to say.
export function extent(samples, reach = 6) {
	let low = Infinity, high = -Infinity;
	for (const values of samples) {
		const sorted = ascending(values), first = quantile(sorted, 0.25), third = quantile(sorted, 0.75);
		const room = Math.max(third - first, Math.abs(third) * 1e-4) * reach;
		low = Math.min(low, Math.max(sorted[0], first - room));
		high = Math.max(high, Math.min(sorted[sorted.length - 1], third + room));
	}
	const pad = (high - low) * 0.06 || Math.abs(high) * 0.01 || 1;
	return [Math.max(low - pad, 0), high + pad];
}

// Gaussian kernel, bandwidth by Silverman's rule of thumb (Density Estimation, 1986, eq. 3.31), evaluated at `count`
// points of the domain.
export function density(values, [low, high], count = 160) {
	const sorted = ascending(values), n = sorted.length;
	const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
	const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(n - 1, 1));
	const range = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
	const spread = Math.min(deviation, range > 0 ? range : deviation);
	const width = Math.max(0.9 * spread * n ** -0.2, (high - low) / count);
	return Array.from({length: count + 1}, (_, i) => {
		const x = low + (high - low) * i / count;
		let sum = 0;
		for (const value of sorted)
			sum += Math.exp(-0.5 * ((x - value) / width) ** 2);
		return {x, y: sum / (n * width * Math.sqrt(2 * Math.PI))};
	});
}
