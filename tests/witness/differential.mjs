// usage: node differential.mjs CONTAIN_BATCH [pairs] [seed]
//
// What containment says of generated pairs of schemas is held against ajv: each witness must be
// accepted by the old schema and refused by the new one; where it says "contained", sampled
// values of the old schema must be accepted by the new one.
import { spawnSync } from 'node:child_process';
import Ajv2020 from 'ajv/dist/2020.js';
import Ajv04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { changed, closed, random, schema, value } from './schemas.mjs';

const [program, pairs = '3000', seed = '1'] = process.argv.slice(2);
const SAMPLES = 60;
const cases = [];

for (let i = 0; i < Number(pairs); i++) {
  const r = random(Number(seed) * 1000003 + i);
  const dialect = i % 4 === 3 ? '4' : '2020-12';
  const old = schema(r, 3, dialect === '4');
  const next = r.chance(0.8) ? changed(r, old, 3, dialect === '4') : schema(r, 2, dialect === '4');
  cases.push({ old, new: next, dialect, r });
}
const run = spawnSync(program, {
  input: cases.map(({ old, new: next, dialect }) => JSON.stringify({ old, new: next, dialect })).join('\n') + '\n',
  maxBuffer: 1 << 28, encoding: 'utf8',
});
if (run.status !== 0) {
  console.error(run.stderr);
  process.exit(2);
}
const answers = run.stdout.trim().split('\n').map(line => JSON.parse(line));
const counts = { contained: 0, 'not contained': 0, unknown: 0 };
const causes = {};
let samples = 0, wrong = 0;

function complain(what, one, answer, found) {
  wrong++;
  if (wrong <= 10)
    console.log(`DISAGREE ${what} (${one.dialect})\n  old ${JSON.stringify(one.old)}\n  new ${JSON.stringify(one.new)}\n  ${answer.verdict} ${JSON.stringify(found)}`);
}

function compiled(one) {
  const Ajv = one.dialect === '4' ? Ajv04 : Ajv2020;
  const ajv = addFormats(new Ajv({ strict: false, allErrors: false, logger: false }));
  return [ajv.compile(one.old), ajv.compile(one.new), ajv.compile(closed(one.old))];
}

for (const [i, one] of cases.entries()) {
  const answer = answers[i];
  counts[answer.verdict]++;
  if (answer.verdict === 'unknown') {
    causes[answer.cause] = (causes[answer.cause] ?? 0) + 1;
    continue;
  }
  const [old, next, declared] = compiled(one);
  if (answer.verdict === 'not contained') {
    if (!old(answer.witness)) complain('the old schema refuses the witness', one, answer, answer.witness);
    if (next(answer.witness)) complain('the new schema accepts the witness', one, answer, answer.witness);
    continue;
  }
  for (let k = 0; k < SAMPLES; k++) {
    const found = value(one.r, [one.old]);
    if (!old(found) || !declared(found)) continue;
    samples++;
    if (next(found)) continue;
    complain('the new schema refuses a value', one, answer, found);
    break;
  }
}
console.log(`${cases.length} pairs: ${JSON.stringify(counts)}, ${samples} samples of contained schemas, ${wrong} disagreements`);
for (const [cause, count] of Object.entries(causes).sort((a, b) => b[1] - a[1])) console.log(`  unknown ${count}: ${cause}`);
process.exit(wrong ? 1 : 0);
