// Keeps the code that V8 makes of the joined program beside it, all of it and for this very Node (bin/load-program.js). The last step of `npm run build`.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { codeFileOf, scriptOf, setFlags } from '../bin/load-program.js';

setFlags();
const program = path.join(import.meta.dirname, '../dist/program');
const files = readdirSync(program).filter((name) => name.endsWith('.js'));
// functions that are not called at once too
setFlagsFromString('--no-lazy');
const scripts = files.map((name) => [path.join(program, name), scriptOf(path.join(program, name))]);
// code is kept with the flags of now, and taken with the same ones only
setFlagsFromString('--lazy');
for (const [file, script] of scripts) {
  const code = codeFileOf(file);
  mkdirSync(path.dirname(code), { recursive: true });
  writeFileSync(code, script.createCachedData());
}
