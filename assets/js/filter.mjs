// On a phone the tabs are wider than the window: the one that is open comes into sight.
const strip = document.querySelector('main > .tabs');
const open = strip?.querySelector('[aria-current]');
if (open) strip.scrollLeft = open.offsetLeft - strip.offsetLeft - (strip.clientWidth - open.offsetWidth) / 2;

// A changed filter applies at once; the button is for pages without script.
for (const form of document.querySelectorAll('form[data-filter]')) {
  for (const button of form.querySelectorAll('[data-filter-button]')) button.hidden = true;
  for (const select of form.querySelectorAll('select')) select.addEventListener('change', () => form.requestSubmit());

  // "/" goes to the search, as people who use many such lists expect.
  const search = form.querySelector('input[type=search]');
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.metaKey || event.ctrlKey || event.target.closest('input, textarea, select')) return;
    event.preventDefault();
    search?.focus();
  });
}
