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

// On a phone tabs are wider than the window: where one is comes into sight, in the middle where there is room, since
// neighbours show that there is more. A window may become narrow later, as a phone that is turned does.
function comeIntoSight() {
  for (const here of document.querySelectorAll('.tabs [aria-current]')) {
    const row = here.closest('.tabs');
    if (row.scrollWidth <= row.clientWidth) continue;
    const [one, all] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += one.x + one.width / 2 - (all.x + all.width / 2);
  }
}

comeIntoSight();
let width = innerWidth;
addEventListener('resize', () => {
  if (width === innerWidth) return;
  width = innerWidth;
  comeIntoSight();
});
