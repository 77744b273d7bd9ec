/** Over the drawing's own colours: what is lit, what was passed, and everything else drawn back. */
export const drawingStyle = `
:host { display: block }
svg { display: block; width: 100%; height: auto }
svg > rect.paper { fill: none }
.box, .edge, [class^='tip-'] { transition: stroke-opacity .3s, fill-opacity .3s, stroke-width .3s }
.following [data-state] > .box { stroke-opacity: .55; fill-opacity: .5 }
.following [data-edge] .edge { stroke-opacity: .5 }
.following [data-edge] [class^='tip-'] { fill-opacity: .6 }
.following [data-state].lit > .box { stroke-opacity: 1; fill-opacity: 1; stroke-width: 3.5 }
.following [data-state].lit > .box:not(.frame) { filter: drop-shadow(0 0 9px var(--lit, #3f83d6)) }
.following [data-edge].passed .edge { stroke-opacity: var(--fade, 1); stroke-width: 4; stroke-linecap: round }
.following [data-edge].passed [class^='tip-'] { fill-opacity: var(--fade, 1) }
.following [data-edge].marked .edge { stroke-opacity: 1; stroke-width: 5.5 }
.following [data-edge].marked > text, [data-transition].marked text { font-weight: 700 }
.following [data-transition].marked text { text-decoration: underline }
@media (prefers-reduced-motion: no-preference) {
  .following [data-state].lit > .box:not(.frame) { animation: breathe 2.8s ease-in-out infinite }
  @keyframes breathe { 50% { filter: drop-shadow(0 0 3px var(--lit, #3f83d6)) } }
}
`
