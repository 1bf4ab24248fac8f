// Starts and ends Headroom for the tests here, and speaks to it as a command line or a browser does.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const binary = process.env.TESTED_BINARY ?? join(root, 'target', 'debug', 'headroom');

// A test that fails halfway leaves its server running, and the suite would wait for it.
const running = new Set();
after(() => { for (const child of running) child.kill('SIGKILL'); });

/** A directory of its own for a server's data; gone when `done` is called. */
export function directory() {
  const path = mkdtempSync(join(tmpdir(), 'headroom-'));
  return { path, done: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a command and returns what it says as JSON. One that fails says in its failure what it printed. */
export function command(data, ...args) {
  const run = spawnSync(binary, [...args, '--data', data, '--json'], { cwd: data, encoding: 'utf8', env: { PATH: process.env.PATH } });
  if (run.status !== 0) throw new Error(`headroom ${args.join(' ')} ended with ${run.status ?? run.signal}: ${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** A running server: `said` is the line it printed when it was ready. */
export async function start({ args = ['dev', '--seconds', '2'], env = {}, cwd = tmpdir(), port = 0 } = {}) {
  const child = spawn(binary, [...args, '--listen', `127.0.0.1:${port}`, '--json'], {
    cwd,
    env: { PATH: process.env.PATH, HEADROOM_LOG: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve)).finally(() => running.delete(child));
  const line = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
    ended.then((status) => { throw new Error(`headroom ended with status ${status} before it was ready`); }),
  ]);
  const said = JSON.parse(line);
  const end = async (signal) => { child.kill(signal); await ended; };
  return { url: said.url, said, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Debian's Chromium, without what would reach for the network. */
export async function browser(...more) {
  // Only here: the suites that look at no page start servers too.
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...more],
  });
}

/** Has a lead's page of a demo invite somebody, and opens the link of their mail on another page. */
export async function invite(headroom, lead, address, page) {
  await lead.goto(`${headroom.url}/app/admin/members?add=invite`);
  await lead.locator('textarea, input[name="emails"]').first().fill(address);
  await lead.locator('dialog button.primary').first().click();
  const mail = await until(async () => {
    const mails = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
    return mails.find((mail) => mail.to === address);
  }, `a mail to ${address}`);
  await signIn(page, mail.links.find((link) => link.includes('/auth/link/')));
}

/** Opens a sign-in link and presses its button, as a person does. */
export async function signIn(page, link) {
  await page.goto(link);
  await page.locator('form[data-link-confirm] button').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/auth/'));
}

/** Lets the time pass in which a removal can be undone, and waits until the page has nothing left to undo. */
export async function letGo(headroom, page) {
  // The press that asked for it may still be on its way.
  await page.locator('.toast[data-undo]').first().waitFor();
  await fetch(`${headroom.url}/dev/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: '10s' }) });
  await until(async () => {
    await page.reload();
    return await page.locator('.toast[data-undo]').count() === 0;
  }, 'the end of what could be undone');
}

/** Goes to a page from one that may just be leaving by itself, as the waiting page does. */
export async function visit(page, url) {
  await page.goto(url).catch((error) => {
    if (!/interrupted by another navigation|ERR_ABORTED/.test(error.message)) throw error;
  });
  await page.waitForLoadState();
}

/** Waits until `look` returns something true. */
export async function until(look, what, patience = 60_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${patience} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where pictures of the pages are kept, to be looked at. */
export function album(name) {
  const folder = join(root, 'target', 'screenshots', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
