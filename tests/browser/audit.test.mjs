// The audit log and the jobs, as leads look at them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { browser, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

const LOG = '/app/admin/settings/audit';

let chromium, headroom, lead;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  assert.deepEqual(complaints, []);
});

const to = (path) => lead.goto(headroom.said.url + path);

test('what a lead changes is shown with what was so before, found again and taken out', async () => {
  await to('/app/admin/settings/reminders');
  await lead.getByLabel(/days/i).first().fill('2, 5, 9');
  await lead.getByRole('button', { name: 'Save' }).click();
  await to('/app/admin/settings/organization');
  await lead.getByLabel('Website').fill('https://northwind.example');
  await lead.getByRole('button', { name: 'Save' }).first().click();

  await to(LOG);
  const row = lead.getByRole('row', { name: /Reminders/ });
  assert.match(await row.locator('ins').innerText(), /2, 5, 9/);
  assert.match(await row.locator('del').innerText(), /3, 7/);
  assert.ok(await lead.getByText('This log is as it was written').isVisible());
  await look(lead, 'audit', 'log');

  await lead.getByRole('button', { name: 'Look now' }).click();
  assert.ok(await lead.getByText(/The log is as it was written: [0-9]+ entries/).isVisible());

  await lead.getByLabel('What', { exact: true }).selectOption({ label: 'Settings and credits' });
  await lead.waitForURL(/part=settings/);
  assert.equal(await lead.getByRole('row', { name: /Invited/ }).count(), 0);
  assert.ok((await lead.getByRole('row', { name: /Changed settings/ }).count()) >= 2);
  await look(lead, 'audit', 'log-filtered');

  const [file] = await Promise.all([lead.waitForEvent('download'), lead.getByRole('link', { name: 'JSON lines' }).click()]);
  assert.equal(file.suggestedFilename(), 'audit-log.jsonl');
  const entries = readFileSync(await file.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(entries.every((entry) => entry.digest.length === 64 && entry.action.startsWith('organization.')), 'only what is shown');

  await to(`${LOG}?by=nobody-at-all`);
  assert.ok(await lead.getByText('Nothing matches').isVisible());
  await look(lead, 'audit', 'log-nothing');
});

test('the queues are shown', async () => {
  await to('/app/admin/jobs');
  assert.equal(await lead.getByRole('table').getByRole('row').count(), 5);
  assert.ok(await lead.getByText('No job gave up').isVisible());
  await look(lead, 'audit', 'jobs');
});
