#!/usr/bin/env bash
# npm 11.19.1 on Node 20 and later, on Linux where sh is dash (Debian, Ubuntu and most images of Docker)
#
# Guess: SIGTERM to `npm exec`, `npx` or `npm start` reaches the program, npm waits for it and ends with its exit code:
#        npm takes the signal and hands it on.
# Seen:  npm hands it to the shell that it has put between. The shell ends by it, and so does npm. The program
#        hears nothing and goes on without a parent. A process manager sees the end and starts a second one beside it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{"scripts":{"start":"node program.mjs"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts npm@11.19.1 >/dev/null
cat > program.mjs <<'JS'
import { appendFileSync } from 'node:fs'
const end = (how) => {
  appendFileSync('said', `${how}\n`)
  process.exit(0)
}
process.on('SIGTERM', () => end('heard SIGTERM'))
process.on('SIGUSR2', () => end('goes on'))
appendFileSync('pid', String(process.pid))
setTimeout(() => end('never asked'), 60_000)
JS
cat > run.mjs <<'JS'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
for (const command of [['exec', '--', 'node', 'program.mjs'], ['start']]) {
  for (const name of ['pid', 'said']) rmSync(name, { force: true })
  const npm = spawn(process.execPath, ['node_modules/npm/bin/npm-cli.js', ...command], { stdio: 'ignore' })
  const ended = new Promise((resolve) => npm.on('exit', (code, signal) => resolve(code ?? signal)))
  while (!existsSync('pid')) await wait(50)
  npm.kill('SIGTERM')
  const code = await ended
  // Time for a program that was told.
  await wait(1_000)
  if (!existsSync('said')) process.kill(Number(readFileSync('pid', 'utf8')), 'SIGUSR2')
  while (!existsSync('said')) await wait(50)
  console.log(`npm ${command[0]}: ${code}; its program: ${readFileSync('said', 'utf8').trim()}`)
}
JS
output=$(node run.mjs)
echo "npm 11.19.1, sh is $(basename "$(readlink -f /bin/sh)")"
echo "$output"
[ "$output" = $'npm exec: SIGTERM; its program: goes on\nnpm start: SIGTERM; its program: goes on' ]
