// The configurations of docs/proxies.md, as they stand there, in the real programs before a real Headroom: large bodies arrive,
// events come at once, addresses are those of the people, and no header is added that Headroom does not want.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer, connect } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root, start } from '../browser/headroom.mjs';

const page = readFileSync(join(root, 'docs', 'proxies.md'), 'utf8');
const host = 'headshots.example.com';
const folder = mkdtempSync(join(tmpdir(), 'proxies-'));
const running = new Set();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const certificate = join(folder, 'certificate.pem');
const key = join(folder, 'key.pem');
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', certificate], { stdio: 'ignore' });

/** The block of the page in this language. */
function documented(language) {
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))];
  assert.equal(found.length, 1, `${found.length} blocks of ${language}`);
  return found[0][1];
}

/** Replaces something that has to be there. */
function instead(text, from, to) {
  assert.ok(text.includes(from), `the page has no ${from}`);
  return text.replaceAll(from, to);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves once somebody listens. */
async function listening(port, child) {
  while (child.exitCode === null) {
    const there = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1').once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it ended with ${child.exitCode}`);
}

/** A request as somebody at that address of the loopback makes it. */
function ask(port, path, { method = 'GET', headers = {}, body, from = '127.0.0.1', stream = false } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, servername: host, ca: readFileSync(certificate), localAddress: from,
      agent: new Agent({ keepAlive: false }), headers: { host: `${host}:${port}`, ...headers } }, (answer) => {
      if (stream) return resolve({ answer, sent });
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const proxies = {
  nginx: (port, upstream) => {
    let text = documented('nginx');
    text = instead(text, 'listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`);
    text = instead(text, 'listen 80;', 'listen 127.0.0.1:0;').replace('listen 127.0.0.1:0;', `listen unix:${join(folder, 'plain.sock')};`);
    text = instead(text, `/etc/letsencrypt/live/${host}/fullchain.pem`, certificate);
    text = instead(text, `/etc/letsencrypt/live/${host}/privkey.pem`, key);
    text = instead(text, '127.0.0.1:8080', `127.0.0.1:${upstream}`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join('\n');
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, `daemon off; pid ${join(folder, 'nginx.pid')}; error_log stderr warn;\nevents {}\nhttp { access_log off;\n${temporary}\n${text}}\n`);
    return ['-p', folder, '-c', file];
  },
  caddy: (port, upstream) => {
    let text = documented('caddyfile');
    text = instead(text, `${host} {`, `https://${host}:${port} {\n\tbind 127.0.0.1\n\ttls ${certificate} ${key}`);
    text = instead(text, '127.0.0.1:8080', `127.0.0.1:${upstream}`);
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${join(folder, 'caddy')}\n}\n${text}`);
    return ['run', '--config', file, '--adapter', 'caddyfile'];
  },
};

for (const [name, configured] of Object.entries(proxies)) {
  const missing = spawnSync(name, name === 'nginx' ? ['-v'] : ['version'], { stdio: 'ignore' }).error;
  test(`${name}, configured as documented`, { skip: missing && `there is no ${name} here`, timeout: 120_000 }, async (t) => {
    const [port, upstream] = [await freePort(), await freePort()];
    const proxy = spawn(name, configured(port, upstream), { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    proxy.stderr.on('data', (part) => { said += part; });
    running.add(proxy);
    // Asked to stop, nginx ends its workers too; killed, it would leave them behind.
    const ended = new Promise((resolve) => proxy.once('exit', resolve)).finally(() => running.delete(proxy));
    t.after(() => { proxy.kill('SIGTERM'); return ended; });
    await listening(port, proxy).catch((error) => assert.fail(`${error.message}: ${said}`));
    const env = { HEADROOM_BASE_URL: `https://${host}:${port}`, HEADROOM_TRUSTED_PROXIES: '127.0.0.1/32' };
    const origin = { origin: `https://${host}:${port}` };

    await t.test('only what is safe is spoken', async () => {
      // With this level OpenSSL would speak the old ones if it were let: who refuses is the proxy.
      const speak = (version) => new Promise((resolve) => {
        const socket = connectOverTls({ host: '127.0.0.1', port, servername: host, ca: readFileSync(certificate),
          minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' });
        socket.once('secureConnect', () => { resolve(socket.getProtocol()); socket.destroy(); });
        socket.once('error', (error) => resolve(error.code));
      });
      assert.deepEqual([await speak('TLSv1.3'), await speak('TLSv1.2')], ['TLSv1.3', 'TLSv1.2']);
      assert.match(await speak('TLSv1.1'), /ALERT/);
    });

    await t.test('pages, photos and events of someone', async (t) => {
      const headroom = await start({ env, port: upstream });
      t.after(headroom.kill);
      const { pathname, search } = new URL(headroom.said.signedUrl);
      const entered = await ask(port, pathname + search);
      assert.equal(entered.status, 303, entered.text);
      const cookie = entered.headers['set-cookie'].map((one) => one.split(';')[0]).join('; ');
      let inside = entered;
      for (let steps = 0; inside.status === 303 && steps < 4; steps += 1) {
        const to = new URL(inside.headers.location, `https://${host}:${port}`);
        assert.equal(to.host, `${host}:${port}`, 'it leads elsewhere');
        inside = await ask(port, to.pathname + to.search, { headers: { cookie } });
      }
      assert.equal(inside.status, 200);
      assert.equal(inside.headers['x-frame-options'], undefined);
      assert.match(inside.headers['content-security-policy'], /frame-ancestors/);
      assert.match(inside.headers['strict-transport-security'], /^max-age=31536000$/, 'once, and Headroom\'s own');

      // The first event comes while the answer is still open: nobody waits for its end.
      const { answer, sent } = await ask(port, '/team-member/photos/events', { headers: { cookie }, stream: true });
      assert.equal(answer.headers['content-type'], 'text/event-stream');
      const first = await new Promise((resolve) => answer.once('data', (part) => resolve(String(part))));
      assert.match(first, /^data: /);

      // 20 MB that are no photo: refused by Headroom, in words, after all of it was passed on.
      const edge = 'edge-of-a-part';
      const body = Buffer.concat([Buffer.from(`--${edge}\r\ncontent-disposition: form-data; name="photo"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`),
        Buffer.alloc(20 * 1024 * 1024, 'x'), Buffer.from(`\r\n--${edge}--\r\n`)]);
      const headers = { cookie, ...origin, 'sec-fetch-site': 'same-origin', accept: 'application/json',
        'content-type': `multipart/form-data; boundary=${edge}`, 'content-length': body.length };
      const refused = await ask(port, '/team-member/photos', { method: 'POST', headers, body });
      assert.ok(refused.headers['x-request-id'], `Headroom did not answer: ${refused.status} ${refused.text.slice(0, 200)}`);
      assert.notEqual(refused.status, 413, refused.text.slice(0, 300));
      assert.match(refused.text, /photo|JPEG/i);
      sent.destroy();
      await headroom.stop();
    });

    await t.test('who tries too often is told by their own address', async (t) => {
      const data = mkdtempSync(join(folder, 'data-'));
      const headroom = await start({ args: ['serve', '--data', data], env, port: upstream, cwd: data });
      t.after(headroom.kill);
      const knock = async (from, more = {}) => (await ask(port, '/api/v2/organization', { from, headers: more })).status;
      const answers = [];
      for (let n = 0; n < 70; n += 1) answers.push(await knock('127.0.0.2'));
      assert.equal(answers[0], 401);
      assert.equal(answers.at(-1), 429, 'sixty tries a minute');
      assert.equal(await knock('127.0.0.3'), 401, 'somebody else is not counted with them');
      assert.equal(await knock('127.0.0.2', { 'x-forwarded-for': '198.51.100.7' }), 429, 'nobody says where they are');
      await headroom.stop();
    });
  });
}
