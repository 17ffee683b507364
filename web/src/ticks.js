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

const decades = (low, high) => {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => 10 ** (first + n));
};

/** For positive values on a logarithmic scale: the tens where three of them lie within, else doublings or fourfolds around. */
export function logTicks(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const tens = decades(low, high);
  if (tens.length >= 3) return { domain: [low, high], values: tens };
  const base = low < 5 ? 1 : 5;
  const ratio = high / low <= 64 ? 2 : 4;
  const power = (value) => Math.log(value / base) / Math.log(ratio);
  const [first, last] = [Math.floor(power(low) + 1e-9), Math.max(Math.ceil(power(high) - 1e-9), Math.floor(power(low)) + 1)];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => base * ratio ** (first + n));
  return { domain: [ticks[0], ticks.at(-1)], values: ticks };
}
