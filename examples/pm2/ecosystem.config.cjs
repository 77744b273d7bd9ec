// pm2 start ecosystem.config.cjs
module.exports = {
  apps: [
    {
      name: 'gateway',
      script: 'node_modules/.bin/lifeline',
      args: 'exec --dashboard --exit-when-deaf 3 -- node gateway.js',
      interpreter: 'none',
      // One process for an account: in a cluster each of them would want it.
      exec_mode: 'fork',
      // The supervision lets go of its account within 5 s.
      kill_timeout: 10_000,
    },
  ],
}
