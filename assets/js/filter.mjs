// On a phone the tabs are wider than the window: the one that is open comes into sight.
const strip = document.querySelector('main .tabs');
const open = strip?.querySelector('[aria-current]');
if (open) strip.scrollLeft = open.offsetLeft - strip.offsetLeft - (strip.clientWidth - open.offsetWidth) / 2;

// A changed filter applies at once; the button is for pages without script.
const withoutButtons = () => {
  for (const button of document.querySelectorAll('form[data-filter] [data-filter-button]')) button.hidden = true;
};

document.addEventListener('change', ({ target }) => {
  if (target.matches('form[data-filter] select')) target.form.requestSubmit();
});
document.addEventListener('live', withoutButtons);
withoutButtons();
