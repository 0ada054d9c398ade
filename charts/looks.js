// SPDX-License-Identifier: Apache-2.0
// What all charts share. Colours are variables of the style sheet, so that a change between light and dark needs no
// drawing.
export const colour = index => `var(--series-${index % 6})`;

export const base = {style: {background: "none", fontFamily: "inherit", fontSize: "12px", overflow: "visible"}};
export const ink = "var(--muted)", line = "var(--line)";
