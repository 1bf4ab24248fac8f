// The wall of headshots: goes on while it is scrolled, counts who is selected, and says how far a download is. Without this, a link
// leads to the next part, the boxes work as they are, and the browser alone shows the download.
import { many } from './words.mjs';

const form = document.querySelector('form[data-wall]');

if (form) {
  const groups = form.querySelector('[data-wall-groups]');
  const all = form.querySelector('[data-wall-all]');
  const every = all.querySelector('input');
  const words = form.querySelector('[data-wall-words]');
  const hint = form.querySelector('[data-wall-hint]');
  const boxes = () => [...groups.querySelectorAll('input[type=checkbox]')];

  const show = () => {
    const [chosen, there] = [boxes().filter((box) => box.checked).length, boxes().length];
    every.checked = chosen > 0 && chosen === there;
    every.indeterminate = chosen > 0 && chosen < there;
    words.textContent = chosen === 0 ? words.dataset.none : many('{n} selected', '{n} selected', chosen);
    hint.textContent = chosen === 0 ? hint.dataset.none : '';
  };
  every.addEventListener('change', () => {
    for (const box of boxes()) box.checked = every.checked;
    show();
  });
  groups.addEventListener('change', show);
  // Browsers bring the boxes back as they were left.
  addEventListener('pageshow', show);
  all.hidden = false;
  show();

  let loading = false;
  const next = () => document.querySelector('[data-wall-more]');

  // The next part is a page like this one: its groups go on where these end.
  async function more() {
    const link = next();
    if (!link || loading) return;
    loading = true;
    link.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(link.href, { headers: { accept: 'text/html' } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const focused = document.activeElement === link;
      let first;
      for (const group of page.querySelectorAll('[data-wall-groups] > [data-group]')) {
        const last = groups.lastElementChild;
        first ??= group.querySelector('.tiles a');
        if (last.dataset.group === group.dataset.group) last.querySelector('.tiles').append(...group.querySelectorAll('.tiles > li'));
        else groups.append(group);
      }
      const after = page.querySelector('[data-wall-more]');
      if (after) link.replaceWith(after); else link.remove();
      if (focused) first?.focus();
      show();
      watch();
    } catch {
      // The link is still there, and leads on by itself.
      link.removeAttribute('aria-busy');
      seen.disconnect();
    } finally {
      loading = false;
    }
  }
  const seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) more(); }, { rootMargin: '800px' });
  function watch() {
    seen.disconnect();
    if (next()) seen.observe(next());
  }
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-wall-more]') && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      more();
    }
  });
  watch();

  // The server counts the pictures it has sent under this name.
  const progress = form.querySelector('[data-wall-progress]');
  const [bar, said] = [progress.querySelector('progress'), progress.querySelector('[role=status]')];
  let asking;
  form.addEventListener('submit', (event) => {
    if (event.submitter?.value !== 'zip') return;
    const name = crypto.getRandomValues(new Uint32Array(4)).join('-');
    form.elements.download.value = name;
    clearTimeout(asking);
    let misses = 0;
    const ask = async () => {
      const answer = await fetch(`/app/admin/headshots/progress?download=${name}`).catch(() => undefined);
      if (answer?.ok) {
        const { done, all: there, over } = await answer.json();
        progress.hidden = false;
        [bar.max, bar.value] = [there, done];
        if (over) {
          said.textContent = done === there
            ? many('Sent {done} of {n} picture.', 'Sent {done} of {n} pictures.', there, { done })
            : many('The download ended after {done} of {n} picture. Start it again to get all of them.', 'The download ended after {done} of {n} pictures. Start it again to get all of them.', there, { done });
          return;
        }
        said.textContent = many('{done} of {n} picture sent', '{done} of {n} pictures sent', there, { done });
      } else if ((misses += 1) > 20) {
        progress.hidden = true;
        return;
      }
      asking = setTimeout(ask, 400);
    };
    asking = setTimeout(ask, 150);
  });
}
