// Menus are <details>; this closes them on Escape and on a click elsewhere.
const open = () => document.querySelectorAll('details.menu[open]');

document.addEventListener('click', (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of open()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector('summary').focus();
  }
});

// On a phone the bar is wider than the window: where one is comes into sight.
document.querySelector('.side .nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });

// So does the tab, in the middle of its row: its neighbours show that there is more.
for (const here of document.querySelectorAll('.tabs [aria-current]')) {
  const row = here.closest('.tabs');
  const [tab, all] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += tab.x + tab.width / 2 - (all.x + all.width / 2);
}
