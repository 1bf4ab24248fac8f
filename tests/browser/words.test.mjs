// What scripts say is in the language of their page: the table of words is fetched once, and English needs none.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, signIn, start } from './headroom.mjs';

let chromium, headroom, signedIn;

before(async () => {
  [chromium, headroom] = await Promise.all([browser(), start()]);
  // A sign-in link works once: one session is looked at in each language.
  const context = await chromium.newContext();
  await signIn(await context.newPage(), headroom.said.ownerSignIn);
  signedIn = await context.storageState();
  await context.close();
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
});

/** What the list of addresses says of one that is none, and how often words were fetched. */
async function complaint(locale) {
  const context = await chromium.newContext({ locale, storageState: signedIn });
  const page = await context.newPage();
  const tables = [];
  page.on('request', (request) => { if (/\/assets\/words\.[a-z]+(-XA)?\.[0-9a-f]+\.json$/.test(request.url())) tables.push(request.url()); });
  await page.goto(`${headroom.url}/app/admin/members?add=invite`);
  await page.locator('form[data-invite-check] textarea').fill('nobody\nkim@acme.test');
  await page.locator('[data-report] [data-words]').first().waitFor();
  const [words, number] = await Promise.all(['words', 'number'].map((part) => page.locator(`[data-report] [data-${part}]`).first().innerText()));
  await context.close();
  return { words, number, tables: new Set(tables).size };
}

test('a script speaks German on a German page', async () => {
  assert.deepEqual(await complaint('de'), { words: 'Keine E-Mail-Adresse', number: 'Zeile 1', tables: 1 });
});

test('English needs no table', async () => {
  assert.deepEqual(await complaint('en'), { words: 'Not an e-mail address', number: 'Line 1', tables: 0 });
});
