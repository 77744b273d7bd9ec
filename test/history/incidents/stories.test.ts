import { describe, expect, test } from 'vitest'
import { condensed, mostKept } from '../../../src/history/condensing.ts'
import { availability, incidentsOf, timeToHeal } from '../../../src/history/incidents/index.ts'
import { began, day, hour, minute, pruned, Story, second, unheard, unreadable } from '../story.ts'

describe('incidents', () => {
  test('after a power cut the sentence has the time that it was off, and heals from the start on', () => {
    const story = new Story().start().to('healthy').after(hour).add({ type: 'alive' })
    const lastSeen = story.at
    story
      .after(4 * minute)
      .start('heal', lastSeen)
      .after(2 * second)
      .to('healthy')
    story.after(second).add(unreadable(5)).to('degraded').after(second).add(unreadable(12, 36)).to('pruningSessions')
    story
      .after(second)
      .add(pruned(12))
      .to('reconnecting')
      .to('preparing')
      .to('connecting')
      .after(4 * second)
      .to('healthy')
    const [incident, ...others] = story.incidents
    expect(others).toEqual([])
    expect(incident).toMatchObject({ cause: 'unclean-end', outcome: 'healed', beganAt: lastSeen, endedAt: story.at })
    expect(incident?.sentence).toBe(
      'down 4 min; 12 contacts unreadable; 12 sessions set aside; credentials untouched; healed in 9 s',
    )
    expect(incident?.id).toBe('20260101T010000')
  })

  test('a short drop needs no word about credentials', () => {
    const story = new Story()
      .start()
      .to('healthy')
      .after(hour)
      .to('reconnecting', 'link-lost', 408)
      .after(12 * second)
    expect(
      story
        .to('preparing')
        .to('connecting')
        .to('healthy')
        .incidents.map(({ sentence }) => sentence),
    ).toEqual(['down 12 s; healed in 12 s'])
  })

  test('nobody is told of 0 s', () => {
    const story = new Story().start().to('healthy').after(hour).to('reconnecting', 'link-lost', 408).after(300)
    const [incident] = story.to('preparing').to('connecting').to('healthy').incidents
    expect(incident?.sentence).toBe('down less than a second; healed in less than a second')
  })

  test('a connection that comes and goes is one incident from the notice on, with its count and what most closes were', () => {
    const drop = (story: Story) =>
      story
        .after(3 * minute)
        .to('reconnecting', 'link-lost', 408)
        .after(second)
    const up = (story: Story) => story.to('preparing').to('connecting').to('healthy')
    const story = up(drop(new Story().start().to('healthy')))
    drop(story).add({ type: 'notice', kind: 'unstable', message: '', details: { closes: 6, cause: 'link-lost' } })
    for (let more = 0; more < 9; more += 1) drop(up(story))
    up(story)
      .after(hour)
      .add({ type: 'notice', kind: 'unstable', message: '', details: { closes: 2, over: true } })
    up(drop(story))
    expect(story.incidents.map(({ sentence }) => sentence)).toEqual([
      'down 1 s; healed in 1 s',
      expect.stringMatching(/^down 10 s; unstable: 10 closes, mostly: the link went silent; healed in /),
      'down 1 s; healed in 1 s',
    ])
  })

  test('trouble within a minute of being well again belongs to the same incident; later trouble is another', () => {
    const drop = (story: Story, ms: number) =>
      story.after(ms).to('reconnecting', 'closed').after(second).to('preparing').to('connecting').to('healthy')
    const story = new Story().start().to('healthy')
    drop(drop(drop(story, hour), 50 * second), 2 * minute)
    expect(story.incidents.map(({ downMs }) => downMs)).toEqual([2 * second, second])
  })

  test('a link that drops again before it was stable goes on as one incident, whatever it closes with', () => {
    const story = new Story().start().to('healthy').after(hour).to('reconnecting', 'closed').after(second)
    story.to('preparing').to('connecting').to('healthy').after(second).to('reconnecting', 'link-lost')
    for (const kind of ['network', 'replaced', 'restart-required'] as const)
      story.after(second).to('preparing').to('connecting').after(second).to('reconnecting', kind)
    const { incidents } = story.after(second).to('preparing').to('connecting').to('healthy')
    expect(incidents.map(({ cause, outcome, downMs }) => [cause, outcome, downMs])).toEqual([
      ['closed', 'healed', 8 * second],
    ])
  })

  test.each([
    ['a notice', { type: 'notice', kind: 'recovered', message: 'm', details: {} }, 5 * second],
    ['what was told of contacts', unreadable(0), 5 * second],
    ['a backlog', { type: 'arrived', late: 1, unread: 0, reread: 0 }, 10 * minute],
    ['a sign of life', { type: 'alive' }, -1],
  ] as const)('%s that comes after the end belongs to the incident for its time', (_, entry, lastMs) => {
    const eventsAfter = (ms: number) => {
      const story = new Story().start().to('healthy').after(hour).to('reconnecting', 'network').after(second)
      story.to('preparing').to('connecting').to('healthy')
      const before = JSON.stringify(story.incidents)
      return JSON.stringify(story.after(ms).add(entry).incidents) !== before
    }
    expect([0, lastMs, lastMs + 1].map((ms) => eventsAfter(Math.max(0, ms)))).toEqual(
      lastMs < 0 ? [false, false, false] : [true, true, false],
    )
  })

  test('contacts who cannot read what is sent are told with their number at its worst, and what was done for them', () => {
    const story = new Story()
      .start()
      .to('healthy')
      .after(hour)
      .add(unheard(3))
      .to('degraded')
      .add(unheard(4, 1, 7))
    story.add({ type: 'act', act: 'sessions-renewed', sessions: 5, why: 'they could not read what was sent' })
    const [incident] = story
      .after(2 * second)
      .add(unheard(0))
      .to('healthy').incidents
    expect(incident?.sentence).toBe(
      'connected throughout; 5 could not read what was sent; 5 sessions made anew; credentials untouched; healed in 2 s',
    )
    expect(incident?.events.map(({ words }) => words)).toEqual([
      '3 contacts cannot read what is sent, 3 messages.',
      'Connected, but messages cannot be read.',
      '4 contacts and 1 device of the account itself cannot read what is sent, 7 messages.',
      '5 sessions made anew while connected.',
      'What is sent can be read by all again.',
      'Messages can be read again.',
    ])
  })

  test('observing is told as what would have been done', () => {
    const story = new Story().start('observe').to('healthy').after(hour).add(unreadable(12)).to('degraded')
    for (const sessions of [9, 12, 12])
      story.after(hour).add({ type: 'would', act: 'sessions-set-aside', sessions, why: 'messages stay unreadable' })
    const [incident] = story.after(second).incidents
    expect(incident?.wouldHave).toBe(true)
    expect(incident?.sentence).toBe(
      'connected throughout; 12 contacts unreadable; would have set 12 sessions aside; credentials untouched; not over yet; observing only',
    )
    expect(incident?.events.map(({ words }) => words)).toContain('Would have set 12 sessions aside.')
  })

  test('a dead account is told with its code and its new credentials', () => {
    const story = new Story()
      .start()
      .to('healthy')
      .after(hour)
      .to('awaitingQr', 'logged-out', 401)
      .after(10 * minute)
    story
      .add({ type: 'notice', kind: 'relinked', message: 'Linked again.', details: {} })
      .to('preparing')
      .to('connecting')
    expect(story.to('healthy').incidents[0]?.sentence).toBe(
      'down 10 min; a code was needed; linked anew, the old credentials kept in the quarantine; healed in 10 min',
    )
  })

  // The demo's own story: it was one incident, and blamed the unlinking at its end.
  test('a first link, a power cut, closes of damaged sessions and an unlinking that follow at once are four incidents', () => {
    const story = new Story()
    story
      .add({ type: 'start', mode: 'heal', unclean: false })
      .to('preparing')
      .to('awaitingQr')
      .after(3 * second)
    story.add({ type: 'notice', kind: 'relinked', message: 'Linked.', details: { first: true } })
    story.to('preparing').to('connecting').to('healthy').after(second)
    story.start('heal', story.at).to('healthy').after(second).add(unreadable(6)).to('degraded')
    story.to('pruningSessions', 'replaced', 440).add(pruned(6)).to('reconnecting').to('preparing').to('connecting')
    story.to('reconnecting', 'restart-required', 515).to('preparing').to('connecting').to('healthy').after(second)
    story.to('degraded').after(second).to('healthy').after(second)
    story
      .to('reconnecting', 'logged-out', 401)
      .after(3 * second)
      .to('preparing')
      .to('connecting')
    story.to('awaitingQr', 'logged-out', 401).after(minute)
    story.add({ type: 'notice', kind: 'relinked', message: 'Linked again.', details: {} })
    const { incidents } = story.to('preparing').to('connecting').to('healthy')
    expect(incidents.map(({ cause }) => cause)).toEqual(['awaitingQr', 'unclean-end', 'replaced', 'logged-out'])
    expect(incidents.map(({ outcome }) => outcome)).toEqual(['healed', 'healed', 'healed', 'healed'])
    expect(incidents.map(({ tally }) => [tally.setAside, tally.credentials])).toEqual([
      [0, 'linked'],
      [0, 'untouched'],
      [6, 'untouched'],
      [0, 'replaced'],
    ])
  })

  test('a power cut whose damage came back at once is over with that: damaged sessions an hour later are another incident', () => {
    const story = new Story().start().to('healthy').after(hour)
    story.start('heal', story.at).to('healthy').after(second).add(unreadable(6)).to('degraded').after(second)
    story.to('healthy').after(hour).to('reconnecting', 'replaced', 440).to('preparing').to('connecting').after(second)
    expect(story.to('healthy').incidents.map(({ cause }) => cause)).toEqual(['unclean-end', 'replaced'])
    expect(story.incidents.map(({ beganAt, endedAt }) => (endedAt ?? 0) - beganAt)).toEqual([2 * second, second])
  })

  test('a stop in the middle is no cure, and an incident that goes on counts until now', () => {
    const story = new Story().start().to('healthy').after(hour).to('conflicted', 'replaced', 440).after(hour)
    expect(story.incidents[0]?.sentence).toBe('down 1 h; not over yet')
    expect(story.to('stopped').add({ type: 'stop' }).incidents[0]?.sentence).toBe(
      'down 1 h; stopped before it was over',
    )
    expect(timeToHeal(story.incidents)).toEqual([])
  })

  test('tries that end alike are counted, not told one by one', () => {
    const story = new Story().start().to('healthy').after(hour).to('reconnecting', 'network')
    for (let at = 0; at < 143; at++)
      story.after(minute).to('preparing').to('connecting').after(second).to('reconnecting', 'network')
    const words = story
      .to('preparing')
      .to('connecting')
      .to('healthy')
      .incidents[0]?.events.map((event) => event.words)
    expect(words?.length).toBeLessThan(8)
    expect(words).toContainEqual(
      expect.stringMatching(/^Tried 143 more times in 2 h 2[0-9] min; each ended the same way: no network/),
    )
  })

  test('time to heal is the median by cause, the most frequent first', () => {
    const story = new Story().start().to('healthy')
    for (const [kind, ms] of [
      ['closed', 1],
      ['network', 9],
      ['network', 2],
      ['network', 4],
    ] as const)
      story
        .after(hour)
        .to('reconnecting', kind)
        .after(ms * second)
        .to('preparing')
        .to('connecting')
        .to('healthy')
    expect(timeToHeal(story.incidents)).toEqual([
      { cause: 'network', words: 'no network, or the server out of reach', count: 3, medianMs: 4 * second },
      { cause: 'closed', words: 'the connection was closed', count: 1, medianMs: second },
    ])
  })
})

describe('availability', () => {
  const of = (story: Story) => availability(story.entries, story.at)

  test('is unknown where nothing is recorded', () => {
    expect(availability([], began)).toEqual({ h24: null, d7: null, d30: null })
    expect(
      of(
        new Story()
          .start()
          .to('healthy')
          .after(hour)
          .to('stopped')
          .add({ type: 'stop' })
          .after(2 * day),
      ),
    ).toEqual({
      h24: null,
      d7: 1,
      d30: 1,
    })
  })

  test('is the share of the supervised time that was connected, degraded included', () => {
    const story = new Story()
      .start()
      .to('healthy')
      .after(6 * hour)
      .to('degraded')
      .after(6 * hour)
    story
      .to('reconnecting', 'network')
      .after(12 * hour)
      .add({ type: 'alive' })
    expect(of(story)).toEqual({ h24: 0.5, d7: 0.5, d30: 0.5 })
  })

  test('a stop that was asked for does not count; a run that ended without one counts as down', () => {
    const asked = new Story()
      .start()
      .to('healthy')
      .after(6 * hour)
      .to('stopped')
      .add({ type: 'stop' })
    asked
      .after(6 * hour)
      .start()
      .to('healthy')
      .after(6 * hour)
      .add({ type: 'alive' })
    expect(of(asked).h24).toBe(1)
    const cut = new Story()
      .start()
      .to('healthy')
      .after(6 * hour)
      .add({ type: 'alive' })
    cut
      .after(6 * hour)
      .start('heal', cut.at - 6 * hour)
      .to('healthy')
      .after(12 * hour)
      .add({ type: 'alive' })
    expect(of(cut).h24).toBe(0.75)
  })

  test('a gateway that went silent without a stop is down from its last sign of life', () => {
    const story = new Story()
      .start()
      .to('healthy')
      .after(12 * hour)
      .add({ type: 'alive' })
    expect(of(story).h24).toBe(1)
    expect(of(story.after(12 * hour)).h24).toBe(0.5)
  })

  test('is the same after the history in memory was condensed', () => {
    const story = new Story().start().to('healthy').after(day).to('reconnecting', 'network')
    for (let at = 0; at < 1_500; at++)
      story
        .after(10 * minute)
        .to('preparing')
        .to('connecting')
        .to('reconnecting', 'network')
    story.to('preparing').to('connecting').to('healthy').after(day).add({ type: 'alive' })
    const kept = condensed(story.entries)
    expect(story.entries.length).toBeGreaterThan(4_000)
    expect(kept.length).toBeLessThanOrEqual(mostKept)
    expect(availability(kept, story.at)).toEqual(of(story))
    const told = incidentsOf(kept, story.at).map(({ sentence }) => sentence)
    expect(told).toEqual(story.incidents.map(({ sentence }) => sentence))
  })
})
