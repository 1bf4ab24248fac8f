// Among many headshots: back at the one that was looked at, and how many are selected.
import { many } from './words.mjs';

const here = document.querySelector('[data-gallery]') && /^#h[0-9a-f]{24}$/.test(location.hash)
  && document.querySelector(location.hash);
if (here) {
  // Browsers go to the address's part of a page once it is there, and take the focus away with that.
  const back = () => requestAnimationFrame(() => here.querySelector('a').focus());
  if (document.readyState === 'complete') back();
  else addEventListener('load', back, { once: true });
}

const form = document.querySelector('form[data-gallery-select]');
if (form) {
  const boxes = [...form.querySelectorAll('input[type=checkbox]')];
  const words = form.querySelector('[data-gallery-words]');
  const none = words.textContent;
  const two = form.querySelector('[data-gallery-two]');

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const text = chosen === 0 ? none : many('{n} selected', '{n} selected', chosen);
    if (words.textContent !== text) words.textContent = text;
    two.disabled = chosen !== 2;
  };
  form.addEventListener('change', show);
  // Browsers bring the boxes back as they were left.
  window.addEventListener('pageshow', show);
  show();
}
