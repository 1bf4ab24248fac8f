// Keeps parts of a page true while it is open: whenever the server says that something changed, the page is fetched
// once more and the parts that differ are put in place. What has the focus keeps it.
const page = document.querySelector('[data-follow]');
if (page) {
  const source = new EventSource(page.dataset.follow);
  let before, waiting, busy = false;

  source.addEventListener('message', ({ data }) => {
    // The first one tells how things stood when the page was made, or a moment later.
    if (before === data) return;
    before = data;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 250);
  });

  async function refresh() {
    if (busy) return;
    busy = true;
    try {
      // The answer to a form has an address that can't be read; the server names the page it stands for.
      const answer = await fetch(page.dataset.followPage ?? location.href, { headers: { accept: 'text/html' } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const part of document.querySelectorAll('[data-follow-part]')) {
        const next = fresh.getElementById(part.id);
        if (next && next.textContent !== part.textContent) put(part, next);
      }
    } catch {
      // Offline for a moment: the next message tries again.
    } finally {
      busy = false;
    }
  }

  function put(part, next) {
    const active = part.contains(document.activeElement) && document.activeElement.getAttribute('href');
    part.replaceChildren(...next.childNodes);
    if (active) [...part.querySelectorAll('[href]')].find((one) => one.getAttribute('href') === active)?.focus();
  }
}
