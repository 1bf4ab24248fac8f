// Copy buttons: hidden until a clipboard is there. `data-copy` names the element
// whose text is copied, `data-copy-text` holds the text itself.
import { t } from './words.mjs';

const RESET_AFTER = 2000;

async function copy(button) {
  const text = button.dataset.copyText ?? document.querySelector(button.dataset.copy).textContent;
  const words = button.querySelector('[data-copy-words]');
  const before = words.dataset.before ?? words.textContent;
  words.dataset.before = before;
  words.setAttribute('role', 'status');
  try {
    await navigator.clipboard.writeText(text);
    words.textContent = t('Copied');
  } catch {
    words.textContent = t('Not copied');
  }
  clearTimeout(button.reset);
  button.reset = setTimeout(() => { words.textContent = before; }, RESET_AFTER);
}

if (navigator.clipboard) {
  const usable = () => {
    for (const button of document.querySelectorAll('[data-copy], [data-copy-text]')) button.hidden = false;
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy], [data-copy-text]');
    if (button) copy(button);
  });
  // Rows may come while the page is open.
  document.addEventListener('live', usable);
  usable();
}
