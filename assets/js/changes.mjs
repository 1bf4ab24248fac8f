// Keeps a lead's page true while it is open. The server says when something of the organization changed; the page is fetched
// once more, and what differs in its parts (`data-live`) is put in place, element by element. So whatever has the focus, is
// checked, typed, opened or selected stays as it is, and the page stays where it was scrolled to.
const page = document.querySelector('[data-changes]');

// What scripts and people change on an element. The server has its say when the page is loaded.
const OURS = new Set(['hidden', 'disabled', 'open', 'checked', 'selected', 'tabindex', 'aria-expanded', 'data-sent']);

// After a connection was lost: soon, then ever later, and never all pages at once.
const LATEST = 60_000;

if (page) {
  let known = page.dataset.asOf;
  let source, again, tries = 0, over = false, busy = false, due = false;

  function listen() {
    if (source || over || document.hidden) return;
    clearTimeout(again);
    source = new EventSource(page.dataset.changes);
    source.addEventListener('message', ({ data }) => {
      tries = 0;
      if (data === known) return;
      known = data;
      refresh();
    });
    source.addEventListener('gone', end);
    source.addEventListener('error', () => {
      pause();
      tries += 1;
      again = setTimeout(listen, Math.min(LATEST, 500 * 2 ** tries) * (0.5 + Math.random()));
    });
  }

  function pause() {
    clearTimeout(again);
    source?.close();
    source = undefined;
  }

  // Signed out, or leading no more: the page stays as it was last true.
  function end() {
    over = true;
    pause();
  }

  async function refresh() {
    if (busy) {
      due = true;
      return;
    }
    busy = true;
    try {
      // The answer to a form has an address that can't be read; the server names the page it stands for.
      const address = page.dataset.changesPage ?? location.href.split('#')[0];
      const answer = await fetch(address, { headers: { accept: 'text/html' }, cache: 'no-store' });
      if ([401, 403, 404].includes(answer.status)) end();
      if (!answer.ok || answer.redirected) return;
      put(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      // Offline for a moment: the next change, or the next connection, tries again.
      known = undefined;
    } finally {
      busy = false;
      if (due) {
        due = false;
        refresh();
      }
    }
  }

  // A page nobody looks at holds no connection: browsers have few of them for each server.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) pause();
    else listen();
  });
  window.addEventListener('pagehide', pause);
  window.addEventListener('pageshow', listen);
  listen();
}

function put(fresh) {
  const focused = document.activeElement;
  let changed = false;
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (!next || part.isEqualNode(next)) continue;
    become(part, next);
    changed = true;
  }
  if (!changed) return;
  // A row that moved takes its focus along; where it is gone, reading goes on in the page and not at its top.
  if (focused !== document.activeElement) {
    (focused.isConnected ? focused : document.querySelector('main'))?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new CustomEvent('live'));
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id || undefined : undefined);
const alike = (one, other) => one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

// Makes `old` what `next` is, and keeps what can stay.
function become(old, next) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.isEqualNode(next)) return;
  // What was typed or chosen is theirs.
  if (old.matches('textarea, select, input:not([type=hidden])')) return;
  for (const { name } of [...old.attributes]) if (!OURS.has(name) && !next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (!OURS.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // Others first go, then come: whoever stays is moved only where the order changed.
  const staying = new Set([...next.children].map(keyOf));
  for (const child of [...old.children]) if (keyOf(child) && !staying.has(keyOf(child))) child.remove();
  const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let at = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    const found = keyOf(wanted) ? keyed.get(keyOf(wanted)) : unkeyed(at, wanted);
    if (found && alike(found, wanted)) {
      while (at && at !== found && !keyOf(at)) at = discarded(at);
      if (found === at) at = at.nextSibling;
      else old.insertBefore(found, at);
      become(found, wanted);
    } else {
      old.insertBefore(document.importNode(wanted, true), at);
    }
  }
  while (at) at = discarded(at);
}

// The next element without a name that this could be, with nothing named in between.
function unkeyed(at, wanted) {
  for (let one = at; one && !keyOf(one); one = one.nextSibling) if (alike(one, wanted)) return one;
  return undefined;
}

function discarded(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
