// What the suites here share: where things are, and the API as one calls it by hand.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../browser/headroom.mjs';

export const here = dirname(fileURLToPath(import.meta.url));

/** What is installed, generated and reported; nothing in it is kept. */
export const work = join(root, 'target', 'clients');

/** API v2 of a running server. */
export function api({ url, said }) {
  const call = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${said.apiKey}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${url}/api/v2/organization${path}`, { method, headers, body: body && JSON.stringify(body) });
    const reply = await answer.json();
    if (!reply.success) throw new Error(`${method} ${path}: ${reply.error}`);
    return reply;
  };
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}
