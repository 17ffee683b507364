// Colours of Okabe and Ito, which the colour-blind tell apart, and shapes that tell the same. The colours are the style's, so
// that a change of scheme, or a printer, needs no new drawing.

export const colours = [1, 2, 3, 4, 5, 6].map((n) => `var(--series-${n})`);
export const shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];
const signs = ["\u25cf", "\u25a0", "\u25b2", "\u25c6", "\u271a", "\u25bc"];

/** How the settings that charts show are drawn, by their place. */
export const swatches = (names) =>
  names.map((name, place) => ({ name, colour: colours[place], shape: shapes[place], sign: signs[place] }));
