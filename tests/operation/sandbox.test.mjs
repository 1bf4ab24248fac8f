// The unit of packaging/systemd forbids system calls, writable code and kinds of sockets. There is no systemd in a container to
// forbid them; so strace writes down what the program does, with its children, and nothing of it may be among what is forbidden.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { root } from '../browser/headroom.mjs';

const binary = process.env.TESTED_BINARY ?? join(root, 'target', 'debug', 'headroom');
const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const unit = readFileSync(join(root, 'packaging', 'systemd', 'headroom.service'), 'utf8');
const said = (key) => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);

/** The system calls that systemd means by a name, those of the sets in it included. */
function calls(name) {
  if (!name.startsWith('@')) return [name];
  return execFileSync('systemd-analyze', ['syscall-filter', name], { encoding: 'utf8' })
    .split('\n').slice(1).map((line) => line.trim()).filter((line) => line && !line.startsWith('#')).flatMap(calls);
}

// What is missing is asked of what can be run: a container may hold strace and forbid it.
const missing = spawnSync('systemd-analyze', ['--version']).error ? 'there is no systemd-analyze here'
  : spawnSync('strace', ['-f', 'true']).status !== 0 ? 'strace is not here, or may not trace' : false;

test('the unit forbids nothing that is done', { skip: missing, timeout: 300_000 }, async () => {
  const traces = ['studio', 'serve'].map((name) => join(folder, name));
  const traced = (trace) => ['-f', '-qq', '-o', trace, '-e', 'trace=!futex,sched_yield,clock_gettime', binary];
  const env = { PATH: process.env.PATH };

  mkdirSync(join(folder, 'photos'));
  copyFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg'), join(folder, 'photos', 'someone.jpg'));
  execFileSync('strace', [...traced(traces[0]), 'studio', 'photos', '--backdrop', 'grey', '--out', 'out'], { cwd: folder, env, stdio: 'ignore' });

  const server = spawn('strace', [...traced(traces[1]), 'serve', '--data', 'data', '--listen', '127.0.0.1:0', '--json'],
    { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const line = await new Promise((resolve) => createInterface({ input: server.stdout }).once('line', resolve));
  execFileSync(binary, ['health', '--url', JSON.parse(line).url], { env });
  // strace hands its own signal on to nobody: the program is its only child.
  const [child] = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
  process.kill(Number(child), 'SIGTERM');
  assert.equal(await ended, 0);

  const trace = traces.map((file) => readFileSync(file, 'utf8')).join('\n');
  const done = new Set([...trace.matchAll(/^\d+ +([a-z]\w*)\(/gm)].map(([, name]) => name));
  for (const expected of ['setpriority', 'clone3', 'accept4', 'pwrite64', 'execve']) assert.ok(done.has(expected), `${expected} was not seen`);

  const filters = said('SystemCallFilter').map((value) => [value.startsWith('~'), value.replace('~', '').split(' ').flatMap(calls)]);
  const allowed = new Set(filters.filter(([denied]) => !denied).flatMap(([, names]) => names));
  for (const name of filters.filter(([denied]) => denied).flatMap(([, names]) => names)) allowed.delete(name);
  assert.ok(allowed.size > 200, `only ${allowed.size} are allowed`);
  // SQLite gives its files to the database's owner if it runs as root, as in a container. The unit's user is none.
  if (process.getuid() === 0) allowed.add('fchown');
  assert.deepEqual([...done].filter((name) => !allowed.has(name)), []);

  assert.deepEqual(said('MemoryDenyWriteExecute'), ['yes']);
  assert.deepEqual(trace.match(/^.*PROT_WRITE\|PROT_EXEC.*$/gm) ?? [], []);

  const families = new Set(said('RestrictAddressFamilies')[0].split(' '));
  const used = new Set([...trace.matchAll(/ socket(?:pair)?\((AF_\w+)/g)].map(([, family]) => family));
  assert.deepEqual([...used].filter((family) => !families.has(family)), []);
});
