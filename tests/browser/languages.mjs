// Runs the documentation's functions in languages that this machine may have or not: each says whether it believes a delivery.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './headroom.mjs';

const snippet = (end) => join(root, 'assets', 'snippets', `verify.${end}`);

const PHP = `require '${snippet('php')}';
  $in = json_decode(stream_get_contents(STDIN), true);
  foreach ($in['headers'] as $name => $value) $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] = $value;
  try { verify($in['body'], $in['secret']); echo 'yes'; } catch (Exception $refused) { echo 'no'; }`;

const RUBY = `given = JSON.parse($stdin.read)
  begin
    verify(given['headers'], given['body'], given['secret'])
    print 'yes'
  rescue RuntimeError
    print 'no'
  end`;

const GO = `package main

import ("encoding/json"; "fmt"; "net/http"; "os"; "check/webhooks")

func main() {
  var given struct { Headers map[string]string; Body, Secret string }
  if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil { panic(err) }
  header := http.Header{}
  for name, value := range given.Headers { header.Set(name, value) }
  if webhooks.Verify(header, []byte(given.Body), given.Secret) == nil { fmt.Print("yes") } else { fmt.Print("no") }
}`;

/** Whether there is a program of this name. */
export const installed = (program) => spawnSync('which', [program]).status === 0;

const asks = (program, args) => (delivery) => {
  const said = execFileSync(program, args, { input: JSON.stringify(delivery), encoding: 'utf8' });
  if (!['yes', 'no'].includes(said)) throw new Error(`${program} said ${said}`);
  return said === 'yes';
};

/** By the program it needs: makes the function that is asked. */
export const LANGUAGES = {
  php: () => asks('php', ['-r', PHP]),
  ruby: () => asks('ruby', ['-r', snippet('rb'), '-e', RUBY]),
  go: (folder) => {
    mkdirSync(join(folder, 'webhooks'));
    writeFileSync(join(folder, 'go.mod'), 'module check\n\ngo 1.19\n');
    writeFileSync(join(folder, 'main.go'), GO);
    copyFileSync(snippet('go'), join(folder, 'webhooks', 'verify.go'));
    execFileSync('go', ['build', '-o', 'check', '.'], { cwd: folder, env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off' } });
    return asks(join(folder, 'check'), []);
  },
};
