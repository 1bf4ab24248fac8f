// Shows how a colour looks on light and dark pages while it is chosen. The button is for pages without script.
const QUIET = 150;

const form = document.querySelector('form[data-brand]');
const sheet = document.querySelector('[data-brand-preview]');
let waiting;
let asked = 0;

async function show() {
  const [colour, turn] = [form.elements.accent.value, (asked += 1)];
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return;
  const query = new URLSearchParams({ preview: '1', accent: colour });
  const answer = await fetch(`${form.dataset.brand || location.pathname}?${query}`).catch(() => undefined);
  // A later colour may have been answered first.
  if (!answer?.ok || turn !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  sheet.href = `/brand/${colour.slice(1).toLowerCase()}/preview.css`;
  document.querySelector('#contrast').replaceChildren(...page.querySelector('#contrast').childNodes);
}

if (form && sheet) {
  form.querySelector('[data-brand-button]').hidden = true;
  form.elements.accent.addEventListener('input', () => {
    form.elements.coloured.checked = true;
    clearTimeout(waiting);
    waiting = setTimeout(show, QUIET);
  });
}
