// Baileys takes a stack for each query, and Node would look up in the source maps where each line of it was written.
// The runner does that by itself for what fails.
process.setSourceMapsEnabled(false)
