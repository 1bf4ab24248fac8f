// Photos on S3, or what speaks like it: a member's whole way with nothing on the disk, moving there and back with kills in the
// middle, and what the doctor says of a bucket that can't be used.
//
// The bucket is moto's. PYTHON names the Python that has `moto[server]`; without one, these tests are skipped.
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { directory, root, start, until } from '../browser/headroom.mjs';

const binary = process.env.TESTED_BINARY ?? join(root, 'target', 'debug', 'headroom');
const python = process.env.PYTHON ?? join(root, 'target', 'ci', 'python', 'bin', 'python');
const missing = spawnSync(python, ['-c', 'import moto.server, boto3']).status !== 0;
const skip = missing && `${python} has no moto[server]: photos on S3 stay untested`;
if (skip) console.log(skip);

const PHOTO = readFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg'));
const KEYS = { AWS_ACCESS_KEY_ID: 'setup', AWS_SECRET_ACCESS_KEY: 'setup-secret-1234' };

const places = [];
after(() => places.forEach((place) => place.done()));
/** A directory that is gone after the tests. */
function folder() {
  const place = directory();
  places.push(place);
  return place.path;
}

/** A look-alike of S3; `ask` does something in it beside Headroom. */
async function lookAlike() {
  const child = spawn(python, [join(dirname(fileURLToPath(import.meta.url)), 'bucket.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const { url } = await next();
  return {
    url,
    env: (more = {}) => ({ AWS_ENDPOINT_URL: url, AWS_ALLOW_HTTP: 'true', AWS_REGION: 'us-east-1', ...KEYS, ...more }),
    ask: (what, more = {}) => {
      child.stdin.write(`${JSON.stringify({ do: what, ...more })}\n`);
      return next();
    },
    stop: () => { child.stdin.end(); return new Promise((resolve) => child.once('exit', resolve)); },
  };
}

/** A command that may end badly: its status, and what it said. */
function command(data, args, env = {}) {
  return new Promise((resolve) => {
    const running = execFile(binary, [...args, '--data', data], { cwd: data, env: { PATH: process.env.PATH, ...env } }, (_, out, said) => {
      resolve({ status: running.exitCode, out, said });
    });
  });
}

async function done(data, args, env) {
  const { status, out, said } = await command(data, [...args, '--json'], env);
  assert.equal(status, 0, said);
  return JSON.parse(out);
}

/** What the doctor says of the photos. */
async function doctor(data, env) {
  const { out } = await command(data, ['doctor', '--json'], env);
  return JSON.parse(out).find((one) => one.check === 'photos');
}

/** Reads something of a directory that a server may be clearing away at this moment. */
function still(read, otherwise) {
  try {
    return read();
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

/** Files below a directory by their names in it, with their bytes. */
function files(path, below = path, found = {}) {
  for (const entry of still(() => readdirSync(below, { withFileTypes: true }), [])) {
    const at = join(below, entry.name);
    if (entry.isDirectory()) {
      files(path, at, found);
    } else {
      const bytes = still(() => readFileSync(at));
      if (bytes) found[relative(path, at)] = bytes.toString('base64');
    }
  }
  return found;
}

/** A person with a browser that has no scripts. */
async function visitor(headroom, link) {
  const jar = new Map();
  const ask = async (path, init = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, origin: headroom.url, 'sec-fetch-site': 'same-origin', ...init.headers };
    const answer = await fetch(new URL(path, headroom.url), { redirect: 'manual', ...init, headers });
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(';')[0].split('=');
      jar.set(name, value);
    }
    return answer;
  };
  const send = async (path, form) => {
    const answer = await ask(path, { method: 'POST', body: form instanceof FormData ? form : new URLSearchParams(form) });
    assert.ok(answer.status < 400, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer;
  };
  const hidden = (page, name) => page.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  const door = await (await ask(new URL(link).pathname)).text();
  await send('/auth/link', { token: hidden(door, 'token'), nonce: hidden(door, 'nonce') });
  return { ask, send, hidden };
}

/** An organization in a data directory, and a server on it, with photos where `env` says. */
async function acme(data, env) {
  await done(data, ['org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '9'], env);
  const { apiKey: key } = await done(data, ['key', 'create', '--org', 'Acme', '--name', 'test'], env);
  return { key, headroom: await serve(data, env) };
}

const serve = (data, env) => start({
  args: ['serve', '--data', data], cwd: data,
  env: { HEADROOM_DEV_SHOOT: '1s', HEADROOM_GENERATOR: 'sample', HEADROOM_PHOTO_CHECKS: 'off', HEADROOM_RATE_LIMIT: '0', ...env },
});

/** Has somebody come in, hand in a photo, and get headshots. */
async function headshotsOf(name, { data, env, headroom }) {
  const email = `${name}@acme.test`;
  await done(data, ['invite', 'send', '--org', 'Acme', email], env);
  const { link } = await done(data, ['signin', email], env);
  const { ask, send, hidden } = await visitor(headroom, link);
  await send('/team-member/onboarding/you', { name, gender: 'person' });
  const form = new FormData();
  form.set('photo', new Blob([PHOTO, Buffer.from(name)], { type: 'image/jpeg' }), `${name}.jpg`);
  await send('/team-member/photos', form);
  await send('/team-member/onboarding/style', { backdrop: 'navy' });
  const review = await (await ask('/team-member/onboarding/review')).text();
  await send('/team-member/onboarding/review', { consent: 'yes', ...(hidden(review, 'words') && { words: hidden(review, 'words') }) });
  await until(async () => (await (await ask('/team-member')).text()).includes('photo-grid'), `the headshots of ${name}`, 120_000);
  return { ask };
}

const api = async (headroom, key, path, init = {}) => {
  const answer = await fetch(`${headroom.url}/api/v2/organization${path}`, { ...init, headers: { authorization: `Bearer ${key}` } });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? undefined : answer.json();
};

let s3;
before(async () => { if (!skip) s3 = await lookAlike(); });
after(() => s3?.stop());

test('a member comes, gets headshots and goes, with every file in a bucket and none left', { skip }, async () => {
  const data = folder();
  await s3.ask('make', { bucket: 'whole-way' });
  const env = s3.env({ HEADROOM_STORAGE: 's3://whole-way/acme/photos' });
  const { key, headroom } = await acme(data, env);
  const { ask } = await headshotsOf('kim', { data, env, headroom });

  const stored = await s3.ask('list', { bucket: 'whole-way' });
  const names = Object.keys(stored);
  assert.ok(names.length > 10 && names.every((name) => name.startsWith('acme/photos/')), names.join(' '));
  assert.ok(!existsSync(join(data, 'photos')), 'nothing is on the disk');

  const { models } = await api(headroom, key, '/models');
  const listed = await api(headroom, key, `/models/${models[0].id}/photos`);
  const picture = JSON.stringify(listed).match(/https?:[^"]+\.jpg[^"]*/)[0];
  const got = await fetch(picture, { headers: { authorization: `Bearer ${key}` } });
  const bytes = Buffer.from(await got.arrayBuffer());
  assert.equal(got.status, 200);
  assert.equal(bytes.subarray(0, 3).toString('hex'), 'ffd8ff');
  const page = await (await ask('/team-member')).text();
  const shown = [...page.matchAll(/<img[^>]* src="(\/[^"]+)"/g)].map(([, src]) => src.replaceAll('&amp;', '&'));
  for (const src of shown) assert.equal((await ask(src)).status, 200, src);

  await api(headroom, key, '/members/kim@acme.test', { method: 'DELETE' });
  await until(async () => {
    const { receipts } = await done(data, ['privacy', 'receipts', '--org', 'Acme'], env);
    return receipts.length > 0 && receipts.every((receipt) => receipt.goneAt);
  }, 'the complete receipt');
  assert.deepEqual(await s3.ask('list', { bucket: 'whole-way' }), {});
  assert.equal((await fetch(`${headroom.url}/readyz`)).status, 200);
  await headroom.stop();
});

test('photos move to a bucket and back, killed in the middle, and people who go meanwhile are in neither', { skip }, async () => {
  const data = folder();
  const local = join(data, 'photos');
  await s3.ask('make', { bucket: 'there-and-back' });
  const env = s3.env();
  const bucket = { bucket: 'there-and-back' };
  const { key, headroom } = await acme(data, env);
  for (const name of ['kim', 'lee']) await headshotsOf(name, { data, env, headroom });
  const to = ['storage', 'move', '--to', 's3://there-and-back/faces'];

  // Beside the server: all of it, but not the end of it.
  const beside = await done(data, to, env);
  assert.deepEqual([beside.complete, beside.setting, beside.copied], [false, null, beside.files]);
  const refused = await command(data, [...to, '--delete'], env);
  assert.equal(refused.status, 1);
  assert.match(refused.said, /Stop it first/);
  assert.ok(Object.keys(await s3.ask('list', bucket)).some((name) => name.startsWith('faces/photos/')));
  await api(headroom, key, '/members/lee@acme.test', { method: 'DELETE' });
  await until(() => Object.keys(files(local)).length < beside.files, 'the purge of what was lee’s');
  await until(async () => (await done(data, ['privacy', 'receipts', '--org', 'Acme'], env)).receipts.every((one) => one.goneAt), 'the receipt');
  await headroom.stop();

  // Many more files than one moment copies, so that a kill hits the middle: a stray is none, so they are copies of known ones.
  const kept = files(local);
  const [, id] = Object.keys(kept).find((name) => name.startsWith('headshots/')).match(/^(headshots\/..\/[^/]+)\//);
  for (let n = 0; n < 400; n += 1) writeFileSync(join(local, id, `copy-${n}.webp`), `${n}`.repeat(5000));
  const all = files(local);
  const child = spawn(binary, [...to, '--data', data], { cwd: data, env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  const killed = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await until(async () => Object.keys(await s3.ask('list', bucket)).filter((name) => name.includes('copy-')).length > 20, 'some copies');
  child.kill('SIGKILL');
  assert.equal(await killed, 'SIGKILL', 'it was killed before its end');

  const again = await done(data, to, env);
  assert.ok(again.same > 20 && again.copied > 0 && again.complete, JSON.stringify(again));
  assert.ok(again.removed > 0, 'what was lee’s is gone from the bucket');
  assert.deepEqual(again.setting, { storage: 's3://there-and-back/faces' });
  const there = Object.keys(await s3.ask('list', bucket)).map((name) => name.slice('faces/'.length));
  assert.deepEqual(there.sort(), Object.keys(all).sort());
  // One of the same size that says something else is not taken for the same.
  const wrong = there.find((name) => name.endsWith('copy-7.webp'));
  await s3.ask('put', { ...bucket, key: `faces/${wrong}`, body: '8'.repeat(5000) });
  const last = await done(data, [...to, '--delete'], env);
  assert.deepEqual([last.copied, last.deleted], [1, last.files]);
  assert.deepEqual(files(local), {});
  assert.deepEqual(readdirSync(local), [], 'nothing but an empty directory is left');

  // From the bucket: the server, and the way back.
  const onS3 = { ...env, HEADROOM_STORAGE: 's3://there-and-back/faces' };
  const second = await serve(data, onS3);
  await headshotsOf('mia', { data, env: onS3, headroom: second });
  await second.stop();
  const stale = await done(data, to, env);
  assert.ok(stale.removed === 0 && stale.onlyThere > 400, 'a run from a place out of use deletes nothing that is in use');
  const back = await done(data, ['storage', 'move', '--to', local, '--delete'], onS3);
  assert.deepEqual(back.setting, { storage: '' });
  const home = files(local);
  for (const [name, bytes] of Object.entries(all)) assert.equal(home[name], bytes, name);
  assert.ok(Object.keys(home).length > Object.keys(all).length, 'with what was mia’s');
  assert.deepEqual(await s3.ask('list', bucket), {});
});

test('a move is refused where it could only do harm', { skip }, async () => {
  const data = folder();
  const refuses = async (args, words, env = s3.env()) => {
    const { status, said } = await command(data, ['storage', 'move', ...args], env);
    assert.equal(status, 1);
    assert.match(said, words);
    assert.ok(!said.includes(KEYS.AWS_SECRET_ACCESS_KEY));
  };
  await refuses(['--to', join(data, 'photos')], /the same place/);
  await refuses(['--to', join(data, 'photos', 'more')], /the same place or one within the other/);
  await refuses(['--to', 's3:bucket'], /an example that works/);
  await refuses(['--to', 's3://no-such-bucket/x'], /There is no bucket no-such-bucket at http/);
  await refuses(['--to', 's3://no-such-bucket/x'], /AWS_ALLOW_HTTP/, { ...s3.env(), AWS_ALLOW_HTTP: 'false' });
  // Pictures of another database: neither copied nor deleted.
  const strange = join(data, 'photos', 'photos', '4f', '018bcfe568004f1c2d3e4a5b');
  mkdirSync(strange, { recursive: true });
  writeFileSync(join(strange, 'master.jpg'), 'picture');
  await s3.ask('make', { bucket: 'strange' });
  await refuses(['--to', 's3://strange', '--delete'], /Is --data the right directory/);
  assert.ok(existsSync(join(strange, 'master.jpg')));
});

test('the doctor says what is wrong with a bucket, and what to do', { skip }, async () => {
  const data = folder();
  const guarded = await lookAlike();
  try {
    await guarded.ask('make', { bucket: 'faces' });
    const at = (bucket, more) => doctor(data, { HEADROOM_STORAGE: `s3://${bucket}/photos`, ...guarded.env(more) });
    const well = await at('faces');
    assert.ok(well.ok && /put, read, listed and deleted/.test(well.detail), well.detail);
    assert.deepEqual(await guarded.ask('list', { bucket: 'faces' }), {}, 'the doctor leaves nothing');
    await guarded.ask('version', { bucket: 'faces' });
    const versioned = await at('faces');
    assert.ok(!versioned.ok && /lifecycle rule/.test(versioned.detail), versioned.detail);
    await guarded.ask('expire', { bucket: 'faces' });
    const expiring = await at('faces');
    assert.ok(expiring.ok && /for 1 more days/.test(expiring.detail), expiring.detail);

    const nobody = await new Promise((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
    });
    const users = await guarded.ask('guard');
    for (const [bucket, more, words] of [
      ['other', users.headroom, /There is no bucket other at .*correct the setting storage/],
      ['faces', { AWS_ACCESS_KEY_ID: 'AKIANOBODY' }, /refuses the credentials \(InvalidAccessKeyId\)/],
      ['faces', { ...users.headroom, AWS_SECRET_ACCESS_KEY: 'not-it-at-all' }, /refuses the credentials \(SignatureDoesNotMatch\)/],
      ['faces', users.reader, /s3:PutObject was refused. Allow/],
      ['faces', { AWS_ENDPOINT_URL: `http://127.0.0.1:${nobody}` }, /can't be reached.* Check AWS_ENDPOINT_URL/],
      ['faces', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_METADATA_ENDPOINT: `http://127.0.0.1:${nobody}` }, /Set AWS_ACCESS_KEY_ID/],
    ]) {
      const found = await at(bucket, more);
      assert.ok(!found.ok && words.test(found.detail), `${words}: ${found.detail}`);
      assert.ok(!found.detail.includes(more.AWS_SECRET_ACCESS_KEY || 'setup-secret'), 'no secret is said');
    }
    assert.ok((await at('faces', users.headroom)).ok, 'and who may, can');

    // A bucket that fails under a running server: people read a sentence, the log the cause and no secret.
    const printed = await done(data, ['config', 'print'], { HEADROOM_STORAGE: 's3://faces/photos', ...guarded.env() });
    assert.equal(printed.storage, 's3://faces/photos');
    assert.ok(!JSON.stringify(printed).includes('setup-secret'));
  } finally {
    await guarded.stop();
  }
});
