// What is removed, deleted or revoked can be undone for ten seconds: by the notice and where it stands, with and without script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, letGo, signIn, start, until } from './headroom.mjs';
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

const page = (path) => `${headroom.url}/app/admin${path}`;
const toast = () => lead.locator('.toast[data-undo]');

async function team(name) {
  await lead.goto(page('/teams'));
  await lead.getByLabel('New team').fill(name);
  await lead.getByRole('button', { name: 'Create team' }).click();
  await lead.getByText(`Created the team ${name}.`).waitFor();
}

const row = (name) => lead.locator('tbody tr').filter({ hasText: name });

test('a team that is deleted stays if that is undone, by the notice or by its row', async () => {
  await team('Night shift');
  await row('Night shift').getByRole('button', { name: 'Delete Night shift' }).click();
  await toast().getByText('Deleting the team Night shift. Its members stay, without a team.').waitFor();
  assert.ok(await toast().locator('.run-down').isVisible(), 'a line runs down');
  assert.equal(await row('Night shift').getByRole('link', { name: 'Rename Night shift' }).count(), 0);
  await look(lead, 'undo', 'team');
  await lead.goto(page(''));
  await toast().getByRole('button', { name: 'Undo' }).press('Enter');
  await lead.getByText('Undone. Nothing was deleted.').waitFor();
  assert.equal(new URL(lead.url()).pathname, '/app/admin/teams');
  await look(lead, 'undo', 'undone');

  await row('Night shift').getByRole('button', { name: 'Delete Night shift' }).click();
  await row('Night shift').getByRole('button', { name: 'Undo for Night shift' }).click();
  await lead.getByText('Undone. Nothing was deleted.').waitFor();
  await row('Night shift').getByRole('button', { name: 'Delete Night shift' }).waitFor();
});

test('when the time is over, the page says what became of it', async () => {
  await lead.goto(page('/teams'));
  await row('Night shift').getByRole('button', { name: 'Delete Night shift' }).click();
  await toast().getByText('Deleting the team Night shift.').waitFor();
  await toast().getByText('Deleted the team Night shift.').waitFor();
  assert.equal(await lead.getByRole('button', { name: /^Undo/ }).count(), 0);
  await row('Night shift').getByText('Deleted', { exact: true }).waitFor();
  await look(lead, 'undo', 'over');
  await lead.reload();
  assert.equal(await row('Night shift').count(), 0);
});

test('invites, links and members are marked as they go', async () => {
  await lead.goto(page('/invites'));
  const address = await lead.locator('tbody .name').first().innerText();
  await row(address).getByRole('button', { name: `Revoke the invite of ${address}` }).click();
  await toast().getByText(`Revoking the invite of ${address}.`).waitFor();
  await look(lead, 'undo', 'invite');
  await letGo(headroom, lead);
  assert.equal(await row(address).count(), 0);

  await lead.goto(page('/members?sort=name'));
  const boxes = lead.locator('tbody input[type=checkbox]');
  const count = await boxes.count();
  await boxes.nth(count - 1).check();
  await boxes.nth(count - 2).check();
  await lead.getByRole('button', { name: 'Remove', exact: true }).click();
  const dialog = lead.getByRole('dialog').filter({ hasText: 'To confirm' });
  await dialog.getByLabel('To confirm, type').fill(await dialog.locator('label[for=confirm-name] strong').innerText());
  await dialog.getByRole('button', { name: /^Remove/ }).click();
  await toast().getByText(/^Removing /).waitFor();
  await look(lead, 'undo', 'members');
  const going = lead.locator('tr.leaving');
  const href = await going.first().locator('a.name').getAttribute('href');
  await lead.goto(headroom.url + href);
  await lead.getByText('is being removed').waitFor();
  await look(lead, 'undo', 'person');
});

test('several notices keep out of each other\'s way', async () => {
  for (const name of ['Field crew', 'Archive']) await team(name);
  await row('Field crew').getByRole('button', { name: 'Delete Field crew' }).click();
  await toast().waitFor();
  await lead.goto(page('/teams'));
  await lead.getByLabel('New team').fill('A team with a name as long as names of teams in large companies sometimes are');
  await lead.getByRole('button', { name: 'Create team' }).click();
  await lead.getByText(/^Created the team/).waitFor();
  assert.equal(await lead.locator('.toast').count(), 2);
  await look(lead, 'undo', 'two');
});

test('without script it is a plain form', async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, storageState: await lead.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(page('/teams'));
  await plain.getByRole('button', { name: 'Delete Archive' }).click();
  await plain.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await plain.getByText('Undone. Nothing was deleted.').waitFor();
  await plain.getByRole('button', { name: 'Delete Archive' }).click();
  await letGo(headroom, plain);
  assert.equal(await plain.getByRole('button', { name: 'Delete Archive' }).count(), 0);

  // A button in the list's own form undoes too.
  await plain.goto(page('/members?sort=name'));
  await plain.locator('tbody input[type=checkbox]').last().check();
  await plain.getByRole('button', { name: 'Remove', exact: true }).click();
  const question = plain.getByRole('dialog').filter({ hasText: /To confirm|Nobody can/ });
  await question.waitFor();
  if (await question.getByLabel('To confirm, type').count()) {
    await question.getByLabel('To confirm, type').fill(await question.locator('label[for=confirm-name] strong').innerText());
    await question.getByRole('button', { name: /^Remove/ }).click();
    await plain.locator('tr.leaving').getByRole('button', { name: /^Undo/ }).click();
    await plain.getByText('Undone. Nothing was removed.').waitFor();
  }
  await context.close();
});

test('what was refused after all is said until it is dismissed', async () => {
  const address = 'vera@northlight.example';
  await lead.goto(page('/members?add=invite'));
  await lead.locator('textarea, input[name="emails"]').first().fill(address);
  await lead.locator('dialog button.primary').first().click();
  const mail = await until(async () => {
    const mails = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
    return mails.find((one) => one.to === address);
  }, 'the invite by mail');
  await lead.goto(page('/invites'));
  await row(address).getByRole('button', { name: `Revoke the invite of ${address}` }).click();
  await toast().waitFor();
  const invited = await (await chromium.newContext()).newPage();
  await signIn(invited, mail.links.find((link) => link.includes('/auth/link/')));
  await letGo(headroom, lead);
  const refused = lead.locator('.toast').filter({ hasText: `Could not revoke the invite of ${address}.` });
  await until(async () => {
    await lead.goto(page('/invites'));
    return refused.count();
  }, 'the refusal');
  await look(lead, 'undo', 'refused');
  await refused.getByRole('button', { name: 'Dismiss' }).click();
  await until(async () => await refused.count() === 0, 'the end of the notice');
});

test('no page complained', () => assert.deepEqual(complaints, []));
