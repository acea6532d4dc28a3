// stdin: a JSON array of header field values; stdout: each as a list of [name, {parameters}], by a parser that is not ours
// (RFC 9651).  Exits with 1 at the first that is none.
import { readFileSync } from 'node:fs';
import { parseList } from 'structured-headers';

const lists = JSON.parse(readFileSync(0, 'utf8')).map((value) =>
  parseList(value).map(([item, parameters]) => [String(item), Object.fromEntries(parameters)]));
console.log(JSON.stringify(lists));
