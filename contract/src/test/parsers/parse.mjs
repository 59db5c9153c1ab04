// JSON.parse of each line (hex): the value in one spelling for all languages, or x.
import { createInterface } from 'node:readline';

function show(v) {
  if (v === null) return 'n';
  if (v === true || v === false) return v ? 't' : 'f';
  if (typeof v === 'number') {
    const b = Buffer.alloc(8);
    b.writeDoubleBE(v === 0 ? 0 : v);
    return '#' + b.toString('hex');
  }
  if (typeof v === 'string') return '"' + Buffer.from(v, 'utf8').toString('hex');
  if (Array.isArray(v)) return '[' + v.map(show).join(',') + ']';
  return '{' + Object.keys(v).map((k) => show(k) + ':' + show(v[k])).sort().join(',') + '}';
}

for await (const line of createInterface({ input: process.stdin })) {
  let out = 'x';
  try {
    out = show(JSON.parse(new TextDecoder('utf-8').decode(Buffer.from(line, 'hex'))));
  } catch {
    // Refused.
  }
  console.log(out);
}
