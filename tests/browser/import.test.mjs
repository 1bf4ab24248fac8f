// A table of people from end to end: dropped or pasted, looked at, read otherwise, and invited from while its page tells how far it is.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { browser, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

const page = (rest = '') => `${headroom.url}/app/admin/imports${rest}`;
const button = (name) => lead.getByRole('button', { name }).first();

const TABLE = `Vorname;Nachname;E-Mail;Abteilung;Funktion;Telefon
Jörg;Weiß;jorg@northwind.test;Einkauf;Leiter Einkauf;030 1
Maya;Okafor;maya.okafor@northwind.test;Einkauf;;030 2
Lu;Lee;lu@northwind;Vertrieb;;030 3
Lu;Lee;maya.okafor@northwind.test;Vertrieb;;030 4
Søren;Ø;soren.with.a.rather.long.address@subsidiary.northwind.test;Vertrieb Süd;Senior Account Executive;030 5
`;

test('a file that is dropped is looked at, read otherwise and invited from', async () => {
  await lead.goto(`${headroom.url}/app/admin/invites?add=invite`);
  await lead.getByRole('link', { name: 'import a table' }).click();
  await lead.waitForURL('**/imports');
  await look(lead, 'import', 'begin');

  // As Windows writes it: nothing says which alphabet it is.
  const bytes = [...TABLE].map((sign) => sign.charCodeAt(0));
  const dropped = await lead.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], 'Mitarbeiter.csv', { type: 'text/csv' }));
    return transfer;
  }, bytes);
  await lead.dispatchEvent('h1', 'drop', { dataTransfer: dropped });
  await button('Look at it').click();
  await lead.getByRole('heading', { name: 'Mitarbeiter.csv' }).waitFor();
  await lead.getByText('Jörg Weiß').waitFor();
  assert.equal(await lead.getByLabel('Funktion').inputValue(), 'title');
  await lead.getByText('Not read: Telefon.').waitFor();
  await look(lead, 'import', 'preview');

  await lead.getByLabel('Abteilung').selectOption('other');
  await button(/^Invite 3 people/).click();
  await lead.locator('.toast').getByText('Nobody is invited yet').waitFor();
  await lead.getByLabel('Abteilung').selectOption('team');
  await button('Look again').click();
  await lead.getByText('2 teams will be made').waitFor();
  await button(/^Invite 3 people/).click();
  await lead.getByText('5 of 5 rows, 3 invited').waitFor();
  await lead.getByText('Done', { exact: true }).waitFor();
  await look(lead, 'import', 'results');

  await lead.getByRole('link', { name: 'Not valid' }).click();
  await lead.getByText('1 row', { exact: false }).first().waitFor();
  const [download] = await Promise.all([lead.waitForEvent('download'), lead.getByRole('link', { name: 'Download as CSV' }).click()]);
  assert.equal(download.suggestedFilename(), 'mitarbeiter-results.csv');
  const text = await readFile(await download.path(), 'utf8');
  assert.match(text, /4,Not valid,.*Lu,Lee,lu@northwind,Vertrieb,,030 3/);
  await lead.goto(page());
  await look(lead, 'import', 'lately');
});

test('what can not be read keeps what was pasted', async () => {
  await lead.goto(page());
  await lead.getByLabel('Or paste a table').fill('Kim and Sam');
  await button('Look at it').click();
  await lead.getByText('There is no e-mail address in this table.').waitFor();
  assert.equal((await lead.getByLabel('Or paste a table').inputValue()).trim(), 'Kim and Sam');
  await look(lead, 'import', 'wrong');
});

test('thousands are worked off while the page tells how far it is', async () => {
  const many = Array.from({ length: 4000 }, (_, nth) => `Person ${nth}, person.${nth}@northwind.test`).join('\n');
  await lead.goto(page());
  await lead.getByLabel('Choose a file').setInputFiles({ name: 'everybody.txt', mimeType: 'text/plain', buffer: Buffer.from(many) });
  await button('Look at it').click();
  await lead.getByText(/wait of this table for more credits/).waitFor();
  await look(lead, 'import', 'credits');
  await button(/^Invite /).click();
  await lead.getByText(/4,000 of 4,000 rows/).waitFor();
  await button(/^Go on with /).waitFor();
  await look(lead, 'import', 'over-credits');
});

test('the browser had nothing to complain about', () => assert.deepEqual(complaints, []));
