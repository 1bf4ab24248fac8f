// Takes photos with the device's camera, in a dialog with an outline to fit head and shoulders into. What is taken goes the way
// of any other file: the page hears of it by an event.
import { t } from './words.mjs';

const dialog = document.querySelector('#camera');
const opener = document.querySelector('[data-camera-open]');
if (dialog && opener) start();

function start() {
  const part = (name) => dialog.querySelector(`[data-camera-${name}]`);
  const [video, still, words, outline, another] = ['video', 'still', 'words', 'outline', 'switch'].map(part);
  const fallback = document.querySelector('[data-camera-fallback]');
  const invitation = words.textContent;
  const fingers = matchMedia('(pointer: coarse)').matches;
  let stream, facing = 'user', taken = 0, asked = 0;

  opener.hidden = !navigator.mediaDevices?.getUserMedia && !fingers;
  opener.addEventListener('click', () => {
    // Without TLS browsers keep the camera from pages; a phone's own camera still takes photos.
    if (!navigator.mediaDevices?.getUserMedia) { byThePhone(); return; }
    dialog.showModal();
    look();
  });
  dialog.addEventListener('close', stop);
  part('take').addEventListener('click', take);
  part('again').addEventListener('click', () => state('live', invitation));
  part('use').addEventListener('click', use);
  part('retry').addEventListener('click', look);
  part('files').addEventListener('click', () => { dialog.close(); if (fingers) byThePhone(); else document.querySelector('#photo').click(); });
  another.addEventListener('click', () => { facing = facing === 'user' ? 'environment' : 'user'; look(); });
  fallback.addEventListener('change', () => { hand([...fallback.files]); fallback.value = ''; });

  function byThePhone() {
    fallback.hidden = false;
    fallback.click();
    fallback.hidden = true;
  }

  async function look() {
    stop();
    const mine = asked += 1;
    state('live', t('Asking for the camera. Your browser may want you to allow it.'));
    part('take').disabled = true;
    try {
      const found = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: facing, width: { ideal: 2560 }, height: { ideal: 1920 } },
      });
      // Closed meanwhile, or the other camera was asked for.
      if (mine !== asked || !dialog.open) { end(found); return; }
      stream = found;
      video.srcObject = found;
      await video.play();
      const really = found.getVideoTracks()[0].getSettings().facingMode ?? facing;
      dialog.classList.toggle('mirrored', really !== 'environment');
      const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
      another.hidden = cameras.length < 2;
      part('take').disabled = false;
      state('live', invitation);
      part('take').focus();
    } catch (error) {
      if (mine === asked) state('without', why(error));
    }
  }

  function why({ name }) {
    switch (name) {
      case 'NotAllowedError':
      case 'SecurityError':
        return t('The camera is blocked for this page. Allow it beside the address or in the browser\'s settings and try again, or choose a file.');
      case 'NotFoundError':
      case 'OverconstrainedError':
        return t('There is no camera on this device. Choose a file, or continue on your phone.');
      case 'NotReadableError':
        return t('Another program is using the camera. Close it and try again, or choose a file.');
      default:
        return t('The camera did not start. Try again, or choose a file.');
    }
  }

  function take() {
    if (!video.videoWidth) return;
    [still.width, still.height] = [video.videoWidth, video.videoHeight];
    still.getContext('2d').drawImage(video, 0, 0);
    state('taken', t('Sharp, eyes open, nothing cut off?'));
    part('use').focus();
  }

  function use() {
    // As others see the person: the mirror is for looking only.
    still.toBlob((blob) => {
      if (!blob) { state('live', t('The photo could not be kept. Take it again.')); return; }
      taken += 1;
      hand([new File([blob], `${t('Camera {number}', { number: taken })}.jpg`, { type: 'image/jpeg', lastModified: Date.now() })]);
      dialog.close();
    }, 'image/jpeg', 0.93);
  }

  function hand(files) {
    if (files.length) document.dispatchEvent(new CustomEvent('photos', { detail: files }));
  }

  function state(now, said) {
    for (const one of ['live', 'taken', 'without']) part(one).hidden = one !== now;
    video.hidden = now !== 'live';
    still.hidden = now !== 'taken';
    part('finder').hidden = now === 'without';
    outline.toggleAttribute('hidden', now !== 'live');
    words.textContent = said;
  }

  function stop() {
    asked += 1;
    if (stream) end(stream);
    stream = undefined;
    video.srcObject = null;
  }

  function end(of) {
    for (const track of of.getTracks()) track.stop();
  }
}
