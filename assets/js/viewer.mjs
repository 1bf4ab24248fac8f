// Looking through pictures by keys and fingers. The links and forms are there without it.
import { t } from './words.mjs';

const viewer = document.querySelector('[data-viewer]');
if (viewer) {
  const KEYS = {
    ArrowLeft: 'previous',
    ArrowRight: 'next',
    Escape: 'close',
    l: 'like',
    f: 'favourite',
    d: 'download',
    z: 'zoom',
  };
  const part = (name) => viewer.querySelector(`[data-viewer-${name}]`);

  // One looks through the pictures in place: the browser's way back leads to all of them, not through each one again.
  const go = (link) => location.replace(link.href);

  document.addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    if (event.target.closest('input, textarea, select') || document.querySelector(':modal')) return;
    const what = KEYS[event.key];
    const target = what && part(what);
    if (!target) return;
    event.preventDefault();
    if (what === 'previous' || what === 'next') go(target);
    else target.click();
  });

  // The neighbours are fetched ahead, so that the next picture is there at once.
  for (const link of viewer.querySelectorAll('[data-picture]')) new Image().src = link.dataset.picture;

  // A picture follows the finger and goes when it was moved a fifth of its width, or flicked.
  const stage = part('stage');
  const picture = stage.querySelector('img');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const SLOP = 8;
  const FLICK = 0.5;
  let from = null;
  let swiped = false;

  stage.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' || !event.isPrimary) { settle(); return; }
    from = { x: event.clientX, y: event.clientY, at: event.timeStamp, id: event.pointerId };
    swiped = false;
  });
  stage.addEventListener('pointermove', (event) => {
    if (!from || event.pointerId !== from.id || window.visualViewport?.scale > 1) return;
    const x = event.clientX - from.x;
    if (!swiped && (Math.abs(x) < SLOP || Math.abs(x) < Math.abs(event.clientY - from.y))) return;
    swiped = true;
    // Towards where there is nothing, it gives way less.
    const way = part(x < 0 ? 'next' : 'previous') ? x : x / 4;
    if (!calm.matches) picture.style.transform = `translateX(${way}px)`;
  });
  stage.addEventListener('pointerup', (event) => {
    if (!from || event.pointerId !== from.id) return;
    const x = event.clientX - from.x;
    const fast = Math.abs(x) / Math.max(1, event.timeStamp - from.at) > FLICK;
    const far = Math.abs(x) > stage.clientWidth / 5;
    const target = swiped && (far || fast) ? part(x < 0 ? 'next' : 'previous') : null;
    from = null;
    if (target) go(target);
    else settle();
  });
  stage.addEventListener('pointercancel', settle);

  function settle() {
    from = null;
    if (!picture.style.transform) return;
    picture.classList.add('settling');
    picture.style.transform = '';
    picture.addEventListener('transitionend', () => picture.classList.remove('settling'), { once: true });
  }

  // Full size, over everything: scrolled by wheel, finger or arrow keys, closed by Esc or a press.
  const zoom = part('zoom');
  zoom.addEventListener('click', (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (swiped) { swiped = false; return; }
    const dialog = document.createElement('dialog');
    dialog.className = 'full';
    dialog.setAttribute('aria-label', t('{picture}, full size', { picture: picture.alt }));
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'button', textContent: t('verb|Close') });
    const room = Object.assign(document.createElement('div'), { className: 'room', tabIndex: 0 });
    room.append(Object.assign(new Image(Number(picture.getAttribute('width')), Number(picture.getAttribute('height'))), { src: picture.src, alt: picture.alt }));
    dialog.append(room, close);
    for (const one of [room, close]) one.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { dialog.remove(); zoom.focus(); });
    document.body.append(dialog);
    dialog.showModal();
    room.focus();
    room.scrollTo((room.scrollWidth - room.clientWidth) / 2, (room.scrollHeight - room.clientHeight) / 4);
  });
}
