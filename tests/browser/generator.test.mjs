// A generator elsewhere as people meet it: leads decide on Settings → Generator, the overview says what is missing, and a lead's
// own review page refuses in words until then.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { browser, signIn, start } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead, server;
let health = { ok: true };
const complaints = [];

before(async () => {
  server = createServer((request, answer) => {
    request.resume();
    answer.setHeader('content-type', 'application/json');
    if (request.url === '/v1/health') answer.end(JSON.stringify(health));
    else if (request.method === 'POST') answer.writeHead(202).end(JSON.stringify({ handle: 'run-7' }));
    else answer.end(JSON.stringify({ state: 'queued', position: 3, pollAfter: 60 }));
  });
  await new Promise((resolve) => server.listen(0, '0.0.0.0', resolve));
  // This machine by an address that is not its loopback one: so photos count as leaving it.
  const { networkInterfaces } = await import('node:os');
  const outside = Object.values(networkInterfaces()).flat().find((one) => one.family === 'IPv4' && !one.internal);
  const host = outside?.address ?? '0.0.0.0';
  const env = { HEADROOM_GENERATOR: 'http', HEADROOM_GENERATOR_URL: `http://${host}:${server.address().port}` };
  [chromium, headroom] = [await browser(), await start({ env })];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  server.close();
});

const page = () => lead.goto(`${headroom.url}/app/admin/settings/generator`);

test('an admin takes an agreement back and gives it again', async () => {
  await page();
  await look(lead, 'generator', 'agreed');
  await lead.getByRole('link', { name: 'Stop sending photos' }).click();
  await lead.getByRole('dialog').waitFor();
  await look(lead, 'generator', 'stop');
  await lead.getByRole('button', { name: 'Stop sending' }).click();
  await lead.getByText('Nobody has agreed to this yet').waitFor();
  await look(lead, 'generator', 'not-agreed');
  await lead.goto(`${headroom.url}/app/admin`);
  await lead.getByText('Nobody can submit photos').waitFor();
  await look(lead, 'generator', 'overview');
  await lead.getByRole('link', { name: 'Decide' }).click();
  await lead.getByRole('button', { name: /^Agree that photos are sent to/ }).click();
  await lead.getByText('Agreed', { exact: true }).waitFor();
});

test('one that is down says why', async () => {
  health = { ok: false, message: 'The graphics card is gone.' };
  await lead.getByRole('link', { name: 'Check again' }).click();
  await lead.getByText('The graphics card is gone.').waitFor();
  await look(lead, 'generator', 'down');
  assert.deepEqual(complaints, []);
});
