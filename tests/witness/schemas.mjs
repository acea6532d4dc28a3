// Pairs of schemas, and values that a schema declares; the same for the same seed.

export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = n => Math.floor(next() * n);
  return { below, one: list => list[below(list.length)], chance: p => next() < p };
}

const NAMES = ['a', 'b', 'c', 'k'];
const WORDS = ['', 'a', 'b', 'ab', 'abc', 'x1', '12', 'zz', 'a-b', '2026-01-31', 'long enough'];
const PATTERNS = ['^a', 'b$', '^[a-c]*$', '^\\d+$', '^[a-z]{1,3}$', '^(ab|c)+$', '[0-9]', '^.{2,}$'];
const FORMATS = ['date', 'uuid', 'ipv4', 'date-time'];
const clone = value => JSON.parse(JSON.stringify(value));

function number(r, integer) {
  const out = { type: integer ? 'integer' : 'number' };
  if (r.chance(0.4)) out.minimum = r.below(8) - 3;
  if (r.chance(0.4)) out.maximum = 2 + r.below(10);
  if (r.chance(0.2)) out.multipleOf = r.one(integer ? [2, 3, 5] : [0.5, 0.25, 2]);
  return out;
}

function string(r) {
  const out = { type: 'string' };
  if (r.chance(0.3)) out.minLength = r.below(4);
  if (r.chance(0.3)) out.maxLength = 1 + r.below(6);
  if (r.chance(0.35)) out.pattern = r.one(PATTERNS);
  else if (r.chance(0.15)) out.format = r.one(FORMATS);
  return out;
}

function array(r, depth, old) {
  const out = { type: 'array' };
  if (r.chance(0.8)) out.items = schema(r, depth - 1, old);
  if (r.chance(0.3)) out.minItems = r.below(3);
  if (r.chance(0.3)) out.maxItems = 1 + r.below(3);
  if (r.chance(0.2)) out.uniqueItems = true;
  if (!old && r.chance(0.15)) out.contains = schema(r, depth - 1, old);
  if (!old && r.chance(0.15)) out.prefixItems = [schema(r, depth - 1, old)];
  return out;
}

function object(r, depth, old) {
  const out = { type: 'object', properties: {} };
  for (const name of NAMES) if (r.chance(0.5)) out.properties[name] = schema(r, depth - 1, old);
  const known = Object.keys(out.properties);
  const required = known.filter(() => r.chance(0.3));
  if (required.length) out.required = required;
  if (r.chance(0.25)) out.additionalProperties = r.chance(0.6) ? false : schema(r, depth - 1, old);
  if (r.chance(0.1)) out.minProperties = r.below(3);
  if (r.chance(0.1)) out.maxProperties = 1 + r.below(3);
  if (!old && known.length > 1 && r.chance(0.1)) out.dependentRequired = { [known[0]]: [known[1]] };
  if (r.chance(0.1)) out.patternProperties = { '^x': schema(r, depth - 1, old) };
  if (!old && r.chance(0.05)) out.propertyNames = { maxLength: 1 };
  return out;
}

function union(r, depth, old) {
  const many = () => Array.from({ length: 2 + r.below(2) }, () => schema(r, depth - 1, old));
  const kind = r.below(old ? 4 : 5);
  if (kind === 0) return { anyOf: many() };
  if (kind === 1) return { oneOf: many() };
  if (kind === 2) return { allOf: [schema(r, depth - 1, old), schema(r, 0, old)] };
  if (kind === 3) return { ...schema(r, 0, old), not: schema(r, 0, old) };
  return { ...schema(r, 0, old), if: schema(r, 0, old), then: schema(r, 0, old) };
}

export function schema(r, depth, old) {
  const kind = r.below(depth > 0 ? 11 : 6);
  if (kind === 0) return { enum: [...new Set(Array.from({ length: 1 + r.below(4) }, () => r.one([...WORDS, 0, 1, 2, true, null])))] };
  if (kind === 1) return { type: r.one(['boolean', 'null']) };
  if (kind === 2) return number(r, true);
  if (kind === 3) return number(r, false);
  if (kind <= 5) return string(r);
  if (kind <= 7) return object(r, depth, old);
  if (kind === 8) return array(r, depth, old);
  return union(r, depth, old);
}

// One small change somewhere.
export function changed(r, from, depth, old) {
  const out = clone(from);
  const keys = Object.keys(out);
  const key = r.one(keys);
  const value = out[key];
  if (r.chance(0.15)) return { allOf: [out] };
  if (r.chance(0.1)) return { anyOf: [out, schema(r, 0, old)] };
  if (key === 'properties' && Object.keys(value).length) {
    const name = r.one(Object.keys(value));
    if (r.chance(0.2)) delete value[name];
    else value[name] = changed(r, value[name], depth - 1, old);
  } else if (Array.isArray(value) && typeof value[0] === 'object' && value[0]) {
    const at = r.below(value.length);
    if (r.chance(0.3) && value.length > 1) value.splice(at, 1);
    else value[at] = changed(r, value[at], depth - 1, old);
  } else if (key === 'enum' && value.length > 1 && r.chance(0.5)) {
    value.pop();
  } else if (key === 'required') {
    if (value.length > 1) value.pop();
    else delete out.required;
  } else if (typeof value === 'number' && key !== 'multipleOf') {
    out[key] = Math.max(key.startsWith('m') && key.length > 7 ? 0 : -9, value + r.one([-1, 1]));
  } else if (value && typeof value === 'object' && !Array.isArray(value) && ['items', 'additionalProperties', 'not', 'contains'].includes(key)) {
    out[key] = changed(r, value, depth - 1, old);
  } else if (key !== 'type' && r.chance(0.5)) {
    delete out[key];
  } else if (out.type === 'string') {
    out.maxLength = r.below(6);
  } else if (out.type === 'object') {
    out.required = [r.one(NAMES)];
  }
  return Object.keys(out).length ? out : schema(r, 0, old);
}

// The schema without members that an alternative does not declare itself (docs/CONTAINMENT.md).
export function closed(schema, part = false) {
  if (typeof schema !== 'object' || schema === null) return schema;
  const out = { ...schema };
  for (const key of ['anyOf', 'oneOf']) if (out[key]) out[key] = out[key].map(one => closed(one));
  if (out.allOf) out.allOf = out.allOf.map(one => closed(one, true));
  for (const key of ['items', 'additionalProperties', 'contains']) if (out[key]) out[key] = closed(out[key]);
  for (const key of ['properties', 'patternProperties'])
    if (out[key]) out[key] = Object.fromEntries(Object.entries(out[key]).map(([name, one]) => [name, closed(one)]));
  if (out.properties && out.additionalProperties === undefined && !part && !out.then) out.additionalProperties = false;
  return out;
}

// What schemas at one place say: all that may speak of it.
function parts(list) {
  const out = [];
  for (const one of list) {
    if (typeof one !== 'object' || one === null) continue;
    out.push(one, ...parts([...(one.allOf ?? []), ...(one.anyOf ?? []), ...(one.oneOf ?? []), one.then].filter(Boolean)));
  }
  return out;
}

// A value that the schemas may accept, of declared members only; often they do not.
export function value(r, list, depth = 4) {
  const all = parts(list);
  const listed = all.filter(s => s.enum);
  if (listed.length && r.chance(0.8)) return r.one(r.one(listed).enum);
  const types = all.map(s => s.type).filter(Boolean);
  const type = types.length && r.chance(0.95) ? r.one(types) : r.one(['string', 'integer', 'boolean', 'null', 'number']);
  if (type === 'null') return null;
  if (type === 'boolean') return r.chance(0.5);
  if (type === 'integer') return r.below(16) - 4;
  if (type === 'number') return (r.below(64) - 16) / 4;
  if (type === 'string') return r.one([...WORDS, 'c', 'abab', 'aaaa', '123e4567-e89b-12d3-a456-426614174000', '192.0.2.1', '2026-01-31T12:00:00Z']);
  if (depth === 0) return type === 'array' ? [] : {};
  if (type === 'array') {
    const items = all.flatMap(s => [s.items, s.contains, ...(s.prefixItems ?? [])]).filter(Boolean);
    return Array.from({ length: r.below(4) }, () => value(r, items.length ? [r.one(items)] : [{}], depth - 1));
  }
  const out = {};
  for (const s of all)
    for (const [name, property] of Object.entries(s.properties ?? {}))
      if (r.chance(s.required?.includes(name) ? 0.97 : 0.5)) out[name] = value(r, [property], depth - 1);
  for (const s of all) {
    if (s.additionalProperties && r.chance(0.4)) out[r.one([...NAMES, 'other'])] = value(r, [s.additionalProperties], depth - 1);
    if (s.patternProperties && r.chance(0.4)) out['x' + r.one(['', '1'])] = value(r, Object.values(s.patternProperties), depth - 1);
  }
  return out;
}
