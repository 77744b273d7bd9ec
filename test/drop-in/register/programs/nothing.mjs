process.exitCode = Number(process.argv[2] ?? 0)
