// Passkeys: asks the server what to ask the device, asks the device, and posts what it answers as a plain form.
// A form with `data-passkey` says which: "get" to sign in, "create" to add one. With `data-silent` the browser may
// also offer passkeys where an address is typed.
import { t } from './words.mjs';

const known = globalThis.PublicKeyCredential;
let offered;

async function begin(form) {
  const answer = await fetch(form.dataset.begin, { method: 'POST', headers: { accept: 'application/json' } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

function bytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const descriptors = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function understood({ publicKey }) {
  return {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: bytes(publicKey.user.id) } }),
    ...(publicKey.excludeCredentials && { excludeCredentials: descriptors(publicKey.excludeCredentials) }),
    ...(publicKey.allowCredentials && { allowCredentials: descriptors(publicKey.allowCredentials) }),
  };
}

function told(credential) {
  const { response } = credential;
  const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
  const given = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    extensions: credential.getClientExtensionResults(),
    response: { ...Object.fromEntries(given), transports: response.getTransports?.() },
  });
}

function complain(form, words) {
  const line = form.querySelector('[data-passkey-error]');
  line.hidden = !words;
  line.querySelector('span').textContent = words;
}

function words(error) {
  switch (error.name) {
    case 'NotAllowedError': return t('No passkey was used. Try again, or use another way.');
    case 'InvalidStateError': return t('This device has a passkey for this account already.');
    case 'TypeError': return t('The server could not be reached. Try again in a moment.');
    default: return error.message;
  }
}

async function run(form, more = {}) {
  const { ceremony, options } = await begin(form);
  const create = form.dataset.passkey === 'create';
  const asked = { publicKey: understood(options), ...more };
  const credential = await (create ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
  form.elements.ceremony.value = ceremony;
  form.elements.credential.value = told(credential);
  form.submit();
}

async function pressed(form, button) {
  if (!form.reportValidity()) return;
  // One question at a time: what was offered beside the address makes way.
  offered?.abort();
  complain(form, '');
  button.disabled = true;
  try {
    await run(form);
  } catch (error) {
    complain(form, words(error));
    button.disabled = false;
  }
}

async function offer(form) {
  if (!(await known.isConditionalMediationAvailable?.())) return;
  offered = new AbortController();
  try {
    await run(form, { mediation: 'conditional', signal: offered.signal });
  } catch {
    // Nobody has asked for anything yet, so there is nobody to complain to.
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!known) break;
  const button = form.querySelector('button');
  button.hidden = false;
  button.addEventListener('click', () => pressed(form, button));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    pressed(form, button);
  });
  if ('silent' in form.dataset) offer(form);
}
for (const note of document.querySelectorAll('[data-passkey-without]')) note.hidden = Boolean(known);
for (const part of document.querySelectorAll('[data-passkey-with]')) part.hidden = !known;
