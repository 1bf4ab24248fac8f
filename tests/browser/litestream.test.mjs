// The real Litestream beside a server that is written to: both are cut off, and its replica has every row that was answered.
// Installed with the other suites' Python packages, or named by LITESTREAM; without it, this says so and is skipped.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { command, directory, root, start, until } from './headroom.mjs';

const litestream = process.env.LITESTREAM ?? join(root, 'target', 'ci', 'python', 'bin', 'litestream');
const skip = existsSync(litestream) ? false : `there is no ${litestream}`;

const children = new Set();
after(() => { for (const child of children) child.kill('SIGKILL'); });

/** Litestream replicating a database to a directory, as docs/backup.md says. */
function replicate(database, replica) {
  const child = spawn(litestream, ['replicate', database, `file://${replica}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve)).finally(() => children.delete(child));
  return async (signal) => { child.kill(signal); return ended; };
}

test('what Litestream replicated is restored with every row that was answered', { skip }, async () => {
  const [data, elsewhere] = [directory(), directory()];
  const replica = join(elsewhere.path, 'replica');
  command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '5000');
  const { apiKey } = command(data.path, 'key', 'create', '--org', 'Acme');
  const headroom = await start({ args: ['serve', '--data', data.path], env: { HEADROOM_RATE_LIMIT: '0' }, cwd: data.path });
  const stop = replicate(join(data.path, 'headroom.db'), replica);
  await until(() => existsSync(replica), 'the replica');

  // Eight programs invite people until the server is gone; each remembers what was answered.
  const answered = new Set();
  let going = true;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let number = 0; going; number += 1) {
      const email = `w${writer}-${number}@acme.test`;
      const answer = await fetch(`${headroom.url}/api/v2/organization/invites`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ email }),
      }).catch(() => null);
      if (!answer) return;
      if (answer.status === 200) answered.add(email);
    }
  });
  await until(() => answered.size >= 400, 'enough invites', 120_000);
  await headroom.kill();
  going = false;
  await Promise.all(writers);
  // As whoever looks after servers does. What the killed one wrote and didn't get to count is in the log, where Litestream read it,
  // and no row: stopped now, it would leave a replica that has both.
  const again = await start({ args: ['serve', '--data', data.path], cwd: data.path });
  await again.stop();
  assert.equal(await stop('SIGTERM'), 0, 'Litestream brings over what is left when it is told to stop');

  const restored = join(elsewhere.path, 'data');
  mkdirSync(restored, { mode: 0o700 });
  const run = spawnSync(litestream, ['restore', '-o', join(restored, 'headroom.db'), `file://${replica}`], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const checks = command(restored, 'doctor');
  assert.deepEqual(checks.filter((check) => ['database', 'integrity', 'audit'].includes(check.check) && !check.ok), []);
  const served = await start({ args: ['serve', '--data', restored], cwd: restored });
  const list = await fetch(`${served.url}/api/v2/organization/invites`, { headers: { authorization: `Bearer ${apiKey}` } });
  const found = new Set((await list.json()).invites.map((invite) => invite.email));
  assert.deepEqual([...answered].filter((email) => !found.has(email)), []);
  await served.stop();
  for (const ground of [data, elsewhere]) ground.done();
});

test('a server stops soon although Litestream reads its database', { skip }, async () => {
  const [data, elsewhere] = [directory(), directory()];
  const headroom = await start({ args: ['serve', '--data', data.path], cwd: data.path });
  const replica = join(elsewhere.path, 'replica');
  const stop = replicate(join(data.path, 'headroom.db'), replica);
  await until(() => existsSync(replica), 'the replica');
  const begun = Date.now();
  await headroom.stop();
  assert.ok(Date.now() - begun < 10_000);
  await stop('SIGTERM');
  for (const ground of [data, elsewhere]) ground.done();
});
