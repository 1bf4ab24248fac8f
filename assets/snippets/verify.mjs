import { createHmac, timingSafeEqual } from 'node:crypto';

// Returns the event, or throws. Headers as node:http has them; the body as it came, not parsed yet.
export function verify(headers, body, secret) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!(age <= 300)) throw new Error('too old, or without a time');

  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  if (key.length === 0) throw new Error('no secret');
  const sum = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const expected = Buffer.from(`v1,${sum}`);
  const fits = (given) => given.length === expected.length && timingSafeEqual(given, expected);
  if (!signatures.split(' ').some((one) => fits(Buffer.from(one)))) throw new Error('no signature fits');
  return JSON.parse(body);
}
