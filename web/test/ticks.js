// Holds the ticks of drawn ranges against what they are for; prints what is wrong, exit code 1 if anything is.
import { multiples, stepOf } from "../src/ticks.js";

const faults = [];
const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

let state = 1;
const drawn = () => (state = (state * 48271) % 2147483647) / 2147483647;

for (let n = 0; n < 2000; n++) {
  const [from, span] = [20 * (drawn() - 0.7), 10 ** (4 * drawn() - 3)];
  const step = stepOf(span, 3);
  const values = multiples(from, from + span, step);
  const told = `${from} to ${from + span}: ${values}`;
  if (![1, 2, 5].some((digit) => near(step / 10 ** Math.floor(Math.log10(step * (1 + 1e-9))), digit))) faults.push(`${told}: no round step`);
  if (values[0] > from + 1e-6 * step || values.at(-1) < from + span - 1e-6 * step) faults.push(`${told}: not within`);
  if (values.length < 2 || values.length > 5) faults.push(`${told}: ${values.length} ticks`);
}

for (const fault of faults.slice(0, 20)) console.log(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
