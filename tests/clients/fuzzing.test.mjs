// Asks the API everything that its document allows, and much that it forbids, with real ids of the demo organization: every
// check of schemathesis has to pass, and every operation has to have worked at least once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { root, start } from '../browser/headroom.mjs';
import { api, here, work } from './clients.mjs';

test('schemathesis finds nothing, and every operation worked', async (t) => {
  const headroom = await start();
  t.after(headroom.stop);
  await nameIds(api(headroom));
  const worked = new Set();
  const tally = join(root, 'target', 'tmp', 'tallies', 'schemathesis.json');
  rmSync(tally, { force: true });
  let tried = 0;
  // First each operation for itself, as often as the configuration says; then what leads to what, for a while.
  for (const [phases, ...limit] of [['examples,coverage,fuzzing'], ['stateful', '--max-time', '25']]) {
    const report = join(work, 'schemathesis.ndjson');
    const status = await run('st', ['--config-file', join(here, 'schemathesis.toml'), 'run', `${headroom.url}/openapi.json`,
      '--no-color', '--phases', phases, ...limit, '--report', 'ndjson', '--report-ndjson-path', report], {
      HOOKS: join(here, 'hooks.py'), HEADROOM_KEY: headroom.said.apiKey,
    });
    assert.equal(status, 0, `schemathesis found something (${phases}); see above`);
    tried += await note(report, worked);
  }
  // It found nothing in as many calls: for the table of docs/reliability.md.
  mkdirSync(dirname(tally), { recursive: true });
  writeFileSync(tally, JSON.stringify({ what: 'API calls that a fuzzer made of the document', tried, through: 0, test: 'tests/clients/fuzzing.test.mjs' }));
  const { paths } = await (await fetch(`${headroom.url}/openapi.json`)).json();
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  assert.deepEqual(operations.filter((operation) => !worked.has(operation)), [], 'these were only ever refused');
});

/** Writes down the ids and addresses that paths and bodies are to have, and makes some that may go. */
async function nameIds({ get, post }) {
  const ids = join(work, 'ids');
  mkdirSync(ids, { recursive: true });
  const keep = (name, values) => writeFileSync(join(ids, name), values.map((value) => `"${value}"\n`).join(''));
  const some = (make) => Promise.all(Array.from({ length: 6 }, (_, nth) => make(`${nth}@guests.example`)));

  const { invites } = await get('/invites');
  const { members: [{ modelId }] } = await get('/team/finished');
  keep('invited', invites.map((invite) => invite.email));
  keep('people', (await get('/team')).members.map((member) => member.email));
  keep('models', [modelId]);
  keep('photos', (await get(`/models/${modelId}/photos`)).photos.map((photo) => photo.id));
  keep('guests', await some(async (email) => (await post('/whitelabel/model/create', { email: `guest${email}` })).modelId));
  keep('guests-for-a-while', await some(async (email) => (await post('/models', { email: `short${email}` })).modelId));
  keep('models-for-a-while', await some(async (email) => (await post('/models', { email: `brief${email}` })).modelId));
  keep('people-for-a-while', await some(async (email) => (await post('/members', { name: 'Max', email: `max${email}` })).member.email));
  keep('invited-for-a-while', await some(async (email) => (await post('/invites', { email: `ina${email}` })).input.email));
  keep('invited-for-a-while-v1', await some(async (email) => (await post('/invites', { email: `ira${email}` })).input.email));
  keep('invites', await some(async (email) => (await post('/invites', { email: `ivo${email}` })).id));
}

function run(program, args, env) {
  // It leaves its notes where it is started.
  const child = spawn(program, args, { cwd: work, env: { ...process.env, ...env }, stdio: 'inherit' });
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
}

/** Adds the operations that were answered 200 at least once, and returns how many calls there were. */
async function note(report, worked) {
  let calls = 0;
  for await (const line of createInterface({ input: createReadStream(report) })) {
    const { cases = {}, interactions = {} } = JSON.parse(line).ScenarioFinished?.recorder ?? {};
    calls += Object.keys(interactions).length;
    for (const [id, { response }] of Object.entries(interactions)) {
      const { method, path } = cases[id]?.value ?? {};
      if (response?.status_code === 200) worked.add(`${method} ${path}`);
    }
  }
  return calls;
}
