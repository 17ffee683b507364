// Round steps of axes, evenly spaced on their scale.

/** The round step, 1, 2 or 5 times a power of ten, by which a span has at most so many parts. */
export function stepOf(span, most) {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9));
}

/** Multiples of the step from the one at or below low to the one at or above high. */
export function multiples(low, high, step) {
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
}
