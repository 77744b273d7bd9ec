/** Transitions that no test on real Baileys takes, each with the reason, and with the test that takes it elsewhere. */
export const notOnBaileys: Readonly<Record<string, string>> = {}
