// Makes both clients from the document that a running server serves, checks their types, and lets each speak to the server.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { start } from '../browser/headroom.mjs';
import { here, work } from './clients.mjs';

let headroom;
before(async () => {
  headroom = await start();
  for (const made of ['typescript', 'headroom-client']) rmSync(join(work, made), { recursive: true, force: true });
  run(join(here, 'generate'), [`${headroom.url}/openapi.json`, work]);
});
after(() => headroom?.stop());

function run(program, args, { cwd = work, env = {} } = {}) {
  const reached = { HEADROOM_URL: headroom.url, HEADROOM_KEY: headroom.said.apiKey };
  execFileSync(program, args, { cwd, env: { ...process.env, ...reached, ...env }, stdio: 'inherit' });
}

test('the TypeScript client compiles strictly, and works', () => {
  const cwd = join(work, 'typescript');
  for (const file of ['smoke.ts', 'tsconfig.json']) cpSync(join(here, file), join(cwd, file));
  cpSync(join(here, 'package.json'), join(cwd, 'package.json'));
  run('tsc', [], { cwd });
  run('node', ['compiled/smoke.js'], { cwd });
});

test('the Python client is typed to the last line, and works', () => {
  const env = { PYTHONPATH: join(work, 'headroom-client') };
  run('mypy', ['--strict', '--no-error-summary', join(work, 'headroom-client', 'headroom_api_client'), join(here, 'smoke.py')], { env });
  run('python', [join(here, 'smoke.py')], { env });
});
