// Second factors in a real browser, with a virtual authenticator in place of a finger: passkeys added and used alone and
// after a mailed code, an authenticator app, recovery codes, devices.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { browser, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, context, page, cdp, authenticator;
const complaints = [];

/** A passkey belongs to a name, so the server has to be reached by one, and to know its port beforehand. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

before(async () => {
  const port = await freePort();
  const env = { HEADROOM_BASE_URL: `http://localhost:${port}` };
  [chromium, headroom] = [await browser(), await start({ port, env })];
  context = await chromium.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  watch(page, complaints);
  cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  ({ authenticatorId: authenticator } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options }));
  await signIn(page, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

const at = (path) => `${headroom.url}${path}`;
const owner = () => page.locator('.intro p').first().innerText();
let email, secret, codes;

async function mails() {
  const answer = await fetch(at('/dev/outbox.json'));
  return answer.json();
}

/** With nobody before the screen, the device answers nothing by itself. */
async function finger(there) {
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: authenticator, enabled: there });
}

async function signOut() {
  await page.goto(at('/account'));
  await page.locator('.menu.me summary').click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
  await page.waitForURL('**/signin');
}

/** What an app shows for this key at this moment. */
function digits(key, ahead = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const sum = createHmac('sha1', bytes).update(step).digest();
  const value = sum.readUInt32BE(sum[19] & 15) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, '0');
}

/** Has a code mailed, and types it. */
async function byMailedCode() {
  await page.goto(at('/signin'));
  const before = (await mails()).length;
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  const code = await until(async () => {
    const all = await mails();
    const mail = all.length > before && all.find((one) => one.subject.startsWith('Sign in') && one.to === email);
    return mail && /\b(\d{3} \d{3})\b/.exec(mail.text)?.[1];
  }, 'the code');
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('a passkey is added and signs in alone', async () => {
  await page.goto(at('/account'));
  email = await owner();
  await look(page, 'factors', 'account-empty');
  await page.getByLabel('Name of the new passkey').fill('Work laptop');
  await page.getByRole('button', { name: 'Add passkey' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  codes = await page.locator('#codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  await look(page, 'factors', 'recovery-codes');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  assert.equal(download.suggestedFilename(), 'headroom-recovery-codes.txt');
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.getByText('Work laptop').first().waitFor();
  // The same device has one already.
  await page.getByRole('button', { name: 'Add passkey' }).click();
  await page.getByText('This device has a passkey for this account already.').waitFor();
  await page.getByRole('link', { name: 'Rename Work laptop' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Laptop');
  await page.getByRole('listitem').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Renamed the passkey.').waitFor();

  await signOut();
  // The virtual device answers what is offered beside the address at once: nobody has to press the button.
  await page.waitForURL('**/app/admin');
  await page.goto(at('/account'));
  assert.match(await page.locator('main').innerText(), /Signed in by passkey/);
  assert.deepEqual(complaints, []);
});

test('the passkey is the second factor after a mailed code', async () => {
  await finger(false);
  await signOut();
  await byMailedCode();
  await page.waitForURL('**/signin/second');
  await look(page, 'factors', 'second-passkey');
  await page.goto(at('/app/admin'));
  assert.doesNotMatch(await page.locator('body').innerText(), /Overview/);
  await page.goto(at('/signin/second'));
  await finger(true);
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: false });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('No passkey was used. Try again, or use another way.').waitFor();
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: true });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL('**/app/admin');
  assert.deepEqual(complaints, []);
});

test('a passkey that counts backwards, as a copy would, is refused', async () => {
  const { credentials: [credential] } = await cdp.send('WebAuthn.getCredentials', { authenticatorId: authenticator });
  await finger(false);
  await signOut();
  await byMailedCode();
  await page.waitForURL('**/signin/second');
  await cdp.send('WebAuthn.removeCredential', { authenticatorId: authenticator, credentialId: credential.credentialId });
  await cdp.send('WebAuthn.addCredential', { authenticatorId: authenticator, credential: { ...credential, signCount: 0 } });
  await finger(true);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('counted backwards, as a copy of it would').waitFor();
  await look(page, 'factors', 'second-refused');
  await page.getByRole('link', { name: 'Use a recovery code instead' }).click();
  await look(page, 'factors', 'second-recovery');
  await page.getByLabel('Recovery code').fill(codes[0]);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL('**/app/admin');
  await page.goto(at('/account'));
  await page.getByText('9 left').waitFor();
  await cdp.send('WebAuthn.removeCredential', { authenticatorId: authenticator, credentialId: credential.credentialId });
  await cdp.send('WebAuthn.addCredential', { authenticatorId: authenticator, credential: { ...credential, signCount: 1000 } });
  assert.deepEqual(complaints, []);
});

test('an authenticator app is added and used', async () => {
  await page.goto(at('/account'));
  await page.getByRole('button', { name: 'Add authenticator app' }).click();
  secret = await page.locator('#key').innerText();
  await look(page, 'factors', 'authenticator');
  await page.getByLabel('Code the app shows').fill('000 000');
  await page.getByRole('button', { name: 'Add app' }).click();
  await page.locator('#code-error').waitFor();
  await page.getByLabel('Code the app shows').fill(digits(secret));
  await page.getByRole('button', { name: 'Add app' }).click();
  await page.getByText('Added the authenticator app.').waitFor();
  await look(page, 'factors', 'account');

  await finger(false);
  await signOut();
  await byMailedCode();
  await page.waitForURL('**/signin/second');
  await page.getByLabel('Code').fill('123456');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#code-error').waitFor();
  await look(page, 'factors', 'second-both');
  // The step that confirmed the app is used up; the next one is in time already.
  await page.getByLabel('Code').fill(digits(secret, 1));
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL('**/app/admin');
  assert.deepEqual(complaints, []);
});

test('another browser is listed, told of by mail, and signed out', async () => {
  const elsewhere = await chromium.newContext({ userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0' });
  const phone = await elsewhere.newPage();
  await phone.goto(at('/signin'));
  const before = (await mails()).length;
  await phone.getByLabel('Work e-mail').fill(email);
  await phone.getByRole('button', { name: 'Continue', exact: true }).click();
  const code = await until(async () => {
    const all = await mails();
    return all.length > before && all[0].subject.startsWith('Sign in') && /\b(\d{3} \d{3})\b/.exec(all.find((one) => one.subject.startsWith('Sign in')).text)?.[1];
  }, 'the code');
  await phone.getByLabel('Code').fill(code);
  await phone.getByRole('button', { name: 'Continue' }).click();
  await phone.getByRole('link', { name: 'Use a recovery code instead' }).click();
  await phone.getByLabel('Recovery code').fill(codes[1].toUpperCase());
  await phone.getByRole('button', { name: 'Continue' }).click();
  await phone.waitForURL('**/app/admin');
  const told = await until(async () => (await mails()).find((one) => one.subject.startsWith('New sign-in')), 'the notice');
  assert.match(told.text, /Firefox on Windows, by a mailed code and a second factor/);

  await page.goto(at('/account'));
  await look(page, 'factors', 'devices');
  await page.getByRole('button', { name: 'Sign out Firefox on Windows' }).click();
  await page.getByText('Signed the browser out.').waitFor();
  await phone.goto(at('/account'));
  await phone.waitForURL('**/signin');
  await elsewhere.close();
  assert.deepEqual(complaints, []);
});

test('the organization asks its leads for one', async () => {
  await page.goto(at('/app/admin/settings/two-factor'));
  await look(page, 'factors', 'settings');
  await page.getByLabel('Leads need a second factor').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Leads need a second factor from now on.').waitFor();
  await look(page, 'factors', 'settings-required');
  await page.goto(at('/account?ask=remove-app'));
  await look(page, 'factors', 'remove-app');
  await page.getByRole('button', { name: 'Remove app' }).click();
  await page.getByText('Removed the authenticator app.').waitFor();
  await page.getByRole('link', { name: 'Remove Laptop' }).click();
  await page.getByRole('button', { name: 'Remove passkey' }).click();
  await page.getByText('this is your only one').waitFor();
  assert.deepEqual(complaints, []);
});

test('signing in shows the way by passkey, and proving it is you', async () => {
  await page.goto(at('/account/prove'));
  await look(page, 'factors', 'prove');
  const nobody = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await nobody.goto(at('/signin'));
  await look(nobody, 'factors', 'signin');
  const plain = await (await chromium.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(at('/signin'));
  assert.equal(await plain.getByRole('button', { name: 'Use a passkey' }).count(), 0);
});
